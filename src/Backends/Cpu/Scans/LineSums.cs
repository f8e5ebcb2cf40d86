using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>
/// Running sums along a contiguous line of float32, in double precision: eight elements are summed up within a register, and what
/// came before is added to all of them.
/// </summary>
internal static unsafe class LineSums
{
    public static bool IsSupported => Avx512F.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forwards(float* from, float* to, int size)
    {
        Vector512<double> before = Vector512<double>.Zero;
        Vector512<long> last = Vector512.Create(7L);
        int i = 0;
        for (; i <= size - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector512<double> sum = Avx512F.ConvertToVector512Double(Vector256.Load(from + i));
            sum += Avx512F.AlignRight64(sum.AsInt64(), Vector512<long>.Zero, 7).AsDouble();
            sum += Avx512F.AlignRight64(sum.AsInt64(), Vector512<long>.Zero, 6).AsDouble();
            sum += Avx512F.AlignRight64(sum.AsInt64(), Vector512<long>.Zero, 4).AsDouble();
            Avx512F.ConvertToVector256Single(sum + before).Store(to + i);
            before += Avx512F.PermuteVar8x64(sum, last);
        }
        double total = before.ToScalar();
        for (; i < size; i++)
            to[i] = (float)(total += from[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backwards(float* from, float* to, int size)
    {
        Vector512<double> behind = Vector512<double>.Zero;
        int i = size;
        for (; i >= Vector256<float>.Count; i -= Vector256<float>.Count)
        {
            float* at = from + i - Vector256<float>.Count;
            Vector512<double> sum = Avx512F.ConvertToVector512Double(Vector256.Load(at));
            sum += Avx512F.AlignRight64(Vector512<long>.Zero, sum.AsInt64(), 1).AsDouble();
            sum += Avx512F.AlignRight64(Vector512<long>.Zero, sum.AsInt64(), 2).AsDouble();
            sum += Avx512F.AlignRight64(Vector512<long>.Zero, sum.AsInt64(), 4).AsDouble();
            Avx512F.ConvertToVector256Single(sum + behind).Store(to + (at - from));
            behind += Vector512.Create(sum.ToScalar());
        }
        double total = behind.ToScalar();
        while (--i >= 0)
            to[i] = (float)(total += from[i]);
    }
}
