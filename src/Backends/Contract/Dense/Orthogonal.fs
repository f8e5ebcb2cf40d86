namespace Functional.Contract.Dense

open System.Numerics

/// QR by Householder reflections, stored as LAPACK stores them (Golub and Van Loan, Matrix Computations, 5.2).
[<RequireQualifiedAccess>]
module Orthogonal =
    /// A[first row .., columns ..] -= factor * v (v* A), where v is a column of `vectors` with 1 at its head.
    let private reflect<'T when 'T: struct and 'T :> INumberBase<'T>>
        (field: Field<'T>)
        (factor: 'T)
        (vectors: 'T[])
        width
        column
        (a: 'T[])
        rows
        columns
        start
        =
        let count = columns - start
        let weights = Array.zeroCreate<'T> count
        System.Array.Copy(a, column * columns + start, weights, 0, count)

        for i in column + 1 .. rows - 1 do
            field.AddScaled(field.Conjugate vectors[i * width + column], a, i * columns + start, weights, 0, count)

        field.AddScaled(-factor, weights, 0, a, column * columns + start, count)

        for i in column + 1 .. rows - 1 do
            field.AddScaled(-(factor * vectors[i * width + column]), weights, 0, a, i * columns + start, count)

    /// R and the vectors in m rows, and a row of scales: Q is the product of I - scale v v* from the first vector on.
    let householder<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) (a: 'T[]) m n : 'T[] =
        let f = Array.zeroCreate<'T>((m + 1) * n)
        System.Array.Copy(a, f, m * n)

        for j in 0 .. min m n - 1 do
            let head: 'T = f[j * n + j]
            // Scaled by the largest element, so that squares neither overflow nor vanish.
            let mutable top = 0.0

            for i in j + 1 .. m - 1 do
                top <- max top (field.Magnitude f[i * n + j])

            let real = field.RealPart head

            let imaginary: 'T = head - field.OfReal real

            if top > 0.0 || field.Magnitude imaginary > 0.0 then
                let scale = max top (field.Magnitude head)
                let square x = x / scale * (x / scale)
                let mutable sum = square (field.Magnitude head)

                for i in j + 1 .. m - 1 do
                    sum <- sum + square (field.Magnitude f[i * n + j])

                let length = scale * sqrt sum
                let beta: 'T = field.OfReal(if real >= 0.0 then -length else length)
                let below: 'T = head - beta
                let negative: 'T = -below
                let factor: 'T = negative / beta

                for i in j + 1 .. m - 1 do
                    f[i * n + j] <- f[i * n + j] / below

                f[j * n + j] <- beta
                f[m * n + j] <- factor
                reflect field (field.Conjugate factor) f n j f m n (j + 1)

        f

    /// Q times [X; 0], where X [rows, columns] fills the first rows of m.
    let apply<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) (f: 'T[]) m n (x: 'T[]) columns : 'T[] =
        let q = Array.zeroCreate<'T>(m * columns)
        System.Array.Copy(x, q, x.Length)

        for j = min m n - 1 downto 0 do
            reflect field f[m * n + j] f n j q m columns 0

        q

    /// The identity, with as many rows as columns.
    let identity<'T when 'T: struct and 'T :> INumberBase<'T>> n : 'T[] =
        Array.init (n * n) (fun i -> if i % (n + 1) = 0 then 'T.One else 'T.Zero)

    /// The first rows of R, zeros below the diagonal.
    let upper<'T when 'T: struct and 'T :> INumberBase<'T>> (f: 'T[]) n rows : 'T[] =
        Array.init (rows * n) (fun p -> if p / n <= p % n then f[p] else 'T.Zero)

    /// Q beside R: the first min(m, n) columns of Q or all m.
    let qr<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) complete (a: 'T[]) m n : 'T[] =
        let f = householder field a m n
        let columns = if complete then m else min m n
        let q = apply field f m n (identity<'T> columns) columns
        let width = columns + n
        let result = Array.zeroCreate<'T>(m * width)

        for i in 0 .. m - 1 do
            System.Array.Copy(q, i * columns, result, i * width, columns)

            for j in i .. n - 1 do
                result[i * width + columns + j] <- f[i * n + j]

        result
