namespace Functional

open System
open Functional.Contract

/// Reshaping, slicing and joining. Nothing here copies unless it says so.
[<AutoOpen>]
module ShapeOperations =
    let private dim (t: Tensor) d = Shape.dimension t.Rank d

    /// A dimension of a tensor that has some.
    let private axisOf name (t: Tensor) d =
        if t.Rank = 0 then
            raise (IndexException $"{name}() cannot be applied to a 0-dim tensor: give it a dimension with Tensor.unsqueeze")

        dim t d

    [<RequireQualifiedAccess>]
    module Tensor =
        /// The same elements under another shape; one size may be -1. Copies where strides cannot express it.
        let reshape (shape: int list) t = Engine.reshape (Array.ofList shape) t

        /// Repeats dimensions of size 1; -1 keeps a size.
        let expand (shape: int list) (t: Tensor) =
            let lead = shape.Length - t.Rank

            shape
            |> List.mapi (fun i s -> if s = -1 && i >= lead then t.Shape[i - lead] else s)
            |> Array.ofList
            |> fun s -> Engine.expand s t

        let broadcastTo (shape: int list) t = Engine.expand (Array.ofList shape) t
        /// Adds up what broadcasting to this tensor's shape would repeat.
        let sumTo (shape: int list) t = Engine.sumTo (Array.ofList shape) t

        let permute (dims: int list) (t: Tensor) =
            let order = dims |> List.map (dim t) |> Array.ofList

            if Array.sort order <> [| 0 .. t.Rank - 1 |] then
                raise (
                    ShapeException
                        $"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = {t.Rank} is not equal to len(dims) = {dims.Length}, or a dimension is named twice: {dims}"
                )

            Structure.permute order t

        let transpose a b (t: Tensor) = if t.Rank = 0 then t else Structure.swapAxes (dim t a) (dim t b) t

        /// Matrix transpose.
        let t (t: Tensor) =
            if t.Rank > 2 then
                raise (
                    ShapeException
                        $"t() expects a tensor with <= 2 dimensions, but self is {t.Rank}D: its shape is {Shape.format t.Shape}; use transpose with two dims, or mT for matrices of a batch"
                )

            if t.Rank < 2 then t else Structure.swapAxes 0 1 t

        let moveAxis source target (t: Tensor) = Structure.moveAxis (dim t source) (dim t target) t

        let unsqueeze d (t: Tensor) =
            let d = Shape.dimension (t.Rank + 1) d
            Engine.reshape (Array.insertAt d 1 t.Shape) t

        /// Drops dimension d if its size is 1.
        let squeezeDim d (t: Tensor) =
            if t.Rank = 0 then
                t
            else
                let d = dim t d
                if t.Shape[d] = 1 then Engine.reshape (Array.removeAt d t.Shape) t else t

        /// Drops all dimensions of size 1.
        let squeeze (t: Tensor) = Engine.reshape (t.Shape |> Array.filter ((<>) 1)) t

        /// Dimensions `first` to `last` become one.
        let flattenDims first last (t: Tensor) =
            if t.Rank = 0 then
                Engine.reshape [| 1 |] t
            else
                let a, b = dim t first, dim t last

                if a > b then
                    raise (
                        ArgumentValueException
                            $"flatten() has invalid args: start_dim cannot come after end_dim ({first}, {last})"
                    )

                let size = t.Shape[a..b] |> Array.fold (*) 1
                Engine.reshape (Array.concat [ t.Shape[.. a - 1]; [| size |]; t.Shape[b + 1 ..] ]) t

        let flatten t = flattenDims 0 -1 t

        /// `size` elements along a dimension from `start` on (negative: from the end).
        let narrow d start size (t: Tensor) =
            let d = axisOf "narrow" t d
            let length = t.Shape[d]
            let from = if start < 0 then start + length else start

            if from < 0 || from > length then
                raise (
                    IndexException
                        $"Dimension out of range: start ({start}) must lie within [-{length}, {length}] of dimension {d}"
                )

            if size < 0 || size > length - from then
                raise (
                    IndexException
                        $"start ({from}) + length ({size}) exceeds dimension size ({length}). narrow and slices stay within shape {Shape.format t.Shape}: take less or begin earlier"
                )

            Structure.narrow d from size t

        /// Elements start, start + step, ... below stop along a dimension, with Python's treatment of negative and far ends.
        let sliceDim d start stop step (t: Tensor) =
            let d = axisOf "slice" t d

            if step <= 0 then
                raise (ArgumentValueException "slice step must be positive; use flip to reverse")

            let length = t.Shape[d]
            let clip i = Math.Clamp((if i < 0 then i + length else i), 0, length)
            let a, b = clip start, clip stop
            let size = if b > a then (b - a - 1) / step + 1 else 0

            if size = length && step = 1 then
                t
            else
                Structure.slice (Structure.everything t.Shape |> Structure.along d a step size) t

        /// The i-th slice along a dimension, which goes away.
        let select d i (t: Tensor) =
            if t.Rank = 0 then
                raise (
                    IndexException
                        "select() cannot be applied to a 0-dim tensor. It has no dimension to index: use Tensor.item for its number, or unsqueeze it"
                )

            let d = dim t d
            let length = t.Shape[d]

            if i < -length || i >= length then
                raise (
                    IndexException
                        $"select(): index {i} out of range for tensor of size {Shape.format t.Shape} at dimension {d}: places are 0 to {t.Shape[d] - 1}, or counted from the end by -1 and below"
                )

            Structure.narrow d (if i < 0 then i + length else i) 1 t |> Engine.reshape (Array.removeAt d t.Shape)

        let flip (dims: int list) (t: Tensor) =
            dims |> List.fold (fun t d -> (let axis = dim t d in if t.Rank = 0 then t else Structure.flip axis t)) t

        let private sameDtype (tensors: Tensor list) =
            let dtype = tensors |> List.map _.Dtype |> List.reduce Dtype.promote
            tensors |> List.map (Engine.cast dtype)

        /// Tensors side by side along a dimension. Copies.
        let cat d (tensors: Tensor list) =
            match tensors with
            | [] ->
                raise (
                    ArgumentValueException
                        "torch.cat(): expected a non-empty list of Tensors, as the shape of nothing is not known: create an empty tensor with Tensor.zeros instead"
                )
            | _ ->
                // A legacy of PyTorch's: an empty vector goes with everything.
                let real = tensors |> List.filter (fun t -> t.Shape <> [| 0 |])

                match sameDtype tensors with
                | all when real.IsEmpty -> all.Head
                | all ->
                    let all = all |> List.filter (fun t -> t.Shape <> [| 0 |])
                    let first = all.Head

                    if first.Rank = 0 then
                        raise (ShapeException "zero-dimensional tensor (at position 0) cannot be concatenated")

                    let d = dim first d

                    all
                    |> List.iteri (fun i t ->
                        if t.Rank <> first.Rank then
                            raise (
                                ShapeException
                                    $"Tensors must have same number of dimensions: got {first.Rank} and {t.Rank}: cat of shapes {Shape.format first.Shape} and {Shape.format t.Shape}; unsqueeze the smaller, or use stack"
                            )

                        t.Shape
                        |> Array.iteri (fun axis size ->
                            if axis <> d && size <> first.Shape[axis] then
                                raise (
                                    ShapeException
                                        $"Sizes of tensors must match except in dimension {d}. Expected size {first.Shape[axis]} but got size {size} for tensor number {i} in the list. cat joins shapes {Shape.format first.Shape} and {Shape.format t.Shape}, which may differ in dimension {d} alone"
                                )))

                    Structure.concat d (Array.ofList all)

        /// Tensors of one shape along a new dimension. Copies.
        let stack d (tensors: Tensor list) =
            match tensors with
            | [] ->
                raise (
                    ArgumentValueException
                        "stack expects a non-empty TensorList, as the shape of nothing is not known: create an empty tensor with Tensor.zeros instead"
                )
            | first :: _ ->
                tensors
                |> List.iteri (fun i t ->
                    if t.Shape <> first.Shape then
                        raise (
                            ShapeException
                                $"stack expects each tensor to be equal size, but got {Shape.format first.Shape} at entry 0 and {Shape.format t.Shape} at entry {i}: pad or cut them to one shape, or use cat along a dimension where they may differ"
                        ))

                cat (Shape.dimension (first.Rank + 1) d) (tensors |> List.map (unsqueeze d))

        /// Pieces of the given sizes along a dimension.
        let splitSizes d (sizes: int list) (t: Tensor) =
            let d = axisOf "split" t d

            if sizes |> List.exists (fun size -> size < 0) then
                raise (
                    ArgumentValueException
                        $"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={sizes}"
                )

            if List.sum sizes <> t.Shape[d] then
                raise (
                    ShapeException
                        $"split_with_sizes expects split_sizes to sum exactly to {t.Shape[d]} (input tensor's size at dimension {d}), but got split_sizes={sizes}"
                )

            List.zip (List.scan (+) 0 sizes |> List.take sizes.Length) sizes
            |> List.map (fun (start, size) -> Structure.narrow d start size t)

        /// Pieces of one size (the last may be smaller) along a dimension.
        let split d size (t: Tensor) =
            let length = t.Shape[axisOf "split" t d]

            if size <= 0 && length > 0 then
                raise (ArgumentValueException $"split expects split_size be non-negative, but got split_size={size}")

            if length = 0 then
                [ t ]
            else
                splitSizes d (List.init ((length + size - 1) / size) (fun i -> min size (length - i * size))) t

        /// At most `count` pieces of equal size (the last may be smaller) along a dimension.
        let chunk d count (t: Tensor) =
            if count <= 0 then
                raise (
                    ArgumentValueException
                        $"chunk expects `chunks` to be greater than 0, got: {count}: it is the number of parts that shape {Shape.format t.Shape} is cut into"
                )

            let length = t.Shape[axisOf "chunk" t d]

            if length = 0 then
                List.replicate count t
            else
                split d ((length + count - 1) / count) t

        /// All slices along a dimension, which goes away.
        let unbind d (t: Tensor) = List.init t.Shape[axisOf "unbind" t d] (fun i -> select d i t)

        /// Zeros (or another number) before and after the last dimensions; pairs from the last dimension on.
        let padConstant (value: float) (padding: (int * int) list) (t: Tensor) =
            if padding.Length > t.Rank then
                raise (
                    ArgumentValueException
                        $"Length of pad should be no more than twice the number of dimensions of the input. Pad length is {2 * padding.Length} while the input has {t.Rank} dimensions."
                )

            let before, after = Array.zeroCreate t.Rank, Array.zeroCreate t.Rank

            padding
            |> List.iteri (fun i (a, b) ->
                before[t.Rank - 1 - i] <- a
                after[t.Rank - 1 - i] <- b)

            let cut =
                [ 0 .. t.Rank - 1 ]
                |> List.fold
                    (fun t axis ->
                        let a, b = min 0 before[axis], min 0 after[axis]
                        if a = 0 && b = 0 then t else Structure.narrow axis -a (t.Shape[axis] + a + b) t)
                    t

            let shape = Array.mapi (fun i size -> size + max 0 before[i] + max 0 after[i]) cut.Shape

            let lattice: Structure.Lattice =
                { Start = before |> Array.map (max 0); Step = Array.create t.Rank 1; Shape = cut.Shape }

            if Shape.equal shape cut.Shape then
                cut
            elif value = 0.0 then
                Structure.place shape lattice cut
            else
                Structure.updateSlice lattice (Operands.number cut cut.Dtype shape (Real value)) cut

    type Tensor with
        /// The i-th slice along the first dimension.
        member this.Item
            with get (i: int) = Tensor.select 0 i this

        /// Slices with F#'s inclusive bounds along the first dimension: t[1..2].
        member this.GetSlice(first: int option, last: int option) =
            Tensor.sliceDim
                0
                (defaultArg first 0)
                (match last with
                 | Some l -> l + 1
                 | None -> this.Shape[0])
                1
                this

        /// t[a..b, c..d]
        member this.GetSlice(a: int option, b: int option, c: int option, d: int option) =
            let cut axis first last t =
                Tensor.sliceDim
                    axis
                    (defaultArg first 0)
                    (match last with
                     | Some l -> l + 1
                     | None -> this.Shape[axis])
                    1
                    t

            this |> cut 0 a b |> cut 1 c d
