namespace Functional

open Functional.Contract

/// Special functions of tensors. They are computed in double precision and rounded once to the tensor's dtype; integers count
/// as float32 numbers.
[<RequireQualifiedAccess>]
module Special =
    let private inDouble (f: Tensor -> Tensor) (t: Tensor) =
        let t = Operands.floating t

        if Dtype.isComplex t.Dtype then
            raise (DtypeException $"special functions are not implemented for '{Dtype.scalarTypeName t.Dtype}'")

        f (Engine.cast Float64 t) |> Engine.cast t.Dtype

    /// A function of one number that is meant for double precision.
    let apply (f: PointwiseFunction) (t: Tensor) : Tensor = inDouble (Operands.unary f) t

    /// The n-th derivative of digamma.
    let polygamma n (t: Tensor) : Tensor =
        if n < 0 then
            raise (ArgumentValueException "polygamma(n, x) does not support negative n.")

        match n with
        | 0 -> Operands.unary Functions.digamma (Operands.floating t)
        | 1 -> Operands.unary Functions.trigamma (Operands.floating t)
        | _ ->
            let factorial = Seq.init n (fun k -> float (k + 1)) |> Seq.fold (*) 1.0
            let sign = if n % 2 = 0 then -1.0 else 1.0

            inDouble
                (fun t ->
                    let sum = Operands.withLeft Functions.zeta (Real(float (n + 1))) t
                    Operands.withRight Functions.mul sum (Real(sign * factorial)))
                t

    /// The logarithm of the multivariate gamma function of a dimension.
    let multigammaln dimension (t: Tensor) : Tensor =
        if dimension < 1 then
            raise (ArgumentValueException "p has to be greater than or equal to 1")

        let t = Operands.floating t
        let shifted i = Operands.unary Functions.lgamma (Operands.withRight Functions.sub t (Real(0.5 * float i)))
        let sum = Seq.init dimension shifted |> Seq.reduce Engine.add
        let constant = float (dimension * (dimension - 1)) / 4.0 * log System.Math.PI
        Operands.withRight Functions.add sum (Real constant)

    /// An orthogonal polynomial of a degree at x; shifted ones live on [0, 1] instead of [-1, 1].
    let polynomial family isShifted (x: Tensor) (degree: Tensor) : Tensor =
        let dtype = Operands.promote x degree
        let dtype = if Dtype.isFloating dtype then dtype else Float32
        let wide = Engine.cast Float64 x

        let wide =
            if isShifted then
                Operands.withRight Functions.sub (Engine.add wide wide) (Real 1.0)
            else
                wide

        Polynomials.evaluate family degree wide |> Engine.cast dtype

    // frexp: powers of two are taken off by halves of what is left, which is exact.
    let private steps = [ 512; 256; 128; 64; 32; 16; 8; 4; 2; 1 ]

    /// A number as its fraction in [0.5, 1) (0, infinity and nan as they are) and how often it was halved for that.
    let private parts =
        let x = Arg 0
        let real = ScalarExpr.real
        let select = ScalarExpr.select
        let size e = Unary(Abs, e)
        // Subnormal numbers are lifted first.
        let isTiny = Binary(And, ScalarExpr.lt (size x) (real 2.2250738585072014e-308), ScalarExpr.gt (size x) (real 0.0))
        let start = select isTiny (x * 18014398509481984.0) x, select isTiny (real -54.0) (real 0.0)

        let shrink (value, exponent) step =
            let isLarge = ScalarExpr.ge (size value) (real (2.0 ** float step))
            select isLarge (value * (2.0 ** float -step)) value, select isLarge (exponent + float step) exponent

        let grow (value, exponent) step =
            let isSmall = ScalarExpr.lt (size value) (real (2.0 ** float -step))
            select isSmall (value * (2.0 ** float step)) value, select isSmall (exponent - float step) exponent

        // Down into [1, 2), up into [0.5, 1) from below, and [1, 2) halved.
        let value, exponent = List.fold grow (List.fold shrink start steps) steps
        let isOne = ScalarExpr.ge (size value) (real 1.0)
        let value, exponent = select isOne (value * 0.5) value, select isOne (exponent + 1.0) exponent
        let isPlain = Binary(And, ScalarExpr.gt (size x) (real 0.0), ScalarExpr.lt (size x) (real infinity))
        let fraction = PointwiseFunction("frexp", select isPlain value x)
        fraction, PointwiseFunction("frexp_exponent", select isPlain exponent (real 0.0))

    /// Fractions in [0.5, 1) and int32 exponents: t = fraction * 2^exponent.
    let frexp (t: Tensor) : Tensor * Tensor =
        if not (Dtype.isFloating t.Dtype) then
            raise (DtypeException "torch.frexp() only supports floating-point dtypes")

        let fraction, exponent = parts
        let wide = Engine.cast Float64 t
        Operands.unary fraction wide |> Engine.cast t.Dtype, Operands.unary exponent (Structure.detach wide) |> Engine.cast Int32

    /// The least common multiple of integers; not negative.
    let lcm (a: Tensor) (b: Tensor) : Tensor =
        let divisor = Operands.binary Functions.gcd a b
        let one = Operands.number divisor divisor.Dtype divisor.Shape (Integer 1L)
        let safe = Operands.binary Functions.maximum divisor one
        let part = Operands.binary Functions.floorDivide (Engine.expand safe.Shape (Engine.cast safe.Dtype a)) safe
        Operands.unary Functions.abs (Operands.binary Functions.mul part b)
