namespace Functional

open Functional.Contract

/// What functions of matrices ask of their arguments, in PyTorch's words.
[<RequireQualifiedAccess>]
module MatrixChecks =
    let floating name (t: Tensor) =
        if not (Dtype.isDifferentiable t.Dtype) then
            raise (
                DtypeException
                    $"{name}: Expected a floating point or complex tensor as input. Got {Dtype.scalarTypeName t.Dtype}: use Tensor.cast Float32"
            )

    let matrix name argument (t: Tensor) =
        if t.Rank < 2 then
            raise (
                ShapeException
                    $"{name}: The input tensor {argument} must have at least 2 dimensions. Its shape is {Shape.format t.Shape}"
            )

    let private size (t: Tensor) = t.Shape[t.Rank - 2], t.Shape[t.Rank - 1]

    let square name argument (t: Tensor) =
        matrix name argument t
        let m, n = size t

        if m <> n then
            raise (ShapeException $"{name}: {argument} must be batches of square matrices, but they are {m} by {n} matrices")

    let floatingSquare name t =
        square name "A" t
        floating name t

    let floatingMatrix name t =
        matrix name "A" t
        floating name t

    let sameDtype name (a: Tensor) (b: Tensor) =
        if a.Dtype <> b.Dtype then
            raise (
                DtypeException
                    $"{name}: Expected A and B to have the same dtype, but found A of type {Dtype.scalarTypeName a.Dtype} and B of type {Dtype.scalarTypeName b.Dtype} instead: use Tensor.cast"
            )

    /// The batch dimensions of both are broadcast.
    let broadcastBatch name (a: Tensor) (b: Tensor) : struct (Tensor * Tensor) =
        let batchA, batchB = Matrices.batchOf a, Matrices.batchOf b

        if Shape.equal batchA batchB then
            struct (a, b)
        else
            let batch =
                try
                    Shape.broadcast batchA batchB
                with :? ShapeException as e ->
                    raise (ShapeException $"{e.Message} ({name}: batch dimensions)")

            let wide (t: Tensor) = Engine.expand (Array.append batch (Array.skip (t.Rank - 2) t.Shape)) t
            struct (wide a, wide b)

    /// The equation A X = B, or X A = B unless left: its shapes.
    let equation name (a: Tensor) (b: Tensor) left =
        let n = a.Shape[a.Rank - 1]
        let rows, columns = size b

        if (if left then rows else columns) <> n then
            let form = if left then "AX = B" else "XA = B"

            raise (
                ShapeException
                    $"{name}: Incompatible shapes of A and B for the equation {form} ({a.Shape[a.Rank - 2]}x{n} and {rows}x{columns})"
            )

    /// Numbers that say where a factorization failed, one for each matrix; 0 where it did not.
    let infoOf firstRow (packed: Tensor) : Tensor =
        let batch = Matrices.batchOf packed

        if Matrices.columnCount packed = 0 then
            Creation.full packed.Backend Int32 batch (Integer 0L)
        else
            Structure.detach packed
            |> Matrices.rows firstRow 1
            |> Matrices.columns 0 1
            |> Engine.reshape batch
            |> Engine.cast Int32

    /// Raises LinAlgException at the first matrix whose number is not 0.
    let success name (describe: int -> string) (info: Tensor) =
        let bytes = Creation.toBytes info
        let numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(System.ReadOnlySpan bytes).ToArray()

        match numbers |> Array.tryFindIndex ((<>) 0) with
        | None -> ()
        | Some i ->
            let place = if info.Rank > 0 then $"(Batch element {i}): " else ""
            raise (LinAlgException $"{name}: {place}{describe numbers[i]}")
