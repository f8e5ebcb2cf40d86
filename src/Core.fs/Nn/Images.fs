namespace Functional

open Functional.Contract

/// How large the result of fractional pooling is.
[<RequireQualifiedAccess>]
type FractionalSize =
    | Sizes of int list
    /// Parts of the input's sizes.
    | Ratios of float list

/// Pools, and what rearranges or resizes images, as layers.
[<AutoOpen>]
module ImageLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        /// The largest element of windows over the last dimensions; an empty stride is the kernel's size.
        let maxPool kernel stride padding dilation ceilMode = Nn.func (Tensor.maxPool kernel stride padding dilation ceilMode)
        let maxPool1d k = maxPool [ k ] [] [ 0 ] [ 1 ] false
        let maxPool3d k = maxPool [ k; k; k ] [] [ 0 ] [ 1 ] false

        /// The mean of windows over the last dimensions; an empty stride is the kernel's size.
        let avgPool kernel stride padding ceilMode countPadding =
            Nn.func (Tensor.avgPool kernel stride padding ceilMode countPadding None)

        let avgPool1d k = avgPool [ k ] [] [ 0 ] false true
        let avgPool3d k = avgPool [ k; k; k ] [] [ 0 ] false true
        /// The largest element of as many regions of the last dimensions as there are to be elements.
        let adaptiveMaxPool (sizes: int list) = Nn.func (Pooling.adaptiveMaximum sizes >> fst)
        /// The mean of as many regions of the last dimensions as there are to be elements.
        let adaptiveAvgPool (sizes: int list) = Nn.func (Resampling.adaptiveMean sizes)
        /// (sum of x^p)^(1/p) over windows; an empty stride is the kernel's size.
        let lpPool p kernel stride ceilMode = Nn.func (Pooling.power p kernel stride ceilMode)

        let private plain apply = LayerParts.stateless (fun _ -> Tree.empty) apply

        /// The largest element of windows, and where it stands in its plane (int64).
        let maxPoolWithIndices kernel stride padding dilation ceilMode : Layer<Tensor, Tensor * Tensor> =
            plain (fun _ _ x -> Tensor.maxPoolWithIndices kernel stride padding dilation ceilMode x)

        /// The largest element of as many regions as there are to be elements, and where it stands in its plane (int64).
        let adaptiveMaxPoolWithIndices (sizes: int list) : Layer<Tensor, Tensor * Tensor> =
            plain (fun _ _ x -> Pooling.adaptiveMaximum sizes x)

        /// The reverse of max pooling: elements at the places that it told, zeros elsewhere, in these last dimensions.
        let maxUnpoolTo (sizes: int list) : Layer<Tensor * Tensor, Tensor> =
            plain (fun _ _ (x, where) -> Pooling.unpool sizes where x)

        /// The same in the dimensions that windows of a kernel filled; an empty stride is the kernel's size.
        let maxUnpool kernel stride padding : Layer<Tensor * Tensor, Tensor> =
            plain (fun _ _ (x, where) -> Pooling.unpool (Pooling.unpooledSizes kernel stride padding x) where x)

        /// The largest element of windows whose places are drawn, and where it stands in its plane (Graham 2014). The result's last
        /// dimensions are so large, or such parts of the input's. Where nothing is learned the windows stand as samples of 1/2 would put them.
        let fractionalMaxPoolWithIndices (kernel: int list) (size: FractionalSize) : Layer<Tensor, Tensor * Tensor> =
            let dimensions = kernel.Length

            plain (fun mode _ (x: Tensor) ->
                let sizes =
                    match size with
                    | FractionalSize.Sizes sizes -> sizes
                    | FractionalSize.Ratios ratios -> Pooling.portions ratios x

                if sizes.Length <> dimensions || x.Rank < dimensions + 1 || x.Rank > dimensions + 2 then
                    raise (
                        ShapeException
                            $"fractional_max_pool{dimensions}d(): expected {dimensions} sizes and a tensor of {dimensions + 1} or {dimensions + 2} dimensions, but got {sizes.Length} and {Shape.format x.Shape}"
                    )

                let planes = [ yield! x.Shape[.. x.Rank - dimensions - 1]; dimensions ]

                let samples =
                    match mode with
                    | Train key -> Random.uniform key planes
                    | Evaluate -> Tensor.full planes 0.5

                Pooling.fractionalMaximum kernel sizes samples x)

        /// The largest element of windows whose places are drawn (Graham 2014).
        let fractionalMaxPool kernel size = fractionalMaxPoolWithIndices kernel size |> Nn.map fst

        /// The last dimensions in other sizes.
        let interpolate how sizes = Nn.func (Resampling.interpolate how sizes [])

        let private enlarged (factor: int) (x: Tensor) =
            if x.Rank < 3 then
                raise (
                    ShapeException
                        $"Input Error: Only 3D, 4D and 5D input Tensors supported (got {x.Rank}D): give it [N, C, H, W]"
                )

            [ for d in x.Rank - 2 .. x.Rank - 1 -> factor * x.Shape[d] ]

        /// The last two dimensions larger by a factor, each element by the nearest of the source.
        let upsamplingNearest2d (factor: int) =
            Nn.func (fun x ->
                let sizes = enlarged factor x

                Resampling.interpolate
                    { Filter = Filter.Nearest; AlignCorners = false; Antialias = false }
                    sizes
                    [ float factor; float factor ]
                    x)

        /// The last two dimensions larger by a factor, by weights of four neighbours; the corners stay where they are.
        let upsamplingBilinear2d (factor: int) =
            Nn.func (fun x ->
                let sizes = enlarged factor x
                Resampling.interpolate { Filter = Filter.Linear; AlignCorners = true; Antialias = false } sizes [] x)

        /// [.., C r^2, H, W] to [.., C, H r, W r] (Shi et al. 2016).
        let pixelShuffle r = Nn.func (Patches.shuffle r)
        /// [.., C, H r, W r] to [.., C r^2, H, W].
        let pixelUnshuffle r = Nn.func (Patches.unshuffle r)
        /// Channels of one group after those of another, interleaved (Zhang et al. 2018).
        let channelShuffle groups = Nn.func (Patches.shuffleChannels groups)
        /// Blocks of [N, C, H, W] as columns [N, C kernel, blocks].
        let unfold blocks = Nn.func (Patches.unfold blocks)
        /// Columns added up to images of this height and width.
        let fold size blocks = Nn.func (Patches.fold size blocks)
        /// Dimensions from one to another become one; negative numbers count from the end.
        let flattenDims first last = Nn.func (Tensor.flattenDims first last)

        /// One dimension becomes several.
        let unflatten dim (sizes: int list) =
            Nn.func (fun x ->
                let axis = Shape.dimension x.Rank dim
                Tensor.reshape [ yield! x.Shape[.. axis - 1]; yield! sizes; yield! x.Shape[axis + 1 ..] ] x)
