namespace Functional.Contract.Dense

open System.Numerics

/// L D L^T of symmetric matrices and L D L* of hermitian ones, which need not be definite: D has blocks of one or two rows, chosen
/// as Bunch and Kaufman (1977) choose them and stored as LAPACK's sytrf and hetrf do. Matrices are row-major.
[<RequireQualifiedAccess>]
module Indefinite =
    // Bounds the growth of elements alike for one block of two rows and two blocks of one.
    let private alpha = (1.0 + sqrt 17.0) / 8.0

    // One operation at a time, for the compiler loses the type of longer ones.
    let private less<'T when 'T: struct and 'T :> INumberBase<'T>> (a: 'T) (x: 'T) (y: 'T) : 'T =
        let product: 'T = x * y
        a - product

    /// a b - c d
    let private cross<'T when 'T: struct and 'T :> INumberBase<'T>> (a: 'T) (b: 'T) (c: 'T) (d: 'T) : 'T =
        let product: 'T = a * b
        less product c d

    let private swap (a: 'T[]) i j =
        let held = a[i]
        a[i] <- a[j]
        a[j] <- held

    let private swapRows (a: 'T[]) columns i j =
        if i <> j then
            for c in 0 .. columns - 1 do
                swap a (i * columns + c) (j * columns + c)

    /// The pivot of column k: its row, and whether it makes a block of two rows; none where the column is all zero.
    let private choose<'T when 'T: struct and 'T :> INumberBase<'T>>
        (field: Field<'T>)
        hermitian
        (a: 'T[])
        n
        k
        : struct (int * bool) voption =
        let size i j = field.PivotSize a[i * n + j]
        let own i = if hermitian then abs (field.RealPart a[i * n + i]) else size i i

        let largest candidates =
            candidates
            |> Seq.fold
                (fun (struct (most, _) as best) (struct (x, _) as next) -> if x > most then next else best)
                (struct (0.0, k))

        let struct (inColumn, row) = largest (seq { for i in k + 1 .. n - 1 -> struct (size i k, i) })

        if max (own k) inColumn = 0.0 then
            ValueNone
        elif own k >= alpha * inColumn then
            ValueSome(struct (k, false))
        else
            let left = seq { for j in k .. row - 1 -> struct (size row j, j) }
            let below = seq { for i in row + 1 .. n - 1 -> struct (size i row, i) }
            let struct (inRow, _) = largest (Seq.append left below)

            if own k >= alpha * inColumn * (inColumn / inRow) then
                ValueSome(struct (k, false))
            elif own row >= alpha * inRow then
                ValueSome(struct (row, false))
            else
                ValueSome(struct (row, true))

    /// Exchanges rows and columns p > q of what is still to be done, which is the lower triangle from column q on.
    let private exchange (turn: 'T -> 'T) (a: 'T[]) n q p =
        for i in p + 1 .. n - 1 do
            swap a (i * n + q) (i * n + p)

        for j in q + 1 .. p - 1 do
            let held = turn a[j * n + q]
            a[j * n + q] <- turn a[p * n + j]
            a[p * n + j] <- held

        a[p * n + q] <- turn a[p * n + q]
        swap a (q * n + q) (p * n + p)

    /// Takes the block of one row at k off what lies below it, which becomes a column of L.
    let private eliminate<'T when 'T: struct and 'T :> INumberBase<'T>> (turn: 'T -> 'T) (f: 'T[]) n k =
        let d = f[k * n + k]

        for i in k + 1 .. n - 1 do
            let part = f[i * n + k] / d

            for j in k + 1 .. i do
                f[i * n + j] <- less f[i * n + j] part (turn f[j * n + k])

        for i in k + 1 .. n - 1 do
            f[i * n + k] <- f[i * n + k] / d

    /// The same with the block [[a, turn c], [c, b]] of two rows: rows of L times the block are the rows below it.
    let private eliminateTwo<'T when 'T: struct and 'T :> INumberBase<'T>> (turn: 'T -> 'T) (f: 'T[]) n k =
        let a, b, c = f[k * n + k], f[(k + 1) * n + k + 1], f[(k + 1) * n + k]
        let determinant = cross a b c (turn c)
        let first = Array.zeroCreate<'T> n
        let second = Array.zeroCreate<'T> n

        for i in k + 2 .. n - 1 do
            let x, y = f[i * n + k], f[i * n + k + 1]
            first[i] <- cross x b y c / determinant
            second[i] <- cross y a x (turn c) / determinant

        for i in k + 2 .. n - 1 do
            for j in k + 2 .. i do
                let left = less f[i * n + j] first[i] (turn f[j * n + k])
                f[i * n + j] <- less left second[i] (turn f[j * n + k + 1])

        for i in k + 2 .. n - 1 do
            f[i * n + k] <- first[i]
            f[i * n + k + 1] <- second[i]

    /// The factors in n rows, of which the lower triangle of the matrix is read, a row of pivots (row i was swapped with row
    /// pivot[i], counted from 1; both rows of a larger block have the negative number), and a row that begins with the number of the
    /// first block of D that is zero, or 0.
    let factor<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) hermitian (matrix: 'T[]) n : 'T[] =
        let f = Array.zeroCreate<'T>((n + 2) * n)
        let turn (x: 'T) : 'T = if hermitian then field.Conjugate x else x

        // The diagonal of a hermitian matrix is real.
        let settle i =
            if hermitian then
                f[i * n + i] <- field.OfReal(field.RealPart f[i * n + i])

        let mutable failed = 0
        let mutable k = 0

        for i in 0 .. n - 1 do
            System.Array.Copy(matrix, i * n, f, i * n, i + 1)

        while k < n do
            match choose field hermitian f n k with
            | ValueNone ->
                if failed = 0 then
                    failed <- k + 1

                f[n * n + k] <- field.OfReal(float (k + 1))
                k <- k + 1
            | ValueSome(struct (row, false)) ->
                if row <> k then
                    exchange turn f n k row

                settle k
                eliminate turn f n k
                f[n * n + k] <- field.OfReal(float (row + 1))
                k <- k + 1
            | ValueSome(struct (row, true)) ->
                if row <> k + 1 then
                    exchange turn f n (k + 1) row
                    swap f ((k + 1) * n + k) (row * n + k)

                settle k
                settle (k + 1)
                eliminateTwo turn f n k
                f[n * n + k] <- field.OfReal(float -(row + 1))
                f[n * n + k + 1] <- field.OfReal(float -(row + 1))
                k <- k + 2

        if failed > 0 then
            f[(n + 1) * n] <- field.OfReal(float failed)

        f

    /// The solution of A X = B by what `factor` gave of A [n, n]; B is [n, r].
    let solve<'T when 'T: struct and 'T :> INumberBase<'T>> (field: Field<'T>) hermitian (f: 'T[]) (b: 'T[]) n r : 'T[] =
        let x = Array.copy b
        let turn (x: 'T) : 'T = if hermitian then field.Conjugate x else x
        let pivot k = int (field.RealPart f[n * n + k])
        /// Subtracts from row i of X what column k of L has there.
        let below i k = field.AddScaled(-f[i * n + k], x, k * r, x, i * r, r)
        let above i k = field.AddScaled(-(turn f[i * n + k]), x, i * r, x, k * r, r)
        let mutable k = 0

        while k < n do
            if pivot k > 0 then
                swapRows x r k (pivot k - 1)

                for i in k + 1 .. n - 1 do
                    below i k

                for c in k * r .. k * r + r - 1 do
                    x[c] <- x[c] / f[k * n + k]

                k <- k + 1
            else
                swapRows x r (k + 1) (-(pivot k) - 1)

                for i in k + 2 .. n - 1 do
                    below i k
                    below i (k + 1)

                let p, q, s = f[k * n + k], f[(k + 1) * n + k + 1], f[(k + 1) * n + k]
                let determinant = cross p q s (turn s)

                for c in 0 .. r - 1 do
                    let first, second = x[k * r + c], x[(k + 1) * r + c]
                    x[k * r + c] <- cross q first (turn s) second / determinant
                    x[(k + 1) * r + c] <- cross p second s first / determinant

                k <- k + 2

        k <- n - 1

        while k >= 0 do
            if pivot k > 0 then
                for i in k + 1 .. n - 1 do
                    above i k

                swapRows x r k (pivot k - 1)
                k <- k - 1
            else
                for i in k + 1 .. n - 1 do
                    above i k
                    above i (k - 1)

                swapRows x r k (-(pivot k) - 1)
                k <- k - 2

        x
