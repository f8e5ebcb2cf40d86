namespace Functional.Contract.Dense

open System
open System.Numerics
open System.Runtime.InteropServices
open Functional.Contract

/// One decomposition of a batch of matrices: row-major memory in and out, double precision between. Backends that have no
/// kernels of their own run it; matrices may be worked on in any order and by any thread.
[<Sealed; AllowNullLiteral>]
type DecompositionWork(kind: Decomposition, shapes: Shape[]) =
    let ranks = Decomposition.ranks kind
    let parts = shapes |> Array.mapi (fun i shape -> Array.skip (shape.Length - ranks[i]) shape)
    let counts = parts |> Array.map Shape.count
    let batch = Shape.count (Array.take (shapes[0].Length - ranks[0]) shapes[0])
    let resultShape = Decomposition.shape kind parts
    let resultCount = Shape.count resultShape
    let reals: float[][] = Array.create shapes.Length [||]
    let complexes: Complex[][] = Array.create shapes.Length [||]
    let mutable realResults: float[] = [||]
    let mutable complexResults: Complex[] = [||]
    let m, n = parts[0].[0], parts[0].[1]
    let columns = if parts.Length = 2 then parts[1].[1] else n

    /// The matrix number `index` of an input.
    let cut (all: 'T[][]) input index : 'T[] =
        let count = counts[input]
        if batch = 1 then all[input] else Array.sub all[input] (index * count) count

    let ofField (field: Field<'T>) (all: 'T[][]) index : 'T[] =
        let a = cut all 0 index
        let name = Decomposition.name kind

        match kind with
        | Decomposition.Cholesky -> Triangular.cholesky field a n
        | Decomposition.Lu -> Triangular.lu field a m n
        | Decomposition.Householder -> Orthogonal.householder field a m n
        | Decomposition.Qr complete -> Orthogonal.qr field complete a m n
        | Decomposition.Svd full -> Spectral.packedSvd field name full a m n
        | Decomposition.HermitianEigen -> Spectral.packedHermitian field name a n
        | Decomposition.PseudoInverse -> Spectral.pseudoInverse field name (reals[1].[index]) (reals[2].[index]) a m n
        | Decomposition.TriangularSolve(upper, unit) -> Triangular.solve field upper unit a (cut all 1 index) n columns
        | Decomposition.LuSolve adjoint -> Triangular.luSolve field adjoint a (cut all 1 index) n columns
        | Decomposition.Ldl hermitian -> Indefinite.factor field hermitian a n
        | Decomposition.LdlSolve hermitian -> Indefinite.solve field hermitian a (cut all 1 index) n columns
        | Decomposition.SingularValues
        | Decomposition.HermitianEigenvalues
        | Decomposition.Eigen
        | Decomposition.Eigenvalues ->
            raise (UnsupportedException(name, "dense", "its result is of another dtype than its input"))

    let realValues (field: Field<'T>) (all: 'T[][]) index : float[] =
        let a = cut all 0 index
        let name = Decomposition.name kind

        match kind with
        | Decomposition.SingularValues ->
            let struct (_, s, _) = Spectral.svd field name false false a m n
            s
        | _ ->
            let struct (values, _) = Spectral.hermitian field name a n
            values

    let general (field: Field<'T>) (all: 'T[][]) index : Complex[] =
        let packed = Spectral.packedGeneral field (Decomposition.name kind) (cut all 0 index) n
        if kind = Decomposition.Eigenvalues then Array.take n packed else packed

    let mutable isComplex = false

    /// The number of matrices.
    member _.Batch = batch

    /// About how many operations one of them takes.
    member _.Cost = 2L + int64 (max m n) * int64 (min m n) * int64 (min m n)

    /// The shape of the whole result.
    member _.ResultShape: Shape = Array.append (Array.take (shapes[0].Length - ranks[0]) shapes[0]) resultShape

    /// Takes in an input, row-major.
    member _.Load(input: int, dtype: Dtype, memory: ReadOnlySpan<byte>) =
        isComplex <- isComplex || Dtype.isComplex dtype

        match dtype with
        | Float64 -> reals[input] <- MemoryMarshal.Cast<byte, float>(memory).ToArray()
        | Complex128 -> complexes[input] <- MemoryMarshal.Cast<byte, Complex>(memory).ToArray()
        | Float32 ->
            let source = MemoryMarshal.Cast<byte, float32> memory
            let target = Array.zeroCreate source.Length

            for i in 0 .. target.Length - 1 do
                target[i] <- float source[i]

            reals[input] <- target
        | Complex64 ->
            let source = MemoryMarshal.Cast<byte, float32> memory
            let target = Array.zeroCreate (source.Length / 2)

            for i in 0 .. target.Length - 1 do
                target[i] <- Numerics.Complex(float source[2 * i], float source[2 * i + 1])

            complexes[input] <- target
        | other ->
            raise (
                DtypeException
                    $"\"{Decomposition.name kind}\" not implemented for '{Dtype.scalarTypeName other}': use Tensor.cast Float32"
            )

    /// Makes room for the results; call it once, after all inputs are loaded.
    member _.Prepare() =
        match kind with
        | Decomposition.SingularValues
        | Decomposition.HermitianEigenvalues -> realResults <- Array.zeroCreate (batch * resultCount)
        | Decomposition.Eigen
        | Decomposition.Eigenvalues -> complexResults <- Array.zeroCreate (batch * resultCount)
        | _ when isComplex -> complexResults <- Array.zeroCreate (batch * resultCount)
        | _ -> realResults <- Array.zeroCreate (batch * resultCount)

    /// Works on the matrices first to last - 1.
    member _.Run(first: int64, last: int64) =
        for index in int first .. int last - 1 do
            let keep (target: 'T[]) (part: 'T[]) = Array.Copy(part, 0, target, index * resultCount, resultCount)

            match kind with
            | Decomposition.SingularValues
            | Decomposition.HermitianEigenvalues ->
                keep
                    realResults
                    (if isComplex then
                         realValues ComplexField.Instance complexes index
                     else
                         realValues RealField.Instance reals index)
            | Decomposition.Eigen
            | Decomposition.Eigenvalues ->
                keep
                    complexResults
                    (if isComplex then
                         general ComplexField.Instance complexes index
                     else
                         general RealField.Instance reals index)
            | _ when isComplex -> keep complexResults (ofField ComplexField.Instance complexes index)
            | _ -> keep realResults (ofField RealField.Instance reals index)

    /// Hands the results out, row-major, in the dtype of the whole result.
    member _.Store(dtype: Dtype, memory: Span<byte>) =
        match dtype with
        | Float64 -> MemoryMarshal.AsBytes(ReadOnlySpan realResults).CopyTo memory
        | Complex128 -> MemoryMarshal.AsBytes(ReadOnlySpan complexResults).CopyTo memory
        | Float32 ->
            let target = MemoryMarshal.Cast<byte, float32> memory

            for i in 0 .. realResults.Length - 1 do
                target[i] <- float32 realResults[i]
        | _ ->
            let target = MemoryMarshal.Cast<byte, float32> memory

            for i in 0 .. complexResults.Length - 1 do
                target[2 * i] <- float32 complexResults[i].Real
                target[2 * i + 1] <- float32 complexResults[i].Imaginary
