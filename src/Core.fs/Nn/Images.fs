namespace Functional

open Functional.Contract

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
