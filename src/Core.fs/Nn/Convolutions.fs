namespace Functional

open Functional.Contract

/// What surrounds the input of a convolution.
[<RequireQualifiedAccess>]
type Margin =
    /// As much as keeps the size with stride 1, of zeros.
    | Same
    /// So many zeros at both ends of each dimension; one size stands for all.
    | Zeros of int list
    /// So much of something else.
    | Bordered of Border * int list

/// Convolutions over one to three dimensions as layers. Weights have PyTorch's names, shapes and first values.
[<AutoOpen>]
module ConvolutionLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private each rank what (sizes: int list) =
            match sizes with
            | [ one ] -> List.replicate rank one
            | many when many.Length = rank -> many
            | many -> raise (ShapeException $"{what} must be one size or {rank}, but got {many.Length}")

        let private checkGroups inputs outputs groups =
            if groups <= 0 then
                raise (ArgumentValueException "groups must be a positive integer")

            if inputs % groups <> 0 then
                raise (ArgumentValueException "in_channels must be divisible by groups")

            if outputs % groups <> 0 then
                raise (ArgumentValueException "out_channels must be divisible by groups")

        /// What stands before and behind each dimension to keep its size; an odd rest goes behind.
        let private keeping dilation kernel =
            List.map2 (fun d k -> (let total = d * (k - 1) in total / 2, total - total / 2)) dilation kernel

        /// Cross-correlation of [N, inputs, ...] (or without N) with `outputs` kernels. One size stands for all dimensions; channels
        /// see each other only within their group.
        let convWith (stride: int list) margin (dilation: int list) groups bias inputs outputs (kernel: int list) =
            let rank = kernel.Length
            let dilation = each rank "dilation" dilation
            checkGroups inputs outputs groups

            if margin = Margin.Same && List.exists ((<>) 1) stride then
                raise (ArgumentValueException "padding='same' is not supported for strided convolutions")

            let border, around =
                match margin with
                | Margin.Same -> Border.Constant 0.0, keeping dilation kernel
                | Margin.Zeros sizes -> Border.Constant 0.0, each rank "padding" sizes |> List.map (fun p -> p, p)
                | Margin.Bordered(border, sizes) -> border, each rank "padding" sizes |> List.map (fun p -> p, p)

            // Zeros that are as many at both ends cost nothing inside the convolution.
            let isInside = border = Border.Constant 0.0 && List.forall (fun (before, behind) -> before = behind) around
            let inside = if isInside then List.map fst around else [ 0 ]

            let shape = outputs :: inputs / groups :: kernel
            let fan = List.fold (*) (inputs / groups) kernel

            LayerParts.stateless (LayerParts.weightAndBias fan shape outputs bias) (fun _ p x ->
                let x = if isInside then x else Padding.pad border (List.rev around) x
                Tensor.conv stride inside dilation groups x (Tree.tensor "weight" p) (LayerParts.withBias p))

        /// Convolution over [N, C, L] with a kernel of k, stride 1 and no padding.
        let conv1d inputs outputs k = convWith [ 1 ] (Margin.Zeros [ 0 ]) [ 1 ] 1 true inputs outputs [ k ]
        /// Convolution over [N, C, D, H, W] with a kernel of k x k x k, stride 1 and no padding.
        let conv3d inputs outputs k = convWith [ 1 ] (Margin.Zeros [ 0 ]) [ 1 ] 1 true inputs outputs [ k; k; k ]

        /// The gradient of a convolution by its input as a layer: the padding is cut from the result, and `more` elements are added
        /// behind it.
        let convTransposeWith
            (stride: int list)
            (padding: int list)
            (more: int list)
            (dilation: int list)
            groups
            bias
            inputs
            outputs
            (kernel: int list)
            =
            checkGroups inputs outputs groups
            let shape = inputs :: outputs / groups :: kernel
            let fan = List.fold (*) (outputs / groups) kernel

            LayerParts.stateless (LayerParts.weightAndBias fan shape outputs bias) (fun _ p x ->
                TransposedConvolution.apply
                    stride
                    padding
                    more
                    dilation
                    groups
                    x
                    (Tree.tensor "weight" p)
                    (LayerParts.withBias p))

        let private plainTransposed inputs outputs kernel = convTransposeWith [ 1 ] [ 0 ] [ 0 ] [ 1 ] 1 true inputs outputs kernel

        /// The transposed convolution over [N, C, L] with a kernel of k.
        let convTranspose1d inputs outputs k = plainTransposed inputs outputs [ k ]
        /// The transposed convolution over [N, C, H, W] with a kernel of k x k.
        let convTranspose2d inputs outputs k = plainTransposed inputs outputs [ k; k ]
        /// The transposed convolution over [N, C, D, H, W] with a kernel of k x k x k.
        let convTranspose3d inputs outputs k = plainTransposed inputs outputs [ k; k; k ]

        /// Other elements in other sizes around the last dimensions, which are given from the last one on: before and behind.
        let pad border (around: (int * int) list) = Nn.func (Padding.pad border around)
