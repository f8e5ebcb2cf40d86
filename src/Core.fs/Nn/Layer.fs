namespace Functional

/// How a network runs: learning, with a key for whatever is random in it, or answering.
[<Struct>]
type Mode =
    | Train of key: Key
    | Evaluate

/// A piece of a network as a value. Parameters are what an optimizer changes, state is what a forward pass changes
/// (running statistics); both are trees, and a layer holds neither.
type Layer<'Input, 'Output> =
    {
        /// Parameters and state from a key.
        Init: Key -> Tree * Tree
        /// mode, parameters, state, input -> output, next state
        Apply: Mode -> Tree -> Tree -> 'Input -> 'Output * Tree
    }

/// A layer from one tensor to one tensor.
type Layer = Layer<Tensor, Tensor>

/// What layers are made of.
module internal LayerParts =
    let stateless init (apply: Mode -> Tree -> 'Input -> 'Output) : Layer<'Input, 'Output> =
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

    /// The tensor of this name, if there is one.
    let tryTensor name (parameters: Tree) =
        Tree.tryFind name parameters
        |> Option.bind (function
            | Leaf t -> Some t
            | Branch _ -> None)

    let withBias (parameters: Tree) = tryTensor "bias" parameters
    /// The tensor of this name for what takes it as a value option.
    let perhaps name parameters = tryTensor name parameters |> Option.toValueOption

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

    /// A bilinear form of two inputs [..., first] and [..., second] for each output, plus a bias: [..., outputs].
    let bilinear bias first second outputs =
        stateless (weightAndBias first [ outputs; first; second ] outputs bias) (fun _ p (x1: Tensor, x2: Tensor) ->
            TransposedConvolution.bilinear x1 x2 (Tree.tensor "weight" p) (withBias p))

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
    /// Saturates whole channels of [N, C, ...] with probability p while learning, keeping mean and variance.
    let channelAlphaDropout p = dropping "channelAlphaDropout" Dropping.alphaChannels p

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
    let map (f: 'Output -> 'Result) (layer: Layer<'Input, 'Output>) : Layer<'Input, 'Result> =
        { Init = layer.Init
          Apply =
            fun mode p state x ->
                let y, state = layer.Apply mode p state x
                f y, state }

    /// A layer of what a function makes of the input. Names stay the layer's own.
    let onInput (f: 'Source -> 'Input) (layer: Layer<'Input, 'Output>) : Layer<'Source, 'Output> =
        { Init = layer.Init; Apply = fun mode p state x -> layer.Apply mode p state (f x) }

    /// shortcut(x) + layer(x), where the shortcut gives x the shape of the layer's output (He et al. 2016).
    let residualWith (shortcut: Tensor -> Tensor) (layer: Layer) : Layer =
        { layer with
            Apply =
                fun mode p state x ->
                    let y, state = layer.Apply mode p state x
                    shortcut x + y, state }

    /// x + layer(x) (He et al. 2016).
    let residual layer = residualWith id layer

    /// A layer that works on parts of its input along a dimension, one on each device (of several that are one device, on each of them in
    /// turn), and puts the results together where the input is. The state that comes next is that of the first part.
    let dataParallel dim (devices: Contract.IBackend list) (layer: Layer) : Layer =
        if devices.IsEmpty then
            raise (Contract.ArgumentValueException "dataParallel: expected at least one device, but got none")

        let apply mode parameters state (x: Tensor) =
            if x.Rank = 0 then
                raise (
                    Contract.ShapeException
                        "dataParallel: expected input with a dimension to cut along, but got a tensor without dimensions"
                )

            let axis = Contract.Shape.dimension x.Rank dim
            let each = max 1 ((x.Shape[axis] + devices.Length - 1) / devices.Length)

            let part i device =
                let start = min x.Shape[axis] (i * each)
                let size = min each (x.Shape[axis] - start)

                if size > 0 || i = 0 then
                    let move = Tree.map (Tensor.toDevice device)
                    let own = Tensor.narrow axis start size x |> Tensor.toDevice device
                    Some(layer.Apply mode (move parameters) (move state) own)
                else
                    None

            let made = devices |> List.mapi part |> List.choose id
            let home (t: Tensor) = Tensor.toDevice x.Backend t
            Tensor.cat axis (made |> List.map (fst >> home)), Tree.map home (snd made.Head)

        { layer with Apply = apply }

/// What training makes small, with PyTorch's defaults: all average over the batch. `Ops` has every loss with every option.
[<RequireQualifiedAccess>]
module Loss =
    // PyTorch's ignore_index.
    let private ignored = -100L

    /// The negative log probability of the target class; input [N, C] holds log probabilities, target [N] class numbers.
    let nll (logProbabilities: Tensor) (target: Tensor) = Ops.nllLoss ValueNone ignored Mean target logProbabilities

    /// The cross entropy of logits [N, C] with class numbers [N].
    let crossEntropy (logits: Tensor) (target: Tensor) = Ops.crossEntropy ValueNone ignored 0.0 Mean target logits
    /// The mean squared difference.
    let mse (prediction: Tensor) (target: Tensor) = Ops.mseLoss Mean target prediction
