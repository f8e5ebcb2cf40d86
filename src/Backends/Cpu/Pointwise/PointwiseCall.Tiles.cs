using System.Runtime.CompilerServices;

namespace Functional.Cpu;

internal sealed unsafe partial class PointwiseCall
{
    /// <summary>The room that one thread works in.</summary>
    private readonly ref struct Workspace(byte* room, byte** value, int* phase)
    {
        /// <summary>Tiles, one beside the other.</summary>
        public readonly byte* Room = room;

        /// <summary>Where the lanes of every value are at the moment.</summary>
        public readonly byte** Value = value;

        /// <summary>At which element of its row the tile of a repeated input begins, or -1.</summary>
        public readonly int* Phase = phase;

        public byte* Tile(int number) => Room + (nint)number * TileBytes;
    }

    /// <summary>The interpreter: computes positions from start to end - 1, a tile that fits in the first-level cache at a time.</summary>
    private void Interpret(long start, long end)
    {
        int inputs = plan.Program.Inputs.Length;
        using var room = new Scratch<byte>((long)(plan.SlotCount + inputs) * TileBytes);
        byte** value = stackalloc byte*[plan.Values.Length];
        int* phase = stackalloc int[inputs];
        new Span<int>(phase, inputs).Fill(-1);
        var work = new Workspace(room.Pointer, value, phase);

        for (int v = 0; v < plan.Values.Length; v++)
            value[v] = work.Tile(plan.Slots[v]);
        FillConstants(work, (int)Math.Min(tile, end - start));
        for (long position = start; position < end;)
        {
            int lanes = Stretch(position, end, tile);
            ReadInputs(work, position, lanes);
            AimOutputs(work, position, lanes, end);
            foreach (ref readonly LaneStep step in plan.Steps.AsSpan())
            {
                LaneOperation operation = step.Operation;
                operation.Run(
                    value[step.A],
                    operation.Arity > 1 ? value[step.B] : null,
                    operation.Arity > 2 ? value[step.C] : null,
                    value[step.Result],
                    lanes);
            }
            WriteOutputs(work, position, lanes);
            position += lanes;
        }
    }

    /// <summary>How many positions from one on may be computed together: to the end, the limit or the end of a row.</summary>
    private int Stretch(long position, long end, long limit)
    {
        long length = Math.Min(limit, end - position);
        return (int)(byRow ? Math.Min(length, iteration.Inner - position % iteration.Inner) : length);
    }

    /// <summary>Lanes up to the next multiple of 64 bytes.</summary>
    private static int Padded(int lanes, bool isWide) => isWide ? (lanes + 7) & ~7 : (lanes + 15) & ~15;

    /// <summary>Parameters and inputs of a single element, once for all tiles.</summary>
    private void FillConstants(in Workspace work, int lanes)
    {
        for (int v = 0; v < plan.Values.Length; v++)
        {
            LaneValue source = plan.Values[v];
            if (source.Source == LaneSource.Parameter)
            {
                long bits = parameters[v];
                TileMemory.Fill((byte*)&bits, work.Value[v], source.IsWide ? 8 : 4, Padded(lanes, source.IsWide));
            }
            else if (source.Source == LaneSource.Input && access[source.Index] == Access.Scalar)
            {
                FillElement(source, (byte*)bases[source.Index], work.Value[v], lanes);
            }
        }
    }

    /// <summary>One element, widened, in every lane.</summary>
    private static void FillElement(LaneValue source, byte* element, byte* target, int lanes)
    {
        int size = DtypeModule.size(source.Dtype);
        int width = source.IsWide ? 8 : 4;
        byte* room = stackalloc byte[64 + 128];
        if (size != width)
        {
            TileMemory.Fill(element, room, size, 16);
            TileMemory.Widen(source.Dtype, source.IsWide, room, room + 64, 16);
            element = room + 64;
        }
        TileMemory.Fill(element, target, width, Padded(lanes, source.IsWide));
    }

    /// <summary>Makes every input's lanes at these positions available: in place where memory allows it, else in a tile.</summary>
    private void ReadInputs(in Workspace work, long position, int lanes)
    {
        for (int v = 0; v < plan.Values.Length; v++)
        {
            LaneValue source = plan.Values[v];
            if (source.Source != LaneSource.Input || access[source.Index] == Access.Scalar)
                continue;
            byte* own = work.Tile(plan.Slots[v]);
            if (access[source.Index] == Access.Column)
            {
                FillElement(source, Address(source.Index, position), own, lanes);
                continue;
            }
            // An input that is also a result must not be overwritten by another result before it is stored.
            bool isHandedOn = isAliased && plan.IsHandedOn(source.Index);
            byte* elements = Elements(work, source.Index, position, lanes, Padded(lanes, source.IsWide), isHandedOn);
            if (DtypeModule.size(source.Dtype) == (source.IsWide ? 8 : 4))
                work.Value[v] = elements;
            else
                TileMemory.Widen(source.Dtype, source.IsWide, elements, own, lanes);
        }
    }

    /// <summary>Where an input stands at a position.</summary>
    private byte* Address(int input, long position)
    {
        long offset = access[input] == Access.Linear ? position : iteration.Offset(input, position);
        return (byte*)bases[input] + offset * sizes[input];
    }

    /// <summary>An input's elements at successive positions, one beside the other, with so many of them readable.</summary>
    private byte* Elements(in Workspace work, int input, long position, int lanes, int readable, bool mustCopy) =>
        access[input] is Access.Linear or Access.Row
            ? InPlace(work, input, Address(input, position), lanes, readable, mustCopy)
            : Collected(work, input, position, lanes);

    /// <summary>Elements that lie one beside the other, where they are, unless there are not so many of them readable.</summary>
    private byte* InPlace(in Workspace work, int input, byte* elements, int lanes, int readable, bool mustCopy)
    {
        if (elements + (nint)readable * sizes[input] <= (byte*)limits[input] && !mustCopy)
            return elements;
        byte* collected = work.Tile(plan.SlotCount + input);
        Unsafe.CopyBlockUnaligned(collected, elements, (uint)(lanes * sizes[input]));
        return collected;
    }

    /// <summary>Elements from here and there, copied into a tile.</summary>
    private byte* Collected(in Workspace work, int input, long position, int lanes)
    {
        int size = sizes[input];
        byte* collected = work.Tile(plan.SlotCount + input);
        if (access[input] != Access.Repeated)
        {
            Collect(input, position, lanes, size, collected);
            return collected;
        }
        int column = (int)(position % iteration.Inner);
        if (work.Phase[input] != column)
        {
            // One row, then copies of what is there, to the end of the longest tile there will be.
            work.Phase[input] = column;
            Collect(input, position, iteration.Inner, size, collected);
            for (int filled = iteration.Inner; filled < tile;)
            {
                int more = Math.Min(filled, tile - filled);
                Unsafe.CopyBlockUnaligned(collected + (nint)filled * size, collected, (uint)(more * size));
                filled += more;
            }
        }
        return collected;
    }

    /// <summary>Copies an input's elements at successive positions, row by row.</summary>
    private void Collect(int input, long position, int lanes, int size, byte* target)
    {
        switch (size)
        {
            case 1:
                Collect(input, position, lanes, target);
                break;
            case 2:
                Collect(input, position, lanes, (short*)target);
                break;
            case 4:
                Collect(input, position, lanes, (int*)target);
                break;
            default:
                Collect(input, position, lanes, (long*)target);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Collect<T>(int input, long position, int lanes, T* target)
        where T : unmanaged
    {
        int inner = iteration.Inner;
        nint step = iteration.InnerStride(input);
        int rows = iteration.Rank > 1 ? iteration.Size(iteration.Rank - 2) : 1;
        nint rowStep = iteration.Rank > 1 ? iteration.Stride(input, iteration.Rank - 2) : 0;
        int column = (int)(position % inner);
        int row = (int)(position / inner % rows);
        T* source = (T*)bases[input] + (nint)iteration.Offset(input, position);
        while (true)
        {
            int run = Math.Min(lanes, inner - column);
            if (step == 1 && run >= 16)
            {
                new Span<T>(source, run).CopyTo(new Span<T>(target, run));
            }
            else if (step == 2 && sizeof(T) == sizeof(float))
            {
                TileMemory.EverySecond((uint*)source, (uint*)target, run);
            }
            else
            {
                for (int i = 0; i < run; i++)
                    target[i] = source[i * step];
            }
            lanes -= run;
            if (lanes == 0)
                return;
            target += run;
            position += run;
            source += rowStep - column * step;
            column = 0;
            if (++row == rows)
            {
                // A carry into the dimensions further out, or past the end and back to the beginning.
                row = 0;
                source = (T*)bases[input] + (nint)iteration.Offset(input, position);
            }
        }
    }

    /// <summary>
    /// Whether a step may write straight into an output: what its last vector writes beyond the tile is written again
    /// later or is padding, and no input lies there.
    /// </summary>
    private bool IsDirect(int output, long position, int lanes, long end)
    {
        if (isAliased || !plan.IsStoredInPlace(output))
            return false;
        return Fits(plan.Outputs[output].Size == 8, position, lanes, end);
    }

    /// <summary>Whether whole vectors of an output stay within what is written again later, or within its padding.</summary>
    private bool Fits(bool isWide, long position, int lanes, long end)
    {
        long unit = isWide ? 8 : 16;
        long limit = end == Count ? (Count + unit - 1) & -unit : end;
        return position + Padded(lanes, isWide) <= limit;
    }

    private void AimOutputs(in Workspace work, long position, int lanes, long end)
    {
        for (int i = 0; i < plan.Outputs.Length; i++)
        {
            LaneOutput output = plan.Outputs[i];
            if (plan.IsStoredInPlace(i))
                work.Value[output.Value] = IsDirect(i, position, lanes, end)
                    ? (byte*)outputs[i] + position * output.Size
                    : work.Tile(plan.Slots[output.Value]);
        }
    }

    private void WriteOutputs(in Workspace work, long position, int lanes)
    {
        for (int i = 0; i < plan.Outputs.Length; i = Next(i))
        {
            LaneOutput output = plan.Outputs[i];
            byte* target = (byte*)outputs[i] + position * output.Step;
            byte* source = work.Value[output.Value];
            bool isWide = plan.Values[output.Value].IsWide;
            if (output.IsPaired)
                TileMemory.Interleave(source, work.Value[plan.Outputs[i + 1].Value], target, output.Size, lanes);
            else if (output.Size != (isWide ? 8 : 4))
                TileMemory.Narrow(source, isWide, target, output.Size, lanes);
            else if (source != target)
                Unsafe.CopyBlockUnaligned(target, source, (uint)(lanes * output.Size));
        }
    }
}
