using System.Runtime.CompilerServices;

namespace Functional.Cpu;

internal sealed unsafe partial class PointwiseCall
{
    /// <summary>Positions of a row that a band holds at a time, so that it stays in the nearest cache.</summary>
    private const int BandLanes = 256;

    /// <summary>
    /// Runs the compiled kernel over whole rows from position start to end - 1, a band of rows at a time: of an input that is contiguous
    /// from row to row, whole cache lines are read and turned over once for all rows of the band.
    /// </summary>
    private void RunBands(Kernel kernel, long start, long end)
    {
        int inputs = plan.Program.Inputs.Length, inner = iteration.Inner, depth = iteration.Size(iteration.Rank - 2);
        using var room = new Scratch<byte>((long)(plan.SlotCount + inputs + plan.Outputs.Length) * TileBytes);
        using var bands = new Scratch<byte>((long)inputs * Transpose.Tile * BandLanes * sizeof(double));
        byte** pointers = stackalloc byte*[inputs + plan.Outputs.Length];
        int* phase = stackalloc int[inputs];
        var work = new Workspace(room.Pointer, null, phase);

        fixed (long* arguments = parameters)
        {
            for (long position = start; position < end;)
            {
                int rows = (int)Math.Min(Math.Min(Transpose.Tile, depth - position / inner % depth), (end - position) / inner);
                for (int column = 0; column < inner; column += BandLanes)
                {
                    int lanes = Math.Min(BandLanes, inner - column);
                    for (int i = 0; i < inputs; i++)
                    {
                        if (access[i] == Access.Transposed)
                            TurnOver(i, position + column, Band(bands.Pointer, i), rows, lanes);
                    }
                    for (int row = 0; row < rows; row++)
                        BandRow(kernel, work, bands.Pointer, row, position + (long)row * inner + column, lanes, pointers, arguments);
                }
                position += (long)rows * inner;
            }
        }
    }

    private static byte* Band(byte* bands, int input) => bands + (nint)input * Transpose.Tile * BandLanes * sizeof(double);

    private void TurnOver(int input, long position, byte* band, int rows, int lanes)
    {
        byte* from = Address(input, position);
        nint step = iteration.InnerStride(input);
        switch (sizes[input])
        {
            case 1:
                Transpose.Strip(from, step, band, BandLanes, rows, lanes, isAhead: true);
                break;
            case 2:
                Transpose.Strip((short*)from, step, (short*)band, BandLanes, rows, lanes, isAhead: true);
                break;
            case 4:
                Transpose.Strip((int*)from, step, (int*)band, BandLanes, rows, lanes, isAhead: true);
                break;
            default:
                Transpose.Strip((long*)from, step, (long*)band, BandLanes, rows, lanes, isAhead: true);
                break;
        }
    }

    /// <summary>One row of a band: past its end lies what was computed before, so what does not fill vectors goes through a tile.</summary>
    private void BandRow(
        Kernel kernel, in Workspace work, byte* bands, int row, long position, int lanes, byte** pointers, long* arguments)
    {
        int inputs = plan.Program.Inputs.Length, padded = Padded(lanes, plan.IsWide);
        for (int i = 0; i < inputs; i++)
        {
            pointers[i] = access[i] switch
            {
                Access.Transposed => Band(bands, i) + (nint)row * BandLanes * sizes[i],
                Access.Scalar or Access.Column => Lane(work, i, Address(i, position)),
                _ => Elements(work, i, position, lanes, padded, mustCopy: false),
            };
        }
        for (int o = 0; o < plan.Outputs.Length; o++)
        {
            pointers[inputs + o] = !plan.Outputs[o].IsPaired && lanes == padded
                ? (byte*)outputs[o] + position * plan.Outputs[o].Size
                : work.Tile(plan.SlotCount + inputs + o);
        }
        kernel.Run(pointers, arguments, padded);
        Settle(pointers + inputs, position, lanes);
    }

    /// <summary>Moves outputs that were computed in tiles to where they belong.</summary>
    private void Settle(byte** computed, long position, int lanes)
    {
        for (int o = 0; o < plan.Outputs.Length; o = Next(o))
        {
            int size = plan.Outputs[o].Size;
            if (plan.Outputs[o].IsPaired)
            {
                byte* pairs = (byte*)outputs[o] + position * 2 * size;
                TileMemory.Interleave(computed[o], computed[o + 1], pairs, size, lanes);
                continue;
            }
            byte* target = (byte*)outputs[o] + position * size;
            if (computed[o] != target)
                Unsafe.CopyBlockUnaligned(target, computed[o], (uint)(lanes * size));
        }
    }
}
