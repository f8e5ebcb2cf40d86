using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Two independent normal numbers from two uniform ones (Box and Muller 1958), in double precision.</summary>
internal static unsafe class BoxMuller
{
    private static int Lanes => Vector512<double>.Count;

    /// <summary>Makes elements 2j and 2j + 1 of the uniforms of the same numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<T, TKernel>(uint* words, T* result, int count)
        where T : unmanaged
        where TKernel : struct, INormalKernel<T>
    {
        double* first = stackalloc double[2 * Lanes];
        double* second = first + Lanes;
        for (int element = 0; element < count; element += 2 * Lanes)
        {
            // A last pair may be half wanted; pairs beyond it are made of zeros, which are as good as any.
            int pairs = Math.Min(Lanes, (count - element + 1) / 2);
            for (int j = 0; j < Lanes; j++)
            {
                uint* own = words + (element + 2L * j) * TKernel.WordsPerElement;
                first[j] = j < pairs ? TKernel.Uniform(own) : 0;
                second[j] = j < pairs ? TKernel.Uniform(own + TKernel.WordsPerElement) : 0;
            }
            Turn(first, second);
            for (int j = 0; j < pairs; j++)
            {
                int place = element + 2 * j;
                result[place] = TKernel.Round(first[j]);
                if (place + 1 < count)
                    result[place + 1] = TKernel.Round(second[j]);
            }
        }
    }

    /// <summary>Uniform numbers in, normal ones out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(double* first, double* second)
    {
        Vector512<double> logarithm = VectorMath.Log(Vector512<double>.One - Vector512.Load(first));
        Vector512<double> radius = Vector512.Sqrt(logarithm * Vector512.Create(-2.0));
        Vector512<double> angle = Vector512.Load(second) * Vector512.Create(2 * Math.PI);
        (radius * VectorMath.Cos(angle)).Store(first);
        (radius * VectorMath.Sin(angle)).Store(second);
    }
}
