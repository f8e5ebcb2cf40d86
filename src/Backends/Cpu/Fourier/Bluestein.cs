using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Transforms of lengths with large prime factors as a convolution with a chirp, whose length may be chosen
/// (Bluestein 1970), in double precision. With c(j) = exp(-pi i j^2 / n):
/// X(k) = c(k) sum over j of x(j) c(j) conj(c(k - j)).
/// </summary>
internal sealed unsafe class Bluestein
{
    private const int RememberedPlans = 32;

    private static readonly ConcurrentDictionary<int, Bluestein> Plans = [];

    private readonly int length;
    private readonly double[] chirpReal, chirpImaginary, filterReal, filterImaginary;
    private readonly FourierPlan<double> plan;

    private Bluestein(int length)
    {
        this.length = length;
        Padded = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * length - 1));
        plan = FourierPlan<double>.Of(Padded);
        (chirpReal, chirpImaginary) = (new double[length], new double[length]);
        (filterReal, filterImaginary) = (new double[Padded], new double[Padded]);
        for (long j = 0; j < length; j++)
        {
            // exp(-pi i j^2 / n), the square taken modulo 2n while it is exact
            (double real, double imaginary) = FourierPlan<double>.Root(j * j % (2L * length), 2L * length);
            (chirpReal[j], chirpImaginary[j]) = (real, imaginary);
            long mirrored = j == 0 ? 0 : Padded - j;
            filterReal[j] = filterReal[mirrored] = real / Padded;
            filterImaginary[j] = filterImaginary[mirrored] = -imaginary / Padded;
        }
        double[] spareReal = new double[Padded], spareImaginary = new double[Padded];
        fixed (double* fr = filterReal, fi = filterImaginary, sr = spareReal, si = spareImaginary)
        {
            PlanePair<double> result = plan.Run(new(fr, fi), new(sr, si), 1);
            if (result.Real != fr)
            {
                spareReal.CopyTo(filterReal, 0);
                spareImaginary.CopyTo(filterImaginary, 0);
            }
        }
    }

    /// <summary>Points that a line needs room for.</summary>
    public int Padded { get; }

    public static Bluestein Of(int length)
    {
        if (Plans.Count > RememberedPlans)
            Plans.Clear();
        return Plans.GetOrAdd(length, n => new Bluestein(n));
    }

    /// <summary>As <see cref="FourierPlan{T}.Run"/>; the planes have room for <see cref="Padded"/> points of every line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public PlanePair<double> Run(PlanePair<double> from, PlanePair<double> to, int lines)
    {
        Turn(from, lines);
        nint end = (nint)Padded * lines;
        for (nint i = (nint)length * lines; i < end; i++)
            from.Real[i] = from.Imaginary[i] = 0;
        PlanePair<double> spectrum = plan.Run(from, to, lines);
        PlanePair<double> other = spectrum.Real == from.Real ? to : from;
        for (int j = 0; j < Padded; j++)
            Multiply(spectrum, j, lines, filterReal[j], filterImaginary[j]);
        PlanePair<double> result = plan.Run(spectrum.Swapped, other.Swapped, lines).Swapped;
        Turn(result, lines);
        return result;
    }

    /// <summary>Multiplies every point by its place in the chirp.</summary>
    private void Turn(PlanePair<double> planes, int lines)
    {
        for (int j = 0; j < length; j++)
            Multiply(planes, j, lines, chirpReal[j], chirpImaginary[j]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(PlanePair<double> planes, int point, int lines, double real, double imaginary)
    {
        double* re = planes.Real + (nint)point * lines;
        double* im = planes.Imaginary + (nint)point * lines;
        for (int l = 0; l < lines; l++)
            (re[l], im[l]) = (re[l] * real - im[l] * imaginary, re[l] * imaginary + im[l] * real);
    }
}
