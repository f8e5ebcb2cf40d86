using ILGPU;
using ILGPU.Runtime;

namespace Functional.Gpu;

/// <summary>What a kernel may find wrong while it runs. The number is what it writes.</summary>
internal enum Fault
{
    None = 0,
    DivisionByZero = 1,
    IndexOutOfRange = 2,
}

/// <summary>
/// Errors that only the device can see, such as an index out of range. A kernel writes a number into a word of the device; it
/// is looked at when the host waits anyway, so that nothing waits for it.
/// </summary>
internal sealed class Faults(GpuContext context)
{
    private readonly Lock gate = new();
    private MemoryBuffer1D<int, Stride1D.Dense>? word;
    private volatile bool isPending;
    private string operation = "";

    /// <summary>The word that a kernel of this operation may write to.</summary>
    public ArrayView<int> For(string operation)
    {
        lock (gate)
        {
            if (word is null)
            {
                lock (context.Gate)
                {
                    context.Accelerator.Bind();
                    word = context.Accelerator.Allocate1D<int>(1);
                    word.MemSetToZero(context.Stream);
                }
            }
            this.operation = operation;
            isPending = true;
            return word.View;
        }
    }

    /// <summary>Raises what a kernel found wrong since the last look, if one that can was started.</summary>
    public void Raise()
    {
        if (!isPending)
            return;
        int[] found = [0];
        lock (gate)
        {
            isPending = false;
            lock (context.Gate)
            {
                context.Accelerator.Bind();
                word!.View.CopyToCPU(context.Stream, found);
                context.Stream.Synchronize();
                if (found[0] != 0)
                    word.MemSetToZero(context.Stream);
            }
        }
        switch ((Fault)found[0])
        {
            case Fault.None:
                return;
            case Fault.DivisionByZero:
                throw new ArgumentValueException(
                    $"ZeroDivisionError: {operation} of integers by zero; mask the zeros or divide floating point numbers");
            default:
                throw new IndexException($"{operation}: index out of range in self: an index is negative or not less than the size of the dimension it counts");
        }
    }
}
