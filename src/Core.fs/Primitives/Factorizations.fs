namespace Functional

open Functional.Contract

/// Solving by factors, and the factorizations L L*, P L U and Q R. Batch dimensions are equal; the functions of `Linalg` broadcast.
[<RequireQualifiedAccess>]
module Factorizations =
    let private add a b = Operands.binary Functions.add a b
    let private sub a b = Operands.binary Functions.sub a b
    let private neg t = Operands.unary Functions.neg t
    let private adjoint = Matrices.adjoint
    let private times = Matrices.multiply

    /// X with T X = B, where T [.., n, n] is a triangle and B is [.., n, r]. dX = T^-1 (dB - dT X).
    let rec solveTriangular (upper: bool) (unit: bool) (triangle: Tensor) (sides: Tensor) : Tensor =
        Engine.bind (solveTriangularPrimitive upper unit) [| triangle; sides |]

    and solveTriangularPrimitive upper unit : Primitive =
        let part t =
            match upper, unit with
            | true, true -> Matrices.upper 1 t
            | true, false -> Matrices.upper 0 t
            | false, true -> Matrices.lower -1 t
            | false, false -> Matrices.lower 0 t

        let linearize (args: Tensor[]) x i =
            let solve b = solveTriangular upper unit args[0] b
            let solveAdjoint b = solveTriangular (not upper) unit (adjoint args[0]) b

            if i = 0 then
                Engine.linear (fun t -> neg (solve (times (part t) x))) (fun c -> neg (part (times (solveAdjoint c) (adjoint x))))
            else
                Engine.linear solve solveAdjoint

        Decompose.primitiveOf (Decomposition.TriangularSolve(upper, unit)) 0 linearize

    /// B T^-1 for a triangle T.
    let private overTriangle upper unit triangle t = adjoint (solveTriangular (not upper) unit (adjoint triangle) (adjoint t))

    /// X with A X = B, or A* X = B if `byAdjoint`, by the factors of A that `lu` gives. Derivatives go to A and B alone, so the
    /// factors are given detached and are never factored again. dX = A^-1 (dB - dA X).
    let rec solve (byAdjoint: bool) (matrix: Tensor) (factors: Tensor) (sides: Tensor) : Tensor =
        Engine.bind (solvePrimitive byAdjoint) [| matrix; factors; sides |]

    and solvePrimitive byAdjoint : Primitive =
        let linearize (args: Tensor[]) x i =
            let again b = solve byAdjoint args[0] args[1] b
            let back b = solve (not byAdjoint) args[0] args[1] b

            match i with
            | 0 when byAdjoint ->
                Engine.linear (fun t -> neg (again (times (adjoint t) x))) (fun c -> neg (times x (adjoint (back c))))
            | 0 -> Engine.linear (fun t -> neg (again (times t x))) (fun c -> neg (times (back c) (adjoint x)))
            | 1 -> ValueNone
            | _ -> Engine.linear again back

        Decompose.primitiveOf (Decomposition.LuSolve byAdjoint) 1 linearize

    /// X with A X = B by the lower Cholesky factor of A. Derivatives go to A and B alone, as those of `solve` do.
    let rec solveHermitian (matrix: Tensor) (factor: Tensor) (sides: Tensor) : Tensor =
        Engine.bind solveHermitianPrimitive [| matrix; factor; sides |]

    and solveHermitianPrimitive: Primitive =
        { Name = "cholesky_solve"
          Infer = fun specs -> (solveTriangularPrimitive false false).Infer [| specs[1]; specs[2] |]
          Eval =
            fun _ values ->
                let factor = Concrete values[1]
                let under = solveTriangular false false factor (Concrete values[2])
                solveTriangular true false (adjoint factor) under |> Engine.concrete
          Linearize =
            fun args x i ->
                let again b = solveHermitian args[0] args[1] b

                match i with
                | 0 -> Engine.linear (fun t -> neg (again (times t x))) (fun c -> neg (times (again c) (adjoint x)))
                | 1 -> ValueNone
                | _ -> Engine.symmetric again
          Batch =
            fun size args flags ->
                let args = Engine.leadAll size args flags
                solveHermitian args[0] args[1] args[2] }

    /// L with A = L L* over a row that says where A is not positive-definite; see `Decomposition.Cholesky`.
    /// dL = L phi(L^-1 dA L^-*), phi taking the lower triangle with half of the diagonal (Murray 2016).
    let rec cholesky (matrix: Tensor) : Tensor = Engine.bind choleskyPrimitive [| matrix |]

    and choleskyPrimitive: Primitive =
        let linearize (args: Tensor[]) packed _ =
            let n = Matrices.columnCount args[0]
            let l = Matrices.rows 0 n packed
            let under t = solveTriangular false false l t
            let underAdjoint t = solveTriangular true false (adjoint l) t

            Engine.linear
                (fun t ->
                    let middle = adjoint (under (adjoint (under (Matrices.hermitianPart t))))
                    times l (Matrices.lowerHalf middle) |> Matrices.within (n + 1) n 0 0)
                (fun c ->
                    let middle = Matrices.lowerHalf (times (adjoint l) (Matrices.lower 0 (Matrices.rows 0 n c)))
                    adjoint (underAdjoint (adjoint (underAdjoint middle))) |> Matrices.hermitianPart)

        Decompose.primitiveOf Decomposition.Cholesky 0 linearize

    /// The order into which a row of pivots (one swap after the other, counted from 1) brings rows 0 .. count - 1.
    let rec permutation (count: int) (pivots: Tensor) : Tensor = Engine.bind (permutationPrimitive count) [| pivots |]

    and permutationPrimitive count : Primitive =
        let shapeOf (shape: Shape) = Array.append (Array.take (shape.Length - 1) shape) [| count |]

        { Name = "permutation"
          Infer = fun specs -> { Dtype = Int64; Shape = shapeOf specs[0].Shape }
          Eval =
            fun backend values ->
                let k = Array.last values[0].Shape
                let swaps = Concrete values[0] |> Engine.cast Int64 |> Creation.toBytes
                let swaps = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int64>(System.ReadOnlySpan swaps).ToArray()
                let batch = Shape.count (Array.take (values[0].Shape.Length - 1) values[0].Shape)
                let order = Array.init (batch * count) (fun i -> int64 (i % count))

                for b in 0 .. batch - 1 do
                    for i in 0 .. k - 1 do
                        let j = int swaps[b * k + i] - 1

                        if j < 0 || j >= count then
                            raise (
                                ArgumentValueException
                                    $"pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive. Did you properly pass the result of lu_factor? (pivot {j + 1} of {count} rows)"
                            )

                        let held = order[b * count + i]
                        order[b * count + i] <- order[b * count + j]
                        order[b * count + j] <- held

                let bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(System.ReadOnlySpan order)
                Creation.ofBytes backend Int64 (shapeOf values[0].Shape) bytes |> Engine.concrete
          Linearize = Engine.constant
          Batch = fun _ args _ -> permutation count args[0] }

    /// Rows in another order: row i of the result is row order[i].
    let permuteRows (order: Tensor) (t: Tensor) =
        GatherScatter.gather (t.Rank - 2) t (Engine.expand t.Shape (Matrices.column order))

    /// Rows back in the order that `permuteRows` took them from.
    let unpermuteRows (order: Tensor) (t: Tensor) = permuteRows (GatherScatter.argSort (order.Rank - 1) false order) t

    let private partsOfLu m n (packed: Tensor) =
        let k = min m n
        let f = Matrices.rows 0 m packed
        let l1 = Matrices.rows 0 k f |> Matrices.columns 0 k
        struct (l1, Matrices.rows k (m - k) f |> Matrices.columns 0 k, Matrices.rows 0 k f |> Matrices.columns k (n - k))

    let private assemble m n (head: Tensor) (below: Tensor) (beside: Tensor) =
        if m > n then Matrices.underEachOther [ head; below ]
        elif n > m then Matrices.besideEachOther [ head; beside ]
        else head

    /// The pivots of what `lu` gives, as numbers of the matrix's dtype, and the row that says whether one is zero.
    let pivotRow m n packed = Matrices.rows m 1 packed |> Matrices.columns 0 (min m n) |> Matrices.vector

    /// L below the diagonal, U above, and pivots; see `Decomposition.Lu`. With F = L1^-1 P^T dA1 U1^-1 the triangles of F move
    /// L1 and U1, and what stands below or beside follows from its own equation; pivots stay.
    let rec lu (matrix: Tensor) : Tensor = Engine.bind luPrimitive [| matrix |]

    and luPrimitive: Primitive =
        let linearize (args: Tensor[]) packed _ =
            let m, n = Matrices.rowCount args[0], Matrices.columnCount args[0]
            let k = min m n
            let struct (head, l2, u2) = partsOfLu m n packed
            let order = permutation m (pivotRow m n packed)
            let under t = solveTriangular false true head t
            let over t = overTriangle true false head t
            let underAdjoint t = solveTriangular true true (adjoint head) t
            let overAdjoint t = overTriangle false false (adjoint head) t
            let l1 = add (Matrices.lower -1 head) (Matrices.identity head (Matrices.batchOf head) k)
            let u1 = Matrices.upper 0 head

            let apply t =
                let t = permuteRows order t
                let top = Matrices.rows 0 k t
                let f = over (under (Matrices.columns 0 k top))
                let low, high = Matrices.lower -1 f, Matrices.upper 0 f
                let moved = add (times l1 low) (times high u1)

                let whole =
                    if m > n then
                        let below = sub (over (Matrices.rows k (m - k) t)) (times l2 high)
                        assemble m n moved below moved
                    elif n > m then
                        assemble m n moved moved (sub (under (Matrices.columns k (n - k) top)) (times low u2))
                    else
                        moved

                Matrices.within (m + 2) n 0 0 whole

            let transpose c =
                let struct (c1, c2, c3) = partsOfLu m n c
                let low = times (adjoint l1) (Matrices.lower -1 c1)
                let high = times (Matrices.upper 0 c1) (adjoint u1)
                let low = if n > m then sub low (times c3 (adjoint u2)) else low
                let high = if m > n then sub high (times (adjoint l2) c2) else high
                let f = add (Matrices.lower -1 low) (Matrices.upper 0 high)
                let first = underAdjoint (overAdjoint f)

                let whole =
                    if m > n then assemble m n first (overAdjoint c2) first
                    elif n > m then assemble m n first first (underAdjoint c3)
                    else first

                unpermuteRows order whole

            Engine.linear apply transpose

        Decompose.primitiveOf Decomposition.Lu 0 linearize

    /// R and the Householder vectors of its QR with their scales; see `Decomposition.Householder`.
    let rec householder (matrix: Tensor) : Tensor = Engine.bind householderPrimitive [| matrix |]

    and householderPrimitive: Primitive =
        let linearize (_: Tensor[]) (_: Tensor) (_: int) : Linear voption =
            raise (
                DifferentiationException
                    "the derivative for 'geqrf' is not implemented: differentiate torch.linalg.qr (Linalg.qr) instead"
            )

        Decompose.primitiveOf Decomposition.Householder 0 linearize

    /// X -> M - M* for M the lower triangle with half of the diagonal: what is left of X when it must be skew-Hermitian.
    let private skewPart t = (let m = Matrices.lowerHalf t in sub m (adjoint m))

    /// Its transpose.
    let private skewBack t = Matrices.lowerHalf (sub t (adjoint t))

    /// Q beside R; see `Decomposition.Qr`. With X = Q* dA1 R1^-1 and its skew part W: dR1 = (X - W) R1,
    /// dQ = dA1 R1^-1 - Q (X - W), and R2 = Q* A2 moves by Q* dA2 - W R2.
    let rec qr (complete: bool) (matrix: Tensor) : Tensor = Engine.bind (qrPrimitive complete) [| matrix |]

    and qrPrimitive complete : Primitive =
        let linearize (args: Tensor[]) packed _ =
            let m, n = Matrices.rowCount args[0], Matrices.columnCount args[0]
            let k = min m n

            if complete && m > n then
                raise (
                    DifferentiationException
                        "The QR decomposition is not differentiable when mode='complete' and nrows > ncols: use mode='reduced'"
                )

            let q = Matrices.columns 0 k packed
            let r = Matrices.columns k n packed |> Matrices.rows 0 k
            let r1, r2 = Matrices.columns 0 k r, Matrices.columns k (n - k) r

            let apply t =
                let b = overTriangle true false r1 (Matrices.columns 0 k t)
                let x = times (adjoint q) b
                let skew = skewPart x
                let rest = Matrices.upper 0 (sub x skew)
                let moved = times rest r1
                let dq = sub b (times q rest)

                let dr =
                    if n > k then
                        Matrices.besideEachOther [ moved; sub (times (adjoint q) (Matrices.columns k (n - k) t)) (times skew r2) ]
                    else
                        moved

                Matrices.besideEachOther [ dq; Matrices.within m n 0 0 dr ]

            let transpose c =
                let cq = Matrices.columns 0 k c
                let cr = Matrices.columns k n c |> Matrices.rows 0 k
                let c1, c2 = Matrices.columns 0 k cr, Matrices.columns k (n - k) cr
                let rest = Matrices.upper 0 (sub (times c1 (adjoint r1)) (times (adjoint q) cq))
                let skew = if n > k then neg (times c2 (adjoint r2)) else Structure.zeros rest rest.Shape
                let x = add rest (skewBack (sub skew rest))
                let first = overTriangle false false (adjoint r1) (add cq (times q x))

                if n > k then Matrices.besideEachOther [ first; times q c2 ] else first

            Engine.linear apply transpose

        Decompose.primitiveOf (Decomposition.Qr complete) 0 linearize
