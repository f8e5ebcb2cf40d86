namespace Functional

open Functional.Contract

/// Which of LAPACK's ways to least squares is asked for: they differ in what they report besides the solution.
type LeastSquares =
    | Gels
    | Gelsy
    | Gelsd
    | Gelss

/// Linear equations, inverses, determinants and powers. Leading dimensions are batch.
[<AutoOpen>]
module SolvingOperations =
    let private times = Matrices.multiply
    let private real (like: Tensor) number = Operands.number like (Dtype.toReal like.Dtype) [||] (Real number)

    [<RequireQualifiedAccess>]
    module Linalg =
        /// A vector (or, as PyTorch has it, a batch of vectors) on the right side of A X = B.
        let private isVector (a: Tensor) (b: Tensor) =
            b.Rank = 1 || (a.Rank - 1 = b.Rank && Shape.equal b.Shape (Array.take (a.Rank - 1) a.Shape))

        let private solveWith name left (a: Tensor) (b: Tensor) =
            MatrixChecks.floatingSquare name a
            MatrixChecks.sameDtype name a b
            let single = isVector a b
            let sides = if single then Matrices.column b else b

            if sides.Rank < 2 then
                raise (ShapeException $"{name}: The input tensor B must have at least 1 dimension")

            MatrixChecks.equation name a sides (left || single)
            let n = Matrices.columnCount a
            let factors = Factorizations.lu (Structure.detach a)
            let info = MatrixChecks.infoOf (n + 1) factors

            let solved =
                if left || single then
                    let struct (wide, sides) = MatrixChecks.broadcastBatch name a sides
                    let struct (factors, _) = MatrixChecks.broadcastBatch name factors sides
                    Factorizations.solve false wide factors sides
                else
                    // X A = B is A* X* = B*.
                    let struct (wide, sides) = MatrixChecks.broadcastBatch name a (Matrices.adjoint sides)
                    let struct (factors, _) = MatrixChecks.broadcastBatch name factors sides
                    Matrices.adjoint (Factorizations.solve true wide factors sides)

            struct ((if single then
                         Engine.reshape (Array.take (solved.Rank - 1) solved.Shape) solved
                     else
                         solved),
                    info)

        let private singularSystem _ = "The solver failed because the input matrix is singular."

        /// X with A X = B, or X A = B unless left; B may be a vector. Raises LinAlgException where A is singular.
        let solve left (a: Tensor) (b: Tensor) : Tensor =
            let struct (x, info) = solveWith "linalg.solve" left a b
            MatrixChecks.success "torch.linalg.solve" singularSystem info
            x

        /// `solve`, and for each matrix 0 or the number of the first zero pivot.
        let solveEx left checkErrors (a: Tensor) (b: Tensor) : Tensor * Tensor =
            let struct (x, info) = solveWith "linalg.solve" left a b

            if checkErrors then
                MatrixChecks.success "torch.linalg.solve_ex" singularSystem info

            x, info

        let private inverseWith name (a: Tensor) =
            MatrixChecks.floatingSquare name a
            let n = Matrices.columnCount a
            let factors = Factorizations.lu (Structure.detach a)
            let inverse = Factorizations.solve false a factors (Matrices.identity a (Matrices.batchOf a) n)
            struct (inverse, MatrixChecks.infoOf (n + 1) factors)

        let private singularInverse i =
            $"The diagonal element {i} is zero, the inversion could not be completed because the input matrix is singular."

        /// The inverse of a square matrix. Raises LinAlgException where it is singular.
        let inv (a: Tensor) : Tensor =
            let struct (inverse, info) = inverseWith "linalg.inv" a
            MatrixChecks.success "linalg.inv" singularInverse info
            inverse

        /// `inv`, and for each matrix 0 or the number of the first zero pivot.
        let invEx checkErrors (a: Tensor) : Tensor * Tensor =
            let struct (inverse, info) = inverseWith "linalg.inv_ex" a

            if checkErrors then
                MatrixChecks.success "linalg.inv_ex" singularInverse info

            inverse, info

        /// The determinant.
        let det (a: Tensor) : Tensor =
            MatrixChecks.floatingSquare "linalg.det" a
            Determinants.det a

        /// The sign of the determinant (a phase, if complex) and the logarithm of its magnitude.
        let slogdet (a: Tensor) : Tensor * Tensor =
            MatrixChecks.floatingSquare "linalg.slogdet" a
            Determinants.signAndLog a

        /// The logarithm of the determinant; nan where that is negative.
        let logdet (a: Tensor) : Tensor =
            MatrixChecks.floatingSquare "logdet" a
            let sign, log = Determinants.signAndLog a

            if Dtype.isComplex a.Dtype then
                Operands.binary Functions.add (Operands.unary Functions.log sign) log
            else
                let isNegative = Operands.withRight Functions.lt sign (Integer 0L)
                let nothing = Operands.number log log.Dtype log.Shape (Real nan)
                Engine.pointwise Functions.where [||] [| isNegative; nothing; log |]

        /// What PyTorch takes for the relative bound of singular values that count as zero: epsilon times the larger side.
        let private defaultBound (a: Tensor) =
            let epsilon =
                match Dtype.toReal a.Dtype with
                | Float64 -> 2.220446049250313e-16
                | _ -> 1.1920928955078125e-07

            epsilon * float (max (Matrices.rowCount a) (Matrices.columnCount a))

        /// Absolute and relative bounds, of which those not given are 0, or the default if neither is (or the absolute one is 0).
        let private bounds (absolute: Tensor option) (relative: Tensor option) (a: Tensor) : struct (Tensor * Tensor) =
            let fit (t: Tensor) = Engine.cast (Dtype.toReal a.Dtype) (Structure.detach t)

            match absolute, relative with
            | None, None -> struct (real a 0.0, real a (defaultBound a))
            | None, Some r -> struct (real a 0.0, fit r)
            | Some b, Some r -> struct (fit b, fit r)
            | Some b, None ->
                let b = fit b
                let given = Operands.withRight Functions.gt b (Integer 0L)
                let zero, usual = Structure.zeros b b.Shape, Operands.number b b.Dtype b.Shape (Real(defaultBound a))
                struct (b, Engine.pointwise Functions.where [||] [| given; zero; usual |])

        /// Both triangles from the lower one, for functions that say they read no other.
        let private hermitianOf (a: Tensor) =
            let lower = Matrices.lower -1 a
            let diagonal = Engine.cast (Dtype.toReal a.Dtype) (Matrices.diagonal a) |> Engine.cast a.Dtype

            Operands.binary
                Functions.add
                (Operands.binary Functions.add lower (Matrices.ofDiagonal diagonal))
                (Matrices.adjoint lower)

        /// The pseudoinverse (Moore and Penrose). Singular values up to the larger of the absolute bound and the relative one times
        /// the largest count as zero. Bounds are numbers or one number for each matrix.
        let pinv (absolute: Tensor option) (relative: Tensor option) hermitian (a: Tensor) : Tensor =
            if a.Rank < 2 || not (Dtype.isDifferentiable a.Dtype) then
                raise (
                    ShapeException
                        $"linalg.pinv({Dtype.scalarTypeName a.Dtype}{Shape.format a.Shape}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types"
                )

            if hermitian then
                MatrixChecks.square "linalg.pinv" "A" a

            let struct (b, r) = bounds absolute relative a
            let batch = Matrices.batchOf a
            let a = if hermitian then hermitianOf a else a
            SpectralFactors.pseudoInverse a (Engine.expand batch b) (Engine.expand batch r)

        /// How many singular values (eigenvalues by magnitude, if hermitian) exceed the bounds: int64.
        let matrixRank (absolute: Tensor option) (relative: Tensor option) hermitian (a: Tensor) : Tensor =
            MatrixChecks.matrix "torch.linalg.matrix_rank" "input" a
            let detached = Structure.detach a

            let values =
                if hermitian then
                    MatrixChecks.square "torch.linalg.matrix_rank" "input" a
                    Operands.unary Functions.abs (SpectralFactors.hermitianEigenvalues detached)
                else
                    SpectralFactors.singularValues detached

            let struct (b, r) = bounds absolute relative a

            if values.Shape[values.Rank - 1] = 0 then
                Creation.full a.Backend Int64 (Shape.broadcast (Matrices.batchOf a) b.Shape) (Integer 0L)
            else
                let top = Reductions.extremum Maximum [| values.Rank - 1 |] values
                let top = Engine.reshape (Array.take (values.Rank - 1) values.Shape) top
                let limit = Operands.binary Functions.maximum b (Operands.binary Functions.mul r top)
                let above = Operands.binary Functions.gt values (Matrices.column limit) |> Engine.cast Int64
                Reductions.sum [| above.Rank - 1 |] above |> Engine.reshape (Array.take (above.Rank - 1) above.Shape)

        /// The n-th power of a square matrix; negative ones are powers of the inverse.
        let rec matrixPower n (a: Tensor) : Tensor =
            MatrixChecks.square "linalg.matrix_power" "A" a

            if n < 0 then
                matrixPower -n (inv a)
            else
                let rec power n (square: Tensor) =
                    match n with
                    | 1 -> square
                    | n when n % 2 = 0 -> power (n / 2) (times square square)
                    | n -> times (power (n / 2) (times square square)) square

                if n = 0 then
                    Matrices.identity a (Matrices.batchOf a) (Matrices.columnCount a)
                else
                    power n a

        let private reshaped (rows: int) (t: Tensor) = Engine.reshape [| rows; -1 |] t

        /// The inverse of a tensor as a linear map from its last dimensions to its first `index` ones.
        let tensorinv index (a: Tensor) : Tensor =
            if index <= 0 then
                raise (
                    ArgumentValueException $"Expected a strictly positive integer for 'ind', but got {index} (linalg.tensorinv)"
                )

            let first, rest = Array.take (min index a.Rank) a.Shape, Array.skip (min index a.Rank) a.Shape
            let count, other = Shape.count first, Shape.count rest

            if count <> other then
                raise (
                    ShapeException
                        $"Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got {other} != {count}"
                )

            Engine.reshape [| count; count |] a |> inv |> Engine.reshape (Array.append rest first)

        /// X with tensordot(A, X) = B; `dims` of A are moved to its end first.
        let tensorsolve (dims: int list) (a: Tensor) (b: Tensor) : Tensor =
            let a =
                match dims with
                | [] -> a
                | _ ->
                    let moved = dims |> List.map (Shape.dimension a.Rank)

                    if a.Rank = 0 || (List.distinct moved).Length <> moved.Length then
                        raise (
                            ArgumentValueException
                                $"linalg.tensorsolve: dims must be different dimensions of A, but got {dims} for shape {Shape.format a.Shape}"
                        )

                    let kept = [ 0 .. a.Rank - 1 ] |> List.filter (fun d -> not (List.contains d moved))
                    Structure.permute (Array.ofList (kept @ moved)) a

            let rest = Array.skip (min b.Rank a.Rank) a.Shape
            let count, sides = Shape.count rest, Shape.count b.Shape

            if count <> sides || count * sides <> Shape.count a.Shape then
                raise (
                    ShapeException
                        $"Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got {count} != {Shape.count (Array.take (min b.Rank a.Rank) a.Shape)}"
                )

            solve true (Engine.reshape [| count; count |] a) (Engine.reshape [| count |] b) |> Engine.reshape rest

        /// X of least |A X - B| (and of least length), the squared lengths of the columns of A X - B where A has more rows than
        /// columns and full rank, the rank, and the singular values; what a driver does not report is empty.
        let lstsq (driver: LeastSquares) (bound: float option) (a: Tensor) (b: Tensor) : Tensor * Tensor * Tensor * Tensor =
            let name = "torch.linalg.lstsq"
            MatrixChecks.matrix name "input" a

            if b.Rank < 1 then
                raise (ShapeException $"{name}: other must have at least 1 dimension.")

            MatrixChecks.floating name a
            MatrixChecks.sameDtype name a b
            let single = a.Rank - b.Rank = 1 && Shape.equal b.Shape (Array.take (a.Rank - 1) a.Shape)
            let sides = if single then Matrices.column b else b
            let m, n = Matrices.rowCount a, Matrices.columnCount a

            if sides.Rank < 2 || Matrices.rowCount sides <> m then
                raise (
                    ShapeException
                        $"{name}: input.size(-2) should match other.size(-2), but got {Shape.format a.Shape} and {Shape.format b.Shape}"
                )

            let struct (a, sides) = MatrixChecks.broadcastBatch name a sides
            let batch = Matrices.batchOf a
            let relative = defaultArg bound (defaultBound a)
            let scalar (number: float) = Engine.expand batch (real a number)
            let solution = times (SpectralFactors.pseudoInverse a (scalar 0.0) (scalar relative)) sides
            let nothing dtype = Creation.full a.Backend dtype [| 0 |] (Integer 0L)
            let still = Structure.detach
            let values = lazy (SpectralFactors.singularValues (still a))
            let rank = lazy (matrixRank None (Some(real a relative)) false a)

            let isFull =
                match driver with
                | Gelsy -> false
                | Gels -> true
                | Gelsd
                | Gelss ->
                    Creation.toBytes (Operands.withRight Functions.ne rank.Value (Integer(int64 n))) |> Array.forall ((=) 0uy)

            let residuals =
                if m > n && isFull then
                    let error = Operands.binary Functions.sub (times (still a) (still solution)) (still sides)
                    let size = Operands.unary Functions.abs error
                    let total = Reductions.sum [| error.Rank - 2 |] (Operands.binary Functions.mul size size)
                    Engine.reshape (Array.append batch [| Matrices.columnCount sides |]) total
                else
                    nothing (Dtype.toReal a.Dtype)

            let solution =
                if single then
                    Engine.reshape (Array.take (solution.Rank - 1) solution.Shape) solution
                else
                    solution

            match driver with
            | Gels -> solution, residuals, nothing Int64, nothing (Dtype.toReal a.Dtype)
            | Gelsy -> solution, residuals, rank.Value, nothing (Dtype.toReal a.Dtype)
            | Gelsd
            | Gelss -> solution, residuals, rank.Value, values.Value
