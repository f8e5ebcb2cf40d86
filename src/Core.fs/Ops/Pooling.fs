namespace Functional

open System
open Functional.Contract

/// Pooling over regions that are not regular windows, and its reverse.
[<RequireQualifiedAccess>]
module Pooling =
    let private spatial count (t: Tensor) = Array.skip (t.Rank - count) t.Shape
    let private lead count (t: Tensor) = Array.take (t.Rank - count) t.Shape

    /// [planes, elements of a plane].
    let private flat count (t: Tensor) = Engine.reshape [| -1; Shape.count (spatial count t) |] t

    /// The flat places within a plane that every region sees, k-major: element k of region r stands at k * regions + r. `start` and
    /// `length` say what region i covers of dimension d; shorter regions see their first element again.
    let private sights (input: int[]) (output: int[]) (start: int -> int -> int) (length: int -> int -> int) =
        let widest = Array.init input.Length (fun d -> Seq.init output[d] (length d) |> Seq.fold max 1)
        let regions, taps = Shape.count output, Shape.count widest
        let strides, regionStrides, tapStrides = Shape.rowMajor input, Shape.rowMajor output, Shape.rowMajor widest

        let place i =
            let tap, region = i / regions, i % regions
            let mutable sum = 0L

            for d in 0 .. input.Length - 1 do
                let r = region / regionStrides[d] % output[d]
                let k = tap / tapStrides[d] % widest[d]
                let k = if k < length d r then k else 0
                sum <- sum + int64 (start d r + k) * int64 strides[d]

            sum

        struct (taps, Array.init (taps * regions) place)

    /// The largest of what each region sees and where it stands, for planes [planes, size] and sights [1 or planes, taps * regions].
    let private largest taps (sights: Tensor) (planes: Tensor) =
        let count = planes.Shape[0]
        let regions = sights.Shape[1] / taps
        let places = Engine.expand [| count; taps * regions |] sights
        let seen = GatherScatter.gather 1 (Structure.detach planes) places |> Engine.reshape [| count; taps; regions |]
        let best = Reductions.position ArgMaximum 1 seen
        let where = GatherScatter.gather 1 (Engine.reshape [| count; taps; regions |] places) best
        let where = Engine.reshape [| count; regions |] where
        GatherScatter.gather 1 planes where, where

    let private shaped (sizes: int[]) t (values: Tensor, where: Tensor) =
        let shape = Array.append (lead sizes.Length t) sizes
        Engine.reshape shape values, Engine.reshape shape where

    /// The maximum of as many regions as asked for, which cover the last dimensions, and where it stands in its plane.
    let adaptiveMaximum (sizes: int list) (t: Tensor) : Tensor * Tensor =
        let sizes = Array.ofList sizes
        let name = $"adaptive_max_pool{sizes.Length}d"
        Patches.requireImage name sizes t

        if not (Dtype.isFloating t.Dtype) then
            raise (
                DtypeException
                    $"\"{name}\" not implemented for '{Dtype.scalarTypeName t.Dtype}': cast the tensor of shape {Shape.format t.Shape} with Tensor.cast Float32"
            )

        let input = spatial sizes.Length t
        let shape = Array.append (lead sizes.Length t) sizes

        if Shape.count shape = 0 then
            Structure.zeros t shape, Operands.number t Int64 shape (Integer 0L)
        elif Array.forall2 (fun size count -> size % count = 0) input sizes then
            let where = Windows.argMaximum (Patches.tiles input (Array.map2 (/) input sizes)) t
            let values = GatherScatter.gather 1 (flat sizes.Length t) (flat sizes.Length where)
            Engine.reshape shape values, where
        else
            let start d i = int (int64 i * int64 input[d] / int64 sizes[d])
            let stop d i = int ((int64 (i + 1) * int64 input[d] + int64 sizes[d] - 1L) / int64 sizes[d])
            let struct (taps, places) = sights input sizes start (fun d i -> stop d i - start d i)
            largest taps (Constants.integers t [| 1; places.Length |] places) (flat sizes.Length t) |> shaped sizes t

    /// The maximum of windows whose places are drawn (Graham 2014), and where it stands in its plane. Samples [N, C, dimensions] in
    /// [0, 1) move the windows; along the last dimensions in the order W, H for images and T, H, W for volumes.
    let fractionalMaximum (kernel: int list) (sizes: int list) (samples: Tensor) (t: Tensor) : Tensor * Tensor =
        let kernel, sizes = Array.ofList kernel, Array.ofList sizes
        let dimensions = kernel.Length
        let name = $"fractional_max_pool{dimensions}d"
        Patches.requireImage name sizes t
        let input = spatial dimensions t

        let names =
            if dimensions = 2 then
                [| "height"; "width" |]
            else
                [| "time"; "height"; "width" |]

        for d in 0 .. dimensions - 1 do
            if kernel[d] < 1 || sizes[d] < 0 then
                raise (
                    ShapeException
                        $"{name}(): expected a kernel greater than zero and an output size of at least zero, but got {names[d]} {kernel[d]} and {sizes[d]}"
                )

            if int64 sizes[d] + int64 kernel[d] - 1L > int64 input[d] then
                raise (ShapeException $"{name}(): pool {names[d]} {kernel[d]} too large relative to input {names[d]} {input[d]}")

        let planes = Shape.count (lead dimensions t)

        if Shape.count samples.Shape <> planes * dimensions then
            raise (
                ShapeException
                    $"Expected _random_samples to have {dimensions} numbers for each of {planes} planes, but got {Shape.format samples.Shape} ({name})"
            )

        let drawn = Constants.readReals samples
        let round: float -> float = if t.Dtype = Float64 then id else fun x -> float (float32 x)

        let places =
            Array.init planes (fun plane ->
                let start d i =
                    if i = sizes[d] - 1 then
                        input[d] - kernel[d]
                    else
                        let sample = drawn[plane * dimensions + (if dimensions = 2 then 1 - d else d)]
                        let step = round (float (input[d] - kernel[d]) / float (sizes[d] - 1))
                        // Samples are numbers of [0, 1); others must not lead out of the input.
                        int (round (round (float i + sample) * step)) - int (round (sample * step))
                        |> max 0
                        |> min (input[d] - kernel[d])

                let struct (_, places) = sights input sizes start (fun d _ -> kernel[d])
                places)

        let taps = Array.fold (*) 1 kernel
        let sights = Constants.integers t [| planes; taps * Shape.count sizes |] (Array.concat places)
        largest taps sights (flat dimensions t) |> shaped sizes t

    /// (sum of x^p)^(1/p) over windows. An empty stride means the kernel's size.
    let power (p: float) (kernel: int list) (stride: int list) ceilMode (t: Tensor) : Tensor =
        let means = Tensor.avgPool kernel stride [ 0 ] ceilMode true None (Operands.power t (Real p))
        // Written so, as PyTorch writes it, for its slope where the mean is 0.
        let size = Operands.unary Functions.relu (Operands.unary Functions.abs means)
        let means = Operands.binary Functions.mul (Operands.unary Functions.sign means) size
        Operands.power (Operands.withRight Functions.mul means (Real(float (List.fold (*) 1 kernel)))) (Real(1.0 / p))

    /// The sizes of these parts of the last dimensions, rounded down.
    let portions (ratios: float list) (t: Tensor) : int list =
        if ratios.Length > t.Rank then
            raise (ShapeException $"expected at least {ratios.Length} dimensions to pool, but got {Shape.format t.Shape}")

        spatial ratios.Length t |> List.ofArray |> List.map2 (fun ratio size -> int (float size * ratio)) ratios

    /// The sizes that max pooling by this kernel made a tensor from, if its windows filled them. An empty stride means the kernel's size.
    let unpooledSizes (kernel: int list) (stride: int list) (padding: int list) (t: Tensor) : int list =
        if kernel.Length > t.Rank then
            raise (ShapeException $"expected at least {kernel.Length} dimensions to unpool, but got {Shape.format t.Shape}")

        let each sizes = if List.length sizes = 1 then List.replicate kernel.Length sizes.Head else sizes
        let stride = if stride.IsEmpty then kernel else each stride
        let padding = each padding

        if stride.Length <> kernel.Length || padding.Length <> kernel.Length then
            raise (
                ArgumentValueException
                    $"stride and padding must be one size or {kernel.Length}, but got {stride.Length} and {padding.Length} (max_unpool)"
            )

        spatial kernel.Length t
        |> List.ofArray
        |> List.zip3 kernel (List.zip stride padding)
        |> List.map (fun (k, (s, p), size) -> (size - 1) * s + k - 2 * p)

    /// The reverse of max pooling: elements at the places that it told, zeros elsewhere.
    let unpool (sizes: int list) (where: Tensor) (t: Tensor) : Tensor =
        let sizes = Array.ofList sizes
        let dimensions = sizes.Length

        if where.Dtype <> Int64 then
            raise (
                DtypeException
                    $"elements in indices should be type int64 but got: {Dtype.scalarTypeName where.Dtype} (max_unpool{dimensions}d)"
            )

        if t.Rank <> dimensions + 1 && t.Rank <> dimensions + 2 then
            raise (
                ShapeException
                    $"Input to max_unpooling{dimensions}d should be a {dimensions + 1}d or {dimensions + 2}d Tensor, but got a tensor with {t.Rank} dimensions."
            )

        if not (Shape.equal where.Shape t.Shape) then
            raise (
                ShapeException
                    $"Expected shape of indices to be same as that of the input tensor ({Shape.format t.Shape}) but got indices tensor with shape: {Shape.format where.Shape}"
            )

        let source = flat dimensions t
        let hollow = Structure.zeros t [| source.Shape[0]; Shape.count sizes |]

        IndexWords.Within(
            $"""Found an invalid max index: {{detail}} (output volumes are of size {String.Join("x", sizes)})""",
            fun () ->
                GatherScatter.scatter ScatterSet 1 hollow (flat dimensions where) source
                |> Engine.reshape (Array.append (lead dimensions t) sizes)
        )
