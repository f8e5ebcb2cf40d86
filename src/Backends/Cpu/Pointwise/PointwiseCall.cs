using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Functional.Cpu;

/// <summary>How an input is read along a stretch of positions.</summary>
internal enum Access : byte
{
    /// <summary>One element for all positions.</summary>
    Scalar,

    /// <summary>Element after element, as positions go.</summary>
    Linear,

    /// <summary>Element after element along a row.</summary>
    Row,

    /// <summary>One element for a whole row.</summary>
    Column,

    /// <summary>The same row again and again, too short to be read in place.</summary>
    Repeated,

    /// <summary>Element after element as rows go, from row to row: bands of rows are turned over together.</summary>
    Transposed,

    /// <summary>Anything else: collected into a tile first.</summary>
    Gathered,
}

/// <summary>A program bound to the inputs, parameters and outputs of one call; any range of its positions can be computed on any thread.</summary>
internal sealed unsafe partial class PointwiseCall
{
    /// <summary>Rows shorter than this are read through tiles that hold several of them.</summary>
    private const int ShortRow = 24;

    // Tiles lie a little more than 4 KB apart, or stores to one would hold up loads from the next.
    private const int TileBytes = 4096 + 192;

    /// <summary>About as much work as makes waking a second thread worth while, in elements read, computed or written.</summary>
    private const long ChunkWork = 1 << 17;

    /// <summary>Chunks for each thread where there is much to do, so that a thread that is disturbed holds nobody up.</summary>
    private const int ChunksPerThread = 16;

    /// <summary>Results of this many bytes are not found in any cache when they are read, so they need not go through one.</summary>
    public static long StreamingBytes { get; set; } = 24 << 20;

    /// <summary>Nor need those of this many bytes whose memory is in no cache: fetching its old lines costs what it saves.</summary>
    public static long ColdStreamingBytes { get; set; } = 2 << 20;

    private const int SmallBytes = CpuBuffer.ManagedLimit * 2 * sizeof(double) + 128;

    private readonly Iteration iteration = new();
    private nint[] bases = new nint[16];
    private nint[] limits = new nint[16];
    private Access[] access = new Access[16];
    private int[] sizes = new int[16];
    private long[] parameters = new long[16];
    private nint[] outputs = new nint[4];
    private byte[] small = [];
    private LanePlan plan = null!;
    private bool byRow;
    private bool isInPlace;
    private bool isBanded;
    private bool isAliased;
    private bool isCold;
    private int tile;

    /// <summary>Positions.</summary>
    public long Count => iteration.Count;

    /// <summary>
    /// Binds a plan to its arguments. Elements of buffers in managed memory are copied, so nothing needs pinning;
    /// whoever binds keeps the buffers alive until the work is done.
    /// </summary>
    public void Bind(LanePlan plan, ReadOnlySpan<int> shape, ReadOnlySpan<View> inputs, ReadOnlySpan<Scalar> arguments)
    {
        this.plan = plan;
        isAliased = false;
        iteration.Reset(shape, inputs);
        if (bases.Length < inputs.Length)
        {
            bases = new nint[inputs.Length];
            limits = new nint[inputs.Length];
            access = new Access[inputs.Length];
            sizes = new int[inputs.Length];
        }
        if (outputs.Length < plan.Outputs.Length)
            outputs = new nint[plan.Outputs.Length];
        int buffers = inputs.Length + plan.Outputs.Length;
        if (small.Length < buffers * SmallBytes)
            small = GC.AllocateUninitializedArray<byte>(buffers * SmallBytes, pinned: true);
        byRow = iteration.Rank > 1 && iteration.Inner >= ShortRow;
        bool anyRepeated = false;
        isInPlace = !plan.HasPairs;
        isBanded = false;
        for (int i = 0; i < inputs.Length; i++)
        {
            Locate(i, inputs[i]);
            access[i] = AccessOf(i);
            anyRepeated |= access[i] == Access.Repeated;
            isBanded |= access[i] == Access.Transposed;
            isInPlace &= access[i] is not (Access.Repeated or Access.Transposed or Access.Gathered);
        }
        // Tiles of whole rows, so that a repeated row is the same in all of them.
        tile = anyRepeated ? plan.TileLanes / iteration.Inner * iteration.Inner : plan.TileLanes;
        BindParameters(arguments);
        kernel = null;
    }

    /// <summary>Binds the buffers that results go to. One that is also an input is overwritten as it is read.</summary>
    public void BindOutputs(ReadOnlySpan<Buffer> targets, ReadOnlySpan<View> inputs)
    {
        int output = 0;
        isCold = true;
        for (int i = 0; i < targets.Length; i++)
        {
            CpuBuffer target = CpuBuffer.Of(targets[i]);
            isCold &= target.IsCold;
            foreach (ref readonly View input in inputs)
                isAliased |= ReferenceEquals(input.Buffer, target);
            fixed (byte* start = target)
                outputs[output] = IsManaged(target) ? (nint)Small(inputs.Length + i) : (nint)start;
            output = Next(output);
        }
    }

    /// <summary>Copies results that were computed beside their buffers.</summary>
    public void Finish(ReadOnlySpan<Buffer> targets)
    {
        int output = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            Span<byte> managed = CpuBuffer.Of(targets[i]).ManagedBytes;
            new Span<byte>((byte*)outputs[output], managed.Length).CopyTo(managed);
            output = Next(output);
        }
    }

    /// <summary>The first output that goes to the next buffer: two that make complex numbers share one.</summary>
    private int Next(int output) => output + (plan.Outputs[output].IsPaired ? 2 : 1);

    /// <summary>Computes all positions, on several threads where that pays.</summary>
    public void Run()
    {
        kernel = plan.KernelFor(ScalarInputs(), IsStreaming, Count);
        int threads = WorkerPool.Threads;
        long smallest = Math.Max(ChunkWork / plan.Cost, Count / (threads * ChunksPerThread));
        long unit = isBanded && kernel is not null ? (long)iteration.Inner * Transpose.Tile : tile;
        long chunk = Math.Max(1, smallest / unit) * unit;
        if (threads == 1 || Count <= chunk)
            Run(0, Count);
        else
            WorkerPool.Run((int)((Count + chunk - 1) / chunk), new Chunk(this, chunk));
    }

    /// <summary>Computes positions from start to end - 1.</summary>
    public void Run(long start, long end)
    {
        if (kernel is not null && isBanded)
            RunBands(kernel, start, end);
        else if (kernel is not null)
            RunCompiled(kernel, start, end);
        else
            Interpret(start, end);
    }

    private readonly struct Chunk(PointwiseCall call, long size) : IChunkAction
    {
        public void Invoke(int chunk) => call.Run(chunk * size, Math.Min(call.Count, (chunk + 1) * size));
    }

    /// <summary>Whether results are stored around the caches: large ones, in whole aligned vectors, whose old content is not read.</summary>
    private bool IsStreaming =>
        Count * (plan.IsWide ? 8 : 4) * plan.Outputs.Length >= (isCold ? ColdStreamingBytes : StreamingBytes)
        && isInPlace && !byRow && !isAliased && plan.IsLight;

    private static bool IsManaged(CpuBuffer buffer) => buffer.Length <= CpuBuffer.ManagedLimit;

    /// <summary>Room that stays in place for the elements of one small buffer.</summary>
    private byte* Small(int number) =>
        (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(small)) + number * SmallBytes;

    private Access AccessOf(int input)
    {
        if (iteration.StandsStill(input, 0))
            return Access.Scalar;
        int inner = iteration.InnerStride(input);
        if (iteration.Rank == 1)
            return inner == 1 ? Access.Linear : Access.Gathered;
        if (byRow)
        {
            bool isTransposed = iteration.Stride(input, iteration.Rank - 2) == 1 && iteration.Size(iteration.Rank - 2) >= Transpose.Tile;
            return inner == 1 ? Access.Row : inner == 0 ? Access.Column : isTransposed ? Access.Transposed : Access.Gathered;
        }
        return iteration.StandsStill(input, 1) ? Access.Repeated : Access.Gathered;
    }

    private void Locate(int input, in View view)
    {
        CpuBuffer buffer = CpuBuffer.Of(view);
        sizes[input] = DtypeModule.size(plan.Program.Inputs[input]);
        nint offset = (nint)view.Offset * sizes[input];
        fixed (byte* start = buffer)
        {
            byte* elements = start;
            if (IsManaged(buffer))
            {
                elements = Small(input);
                new Span<byte>(start, (int)buffer.ByteLength).CopyTo(new Span<byte>(elements, SmallBytes));
            }
            bases[input] = (nint)(elements + offset);
            limits[input] = (nint)(elements + ((buffer.ByteLength + 63) & ~63));
        }
    }

    /// <summary>Parameters as the bits that fill a lane of their register.</summary>
    private void BindParameters(ReadOnlySpan<Scalar> arguments)
    {
        if (parameters.Length < plan.Values.Length)
            parameters = new long[plan.Values.Length];
        for (int v = 0; v < plan.Values.Length; v++)
        {
            LaneValue value = plan.Values[v];
            if (value.Source == LaneSource.Parameter)
                parameters[v] = Bits(arguments[value.Index], value.Dtype);
        }
    }

    private static long Bits(Scalar argument, Dtype register) => register.Tag switch
    {
        Dtype.Tags.Bool => ScalarModule.toDtype(Dtype.Bool, argument).AsInteger == 0 ? 0 : -1,
        Dtype.Tags.Float32 => BitConverter.SingleToInt32Bits(argument.IsInteger ? argument.AsInteger : (float)argument.AsFloat),
        Dtype.Tags.Float64 => BitConverter.DoubleToInt64Bits(argument.AsFloat),
        _ => ScalarModule.toDtype(register, argument).AsInteger,
    };
}
