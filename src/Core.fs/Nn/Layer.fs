namespace Functional

/// How a network runs: learning, with a key for whatever is random in it, or answering.
[<Struct>]
type Mode =
    | Train of key: Key
    | Evaluate

/// A piece of a network as a value. Parameters are what an optimizer changes, state is what a forward pass changes
/// (running statistics); both are trees, and a layer holds neither.
type Layer =
    {
        /// Parameters and state from a key.
        Init: Key -> Tree * Tree
        /// mode, parameters, state, input -> output, next state
        Apply: Mode -> Tree -> Tree -> Tensor -> Tensor * Tree
    }

/// What layers are made of.
module internal LayerParts =
    let stateless init apply : Layer =
        { Init = fun key -> init key, Tree.empty
          Apply = fun mode parameters state x -> apply mode parameters x, state }

    // PyTorch's default: uniform within 1 / sqrt(fan in), for weights and biases alike (He et al. 2015 with a = sqrt 5).
    let fanIn (fan: int) key shape =
        let bound = if fan > 0 then 1.0 / sqrt (float fan) else 0.0
        Random.uniformBetween -bound bound key shape

    let weightAndBias fan shape outputs bias key =
        let struct (first, second) = Random.split2 key

        Branch
            [ "weight", Leaf(fanIn fan first shape)
              if bias then
                  "bias", Leaf(fanIn fan second [ outputs ]) ]

    /// A scale of ones and a shift of zeros.
    let scaleAndShift (size: int list) (_: Key) = Branch [ "weight", Leaf(Tensor.ones size); "bias", Leaf(Tensor.zeros size) ]

    let withBias (parameters: Tree) =
        Tree.tryFind "bias" parameters
        |> Option.bind (function
            | Leaf t -> Some t
            | Branch _ -> None)

    /// What acts at random while learning and not otherwise.
    let whileLearning (apply: Key -> Tensor -> Tensor) (otherwise: Tensor -> Tensor) =
        stateless (fun _ -> Tree.empty) (fun mode _ (x: Tensor) ->
            match mode with
            | Train key -> apply key x
            | Evaluate -> otherwise x)

/// Layers and how they compose.
[<RequireQualifiedAccess>]
module Nn =
    open LayerParts

    /// A function without parameters.
    let func (f: Tensor -> Tensor) : Layer = stateless (fun _ -> Tree.empty) (fun _ _ x -> f x)

    let identity = func id
    let relu = func Tensor.relu
    let gelu = func Tensor.gelu
    let silu = func Tensor.silu
    let tanh = func Tensor.tanh
    let sigmoid = func Tensor.sigmoid
    let logSoftmax dim = func (Tensor.logSoftmax dim)
    /// Maximum over windows of k x k, k apart.
    let maxPool2d k = func (Tensor.maxPool2d k)
    let avgPool2d k = func (Tensor.avgPool2d k)
    /// All dimensions behind the first become one.
    let flatten = func (Tensor.flattenDims 1 -1)

    let private linearWith bias inputs outputs =
        stateless (weightAndBias inputs [ outputs; inputs ] outputs bias) (fun _ p x ->
            Tensor.linear x (Tree.tensor "weight" p) (withBias p))

    /// x W^T + b over the last dimension; W is [outputs, inputs] as in PyTorch.
    let linear inputs outputs = linearWith true inputs outputs
    let linearNoBias inputs outputs = linearWith false inputs outputs

    /// Convolution over images [N, C, H, W] with a k x k kernel.
    let conv2dWith stride padding bias inputs outputs k =
        stateless (weightAndBias (inputs * k * k) [ outputs; inputs; k; k ] outputs bias) (fun _ p x ->
            Tensor.conv2d stride padding x (Tree.tensor "weight" p) (withBias p))

    /// Convolution over images [N, C, H, W] with a k x k kernel, stride 1 and no padding.
    let conv2d inputs outputs k = conv2dWith 1 0 true inputs outputs k

    let private dropping name apply (p: float) =
        if not (p >= 0.0 && p <= 1.0) then
            raise (
                Contract.ArgumentValueException
                    $"dropout probability has to be between 0 and 1, but got {p}: it is the share of what {name} makes 0"
            )

        whileLearning (apply p) id

    /// Zeroes elements with probability p while learning and scales the others up by 1 / (1 - p) (Srivastava et al. 2014).
    let dropout p = dropping "dropout" Dropping.elements p
    /// Zeroes whole channels of [N, C, ...] with probability p while learning and scales the others up (Tompson et al. 2015).
    let channelDropout p = dropping "channelDropout" Dropping.channels p
    /// Saturates elements with probability p while learning, keeping mean and variance (Klambauer et al. 2017).
    let alphaDropout p = dropping "alphaDropout" Dropping.alpha p

    /// Rows of a table [count, width], one for each integer.
    let embedding count width =
        stateless (fun key -> Branch [ "weight", Leaf(Random.normal key [ count; width ]) ]) (fun _ p x ->
            Tensor.embedding x (Tree.tensor "weight" p))

    /// Normalizes over the last dimension, then scales and shifts (Ba, Kiros and Hinton 2016).
    let layerNorm width =
        stateless (scaleAndShift [ width ]) (fun _ p x -> Tensor.layerNorm 1e-5 (Tree.tensor "weight" p) (Tree.tensor "bias" p) x)

    /// Normalizes every channel over batch and space, then scales and shifts (Ioffe and Szegedy 2015).
    /// While learning it uses the batch's statistics and moves the running ones by a tenth.
    let batchNorm channels : Layer =
        let epsilon, momentum = 1e-5, 0.1

        let init key =
            scaleAndShift [ channels ] key,
            Branch [ "running_mean", Leaf(Tensor.zeros [ channels ]); "running_var", Leaf(Tensor.ones [ channels ]) ]

        let apply mode p state (x: Tensor) =
            if x.Rank < 2 || x.Shape[1] <> channels then
                raise (
                    Contract.ShapeException
                        $"batch_norm: expected input of shape [N, {channels}, ...] for {channels} channels, but got {Contract.Shape.format x.Shape}"
                )

            let tensor name tree = ValueSome(Tree.tensor name tree)
            let weight, bias = tensor "weight" p, tensor "bias" p
            let mean, variance = tensor "running_mean" state, tensor "running_var" state

            match mode with
            | Evaluate -> Normalization.byChannel mean.Value variance.Value weight bias epsilon x, state
            | Train _ ->
                let batch = Normalization.byBatch mean variance momentum weight bias epsilon x

                batch.Result,
                Branch [ "running_mean", Leaf batch.RunningMean.Value; "running_var", Leaf batch.RunningVariance.Value ]

        { Init = init; Apply = apply }

    /// Layers one after the other, by name. `Tree.empty` does as state where no layer has any.
    let named (layers: (string * Layer) list) : Layer =
        let init key =
            let made = layers |> List.mapi (fun i (name, layer) -> name, layer.Init(Random.fold i key))
            let part pick = made |> List.map (fun (name, both) -> name, pick both) |> Branch
            part fst, part snd

        let apply mode parameters state x =
            let modeOf i =
                match mode with
                | Train key -> Train(Random.fold i key)
                | Evaluate -> Evaluate

            let stateOf name = Tree.tryFind name state |> Option.defaultValue Tree.empty

            let folder (x, states) (i, (name, layer: Layer)) =
                let y, next = layer.Apply (modeOf i) (Tree.find name parameters) (stateOf name) x
                y, (name, next) :: states

            let y, states = layers |> List.indexed |> List.fold folder (x, [])
            y, Branch(List.rev states)

        { Init = init; Apply = apply }

    /// Layers one after the other; their names are their positions.
    let sequential (layers: Layer list) = layers |> List.mapi (fun i layer -> string i, layer) |> named

    /// A function of a layer's output. Names stay the layer's own.
    let map (f: Tensor -> Tensor) (layer: Layer) : Layer =
        { layer with
            Apply =
                fun mode p state x ->
                    let y, state = layer.Apply mode p state x
                    f y, state }

    /// shortcut(x) + layer(x), where the shortcut gives x the shape of the layer's output (He et al. 2016).
    let residualWith (shortcut: Tensor -> Tensor) (layer: Layer) : Layer =
        { layer with
            Apply =
                fun mode p state x ->
                    let y, state = layer.Apply mode p state x
                    shortcut x + y, state }

    /// x + layer(x) (He et al. 2016).
    let residual layer = residualWith id layer

/// What training makes small. All average over the batch.
[<RequireQualifiedAccess>]
module Loss =
    /// The negative log probability of the target class; input [N, C] holds log probabilities, target [N] class numbers.
    let nll (logProbabilities: Tensor) (target: Tensor) =
        let picked = Tensor.gather 1 (Tensor.unsqueeze 1 target) logProbabilities
        -(Tensor.mean picked)

    /// The cross entropy of logits [N, C] with class numbers [N].
    let crossEntropy (logits: Tensor) (target: Tensor) = nll (Tensor.logSoftmax 1 logits) target
    /// The mean squared difference.
    let mse (prediction: Tensor) (target: Tensor) = Tensor.mean (Tensor.square (prediction - target))
