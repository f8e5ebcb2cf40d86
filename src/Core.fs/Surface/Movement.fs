namespace Functional

open Functional.Contract

/// The rest of PyTorch's ways to move, cut, join and write elements, under their names. Nothing is written in place: what writes gives
/// a new tensor.
[<AutoOpen>]
module MovementNames =
    let private positions (t: Tensor) (places: int64[]) = Selection.positions t places

    let private atLeast dimensions (t: Tensor) =
        match t.Rank, dimensions with
        | 0, n when n > 0 -> Engine.reshape (Array.create n 1) t
        | 1, 2 -> Tensor.unsqueeze 0 t
        | 1, 3 -> Tensor.unsqueeze 2 (Tensor.unsqueeze 0 t)
        | 2, 3 -> Tensor.unsqueeze 2 t
        | _ -> t

    let private some name (tensors: Tensor list) =
        if tensors.IsEmpty then
            raise (
                ArgumentValueException
                    $"{name} expects a non-empty TensorList, as the shape of nothing is not known: create an empty tensor with Tensor.zeros instead"
            )

        tensors

    /// A dimension that is cut in equal parts by hsplit and its like.
    let private even name rank dim (sections: int) (t: Tensor) =
        if t.Rank < rank then
            raise (
                ShapeException
                    $"torch.{name} requires a tensor with at least {rank} dimension, but got a tensor with {t.Rank} dimensions!"
            )

        let size = t.Shape[dim]

        if sections <= 0 || size % sections <> 0 then
            raise (
                ArgumentValueException
                    $"torch.{name} attempted to split along dimension {dim}, but the size of the dimension {size} is not divisible by the split_size {sections}!"
            )

        Tensor.splitSizes dim (List.replicate sections (size / sections)) t

    /// Numbers take part as vectors of one element.
    let private asVector (t: Tensor) = if t.Rank = 0 then Engine.reshape [| 1 |] t else t

    /// Shape, strides and offset that stay within a tensor's elements.
    let private requireLayout (shape: int list) (strides: int list) offset (t: Tensor) =
        if shape.Length <> strides.Length then
            raise (ShapeException $"mismatch in length of strides and shape: {strides.Length} and {shape.Length} (as_strided)")

        if List.exists (fun s -> s < 0) (offset :: shape @ strides) then
            raise (
                ArgumentValueException
                    $"as_strided: Negative sizes, strides and offsets are not supported, got {shape}, {strides}, {offset}"
            )

        let last =
            int64 offset + List.fold2 (fun sum size stride -> sum + int64 (size - 1) * int64 stride) 0L shape strides

        if not (List.contains 0 shape) && last >= int64 (Shape.count t.Shape) then
            raise (
                ShapeException
                    $"setStorage: sizes {shape}, strides {strides} and offset {offset} are out of bounds for storage of {Shape.count t.Shape} elements (as_strided)"
            )

    let private checkMask name (mask: Tensor) =
        if mask.Dtype <> Bool then
            raise (DtypeException $"{name}: expected BoolTensor for mask, but got {Dtype.scalarTypeName mask.Dtype}")

    [<RequireQualifiedAccess>]
    module Tensor =
        // Shapes
        let ravel (t: Tensor) = Engine.reshape [| -1 |] t
        let atleast1d t = atLeast 1 t
        let atleast2d t = atLeast 2 t
        let atleast3d t = atLeast 3 t

        /// One dimension as several.
        let unflatten dim (sizes: int list) (t: Tensor) : Tensor =
            let t = asVector t

            if sizes.IsEmpty then
                raise (ShapeException "unflatten: sizes must be non-empty")

            let d = Shape.dimension t.Rank dim
            let inner = Shape.infer t.Shape[d] (Array.ofList sizes)
            Engine.reshape (Array.concat [ t.Shape[.. d - 1]; inner; t.Shape[d + 1 ..] ]) t

        /// Dimensions moved to other places, the others in their order.
        let movedim (sources: int list) (targets: int list) (t: Tensor) : Tensor =
            let find = List.map (Shape.dimension t.Rank)
            let sources, targets = find sources, find targets

            if sources.Length <> targets.Length then
                raise (
                    ArgumentValueException
                        $"movedim: Invalid source or destination dims: source ({sources} dims) should contain the same number of dims as destination ({targets} dims)"
                )

            for name, dims in [ "source", sources; "destination", targets ] do
                if (List.distinct dims).Length <> dims.Length then
                    raise (ArgumentValueException $"movedim: repeated dim in `{name}` ({dims})")

            let moved = List.zip targets sources |> Map.ofList
            let rest = [ 0 .. t.Rank - 1 ] |> List.except sources |> System.Collections.Generic.Queue
            let order = [ for d in 0 .. t.Rank - 1 -> moved |> Map.tryFind d |> Option.defaultWith rest.Dequeue ]
            if t.Rank = 0 then t else Tensor.permute order t

        let broadcastTensors (tensors: Tensor list) : Tensor list =
            let shape = tensors |> List.fold (fun shape t -> Shape.broadcast shape t.Shape) Shape.scalar
            tensors |> List.map (Engine.expand shape)

        /// A view of any strides in row-major order, as elements.
        let asStrided (shape: int list) (strides: int list) offset (t: Tensor) =
            requireLayout shape strides offset t
            Rearrange.asStrided (Array.ofList shape) (Array.ofList strides) offset t

        /// Windows of a size every `step` along a dimension, in a new last dimension.
        let unfold dim size step (t: Tensor) : Tensor =
            let t = asVector t
            let d = Shape.dimension t.Rank dim
            let length, strides = t.Shape[d], Shape.rowMajor t.Shape

            if size > length then
                raise (
                    ShapeException
                        $"maximum size for tensor at dimension {d} is {length} but size is {size}: unfold of shape {Shape.format t.Shape} cuts windows that lie within the dimension; take smaller ones or pad the tensor"
                )

            if size < 0 then
                raise (
                    ArgumentValueException
                        $"size is {size} but must be >= 0: unfold's windows along dim {dim} have 0 elements or more"
                )

            if step <= 0 then
                raise (
                    ArgumentValueException
                        $"step is {step} but must be > 0: unfold's windows along dim {dim} begin every step elements"
                )

            let shape = Array.append (Array.updateAt d ((length - size) / step + 1) t.Shape) [| size |]
            Rearrange.asStrided shape (Array.append (Array.updateAt d (strides[d] * step) strides) [| strides[d] |]) 0 t

        let repeat (counts: int list) (t: Tensor) =
            if counts.Length < t.Rank then
                raise (
                    ShapeException
                        $"Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: {counts.Length} and {t.Rank}"
                )

            if counts |> List.exists (fun c -> c < 0) then
                raise (ShapeException $"Trying to create tensor with negative dimension: repeat by {counts}")

            Rearrange.repeat (Array.ofList counts) t

        let tile (counts: int list) t = Rearrange.tile (Array.ofList counts) t

        /// Elements moved along dimensions, around the ends.
        let roll (shifts: (int * int) list) (t: Tensor) =
            Rearrange.roll (shifts |> List.map (fun (shift, dim) -> shift, Shape.ownDimension t.Rank dim)) t

        /// Quarter turns from dim1 to dim2.
        let rot90 count dim1 dim2 t = Rearrange.quarterTurns count dim1 dim2 t
        let fliplr t = Tensor.flip [ 1 ] t
        let flipud t = Tensor.flip [ 0 ] t

        /// Each slice along a dimension as often as its count says.
        let repeatInterleave (counts: Tensor) dim (t: Tensor) =
            Rearrange.repeatSlices (asVector counts) (Shape.dimension (asVector t).Rank dim) (asVector t)

        let meshgrid vectors = Rearrange.meshgrid vectors

        let cartesianProd vectors = some "cartesian_prod" vectors |> Rearrange.cartesianProduct
        let combinations count withReplacement t = Rearrange.combinations count withReplacement t

        // Side by side and in pieces
        let vstack tensors = some "vstack" tensors |> List.map (atLeast 2) |> Tensor.cat 0
        let dstack tensors = some "dstack" tensors |> List.map (atLeast 3) |> Tensor.cat 2

        let hstack tensors =
            let all = some "hstack" tensors |> List.map (atLeast 1)
            Tensor.cat (if all.Head.Rank = 1 then 0 else 1) all

        let columnStack tensors =
            some "column_stack" tensors
            |> List.map (fun t -> if t.Rank <= 1 then Engine.reshape [| -1; 1 |] t else t)
            |> hstack

        /// Parts of nearly one size along a dimension; the first ones are larger.
        let tensorSplit dim (sections: int) (t: Tensor) : Tensor list =
            if t.Rank = 0 then
                raise (ShapeException "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")

            if sections <= 0 then
                raise (ArgumentValueException $"number of sections must be larger than 0, got {sections}")

            let size = t.Shape[Shape.dimension t.Rank dim]
            Tensor.splitSizes dim [ for i in 0 .. sections - 1 -> size / sections + (if i < size % sections then 1 else 0) ] t

        let hsplit sections (t: Tensor) = even "hsplit" 1 (min 1 (t.Rank - 1)) sections t
        let vsplit sections (t: Tensor) = even "vsplit" 2 0 sections t
        let dsplit sections (t: Tensor) = even "dsplit" 3 2 sections t

        // Diagonals and triangles
        let diagonal offset dim1 dim2 t = Diagonals.diagonal offset dim1 dim2 t
        let diagonalScatter offset dim1 dim2 source t = Diagonals.diagonalScatter offset dim1 dim2 source t
        let diagEmbed offset dim1 dim2 t = Diagonals.diagonalEmbed offset dim1 dim2 t
        let diag offset t = Diagonals.diag offset t
        let diagflat offset t = Diagonals.diag offset (ravel t)
        let tril offset t = Diagonals.lower offset t
        let triu offset t = Diagonals.upper offset t

        // Choosing
        let take index t = Selection.takeFlat index t
        let takeAlongDim dim index t = Rearrange.takeAlong dim (asVector index) (asVector t)
        let nonzero t = Selection.nonzero t

        let maskedSelect (mask: Tensor) (t: Tensor) : Tensor =
            checkMask "masked_select" mask
            let both = broadcastTensors [ t; mask ]
            let places = Selection.nonzero (ravel both[1]) |> ravel
            Tensor.indexSelect 0 places (ravel both[0])

        // Writing
        /// A number where the mask (bool) holds.
        let maskedFill mask (value: float) (t: Tensor) : Tensor =
            checkMask "masked_fill" mask
            Tensor.where mask (Operands.number t t.Dtype [||] (Real value)) t

        let maskedScatter mask source t = IndexWrites.maskedScatter mask source t

        /// Values at the places that index tensors name in the first dimensions, added up where asked for.
        let indexPut accumulates (indices: Tensor list) values (t: Tensor) =
            if indices.IsEmpty || indices.Length > t.Rank then
                raise (
                    IndexException $"too many indices for tensor of dimension {t.Rank}, or none (index_put got {indices.Length})"
                )

            let mode = if accumulates then ScatterAdd else ScatterSet
            Selection.put mode [| 0 .. indices.Length - 1 |] (Array.ofList indices) values t

        let indexAdd dim index source t = IndexWrites.add dim index (Integer 1L) source t
        let indexCopy dim index source t = IndexWrites.copy dim index source t

        let indexFill dim index (value: float) (t: Tensor) =
            IndexWrites.fill dim index (Operands.number t t.Dtype [||] (Real value)) t

        let indexReduce reduction includesSelf dim index source t = IndexWrites.reduce reduction includesSelf dim index source t

        let scatterReduce reduction includesSelf dim index source t =
            IndexWrites.scatterReduce reduction includesSelf dim index source t

        /// Values at places counted in row-major order.
        let put accumulates index source t = IndexWrites.putFlat accumulates index source t
        let selectScatter dim place source t = IndexWrites.selectScatter dim place source t
        let sliceScatter dim start stop step source t = IndexWrites.sliceScatter dim start stop step source t

        /// Another tensor in the place of a strided view.
        let asStridedScatter (shape: int list) strides offset (source: Tensor) (t: Tensor) : Tensor =
            requireLayout shape strides offset t

            let places =
                Creation.arange t.Backend Int64 (Shape.count t.Shape) 0 1
                |> Engine.reshape t.Shape
                |> asStrided shape strides offset

            put false (ravel places) (ravel source) t
