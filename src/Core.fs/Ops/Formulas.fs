namespace Functional

open Functional.Contract

/// Pointwise functions beyond the catalogue: each is one scalar expression, written once, differentiable as it stands.
/// Parameters are numbers given at the call.
[<RequireQualifiedAccess>]
module Formulas =
    let private x = Arg 0
    let private y = Arg 1
    let private z = Arg 2
    let private p = Param 0
    let private q = Param 1
    let private r = Param 2
    let private real = ScalarExpr.real
    let private zero = real 0.0
    let private one = real 1.0
    let private select = ScalarExpr.select
    let private gt a b = ScalarExpr.gt a b
    let private lt a b = ScalarExpr.lt a b
    let private le a b = ScalarExpr.le a b
    let private ge a b = ScalarExpr.ge a b
    let private eq a b = ScalarExpr.eq a b
    let private unary op a = Unary(op, a)
    // The magnitude and the positive part with the slope 1 at 0, which belong together: where both occur in one smooth function,
    // its slope at 0 is right.
    let private magnitude a = select (ge a zero) a (-a)
    let private positivePart a = select (ge a zero) a zero
    let private negativePart a = select (ge a zero) zero (-a)
    let private isNan a = Compare(Ne, a, a)
    let private either a b = Binary(Or, a, b)
    let private both a b = Binary(And, a, b)
    let private define name expr = PointwiseFunction(name, expr)

    // Rounding
    let frac = define "frac" (x - unary Trunc x)
    /// round(x * p) / p
    let roundTo = define "round" (unary Round (x * p) / p)
    /// round(x / p) * p
    let roundAbove = define "round" (unary Round (x / p) * p)

    // Optimizers
    /// A running mean: x p + y q.
    let running = define "running" (x * p + y * q)
    /// A running mean of squares: x p + y^2 q.
    let runningSquare = define "runningSquare" (x * p + y * y * q)
    /// x p / (sqrt(y) q + r): Adam's direction from its running mean and running square (Kingma and Ba 2015).
    let adamDirection = define "adamDirection" (x * p / (unary Sqrt y * q + r))

    // Angles
    let degreesToRadians = define "deg2rad" (x * (System.Math.PI / 180.0))
    let radiansToDegrees = define "rad2deg" (x * (180.0 / System.Math.PI))
    let sinc = define "sinc" (let a = x * System.Math.PI in select (eq x zero) one (unary Sin a / a))

    /// Without overflow of the squares; infinite beside nan, as in C.
    let hypot =
        let a, b = unary Abs x, unary Abs y
        let least, most = select (lt a b) a b, select (lt a b) b a
        let ratio = least / most
        let infinite = either (eq a (real infinity)) (eq b (real infinity))
        // At 0 the plain formula stays, for its slope is nan there as PyTorch's is.
        let plain = unary Sqrt (x * x + y * y)
        define "hypot" (select infinite (real infinity) (select (eq most zero) plain (most * unary Sqrt (ratio * ratio + one))))

    // Logarithms and probabilities
    let logit = define "logit" (select (either (lt x zero) (gt x one)) (x * nan) (unary Log (x / (1.0 - x))))

    let logitWithin =
        let z = select (lt x p) p (select (gt x (1.0 - p)) (1.0 - p) x)
        define "logit" (unary Log (z / (1.0 - z)))

    // Where y is not positive, log y has no value that 0 times would leave; elsewhere x = 0 has the slope log y.
    let private orZero least value = select (both (eq x zero) (either (le y least) (eq y (real infinity)))) zero value
    let private orZeroOf a value = select (eq a zero) zero value
    let xlogy = define "xlogy" (orZero zero (x * unary Log y))
    let xlog1py = define "xlog1py" (orZero (real -1.0) (x * unary Log1p y))

    /// The root is 0 at 0 with an infinite slope, as the entropy is.
    let entropy =
        define
            "entr"
            (select (isNan x) x (select (gt x zero) (-(x * unary Log x)) (select (eq x zero) (unary Sqrt x) (real -infinity))))

    let normalDistribution = define "ndtr" (0.5 * unary Erfc (-(x * System.Math.Sqrt 0.5)))

    let logAddExp =
        let top = select (isNan x) x (select (ge x y) x y)
        let same = both (eq x y) (eq (unary Abs x) (real infinity))
        define "logaddexp" (select same x (top + unary Log1p (unary Exp (-(magnitude (x - y))))))

    let logAddExp2 =
        let top = select (isNan x) x (select (ge x y) x y)
        let same = both (eq x y) (eq (unary Abs x) (real infinity))
        define "logaddexp2" (select same x (top + unary Log1p (unary Exp2 (-(magnitude (x - y)))) * (1.0 / System.Math.Log 2.0)))

    // Choosing
    let heaviside = define "heaviside" (select (eq x zero) y (select (gt x zero) one zero))
    let clampBelow = define "clamp_min" (select (isNan y) y (select (lt x y) y x))
    let clampAbove = define "clamp_max" (select (isNan y) y (select (gt x y) y x))
    let largerNumber = define "fmax" (select (either (ge x y) (isNan y)) x y)
    let smallerNumber = define "fmin" (select (either (le x y) (isNan y)) x y)

    let nanToNum =
        define "nan_to_num" (select (isNan x) p (select (eq x (real infinity)) q (select (eq x (real -infinity)) r x)))

    let signbit = define "signbit" (lt (Binary(CopySign, one, x)) zero)
    let isPositiveInfinity = define "isposinf" (eq x (real infinity))
    let isNegativeInfinity = define "isneginf" (eq x (real -infinity))

    // Activations
    let hardtanh =
        let raised = select (le x p) p x
        define "hardtanh" (select (ge raised q) q raised)

    let relu6 = define "relu6" (select (le x zero) zero (select (ge x (real 6.0)) (real 6.0) x))
    /// p for alpha; scale q, input scale r.
    let elu = define "elu" (select (le x zero) (unary Expm1 (x * r) * p * q) (x * q))
    let celu = define "celu" (select (le x zero) (unary Expm1 (x / p) * p) x)
    let leakyRelu = define "leaky_relu" (select (gt x zero) x (x * p))
    let prelu = define "prelu" (select (gt x zero) x (x * y))
    let threshold = define "threshold" (select (le x p) q x)
    let softplus = define "softplus" (select (gt (x * p) q) x (unary Log1p (unary Exp (x * p)) / p))
    let softsign = define "softsign" (x / (1.0 + unary Abs x))
    let softshrink = define "softshrink" (select (gt x p) (x - p) (select (lt x (-p)) (x + p) zero))
    let hardshrink = define "hardshrink" (select (both (ge x (-p)) (le x p)) zero x)
    let tanhshrink = define "tanhshrink" (x - unary Tanh x)

    let hardsigmoid =
        define "hardsigmoid" (select (le x (real -3.0)) zero (select (ge x (real 3.0)) one (x / 6.0 + 0.5)))

    let hardswish =
        define "hardswish" (select (le x (real -3.0)) (x * 0.0) (select (ge x (real 3.0)) x (x * (x + 3.0) / 6.0)))

    let logSigmoid = define "logsigmoid" (-(negativePart x) - unary Log1p (unary Exp (-(magnitude x))))
    let private softplusOf a = positivePart a + unary Log1p (unary Exp (-(magnitude a)))
    let mish = define "mish" (x * unary Tanh (softplusOf x))

    // Losses, one element each: x is the prediction, y the target
    let absoluteError = define "l1_loss" (unary Abs (x - y))
    let squaredError = define "mse_loss" (let d = x - y in d * d)
    let huber = define "huber_loss" (let d = unary Abs (x - y) in select (lt d p) (0.5 * d * d) (p * (d - 0.5 * p)))

    let smoothL1 =
        define "smooth_l1_loss" (let d = unary Abs (x - y) in select (lt d p) (0.5 * d * d / p) (d - 0.5 * p))

    /// Logarithms are held at -100, as PyTorch does, so that a certain mistake costs 100 and not infinity.
    let binaryCrossEntropy =
        let log a = let l = unary Log a in select (lt l (real -100.0)) (real -100.0) l
        define "binary_cross_entropy" ((y - 1.0) * log (1.0 - x) - y * log x)

    let binaryCrossEntropyWithLogits =
        define "binary_cross_entropy_with_logits" ((1.0 - y) * x + negativePart x + unary Log1p (unary Exp (-(magnitude x))))

    /// z weighs the positive examples.
    let weightedCrossEntropyWithLogits =
        let weight = 1.0 + (z - 1.0) * y

        define
            "binary_cross_entropy_with_logits"
            ((1.0 - y) * x + weight * (unary Log1p (unary Exp (-(magnitude x))) + negativePart x))

    let softMargin = define "soft_margin_loss" (softplusOf (-(x * y)))
    let divergence = define "kl_div" (orZeroOf y (y * unary Log y) - y * x)
    let divergenceOfLogs = define "kl_div" (unary Exp y * (y - x))

    let hingeEmbedding =
        define
            "hinge_embedding_loss"
            (let margin = select (gt (p - x) zero) (p - x) (select (isNan x) (real nan) zero) in
             select (eq y one) zero margin + select (eq y (real -1.0)) zero x)

/// Functions of several tensors that meet as PyTorch's operands do.
[<RequireQualifiedAccess>]
module Operations =
    /// A function of three tensors after promotion and broadcasting.
    let ternary (f: PointwiseFunction) (a: Tensor) (b: Tensor) (c: Tensor) =
        let dtype = Operands.promoteAll [ a; b; c ]
        let shape = Shape.broadcast a.Shape (Shape.broadcast b.Shape c.Shape)
        let fit t = t |> Engine.cast dtype |> Engine.expand shape
        Engine.pointwise f [||] (Operands.together f.Name [| a; b; c |] |> Array.map fit)

    let private scaled (f: PointwiseFunction) (value: Scalar) (t: Tensor) (a: Tensor) (b: Tensor) =
        // In the dtype of all three: a product in a narrower one of the last two would be rounded to it.
        let dtype = Operands.promoteAll [ t; a; b ]
        let a, b = Engine.cast dtype a, Engine.cast dtype b

        let product =
            match value with
            | Integer 1L -> a
            | v -> Operands.withRight Functions.mul a (Scalar.toDtype dtype v)

        Operands.binary Functions.add t (Operands.binary f product b)

    /// t + value * a * b.
    let addcmul value t a b = scaled Functions.mul value t a b

    /// t + value * a / b.
    let addcdiv value t a b = scaled Functions.div value t a b
