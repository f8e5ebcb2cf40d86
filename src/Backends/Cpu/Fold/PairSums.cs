using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Sums of rows of complex numbers that lie without gaps: both parts run through the same registers, every second lane each.</summary>
internal static unsafe class PairSums
{
    /// <summary>Real numbers that are added in registers before double precision takes over.</summary>
    private const int Block = 8192;

    private const int Accumulators = 4;

    /// <summary>Whether all folded dimensions are the last ones of row-major elements, and then how many elements a row has.</summary>
    public static bool Takes(in View source, bool[] isFolded, out int run)
    {
        run = 1;
        bool keepsOnly = false;
        for (int d = isFolded.Length - 1; d >= 0; d--)
        {
            if (isFolded[d] && keepsOnly)
                return false;
            keepsOnly |= !isFolded[d];
            run *= isFolded[d] ? source.Shape[d] : 1;
        }
        return run > 0 && ShapeModule.isContiguous(source.Shape, source.Strides);
    }

    /// <summary>Sums so many rows of complex numbers.</summary>
    public static void Run<T>(T* source, T* target, int rows, int run)
        where T : unmanaged, INumber<T>
    {
        int blocks = (int)((2L * run + Block - 1) / Block);
        using var room = new Scratch<double>(2L * rows * blocks);
        Ranges.Run((long)rows * blocks, Math.Min(Block, 2L * run), new Blocks<T>(source, room.Pointer, 2L * run, blocks));
        for (int row = 0; row < rows; row++)
        {
            double real = 0, imaginary = 0;
            for (int block = 0; block < blocks; block++)
            {
                double* part = room.Pointer + 2 * ((nint)row * blocks + block);
                real += part[0];
                imaginary += part[1];
            }
            target[2 * (nint)row] = T.CreateTruncating(real);
            target[2 * (nint)row + 1] = T.CreateTruncating(imaginary);
        }
    }

    private readonly struct Blocks<T>(T* source, double* parts, long length, int blocks) : IRangeAction
        where T : unmanaged, INumber<T>
    {
        public void Invoke(long start, long end)
        {
            for (; start < end; start++)
            {
                long first = start % blocks * Block;
                T* from = source + (nint)(start / blocks * length + first);
                Widest.Invoke<T, OneBlock<T>>(new OneBlock<T>(from, parts + 2 * (nint)start, (int)Math.Min(Block, length - first)));
            }
        }
    }

    private readonly struct OneBlock<T>(T* source, double* part, int length) : IVectorAction<T>
        where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            V a = S.Create(T.Zero), b = a, c = a, d = a;
            int i = 0;
            for (; i + Accumulators * S.Count <= length; i += Accumulators * S.Count)
            {
                a = S.Add(a, S.Load(source + i));
                b = S.Add(b, S.Load(source + i + S.Count));
                c = S.Add(c, S.Load(source + i + 2 * S.Count));
                d = S.Add(d, S.Load(source + i + 3 * S.Count));
            }
            T* lanes = stackalloc T[64 / sizeof(T)];
            S.Store(S.Add(S.Add(a, b), S.Add(c, d)), lanes);
            double real = 0, imaginary = 0;
            for (int lane = 0; lane < S.Count; lane += 2)
            {
                real += double.CreateTruncating(lanes[lane]);
                imaginary += double.CreateTruncating(lanes[lane + 1]);
            }
            for (; i < length; i += 2)
            {
                real += double.CreateTruncating(source[i]);
                imaginary += double.CreateTruncating(source[i + 1]);
            }
            (part[0], part[1]) = (real, imaginary);
        }
    }
}
