namespace Functional

open Functional.Contract

/// Norms beside those over batches and layers, as layers.
[<AutoOpen>]
module NormLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private epsilon = 1e-5
        let private tensor name p = ValueSome(Tree.tensor name p)

        /// Normalizes over groups of channels of [N, C, ...], then scales and shifts (Wu and He 2018).
        let groupNorm groups channels =
            if groups < 1 || channels % groups <> 0 then
                raise (ArgumentValueException "num_channels must be divisible by num_groups")

            LayerParts.stateless (LayerParts.scaleAndShift [ channels ]) (fun _ p x ->
                Normalization.byGroup groups (tensor "weight" p) (tensor "bias" p) epsilon x)

        /// Normalizes every channel of every example of [N, C, ...] (Ulyanov et al. 2016).
        let instanceNorm = Nn.func (Normalization.byInstance ValueNone ValueNone epsilon)

        /// Divides by the root of the mean square over the last dimension, then scales (Zhang and Sennrich 2019).
        let rmsNorm width =
            LayerParts.stateless (fun _ -> Branch [ "weight", Leaf(Tensor.ones [ width ]) ]) (fun _ p x ->
                Normalization.byRootMeanSquare 1 (tensor "weight" p) (Normalization.precision x.Dtype) x)

        /// Normalizes over as many last dimensions as there are sizes, then scales and shifts (Ba, Kiros and Hinton 2016).
        let layerNormOver (sizes: int list) =
            LayerParts.stateless (LayerParts.scaleAndShift sizes) (fun _ p x ->
                Normalization.byLayer sizes.Length (tensor "weight" p) (tensor "bias" p) epsilon x)

        /// x / (k + alpha * mean of the squares of `size` neighbouring channels)^beta (Krizhevsky et al. 2012).
        let localResponseNorm size alpha beta k = Nn.func (Normalization.byNeighbours size alpha beta k)
        /// The same for images, as PyTorch's CrossMapLRN2d counts neighbours.
        let crossMapLrn size alpha beta k = Nn.func (ResponseNorms.acrossMaps size alpha beta k)
