namespace Functional

open Functional.Contract

/// Sums of products: matrix products and convolutions. Each is linear in both operands, so each derivative is one of them again.
[<RequireQualifiedAccess>]
module Contraction =
    let private swapLast (sizes: int[]) =
        let swapped = Array.copy sizes
        let last = sizes.Length - 1
        swapped[last] <- sizes[last - 1]
        swapped[last - 1] <- sizes[last]
        swapped

    let private turned (isTransposed: bool) (view: View) =
        if isTransposed then
            { view with Shape = swapLast view.Shape; Strides = swapLast view.Strides }
        else
            view

    /// [batch..., m, k] x [batch..., k, n] -> [batch..., m, n] with equal batch dimensions; a flag says that an operand
    /// comes with its last two dimensions swapped. The flags keep transposes inside the product: the gradient of a
    /// transposed weight comes out as the weight lies, and no view of the weight keeps it from being donated.
    let rec product (transposeA: bool) (transposeB: bool) (a: Tensor) (b: Tensor) : Tensor =
        Engine.bind (matmulPrimitive transposeA transposeB) [| a; b |]

    and matmulPrimitive transposeA transposeB : Primitive =
        let shapeOf isTransposed (shape: Shape) = if isTransposed then swapLast shape else shape

        { Name = "matmul"
          Infer =
            fun specs ->
                let fits = specs[0].Shape.Length >= 2 && specs[1].Shape.Length = specs[0].Shape.Length
                let a = if fits then shapeOf transposeA specs[0].Shape else specs[0].Shape
                let b = if fits then shapeOf transposeB specs[1].Shape else specs[1].Shape
                let rank = a.Length

                if not fits || a[rank - 1] <> b[rank - 2] || Array.take (rank - 2) a <> Array.take (rank - 2) b then
                    raise (
                        ShapeException
                            $"mat1 and mat2 shapes cannot be multiplied ({Shape.times a} and {Shape.times b}): matmul needs [..., m, k] and [..., k, n]"
                    )

                if specs[0].Dtype <> specs[1].Dtype then
                    raise (
                        DtypeException
                            $"expected m1 and m2 to have the same dtype, but got: {Dtype.name specs[0].Dtype} != {Dtype.name specs[1].Dtype} (matmul: bring them together with Tensor.cast)"
                    )

                { specs[0] with Shape = Array.append (Array.take (rank - 1) a) [| b[rank - 1] |] }
          Eval =
            fun backend values ->
                let a, b = turned transposeA (Value.view values[0]), turned transposeB (Value.view values[1])
                let shape = Array.append (Array.take (a.Shape.Length - 1) a.Shape) [| Array.last b.Shape |]
                backend.MatMul(a, b) |> View.contiguous shape |> Value.ofView backend
          Linearize =
            fun args _ i ->
                if i = 0 then
                    Engine.linear (fun t -> product transposeA transposeB t args[1]) (fun c ->
                        if transposeA then
                            product transposeB true (Engine.conj args[1]) c
                        else
                            product false (not transposeB) c (Engine.conj args[1]))
                else
                    Engine.linear (fun t -> product transposeA transposeB args[0] t) (fun c ->
                        if transposeB then
                            product true transposeA c (Engine.conj args[0])
                        else
                            product (not transposeA) false (Engine.conj args[0]) c)
          Batch =
            fun size args flags ->
                match flags[0], flags[1], args[1].Rank with
                | true, false, 2 when not transposeA ->
                    // One matrix for all examples: they are more rows of one product.
                    let a = args[0]
                    let rows = Structure.merge 0 (a.Rank - 1) a
                    let result = product false transposeB rows args[1]
                    Engine.reshape (Array.append (Array.take (a.Rank - 1) a.Shape) [| result.Shape[1] |]) result
                | _ ->
                    let args = Engine.leadAll size args flags
                    product transposeA transposeB args[0] args[1] }

    /// [batch..., m, k] x [batch..., k, n] -> [batch..., m, n] with equal batch dimensions.
    let matmul (a: Tensor) (b: Tensor) : Tensor = product false false a b

    /// Spatial sizes that come out of a convolution.
    let outputSizes (input: int[]) (kernel: int[]) (stride: int[]) (padding: int[]) (dilation: int[]) =
        Array.init input.Length (fun i -> (input[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1)

    /// Truth values have no sums; PyTorch says so in the name of the kernel that it would have called.
    let private refuseTruth pass (geometry: ConvolutionGeometry) dtype =
        if dtype = Bool then
            let spatial = geometry.Stride.Length

            let kernel =
                match pass with
                | InputGradient -> $"slow_conv_transpose{max 2 spatial}d_out_cpu"
                | _ when geometry.Dilation |> Array.exists (fun d -> d > 1) -> "slow_conv_dilated<>"
                | _ when spatial = 3 -> "compute_columns3d"
                | _ -> "slow_conv2d_cpu"

            raise (
                DtypeException
                    $"\"{kernel}\" not implemented for 'Bool': convolution takes input and weight of numbers, shapes {Shape.format geometry.Input} and {Shape.format geometry.Weight} here; cast them first"
            )

    /// Complex operands go part by part: all three passes are linear in both.
    let rec convolve (pass: ConvolutionPass) (geometry: ConvolutionGeometry) (a: Tensor) (b: Tensor) : Tensor =
        if Dtype.isComplex a.Dtype && a.Dtype = b.Dtype then
            let real, imaginary = Operands.unary Functions.realPart, Operands.unary Functions.imaginaryPart
            let along f g = convolve pass geometry (f a) (g b)
            let combine f = Operands.binary f
            let re = combine Functions.sub (along real real) (along imaginary imaginary)
            let im = combine Functions.add (along real imaginary) (along imaginary real)
            combine Functions.complex re im
        else
            Engine.bind (convolvePrimitive pass geometry) [| a; b |]

    and convolvePrimitive pass geometry : Primitive =
        let shapes =
            match pass with
            | Forward -> struct (geometry.Input, geometry.Weight, geometry.Output)
            | InputGradient -> struct (geometry.Weight, geometry.Output, geometry.Input)
            | WeightGradient -> struct (geometry.Input, geometry.Output, geometry.Weight)

        let struct (first, second, result) = shapes
        let go pass = convolve pass geometry

        { Name = $"convolve{pass}"
          Infer =
            fun specs ->
                if not (Shape.equal specs[0].Shape first && Shape.equal specs[1].Shape second) then
                    raise (
                        ShapeException
                            $"convolution ({pass}): expected operands of shapes {Shape.format first} and {Shape.format second}, but got {Shape.format specs[0].Shape} and {Shape.format specs[1].Shape}"
                    )

                if specs[0].Dtype <> specs[1].Dtype then
                    raise (
                        DtypeException
                            $"Input type ({Dtype.name specs[0].Dtype}) and weight type ({Dtype.name specs[1].Dtype}) should be the same (convolution: bring them together with Tensor.cast)"
                    )

                refuseTruth pass geometry specs[0].Dtype
                { specs[0] with Shape = result }
          Eval =
            fun backend values ->
                backend.Convolve(pass, geometry, Value.view values[0], Value.view values[1])
                |> View.contiguous result
                |> Value.ofView backend
          Linearize =
            fun args _ i ->
                match pass, i with
                | Forward, 0 -> Engine.linear (fun t -> go Forward t args[1]) (fun c -> go InputGradient args[1] c)
                | Forward, _ -> Engine.linear (fun t -> go Forward args[0] t) (fun c -> go WeightGradient args[0] c)
                | InputGradient, 0 -> Engine.linear (fun t -> go InputGradient t args[1]) (fun c -> go WeightGradient c args[1])
                | InputGradient, _ -> Engine.linear (fun t -> go InputGradient args[0] t) (fun c -> go Forward c args[0])
                | WeightGradient, 0 -> Engine.linear (fun t -> go WeightGradient t args[1]) (fun c -> go InputGradient c args[1])
                | WeightGradient, _ -> Engine.linear (fun t -> go WeightGradient args[0] t) (fun c -> go Forward args[0] c)
          Batch = fun size args flags -> batch pass geometry size args flags }

    /// Examples with one weight are more images; examples with weights of their own are more groups.
    and private batch pass geometry size args flags =
        let weightIsShared =
            match pass with
            | Forward -> not flags[1]
            | InputGradient -> not flags[0]
            | WeightGradient -> false

        let args = if weightIsShared then args else Engine.leadAll size args flags
        let scale axis (shape: Shape) = shape |> Array.updateAt axis (size * shape[axis])

        if weightIsShared then
            let geometry = { geometry with Input = scale 0 geometry.Input; Output = scale 0 geometry.Output }
            let fold (t: Tensor) = Structure.merge 0 2 t
            let unfold (t: Tensor) = Engine.reshape (Array.concat [ [| size; t.Shape[0] / size |]; Array.skip 1 t.Shape ]) t

            match pass with
            | InputGradient -> convolve pass geometry args[0] (fold args[1]) |> unfold
            | _ -> convolve pass geometry (fold args[0]) args[1] |> unfold
        else
            let grouped =
                { geometry with
                    Input = scale 1 geometry.Input
                    Output = scale 1 geometry.Output
                    Weight = scale 0 geometry.Weight
                    Groups = geometry.Groups * size }

            // [size, N, C, ...] <-> [N, size * C, ...] and [size, O, ...] <-> [size * O, ...]
            let images (t: Tensor) = Structure.swapAxes 0 1 t |> Structure.merge 1 2

            let weights (t: Tensor) = Structure.merge 0 2 t

            let unimages (t: Tensor) =
                Engine.reshape (Array.concat [ [| t.Shape[0]; size; t.Shape[1] / size |]; Array.skip 2 t.Shape ]) t
                |> Structure.swapAxes 0 1

            match pass with
            | Forward -> convolve pass grouped (images args[0]) (weights args[1]) |> unimages
            | InputGradient -> convolve pass grouped (weights args[0]) (images args[1]) |> unimages
            | WeightGradient ->
                convolve pass grouped (images args[0]) (images args[1])
                |> Engine.reshape (Array.append [| size |] geometry.Weight)
