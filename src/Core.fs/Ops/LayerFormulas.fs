namespace Functional

open Functional.Contract

/// Pointwise parts of layers and losses: each is one scalar expression. Parameters are numbers given at the call.
[<RequireQualifiedAccess>]
module LayerFormulas =
    let private x = Arg 0
    let private y = Arg 1
    let private z = Arg 2
    let private p = Param 0
    let private q = Param 1
    let private r = Param 2
    let private real = ScalarExpr.real
    let private zero = real 0.0
    let private select = ScalarExpr.select
    let private define name expr = PointwiseFunction(name, expr)
    let private positive a = select (ScalarExpr.gt a zero) a zero
    /// Not below 0, with slope 1 at 0, as torch.clamp_min has it.
    let private notNegative a = select (ScalarExpr.lt a zero) zero a

    // Norms
    /// |x|^p, with slope 0 at 0 whatever p is.
    let magnitude =
        define "norm" (select (ScalarExpr.eq x zero) (Binary(Pow, zero, p)) (Binary(Pow, Unary(Abs, x), p)))

    /// The square root, with slope 0 at 0.
    let root = define "norm" (select (ScalarExpr.eq x zero) zero (Unary(Sqrt, x)))

    // Dropping
    /// x where y is 1 and the saturation of selu where it is 0, then scaled and moved: p = a, q = alpha a, r = alpha a p.
    let alphaDropout = define "alpha_dropout" (x * (y * p) + ((y - 1.0) * q + r))

    // Losses
    /// x should rank above y where z is 1, below where it is -1.
    let marginRanking = define "margin_ranking_loss" (notNegative (p - z * (x - y)))

    /// x is a cosine; y is 1 for what belongs together, -1 for what does not.
    let cosineEmbedding =
        let counts sign loss = select (ScalarExpr.eq y (real sign)) loss zero
        define "cosine_embedding_loss" (counts 1.0 (1.0 - x) + counts -1.0 (notNegative (x - p)))

    /// x is the distance to what is alike, y to what is not.
    let tripletMargin = define "triplet_margin_loss" (notNegative (p + x - y))
    /// max(0, p - y + x): y is the target's score, x another one's.
    let hinge = define "multi_margin_loss" (positive (p - y + x))
    let squaredHinge = define "multi_margin_loss" (let h = positive (p - y + x) in h * h)
    /// x is the logarithm of the rate, y the count.
    let poissonOfLog = define "poisson_nll_loss" (Unary(Exp, x) - y * x)
    /// x is the rate, y the count, p keeps the logarithm finite.
    let poisson = define "poisson_nll_loss" (x - y * Unary(Log, x + p))

    /// Stirling's approximation of log(x!) above 1.
    let stirling =
        let approximation = x * Unary(Log, x) - x + 0.5 * Unary(Log, 2.0 * System.Math.PI * x)
        define "poisson_nll_loss" (select (ScalarExpr.le x (real 1.0)) zero approximation)

    /// x is the mean, y the observation, z the variance.
    let gaussian = define "gaussian_nll_loss" (0.5 * (Unary(Log, z) + (x - y) * (x - y) / z))

    /// log(exp x + exp y + exp z), which may all be -inf.
    let logAddThree =
        let top = Binary(Max, Binary(Max, x, y), z)
        let part a = Unary(Exp, a - top)
        let total = top + Unary(Log, part x + part y + part z)
        define "logaddexp" (select (ScalarExpr.eq top (real -infinity)) (real -infinity) total)

    // Places in images
    /// From [-1, 1] to the centres of the first and last of p places.
    let placeOfCorners = define "grid_sample" ((x + 1.0) * 0.5 * (p - 1.0))
    /// From [-1, 1] to the outer edges of the first and last of p places.
    let placeOfEdges = define "grid_sample" (((x + 1.0) * p - 1.0) * 0.5)

    /// Mirrored at q and q + p as often as it takes.
    let reflect =
        let away = select (ScalarExpr.lt x q) (q - x) (x - q)
        let flips = Unary(Floor, away / p)
        let rest = away - flips * p
        let isEven = ScalarExpr.eq (flips - 2.0 * Unary(Floor, flips * 0.5)) zero
        define "grid_sample" (select isEven (rest + q) (p - rest + q))

    // Keys 1981 with a = -3/4: the weights of a place's four neighbours, by its distance from the second.
    let private near (t: ScalarExpr) = (1.25 * t - 2.25) * t * t + 1.0
    let private far (t: ScalarExpr) = ((-0.75 * t + 3.75) * t - 6.0) * t + 3.0
    let cubicFirst = define "cubic" (far (x + 1.0))
    let cubicSecond = define "cubic" (near x)
    let cubicThird = define "cubic" (near (1.0 - x))
    let cubicFourth = define "cubic" (far (2.0 - x))
