namespace Functional

open Functional.Contract

/// Small steps with the last two dimensions of a tensor, of which the rules of decompositions are made.
[<RequireQualifiedAccess>]
module Matrices =
    let private last (t: Tensor) = t.Rank - 1
    let rowCount (t: Tensor) = t.Shape[t.Rank - 2]
    let columnCount (t: Tensor) = t.Shape[t.Rank - 1]
    /// The leading dimensions.
    let batchOf (t: Tensor) : Shape = Array.take (t.Rank - 2) t.Shape

    let transpose (t: Tensor) = Structure.swapAxes (t.Rank - 2) (t.Rank - 1) t

    /// The complex conjugate; a real tensor is its own.
    let conjugate (t: Tensor) = Engine.conj t

    /// The conjugate transpose.
    let adjoint t = conjugate (transpose t)

    let multiply a b = Contraction.matmul a b

    /// `count` rows from `first` on. A view.
    let rows first count (t: Tensor) = Structure.narrow (t.Rank - 2) first count t
    /// `count` columns from `first` on. A view.
    let columns first count (t: Tensor) = Structure.narrow (t.Rank - 1) first count t

    let private placed (shape: Shape) row column (t: Tensor) =
        if Shape.equal shape t.Shape then
            t
        else
            let lattice =
                Structure.everything shape
                |> Structure.along (t.Rank - 2) row 1 (rowCount t)
                |> Structure.along (t.Rank - 1) column 1 (columnCount t)

            Structure.place shape lattice t

    /// The matrix inside a larger one of zeros.
    let within rowCount columnCount row column (t: Tensor) =
        placed (Array.append (batchOf t) [| rowCount; columnCount |]) row column t

    let besideEachOther (parts: Tensor list) = Structure.concat (last parts.Head) (Array.ofList parts)
    let underEachOther (parts: Tensor list) = Structure.concat (last parts.Head - 1) (Array.ofList parts)

    /// A vector as a matrix of one row.
    let row (t: Tensor) = Engine.reshape (Array.insertAt (t.Rank - 1) 1 t.Shape) t
    /// A vector as a matrix of one column.
    let column (t: Tensor) = Engine.reshape (Array.append t.Shape [| 1 |]) t

    /// The vector that a matrix of one row or one column holds.
    let vector (t: Tensor) = Engine.reshape (Array.append (batchOf t) [| rowCount t * columnCount t |]) t

    let private onFlat (shape: Shape) =
        Array.append (Array.take (shape.Length - 2) shape) [| shape[shape.Length - 2] * shape[shape.Length - 1] |]

    let private diagonalLattice (shape: Shape) =
        let n = shape[shape.Length - 1]
        let flat = onFlat shape
        Structure.everything flat |> Structure.along (flat.Length - 1) 0 (n + 1) n

    /// The diagonal of a square matrix as a vector. A view where the matrix is row-major.
    let diagonal (t: Tensor) =
        if columnCount t = 0 then
            Engine.reshape (Array.take (t.Rank - 1) t.Shape) t
        else
            Engine.reshape (onFlat t.Shape) t |> Structure.slice (diagonalLattice t.Shape)

    /// A vector as the diagonal of a square matrix.
    let ofDiagonal (t: Tensor) =
        let shape = Array.append t.Shape [| t.Shape[t.Rank - 1] |]

        if t.Shape[t.Rank - 1] = 0 then
            Engine.reshape shape t
        else
            Structure.place (onFlat shape) (diagonalLattice shape) t |> Engine.reshape shape

    /// The sum of the diagonal of a square matrix.
    let trace (t: Tensor) =
        let d = diagonal t

        Engine.sumTo (Array.append (Array.take (d.Rank - 1) d.Shape) [| 1 |]) d
        |> Engine.reshape (Array.take (d.Rank - 1) d.Shape)

    /// Whether an element lies above (or on) a diagonal, as a matrix [rows, columns] of truths.
    let private side (like: Tensor) compare rows columns offset =
        let position length start shape =
            Creation.arange like.Backend Int64 length start 1 |> Engine.reshape shape |> Engine.expand [| rows; columns |]

        Engine.pointwise compare [||] [| position rows offset [| rows; 1 |]; position columns 0 [| 1; columns |] |]

    let private keep compare offset (t: Tensor) =
        let mask = side t compare (rowCount t) (columnCount t) offset
        Engine.pointwise Functions.where [||] [| Engine.expand t.Shape mask; t; Structure.zeros t t.Shape |]

    /// Zeros below the diagonal number `offset` (above the main one where positive).
    let upper offset t = keep Functions.le offset t
    /// Zeros above the diagonal number `offset`.
    let lower offset t = keep Functions.ge offset t

    /// The identity matrix, once for every matrix of the batch.
    let identity (like: Tensor) (batch: Shape) n =
        Engine.cast like.Dtype (side like Functions.eq n n 0) |> Engine.expand (Array.append batch [| n; n |])

    /// 1 on the diagonal replaced by another number: 1 / (to[j] - from[i]) without it, for the slopes of eigenvectors.
    let inverseGaps (from: Tensor) (target: Tensor) =
        let gaps = Operands.binary Functions.sub (row target) (column from)
        let n = columnCount gaps
        let onDiagonal = Engine.expand gaps.Shape (side gaps Functions.eq n n 0)
        let zero = Structure.zeros gaps gaps.Shape
        let one = Operands.number gaps gaps.Dtype gaps.Shape (Integer 1L)
        let safe = Engine.pointwise Functions.where [||] [| onDiagonal; one; gaps |]
        Engine.pointwise Functions.where [||] [| onDiagonal; zero; Operands.unary Functions.reciprocal safe |]

    /// The Hermitian part, (t + t*) / 2.
    let hermitianPart (t: Tensor) = Operands.withRight Functions.mul (Operands.binary Functions.add t (adjoint t)) (Real 0.5)

    /// Strictly lower triangle and half of the diagonal.
    let lowerHalf (t: Tensor) =
        Operands.withRight Functions.mul (Operands.binary Functions.add (lower 0 t) (lower -1 t)) (Real 0.5)

    /// A vector's elements times the columns of a matrix.
    let scaleColumns (factors: Tensor) (t: Tensor) = Operands.binary Functions.mul t (row factors)
    /// A vector's elements times the rows of a matrix.
    let scaleRows (factors: Tensor) (t: Tensor) = Operands.binary Functions.mul t (column factors)
