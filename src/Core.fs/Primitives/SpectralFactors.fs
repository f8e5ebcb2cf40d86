namespace Functional

open Functional.Contract

/// Singular values, eigenvalues, their vectors, and the pseudoinverse (Giles 2008; Wan and Zhang 2019 for complex ones).
[<RequireQualifiedAccess>]
module SpectralFactors =
    let private add a b = Operands.binary Functions.add a b
    let private sub a b = Operands.binary Functions.sub a b
    let private mul a b = Operands.binary Functions.mul a b
    let private neg t = Operands.unary Functions.neg t
    let private adjoint = Matrices.adjoint
    let private times = Matrices.multiply

    /// The real part in the same dtype.
    let private realPart (t: Tensor) = Engine.cast (Dtype.toReal t.Dtype) t |> Engine.cast t.Dtype

    /// The diagonal of a* b, a sum over rows.
    let private diagonalOfProduct (a: Tensor) (b: Tensor) =
        let product = mul (Matrices.conjugate a) b
        Reductions.sum [| product.Rank - 2 |] product |> Matrices.vector

    let private partsOfSvd m n k (packed: Tensor) =
        let at first count = Matrices.rows first count packed |> Matrices.columns 0 k
        struct (at 0 m, Matrices.vector (at m 1), at (m + 1) n)

    /// U, singular values and V under one another; see `Decomposition.Svd`. With X = U* dA V: ds = diag X, U turns by
    /// F o (X S + S X*) and V by F o (S X + X* S), where F_ij = 1 / (s_j^2 - s_i^2); what leaves the range of U or V is
    /// divided by S. Columns beyond the first k, of which only their span is determined, count as constant.
    let rec svd (full: bool) (matrix: Tensor) : Tensor = Engine.bind (svdPrimitive full) [| matrix |]

    and svdPrimitive full : Primitive =
        let linearize (args: Tensor[]) (packed: Tensor) _ =
            let m, n = Matrices.rowCount args[0], Matrices.columnCount args[0]
            let k = min m n
            let struct (u, s, v) = partsOfSvd m n k packed
            let squares = mul s s
            let gaps = Matrices.inverseGaps squares squares
            let isComplex = Dtype.isComplex args[0].Dtype
            let inverse = Operands.unary Functions.reciprocal s

            /// What X does to the phases of the vectors: i Im(diag X) / 2s.
            let phase x =
                mul
                    (sub (Matrices.diagonal x) (realPart (Matrices.diagonal x)))
                    (Operands.withRight Functions.mul inverse (Real 0.5))

            let apply t =
                let tv = times t v
                let x = times (adjoint u) tv
                let xs, sx = Matrices.scaleColumns s x, Matrices.scaleRows s x
                let turnU = mul gaps (add xs (adjoint xs))
                let turnV = mul gaps (add sx (adjoint sx))

                let struct (turnU, turnV) =
                    if isComplex then
                        let p = Matrices.ofDiagonal (phase x)
                        struct (add turnU p, sub turnV p)
                    else
                        struct (turnU, turnV)

                let du = times u turnU
                let dv = times v turnV

                let du =
                    if m > k then
                        add du (Matrices.scaleColumns inverse (sub tv (times u x)))
                    else
                        du

                let dv =
                    if n > k then
                        add dv (Matrices.scaleColumns inverse (sub (times (adjoint t) u) (times v (adjoint x))))
                    else
                        dv

                let ds = Matrices.row (realPart (Matrices.diagonal x))
                let moved = Matrices.underEachOther [ du; ds; dv ]
                Matrices.within (m + 1 + n) (Matrices.columnCount packed) 0 0 moved

            let transpose c =
                let struct (cu, cs, cv) = partsOfSvd m n k c
                let gu, gv = times (adjoint u) cu, times (adjoint v) cv
                let y, z = mul gaps gu, mul gaps gv
                let x = Matrices.scaleColumns s (add y (adjoint y))
                let x = add x (Matrices.scaleRows s (add z (adjoint z)))
                let x = add x (Matrices.ofDiagonal (realPart cs))
                let x = if isComplex then add x (Matrices.ofDiagonal (phase (sub gu gv))) else x
                let whole = times (times u x) (adjoint v)

                let whole =
                    if m > k then
                        add whole (times (Matrices.scaleColumns inverse (sub cu (times u gu))) (adjoint v))
                    else
                        whole

                if n > k then
                    add whole (times u (adjoint (Matrices.scaleColumns inverse (sub cv (times v gv)))))
                else
                    whole

            Engine.linear apply transpose

        Decompose.primitiveOf (Decomposition.Svd full) 0 linearize

    /// Singular values from the largest down, without their vectors, which derivatives compute: ds = diag(U* dA V).
    let rec singularValues (matrix: Tensor) : Tensor = Engine.bind singularValuesPrimitive [| matrix |]

    and singularValuesPrimitive: Primitive =
        let linearize (args: Tensor[]) (s: Tensor) _ =
            let a = args[0]
            let m, n = Matrices.rowCount a, Matrices.columnCount a
            let struct (u, _, v) = partsOfSvd m n (min m n) (svd false a)

            Engine.linear (fun t -> diagonalOfProduct u (times t v) |> Engine.cast s.Dtype) (fun c ->
                times (Matrices.scaleColumns (Engine.cast a.Dtype c) u) (adjoint v))

        Decompose.primitiveOf Decomposition.SingularValues 0 linearize

    let private partsOfEigen (packed: Tensor) =
        struct (Matrices.vector (Matrices.rows 0 1 packed), Matrices.rows 1 (Matrices.columnCount packed) packed)

    /// A row of eigenvalues over the eigenvectors of a Hermitian matrix. With X = V* dA V: dw = diag X, dV = V (F o X) where
    /// F_ij = 1 / (w_j - w_i). The argument counts as Hermitian: only the Hermitian part of dA moves anything.
    let rec hermitianEigen (matrix: Tensor) : Tensor = Engine.bind hermitianEigenPrimitive [| matrix |]

    and hermitianEigenPrimitive: Primitive =
        let linearize (_: Tensor[]) packed _ =
            let struct (w, v) = partsOfEigen packed
            let gaps = Matrices.inverseGaps w w

            Engine.linear
                (fun t ->
                    let x = times (adjoint v) (times (Matrices.hermitianPart t) v)
                    Matrices.underEachOther [ Matrices.row (realPart (Matrices.diagonal x)); times v (mul gaps x) ])
                (fun c ->
                    let struct (cw, cv) = partsOfEigen c
                    let x = add (mul gaps (times (adjoint v) cv)) (Matrices.ofDiagonal (realPart cw))
                    times (times v x) (adjoint v) |> Matrices.hermitianPart)

        Decompose.primitiveOf Decomposition.HermitianEigen 0 linearize

    /// Eigenvalues of a Hermitian matrix from the smallest up, without vectors, which derivatives compute: dw = diag(V* dA V).
    let rec hermitianEigenvalues (matrix: Tensor) : Tensor = Engine.bind hermitianEigenvaluesPrimitive [| matrix |]

    and hermitianEigenvaluesPrimitive: Primitive =
        let linearize (args: Tensor[]) (w: Tensor) _ =
            let struct (_, v) = partsOfEigen (hermitianEigen args[0])

            Engine.linear (fun t -> diagonalOfProduct v (times (Matrices.hermitianPart t) v) |> Engine.cast w.Dtype) (fun c ->
                times (Matrices.scaleColumns (Engine.cast args[0].Dtype c) v) (adjoint v))

        Decompose.primitiveOf Decomposition.HermitianEigenvalues 0 linearize

    /// The solution of A X = B without derivatives of its own for the factors.
    let private solver (a: Tensor) =
        let factors = Factorizations.lu (Structure.detach a)
        struct (Factorizations.solve false a factors, Factorizations.solve true a factors)

    /// A row of eigenvalues over the eigenvectors of any square matrix, all complex. With X = V^-1 dA V: dw = diag X, and
    /// dV = V Y - V diag(Re diag(V* V Y)) for Y = F o X, so that the vectors keep their length.
    let rec eigen (matrix: Tensor) : Tensor = Engine.bind eigenPrimitive [| matrix |]

    and eigenPrimitive: Primitive =
        let linearize (args: Tensor[]) (packed: Tensor) _ =
            let struct (w, v) = partsOfEigen packed
            let gaps = Matrices.inverseGaps w w
            let struct (solve, solveAdjoint) = solver v
            let gram = times (adjoint v) v

            Engine.linear
                (fun t ->
                    let x = solve (times (Engine.cast packed.Dtype t) v)
                    let y = mul gaps x
                    let lengths = realPart (Matrices.diagonal (times gram y))
                    let dv = times v (sub y (Matrices.ofDiagonal lengths))
                    Matrices.underEachOther [ Matrices.row (Matrices.diagonal x); dv ])
                (fun c ->
                    let struct (cw, cv) = partsOfEigen c
                    let g = times (adjoint v) cv
                    let y = sub g (Matrices.scaleColumns (realPart (Matrices.diagonal g)) gram)
                    let x = add (mul (Matrices.conjugate gaps) y) (Matrices.ofDiagonal cw)
                    times (solveAdjoint x) (adjoint v) |> Engine.cast args[0].Dtype)

        Decompose.primitiveOf Decomposition.Eigen 0 linearize

    /// The eigenvalues of any square matrix, complex, without vectors, which derivatives compute: dw = diag(V^-1 dA V).
    let rec eigenvalues (matrix: Tensor) : Tensor = Engine.bind eigenvaluesPrimitive [| matrix |]

    and eigenvaluesPrimitive: Primitive =
        let linearize (args: Tensor[]) (w: Tensor) _ =
            let struct (_, v) = partsOfEigen (eigen args[0])
            let struct (solve, solveAdjoint) = solver v

            Engine.linear (fun t -> Matrices.diagonal (solve (times (Engine.cast w.Dtype t) v))) (fun c ->
                times (solveAdjoint (Matrices.ofDiagonal c)) (adjoint v) |> Engine.cast args[0].Dtype)

        Decompose.primitiveOf Decomposition.Eigenvalues 0 linearize

    /// The pseudoinverse P of A with absolute and relative bounds on what counts as a zero singular value, one of each for every
    /// matrix. dP = -P dA P + P P* dA* (1 - A P) + (1 - P A) dA* P* P (Golub and Pereyra 1973).
    let rec pseudoInverse (matrix: Tensor) (absolute: Tensor) (relative: Tensor) : Tensor =
        Engine.bind pseudoInversePrimitive [| matrix; absolute; relative |]

    and pseudoInversePrimitive: Primitive =
        let linearize (args: Tensor[]) p i =
            if i > 0 then
                ValueNone
            else
                let a, q = args[0], adjoint p
                let left t = sub t (times a (times p t)) // (1 - A P) t
                let right t = sub t (times p (times a t)) // (1 - P A) t
                // The adjoints of both projections are themselves.
                let leftOf t = sub t (times (times t a) p)
                let rightOf t = sub t (times (times t p) a)

                Engine.linear
                    (fun t ->
                        let h = adjoint t
                        let inner = neg (times p (times t p))
                        add inner (add (leftOf (times p (times q h))) (right (times (times h q) p))))
                    (fun c ->
                        let h = adjoint c
                        let inner = neg (times q (times c q))
                        add inner (add (left (times (times h p) q)) (rightOf (times (times q p) h))))

        Decompose.primitiveOf Decomposition.PseudoInverse 0 linearize
