namespace Functional

open Functional.Contract

/// Convolutions beyond the plain ones.
[<RequireQualifiedAccess>]
module TransposedConvolution =
    let private each rank what (sizes: int list) =
        match sizes with
        | [ one ] -> Array.create rank one
        | _ when sizes.Length = rank -> Array.ofList sizes
        | _ ->
            raise (
                ArgumentValueException
                    $"expected {what} to be one size or {rank} sizes for {rank} spatial dimensions, but got {sizes}"
            )

    /// The gradient of a convolution by its input, as an operation of its own: [N, I, ...] with [I, O / groups, ...] gives
    /// [N, O, ...] of (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1 elements.
    let apply
        (stride: int list)
        (padding: int list)
        (outputPadding: int list)
        (dilation: int list)
        groups
        (x: Tensor)
        (weight: Tensor)
        (bias: Tensor option)
        : Tensor =
        let spatial = weight.Rank - 2
        let name = $"conv_transpose{spatial}d"

        if spatial < 1 || (x.Rank <> spatial + 1 && x.Rank <> spatial + 2) then
            raise (
                ShapeException
                    $"Expected {spatial + 1}D (unbatched) or {spatial + 2}D (batched) input to {name}, but got input of size: {Shape.format x.Shape}"
            )

        let batched = x.Rank = weight.Rank
        let x = if batched then x else Engine.reshape (Array.append [| 1 |] x.Shape) x
        let stride, padding = each spatial "stride" stride, each spatial "padding" padding
        let extra, dilation = each spatial "output_padding" outputPadding, each spatial "dilation" dilation

        let require limit what (sizes: int[]) =
            if sizes |> Array.exists (fun s -> s < limit) then
                raise (ArgumentValueException $"{what} (got {Shape.format sizes} in {name})")

        require 1 "non-positive stride is not supported" stride
        require 0 "negative padding is not supported" padding
        require 0 "negative output_padding is not supported" extra
        require 1 "dilation should be greater than zero" dilation
        require 1 "non-positive groups is not supported" [| groups |]

        if Array.exists2 (fun e limit -> e >= limit) extra (Array.map2 max stride dilation) then
            raise (
                ArgumentValueException
                    $"output padding must be smaller than either stride or dilation, but got output_padding: {Shape.format extra} stride: {Shape.format stride} dilation: {Shape.format dilation} ({name})"
            )

        if weight.Shape[0] % groups <> 0 then
            raise (
                ShapeException
                    $"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size [{Shape.format weight.Shape}] instead"
            )

        if x.Shape[1] <> weight.Shape[0] then
            raise (
                ShapeException
                    $"Given transposed=1, weight of size {Shape.format weight.Shape}, expected input{Shape.format x.Shape} to have {weight.Shape[0]} channels, but got {x.Shape[1]} channels instead: images are [batch, channels, ...]; permute channels that come last"
            )

        let channels = weight.Shape[1] * groups

        match bias with
        | Some b when b.Rank <> 1 || b.Shape[0] <> channels ->
            raise (
                ShapeException
                    $"Given transposed=1, weight of size {Shape.format weight.Shape}, expected bias to be 1-dimensional with {channels} elements, but got bias of size {Shape.format b.Shape} instead: it adds one number to each channel of the output"
            )
        | _ -> ()

        let size d = (x.Shape[d + 2] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (weight.Shape[d + 2] - 1) + 1
        let sizes = Array.init spatial (fun d -> size d + extra[d])

        if sizes |> Array.exists (fun s -> s < 1) then
            raise (
                ShapeException
                    $"Given input size per channel: {Shape.format (Array.skip 2 x.Shape)}. Calculated output size per channel: {Shape.format sizes}. Output size is too small: take less padding, or more output_padding, in {name}"
            )

        let convolve padding (sizes: int[]) =
            let geometry: ConvolutionGeometry =
                { Input = Array.append [| x.Shape[0]; channels |] sizes
                  Weight = weight.Shape
                  Output = x.Shape
                  Stride = stride
                  Padding = padding
                  Dilation = dilation
                  Groups = groups }

            Contraction.convolve InputGradient geometry weight x

        let y =
            if Array.forall2 (<) extra stride then
                convolve padding sizes
            else
                // No convolution leaves out as much as a whole stride: all of it, and then what is asked for.
                let whole = convolve (Array.create spatial 0) (Array.init spatial (fun d -> size d + 2 * padding[d]))

                Tensor.padConstant 0.0 [ for d in spatial - 1 .. -1 .. 0 -> -padding[d], extra[d] - padding[d] ] whole

        let y =
            match bias with
            | Some bias ->
                Operands.binary Functions.add y (Engine.reshape (Array.append [| channels |] (Array.create spatial 1)) bias)
            | None -> y

        if batched then y else Engine.reshape (Array.skip 1 y.Shape) y

    /// Cross-correlation over time of [time, N, C] with [kernel, C, O], plus a bias [O]: [time', N, O].
    let timeBatchChannel padding (x: Tensor) (weight: Tensor) (bias: Tensor) : Tensor =
        if x.Rank <> 3 then
            raise (ShapeException $"Input must have 3 dims: time, batch, in_channel (conv_tbc got {Shape.format x.Shape})")

        if weight.Rank <> 3 then
            raise (
                ShapeException
                    $"Weight tensor must have 3 dims: kernel_width, in_channels, out_channels. (conv_tbc got {Shape.format weight.Shape})"
            )

        if bias.Rank <> 1 then
            raise (ShapeException $"Bias must be 1-D (conv_tbc got {Shape.format bias.Shape})")

        let images = Structure.permute [| 1; 2; 0 |] x
        let kernel = Structure.permute [| 2; 1; 0 |] weight
        Tensor.conv [ 1 ] [ padding ] [ 1 ] 1 images kernel (Some bias) |> Structure.permute [| 2; 0; 1 |]

    /// y[..., o] = x1 W[o] x2 + bias[o]: a form for each output of a layer with two inputs.
    let bilinear (x1: Tensor) (x2: Tensor) (weight: Tensor) (bias: Tensor option) : Tensor =
        if x1.Rank <> x2.Rank || x1.Rank < 1 || not (Shape.equal x1.Shape[.. x1.Rank - 2] x2.Shape[.. x2.Rank - 2]) then
            raise (
                ShapeException
                    $"bilinear(): input batch dimensions do not match: got {Shape.format x1.Shape} and {Shape.format x2.Shape}"
            )

        let last (t: Tensor) = t.Shape[t.Rank - 1]

        if weight.Rank <> 3 then
            raise (
                ShapeException
                    $"bilinear(): weight should be [out_features, in1_features, in2_features], but got {Shape.format weight.Shape}"
            )

        if last x1 <> weight.Shape[1] then
            raise (
                ShapeException $"bilinear(): input1 size does not match weight size: got {last x1} but expected {weight.Shape[1]}"
            )

        if last x2 <> weight.Shape[2] then
            raise (
                ShapeException $"bilinear(): input2 size does not match weight size: got {last x2} but expected {weight.Shape[2]}"
            )

        let outputs, left, right = weight.Shape[0], weight.Shape[1], weight.Shape[2]

        match bias with
        | Some b when b.Rank <> 1 || b.Shape[0] <> outputs ->
            raise (
                ShapeException
                    $"bilinear(): bias size does not match weight size: got {Shape.format b.Shape} but expected [{outputs}]"
            )
        | _ -> ()

        let lead = x1.Shape[.. x1.Rank - 2]
        let rows = Shape.count lead
        let turned = Structure.permute [| 1; 0; 2 |] weight |> Engine.reshape [| left; outputs * right |]

        let half =
            Contraction.matmul (Engine.reshape [| rows; left |] x1) turned |> Engine.reshape [| rows; outputs; right |]

        let weighed = Operands.binary Functions.mul half (Engine.reshape [| rows; 1; right |] x2)
        let forms = Reductions.sum [| 2 |] weighed |> Engine.reshape (Array.append lead [| outputs |])

        match bias with
        | Some b -> Operands.binary Functions.add forms b
        | None -> forms
