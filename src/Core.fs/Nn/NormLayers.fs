namespace Functional

open Functional.Contract

/// How layer and group norms normalize.
type NormOptions =
    {
        /// What is added to a variance before its root is taken.
        Epsilon: float
        /// Whether a learned scale and shift follow.
        Affine: bool
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module NormOptions =
    /// PyTorch's defaults.
    let standard = { Epsilon = 1e-5; Affine = true }

/// How batch and instance norms normalize, and what they remember.
type BatchNormOptions =
    {
        /// What is added to a variance before its root is taken.
        Epsilon: float
        /// How far running statistics move with each batch. None: batch norm's are the mean of all batches, and instance norm's stay.
        Momentum: float option
        /// Whether a learned scale and shift follow.
        Affine: bool
        /// Whether there are running statistics, by which inputs are normalized where nothing is learned.
        TrackRunningStats: bool
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module BatchNormOptions =
    /// PyTorch's defaults for batch norm.
    let standard: BatchNormOptions = { Epsilon = 1e-5; Momentum = Some 0.1; Affine = true; TrackRunningStats = true }

    /// PyTorch's defaults for instance norm: neither parameters nor running statistics.
    let ofInstances: BatchNormOptions = { standard with Affine = false; TrackRunningStats = false }

/// Norms as layers. Parameters and statistics have PyTorch's names.
[<AutoOpen>]
module NormLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private scaleAndShift isAffine sizes key = if isAffine then LayerParts.scaleAndShift sizes key else Tree.empty

        // Files count batches in a number of 64 bits.
        let private counted (n: int64) = Leaf(Creation.full Backend.cpu Int64 [||] (Integer n))

        let private requireChannels name channels (x: Tensor) =
            if x.Rank < 2 || x.Shape[1] <> channels then
                raise (
                    ShapeException
                        $"{name}: expected input of shape [N, {channels}, ...] for {channels} channels, but got {Shape.format x.Shape}"
                )

        let private running channels =
            [ "running_mean", Leaf(Tensor.zeros [ channels ]); "running_var", Leaf(Tensor.ones [ channels ]) ]

        /// Normalizes every channel of [N, channels, ...] over batch and space, then scales and shifts (Ioffe and Szegedy 2015). While
        /// learning, or without running statistics, it uses the batch's, and moves the running ones towards them.
        let batchNormWith (options: BatchNormOptions) channels : Layer =
            let isMean = options.Momentum.IsNone

            let init key =
                let state =
                    if options.TrackRunningStats then
                        Branch
                            [ yield! running channels
                              if isMean then
                                  "num_batches_tracked", counted 0L ]
                    else
                        Tree.empty

                scaleAndShift options.Affine [ channels ] key, state

            let apply mode p state (x: Tensor) =
                requireChannels "batch_norm" channels x
                let weight, bias = LayerParts.perhaps "weight" p, LayerParts.perhaps "bias" p

                if not options.TrackRunningStats then
                    (Normalization.byBatch ValueNone ValueNone 0.0 weight bias options.Epsilon x).Result, state
                else
                    let mean, variance = Tree.tensor "running_mean" state, Tree.tensor "running_var" state

                    match mode with
                    | Evaluate -> Normalization.byChannel mean variance weight bias options.Epsilon x, state
                    | Train _ ->
                        let count =
                            if isMean then
                                int64 (Tensor.item (Tree.tensor "num_batches_tracked" state)) + 1L
                            else
                                0L

                        let momentum = options.Momentum |> Option.defaultWith (fun () -> 1.0 / float count)

                        let batch =
                            Normalization.byBatch (ValueSome mean) (ValueSome variance) momentum weight bias options.Epsilon x

                        batch.Result,
                        Branch
                            [ "running_mean", Leaf batch.RunningMean.Value
                              "running_var", Leaf batch.RunningVariance.Value
                              if isMean then
                                  "num_batches_tracked", counted count ]

            { Init = init; Apply = apply }

        /// Normalizes every channel over batch and space, then scales and shifts (Ioffe and Szegedy 2015).
        /// While learning it uses the batch's statistics and moves the running ones by a tenth.
        let batchNorm channels : Layer = batchNormWith BatchNormOptions.standard channels

        /// Normalizes over as many last dimensions as there are sizes, then scales and shifts (Ba, Kiros and Hinton 2016).
        let layerNormWith (options: NormOptions) (sizes: int list) =
            LayerParts.stateless (scaleAndShift options.Affine sizes) (fun _ p x ->
                Normalization.byLayer
                    sizes.Length
                    (LayerParts.perhaps "weight" p)
                    (LayerParts.perhaps "bias" p)
                    options.Epsilon
                    x)

        /// The same with PyTorch's defaults.
        let layerNormOver (sizes: int list) = layerNormWith NormOptions.standard sizes

        /// Normalizes over the last dimension, then scales and shifts (Ba, Kiros and Hinton 2016).
        let layerNorm width = layerNormOver [ width ]

        /// Normalizes over groups of channels of [N, C, ...], then scales and shifts (Wu and He 2018).
        let groupNormWith (options: NormOptions) groups channels =
            if groups < 1 || channels % groups <> 0 then
                raise (ArgumentValueException "num_channels must be divisible by num_groups")

            LayerParts.stateless (scaleAndShift options.Affine [ channels ]) (fun _ p x ->
                Normalization.byGroup groups (LayerParts.perhaps "weight" p) (LayerParts.perhaps "bias" p) options.Epsilon x)

        /// The same with PyTorch's defaults.
        let groupNorm groups channels = groupNormWith NormOptions.standard groups channels

        /// Normalizes every channel of every example of [N, channels, ...], then scales and shifts if asked for (Ulyanov et al. 2016). With
        /// running statistics, which move towards the mean of the examples' while learning, it uses those where nothing is learned.
        let instanceNormWith (options: BatchNormOptions) channels : Layer =
            let init key =
                scaleAndShift options.Affine [ channels ] key,
                (if options.TrackRunningStats then Branch(running channels) else Tree.empty)

            let apply mode p state (x: Tensor) =
                requireChannels "instance_norm" channels x
                let weight, bias = LayerParts.perhaps "weight" p, LayerParts.perhaps "bias" p
                let byOwn () = Normalization.byInstance weight bias options.Epsilon x

                if not options.TrackRunningStats then
                    byOwn (), state
                else
                    let mean, variance = Tree.tensor "running_mean" state, Tree.tensor "running_var" state

                    match mode with
                    | Evaluate -> Normalization.byChannel mean variance weight bias options.Epsilon x, state
                    | Train _ ->
                        let momentum = defaultArg options.Momentum 0.0
                        let struct (mean, variance) = Normalization.runByInstance momentum mean variance x
                        byOwn (), Branch [ "running_mean", Leaf mean; "running_var", Leaf variance ]

            { Init = init; Apply = apply }

        /// Normalizes every channel of every example of [N, C, ...] (Ulyanov et al. 2016).
        let instanceNorm = Nn.func (Normalization.byInstance ValueNone ValueNone NormOptions.standard.Epsilon)

        /// Divides by the root of the mean square over as many last dimensions as there are sizes, then scales if asked for (Zhang and
        /// Sennrich 2019). Without an epsilon it is the dtype's precision.
        let rmsNormWith (epsilon: float option) isAffine (sizes: int list) =
            let init _ = if isAffine then Branch [ "weight", Leaf(Tensor.ones sizes) ] else Tree.empty

            LayerParts.stateless init (fun _ p (x: Tensor) ->
                let epsilon = epsilon |> Option.defaultWith (fun () -> Normalization.precision x.Dtype)
                Normalization.byRootMeanSquare sizes.Length (LayerParts.perhaps "weight" p) epsilon x)

        /// Divides by the root of the mean square over the last dimension, then scales (Zhang and Sennrich 2019).
        let rmsNorm width = rmsNormWith None true [ width ]

        /// x / (k + alpha * mean of the squares of `size` neighbouring channels)^beta (Krizhevsky et al. 2012).
        let localResponseNorm size alpha beta k = Nn.func (Normalization.byNeighbours size alpha beta k)
        /// The same for images, as PyTorch's CrossMapLRN2d counts neighbours.
        let crossMapLrn size alpha beta k = Nn.func (ResponseNorms.acrossMaps size alpha beta k)
