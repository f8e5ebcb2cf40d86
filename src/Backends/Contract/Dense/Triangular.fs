namespace Functional.Contract.Dense

open System.Numerics

/// Triangular systems and the factorizations that lead to them. Matrices are row-major; every function makes a new one.
[<RequireQualifiedAccess>]
module Triangular =
    /// L with A = L L* in n rows, and a row that begins with the order of the first leading minor that is not positive, or 0.
    let cholesky<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) (a: 'T[]) n : 'T[] =
        let l = Array.zeroCreate<'T>((n + 1) * n)
        let mutable failed = 0
        let mutable i = 0

        while failed = 0 && i < n do
            for j in 0 .. i - 1 do
                let rest = a[i * n + j] - field.Dot(l, i * n, l, j * n, j, true)
                l[i * n + j] <- rest / l[j * n + j]

            let left = field.RealPart(a[i * n + i] - field.Dot(l, i * n, l, i * n, i, true))

            if left > 0.0 then
                l[i * n + i] <- field.OfReal(sqrt left)
                i <- i + 1
            else
                failed <- i + 1

        if failed > 0 then
            l[n * n] <- field.OfReal(float failed)

        l

    let private swapRows (a: 'T[]) columns i j =
        if i <> j then
            for c in 0 .. columns - 1 do
                let held = a[i * columns + c]
                a[i * columns + c] <- a[j * columns + c]
                a[j * columns + c] <- held

    /// L and U in m rows, a row of pivots, and a row that begins with the number of the first zero pivot, or 0.
    let lu<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) (a: 'T[]) m n : 'T[] =
        let f = Array.zeroCreate<'T>((m + 2) * n)
        System.Array.Copy(a, f, m * n)
        let mutable failed = 0

        for j in 0 .. min m n - 1 do
            let mutable best = j
            let mutable size = field.PivotSize f[j * n + j]

            for i in j + 1 .. m - 1 do
                let magnitude = field.PivotSize f[i * n + j]

                if magnitude > size then
                    best <- i
                    size <- magnitude

            swapRows f n j best
            f[m * n + j] <- field.OfReal(float (best + 1))

            if size <> 0.0 then
                let pivot = f[j * n + j]

                for i in j + 1 .. m - 1 do
                    let factor = f[i * n + j] / pivot
                    f[i * n + j] <- factor
                    field.AddScaled(-factor, f, j * n + j + 1, f, i * n + j + 1, n - j - 1)
            elif failed = 0 then
                failed <- j + 1

        if failed > 0 then
            f[(m + 1) * n] <- field.OfReal(float failed)

        f

    /// The solution of T X = B for a triangle T [n, n] and B [n, r].
    let solve<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) upper unit (t: 'T[]) (b: 'T[]) n r : 'T[] =
        let x = Array.copy b

        for step in 0 .. n - 1 do
            let i = if upper then n - 1 - step else step
            let first, count = if upper then i + 1, n - 1 - i else 0, i

            if r = 1 then
                x[i] <- x[i] - field.Dot(t, i * n + first, x, first, count, false)
            else
                for j in first .. first + count - 1 do
                    field.AddScaled(-t[i * n + j], x, j * r, x, i * r, r)

            if not unit then
                let pivot = t[i * n + i]

                for c in i * r .. i * r + r - 1 do
                    x[c] <- x[c] / pivot

        x

    /// The solution of T* X = B for a triangle T, reading T by rows.
    let solveAdjoint<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) upper unit (t: 'T[]) (b: 'T[]) n r : 'T[] =
        let x = Array.copy b

        for step in 0 .. n - 1 do
            let i = if upper then step else n - 1 - step

            if not unit then
                let pivot = field.Conjugate t[i * n + i]

                for c in i * r .. i * r + r - 1 do
                    x[c] <- x[c] / pivot

            let first, count = if upper then i + 1, n - 1 - i else 0, i

            for j in first .. first + count - 1 do
                field.AddScaled(-(field.Conjugate t[i * n + j]), x, i * r, x, j * r, r)

        x

    /// The solution of A X = B or A* X = B by what `lu` gave of A [n, n].
    let luSolve<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) adjoint (f: 'T[]) (b: 'T[]) n r : 'T[] =
        let pivot i = int (field.RealPart f[n * n + i]) - 1

        if adjoint then
            let x = solveAdjoint field false true f (solveAdjoint field true false f b n r) n r

            for i = n - 1 downto 0 do
                swapRows x r i (pivot i)

            x
        else
            let x = Array.copy b

            for i in 0 .. n - 1 do
                swapRows x r i (pivot i)

            solve field true false f (solve field false true f x n r) n r
