using Functional.Contract;
using Buffer = Functional.Contract.Buffer;

namespace Functional.Torch.Tests;

/// <summary>
/// Devices "cuda:0" and "cuda:1" for machines without any: another backend does the work, but memory is only reachable through
/// Upload and Download, which are counted, and buffers of other devices are refused.
/// </summary>
public sealed class SecondDevice : ForwardingBackend, IAccelerator
{
    private readonly int index;
    private readonly IBackend host;
    private long allocated;

    /// <summary>A device by its number.</summary>
    public SecondDevice(int index, IBackend host)
        : base(host) => (this.index, this.host) = (index, host);

    /// <summary>What came from the processor.</summary>
    public int Uploads { get; private set; }
    /// <summary>What the processor read.</summary>
    public int Downloads { get; private set; }
    /// <summary>How often somebody waited.</summary>
    public int Waits { get; private set; }

    /// <inheritdoc/>
    public override string Name => "second";
    /// <inheritdoc/>
    public override Device Device => new("cuda", index);

    private sealed class Elsewhere(Buffer inner) : Buffer(inner.Dtype, inner.Length)
    {
        public Buffer Inner => inner;
        public override void Release() => inner.Release();
    }

    private Buffer Own(Buffer? inner)
    {
        allocated += inner!.Length * DtypeModule.size(inner.Dtype);
        return new Elsewhere(inner);
    }

    private static Buffer In(Buffer? buffer) => buffer is Elsewhere memory ? memory.Inner : throw new DeviceException("a buffer of another device reached the second device");
    private static View In(View view) => new(In(view.Buffer), view.Offset, view.Shape, view.Strides);
    private static View[] In(View[] views) => Array.ConvertAll(views, In);
    private static Microsoft.FSharp.Core.FSharpValueOption<View> In(Microsoft.FSharp.Core.FSharpValueOption<View> view) =>
        view.IsNone ? view : Microsoft.FSharp.Core.FSharpValueOption<View>.Some(In(view.Value));
    private static AttentionOperands In(AttentionOperands o) => new(In(o.Query), In(o.Key), In(o.Values), In(o.Mask), o.IsCausal, o.Scale);

    /// <inheritdoc/>
    public override Buffer Allocate(Dtype dtype, int length) => Own(host.Allocate(dtype, length));

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, Buffer? target)
    {
        Uploads++;
        host.Upload(source, In(target));
    }

    /// <inheritdoc/>
    public override void Download(Buffer? source, int offset, Span<byte> target)
    {
        Downloads++;
        host.Download(In(source), offset, target);
    }

    /// <inheritdoc/>
    public override void Copy(View source, View target) => host.Copy(In(source), In(target));
    /// <inheritdoc/>
    public override void Pointwise(Contract.Program? program, int[] shape, View[] inputs, Contract.Scalar[] parameters, Buffer?[] outputs) =>
        host.Pointwise(program, shape, In(inputs), parameters, Array.ConvertAll(outputs, In));
    /// <inheritdoc/>
    public override Buffer Reduce(Reduction reduction, Contract.Program? program, int[] shape, View[] inputs, Contract.Scalar[] parameters, int[] axes) =>
        Own(host.Reduce(reduction, program, shape, In(inputs), parameters, axes));
    /// <inheritdoc/>
    public override Buffer Scan(ScanKind kind, View source, int axis, bool reverse) => Own(host.Scan(kind, In(source), axis, reverse));
    /// <inheritdoc/>
    public override Buffer MatMul(View a, View b) => Own(host.MatMul(In(a), In(b)));
    /// <inheritdoc/>
    public override Buffer Pad(View source, int[] shape, int[] start, View value) => Own(host.Pad(In(source), shape, start, In(value)));
    /// <inheritdoc/>
    public override Buffer Fourier(View source, int axis, bool inverse) => Own(host.Fourier(In(source), axis, inverse));
    /// <inheritdoc/>
    public override Buffer Convolve(ConvolutionPass pass, ConvolutionGeometry geometry, View a, View b) => Own(host.Convolve(pass, geometry, In(a), In(b)));
    /// <inheritdoc/>
    public override Buffer Window(WindowKind kind, WindowGeometry geometry, View source) => Own(host.Window(kind, geometry, In(source)));
    /// <inheritdoc/>
    public override Buffer Gather(View source, int axis, View index) => Own(host.Gather(In(source), axis, In(index)));
    /// <inheritdoc/>
    public override Buffer Scatter(ScatterMode mode, View target, int axis, View index, View source) => Own(host.Scatter(mode, In(target), axis, In(index), In(source)));
    /// <inheritdoc/>
    public override Buffer ArgSort(View source, int axis, bool descending, int count) => Own(host.ArgSort(In(source), axis, descending, count));
    /// <inheritdoc/>
    public override Buffer TruePositions(View truths) => Own(host.TruePositions(In(truths)));
    /// <inheritdoc/>
    public override Buffer Random(RandomKind kind, ulong key, Dtype dtype, int length) => Own(host.Random(kind, key, dtype, length));
    /// <inheritdoc/>
    public override Buffer Arange(Dtype dtype, int length, Contract.Scalar start, Contract.Scalar step) => Own(host.Arange(dtype, length, start, step));
    /// <inheritdoc/>
    public override Buffer Rows(RowKernel kernel, View source) => Own(host.Rows(kernel, In(source)));
    /// <inheritdoc/>
    public override Buffer NormalizeRows(View source, double epsilon, View weight, View bias) => Own(host.NormalizeRows(In(source), epsilon, In(weight), In(bias)));
    /// <inheritdoc/>
    public override Buffer RowsPullback(RowKernel kernel, View point, View cotangent) => Own(host.RowsPullback(kernel, In(point), In(cotangent)));
    /// <inheritdoc/>
    public override Buffer[] NormalizeRowsPullback(View source, double epsilon, View weight, View cotangent) =>
        Array.ConvertAll(host.NormalizeRowsPullback(In(source), epsilon, In(weight), In(cotangent)), Own);
    /// <inheritdoc/>
    public override Buffer CrossEntropyRows(View source, View classes) => Own(host.CrossEntropyRows(In(source), In(classes)));
    /// <inheritdoc/>
    public override Buffer CrossEntropyRowsPullback(View source, View classes, View cotangent) =>
        Own(host.CrossEntropyRowsPullback(In(source), In(classes), In(cotangent)));
    /// <inheritdoc/>
    public override Buffer NormalizeGroups(View source, int groups, double epsilon, View weight, View bias) =>
        Own(host.NormalizeGroups(In(source), groups, epsilon, In(weight), In(bias)));
    /// <inheritdoc/>
    public override Buffer[] NormalizeGroupsPullback(View source, int groups, double epsilon, View weight, View cotangent) =>
        Array.ConvertAll(host.NormalizeGroupsPullback(In(source), groups, epsilon, In(weight), In(cotangent)), Own);
    /// <inheritdoc/>
    public override Buffer Mix(SparseMatrix matrix, View source, int axis) => Own(host.Mix(matrix, In(source), axis));
    /// <inheritdoc/>
    public override Buffer[] ChannelMoments(View source) => Array.ConvertAll(host.ChannelMoments(In(source)), Own);
    /// <inheritdoc/>
    public override Buffer[] NormalizeChannelsPullback(View source, View mean, View variance, double epsilon, View weight, View cotangent) =>
        Array.ConvertAll(host.NormalizeChannelsPullback(In(source), In(mean), In(variance), epsilon, In(weight), In(cotangent)), Own);
    /// <inheritdoc/>
    public override Buffer Decompose(Decomposition kind, View[] inputs) => Own(host.Decompose(kind, In(inputs)));
    /// <inheritdoc/>
    public override Buffer Attend(AttentionOperands operands) => Own(host.Attend(In(operands)));
    /// <inheritdoc/>
    public override Buffer[] AttendPullback(AttentionOperands operands, View result, View cotangent) =>
        Array.ConvertAll(host.AttendPullback(In(operands), In(result), In(cotangent)), Own);
    /// <inheritdoc/>
    public override void Synchronize() => Waits++;

    /// <inheritdoc/>
    public DeviceProperties Properties => new("Second device", 1L << 30, 9, 0, 4, "none");
    /// <inheritdoc/>
    public MemoryStatistics Memory => new(allocated, allocated, allocated, allocated, 0);
    /// <inheritdoc/>
    public void ResetPeaks() { }
    /// <inheritdoc/>
    public void ReleaseCache() { }
    /// <inheritdoc/>
    public long FreeMemory => (1L << 30) - allocated;
    /// <inheritdoc/>
    public IDeviceStream? Stream { get; set; } = new Queue();
    /// <inheritdoc/>
    public IDeviceStream NewStream(int priority) => new Queue();
    /// <inheritdoc/>
    public nint BlasHandle => 42;
    /// <inheritdoc/>

    private sealed class Queue : IDeviceStream
    {
        private static int count;
        public nint Handle { get; } = Interlocked.Increment(ref count);
        public bool IsIdle => true;
        public void Synchronize() { }
        public void WaitFor(IDeviceStream? other) { }
        public void Dispose() { }
    }
}

/// <summary>Brings the second devices, while a test wants them.</summary>
public sealed class SecondDevices : IBackendProvider
{
    private static readonly SecondDevices instance = new();
    private static readonly Dictionary<int, SecondDevice> opened = [];
    private static bool isRegistered;
    private static int count;

    private SecondDevices()
    {
    }

    /// <summary>The device of a number, once something lives there.</summary>
    public static SecondDevice Of(int index) => (SecondDevice)Backend.ofDevice("cuda", index)!;

    /// <summary>Lets there be devices until the scope is disposed.</summary>
    public static IDisposable Present(int devices = 2)
    {
        if (!isRegistered) Backend.register(instance);
        isRegistered = true;
        count = devices;
        return new Absent();
    }

    private sealed class Absent : IDisposable
    {
        public void Dispose() => count = 0;
    }

    /// <inheritdoc/>
    public string Kind => "cuda";
    /// <inheritdoc/>
    public Probe[] Probes => [count > 0 ? Probe.Found("second device", "for tests") : Probe.Missing("second device", "no test wants it")];
    /// <inheritdoc/>
    public int DeviceCount => count;
    /// <inheritdoc/>
    public IBackend Open(int index, IBackend? host) => opened[index] = new SecondDevice(index, host!);
}
