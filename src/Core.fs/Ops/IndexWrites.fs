namespace Functional

open Functional.Contract

/// How values that go to one place are put together there.
type PlaceReduction =
    | ReduceSum
    | ReduceProduct
    | ReduceMean
    | ReduceMaximum
    | ReduceMinimum

/// Writing at places: whole slices by number, single elements by place, and what reduces on the way.
[<RequireQualifiedAccess>]
module IndexWrites =
    let private where condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]
    let private asVector (t: Tensor) = if t.Rank = 0 then Engine.reshape [| 1 |] t else t

    /// The index vector spread over the shape of slices along an axis.
    let private spread axis (shape: Shape) (index: Tensor) =
        let column = Array.create shape.Length 1 |> Array.updateAt axis (Shape.count index.Shape)
        Engine.reshape column index |> Engine.expand (shape |> Array.updateAt axis (Shape.count index.Shape))

    /// An index vector, the slices that go to its places, and the target, checked and without missing dimensions.
    let private slices (name: string) dim (index: Tensor) (source: Tensor) (t: Tensor) =
        let axis = Shape.dimension t.Rank dim
        let t, source = asVector t, asVector source

        if index.Rank > 1 then
            raise (
                IndexException
                    $"{name}(): Index is supposed to be a vector, but got {index.Rank}D: its shape is {Shape.format index.Shape}; flatten it"
            )

        if source.Dtype <> t.Dtype then
            raise (
                DtypeException
                    $"{name}(): self and source expected to have the same dtype, but got {Dtype.scalarTypeName t.Dtype} and {Dtype.scalarTypeName source.Dtype}"
            )

        let expected = t.Shape |> Array.updateAt axis (Shape.count index.Shape)

        if axis < source.Rank && source.Shape[axis] <> Shape.count index.Shape then
            raise (
                ShapeException
                    $"{name.TrimEnd '_'}_(): Number of indices ({Shape.count index.Shape}) should be equal to source.size(dim): ({source.Shape[axis]}), for dim: {axis}: each index of {Shape.format index.Shape} takes one slice of the source {Shape.format source.Shape}"
            )

        if not (Shape.equal source.Shape expected) then
            raise (
                ShapeException
                    $"{name}(): Source/destination tensor must have same slice shapes: the source has shape {Shape.format source.Shape}, the index needs {Shape.format expected} along dimension {axis}"
            )

        struct (axis, spread axis t.Shape (Selection.normalize axis t.Shape[axis] index), source, t)

    let private back (t: Tensor) result = Engine.reshape t.Shape result

    /// Slices times a factor added to the slices that an index vector names along a dimension.
    let add dim (index: Tensor) (alpha: Scalar) (source: Tensor) (t: Tensor) : Tensor =
        let struct (axis, places, source, whole) = slices "index_add" dim index source t
        let scaled = Operands.binary Functions.mul source (Operands.number source source.Dtype source.Shape alpha)
        // The sum of truths is whether there is one.
        let mode = if t.Dtype = Bool then ScatterMaximum else ScatterAdd

        let scaled =
            if t.Dtype = Bool then
                Operands.binary Functions.bitwiseAnd source (Operands.number source Bool source.Shape alpha)
            else
                scaled

        GatherScatter.scatter mode axis whole places scaled |> back t

    /// Slices written over the slices that an index vector names along a dimension.
    let copy dim (index: Tensor) (source: Tensor) (t: Tensor) : Tensor =
        let struct (axis, places, source, whole) = slices "index_copy_" dim index source t
        GatherScatter.scatter ScatterSet axis whole places source |> back t

    /// One number (without dimensions) written over the slices that an index vector names along a dimension.
    let fill dim (index: Tensor) (value: Tensor) (t: Tensor) : Tensor =
        let axis = Shape.dimension t.Rank dim
        let whole = asVector t

        if index.Rank > 1 then
            raise (
                IndexException
                    $"index_fill_(): Index is supposed to be a vector, but got {index.Rank}D: its shape is {Shape.format index.Shape}; flatten it"
            )

        let places = spread axis whole.Shape (Selection.normalize axis whole.Shape[axis] index)

        GatherScatter.scatter ScatterSet axis whole places (Engine.expand places.Shape (Engine.cast t.Dtype value))
        |> back t

    let private identity reduction dtype =
        let top, bottom =
            match dtype with
            | UInt8 -> Integer 255L, Integer 0L
            | Int8 -> Integer 127L, Integer -128L
            | Int16 -> Integer 32767L, Integer -32768L
            | Int32 -> Integer 2147483647L, Integer -2147483648L
            | Int64 -> Integer System.Int64.MaxValue, Integer System.Int64.MinValue
            | Bool -> Boolean true, Boolean false
            | _ -> Real infinity, Real -infinity

        match reduction with
        | ReduceSum
        | ReduceMean -> Integer 0L
        | ReduceProduct -> Integer 1L
        | ReduceMaximum -> bottom
        | ReduceMinimum -> top

    /// Values put together with what stands at their places (unless it does not count); index and source have one shape, which
    /// agrees with the target's in all dimensions but the axis.
    let private reduceAt reduction includesSelf axis (index: Tensor) (source: Tensor) (t: Tensor) =
        let start =
            if includesSelf then
                t
            else
                GatherScatter.scatter ScatterSet axis t index (Operands.number t t.Dtype index.Shape (identity reduction t.Dtype))

        let mode =
            match reduction with
            | ReduceSum
            | ReduceMean -> if t.Dtype = Bool then ScatterMaximum else ScatterAdd
            | ReduceProduct -> if t.Dtype = Bool then ScatterMinimum else ScatterProduct
            | ReduceMaximum -> ScatterMaximum
            | ReduceMinimum -> ScatterMinimum

        let total = GatherScatter.scatter mode axis start index source

        match reduction with
        | ReduceMean ->
            let one shape = Operands.number t t.Dtype shape (Integer 1L)
            let own = if includesSelf then one t.Shape else Structure.zeros t t.Shape
            let count = GatherScatter.scatter ScatterAdd axis own index (one index.Shape)
            let divisor = Operands.binary Functions.maximum count (one t.Shape)
            Operands.binary (if Dtype.isDifferentiable t.Dtype then Functions.div else Functions.floorDivide) total divisor
        | _ -> total

    /// Slices put together with the slices that an index vector names along a dimension.
    let reduce reduction includesSelf dim (index: Tensor) (source: Tensor) (t: Tensor) : Tensor =
        let struct (axis, places, source, whole) = slices "index_reduce" dim index source t
        reduceAt reduction includesSelf axis places source whole |> back t

    /// Values put together with the elements at the places that an index of the same shape names along a dimension.
    let scatterReduce reduction includesSelf dim (index: Tensor) (source: Tensor) (t: Tensor) : Tensor =
        let axis = Shape.dimension t.Rank dim
        let whole, index, source = asVector t, asVector index, asVector source

        if index.Rank <> whole.Rank || source.Rank <> whole.Rank then
            raise (
                ShapeException
                    $"Index tensor must have the same number of dimensions as self tensor: scatter_reduce of self {Shape.format whole.Shape}, index {Shape.format index.Shape} and src {Shape.format source.Shape}; expand the index, or use index_reduce for whole slices"
            )

        for i in 0 .. whole.Rank - 1 do
            if index.Shape[i] > source.Shape[i] || (i <> axis && index.Shape[i] > whole.Shape[i]) then
                raise (
                    ShapeException
                        $"Expected index {Shape.format index.Shape} to be smaller than self {Shape.format t.Shape} apart from dimension {axis} and to be smaller size than src {Shape.format source.Shape}: each index takes the element of src at its own place; narrow the index or enlarge src"
                )

        if Shape.count index.Shape = 0 then
            t
        else
            let cut (shape: Shape) keep (x: Tensor) =
                Structure.slice
                    { Structure.everything x.Shape with
                        Shape = Array.mapi (fun i s -> if keep i then x.Shape[i] else s) shape }
                    x

            let part = cut index.Shape (fun i -> i = axis) whole
            let reduced = reduceAt reduction includesSelf axis index (cut index.Shape (fun _ -> false) source) part

            back
                t
                (if Shape.equal part.Shape whole.Shape then
                     reduced
                 else
                     Structure.updateSlice (Structure.everything part.Shape) whole reduced)

    /// Values written (or added) at places of the row-major order.
    let putFlat accumulates (index: Tensor) (source: Tensor) (t: Tensor) : Tensor =
        if source.Dtype <> t.Dtype then
            raise (
                DtypeException
                    $"put_(): self and source expected to have the same dtype, but got {Dtype.scalarTypeName t.Dtype} and {Dtype.scalarTypeName source.Dtype}"
            )

        if Shape.count index.Shape <> Shape.count source.Shape then
            raise (
                ShapeException
                    $"put_(): Expected source and index to have the same number of elements, but got {Shape.count source.Shape} and {Shape.count index.Shape}"
            )

        let flat = Engine.reshape [| -1 |] t
        let places = Selection.normalize 0 flat.Shape[0] index |> Engine.reshape [| -1 |]

        let mode =
            if not accumulates then ScatterSet
            elif t.Dtype = Bool then ScatterMaximum
            else ScatterAdd

        GatherScatter.scatter mode 0 flat places (Engine.reshape [| -1 |] source) |> back t

    /// The elements of a source, one after the other, where a mask holds. Raises ShapeException where there are too few.
    let maskedScatter (mask: Tensor) (source: Tensor) (t: Tensor) : Tensor =
        if source.Dtype <> t.Dtype then
            raise (
                DtypeException
                    $"masked_scatter: expected self and source to have same dtypes but got {Dtype.scalarTypeName t.Dtype} and {Dtype.scalarTypeName source.Dtype}"
            )

        let shape = Shape.broadcast mask.Shape t.Shape
        let flat = Engine.expand shape (Engine.cast Bool mask) |> Engine.reshape [| -1 |]

        let number =
            Operands.withRight Functions.sub (Reductions.scan CumulativeSum 0 false (Engine.cast Int64 flat)) (Integer 1L)

        let available = Shape.count source.Shape

        let tooFew numbers =
            $"Number of elements of source < number of ones in mask{numbers}: masked_scatter takes one element of a source of shape {Shape.format source.Shape} for each true of the mask; give a larger source"

        let write () =
            let place = Operands.withRight Functions.maximum number (Integer 0L)

            let values =
                IndexWords.Within(tooFew "", (fun () -> GatherScatter.gather 0 (Engine.reshape [| -1 |] source) place))

            where flat values (Engine.reshape [| -1 |] (Engine.expand shape t)) |> Engine.reshape shape

        // A device refuses places behind the source's end by itself, when somebody looks.
        if t.Backend.Device.Kind <> "cpu" && available > 0 then
            write ()
        else
            let needed = Selection.nonzero flat |> fun found -> found.Shape[0]

            if needed > available then
                raise (ShapeException(tooFew $": {available} < {needed}"))

            if needed = 0 then Engine.expand shape t else write ()

    let private update name lattice (source: Tensor) (t: Tensor) =
        let expected = (lattice: Structure.Lattice).Shape

        if Shape.count source.Shape <> Shape.count expected then
            raise (
                ShapeException
                    $"expected src to have a size equal to the slice of self. src size = {Shape.format source.Shape}, slice size = {Shape.format expected} ({name})"
            )

        Structure.updateSlice lattice t (Engine.reshape expected (Engine.cast t.Dtype source))

    /// The tensor with another slice at a place along a dimension.
    let selectScatter dim place (source: Tensor) (t: Tensor) : Tensor =
        if t.Rank = 0 then
            raise (IndexException "select() cannot be applied to a 0-dim tensor. (select_scatter; unsqueeze it first)")

        let axis = Shape.dimension t.Rank dim
        let size = t.Shape[axis]

        if place < -size || place >= size then
            raise (
                IndexException
                    $"select_scatter(): index {place} out of range for tensor of size {Shape.format t.Shape} at dimension {dim}: places are 0 to {size - 1}, or counted from the end by -1 and below"
            )

        let lattice = Structure.everything t.Shape |> Structure.along axis (if place < 0 then place + size else place) 1 1

        if Shape.equal source.Shape (Array.removeAt axis t.Shape) then
            update "select_scatter" lattice source t
        else
            raise (
                ShapeException
                    $"expected src to have a size equal to the slice of self. src size = {Shape.format source.Shape}, slice size = {Shape.format (Array.removeAt axis t.Shape)}"
            )

    /// The tensor with other elements start, start + step, ... below stop along a dimension.
    let sliceScatter dim start stop step (source: Tensor) (t: Tensor) : Tensor =
        if t.Rank = 0 then
            raise (IndexException "slice() cannot be applied to a 0-dim tensor. (slice_scatter; unsqueeze it first)")

        let axis = Shape.dimension t.Rank dim

        if step <= 0 then
            raise (ArgumentValueException "slice step must be positive")

        let length = t.Shape[axis]
        let clip i = System.Math.Clamp((if i < 0 then i + length else i), 0, length)
        let first, last = clip start, clip stop
        let size = if last > first then (last - first - 1) / step + 1 else 0

        update
            "slice_scatter"
            (Structure.everything t.Shape |> Structure.along axis (if size = 0 then 0 else first) step size)
            source
            t
