namespace Functional

open Functional.Contract

/// Activations as layers.
[<AutoOpen>]
module ActivationLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private shaped f (numbers: float list) =
            Nn.func (fun x -> Engine.pointwise f [| for n in numbers -> Real n |] [| x |])

        let private plain f = Nn.func (Operands.unary f)

        /// min(max(x, 0), 6).
        let relu6 = plain Formulas.relu6
        /// gelu with its approximation by tanh.
        let geluTanh = Nn.func Tensor.geluTanh
        /// x * tanh(softplus(x)).
        let mish = plain Formulas.mish
        /// x above 0, a part of it below.
        let leakyRelu slope = shaped Formulas.leakyRelu [ slope ]
        /// x above 0, alpha * (exp(x) - 1) below (Clevert, Unterthiner and Hochreiter 2016).
        let elu alpha = shaped Formulas.elu [ alpha; 1.0; 1.0 ]
        /// elu with the constants that keep mean and variance (Klambauer et al. 2017).
        let selu = shaped Formulas.elu [ 1.6732632423543772; 1.0507009873554805; 1.0 ]

        /// x above 0, alpha * (exp(x / alpha) - 1) below (Barron 2017).
        let celu alpha =
            if alpha = 0.0 then
                raise (ArgumentValueException "ZeroDivisionError: alpha cannot be 0 for CELU")

            shaped Formulas.celu [ alpha ]

        /// x held within [low, high].
        let hardtanh low high = shaped Formulas.hardtanh [ low; high ]
        /// x above a limit, a value elsewhere.
        let threshold limit value = shaped Formulas.threshold [ limit; value ]
        /// log(1 + exp(beta x)) / beta, x itself where beta x is above the limit.
        let softplus beta limit = shaped Formulas.softplus [ beta; limit ]
        /// x / (1 + |x|).
        let softsign = plain Formulas.softsign

        /// x moved towards 0 by lambda.
        let softshrink lambda =
            if lambda < 0.0 then
                raise (ArgumentValueException $"lambda must be greater or equal to 0, but found to be {lambda}.")

            shaped Formulas.softshrink [ lambda ]

        /// x where it is further from 0 than lambda, 0 elsewhere.
        let hardshrink lambda = shaped Formulas.hardshrink [ lambda ]
        /// x - tanh(x).
        let tanhshrink = plain Formulas.tanhshrink
        /// x / 6 + 1/2 within [0, 1].
        let hardsigmoid = plain Formulas.hardsigmoid
        /// x * hardsigmoid(x).
        let hardswish = plain Formulas.hardswish
        /// log(sigmoid(x)).
        let logSigmoid = plain Formulas.logSigmoid
        let softmax dim = Nn.func (Tensor.softmax dim)
        /// softmax(-x).
        let softmin dim = Nn.func (fun x -> Tensor.softmax dim (-x))

        /// The first half times the sigmoid of the second, along a dimension (Dauphin et al. 2017).
        let glu dim =
            Nn.func (fun x ->
                if x.Rank = 0 then
                    raise (ShapeException "glu does not support 0-dimensional tensors: give it at least one dimension to halve")

                let axis = Shape.dimension x.Rank dim
                let size = x.Shape[axis]

                if size % 2 <> 0 then
                    raise (ShapeException $"Halving dimension must be even, but dimension {dim} is size {size}")

                Tensor.narrow axis 0 (size / 2) x * Tensor.sigmoid (Tensor.narrow axis (size / 2) (size / 2) x))

        /// x above 0, elsewhere x times a slope that is learned: one, or one for each channel of [N, C, ...] (He et al. 2015).
        let prelu channels first =
            LayerParts.stateless (fun _ -> Branch [ "weight", Leaf(Tensor.full [ channels ] first) ]) (fun _ p x ->
                let weight = Tree.tensor "weight" p
                let shape = Array.init x.Rank (fun d -> if d = min 1 (x.Rank - 1) then channels else 1)
                Operands.binary Formulas.prelu x (Engine.reshape shape weight))

        /// x above 0, elsewhere x times a slope from [lower, upper) while learning and their mean otherwise (Xu et al. 2015).
        let rrelu lower upper =
            LayerParts.whileLearning (Relaxation.leakyRelu lower upper) (Tensor.leakyRelu ((lower + upper) / 2.0))
