namespace Functional

open Functional.Contract

/// The rest of PyTorch's pointwise functions, under their names. Integers become float32 where a function has no integer values.
[<AutoOpen>]
module ElementwiseNames =
    let private real f t = Operands.unary f (Operands.floating t)
    let private realBinary f a b = Operands.floatingBinary f a b
    let private truth f (a: Tensor) (b: Tensor) = Operands.binary f (Engine.cast Bool a) (Engine.cast Bool b)
    let private isWhole (t: Tensor) = not (Dtype.isDifferentiable t.Dtype)

    [<RequireQualifiedAccess>]
    module Tensor =
        // Angles and powers
        let acos t = real Functions.acos t
        let acosh t = real Functions.acosh t
        let asin t = real Functions.asin t
        let asinh t = real Functions.asinh t
        let atan t = real Functions.atan t
        let atanh t = real Functions.atanh t
        let cosh t = real Functions.cosh t
        let sinh t = real Functions.sinh t
        let exp2 t = real Functions.exp2 t
        let erfc t = real Functions.erfc t
        let erfinv t = real Functions.erfinv t
        let lgamma t = real Functions.lgamma t
        let digamma t = real Functions.digamma t
        let polygamma n t = Special.polygamma n t
        let mvlgamma dimension t = Special.multigammaln dimension t
        let sinc t = real Formulas.sinc t
        let logit t = real Formulas.logit t
        let deg2rad t = real Formulas.degreesToRadians t
        let rad2deg t = real Formulas.radiansToDegrees t
        let atan2 a b = realBinary Functions.atan2 a b
        let hypot a b = Operands.binary Formulas.hypot a b
        let copysign a b = realBinary Functions.copysign a b
        let xlogy a b = realBinary Formulas.xlogy a b
        let logaddexp a b = Operands.binary Formulas.logAddExp a b
        let logaddexp2 a b = Operands.binary Formulas.logAddExp2 a b
        let igamma a b = Operands.binary Functions.igamma a b
        let igammac a b = Operands.binary Functions.igammac a b
        let nextafter a b = Operands.binary Functions.nextAfter a b
        let frexp t = Special.frexp t

        /// A power in double precision, complex where an operand is.
        let floatPower (a: Tensor) (b: Tensor) =
            let double (t: Tensor) = Engine.cast (if Dtype.isComplex t.Dtype then Complex128 else Float64) t
            Operands.binary Functions.pow (double a) (double b)

        /// a * 2^b.
        let ldexp (a: Tensor) (b: Tensor) : Tensor = a * Operands.withLeft Functions.pow (Real 2.0) b

        // Division and whole numbers
        /// The quotient rounded towards minus infinity.
        let floorDivide a b = Operands.binary Functions.floorDivide a b
        /// What remains of a division, with the sign of the divisor.
        let remainder a b = Operands.binary Functions.remainder a b
        /// What remains of a division, with the sign of the dividend.
        let fmod a b = Operands.binary Functions.fmod a b
        let frac t = Operands.unary Formulas.frac t
        let gcd a b = Operands.binary Functions.gcd a b
        let lcm a b = Special.lcm a b
        let bitwiseAnd a b = Operands.binary Functions.bitwiseAnd a b
        let bitwiseOr a b = Operands.binary Functions.bitwiseOr a b
        let bitwiseXor a b = Operands.binary Functions.bitwiseXor a b
        let bitwiseNot t = Operands.unary Functions.bitwiseNot t
        let bitwiseLeftShift a b = Operands.binary Functions.shiftLeft a b
        let bitwiseRightShift a b = Operands.binary Functions.shiftRight a b

        // Truth
        let logicalAnd a b = truth Functions.bitwiseAnd a b
        let logicalOr a b = truth Functions.bitwiseOr a b
        let logicalXor a b = truth Functions.bitwiseXor a b
        let logicalNot t = Operands.unary Functions.logicalNot t
        let isinf t = real Functions.isInfinite t
        let isfinite t = real Functions.isFinite t
        let isposinf t = real Formulas.isPositiveInfinity t
        let isneginf t = real Formulas.isNegativeInfinity t
        let isreal (t: Tensor) = Operands.withRight Functions.eq (Tensor.imag t) (Integer 0L)

        let signbit (t: Tensor) =
            if isWhole t then
                Operands.withRight Functions.lt t (Integer 0L)
            else
                Operands.unary Formulas.signbit t

        /// Have two tensors the same shape and equal elements?
        let equal (a: Tensor) (b: Tensor) = Shape.equal a.Shape b.Shape && Tensor.item (Tensor.all (Tensor.eq a b)) <> 0.0

        /// Where |a - b| <= atol + rtol |b|; equal infinities are close, nans only if asked for.
        let isclose (rtol: float) (atol: float) equalNan (a: Tensor) (b: Tensor) : Tensor =
            if a.Dtype <> b.Dtype then
                raise (
                    DtypeException
                        $"{Dtype.scalarTypeName a.Dtype} did not match {Dtype.scalarTypeName b.Dtype}: isclose compares tensors of one dtype"
                )

            for name, bound in [ "rtol", rtol; "atol", atol ] do
                if bound < 0.0 then
                    raise (ArgumentValueException $"{name} must be greater than or equal to zero, but got {bound}")

            let same = Tensor.eq a b

            let close =
                if equalNan && not (isWhole a) then
                    logicalOr same (logicalAnd (Tensor.isNan a) (Tensor.isNan b))
                else
                    same

            if rtol = 0.0 && atol = 0.0 then
                close
            else
                let a, b = if isWhole a then Engine.cast Float64 a, Engine.cast Float64 b else a, b
                let difference = Tensor.abs (a - b)
                logicalOr close (logicalAnd (isfinite difference) (Tensor.le difference (Tensor.abs b * rtol + atol)))

        /// Are all elements close?
        let allclose rtol atol equalNan a b = Tensor.item (Tensor.all (isclose rtol atol equalNan a b)) <> 0.0

        // Choosing
        let fmax a b = Operands.binary Formulas.largerNumber a b
        let fmin a b = Operands.binary Formulas.smallerNumber a b
        let heaviside t values = Operands.binary Formulas.heaviside t values
        /// Elements below a bound, itself a tensor, rise to it.
        let clampMin bound t = Operands.binary Formulas.clampBelow t bound
        /// Elements above a bound, itself a tensor, fall to it.
        let clampMax bound t = Operands.binary Formulas.clampAbove t bound

        /// Finite numbers for nan and the two infinities.
        let nanToNum (nan: float) (posinf: float) (neginf: float) (t: Tensor) : Tensor =
            if isWhole t then
                t
            else
                Engine.pointwise Formulas.nanToNum [| Real nan; Real posinf; Real neginf |] [| t |]

        // Three at a time
        /// a + weight * (b - a).
        let lerp weight a b = Operations.ternary Functions.lerp a b weight
        /// t + value * a * b.
        let addcmul (value: float) (a: Tensor) (b: Tensor) (t: Tensor) : Tensor = Operations.addcmul (Real value) t a b
        /// t + value * a / b.
        let addcdiv (value: float) (a: Tensor) (b: Tensor) (t: Tensor) : Tensor = Operations.addcdiv (Real value) t a b
