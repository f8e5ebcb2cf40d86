namespace Functional

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.Text
open Functional.Contract
open Functional.Serialize

/// Reading what torch.save wrote: the zip files of PyTorch 1.6 and later, and the row of pickles before it. Only data is read:
/// no name in a file is ever looked up or called, and the few that checkpoints need are known beforehand.
[<RequireQualifiedAccess>]
module TorchCheckpoint =
    let private refuse (source: ByteSource) what = raise (FileFormatException $"{what} (in '{source.Name}')")

    let private run source (reader: ByteReader) storages = PickleMachine(TorchObjects.host source storages, reader).Run()

    let private readZip (source: ByteSource) =
        let entries = ZipDirectory.read source |> Array.map (fun entry -> entry.Name, entry) |> Map.ofArray

        let root =
            match entries.Keys |> Seq.filter (fun name -> name = "data.pkl" || name.EndsWith "/data.pkl") |> Seq.toList with
            | [ name ] -> name.Substring(0, name.Length - "data.pkl".Length)
            | [] -> refuse source "PytorchStreamReader failed locating file data.pkl: file not found"
            | _ -> refuse source "PytorchStreamReader failed: more than one data.pkl"

        let content name =
            match entries.TryFind(root + name) with
            | Some entry -> ZipDirectory.storedContent source entry
            | None -> refuse source $"PytorchStreamReader failed locating file {name}: file not found"

        let isBigEndian =
            entries.ContainsKey(root + "byteorder") && Encoding.ASCII.GetString((content "byteorder").Span) = "big"

        let storages = Dictionary<string, TorchStorage>()
        let pickle = ByteSource.ofMemory $"{source.Name}: data.pkl" (content "data.pkl")
        let root = run pickle (ByteReader(pickle, 0L)) storages

        let read (storage: TorchStorage) =
            let bytes = content $"data/{storage.Key}"
            let expected = storage.Count * int64 (Dtype.size storage.Dtype)

            if int64 bytes.Length <> expected then
                refuse
                    source
                    $"storage '{storage.Key}' has {bytes.Length} bytes, but {storage.Count} elements of {Dtype.name storage.Dtype} take {expected}"

            if isBigEndian then ByteOrder.swapped storage.Dtype bytes else bytes

        TorchFreezer(source, read).Freeze root

    let internal magicNumber = Numerics.BigInteger.Parse "119547037146038801333356"

    let private isLittleEndian (info: Pickled) =
        match info with
        | Pickled.Table pairs ->
            pairs
            |> Seq.forall (fun struct (key, value) ->
                match key, value with
                | Pickled.Text "little_endian", Pickled.Truth value -> value
                | _ -> true)
        | _ -> true

    /// Five pickles (magic number, protocol, system, the object, keys), then the storages in the order of the keys, each behind
    /// its length.
    let private readLegacy (source: ByteSource) =
        let reader = ByteReader(source, 0L)
        let storages = Dictionary<string, TorchStorage>()
        let next () = run source reader storages

        match next () with
        | Pickled.Number number when number = magicNumber -> ()
        | _ -> refuse source "Invalid magic number; corrupt file?"

        match next () with
        | Pickled.Number number when number = Numerics.BigInteger 1001 -> ()
        | Pickled.Number number -> refuse source $"Invalid protocol version: {number}"
        | _ -> refuse source "Invalid protocol version"

        let swap = not (isLittleEndian (next ()))
        let root = next ()

        let keys =
            match next () with
            | Pickled.Sequence keys -> keys.ToArray()
            | _ -> refuse source "the keys of the storages are no list"

        let places = Dictionary<TorchStorage, int64>(HashIdentity.Reference)

        for key in keys do
            match key with
            | Pickled.Text key when storages.ContainsKey key ->
                let storage = storages[key]
                let count = BinaryPrimitives.ReadInt64LittleEndian (reader.Take($"the length of storage '{key}'", 8L)).Span

                if count <> storage.Count then
                    refuse source $"storage '{key}' has {count} elements, but its tensors expect {storage.Count}"

                places[storage] <- reader.Position
                reader.Skip($"storage '{key}'", count, Dtype.size storage.Dtype)
            | Pickled.Text key -> refuse source $"storage '{key}' belongs to no tensor"
            | _ -> refuse source "the key of a storage is no text"

        let read (storage: TorchStorage) =
            match places.TryGetValue storage with
            | true, place ->
                let bytes =
                    ByteSource.slice source $"storage '{storage.Key}'" place (storage.Count * int64 (Dtype.size storage.Dtype))

                if swap then ByteOrder.swapped storage.Dtype bytes else bytes
            | _ -> refuse source $"storage '{storage.Key}' is not in the file"

        TorchFreezer(source, read).Freeze root

    let private isTar (source: ByteSource) =
        source.Length > 262L
        && (ByteSource.slice source "the header" 257L 5L).Span.SequenceEqual(ReadOnlySpan "ustar"B)

    let internal read (source: ByteSource) =
        let first = (ByteSource.slice source "the magic number" 0L (min 4L source.Length)).ToArray()

        match first with
        | [| 0x50uy; 0x4Buy; 3uy; 4uy |] -> readZip source
        | _ when first.Length > 0 && first[0] = 0x80uy -> readLegacy source
        | _ when isTar source ->
            refuse source "files of PyTorch before 0.1.10 (tar) are not supported: load and save them with a newer PyTorch"
        | _ -> refuse source "Invalid magic number; corrupt file? It is neither a zip file nor a pickle"

    /// What a file of torch.save holds. Raises FileFormatException for what is damaged, hostile or no checkpoint, naming every
    /// class or function that it asks for and may not have; FileNotFoundException.
    let load path = ByteSource.withFile path read

    /// What the bytes of a file hold; tensors are windows on them where they can be.
    let parse (bytes: ReadOnlyMemory<byte>) = read (ByteSource.ofMemory "memory" bytes)

    /// Every tensor of a file with its path, such as `conv1.weight` or `optimizer.state.0.exp_avg`.
    let loadTensors path = load path |> CheckpointValue.tensors
