using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Walks a loop nest in row-major order and keeps the offset of up to four operands.</summary>
internal struct Odometer
{
    [InlineArray(4)]
    private struct Offsets
    {
        private nint first;
    }

    private readonly LoopNest nest;
    private readonly int[] index;
    private Offsets offsets;

    /// <summary>Stands at iteration <paramref name="start"/> of the nest.</summary>
    public Odometer(in LoopNest nest, long start = 0)
    {
        this.nest = nest;
        index = new int[nest.Rank];
        for (int d = nest.Rank - 1; d >= 0 && start > 0; d--)
        {
            index[d] = (int)(start % nest.Sizes[d]);
            start /= nest.Sizes[d];
            for (int k = 0; k < nest.Strides.Length; k++)
                offsets[k] += (nint)index[d] * nest.Strides[k][d];
        }
    }

    /// <summary>Where an operand stands, in elements.</summary>
    public readonly nint this[int operand]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => offsets[operand];
    }

    /// <summary>Steps to the next iteration; after the last one it stands at the first again.</summary>
    public void Next()
    {
        for (int d = index.Length - 1; d >= 0; d--)
        {
            int size = nest.Sizes[d];
            bool wraps = ++index[d] == size;
            int steps = wraps ? 1 - size : 1;
            for (int k = 0; k < nest.Strides.Length; k++)
                offsets[k] += (nint)steps * nest.Strides[k][d];
            if (!wraps)
                return;
            index[d] = 0;
        }
    }
}
