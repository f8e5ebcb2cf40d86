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

    /// The elements of a strided window, one after the other.
    let gather (tensor: TorchTensor) size (elements: ReadOnlyMemory<byte>) =
        let target = GC.AllocateUninitializedArray<byte>(Shape.count tensor.Shape * size)
        let rank = tensor.Shape.Length
        let index = Array.zeroCreate<int> rank
        let mutable from = tensor.Offset

        for written in 0..size .. target.Length - size do
            elements.Span.Slice(int from * size, size).CopyTo(Span(target, written, size))
            let mutable dim = rank - 1

            while dim >= 0 do
                index[dim] <- index[dim] + 1
                from <- from + tensor.Strides[dim]

                if index[dim] < tensor.Shape[dim] then
                    dim <- -1
                else
                    from <- from - int64 tensor.Shape[dim] * tensor.Strides[dim]
                    index[dim] <- 0
                    dim <- dim - 1

        ReadOnlyMemory target

    let tensor (tensor: TorchTensor) =
        let size = Dtype.size tensor.Dtype
        let count = Shape.count tensor.Shape
        bytes <- bytes + int64 count * int64 size

        if bytes > mostBytes then
            refuse $"its tensors take more than {mostBytes} bytes, made of a file of {source.Length}"

        let strides = tensor.Strides |> Array.map (fun stride -> int (min stride (int64 Int32.MaxValue)))

        let data =
            if count = 0 then
                ReadOnlyMemory.Empty
            elif Shape.isContiguous tensor.Shape strides then
                (storage tensor.Storage).Slice(int (tensor.Offset * int64 size), count * size)
            else
                gather tensor size (storage tensor.Storage)

        CheckpointValue.Tensor { Dtype = tensor.Dtype; Shape = tensor.Shape; Data = data }

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
