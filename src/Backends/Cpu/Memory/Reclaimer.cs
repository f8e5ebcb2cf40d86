using System.Runtime.InteropServices;

namespace Functional.Cpu;

/// <summary>
/// Remembers which block belongs to which buffer and finds the blocks whose buffer the garbage collector took.
/// Not synchronised: <see cref="CpuMemory"/> holds the lock.
/// </summary>
/// <remarks>
/// A weak handle in a list costs a fraction of a finalizer and leaves the moment of reclaiming to the thread that
/// needs the memory. Handles are long weak ones: a buffer that some finalizer can still reach keeps its block.
/// </remarks>
internal sealed class Reclaimer
{
    private struct Entry
    {
        public WeakGCHandle<CpuBuffer> Handle;
        public nint Block;
        public int SizeClass;
    }

    private Entry[] entries = new Entry[256];
    private int used;
    private readonly Stack<int> vacant = new();

    /// <summary>Enters a buffer and returns its slot.</summary>
    public int Add(CpuBuffer buffer, nint block, int sizeClass)
    {
        if (!vacant.TryPop(out int slot))
        {
            slot = used++;
            if (slot == entries.Length)
                Array.Resize(ref entries, 2 * slot);
        }
        ref Entry entry = ref entries[slot];
        if (entry.Handle.IsAllocated)
            entry.Handle.SetTarget(buffer);
        else
            entry.Handle = new WeakGCHandle<CpuBuffer>(buffer, trackResurrection: true);
        entry.Block = block;
        entry.SizeClass = sizeClass;
        return slot;
    }

    /// <summary>Takes a slot out and returns its block, last used at a moment, to the pool.</summary>
    public void Remove(int slot, BlockPool pool, long touched)
    {
        ref Entry entry = ref entries[slot];
        pool.Return(entry.Block, entry.SizeClass, touched);
        entry.Handle.SetTarget(null!);
        entry.Block = 0;
        vacant.Push(slot);
    }

    /// <summary>Returns the blocks of all collected buffers to the pool.</summary>
    public void Sweep(BlockPool pool)
    {
        for (int slot = 0; slot < used; slot++)
        {
            if (entries[slot].Block != 0 && !entries[slot].Handle.TryGetTarget(out _))
                Remove(slot, pool, long.MinValue);
        }
    }
}
