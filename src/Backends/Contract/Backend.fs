namespace Functional.Contract

open System

/// Where a tensor lives: `cpu`, `cuda:0`, `reference`.
[<Struct>]
type Device =
    { Kind: string
      Index: int }

    override this.ToString() = if this.Kind = "cpu" then "cpu" else $"{this.Kind}:{this.Index}"

/// Memory of a backend: `Length` elements of one dtype. Never written to once a tensor shows it.
[<AbstractClass; AllowNullLiteral>]
type Buffer(dtype: Dtype, length: int) =
    let mutable owners = 0
    member _.Dtype = dtype
    member _.Length = length
    /// How many tensors were made over this memory. Only memory with a single owner may be taken over by donation.
    member _.Owners = owners
    /// Counts one more owner; nobody ever stops being one.
    member _.AddOwner() = owners <- owners + 1
    /// Hands the memory back before the garbage collector would; the buffer must not be used again. Idempotent.
    abstract Release: unit -> unit

/// A strided window on a buffer. Strides count elements, may be 0 (a repeated dimension) or negative.
[<Struct; NoEquality; NoComparison>]
type View =
    { Buffer: Buffer
      Offset: int
      Shape: Shape
      Strides: int[] }

    member this.Dtype = this.Buffer.Dtype

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module View =
    /// The whole buffer, row-major.
    let contiguous (shape: Shape) (buffer: Buffer) =
        { Buffer = buffer; Offset = 0; Shape = shape; Strides = Shape.rowMajor shape }

    let isContiguous (view: View) = Shape.isContiguous view.Shape view.Strides

/// What is folded along axes. Arg results are Int64 positions (of the first best; nan beats everything) and fold one axis,
/// or all of them into the flat row-major position. Maximum and minimum hand nan on.
type Reduction =
    | Sum
    | Product
    | Maximum
    | Minimum
    | ArgMaximum
    | ArgMinimum

    /// The name of the case, spelled out: F#'s own text of a union is made by reflection and takes microseconds.
    override this.ToString() =
        match this with
        | Sum -> "Sum"
        | Product -> "Product"
        | Maximum -> "Maximum"
        | Minimum -> "Minimum"
        | ArgMaximum -> "ArgMaximum"
        | ArgMinimum -> "ArgMinimum"

/// What a scan keeps while it runs along an axis. The Arg kinds give Int64 positions (of the last best, as torch.cummax).
type ScanKind =
    | CumulativeSum
    | CumulativeProduct
    | CumulativeMaximum
    | CumulativeMinimum
    | CumulativeArgMaximum
    | CumulativeArgMinimum

    override this.ToString() =
        match this with
        | CumulativeSum -> "CumulativeSum"
        | CumulativeProduct -> "CumulativeProduct"
        | CumulativeMaximum -> "CumulativeMaximum"
        | CumulativeMinimum -> "CumulativeMinimum"
        | CumulativeArgMaximum -> "CumulativeArgMaximum"
        | CumulativeArgMinimum -> "CumulativeArgMinimum"

/// The three products of one convolution. Each is linear in both of its operands.
type ConvolutionPass =
    /// input [N, C, ...], weight [O, C / groups, ...] -> [N, O, ...]
    | Forward
    /// weight [O, C / groups, ...], output gradient [N, O, ...] -> [N, C, ...]
    | InputGradient
    /// input [N, C, ...], output gradient [N, O, ...] -> [O, C / groups, ...]
    | WeightGradient

    override this.ToString() =
        match this with
        | Forward -> "Forward"
        | InputGradient -> "InputGradient"
        | WeightGradient -> "WeightGradient"

/// The geometry of a convolution over one to three spatial dimensions, stated in full for all three passes.
/// `Padding` zeros stand before and after each spatial dimension alike.
type ConvolutionGeometry =
    { Input: Shape
      Weight: Shape
      Output: Shape
      Stride: int[]
      Padding: int[]
      Dilation: int[]
      Groups: int }

/// What a sliding window does to the trailing spatial dimensions; leading dimensions are batch.
type WindowKind =
    /// Input shape -> output shape: the Int64 position of the window's maximum, flat within the input's spatial plane;
    /// padding never wins, the first maximum does, nan beats everything.
    | WindowArgMaximum
    /// Input shape -> output shape: sums of the window's elements, padding counting nothing.
    | WindowSum
    /// Output shape -> input shape: the transpose of WindowSum.
    | WindowSumTranspose

    override this.ToString() =
        match this with
        | WindowArgMaximum -> "WindowArgMaximum"
        | WindowSum -> "WindowSum"
        | WindowSumTranspose -> "WindowSumTranspose"

/// `Input` and `Output` are spatial sizes only. Windows may hang over the end (ceil mode): what lies outside counts nothing.
type WindowGeometry = { Input: int[]; Output: int[]; Kernel: int[]; Stride: int[]; Padding: int[]; Dilation: int[] }

/// How scattered values meet what is there. Add is deterministic: contributions arrive in row-major order of the source.
type ScatterMode =
    | ScatterAdd
    | ScatterSet
    | ScatterMaximum
    | ScatterMinimum
    | ScatterProduct

    override this.ToString() =
        match this with
        | ScatterAdd -> "ScatterAdd"
        | ScatterSet -> "ScatterSet"
        | ScatterMaximum -> "ScatterMaximum"
        | ScatterMinimum -> "ScatterMinimum"
        | ScatterProduct -> "ScatterProduct"

/// Numbers that a key and a position determine, by Philox 4x32 with 10 rounds (Salmon et al. 2011):
/// block i of a key k is Philox(counter = (i, 0, 0, 0), key = (low 32 bits of k, high 32 bits of k)), giving words w0..w3.
type RandomKind =
    /// Int64 or Int32: word i of the stream (element i is word i mod 4 of block i / 4); for Int64 two words, low first.
    | RandomBits
    /// [0, 1): float32 from the top 24 bits of one word, float64 from the top 53 bits of two words (first word high).
    | RandomUniform
    /// Standard normal by Box-Muller on pairs (u1, u2) of neighbouring uniforms: elements 2j and 2j + 1 are
    /// sqrt(-2 ln(1 - u1)) times cos(2 pi u2) and sin(2 pi u2), computed in double precision, stored in the dtype asked for.
    | RandomNormal

/// Kernels along the last dimension that one or two passes do better than their parts.
[<Struct>]
type RowKernel =
    | Softmax
    | LogSoftmax
    /// (x - mean) / sqrt(variance + epsilon), variance divided by n.
    | NormalizeRow of epsilon: float

/// A matrix of which most elements are zero, row by row: the entries of row i are those from Starts[i] to Starts[i + 1], each a column
/// below `Columns` (in any order, perhaps repeatedly) and a weight.
[<NoComparison>]
type SparseMatrix =
    { Columns: int
      Starts: int[]
      Places: int[]
      Weights: float[] }

    member this.Rows = this.Starts.Length - 1

    /// Rows as columns and columns as rows; the entries of a row stand in the order of the rows that they were in.
    member this.Transpose: SparseMatrix =
        let counts = Array.zeroCreate this.Columns

        for place in this.Places do
            counts[place] <- counts[place] + 1

        let starts = Array.scan (+) 0 counts
        let next = Array.copy starts
        let places, weights = Array.zeroCreate this.Places.Length, Array.zeroCreate this.Places.Length

        for row in 0 .. this.Rows - 1 do
            for k in this.Starts[row] .. this.Starts[row + 1] - 1 do
                let at = next[this.Places[k]]
                places[at] <- row
                weights[at] <- this.Weights[k]
                next[this.Places[k]] <- at + 1

        { Columns = this.Rows; Starts = starts; Places = places; Weights = weights }

/// Attention of `Query` [batch..., L, E] to `Key` [batch..., S, E], which picks among `Values` [batch..., S, V]: scores are
/// Scale * Query KeyT + Mask [batch..., L, S]; if causal, position i sees nothing behind position i.
[<Struct; NoEquality; NoComparison>]
type AttentionOperands = { Query: View; Key: View; Values: View; Mask: View voption; IsCausal: bool; Scale: float }

/// What a backend fulfils. Inputs are strided views of its own buffers; results are new, row-major buffers.
/// Shapes and dtypes are checked by the caller; indices are checked here: IndexException
/// before anything is written, or, where that would wait for a device, when something is observed next; nothing outside is read or written.
/// What a backend lacks it says with UnsupportedException. Every method may be called from any thread.
[<AllowNullLiteral>]
type IBackend =
    abstract Name: string
    abstract Device: Device

    /// Pointwise results of up to this many elements are computed at once rather than deferred.
    abstract ImmediateLimit: int

    /// Memory with undefined content. Raises OutOfMemoryException.
    abstract Allocate: dtype: Dtype * length: int -> Buffer

    /// Copies raw little-endian elements to the front of a buffer.
    abstract Upload: source: ReadOnlySpan<byte> * target: Buffer -> unit

    /// Copies raw little-endian elements from `offset` (in elements) on.
    abstract Download: source: Buffer * offset: int * target: Span<byte> -> unit

    /// Copies between views of equal shape and dtype that do not overlap.
    abstract Copy: source: View * target: View -> unit

    /// A new tensor of `shape` that holds the source from `start` on, and `value` (a view of one element) around it.
    abstract Pad: source: View * shape: Shape * start: int[] * value: View -> Buffer

    /// Runs a program once for every position of `shape`. Every input has that shape; outputs are row-major.
    /// An output buffer may be the buffer of an input that is read row-major at offset 0 (donation).
    abstract Pointwise: program: Program * shape: Shape * inputs: View[] * parameters: Scalar[] * outputs: Buffer[] -> unit

    /// Runs a program with one output for every position of `shape` and folds its results along `axes` (all, if empty).
    /// The result holds the remaining dimensions. Folding nothing gives 0, 1, or an IndexException for extrema.
    /// `accumulate` dtype is the program's result dtype, half precision in float32.
    abstract Reduce:
        reduction: Reduction * program: Program * shape: Shape * inputs: View[] * parameters: Scalar[] * axes: int[] -> Buffer

    /// Runs along one axis, from the end if `reverse`.
    abstract Scan: kind: ScanKind * source: View * axis: int * reverse: bool -> Buffer

    /// [batch..., m, k] x [batch..., k, n] -> [batch..., m, n], equal batch dimensions (broadcast by stride 0), one dtype.
    abstract MatMul: a: View * b: View -> Buffer

    /// The discrete Fourier transform of a complex view along one axis, unscaled:
    /// result[k] = sum over j of source[j] exp(-2 pi i j k / n), with +2 pi i for the inverse.
    abstract Fourier: source: View * axis: int * inverse: bool -> Buffer

    /// One of the three products of a convolution; the operands are those that the pass names, in that order.
    abstract Convolve: pass: ConvolutionPass * geometry: ConvolutionGeometry * a: View * b: View -> Buffer

    abstract Window: kind: WindowKind * geometry: WindowGeometry * source: View -> Buffer

    /// result[i.., p, j..] = source[i.., index[i.., p, j..], j..]: index (Int64) and source agree in all dimensions but `axis`.
    abstract Gather: source: View * axis: int * index: View -> Buffer

    /// A copy of `target` where the values of `source` meet what stands at index along `axis`; index and source have one shape,
    /// which agrees with the target's in all dimensions but `axis`.
    abstract Scatter: mode: ScatterMode * target: View * axis: int * index: View * source: View -> Buffer

    /// Int64 positions of the first `count` elements along an axis once that is sorted, stably; nan counts as the largest.
    abstract ArgSort: source: View * axis: int * descending: bool * count: int -> Buffer

    /// Int64 row-major positions of what holds in a Bool view, in order. A device is asked for one number: how many they are.
    abstract TruePositions: truths: View -> Buffer

    abstract Random: kind: RandomKind * key: uint64 * dtype: Dtype * length: int -> Buffer

    /// start, start + step, ...
    abstract Arange: dtype: Dtype * length: int * start: Scalar * step: Scalar -> Buffer

    /// A row kernel along the last dimension of a floating tensor.
    abstract Rows: kernel: RowKernel * source: View -> Buffer

    /// NormalizeRow, then times `weight` plus `bias`, one of each for every column and of the source's dtype: layer norm in one pass.
    abstract NormalizeRows: source: View * epsilon: float * weight: View * bias: View -> Buffer

    /// The cotangent of a row kernel's source from that of its result: the kernel's Jacobian, transposed, in one pass. `point` is
    /// the kernel's result for Softmax and LogSoftmax and its source for NormalizeRow. All of one dtype.
    abstract RowsPullback: kernel: RowKernel * point: View * cotangent: View -> Buffer

    /// The cotangents of NormalizeRows' source, weight and bias from that of its result, in one pass.
    abstract NormalizeRowsPullback: source: View * epsilon: float * weight: View * cotangent: View -> Buffer[]

    /// The cross entropy of every row of floating logits [..., C] with its class (Int64, the logits' shape without the last dimension):
    /// log(sum(exp(row))) - row[class], of the logits' dtype, with no probabilities in memory.
    abstract CrossEntropyRows: source: View * classes: View -> Buffer

    /// The cotangent of CrossEntropyRows' source: that of each row's result times softmax(row), of which 1 is taken at the class.
    abstract CrossEntropyRowsPullback: source: View * classes: View * cotangent: View -> Buffer

    /// Group norm: every group of neighbouring channels of [N, C, positions] by its own mean and variance, then every channel times
    /// `weight` [C] plus `bias` [C]; all of one floating dtype. `groups` divides C. `GroupComposition` does it by other members.
    abstract NormalizeGroups: source: View * groups: int * epsilon: float * weight: View * bias: View -> Buffer

    /// The cotangents of NormalizeGroups' source, weight and bias from that of its result.
    abstract NormalizeGroupsPullback: source: View * groups: int * epsilon: float * weight: View * cotangent: View -> Buffer[]

    /// A sparse matrix applied along one axis of a floating tensor: result[.., i, ..] is the sum of weights times source[.., place, ..]
    /// over the entries of row i, 0 where there is none.
    abstract Mix: matrix: SparseMatrix * source: View * axis: int -> Buffer

    /// Mean and variance (divided by their number) of every channel's elements in a floating [N, C, positions]: two buffers of C, of the
    /// source's dtype. `ChannelComposition` does both members by other ones.
    abstract ChannelMoments: source: View -> Buffer[]

    /// The cotangents of source, weight and bias of batch norm, (source - mean) / sqrt(variance + epsilon) * weight + bias by channel,
    /// where the moments are the source's own and move with it. All of one dtype.
    abstract NormalizeChannelsPullback:
        source: View * mean: View * variance: View * epsilon: float * weight: View * cotangent: View -> Buffer[]

    /// A decomposition or the solution of a system, for every matrix of a batch; inputs have equal batch dimensions.
    /// float32, float64 and their complex siblings; double precision inside is fine. What cannot be factored is told in the
    /// result where `Decomposition` says so; what does not converge raises LinAlgException.
    abstract Decompose: kind: Decomposition * inputs: View[] -> Buffer

    /// softmax(scores) Values: [batch..., L, V], of one floating dtype, equal batch dimensions (broadcast by stride 0). The scores
    /// need never be in memory all at once (Dao et al. 2022).
    abstract Attend: operands: AttentionOperands -> Buffer

    /// The cotangents of query, key and values from that of the result, which is given too; each in its operand's shape.
    abstract AttendPullback: operands: AttentionOperands * result: View * cotangent: View -> Buffer[]

    /// Waits until everything asked for is done.
    abstract Synchronize: unit -> unit
