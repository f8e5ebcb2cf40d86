namespace Functional

open Functional.Contract

/// nn.functional's activations: functions of tensors, of which `Nn` makes layers.
[<AutoOpen>]
module ActivationNames =
    let private plain f (t: Tensor) : Tensor = Operands.unary f t
    let private shaped f (numbers: float list) (t: Tensor) : Tensor = Engine.pointwise f [| for n in numbers -> Real n |] [| t |]

    [<RequireQualifiedAccess>]
    module Ops =
        /// min(max(x, 0), 6).
        let relu6 t = plain Formulas.relu6 t
        /// x * tanh(softplus(x)).
        let mish t = plain Formulas.mish t
        /// x above 0, alpha * (exp(x) - 1) below (Clevert, Unterthiner and Hochreiter 2016).
        let elu alpha t = shaped Formulas.elu [ alpha; 1.0; 1.0 ] t
        /// elu with the constants that keep mean and variance (Klambauer et al. 2017).
        let selu t = shaped Formulas.elu [ 1.6732632423543772; 1.0507009873554805; 1.0 ] t

        /// x above 0, alpha * (exp(x / alpha) - 1) below (Barron 2017).
        let celu alpha t =
            if alpha = 0.0 then
                raise (ArgumentValueException "ZeroDivisionError: alpha cannot be 0 for CELU")

            shaped Formulas.celu [ alpha ] t

        /// x held within [low, high].
        let hardtanh low high t = shaped Formulas.hardtanh [ low; high ] t
        /// x above a limit, a value elsewhere.
        let threshold limit value t = shaped Formulas.threshold [ limit; value ] t
        /// log(1 + exp(beta x)) / beta, x itself where beta x is above the limit.
        let softplus beta limit t = shaped Formulas.softplus [ beta; limit ] t
        /// x / (1 + |x|).
        let softsign t = plain Formulas.softsign t

        /// x moved towards 0 by lambda.
        let softshrink lambda t =
            if lambda < 0.0 then
                raise (
                    ArgumentValueException
                        $"lambda must be greater or equal to 0, but found to be {lambda}. It is softshrink's half width of what becomes 0"
                )

            shaped Formulas.softshrink [ lambda ] t

        /// x where it is further from 0 than lambda, 0 elsewhere.
        let hardshrink lambda t = shaped Formulas.hardshrink [ lambda ] t
        /// x - tanh(x).
        let tanhshrink t = plain Formulas.tanhshrink t
        /// x / 6 + 1/2 within [0, 1].
        let hardsigmoid t = plain Formulas.hardsigmoid t
        /// x * hardsigmoid(x).
        let hardswish t = plain Formulas.hardswish t
        /// log(sigmoid(x)).
        let logsigmoid t = plain Formulas.logSigmoid t
        /// softmax(-x).
        let softmin dim (t: Tensor) : Tensor = Tensor.softmax dim (-t)

        /// The first half times the sigmoid of the second, along a dimension (Dauphin et al. 2017).
        let glu dim (t: Tensor) : Tensor =
            if t.Rank = 0 then
                raise (ShapeException "glu does not support 0-dimensional tensors: give it at least one dimension to halve")

            let axis = Shape.dimension t.Rank dim
            let size = t.Shape[axis]

            if size % 2 <> 0 then
                raise (
                    ShapeException
                        $"Halving dimension must be even, but dimension {dim} is size {size}: glu of shape {Shape.format t.Shape} gates the first half by the second; choose another dim or a layer with twice the outputs"
                )

            Tensor.narrow axis 0 (size / 2) t * Tensor.sigmoid (Tensor.narrow axis (size / 2) (size / 2) t)

        /// x above 0, elsewhere x times a slope: one, or one for each channel of [N, C, ...] (He et al. 2015).
        let prelu (weight: Tensor) (t: Tensor) : Tensor =
            let count = Shape.count weight.Shape
            let shape = Array.init t.Rank (fun d -> if d = min 1 (t.Rank - 1) then count else 1)
            Operands.binary Formulas.prelu t (Engine.reshape shape weight)

        /// x above 0, elsewhere x times a slope drawn from [lower, upper) (Xu et al. 2015).
        let rrelu lower upper key t = Relaxation.leakyRelu lower upper key t
        let gumbelSoftmax tau hard dim key logits = Relaxation.gumbelSoftmax tau hard dim key logits
        /// Zeroes elements with probability p and scales the others up (Srivastava et al. 2014).
        let dropout p key t = Dropping.elements p key t
        /// The same with whole channels of [N, C, ...], whatever their dimensions: dropout1d, 2d and 3d.
        let featureDropout p key t = Dropping.channels p key t
        let alphaDropout p key t = Dropping.alpha p key t
        let featureAlphaDropout p key t = Dropping.alphaChannels p key t
