using System.Runtime.CompilerServices;

namespace Functional.Cpu;

internal sealed unsafe partial class PointwiseCall
{
    /// <summary>The compiled kernel for how this call reads its inputs, if there is one by now.</summary>
    private Kernel? kernel;

    /// <summary>Runs the compiled kernel over positions from start to end - 1: rows, or everything at once, straight from and to memory.</summary>
    private void RunCompiled(Kernel kernel, long start, long end)
    {
        int inputs = plan.Program.Inputs.Length;
        using var room = new Scratch<byte>((long)(plan.SlotCount + inputs + plan.Outputs.Length) * TileBytes);
        byte** pointers = stackalloc byte*[inputs + plan.Outputs.Length];
        byte** rows = stackalloc byte*[inputs];
        int* phase = stackalloc int[inputs];
        new Span<int>(phase, inputs).Fill(-1);
        var work = new Workspace(room.Pointer, null, phase);
        long limit = isInPlace ? int.MaxValue & ~15 : tile;
        // Where nothing goes by rows, everything is one.
        long inner = byRow ? iteration.Inner : long.MaxValue, column = byRow ? start % inner : start;
        int rowsLeft = 0;

        fixed (long* arguments = parameters)
        {
            for (long position = start; position < end;)
            {
                if (rowsLeft == 0)
                    rowsLeft = FindRows(rows, position, column);
                int lanes = (int)Math.Min(Math.Min(limit, end - position), inner - column);
                // Past a tile only whole vectors go straight through; what remains finds room in a tile.
                if (lanes > tile)
                    lanes &= ~15;
                int padded = Padded(lanes, plan.IsWide);
                for (int i = 0; i < inputs; i++)
                {
                    pointers[i] = access[i] switch
                    {
                        Access.Scalar or Access.Column => Lane(work, i, rows[i]),
                        Access.Linear or Access.Row => InPlace(work, i, rows[i] + column * sizes[i], lanes, padded, mustCopy: false),
                        _ => Collected(work, i, position, lanes),
                    };
                }
                for (int o = 0; o < plan.Outputs.Length; o++)
                    pointers[inputs + o] = Target(work, o, position, lanes, end);
                kernel.Run(pointers, arguments, padded);
                Settle(pointers + inputs, position, lanes);
                position += lanes;
                column += lanes;
                if (column < inner)
                    continue;
                column = 0;
                rowsLeft--;
                for (int i = 0; i < inputs; i++)
                    rows[i] += RowStep(i);
            }
        }
        // Streaming stores become visible in no order; what follows must find them done.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Where the row of a position begins in every input, and for how many rows the next one lies a fixed step further.</summary>
    private int FindRows(byte** rows, long position, long column)
    {
        for (int i = 0; i < plan.Program.Inputs.Length; i++)
            rows[i] = byRow ? Address(i, position - column) : (byte*)bases[i];
        return byRow ? (int)(iteration.Size(iteration.Rank - 2) - position / iteration.Inner % iteration.Size(iteration.Rank - 2)) : int.MaxValue;
    }

    /// <summary>Bytes from a row of an input to the next.</summary>
    private nint RowStep(int input) => (nint)iteration.Stride(input, iteration.Rank - 2) * sizes[input];

    /// <summary>Where the kernel puts an output: in place unless its last vector would overwrite what it must not.</summary>
    private byte* Target(in Workspace work, int output, long position, int lanes, long end)
    {
        bool isWhole = lanes == Padded(lanes, plan.IsWide);
        return !plan.Outputs[output].IsPaired && (isWhole || !isAliased && Fits(plan.IsWide, position, lanes, end))
            ? (byte*)outputs[output] + position * plan.Outputs[output].Size
            : work.Tile(plan.SlotCount + plan.Program.Inputs.Length + output);
    }

    /// <summary>The element that an input gives to all lanes, as wide as a lane.</summary>
    private byte* Lane(in Workspace work, int input, byte* element)
    {
        if (sizes[input] == (plan.IsWide ? 8 : 4))
            return element;
        Dtype dtype = plan.Program.Inputs[input];
        byte* widened = work.Tile(plan.SlotCount + input);
        FillElement(new LaneValue(LaneSource.Input, input, dtype, plan.IsWide), element, widened, 1);
        return widened;
    }

    /// <summary>Which inputs the kernel reads a single element of for all its lanes.</summary>
    private ulong ScalarInputs()
    {
        ulong mask = 0;
        for (int i = 0; i < plan.Program.Inputs.Length; i++)
        {
            if (access[i] is Access.Scalar or Access.Column)
                mask |= 1UL << i;
        }
        return mask;
    }
}
