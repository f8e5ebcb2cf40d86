namespace Functional

open System
open System.Buffers.Binary
open System.IO
open Functional.Contract
open Functional.Serialize

/// What a safetensors file holds.
[<ReferenceEquality; NoComparison>]
type SafetensorsFile =
    {
        /// The texts under `__metadata__`.
        Metadata: Map<string, string>
        /// In the order of their data in the file.
        Tensors: (string * StoredTensor)[]
    }

/// Reading and writing the safetensors format. A file is believed nothing: lengths, offsets, shapes and dtypes are checked
/// before memory is taken, and whatever does not hold raises FileFormatException.
[<RequireQualifiedAccess>]
module Safetensors =
    /// A text of our own among the metadata; other readers pass over it.
    let private checksumKey = "functional.crc32"

    /// The checksum of everything that a file says, however its header is spelled.
    let private checksum metadata entries (data: ReadOnlyMemory<byte> seq) =
        let header = SafetensorsHeader.format metadata entries

        let crc = (Crc32.compute (ReadOnlySpan header), data) ||> Seq.fold (fun crc bytes -> Crc32.append crc bytes.Span)

        crc.ToString "x8"

    /// A bit that flipped on the disk is found where the writer left a checksum.
    let private checkWhole (source: ByteSource) (metadata: Map<string, string>) entries data =
        match metadata.TryFind checksumKey with
        | Some stated when stated <> checksum (metadata.Remove checksumKey) entries data ->
            raise (FileFormatException $"the checksum of '{source.Name}' does not match its content: the file is damaged")
        | _ -> ()

    let internal readFrom (keep: string -> bool) (source: ByteSource) =
        let prefix = ByteSource.slice source "Error while deserializing header: the length of the header" 0L 8L
        let length = BinaryPrimitives.ReadUInt64LittleEndian prefix.Span

        if length > uint64 SafetensorsHeader.maximumLength then
            raise (
                FileFormatException
                    $"Error while deserializing header: header too large: {length} bytes are claimed, {SafetensorsHeader.maximumLength} allowed (in '{source.Name}')"
            )

        let headerEnd = 8L + int64 length
        let header = ByteSource.slice source "Error while deserializing header: the header" 8L (int64 length)
        let struct (entries, metadata) = SafetensorsHeader.parse source.Name (source.Length - headerEnd) header

        let kept = entries |> Array.filter (fun entry -> keep entry.Name)

        let data =
            kept
            |> Array.map (fun entry ->
                ByteSource.slice source $"'{entry.Name}'" (headerEnd + entry.Start) (entry.End - entry.Start))

        if kept.Length = entries.Length then
            checkWhole source metadata entries data

        { Metadata = metadata.Remove checksumKey
          Tensors =
            Array.map2
                (fun (entry: SafetensorsEntry) bytes -> entry.Name, { Dtype = entry.Dtype; Shape = entry.Shape; Data = bytes })
                kept
                data }

    /// Reads the tensors whose name `keep` accepts; the others cost neither time nor memory.
    /// Raises FileFormatException, or FileNotFoundException.
    let loadWhere (keep: string -> bool) path = ByteSource.withFile path (readFrom keep)

    /// Reads a whole file. Raises FileFormatException, or FileNotFoundException.
    let load path = loadWhere (fun _ -> true) path

    /// What `make` makes of a file that is mapped into memory rather than read; its elements are gone afterwards.
    let mapped path (make: SafetensorsFile -> 'T) : 'T = ByteSource.withMapped path (readFrom (fun _ -> true) >> make)

    /// Reads a file that is already in memory; its tensors are windows on it, not copies.
    let parse (bytes: ReadOnlyMemory<byte>) = readFrom (fun _ -> true) (ByteSource.ofMemory "memory" bytes)

    let private checkNames (tensors: (string * StoredTensor) seq) =
        for name, tensor in tensors do
            SafetensorsHeader.dtypeName name tensor.Dtype |> ignore

            if name = "__metadata__" then
                raise (ArgumentValueException "save: no tensor may be named '__metadata__', the format keeps its texts there")

    /// Where each tensor goes: in order of falling element size, so that every one is aligned, then by name.
    let private layOut (tensors: (string * StoredTensor) seq) =
        let tensors = Seq.toArray tensors
        checkNames tensors

        let sorted =
            tensors
            |> Seq.sortWith (fun (a, x) (b, y) ->
                match compare (SafetensorsHeader.rank y.Dtype) (SafetensorsHeader.rank x.Dtype) with
                | 0 -> String.CompareOrdinal(a, b)
                | order -> order)
            |> Seq.toArray

        match sorted |> Array.countBy fst |> Array.tryFind (fun (_, count) -> count > 1) with
        | Some(name, _) -> raise (ArgumentValueException $"save: two tensors are named '{name}'")
        | None -> ()

        let starts = sorted |> Array.scan (fun offset (_, tensor) -> offset + int64 tensor.Data.Length) 0L

        let entries =
            sorted
            |> Array.mapi (fun i (name, tensor) ->
                { Name = name; Dtype = tensor.Dtype; Shape = tensor.Shape; Start = starts[i]; End = starts[i + 1] })

        entries, sorted |> Array.map (fun (_, tensor) -> tensor.Data)

    let private writeParts (stream: Stream) metadata entries (data: ReadOnlyMemory<byte>[]) =
        stream.Write(ReadOnlySpan(SafetensorsHeader.format metadata entries))

        for bytes in data do
            stream.Write bytes.Span

    /// Writes to a stream. Raises DtypeException for complex128, which the format lacks, and
    /// ArgumentValueException for a name given twice.
    let write (stream: Stream) (metadata: Map<string, string>) (tensors: (string * StoredTensor) seq) =
        layOut tensors ||> writeParts stream metadata

    /// Writes a file, atomically: a kill at any moment leaves the old file or the new one whole.
    let save (path: string) metadata tensors = AtomicFile.write path (fun stream -> write stream metadata tensors)

    /// As `save`, with a checksum among the metadata that reading a whole file compares: for files that a training run lives on.
    let saveChecked (path: string) metadata tensors =
        let entries, data = layOut tensors
        let metadata = metadata |> Map.add checksumKey (checksum metadata entries data)
        AtomicFile.write path (fun stream -> writeParts stream metadata entries data)

    /// The bytes of a file.
    let toBytes metadata tensors =
        use stream = new MemoryStream()
        write stream metadata tensors
        stream.ToArray()
