namespace Functional.Contract.Dense

open System
open System.Numerics
open Functional.Contract
open MathNet.Numerics
open MathNet.Numerics.Providers.LinearAlgebra

/// Eigenvalues and singular values by MathNet.Numerics, whose matrices are column-major: a row-major matrix is its transpose there.
[<RequireQualifiedAccess>]
module Spectral =
    let private provider = ManagedLinearAlgebraProvider.Instance

    let private guarded name (finite: bool) (run: unit -> 'R) : 'R =
        if not finite then
            raise (
                LinAlgException $"{name}: The algorithm failed to converge because the input matrix contained non-finite values."
            )

        try
            run ()
        with :? NonConvergenceException ->
            raise (
                LinAlgException
                    $"{name}: The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated values."
            )

    /// U, singular values and V* of a square matrix, all row-major.
    let private squareSvd<'T when 'T: struct and 'T :> INumberBase<'T>>
        (field: Field<'T>)
        vectors
        (a: 'T[])
        n
        : struct ('T[] * float[] * 'T[]) =
        // The column-major A^T = conj(V) S U^T: what comes out as U^T and conj(V) is U and V* read by rows.
        let s, left, right = Array.zeroCreate<'T> n, Array.zeroCreate<'T>(n * n), Array.zeroCreate<'T>(n * n)

        if n > 0 then
            match box a, box s, box left, box right with
            | (:? (float[]) as a), (:? (float[]) as s), (:? (float[]) as left), (:? (float[]) as right) ->
                provider.SingularValueDecomposition(vectors, Array.copy a, n, n, s, left, right)
            | (:? (Complex[]) as a), (:? (Complex[]) as s), (:? (Complex[]) as left), (:? (Complex[]) as right) ->
                provider.SingularValueDecomposition(vectors, Array.copy a, n, n, s, left, right)
            | _ -> raise (UnsupportedException("linalg.svd", "MathNet", $"no kernel for {typeof<'T>.Name}"))

        struct (right, s |> Array.map field.RealPart, left)

    let private isFinite<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) (a: 'T[]) =
        a |> Array.forall (fun x -> Double.IsFinite(field.Magnitude x))

    let private adjoint<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) (a: 'T[]) m n : 'T[] =
        Array.init (n * m) (fun p -> field.Conjugate a[p % m * n + p / m])

    /// U [m, columns], singular values, V [n, n] of a matrix with at least as many rows as columns; by way of R of its QR.
    let private tallSvd<'T when 'T: struct and 'T :> INumberBase<'T>>
        (field: Field<'T>)
        vectors
        full
        (a: 'T[])
        m
        n
        : struct ('T[] * float[] * 'T[]) =
        if m = n then
            let struct (u, s, v) = squareSvd field vectors a n
            struct (u, s, adjoint field v n n)
        else
            let f = Orthogonal.householder field a m n
            let struct (u, s, v) = squareSvd field vectors (Orthogonal.upper f n n) n

            if not vectors then
                struct (u, s, v)
            else
                let columns = if full then m else n
                let inner = Array.zeroCreate<'T>(columns * columns)

                for i in 0 .. columns - 1 do
                    if i < n then
                        Array.Copy(u, i * n, inner, i * columns, n)
                    else
                        inner[i * columns + i] <- 'T.One

                struct (Orthogonal.apply field f m n inner columns, s, adjoint field v n n)

    /// U, singular values and V.
    let svd<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) name vectors full (a: 'T[]) m n =
        guarded name (isFinite field a) (fun () ->
            if m >= n then
                tallSvd field vectors full a m n
            else
                let struct (v, s, u) = tallSvd field vectors full (adjoint field a m n) n m
                struct (u, s, v))

    /// U, a row of singular values and V under one another.
    let packedSvd<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) name full (a: 'T[]) m n : 'T[] =
        let struct (u, s, v) = svd field name true full a m n
        let k = min m n
        let width = if full then max m n else k
        let result = Array.zeroCreate<'T>((m + 1 + n) * width)

        let place (part: 'T[]) rows first =
            let columns = if rows = 0 then 0 else part.Length / rows

            for i in 0 .. rows - 1 do
                Array.Copy(part, i * columns, result, (first + i) * width, columns)

        place u m 0
        s |> Array.iteri (fun j value -> result[m * width + j] <- field.OfReal value)
        place v n (m + 1)
        result

    /// The pseudoinverse [n, m] for bounds below which singular values count as zero.
    let pseudoInverse<'T when 'T: struct and 'T :> INumberBase<'T>>
        (field: Field<'T>)
        name
        (absolute: float)
        (relative: float)
        (a: 'T[])
        m
        n
        : 'T[] =
        let struct (u, s, v) = svd field name true false a m n
        let k = min m n
        let result = Array.zeroCreate<'T>(n * m)
        let bound = if k = 0 then 0.0 else max absolute (relative * s[0])
        // Columns of U as rows, so that each step adds a row.
        let rows = adjoint field u m k

        for j in 0 .. k - 1 do
            if s[j] > bound then
                for i in 0 .. n - 1 do
                    field.AddScaled(v[i * k + j] / field.OfReal s[j], rows, j * m, result, i * m, m)

        result

    /// Eigenvalues and eigenvectors (one a column, row-major) of a Hermitian matrix given by its lower triangle.
    let hermitian<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) name (a: 'T[]) n : struct (float[] * 'T[]) =
        // Column-major, both triangles.
        let whole =
            Array.init (n * n) (fun p ->
                let i, j = p % n, p / n

                if i > j then a[i * n + j]
                elif i = j then field.OfReal(field.RealPart a[i * n + i])
                else field.Conjugate a[j * n + i])

        // MathNet's complex kernels turn the vectors that they are given.
        let vectors, values, diagonal =
            Orthogonal.identity<'T> n, Array.zeroCreate<Complex> n, Array.zeroCreate<'T>(n * n)

        let finite = isFinite field whole

        // As PyTorch has it: what is not finite has eigenvalues that are not numbers.
        if not finite then
            Array.fill values 0 n (Numerics.Complex(nan, 0.0))
            Array.fill vectors 0 (n * n) (field.OfReal nan)

        guarded name true (fun () ->
            if n > 0 && finite then
                match box whole, box vectors, box diagonal with
                | (:? (float[]) as a), (:? (float[]) as vectors), (:? (float[]) as diagonal) ->
                    provider.EigenDecomp(true, n, a, vectors, values, diagonal)
                | (:? (Complex[]) as a), (:? (Complex[]) as vectors), (:? (Complex[]) as diagonal) ->
                    provider.EigenDecomp(true, n, a, vectors, values, diagonal)
                | _ -> raise (UnsupportedException(name, "MathNet", $"no kernel for {typeof<'T>.Name}")))

        let order = Array.init n id
        let keys = values |> Array.map _.Real
        Array.Sort(Array.copy keys, order)
        struct (order |> Array.map (fun j -> keys[j]), Array.init (n * n) (fun p -> vectors[order[p % n] * n + p / n]))

    /// A row of eigenvalues over the eigenvectors.
    let packedHermitian<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) name (a: 'T[]) n : 'T[] =
        let struct (values, vectors) = hermitian field name a n
        Array.append (values |> Array.map field.OfReal) vectors

    /// Eigenvectors of a real matrix come as real and imaginary parts in neighbouring columns.
    let private unfold (values: Complex[]) (columns: float[]) n : Complex[] =
        let result = Array.zeroCreate<Complex>(n * n)
        let mutable j = 0

        while j < n do
            if values[j].Imaginary = 0.0 then
                for i in 0 .. n - 1 do
                    result[j * n + i] <- Numerics.Complex(columns[j * n + i], 0.0)

                j <- j + 1
            else
                for i in 0 .. n - 1 do
                    let z = Numerics.Complex(columns[j * n + i], columns[(j + 1) * n + i])
                    result[j * n + i] <- z
                    result[(j + 1) * n + i] <- Numerics.Complex.Conjugate z

                j <- j + 2

        result

    /// A row of eigenvalues, by their real parts, over the eigenvectors, each of length 1.
    let packedGeneral<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) name (a: 'T[]) n : Complex[] =
        let columnMajor: 'T[] = Array.init (n * n) (fun p -> a[p % n * n + p / n])
        let values, diagonal = Array.zeroCreate<Complex> n, Array.zeroCreate<'T>(n * n)

        if not (isFinite field a) then
            raise (ArgumentValueException $"torch.{name}: input tensor should not contain infs or NaNs.")

        let vectors =
            guarded name true (fun () ->
                match box columnMajor, box diagonal with
                | _ when n = 0 -> [||]
                | (:? (float[]) as a), (:? (float[]) as diagonal) ->
                    let vectors = Array.zeroCreate<float>(n * n)
                    provider.EigenDecomp(false, n, a, vectors, values, diagonal)
                    unfold values vectors n
                | (:? (Complex[]) as a), (:? (Complex[]) as diagonal) ->
                    let vectors = Orthogonal.identity<Complex> n
                    provider.EigenDecomp(false, n, a, vectors, values, diagonal)
                    vectors
                | _ -> raise (UnsupportedException(name, "MathNet", $"no kernel for {typeof<'T>.Name}")))

        // By real part, and of a conjugate pair the one with the positive imaginary part first: an order that small changes keep.
        let order = Array.init n id |> Array.sortBy (fun j -> struct (values[j].Real, -values[j].Imaginary))

        // Length and phase of each vector: what makes its largest component real and positive.
        let scales =
            Array.init n (fun j ->
                let mutable sum = 0.0
                let mutable top = j * n

                for i in j * n .. j * n + n - 1 do
                    let size = vectors[i].Magnitude
                    sum <- sum + size * size

                    if size > vectors[top].Magnitude * (1.0 + 1e-12) then
                        top <- i

                let size = vectors[top].Magnitude

                if size = 0.0 then
                    Numerics.Complex.One
                else
                    vectors[top] * Numerics.Complex(sqrt sum / size, 0.0))

        let column p = order[p % n]

        Array.append
            (order |> Array.map (fun j -> values[j]))
            (Array.init (n * n) (fun p -> vectors[column p * n + p / n] / scales[column p]))
