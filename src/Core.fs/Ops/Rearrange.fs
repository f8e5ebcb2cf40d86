namespace Functional

open Functional.Contract

/// Repeating, rolling and turning; grids and combinations.
[<RequireQualifiedAccess>]
module Rearrange =
    /// The tensor side by side with itself, so many times along each dimension; more counts than dimensions add dimensions in front.
    let repeat (counts: int[]) (t: Tensor) : Tensor =
        let lead = counts.Length - t.Rank
        let shape = Array.append (Array.create lead 1) t.Shape
        // [1, s] expands to [count, s] for every dimension; the pairs then become one.
        let paired = shape |> Array.collect (fun s -> [| 1; s |])
        let wide = Array.map2 (fun count s -> [| count; s |]) counts shape |> Array.concat
        Engine.reshape paired t |> Engine.expand wide |> Engine.reshape (Array.map2 (*) counts shape)

    /// `repeat` where missing leading counts are 1.
    let tile (counts: int[]) (t: Tensor) : Tensor =
        repeat (Array.append (Array.create (max 0 (t.Rank - counts.Length)) 1) counts) t

    /// Elements moved on along dimensions; what falls off the end comes in at the front.
    let roll (shifts: (int * int) list) (t: Tensor) : Tensor =
        shifts
        |> List.fold
            (fun (t: Tensor) (shift, dim) ->
                let axis = Shape.dimension t.Rank dim
                let size = t.Shape[axis]
                let shift = if size = 0 then 0 else ((shift % size) + size) % size

                if shift = 0 then
                    t
                else
                    Structure.concat
                        axis
                        [| Structure.narrow axis (size - shift) shift t; Structure.narrow axis 0 (size - shift) t |])
            t

    /// A plane turned by quarter turns, from the first of two dimensions towards the second.
    let quarterTurns count dim1 dim2 (t: Tensor) : Tensor =
        let a, b = Shape.dimension t.Rank dim1, Shape.dimension t.Rank dim2

        if a = b then
            raise (ArgumentValueException $"expected rotation dims to be different, but got dim0 = {dim1} and dim1 = {dim2}")

        match ((count % 4) + 4) % 4 with
        | 1 -> t |> Structure.flip b |> Structure.swapAxes a b
        | 2 -> t |> Structure.flip a |> Structure.flip b
        | 3 -> t |> Structure.flip a |> Structure.swapAxes a b
        | _ -> t

    /// Every slice along an axis so many times in a row.
    let repeatEach count axis (t: Tensor) : Tensor =
        let before, after = Array.take (axis + 1) t.Shape, Array.skip (axis + 1) t.Shape
        let wide = Array.concat [ before; [| count |]; after ]

        Engine.reshape (Array.concat [ before; [| 1 |]; after ]) t
        |> Engine.expand wide
        |> Engine.reshape (t.Shape |> Array.updateAt axis (t.Shape[axis] * count))

    /// 0 as often as the first count says, 1 as often as the second, and so on.
    let private repeated (counts: Tensor) =
        let counts = Tensor.toInt64s counts

        if counts |> Array.exists (fun c -> c < 0L) then
            raise (ArgumentValueException "repeats can not be negative")

        counts |> Array.mapi (fun i c -> Array.create (int c) (int64 i)) |> Array.concat

    /// Positions 0, 1, ... each as often as its count says.
    let repeatedPositions (counts: Tensor) : Tensor =
        if counts.Rank <> 1 then
            raise (ShapeException $"repeat_interleave only accept 1D vector as repeat, but got shape {Shape.format counts.Shape}")

        Selection.positions counts (repeated counts)

    /// Every slice along an axis as often as its count says; one count goes for all.
    let repeatSlices (counts: Tensor) axis (t: Tensor) : Tensor =
        if counts.Rank > 1 then
            raise (ShapeException $"repeats must be 0-dim or 1-dim tensor, but got shape {Shape.format counts.Shape}")

        let size = t.Shape[axis]

        let counts =
            if Shape.count counts.Shape = 1 then
                Engine.expand [| size |] (Engine.reshape [| 1 |] counts)
            else
                counts

        if counts.Shape[0] <> size then
            raise (
                ShapeException
                    $"repeats must have the same size as input along dim, but got {counts.Shape[0]} repeats for size {size} of dimension {axis}"
            )

        GatherScatter.select axis t (Selection.positions t (repeated counts))

    /// The elements at flat places offset + sum of index times stride, of the tensor's row-major order.
    let asStrided (shape: Shape) (strides: int[]) offset (t: Tensor) : Tensor =
        let count = Shape.count t.Shape
        let last = Array.fold2 (fun sum size stride -> sum + (size - 1) * stride) offset shape strides

        if not (Array.contains 0 shape) && (offset < 0 || last >= count || Array.exists (fun s -> s < 0) strides) then
            raise (
                ShapeException
                    $"setStorage: sizes {Shape.format shape}, strides {Shape.format strides}, storage offset {offset} reach out of bounds for storage of {count} elements"
            )

        Selection.takeFlat (Ranges.strided t.Backend shape strides offset) t

    let private requireVector (t: Tensor) =
        if t.Rank <> 1 then
            raise (ShapeException $"Expect a 1D vector, but got shape {Shape.format t.Shape}: flatten the tensor first")

    /// The result in pieces: every tensor, a vector or a number, as one axis of a grid over all of them.
    let meshgrid (vectors: Tensor list) : Tensor list =
        for v in vectors do
            if v.Rank > 1 then
                raise (
                    ShapeException
                        $"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {Shape.format v.Shape}: flatten the tensor first"
                )

            if v.Dtype <> vectors.Head.Dtype then
                raise (
                    DtypeException
                        $"meshgrid expects all tensors to have the same dtype, but got {Dtype.name vectors.Head.Dtype} and {Dtype.name v.Dtype}: cast one of them"
                )

        let sizes = vectors |> List.map (fun v -> Shape.count v.Shape) |> Array.ofList

        vectors
        |> List.mapi (fun i v ->
            let column = Array.create sizes.Length 1 |> Array.updateAt i sizes[i]
            Engine.reshape column v |> Engine.expand sizes)

    let private columns (vectors: Tensor list) =
        vectors
        |> List.map (fun v -> Engine.reshape [| Shape.count v.Shape; 1 |] v)
        |> Array.ofList
        |> Structure.concat 1

    /// All choices of one element of each vector, a row each, the last vector's element changing fastest.
    let cartesianProduct (vectors: Tensor list) : Tensor =
        List.iter requireVector vectors

        match vectors with
        | [ one ] -> one
        | _ -> meshgrid vectors |> columns

    /// All choices of `count` places of a vector in rising order, a row each.
    let combinations count withReplacement (t: Tensor) : Tensor =
        requireVector t

        if count < 0 then
            raise (ArgumentValueException $"Expect a non-negative number, but got {count}")

        let size = t.Shape[0]

        let rec choose first left =
            if left = 0 then
                [ [] ]
            else
                [ for i in first .. size - 1 do
                      for rest in choose (if withReplacement then i else i + 1) (left - 1) do
                          int64 i :: rest ]

        if count = 0 then
            Structure.zeros t [| 0 |]
        else
            let rows = choose 0 count
            let places = rows |> List.concat |> Array.ofList |> Selection.positions t
            GatherScatter.gather 0 t places |> Engine.reshape [| rows.Length; count |]

    /// Elements picked along a dimension by positions that broadcast with the tensor elsewhere.
    let takeAlong dim (index: Tensor) (t: Tensor) : Tensor =
        let axis = Shape.dimension t.Rank dim

        if index.Rank <> t.Rank then
            raise (
                ShapeException
                    $"torch.take_along_dim(): input and indices should have the same number of dimensions, but got {t.Rank} dimensions for input, and {index.Rank} dimensions for indices"
            )

        let common = Shape.broadcast (t.Shape |> Array.updateAt axis 1) (index.Shape |> Array.updateAt axis 1)
        let wide size = common |> Array.updateAt axis size
        let index = Selection.normalize axis t.Shape[axis] index |> Engine.expand (wide index.Shape[axis])
        GatherScatter.gather axis (Engine.expand (wide t.Shape[axis]) t) index
