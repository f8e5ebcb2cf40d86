namespace Functional

open Functional.Contract

/// Images taken apart into blocks and put together again.
[<RequireQualifiedAccess>]
module Patches =
    /// Raises ShapeException unless a tensor is [C, ...] or [N, C, ...] with as many spatial dimensions as there are sizes, none empty
    /// but the batch.
    let requireImage name (sizes: int[]) (t: Tensor) =
        let spatial = sizes.Length

        if t.Rank <> spatial + 1 && t.Rank <> spatial + 2 then
            raise (ShapeException $"{name}(): Expected {spatial + 1}D or {spatial + 2}D tensor, but got {Shape.format t.Shape}")

        for d in t.Rank - spatial .. t.Rank - 1 do
            if t.Shape[d] = 0 then
                raise (
                    ShapeException
                        $"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {Shape.format t.Shape} with dimension {d} being empty"
                )

        if sizes |> Array.exists (fun s -> s < 0) then
            raise (
                ArgumentValueException
                    $"{name}(): elements of output_size must be greater than or equal to 0, but got {Shape.format sizes}"
            )

    /// Windows side by side, without gaps and overlaps.
    let tiles (input: int[]) (kernel: int[]) : WindowGeometry =
        { Input = input
          Output = Array.map2 (/) input kernel
          Kernel = kernel
          Stride = kernel
          Padding = Array.create input.Length 0
          Dilation = Array.create input.Length 1 }

    /// Kernel, dilation, padding and stride of sliding blocks, for both dimensions of an image.
    type Blocks = { Kernel: int * int; Dilation: int * int; Padding: int * int; Stride: int * int }

    let private checkBlocks (b: Blocks) =
        let require what names (limit: int) (h, w) =
            if h < limit || w < limit then
                raise (
                    ArgumentValueException
                        $"""{what} should be {if limit = 0 then "non-negative" else "greater than zero"}, but got {names}_height: {h} {names}_width: {w}"""
                )

        require "kernel size" "kernel" 1 b.Kernel
        require "dilation" "dilation" 1 b.Dilation
        require "padding" "pad" 0 b.Padding
        require "stride" "stride" 1 b.Stride

    let private countOf size k d p s =
        if size + 2 * p < d * (k - 1) + 1 then
            0
        else
            (size + 2 * p - d * (k - 1) - 1) / s + 1

    let private grid (b: Blocks) (height, width) =
        struct (countOf height (fst b.Kernel) (fst b.Dilation) (fst b.Padding) (fst b.Stride),
                countOf width (snd b.Kernel) (snd b.Dilation) (snd b.Padding) (snd b.Stride))

    /// Where element k of block o lies, element by element.
    let private places (like: Tensor) kernel dilation stride count =
        Constants.integers
            like
            [| kernel * count |]
            (Array.init (kernel * count) (fun i -> int64 (i / count * dilation + i % count * stride)))

    let private onBatch rank (f: Tensor -> Tensor) (t: Tensor) =
        if t.Rank = rank then
            f t
        else
            let result = f (Engine.reshape (Array.append [| 1 |] t.Shape) t)
            Engine.reshape (Array.skip 1 result.Shape) result

    /// Sliding blocks of images [N, C, H, W] as columns: [N, C * kernel, blocks].
    let unfold (b: Blocks) (t: Tensor) : Tensor =
        if t.Rank <> 3 && t.Rank <> 4 then
            raise (
                ShapeException
                    $"Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: {Shape.format t.Shape}"
            )

        checkBlocks b
        let (kh, kw), (dh, dw), (ph, pw), (sh, sw) = b.Kernel, b.Dilation, b.Padding, b.Stride
        let height, width = t.Shape[t.Rank - 2], t.Shape[t.Rank - 1]
        let struct (rows, columns) = grid b (height, width)

        if rows < 1 || columns < 1 then
            raise (
                ShapeException
                    $"Given input with spatial size ({height}, {width}), kernel_size={b.Kernel}, dilation={b.Dilation}, padding={b.Padding}, calculated shape of the array of sliding blocks as ({rows}, {columns}), but its components must be at least one."
            )

        t
        |> onBatch 4 (fun t ->
            let n, c = t.Shape[0], t.Shape[1]
            let padded = Tensor.padConstant 0.0 [ pw, pw; ph, ph ] t
            let tall = GatherScatter.select 2 padded (places t kh dh sh rows)

            GatherScatter.select 3 tall (places t kw dw sw columns)
            |> Engine.reshape [| n; c; kh; rows; kw; columns |]
            |> Structure.swapAxes 3 4
            |> Engine.reshape [| n; c * kh * kw; rows * columns |])

    /// The transpose of `unfold`: blocks [N, C * kernel, blocks] added up where they overlap, as images of the given size.
    let fold (height, width) (b: Blocks) (t: Tensor) : Tensor =
        if t.Rank <> 2 && t.Rank <> 3 then
            raise (
                ShapeException
                    $"Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: {Shape.format t.Shape}"
            )

        checkBlocks b
        let (kh, kw), (dh, dw), (ph, pw), (sh, sw) = b.Kernel, b.Dilation, b.Padding, b.Stride
        let struct (rows, columns) = grid b (height, width)
        let channels, blocks = t.Shape[t.Rank - 2], t.Shape[t.Rank - 1]

        if channels % (kh * kw) <> 0 then
            raise (
                ShapeException
                    $"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)={channels} and kernel_size={b.Kernel}."
            )

        if rows * columns <> blocks then
            raise (
                ShapeException
                    $"Given output_size=({height}, {width}), kernel_size={b.Kernel}, dilation={b.Dilation}, padding={b.Padding}, stride={b.Stride}, expected size of input's dimension 2 to match the calculated number of sliding blocks {rows} * {columns} = {rows * columns}, but got input.size(2)={blocks}."
            )

        let addUp axis size (index: Tensor) (t: Tensor) =
            let column = Array.create t.Rank 1 |> Array.updateAt axis t.Shape[axis]
            let index = index |> Engine.reshape column |> Engine.expand t.Shape
            GatherScatter.scatter ScatterAdd axis (Structure.zeros t (t.Shape |> Array.updateAt axis size)) index t

        t
        |> onBatch 3 (fun t ->
            let n, c = t.Shape[0], channels / (kh * kw)

            Engine.reshape [| n; c; kh; kw; rows; columns |] t
            |> Structure.swapAxes 3 4
            |> Engine.reshape [| n; c; kh * rows; kw * columns |]
            |> addUp 3 (width + 2 * pw) (places t kw dw sw columns)
            |> addUp 2 (height + 2 * ph) (places t kh dh sh rows)
            |> Structure.narrow 2 ph height
            |> Structure.narrow 3 pw width)

    let private requirePlane name (factor: int) what (t: Tensor) =
        if t.Rank < 3 then
            raise (ShapeException $"{name} expects input to have at least 3 dimensions, but got input with {t.Rank} dimension(s)")

        if factor <= 0 then
            raise (ArgumentValueException $"{name} expects a positive {what}, but got {factor}")

    /// [..., C r r, H, W] -> [..., C, H r, W r]: channels become finer rows and columns (Shi et al. 2016).
    let shuffle r (t: Tensor) : Tensor =
        requirePlane "pixel_shuffle" r "upscale_factor" t
        let lead = Array.take (t.Rank - 3) t.Shape
        let c, h, w = t.Shape[t.Rank - 3], t.Shape[t.Rank - 2], t.Shape[t.Rank - 1]

        if c % (r * r) <> 0 then
            raise (
                ShapeException
                    $"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)={c} is not divisible by {r * r}"
            )

        let n = Array.fold (*) 1 lead

        Engine.reshape [| n; c / (r * r); r; r; h; w |] t
        |> Structure.permute [| 0; 1; 4; 2; 5; 3 |]
        |> Engine.reshape (Array.append lead [| c / (r * r); h * r; w * r |])

    /// The inverse of `shuffle`.
    let unshuffle r (t: Tensor) : Tensor =
        requirePlane "pixel_unshuffle" r "downscale_factor" t
        let lead = Array.take (t.Rank - 3) t.Shape
        let c, h, w = t.Shape[t.Rank - 3], t.Shape[t.Rank - 2], t.Shape[t.Rank - 1]

        let requireDivisible what place size =
            if size % r <> 0 then
                raise (
                    ShapeException
                        $"pixel_unshuffle expects {what} to be divisible by downscale_factor, but input.size({place})={size} is not divisible by {r}"
                )

        requireDivisible "height" -2 h
        requireDivisible "width" -1 w
        let n = Array.fold (*) 1 lead

        Engine.reshape [| n; c; h / r; r; w / r; r |] t
        |> Structure.permute [| 0; 1; 3; 5; 2; 4 |]
        |> Engine.reshape (Array.append lead [| c * r * r; h / r; w / r |])

    /// Channels of [N, C, ...] dealt out from groups in turn (Zhang et al. 2018).
    let shuffleChannels groups (t: Tensor) : Tensor =
        if t.Rank < 3 then
            raise (ShapeException $"channel_shuffle expects input with > 2 dims, but got input with sizes {Shape.format t.Shape}")

        if groups <= 0 then
            raise (ArgumentValueException $"Number of groups to divide channels in must be positive. Value of groups:{groups}")

        if t.Shape[1] % groups <> 0 then
            raise (
                ShapeException $"Number of channels must be divisible by groups. Got {t.Shape[1]} channels and {groups} groups."
            )

        let shape = t.Shape

        Engine.reshape (Array.concat [ [| shape[0]; groups; shape[1] / groups |]; Array.skip 2 shape ]) t
        |> Structure.swapAxes 1 2
        |> Engine.reshape shape
