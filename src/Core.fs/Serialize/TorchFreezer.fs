namespace Functional.Serialize

open System
open System.Collections.Generic
open Functional
open Functional.Contract

/// From the growing objects of a pickle to values that never change, tensors with their elements.
[<Sealed>]
type internal TorchFreezer(source: ByteSource, read: TorchStorage -> ReadOnlyMemory<byte>) =
    // Python itself gives up at 1,000.
    let deepest = 200
    // Strides and shared storages can make much of little: a file may not ask for more than this in all.
    let mostBytes = 64L * 1024L * 1024L + 16L * source.Length
    let mutable bytes = 0L
    let frozen = Dictionary<Pickled, CheckpointValue>(HashIdentity.Reference)
    let open' = HashSet<Pickled>(HashIdentity.Reference)
    let storages = Dictionary<TorchStorage, ReadOnlyMemory<byte>>(HashIdentity.Reference)

    let refuse what : 'T = Pickle.refuse source what

    let storage (item: TorchStorage) =
        match storages.TryGetValue item with
        | true, bytes -> bytes
        | _ ->
            let bytes = read item
            storages[item] <- bytes
            bytes

    // Several names of one tensor are one value; so are two tensors that PyTorch wrote apart, but which lie in the same place.
    let whole = Dictionary<TorchStorage, CheckpointValue>(HashIdentity.Reference)
    let parts = Dictionary<string, CheckpointValue>()

    /// All elements of a tensor's storage.
    let row (tensor: TorchTensor) : StoredTensor =
        let size = Dtype.size tensor.Dtype
        let elements = storage tensor.Storage
        let count = elements.Length / size
        { Dtype = tensor.Dtype; Shape = [| count |]; Data = elements.Slice(0, count * size) }

    let window row (tensor: TorchTensor) =
        let strides = tensor.Strides |> Array.map (fun stride -> int (min stride (int64 Int32.MaxValue)))
        StoredWindow(row, int tensor.Offset, tensor.Shape, strides)

    let elements tensor = StoredWindow.elements (window (row tensor) tensor) |> CheckpointValue.Tensor

    let remembered (known: Dictionary<'K, 'V>) key (make: unit -> 'V) =
        match known.TryGetValue key with
        | true, value -> value
        | _ ->
            let value = make ()
            known[key] <- value
            value

    let rows = Dictionary<TorchStorage, StoredTensor>(HashIdentity.Reference)

    let part (tensor: TorchTensor) = CheckpointValue.Window(window (remembered rows tensor.Storage (fun () -> row tensor)) tensor)

    let tensor (tensor: TorchTensor) =
        bytes <- bytes + int64 (Shape.count tensor.Shape) * int64 (Dtype.size tensor.Dtype)

        if bytes > mostBytes then
            refuse $"its tensors take more than {mostBytes} bytes, made of a file of {source.Length}"

        if Shape.count tensor.Shape = 0 then
            CheckpointValue.Tensor { Dtype = tensor.Dtype; Shape = tensor.Shape; Data = ReadOnlyMemory.Empty }
        elif tensor.Storage.IsMixed then
            elements tensor
        elif tensor.Storage.IsShared then
            let strides, sizes = String.Join(',', tensor.Strides), String.Join(',', tensor.Shape)
            remembered parts $"{tensor.Storage.Key} {tensor.Offset} {sizes} {strides}" (fun () -> part tensor)
        else
            remembered whole tensor.Storage (fun () -> elements tensor)

    let rec freeze depth (item: Pickled) : CheckpointValue =
        match item with
        | Pickled.Nothing -> CheckpointValue.Nothing
        | Pickled.Truth value -> CheckpointValue.Truth value
        | Pickled.Number value -> CheckpointValue.Integer value
        | Pickled.Real value -> CheckpointValue.Real value
        | Pickled.Text value -> CheckpointValue.Text value
        | Pickled.Raw value -> CheckpointValue.Bytes value
        | Pickled.Name name ->
            match TorchObjects.tryDtype name with
            | Some dtype -> CheckpointValue.DtypeName dtype
            | None -> refuse $"the name {name} stands where a value should be"
        | _ ->
            match frozen.TryGetValue item with
            | true, value -> value
            | _ ->
                if not (open'.Add item) then
                    refuse "a list or dict holds itself"

                if depth > deepest then
                    refuse $"its values are nested more than {deepest} deep"

                let value = freezeNew depth item
                open'.Remove item |> ignore
                frozen[item] <- value
                value

    and freezeNew depth item =
        match item with
        | Pickled.Sequence items -> CheckpointValue.List(items.ToArray() |> Array.map (freeze (depth + 1)))
        | Pickled.Tuple items -> CheckpointValue.Tuple(items |> Array.map (freeze (depth + 1)))
        | Pickled.Table pairs -> CheckpointValue.Dict(freezePairs depth pairs)
        | Pickled.Made(:? TorchTensor as made) -> tensor made
        | _ -> refuse "a storage stands where a value should be"

    /// As in Python, a key that is set again keeps its place and takes the new value.
    and freezePairs depth pairs =
        let places = Dictionary<string, int>()
        let result = ResizeArray<CheckpointValue * CheckpointValue>()

        for struct (key, value) in pairs do
            let pair = freeze (depth + 1) key, freeze (depth + 1) value

            let name =
                match key with
                | Pickled.Text text -> "t" + text
                | Pickled.Number number -> "n" + number.ToString()
                | _ -> ""

            match places.TryGetValue name with
            | true, place -> result[place] <- pair
            | _ ->
                if name <> "" then
                    places[name] <- result.Count

                result.Add pair

        result.ToArray()

    member _.Freeze item = freeze 0 item
