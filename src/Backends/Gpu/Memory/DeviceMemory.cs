using ILGPU.Runtime;

namespace Functional.Gpu;

/// <summary>
/// The device's pool: blocks of size classes that are used again without waiting, since the work that still reads one stands
/// before the work that will write it in the same stream.
/// </summary>
internal sealed class DeviceMemory(GpuContext context)
{
    private const long Smallest = 512;

    /// <summary>Above this many bytes handed out since the last collection, one more may find buffers that nobody holds.</summary>
    private const long SweepAfter = 256L << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<long, Stack<DeviceBlock>> free = [];

    // Holds the driver's handles: one that only an unreachable buffer knew would be finalized together with it.
    private readonly HashSet<DeviceBlock> owned = [];
    private long used;
    private long reserved;
    private long peak;
    private long peakReserved;
    private long allocations;
    private long sinceSweep;

    /// <summary>Bytes that buffers hold now.</summary>
    public long Used => Interlocked.Read(ref used);

    /// <summary>Bytes that were taken from the driver and not given back.</summary>
    public long Reserved => Interlocked.Read(ref reserved);

    /// <summary>What the pool holds and held.</summary>
    public MemoryStatistics Statistics
    {
        get
        {
            lock (gate)
                return new MemoryStatistics(used, peak, reserved, peakReserved, allocations);
        }
    }

    /// <summary>A block of at least so many bytes, its content undefined. Raises OutOfMemoryException.</summary>
    public DeviceBlock Take(long bytes)
    {
        long size = SizeClass(bytes);
        return Reuse(size) ?? Grow(size);
    }

    /// <summary>Takes a block back; it is used again by what is asked next.</summary>
    public void Return(DeviceBlock block)
    {
        lock (gate)
        {
            if (!free.TryGetValue(block.Size, out Stack<DeviceBlock>? stack))
                free[block.Size] = stack = [];
            stack.Push(block);
            used -= block.Size;
        }
    }

    /// <summary>Gives all unused blocks back to the driver.</summary>
    public void Trim()
    {
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            // Freeing waits for the device in some drivers and not in others; here it always does.
            context.Stream.Synchronize();
            lock (gate)
            {
                foreach (DeviceBlock block in free.Values.SelectMany(stack => stack))
                {
                    reserved -= block.Size;
                    owned.Remove(block);
                    block.Free();
                }
                free.Clear();
            }
        }
    }

    /// <summary>The peak begins anew at what is used now.</summary>
    public void ResetPeak()
    {
        lock (gate)
            (peak, peakReserved) = (used, reserved);
    }

    /// <summary>Rounds up so that at most an eighth of a block is wasted.</summary>
    internal static long SizeClass(long bytes)
    {
        if (bytes <= Smallest)
            return Smallest;
        long step = Math.Max(Smallest, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bytes) / 16);
        return (bytes + step - 1) / step * step;
    }

    private DeviceBlock? Reuse(long size)
    {
        lock (gate)
        {
            if (!free.TryGetValue(size, out Stack<DeviceBlock>? stack) || !stack.TryPop(out DeviceBlock? block))
                return null;
            Count(size);
            return block;
        }
    }

    /// <summary>Asks the driver, after unreachable buffers were looked for where that may spare it.</summary>
    private DeviceBlock Grow(long size)
    {
        if (Interlocked.Add(ref sinceSweep, size) > SweepAfter)
        {
            Sweep();
            if (Reuse(size) is { } found)
                return found;
        }
        try
        {
            return Create(size);
        }
        catch (Exception error) when (error is AcceleratorException or OutOfMemoryException)
        {
            Sweep();
            Trim();
            try
            {
                return Reuse(size) ?? Create(size);
            }
            catch (Exception last) when (last is AcceleratorException)
            {
                throw new OutOfMemoryException(
                    $"CUDA out of memory. Tried to allocate {size} bytes on {context.Info.Name}, which has {context.Info.Memory}; "
                    + $"{Used} are held by tensors. Use smaller batches, or let go of tensors that are no longer needed", last);
            }
        }
    }

    private DeviceBlock Create(long size)
    {
        DeviceBlock block;
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            block = new DeviceBlock(context.Accelerator.Allocate1D<byte>(size));
        }
        lock (gate)
        {
            owned.Add(block);
            reserved += size;
            Count(size);
        }
        return block;
    }

    private void Count(long size)
    {
        used += size;
        peak = Math.Max(peak, used);
        peakReserved = Math.Max(peakReserved, reserved);
        allocations++;
    }

    /// <summary>Lets the collector find buffers that no tensor holds any more.</summary>
    private void Sweep()
    {
        Interlocked.Exchange(ref sinceSweep, 0);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
