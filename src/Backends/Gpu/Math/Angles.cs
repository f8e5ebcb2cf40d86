using Functional.Cpu;

namespace Functional.Gpu;

/// <summary>Arcs in double precision.</summary>
internal static class Angles
{
    private const double Pi = 3.141592653589793;
    private const double PiLow = 1.2246467991473532e-16;

    /// <summary>The arc tangent: 1 / x above 1, (t - 1) / (t + 1) above tan(pi / 8), and a minimax polynomial for the rest.</summary>
    public static double Atan(double x)
    {
        double a = Signs.Absolute(x);
        bool isInverse = a > 1.0;
        double t = isInverse ? 1.0 / a : a;
        bool isTurned = t > 0.41421356237309503;
        double s = isTurned ? (t - 1.0) / (t + 1.0) : t;
        double z = s * s;
        double p = 0.016285756855221028;
        p = p * z - 0.034570561981427744;
        p = p * z + 0.04551593220626549;
        p = p * z - 0.05230454270650244;
        p = p * z + 0.05878928997834775;
        p = p * z - 0.06666424885738255;
        p = p * z + 0.07692296375032143;
        p = p * z - 0.09090908753500877;
        p = p * z + 0.11111111105155447;
        p = p * z - 0.14285714285659828;
        p = p * z + 0.19999999999999804;
        p = p * z - 0.3333333333333333;
        double arc = s + s * z * p;
        if (isTurned)
            arc = 0.25 * Pi + (arc + 0.25 * PiLow);
        if (isInverse)
            arc = 0.5 * Pi - (arc - 0.5 * PiLow);
        return Signs.Copy(arc, x);
    }

    /// <summary>The angle of the point (x, y), in (-pi, pi], zeros and infinities as IEEE 754 has them.</summary>
    public static double Atan2(double y, double x)
    {
        if (Signs.IsNaN(x) || Signs.IsNaN(y))
            return double.NaN;
        double a = Signs.Absolute(y);
        double b = Signs.Absolute(x);
        bool isLeft = Signs.Copy(1.0, x) < 0.0;
        double arc;
        if (a == 0.0)
            arc = 0.0;
        else if (a == double.PositiveInfinity && b == double.PositiveInfinity)
            arc = 0.25 * Pi;
        else
            arc = Atan(a / b);
        if (isLeft)
            arc = Pi - (arc - PiLow);
        return Signs.Copy(arc, y);
    }
}

/// <summary>Sine and cosine of numbers of any size: x times 2 / pi, whole turns dropped (Payne and Hanek 1983).</summary>
internal static class FarAngles
{
    /// <summary>The sine of x + n pi / 2.</summary>
    public static double Turn(double x, long n)
    {
        if (!(Signs.Absolute(x) < double.PositiveInfinity))
            return double.NaN;
        ulong bits = ILGPU.Interop.FloatAsInt(Signs.Absolute(x));
        int exponent = (int)(bits >> 52) - 1075;
        ulong m = (bits & 0xFFFFFFFFFFFFFul) | 0x10000000000000ul;
        // x = m 2^exponent. Bits of 2 / pi that give whole turns are skipped; three words behind them are enough.
        int start = exponent - 2;
        ulong w0 = Window(start);
        ulong w1 = Window(start + 64);
        ulong w2 = Window(start + 128);
        // m times the fraction w0.w1.w2, whole turns dropped.
        ulong high = w0 * m + MultiplyHigh(w1, m);
        ulong middle = w1 * m;
        ulong carried = MultiplyHigh(w2, m);
        middle += carried;
        if (middle < carried)
            high += 1ul;
        // What is left is a fraction of a turn: two bits say which quarter.
        long quarter = (long)(high >> 62);
        ulong fraction = (high << 2) | (middle >> 62);
        ulong below = middle << 2;
        bool isUpper = (fraction >> 63) != 0ul;
        if (isUpper)
        {
            quarter += 1L;
            fraction = ~fraction;
            below = ~below;
        }
        double r = ((double)fraction + (double)below * 5.421010862427522e-20) * 5.421010862427522e-20 * 1.5707963267948966;
        if (isUpper)
            r = -r;
        double turned = Quadrant.SinOrCos(Lane64.Integer(quarter + n), new Lane64(r)).Value;
        return x < 0.0 ? (n == 0L ? -turned : turned) : turned;
    }

    /// <summary>64 bits of 2 / pi, after so many; zeros stand before the point.</summary>
    private static ulong Window(int start)
    {
        if (start < 0)
            return Word(0) >> -start;
        int at = start >> 6;
        int by = start & 63;
        return by == 0 ? Word(at) : (Word(at) << by) | (Word(at + 1) >> (64 - by));
    }

    private static ulong MultiplyHigh(ulong a, ulong b)
    {
        ulong al = a & 0xFFFFFFFFul;
        ulong ah = a >> 32;
        ulong bl = b & 0xFFFFFFFFul;
        ulong bh = b >> 32;
        ulong low = al * bl;
        ulong one = ah * bl + (low >> 32);
        ulong two = al * bh + (one & 0xFFFFFFFFul);
        return ah * bh + (one >> 32) + (two >> 32);
    }

    /// <summary>The binary digits of 2 / pi behind the point, 64 at a time.</summary>
    private static ulong Word(int index) => index switch
    {
        0 => 0xa2f9836e4e441529,
        1 => 0xfc2757d1f534ddc0,
        2 => 0xdb6295993c439041,
        3 => 0xfe5163abdebbc561,
        4 => 0xb7246e3a424dd2e0,
        5 => 0x06492eea09d1921c,
        6 => 0xfe1deb1cb129a73e,
        7 => 0xe88235f52ebb4484,
        8 => 0xe99c7026b45f7e41,
        9 => 0x3991d639835339f4,
        10 => 0x9c845f8bbdf9283b,
        11 => 0x1ff897ffde05980f,
        12 => 0xef2f118b5a0a6d1f,
        13 => 0x6d367ecf27cb09b7,
        14 => 0x4f463f669e5fea2d,
        15 => 0x7527bac7ebe5f17b,
        16 => 0x3d0739f78a5292ea,
        17 => 0x6bfb5fb11f8d5d08,
        18 => 0x56033046fc7b6bab,
        19 => 0xf0cfbc209af4361d,
        _ => 0xa9e391615ee61b08,
    };
}
