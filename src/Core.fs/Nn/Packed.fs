namespace Functional

open Functional.Contract

/// Sequences of different lengths without padding: the first element of every sequence, then the second of every one that has
/// one, and so on, longest sequence first.
type Packed =
    {
        /// [sum of lengths, ...]
        Data: Tensor
        /// How many sequences have a step t; never rises.
        BatchSizes: int[]
        /// Where the sequences stood before they were sorted by length; none if they were sorted already.
        Sorted: int[] option
    }

/// Between packed and padded sequences (PyTorch's nn.utils.rnn).
[<RequireQualifiedAccess>]
module Packed =
    let private index (like: Tensor) (positions: int[]) = Selection.positions like (Array.map int64 positions)

    /// The rows of a tensor at these positions.
    let private rows (positions: int[]) (t: Tensor) = GatherScatter.select 0 t (index t positions)

    /// Where each item of a permutation went.
    let inverse (order: int[]) =
        let result = Array.zeroCreate order.Length
        order |> Array.iteri (fun i o -> result[o] <- i)
        result

    /// Moves the sequences along axis 1 (states: [layers, N, H]).
    let reorder (order: int[]) (t: Tensor) = GatherScatter.select 1 t (index t order)

    let private timeFirst batchFirst (t: Tensor) = if batchFirst then Structure.swapAxes 0 1 t else t

    let private sizesOf (lengths: int[]) =
        Array.init (Array.max lengths) (fun t -> lengths |> Array.filter (fun length -> length > t) |> Array.length)

    /// Packs [T, N, ...] (with `batchFirst` [N, T, ...]) where sequence n has lengths[n] steps. With `enforceSorted` the lengths
    /// must not rise. Raises ArgumentValueException for lengths that are not positive, do not fit or are not sorted.
    let ofPadded (lengths: int[]) batchFirst enforceSorted (padded: Tensor) : Packed =
        let x = if padded.Rank < 2 then padded else timeFirst batchFirst padded

        if x.Rank < 2 || lengths.Length <> x.Shape[1] then
            raise (
                ShapeException
                    $"Expected `len(lengths)` to be equal to batch_size, but got {lengths.Length} (batch_size={if x.Rank < 2 then 0 else x.Shape[1]}) (pack_padded_sequence)"
            )

        if lengths |> Array.exists (fun length -> length <= 0) then
            raise (
                ArgumentValueException
                    "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
            )

        if lengths.Length = 0 then
            raise (ArgumentValueException "Cannot pack empty tensors: there is no sequence to pack (pack_padded_sequence)")

        let longest = Array.max lengths

        if longest > x.Shape[0] then
            raise (
                ShapeException
                    $"Expected lengths of at most {x.Shape[0]}, the size of the time dimension, but got {longest} (pack_padded_sequence)"
            )

        if enforceSorted && lengths |> Array.pairwise |> Array.exists (fun (a, b) -> a < b) then
            raise (
                ArgumentValueException
                    "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability."
            )

        let order = Array.init lengths.Length id

        let order = if enforceSorted then order else Array.sortBy (fun n -> -lengths[n]) order

        let sizes = sizesOf lengths
        let positions = [| for t in 0 .. longest - 1 -> Array.init sizes[t] (fun n -> t * lengths.Length + order[n]) |]

        { Data = Structure.merge 0 2 x |> rows (Array.concat positions)
          BatchSizes = sizes
          Sorted = if enforceSorted then None else Some order }

    /// How many steps each sequence has, in the order before sorting.
    let lengths (packed: Packed) =
        let sorted =
            Array.init packed.BatchSizes[0] (fun n -> packed.BatchSizes |> Array.filter (fun size -> size > n) |> Array.length)

        match packed.Sorted with
        | None -> sorted
        | Some order -> inverse order |> Array.map (fun n -> sorted[n])

    /// Unpacks to [T, N, ...] (with `batchFirst` [N, T, ...]), `value` behind the end of each sequence; T is the longest length
    /// or `totalLength`. Raises ArgumentValueException where that is too short.
    let toPadded batchFirst (value: float) (totalLength: int option) (packed: Packed) : Tensor =
        let longest = packed.BatchSizes.Length
        let steps = defaultArg totalLength longest

        if steps < longest then
            raise (
                ArgumentValueException
                    $"Expected total_length to be at least the length of the longest sequence in input, but got total_length={steps} and max sequence length being {longest}"
            )

        let data = packed.Data
        let padding = data.Shape[0]
        let starts = Array.scan (+) 0 packed.BatchSizes
        let count = packed.BatchSizes[0]

        let place =
            match packed.Sorted with
            | None -> id
            | Some order -> (let back = inverse order in fun n -> back[n])

        let position t n =
            if t < longest && place n < packed.BatchSizes[t] then
                starts[t] + place n
            else
                padding

        let filler = Operands.number data data.Dtype (data.Shape |> Array.updateAt 0 1) (Real value)

        Structure.concat 0 [| data; Engine.cast data.Dtype filler |]
        |> rows (Array.init (steps * count) (fun i -> position (i / count) (i % count)))
        |> Engine.reshape (Array.append [| steps; count |] data.Shape[1..])
        |> timeFirst batchFirst

    /// Sequences [length, ...] side by side as [T, N, ...] (with `batchFirst` [N, T, ...]), `value` behind their ends.
    let padSequences batchFirst (value: float) (sequences: Tensor list) : Tensor =
        match sequences with
        | [] -> raise (ArgumentValueException "pad_sequence expects at least one sequence, but got none")
        | first :: _ ->
            let longest = sequences |> List.map (fun s -> s.Shape[Shape.ownDimension s.Rank 0]) |> List.max

            let padded (s: Tensor) =
                if s.Rank <> first.Rank || s.Shape[1..] <> first.Shape[1..] then
                    raise (
                        ShapeException
                            $"The size of tensor a {Shape.format s.Shape} must match the size of tensor b {Shape.format first.Shape} in all dimensions but the first (pad_sequence)"
                    )

                let behind = List.replicate (s.Rank - 1) (0, 0) @ [ 0, longest - s.Shape[0] ]
                Tensor.padConstant value behind s

            sequences |> List.map padded |> Tensor.stack (if batchFirst then 0 else 1)

    /// Packs sequences [length, ...] of different lengths.
    let ofSequences enforceSorted (sequences: Tensor list) : Packed =
        let padded = padSequences false 0.0 sequences
        let lengths = sequences |> List.map (fun s -> s.Shape[0]) |> Array.ofList
        ofPadded lengths false enforceSorted padded

    /// The sequences one by one.
    let toSequences (packed: Packed) : Tensor list =
        let padded = toPadded true 0.0 None packed

        lengths packed
        |> Array.mapi (fun n length -> Tensor.select 0 n padded |> Structure.narrow 0 0 length)
        |> List.ofArray
