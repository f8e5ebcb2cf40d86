namespace Functional

open Functional.Contract

/// Activations as layers.
[<AutoOpen>]
module ActivationLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        /// min(max(x, 0), 6).
        let relu6 = Nn.func Ops.relu6
        /// gelu with its approximation by tanh.
        let geluTanh = Nn.func Tensor.geluTanh
        /// x * tanh(softplus(x)).
        let mish = Nn.func Ops.mish
        /// x above 0, a part of it below.
        let leakyRelu slope = Nn.func (Tensor.leakyRelu slope)
        /// x above 0, alpha * (exp(x) - 1) below (Clevert, Unterthiner and Hochreiter 2016).
        let elu alpha = Nn.func (Ops.elu alpha)
        /// elu with the constants that keep mean and variance (Klambauer et al. 2017).
        let selu = Nn.func Ops.selu
        /// x above 0, alpha * (exp(x / alpha) - 1) below (Barron 2017).
        let celu alpha = Nn.func (Ops.celu alpha)
        /// x held within [low, high].
        let hardtanh low high = Nn.func (Ops.hardtanh low high)
        /// x above a limit, a value elsewhere.
        let threshold limit value = Nn.func (Ops.threshold limit value)
        /// log(1 + exp(beta x)) / beta, x itself where beta x is above the limit.
        let softplus beta limit = Nn.func (Ops.softplus beta limit)
        /// x / (1 + |x|).
        let softsign = Nn.func Ops.softsign
        /// x moved towards 0 by lambda.
        let softshrink lambda = Nn.func (Ops.softshrink lambda)
        /// x where it is further from 0 than lambda, 0 elsewhere.
        let hardshrink lambda = Nn.func (Ops.hardshrink lambda)
        /// x - tanh(x).
        let tanhshrink = Nn.func Ops.tanhshrink
        /// x / 6 + 1/2 within [0, 1].
        let hardsigmoid = Nn.func Ops.hardsigmoid
        /// x * hardsigmoid(x).
        let hardswish = Nn.func Ops.hardswish
        /// log(sigmoid(x)).
        let logSigmoid = Nn.func Ops.logsigmoid
        let softmax dim = Nn.func (Tensor.softmax dim)
        /// softmax(-x).
        let softmin dim = Nn.func (Ops.softmin dim)
        /// The first half times the sigmoid of the second, along a dimension (Dauphin et al. 2017).
        let glu dim = Nn.func (Ops.glu dim)

        /// x above 0, elsewhere x times a slope that is learned: one, or one for each channel of [N, C, ...] (He et al. 2015).
        let prelu channels first =
            LayerParts.stateless (fun _ -> Branch [ "weight", Leaf(Tensor.full [ channels ] first) ]) (fun _ p x ->
                Ops.prelu (Tree.tensor "weight" p) x)

        /// x above 0, elsewhere x times a slope from [lower, upper) while learning and their mean otherwise (Xu et al. 2015).
        let rrelu lower upper =
            LayerParts.whileLearning (Relaxation.leakyRelu lower upper) (Tensor.leakyRelu ((lower + upper) / 2.0))
