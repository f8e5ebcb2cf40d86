namespace Functional

open System
open Functional.Contract

/// Matrix products, convolutions and pooling.
[<AutoOpen>]
module LinearOperations =
    let private matrices (t: Tensor) = Structure.merge 0 (t.Rank - 1) t

    /// Sizes given once stand for every spatial dimension.
    let private each rank (sizes: int list) =
        match sizes with
        | [ one ] -> Array.create rank one
        | _ when sizes.Length = rank -> Array.ofList sizes
        | _ -> raise (ArgumentValueException $"expected one size or {rank} sizes for {rank} spatial dimensions, but got {sizes}")

    [<RequireQualifiedAccess>]
    module Tensor =
        /// PyTorch's matmul: dot product, matrix-vector, matrix-matrix and batched with broadcasting, by rank.
        let rec matmul (a: Tensor) (b: Tensor) : Tensor =
            let fail () =
                let shapes =
                    match a.Shape, b.Shape with
                    | [| m; k |], [| n |] -> $"size mismatch, got {m}, {m}x{k},{n}"
                    | [| n |], [| k; m |] -> $"size mismatch, got {m}, {m}x{k},{n}"
                    | x, y -> $"mat1 and mat2 shapes cannot be multiplied ({Shape.times x} and {Shape.times y})"

                raise (ShapeException $"{shapes}: the last dimension of the first must equal the last but one of the second")

            match a.Rank, b.Rank with
            | 0, _
            | _, 0 ->
                raise (ShapeException $"both arguments to matmul need to be at least 1D, but they are {a.Rank}D and {b.Rank}D")
            | 1, _ ->
                if a.Shape[0] <> b.Shape[max 0 (b.Rank - 2)] then
                    fail ()

                let product =
                    matmul (Engine.reshape [| 1; a.Shape[0] |] a) (if b.Rank = 1 then Engine.reshape [| b.Shape[0]; 1 |] b else b)

                let shape = product.Shape

                let kept =
                    if b.Rank = 1 then
                        [||]
                    else
                        Array.append (Array.take (shape.Length - 2) shape) [| Array.last shape |]

                Engine.reshape kept product
            | _, 1 ->
                if a.Shape[a.Rank - 1] <> b.Shape[0] then
                    fail ()

                let product = matmul a (Engine.reshape [| b.Shape[0]; 1 |] b)
                Engine.reshape (Array.take (product.Rank - 1) product.Shape) product
            | 2, 2 ->
                if a.Shape[1] <> b.Shape[0] then
                    fail ()

                Contraction.matmul a b
            | m, 2 ->
                if a.Shape[m - 1] <> b.Shape[0] then
                    fail ()

                Contraction.matmul (matrices a) b
                |> Engine.reshape (Array.append (Array.take (m - 1) a.Shape) [| b.Shape[1] |])
            | m, n ->
                if a.Shape[m - 1] <> b.Shape[n - 2] then
                    fail ()

                let batch = Shape.broadcast (Array.take (m - 2) a.Shape) (Array.take (n - 2) b.Shape)
                let wide (t: Tensor) = Engine.expand (Array.append batch (Array.skip (t.Rank - 2) t.Shape)) t
                Contraction.matmul (wide a) (wide b)

        /// x times the transposed weight [out, in], plus the bias.
        let linear (x: Tensor) (weight: Tensor) (bias: Tensor option) =
            let product =
                if weight.Rank <> 2 || x.Rank = 0 then
                    matmul x weight
                elif x.Rank = 2 then
                    Contraction.product false true x weight
                else
                    let leading = Array.take (x.Rank - 1) x.Shape
                    let rows = Engine.reshape [| Shape.count leading; x.Shape[x.Rank - 1] |] x

                    Contraction.product false true rows weight |> Engine.reshape (Array.append leading [| weight.Shape[0] |])

            match bias with
            | Some bias -> product + bias
            | None -> product

        let private fitted name (spatial: int) (x: Tensor) (weight: Tensor) (groups: int) =
            if spatial < 1 || weight.Rank <> spatial + 2 || (x.Rank <> spatial + 2 && x.Rank <> spatial + 1) then
                raise (
                    ShapeException
                        $"Expected {spatial + 1}D (unbatched) or {spatial + 2}D (batched) input to {name}, but got input of size: {Shape.format x.Shape} and weight of size {Shape.format weight.Shape}"
                )

            if groups <= 0 then
                raise (ArgumentValueException "non-positive groups is not supported")

        /// Cross-correlation of [N, C, ...] with [O, C / groups, ...] over one to three spatial dimensions; one size stands for all.
        let conv
            (stride: int list)
            (padding: int list)
            (dilation: int list)
            groups
            (x: Tensor)
            (weight: Tensor)
            (bias: Tensor option)
            =
            let spatial = weight.Rank - 2
            let name = $"conv{spatial}d"
            fitted name spatial x weight groups

            let batched = x.Rank = weight.Rank
            let x = if batched then x else Engine.reshape (Array.append [| 1 |] x.Shape) x
            let stride, padding, dilation = each spatial stride, each spatial padding, each spatial dilation

            if stride |> Array.exists (fun s -> s <= 0) then
                raise (ArgumentValueException "non-positive stride is not supported")

            if padding |> Array.exists (fun p -> p < 0) then
                raise (ArgumentValueException "negative padding is not supported")

            if dilation |> Array.exists (fun d -> d <= 0) then
                raise (ArgumentValueException "dilation should be greater than zero")

            if x.Shape[1] <> weight.Shape[1] * groups then
                raise (
                    ShapeException
                        $"Given groups={groups}, weight of size {Shape.format weight.Shape}, expected input{Shape.format x.Shape} to have {weight.Shape[1] * groups} channels, but got {x.Shape[1]} channels instead: images are [batch, channels, ...]; permute channels that come last"
                )

            if weight.Shape[0] % groups <> 0 then
                raise (
                    ShapeException
                        $"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size {Shape.format weight.Shape} instead"
                )

            match bias with
            | Some b when not (Shape.equal b.Shape [| weight.Shape[0] |]) ->
                raise (
                    ShapeException
                        $"Given weight of size {Shape.format weight.Shape}, expected bias to be 1-dimensional with {weight.Shape[0]} elements, but got bias of size {Shape.format b.Shape} instead: a convolution adds one number to each of its filters"
                )
            | _ -> ()

            let kernel = Array.skip 2 weight.Shape
            let reach = Array.map2 (fun k d -> d * (k - 1) + 1) kernel dilation
            let padded = Array.map2 (fun size p -> size + 2 * p) (Array.skip 2 x.Shape) padding

            if Array.exists2 (<) padded reach then
                let sizes (s: int[]) = String.Join(" x ", s)

                raise (
                    ShapeException
                        $"Calculated padded input size per channel: ({sizes padded}). Kernel size: ({sizes reach}). Kernel size can't be greater than actual input size"
                )

            let sizes = Contraction.outputSizes (Array.skip 2 x.Shape) kernel stride padding dilation

            let geometry: ConvolutionGeometry =
                { Input = x.Shape
                  Weight = weight.Shape
                  Output = Array.append [| x.Shape[0]; weight.Shape[0] |] sizes
                  Stride = stride
                  Padding = padding
                  Dilation = dilation
                  Groups = groups }

            let y = Contraction.convolve Forward geometry x weight

            let y =
                match bias with
                | Some bias -> y + Engine.reshape (Array.append [| -1 |] (Array.create spatial 1)) bias
                | None -> y

            if batched then y else Engine.reshape (Array.skip 1 y.Shape) y

        /// Convolution over images with one stride and padding for both dimensions.
        let conv2d stride padding x weight bias = conv [ stride ] [ padding ] [ 1 ] 1 x weight bias

        let private windows
            name
            (kernel: int list)
            (stride: int list)
            (padding: int list)
            (dilation: int list)
            ceilMode
            (x: Tensor)
            : WindowGeometry =
            let spatial = kernel.Length
            let stride = if stride.IsEmpty then Array.ofList kernel else each spatial stride
            let kernel, padding, dilation = Array.ofList kernel, each spatial padding, each spatial dilation

            if x.Rank <> spatial + 1 && x.Rank <> spatial + 2 then
                raise (
                    ShapeException
                        $"{name}() Expected {spatial + 1}D or {spatial + 2}D (batch mode) tensor for input, but got: {Shape.format x.Shape}"
                )

            let input = Array.skip (x.Rank - spatial) x.Shape

            if kernel |> Array.exists (fun k -> k <= 0) then
                raise (ArgumentValueException $"{name}(): kernel size should be greater than zero, but got {Shape.format kernel}")

            if stride |> Array.exists (fun s -> s <= 0) then
                raise (ArgumentValueException $"{name}(): stride must not be zero")

            if dilation |> Array.exists (fun d -> d <= 0) then
                raise (ArgumentValueException $"dilation should be greater than zero, but got {Shape.format dilation} ({name})")

            if Array.skip (x.Rank - spatial - 1) x.Shape |> Array.contains 0 then
                raise (
                    ShapeException
                        $"{name}(): Expected input's non-batch dimensions to have positive length, but input has a shape of {Shape.format x.Shape}"
                )

            if Array.exists2 (fun p k -> p < 0 || 2 * p > k) padding kernel then
                raise (
                    ArgumentValueException
                        $"pad should be at most half of effective kernel size, but got pad={Shape.format padding}, kernel_size={Shape.format kernel} ({name})"
                )

            let size i =
                let room = input[i] + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1
                let plain = int (Math.Floor(float room / float stride[i])) + 1

                if ceilMode then
                    let up = int (Math.Ceiling(float room / float stride[i])) + 1
                    // The last window must start inside the input or its left padding.
                    if (up - 1) * stride[i] >= input[i] + padding[i] then up - 1 else up
                else
                    plain

            let output = Array.init spatial size

            if output |> Array.exists (fun s -> s <= 0) then
                let planes = x.Shape[x.Rank - spatial - 1]

                raise (
                    ShapeException
                        $"Given input size: ({planes}x{Shape.times input}). Calculated output size: ({planes}x{Shape.times output}). Output size is too small: {name} finds no place for its window; pad the input, take a smaller kernel_size or a larger image"
                )

            { Input = input
              Output = output
              Kernel = kernel
              Stride = stride
              Padding = padding
              Dilation = dilation }

        let private flatSpatial spatial (t: Tensor) = Structure.merge (t.Rank - spatial) spatial t

        /// The maximum of each window and where it was (flat within the plane). An empty stride means the kernel's size.
        let maxPoolWithIndices kernel stride padding dilation ceilMode (x: Tensor) =
            let geometry = windows $"max_pool{List.length kernel}d" kernel stride padding dilation ceilMode x
            let spatial = geometry.Input.Length
            let where = Windows.argMaximum geometry x
            let picked = GatherScatter.gather (x.Rank - spatial) (flatSpatial spatial x) (flatSpatial spatial where)
            Engine.reshape where.Shape picked, where

        let maxPool kernel stride padding dilation ceilMode x = fst (maxPoolWithIndices kernel stride padding dilation ceilMode x)
        /// Maximum over windows of k x k, k apart.
        let maxPool2d k x = maxPool [ k; k ] [] [ 0 ] [ 1 ] false x

        /// The mean of each window; padding counts as zeros if `countPadding`.
        let avgPool kernel stride padding ceilMode countPadding (divisor: int option) (x: Tensor) =
            let geometry = windows $"avg_pool{List.length kernel}d" kernel stride padding [ 1 ] ceilMode x
            let spatial = geometry.Input.Length
            let sums = Windows.sum geometry x

            // How many elements each window divides by, as a product over dimensions.
            let counts i =
                Array.init geometry.Output[i] (fun o ->
                    let start = o * geometry.Stride[i] - geometry.Padding[i]
                    let stop = min (start + geometry.Kernel[i]) (geometry.Input[i] + geometry.Padding[i])
                    float32 (if countPadding then stop - start else min stop geometry.Input[i] - max start 0))

            match divisor with
            | Some d when not (Dtype.isDifferentiable sums.Dtype) -> Operands.withRight Functions.div sums (Integer(int64 d))
            | Some d -> sums / float d
            | None when
                Dtype.isFloating sums.Dtype
                && [ 0 .. spatial - 1 ] |> List.forall (fun i -> Array.forall ((=) (float32 geometry.Kernel[i])) (counts i))
                ->
                sums / float (Array.fold (*) 1 geometry.Kernel)
            | None ->
                [ 0 .. spatial - 1 ]
                |> List.fold
                    (fun (sums: Tensor) i ->
                        let shape = Array.create spatial 1 |> Array.updateAt i geometry.Output[i]
                        let data = counts i

                        let row =
                            Creation.ofBytes
                                sums.Backend
                                Float32
                                shape
                                (Runtime.InteropServices.MemoryMarshal.AsBytes(ReadOnlySpan data))

                        Operands.binary Functions.div sums (Engine.cast sums.Dtype row))
                    sums

        /// Mean over windows of k x k, k apart.
        let avgPool2d k x = avgPool [ k; k ] [] [ 0 ] false true None x

        /// Rows of a table [V, D] by integer index of any shape: [..., D].
        let embedding (index: Tensor) (table: Tensor) =
            if table.Rank <> 2 then
                raise (
                    ShapeException $"'weight' must be 2-D, but got {Shape.format table.Shape} (embedding: one row for each index)"
                )

            if not (Dtype.isInteger index.Dtype) then
                raise (
                    DtypeException
                        $"Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got {Dtype.scalarTypeName index.Dtype} instead (while checking arguments for embedding): use Tensor.cast Int64"
                )

            let rows =
                IndexWords.Within(
                    "index out of range in self: {detail}",
                    fun () -> GatherScatter.select 0 table (Engine.reshape [| -1 |] (Engine.cast Int64 index))
                )

            Engine.reshape (Array.append index.Shape (Array.skip 1 table.Shape)) rows

        /// (x - mean) / sqrt(variance + epsilon) over the last `rank` dimensions.
        let normalizeLast rank epsilon (x: Tensor) =
            if rank < 1 || rank > x.Rank then
                raise (
                    ShapeException
                        $"Expected normalized_shape to be at least 1-dimensional and no longer than the input's {Shape.format x.Shape}, but it has {rank} dimensions (layer_norm)"
                )

            if rank = 1 then
                Rows.normalize epsilon x
            else
                Structure.merge (x.Rank - rank) rank x |> Rows.normalize epsilon |> Engine.reshape x.Shape

        /// Layer norm: `normalizeLast` over the dimensions of `weight`, times `weight`, plus `bias` (Ba, Kiros and Hinton 2016).
        let layerNorm epsilon (weight: Tensor) (bias: Tensor) (x: Tensor) =
            let columns = weight.Shape

            if columns.Length = 1 && Dtype.isFloating x.Dtype && weight.Dtype = x.Dtype && bias.Dtype = x.Dtype then
                Rows.layerNorm epsilon weight bias x
            else
                normalizeLast columns.Length epsilon x * weight + bias
