namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    // Elements of a tile; a multiple of four, so that a tile begins with a block, and its words stay in the cache.
    private const int RandomTile = 4096;

    /// <inheritdoc/>
    public Buffer Random(RandomKind kind, ulong key, Dtype dtype, int length)
    {
        if (kind.IsRandomNormal && HalfPrecision.Is(dtype))
            return HalfPrecision.Narrow((CpuBuffer)Random(kind, key, Dtype.Float32, length), dtype);
        var result = new CpuBuffer(dtype, length);
        fixed (byte* to = result)
        {
            switch (kind.Tag, dtype.Tag)
            {
                case (RandomKind.Tags.RandomBits, Dtype.Tags.Int32):
                    Fill<uint, Bits32>(key, (uint*)to, length);
                    break;
                case (RandomKind.Tags.RandomBits, Dtype.Tags.Int64):
                    Fill<ulong, Bits64>(key, (ulong*)to, length);
                    break;
                case (RandomKind.Tags.RandomUniform, Dtype.Tags.Float16):
                    Fill<Half, UniformHalf>(key, (Half*)to, length);
                    break;
                case (RandomKind.Tags.RandomUniform, Dtype.Tags.BFloat16):
                    Fill<ushort, UniformBFloat16>(key, (ushort*)to, length);
                    break;
                case (RandomKind.Tags.RandomUniform, Dtype.Tags.Float32):
                    Fill<float, Uniform32>(key, (float*)to, length);
                    break;
                case (RandomKind.Tags.RandomUniform, Dtype.Tags.Float64):
                    Fill<double, Uniform64>(key, (double*)to, length);
                    break;
                case (RandomKind.Tags.RandomNormal, Dtype.Tags.Float32):
                    Fill<float, Normal32>(key, (float*)to, length);
                    break;
                case (RandomKind.Tags.RandomNormal, Dtype.Tags.Float64):
                    Fill<double, Normal64>(key, (double*)to, length);
                    break;
                default:
                    string name = kind.IsRandomBits ? "random_bits" : kind.IsRandomUniform ? "uniform" : "normal";
                    throw new DtypeException(
                        $"\"{name}\" not implemented for '{DtypeModule.scalarTypeName(dtype)}': "
                        + $"random numbers of this kind do not come as {DtypeModule.name(dtype)}");
            }
        }
        GC.KeepAlive(result);
        return result;
    }

    private static void Fill<T, TKernel>(ulong key, T* result, int length)
        where T : unmanaged
        where TKernel : struct, IRandomKernel<T> =>
        Ranges.Run((length + RandomTile - 1L) / RandomTile, 8L * RandomTile, new Tiles<T, TKernel>(key, result, length));

    private readonly struct Tiles<T, TKernel>(ulong key, T* result, int length) : IRangeAction
        where T : unmanaged
        where TKernel : struct, IRandomKernel<T>
    {
        public void Invoke(long start, long end)
        {
            int blocks = RandomTile / 4 * TKernel.WordsPerElement;
            using var words = new Scratch<uint>(4L * blocks);
            for (; start < end; start++)
            {
                long element = start * RandomTile;
                int count = (int)Math.Min(RandomTile, length - element);
                int needed = (count * TKernel.WordsPerElement + 7) / 8 * 2;
                Philox.Fill(key, (uint)(start * blocks), Math.Min(blocks, needed), words.Pointer);
                TKernel.Make(words.Pointer, result + element, count);
            }
        }
    }
}
