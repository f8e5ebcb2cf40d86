using ILGPU;
using ILGPU.Runtime;

namespace Functional.Gpu;

/// <summary>
/// Errors that only the device can see: integers divided by zero, an index out of range. A kernel writes to words of the device; they
/// are looked at when the host waits anyway, so that nothing waits for them.
/// </summary>
internal sealed class Faults(GpuContext context)
{
    /// <summary>The word whose first half is 1 after a division by zero.</summary>
    public const int Division = 0;

    /// <summary>The word for the ticket of the first call that met an index out of range, and that of the index.</summary>
    public const int Ticket = 1, Index = 2;

    /// <summary>Calls are told apart by what their errors say; so many different ones are remembered.</summary>
    private const int MostSites = 4096;

    private readonly Lock gate = new();
    private readonly Dictionary<(string Operation, string Words, int Axis, int Size, string Shape), int> tickets = [];
    private readonly Dictionary<int, Site> sites = [];
    private MemoryBuffer1D<long, Stride1D.Dense>? words;
    private bool isPending;
    private int lastTicket;

    /// <summary>The words that a kernel which divides integers may write to.</summary>
    public ArrayView<int> ForDivision()
    {
        lock (gate)
            return Words().Cast<int>();
    }

    /// <summary>What a kernel needs to refuse indices (of a tensor of a shape) into a dimension of so many elements.</summary>
    public IndexFault ForIndex(string operation, int[] shape, int axis, int size)
    {
        var site = new Site(operation, IndexWords.Current, axis, size, shape);
        var key = (operation, site.Words, axis, size, ShapeModule.format(shape));
        lock (gate)
        {
            if (!tickets.TryGetValue(key, out int ticket))
            {
                if (sites.Count == MostSites)
                {
                    tickets.Clear();
                    sites.Clear();
                }
                ticket = tickets[key] = ++lastTicket;
                sites[ticket] = site;
            }
            return new IndexFault { Words = Words(), Ticket = ticket, Size = size };
        }
    }

    /// <summary>Raises what a kernel found wrong since the last look, if one that can was started. What it computed holds zeros there.</summary>
    public void Raise()
    {
        long[] found = [0, 0, 0];
        lock (gate)
        {
            if (!isPending)
                return;
            isPending = false;
            lock (context.Gate)
            {
                context.Accelerator.Bind();
                words!.View.CopyToCPU(context.Stream, found);
                context.Stream.Synchronize();
                if (found[Division] != 0 || found[Ticket] != 0)
                    words.MemSetToZero(context.Stream);
            }
        }
        context.Traffic.Downloaded();
        if (found[Ticket] != 0)
            throw Outside((int)found[Ticket], found[Index]);
        if (found[Division] != 0)
        {
            throw new ArgumentValueException(
                "ZeroDivisionError: division of integers by zero; mask the zeros or divide floating point numbers");
        }
    }

    private IndexException Outside(int ticket, long index)
    {
        lock (gate)
        {
            return sites.TryGetValue(ticket, out Site? site)
                ? IndexWords.Error(site.Words, site.Operation, index, site.Axis, site.Size, site.Shape)
                : new IndexException($"index out of range in self: index {index} is negative or not less than the size of the dimension it counts");
        }
    }

    private ArrayView<long> Words()
    {
        if (words is null)
        {
            lock (context.Gate)
            {
                context.Accelerator.Bind();
                words = context.Accelerator.Allocate1D<long>(3);
                words.MemSetToZero(context.Stream);
            }
        }
        isPending = true;
        return words.View;
    }

    /// <summary>A call as its error tells of it.</summary>
    private sealed record Site(string Operation, string Words, int Axis, int Size, int[] Shape);
}
