namespace Functional.Contract

open System
open Functional.Contract
open Functional.Contract.Dense

/// The naive, obviously right definition of what a backend does; every other backend is tested against it.
/// Reals are computed in double precision and rounded once a step (programs) or once a result (sums).
[<Sealed; AllowNullLiteral>]
type ReferenceBackend private () =
    /// The one instance.
    static member val Instance = ReferenceBackend() :> IBackend

    /// A stretch of a buffer's bytes from an element on.
    static member private Bytes(operation: string, buffer: Buffer, offset: int, count: int) : Span<byte> =
        let bytes = (Elements.ofBuffer buffer).Bytes
        let start = int64 offset * int64 (Dtype.size buffer.Dtype)

        if start < 0L || start + int64 count > int64 bytes.Length then
            raise (
                IndexException
                    $"{operation}: bytes {start} to {start + int64 count} are outside a buffer of {buffer.Length} elements of {Dtype.name buffer.Dtype} ({bytes.Length} bytes)"
            )

        bytes.AsSpan(int start, count)

    static member private Row(kernel: RowKernel, values: float[]) : float[] =
        match kernel with
        | Softmax
        | LogSoftmax ->
            let top = values |> Array.fold (fun a b -> Math.Max(a, b)) -infinity
            let shifted = values |> Array.map (fun x -> x - top)
            let total = shifted |> Array.sumBy exp

            match kernel with
            | Softmax -> shifted |> Array.map (fun x -> exp x / total)
            | _ -> shifted |> Array.map (fun x -> x - log total)
        | NormalizeRow epsilon ->
            // The mean of what the first mean leaves puts its rounding error right.
            let near = Array.average values
            let mean = near + (values |> Array.averageBy (fun x -> x - near))
            let centred = values |> Array.map (fun x -> x - mean)
            let variance = centred |> Array.averageBy (fun x -> x * x)
            centred |> Array.map (fun x -> x / sqrt (variance + epsilon))

    static member private Pullback(kernel: RowKernel, point: float[], cotangent: float[]) : float[] =
        match kernel with
        | Softmax ->
            let inner = Array.map2 (*) point cotangent |> Array.sum
            Array.map2 (fun y c -> y * (c - inner)) point cotangent
        | LogSoftmax ->
            let total = Array.sum cotangent
            Array.map2 (fun y c -> c - exp y * total) point cotangent
        | NormalizeRow epsilon ->
            let near = Array.average point
            let mean = near + (point |> Array.averageBy (fun x -> x - near))
            let scale = 1.0 / sqrt ((point |> Array.averageBy (fun x -> (x - mean) * (x - mean))) + epsilon)
            let y = point |> Array.map (fun x -> (x - mean) * scale)
            let along = Array.map2 (*) y cotangent |> Array.average
            Array.map2 (fun y c -> scale * (c - Array.average cotangent - y * along)) y cotangent

    /// The mean; that of nothing is nan.
    static member private Average(values: float[]) : float = Array.sum values / float values.Length

    /// The elements of a channel of [N, C, positions].
    static member private Channel(source: View, channel: int) : float[] =
        [| for n in 0 .. source.Shape[0] - 1 do
               for i in 0 .. source.Shape[2] - 1 do
                   (Elements.get source [| n; channel; i |]).AsFloat |]

    /// Maps every row along the last dimension.
    static member private EachRow(source: View, map: float[] -> float[]) : Buffer =
        ReferenceBackend.EachRowAt(source, (fun _ row -> map row))

    /// Maps every row along the last dimension, knowing where its elements stand.
    static member private EachRowAt(source: View, map: (int -> int[]) -> float[] -> float[]) : Buffer =
        let source = Elements.atLeastOneDimension source
        let axis = source.Shape.Length - 1
        let result = Elements.allocate source.Dtype (Shape.count source.Shape)
        let target = View.contiguous source.Shape result

        Elements.iterate (Elements.at axis 1 source.Shape) (fun _ index ->
            if source.Shape[axis] > 0 then
                let place i = Elements.at axis i index

                Array.init source.Shape[axis] (fun i -> (Elements.get source (place i)).AsFloat)
                |> map place
                |> Array.iteri (fun i value -> Elements.set target (place i) (Real value)))

        result

    interface IBackend with
        member _.Name = "reference"
        member _.Device = { Kind = "reference"; Index = 0 }
        member _.ImmediateLimit = Int32.MaxValue
        member _.Allocate(dtype, length) = Elements.allocate dtype length
        member _.Upload(source, target) = source.CopyTo(ReferenceBackend.Bytes("upload", target, 0, source.Length))

        member _.Download(source, offset, target) =
            (ReferenceBackend.Bytes("download", source, offset, target.Length)).CopyTo target

        member _.Copy(source, target) =
            Elements.iterate source.Shape (fun _ index -> Elements.set target index (Elements.get source index))

        member _.Pad(source, shape, start, value) = PadComposition.pad ReferenceBackend.Instance source shape start value

        member _.Pointwise(program, shape, inputs, parameters, outputs) =
            Interpreter.pointwise program shape inputs parameters outputs

        member _.Reduce(reduction, program, shape, inputs, parameters, axes) =
            Interpreter.reduce reduction program shape inputs parameters axes

        member _.Scan(kind, source, axis, reverse) = Interpreter.scan kind source axis reverse
        member _.MatMul(a, b) = Products.matMul a b
        member _.Fourier(source, axis, inverse) = Products.fourier source axis inverse
        member _.Convolve(pass, geometry, a, b) = Products.convolve pass geometry a b
        member _.Window(kind, geometry, source) = Products.window kind geometry source
        member _.Gather(source, axis, index) = Indexing.gather source axis index
        member _.Scatter(mode, target, axis, index, source) = Indexing.scatter mode target axis index source
        member _.ArgSort(source, axis, descending, count) = Indexing.argSort source axis descending count
        member _.TruePositions truths = Indexing.truePositions truths
        member _.Random(kind, key, dtype, length) = RandomStream.fill kind key dtype length

        member _.Arange(dtype, length, start, step) =
            let wide = Dtype.wide dtype

            Elements.build dtype [| length |] (fun index ->
                Arithmetic.binary wide Add start (Arithmetic.binary wide Mul (Integer(int64 index[0])) step))

        member _.Rows(kernel, source) = ReferenceBackend.EachRow(source, (fun row -> ReferenceBackend.Row(kernel, row)))

        member _.NormalizeRows(source, epsilon, weight, bias) =
            let column (view: View) i = (Elements.get view [| i |]).AsFloat

            ReferenceBackend.EachRow(
                source,
                (fun row ->
                    ReferenceBackend.Row(NormalizeRow epsilon, row)
                    |> Array.mapi (fun i x -> x * column weight i + column bias i))
            )

        member _.RowsPullback(kernel, point, cotangent) =
            let cotangents = Elements.atLeastOneDimension cotangent

            ReferenceBackend.EachRowAt(
                point,
                (fun place values ->
                    let c = values |> Array.mapi (fun i _ -> (Elements.get cotangents (place i)).AsFloat)
                    ReferenceBackend.Pullback(kernel, values, c))
            )

        member _.NormalizeRowsPullback(source, epsilon, weight, cotangent) =
            let columns = Shape.count weight.Shape
            let ofWeight, ofBias = Array.zeroCreate<float> columns, Array.zeroCreate<float> columns

            let ofSource =
                ReferenceBackend.EachRowAt(
                    source,
                    (fun place values ->
                        let c = values |> Array.mapi (fun i _ -> (Elements.get cotangent (place i)).AsFloat)

                        ReferenceBackend.Row(NormalizeRow epsilon, values)
                        |> Array.iteri (fun i y ->
                            ofWeight[i] <- ofWeight[i] + c[i] * y
                            ofBias[i] <- ofBias[i] + c[i])

                        let weighted = c |> Array.mapi (fun i c -> c * (Elements.get weight [| i |]).AsFloat)
                        ReferenceBackend.Pullback(NormalizeRow epsilon, values, weighted))
                )

            let column (sums: float[]) = Elements.build weight.Dtype weight.Shape (fun index -> Real sums[index[0]])

            [| ofSource; column ofWeight; column ofBias |]

        member _.CrossEntropyRows(source, classes) =
            let axis = source.Shape.Length - 1
            Indexing.check "cross_entropy" classes axis source.Shape[axis]

            Elements.build source.Dtype classes.Shape (fun at ->
                let row = Array.init source.Shape[axis] (fun i -> (Elements.get source (Array.append at [| i |])).AsFloat)

                let logs = ReferenceBackend.Row(LogSoftmax, row)
                Real(-logs[int (Elements.get classes at).AsInteger]))

        member _.CrossEntropyRowsPullback(source, classes, cotangent) =
            let axis = source.Shape.Length - 1
            Indexing.check "cross_entropy" classes axis source.Shape[axis]

            ReferenceBackend.EachRowAt(
                source,
                (fun place row ->
                    let at = Array.truncate axis (place 0)
                    let right, along = int (Elements.get classes at).AsInteger, (Elements.get cotangent at).AsFloat

                    ReferenceBackend.Row(Softmax, row) |> Array.mapi (fun i p -> along * (if i = right then p - 1.0 else p)))
            )

        member _.NormalizeGroups(source, groups, epsilon, weight, bias) =
            ReferenceBackend.EachRowAt(
                GroupComposition.rows ReferenceBackend.Instance groups source,
                (fun place row ->
                    ReferenceBackend.Row(NormalizeRow epsilon, row)
                    |> Array.mapi (fun i x ->
                        let channel = [| GroupComposition.channel groups source (place i) |]
                        x * (Elements.get weight channel).AsFloat + (Elements.get bias channel).AsFloat))
            )

        member _.NormalizeGroupsPullback(source, groups, epsilon, weight, cotangent) =
            let cotangents = GroupComposition.rows ReferenceBackend.Instance groups cotangent
            let ofWeight, ofBias = Array.zeroCreate<float> source.Shape[1], Array.zeroCreate<float> source.Shape[1]

            let ofSource =
                ReferenceBackend.EachRowAt(
                    GroupComposition.rows ReferenceBackend.Instance groups source,
                    (fun place values ->
                        let channel i = GroupComposition.channel groups source (place i)
                        let c = values |> Array.mapi (fun i _ -> (Elements.get cotangents (place i)).AsFloat)

                        ReferenceBackend.Row(NormalizeRow epsilon, values)
                        |> Array.iteri (fun i y ->
                            ofWeight[channel i] <- ofWeight[channel i] + c[i] * y
                            ofBias[channel i] <- ofBias[channel i] + c[i])

                        let weighted = c |> Array.mapi (fun i c -> c * (Elements.get weight [| channel i |]).AsFloat)
                        ReferenceBackend.Pullback(NormalizeRow epsilon, values, weighted))
                )

            let column (sums: float[]) = Elements.build weight.Dtype weight.Shape (fun index -> Real sums[index[0]])
            [| ofSource; column ofWeight; column ofBias |]

        member _.Mix(matrix, source, axis) = Indexing.mix matrix source axis

        member _.ChannelMoments source =
            let channels = source.Shape[1]

            let moments =
                Array.init channels (fun channel ->
                    let values = ReferenceBackend.Channel(source, channel)
                    let near = ReferenceBackend.Average values
                    let mean = near + (values |> Array.map (fun x -> x - near) |> ReferenceBackend.Average)
                    mean, values |> Array.map (fun x -> (x - mean) * (x - mean)) |> ReferenceBackend.Average)

            let column (numbers: float[]) = Elements.build source.Dtype [| channels |] (fun index -> Real numbers[index[0]])

            [| column (Array.map fst moments); column (Array.map snd moments) |]

        member _.NormalizeChannelsPullback(source, mean, variance, epsilon, weight, cotangent) =
            let number (view: View) (channel: int) = (Elements.get view [| channel |]).AsFloat

            let slopes =
                Array.init source.Shape[1] (fun channel ->
                    let scale = 1.0 / sqrt (number variance channel + epsilon)

                    let normal =
                        ReferenceBackend.Channel(source, channel) |> Array.map (fun x -> (x - number mean channel) * scale)

                    let along = ReferenceBackend.Channel(cotangent, channel)
                    scale, Array.sum (Array.map2 (*) along normal), Array.sum along)

            let count = float (Shape.count source.Shape / max 1 source.Shape[1])

            let ofSource =
                Elements.build source.Dtype source.Shape (fun index ->
                    let channel = index[1]
                    let scale, ofWeight, ofBias = slopes[channel]
                    let normal = ((Elements.get source index).AsFloat - number mean channel) * scale
                    let along = (Elements.get cotangent index).AsFloat
                    Real(number weight channel * scale * (along - ofBias / count - normal * ofWeight / count)))

            let column pick = Elements.build weight.Dtype weight.Shape (fun index -> Real(pick slopes[index[0]]))
            [| ofSource; column (fun (_, ofWeight, _) -> ofWeight); column (fun (_, _, ofBias) -> ofBias) |]

        member _.Decompose(kind, inputs) =
            let work = DecompositionWork(kind, inputs |> Array.map _.Shape)

            inputs
            |> Array.iteri (fun i view ->
                let plain = Elements.build view.Dtype view.Shape (Elements.get view)
                work.Load(i, view.Dtype, ReadOnlySpan (Elements.ofBuffer plain).Bytes))

            work.Prepare()
            work.Run(0L, int64 work.Batch)
            let result = Elements.allocate (Decomposition.dtype kind inputs[0].Dtype) (Shape.count work.ResultShape)
            work.Store(result.Dtype, Span result.Bytes)
            result

        member _.Attend operands = Attending.attend operands
        member _.AttendPullback(operands, _, cotangent) = Attending.pullback operands cotangent
        member _.Synchronize() = ()

/// The reference backend as a value.
[<RequireQualifiedAccess>]
module Reference =
    let backend = ReferenceBackend.Instance
