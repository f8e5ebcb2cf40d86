namespace Functional.Contract

/// A backend that has another do everything, in the same memory, for backends that replace some members and inherit the rest.
[<AbstractClass>]
type ForwardingBackend(inner: IBackend) =
    /// The backend that does what is not overridden.
    member _.Inner = inner

    abstract Name: string
    abstract Device: Device
    default _.Device = inner.Device
    abstract ImmediateLimit: int
    default _.ImmediateLimit = inner.ImmediateLimit
    abstract Allocate: dtype: Dtype * length: int -> Buffer
    default _.Allocate(dtype, length) = inner.Allocate(dtype, length)
    abstract Upload: source: System.ReadOnlySpan<byte> * target: Buffer -> unit
    default _.Upload(source, target) = inner.Upload(source, target)
    abstract Download: source: Buffer * offset: int * target: System.Span<byte> -> unit
    default _.Download(source, offset, target) = inner.Download(source, offset, target)
    abstract Copy: source: View * target: View -> unit
    default _.Copy(source, target) = inner.Copy(source, target)
    abstract Pad: source: View * shape: Shape * start: int[] * value: View -> Buffer
    default _.Pad(source, shape, start, value) = inner.Pad(source, shape, start, value)

    abstract Pointwise: program: Program * shape: Shape * inputs: View[] * parameters: Scalar[] * outputs: Buffer[] -> unit

    default _.Pointwise(program, shape, inputs, parameters, outputs) =
        inner.Pointwise(program, shape, inputs, parameters, outputs)

    abstract Reduce:
        reduction: Reduction * program: Program * shape: Shape * inputs: View[] * parameters: Scalar[] * axes: int[] -> Buffer

    default _.Reduce(reduction, program, shape, inputs, parameters, axes) =
        inner.Reduce(reduction, program, shape, inputs, parameters, axes)

    abstract Scan: kind: ScanKind * source: View * axis: int * reverse: bool -> Buffer
    default _.Scan(kind, source, axis, reverse) = inner.Scan(kind, source, axis, reverse)
    abstract MatMul: a: View * b: View -> Buffer
    default _.MatMul(a, b) = inner.MatMul(a, b)
    abstract Fourier: source: View * axis: int * inverse: bool -> Buffer
    default _.Fourier(source, axis, inverse) = inner.Fourier(source, axis, inverse)
    abstract Convolve: pass: ConvolutionPass * geometry: ConvolutionGeometry * a: View * b: View -> Buffer
    default _.Convolve(pass, geometry, a, b) = inner.Convolve(pass, geometry, a, b)
    abstract Window: kind: WindowKind * geometry: WindowGeometry * source: View -> Buffer
    default _.Window(kind, geometry, source) = inner.Window(kind, geometry, source)
    abstract Gather: source: View * axis: int * index: View -> Buffer
    default _.Gather(source, axis, index) = inner.Gather(source, axis, index)
    abstract Scatter: mode: ScatterMode * target: View * axis: int * index: View * source: View -> Buffer
    default _.Scatter(mode, target, axis, index, source) = inner.Scatter(mode, target, axis, index, source)
    abstract ArgSort: source: View * axis: int * descending: bool * count: int -> Buffer
    default _.ArgSort(source, axis, descending, count) = inner.ArgSort(source, axis, descending, count)
    abstract TruePositions: truths: View -> Buffer
    default _.TruePositions truths = inner.TruePositions truths
    abstract Random: kind: RandomKind * key: uint64 * dtype: Dtype * length: int -> Buffer
    default _.Random(kind, key, dtype, length) = inner.Random(kind, key, dtype, length)
    abstract Arange: dtype: Dtype * length: int * start: Scalar * step: Scalar -> Buffer
    default _.Arange(dtype, length, start, step) = inner.Arange(dtype, length, start, step)
    abstract Rows: kernel: RowKernel * source: View -> Buffer
    default _.Rows(kernel, source) = inner.Rows(kernel, source)
    abstract NormalizeRows: source: View * epsilon: float * weight: View * bias: View -> Buffer
    default _.NormalizeRows(source, epsilon, weight, bias) = inner.NormalizeRows(source, epsilon, weight, bias)
    abstract RowsPullback: kernel: RowKernel * point: View * cotangent: View -> Buffer
    default _.RowsPullback(kernel, point, cotangent) = inner.RowsPullback(kernel, point, cotangent)
    abstract NormalizeRowsPullback: source: View * epsilon: float * weight: View * cotangent: View -> Buffer[]

    default _.NormalizeRowsPullback(source, epsilon, weight, cotangent) =
        inner.NormalizeRowsPullback(source, epsilon, weight, cotangent)

    abstract CrossEntropyRows: source: View * classes: View -> Buffer
    default _.CrossEntropyRows(source, classes) = inner.CrossEntropyRows(source, classes)
    abstract CrossEntropyRowsPullback: source: View * classes: View * cotangent: View -> Buffer

    default _.CrossEntropyRowsPullback(source, classes, cotangent) = inner.CrossEntropyRowsPullback(source, classes, cotangent)

    abstract NormalizeGroups: source: View * groups: int * epsilon: float * weight: View * bias: View -> Buffer

    default _.NormalizeGroups(source, groups, epsilon, weight, bias) =
        inner.NormalizeGroups(source, groups, epsilon, weight, bias)

    abstract NormalizeGroupsPullback: source: View * groups: int * epsilon: float * weight: View * cotangent: View -> Buffer[]

    default _.NormalizeGroupsPullback(source, groups, epsilon, weight, cotangent) =
        inner.NormalizeGroupsPullback(source, groups, epsilon, weight, cotangent)

    abstract Mix: matrix: SparseMatrix * source: View * axis: int -> Buffer
    default _.Mix(matrix, source, axis) = inner.Mix(matrix, source, axis)
    abstract ChannelMoments: source: View -> Buffer[]
    default _.ChannelMoments source = inner.ChannelMoments source

    abstract NormalizeChannelsPullback:
        source: View * mean: View * variance: View * epsilon: float * weight: View * cotangent: View -> Buffer[]

    default _.NormalizeChannelsPullback(source, mean, variance, epsilon, weight, cotangent) =
        inner.NormalizeChannelsPullback(source, mean, variance, epsilon, weight, cotangent)

    abstract Decompose: kind: Decomposition * inputs: View[] -> Buffer
    default _.Decompose(kind, inputs) = inner.Decompose(kind, inputs)
    abstract Attend: operands: AttentionOperands -> Buffer
    default _.Attend operands = inner.Attend operands
    abstract AttendPullback: operands: AttentionOperands * result: View * cotangent: View -> Buffer[]
    default _.AttendPullback(operands, result, cotangent) = inner.AttendPullback(operands, result, cotangent)
    abstract Synchronize: unit -> unit
    default _.Synchronize() = inner.Synchronize()

    interface IBackend with
        member this.Name = this.Name
        member this.Device = this.Device
        member this.ImmediateLimit = this.ImmediateLimit
        member this.Allocate(dtype, length) = this.Allocate(dtype, length)
        member this.Upload(source, target) = this.Upload(source, target)
        member this.Download(source, offset, target) = this.Download(source, offset, target)
        member this.Copy(source, target) = this.Copy(source, target)
        member this.Pad(source, shape, start, value) = this.Pad(source, shape, start, value)

        member this.Pointwise(program, shape, inputs, parameters, outputs) =
            this.Pointwise(program, shape, inputs, parameters, outputs)

        member this.Reduce(reduction, program, shape, inputs, parameters, axes) =
            this.Reduce(reduction, program, shape, inputs, parameters, axes)

        member this.Scan(kind, source, axis, reverse) = this.Scan(kind, source, axis, reverse)
        member this.MatMul(a, b) = this.MatMul(a, b)
        member this.Fourier(source, axis, inverse) = this.Fourier(source, axis, inverse)
        member this.Convolve(pass, geometry, a, b) = this.Convolve(pass, geometry, a, b)
        member this.Window(kind, geometry, source) = this.Window(kind, geometry, source)
        member this.Gather(source, axis, index) = this.Gather(source, axis, index)
        member this.Scatter(mode, target, axis, index, source) = this.Scatter(mode, target, axis, index, source)
        member this.ArgSort(source, axis, descending, count) = this.ArgSort(source, axis, descending, count)
        member this.TruePositions truths = this.TruePositions truths
        member this.Random(kind, key, dtype, length) = this.Random(kind, key, dtype, length)
        member this.Arange(dtype, length, start, step) = this.Arange(dtype, length, start, step)
        member this.Rows(kernel, source) = this.Rows(kernel, source)
        member this.NormalizeRows(source, epsilon, weight, bias) = this.NormalizeRows(source, epsilon, weight, bias)
        member this.RowsPullback(kernel, point, cotangent) = this.RowsPullback(kernel, point, cotangent)

        member this.NormalizeRowsPullback(source, epsilon, weight, cotangent) =
            this.NormalizeRowsPullback(source, epsilon, weight, cotangent)

        member this.CrossEntropyRows(source, classes) = this.CrossEntropyRows(source, classes)

        member this.CrossEntropyRowsPullback(source, classes, cotangent) =
            this.CrossEntropyRowsPullback(source, classes, cotangent)

        member this.NormalizeGroups(source, groups, epsilon, weight, bias) =
            this.NormalizeGroups(source, groups, epsilon, weight, bias)

        member this.NormalizeGroupsPullback(source, groups, epsilon, weight, cotangent) =
            this.NormalizeGroupsPullback(source, groups, epsilon, weight, cotangent)

        member this.Mix(matrix, source, axis) = this.Mix(matrix, source, axis)
        member this.ChannelMoments source = this.ChannelMoments source

        member this.NormalizeChannelsPullback(source, mean, variance, epsilon, weight, cotangent) =
            this.NormalizeChannelsPullback(source, mean, variance, epsilon, weight, cotangent)

        member this.Decompose(kind, inputs) = this.Decompose(kind, inputs)
        member this.Attend operands = this.Attend operands
        member this.AttendPullback(operands, result, cotangent) = this.AttendPullback(operands, result, cotangent)
        member this.Synchronize() = this.Synchronize()
