namespace Functional

open Functional.Contract

/// Diagonals, and the triangles beside them.
[<RequireQualifiedAccess>]
module Diagonals =
    /// How many elements a diagonal of a matrix has.
    let private length offset rows columns =
        max 0 (if offset >= 0 then min rows (columns - offset) else min (rows + offset) columns)

    let private axes rank dim1 dim2 =
        let a, b = Shape.dimension rank dim1, Shape.dimension rank dim2

        if a = b then
            raise (ArgumentValueException $"diagonal dimensions cannot be identical {dim1}, {dim2}")

        struct (a, b)

    /// The order in which two axes stand last.
    let private lastOrder rank a b =
        Array.append
            [| for i in 0 .. rank - 1 do
                   if i <> a && i <> b then
                       i |]
            [| a; b |]

    /// A diagonal among the row-major elements of matrices, whose two axes have become one.
    let private lattice offset (lead: Shape) rows columns : Structure.Lattice =
        let size = length offset rows columns
        let start = if offset >= 0 then offset else -offset * columns

        Structure.everything (Array.append lead [| rows * columns |])
        |> Structure.along lead.Length (if size = 0 then 0 else start) (columns + 1) size

    let private split (t: Tensor) = Array.take (t.Rank - 2) t.Shape, t.Shape[t.Rank - 2], t.Shape[t.Rank - 1]

    /// The elements t[.., i, .., i + offset, ..] as a new last dimension; the two dimensions go away.
    let diagonal offset dim1 dim2 (t: Tensor) : Tensor =
        let struct (a, b) = axes t.Rank dim1 dim2
        let moved = Structure.permute (lastOrder t.Rank a b) t
        let lead, rows, columns = split moved
        moved |> Structure.merge lead.Length 2 |> Structure.slice (lattice offset lead rows columns)

    /// The tensor with other elements on a diagonal. Raises ShapeException where they do not fit.
    let diagonalScatter offset dim1 dim2 (source: Tensor) (t: Tensor) : Tensor =
        let struct (a, b) = axes t.Rank dim1 dim2
        let order = lastOrder t.Rank a b
        let moved = Structure.permute order t
        let lead, rows, columns = split moved
        let place = lattice offset lead rows columns

        if not (Shape.equal source.Shape place.Shape) then
            raise (
                ShapeException
                    $"expected src to have a size equal to the slice of self. src size = {Shape.format source.Shape}, slice size = {Shape.format place.Shape}"
            )

        Structure.updateSlice place (Structure.merge lead.Length 2 moved) source
        |> Engine.reshape moved.Shape
        |> Structure.permute (Array.init t.Rank (fun i -> System.Array.IndexOf(order, i)))

    /// Square matrices, along two dimensions of the result, whose diagonals hold the tensor's last dimension; zeros elsewhere.
    let diagonalEmbed offset dim1 dim2 (t: Tensor) : Tensor =
        let struct (a, b) = axes (t.Rank + 1) dim1 dim2
        let lead = Array.take (t.Rank - 1) t.Shape
        let size = t.Shape[t.Rank - 1] + abs offset
        let order = lastOrder (t.Rank + 1) a b

        Structure.place (Array.append lead [| size * size |]) (lattice offset lead size size) t
        |> Engine.reshape (Array.append lead [| size; size |])
        |> Structure.permute (Array.init (t.Rank + 1) (fun i -> System.Array.IndexOf(order, i)))

    /// Of a vector the matrix with this diagonal, of a matrix its diagonal.
    let diag offset (t: Tensor) : Tensor =
        match t.Rank with
        | 1 -> diagonalEmbed offset 0 1 t
        | 2 -> diagonal offset 0 1 t
        | rank -> raise (ShapeException $"diag(): Supports 1D or 2D tensors. Got {rank}D")

    /// Where the column's number minus the row's number, in the last two dimensions, compares so with a number.
    let private where compare offset (t: Tensor) =
        if t.Rank < 2 then
            raise (
                ShapeException
                    $"tril and triu: input tensor must have at least 2 dimensions, but it has shape {Shape.format t.Shape}"
            )

        let _, rows, columns = split t
        // As wide as most elements, so that one pass needs no conversions.
        let positions size shape = Creation.arange t.Backend Int32 size 0 1 |> Engine.reshape shape
        let beyond = Operands.binary Functions.sub (positions columns [| 1; columns |]) (positions rows [| rows; 1 |])
        Operands.withRight compare beyond (Integer(int64 (offset: int)))

    let private kept condition (t: Tensor) =
        Engine.pointwise Functions.where [||] [| Engine.expand t.Shape condition; t; Structure.zeros t t.Shape |]

    /// The elements on and below a diagonal of the last two dimensions, zeros elsewhere.
    let lower offset (t: Tensor) : Tensor = kept (where Functions.le offset t) t
    /// The elements on and above a diagonal of the last two dimensions, zeros elsewhere.
    let upper offset (t: Tensor) : Tensor = kept (where Functions.ge offset t) t

    let private indices backend isKept rows columns offset =
        let found =
            [| for i in 0 .. rows - 1 do
                   for j in 0 .. columns - 1 do
                       if isKept (j - i) offset then
                           struct (int64 i, int64 j) |]

        let pick f = found |> Array.map f
        let data = Array.append (pick (fun (struct (i, _)) -> i)) (pick (fun (struct (_, j)) -> j))

        Creation.ofBytes
            backend
            Int64
            [| 2; found.Length |]
            (System.Runtime.InteropServices.MemoryMarshal.AsBytes(System.ReadOnlySpan data))

    /// Rows and columns of the places on and below a diagonal, row by row: int64 [2, count].
    let lowerIndices (backend: IBackend) rows columns offset : Tensor = indices backend (<=) rows columns offset
    /// Rows and columns of the places on and above a diagonal, row by row: int64 [2, count].
    let upperIndices (backend: IBackend) rows columns offset : Tensor = indices backend (>=) rows columns offset
