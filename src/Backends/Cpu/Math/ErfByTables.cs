using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>
/// erf at float precision as sixteen polynomials of degree five, their coefficients looked up: each serves the numbers around a multiple of
/// <see cref="Step"/>, in powers of the distance from there. Half the work of a quotient and of a polynomial for where that fails.
/// </summary>
internal readonly struct ErfByTables : IUnaryFunction
{
    /// <summary>From centre to centre; the last polynomial ends behind 3.92, from where on erf rounds to 1.</summary>
    private const double Step = 65.0 / 256;

    // Added to a number below 2^22 it leaves the nearest integer in the low bits.
    private const double Rounding = 3 << 22;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : struct, ILanes<V>
    {
        V a = V.Min(V.Constant(3.93), x.Abs());
        V centre = V.FusedMultiplyAdd(a, V.Constant(1 / Step), V.Constant(Rounding));
        V t = V.FusedMultiplyAdd(V.Constant(-Step), centre - V.Constant(Rounding), a);
        V p = V.Lookup<Fifth>(centre);
        p = V.FusedMultiplyAdd(p, t, V.Lookup<Fourth>(centre));
        p = V.FusedMultiplyAdd(p, t, V.Lookup<Third>(centre));
        p = V.FusedMultiplyAdd(p, t, V.Lookup<Second>(centre));
        p = V.FusedMultiplyAdd(p, t, V.Lookup<First>(centre));
        p = V.FusedMultiplyAdd(p, t, V.Lookup<Zeroth>(centre));
        return p | x.SignBit();
    }

    private readonly struct Zeroth : ITable
    {
        public static Vector512<float> Values
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.Create(
                0f, 0.28046301f, 0.527338445f, 0.718623817f, 0.849086046f, 0.927408159f, 0.968796372f, 0.988047481f,
                0.995929182f, 0.998769462f, 0.999670327f, 0.999921799f, 0.999983609f, 0.99999696f, 0.999999523f, 0.99999994f);
        }
    }

    private readonly struct First : ITable
    {
        public static Vector512<float> Values
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.Create(
                1.12837911f, 1.05792964f, 0.871890604f, 0.631641567f, 0.402237773f, 0.225163758f, 0.110794343f, 0.047922574f,
                0.0182207469f, 0.00608969759f, 0.00178907579f, 0.000462024793f, 0.000104883053f, 2.09290229e-05f, 3.67109942e-06f, 5.6603983e-07f);
        }
    }

    private readonly struct Second : ITable
    {
        public static Vector512<float> Values
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.Create(
                0f, -0.268608987f, -0.442749709f, -0.481129527f, -0.408523619f, -0.285855561f, -0.168790951f, -0.0851760358f,
                -0.0370108671f, -0.0139154699f, -0.00454219012f, -0.00129020563f, -0.000319474668f, -6.90513261e-05f, -1.30410026e-05f, -2.15379873e-06f);
        }
    }

    private readonly struct Third : ITable
    {
        public static Vector512<float> Values
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.Create(
                -0.376122475f, -0.307172239f, -0.140739396f, 0.033775568f, 0.142522559f, 0.166877404f, 0.134494871f, 0.0849500373f,
                0.0440457724f, 0.0191701818f, 0.00709280791f, 0.00224863878f, 0.000614106306f, 0.00014501976f, 2.96945273e-05f, 5.28332293e-06f);
        }
    }

    private readonly struct Fourth : ITable
    {
        public static Vector512<float> Values
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.Create(
                0f, 0.127548873f, 0.182122141f, 0.146900892f, 0.0639470071f, -0.0101210717f, -0.0457372479f, -0.0469108559f,
                -0.0324016139f, -0.0173377376f, -0.00755421259f, -0.00274571311f, -0.000844104274f, -0.000221422219f, -4.98566624e-05f, -9.6774238e-06f);
        }
    }

    private readonly struct Fifth : ITable
    {
        public static Vector512<float> Values
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Vector512.Create(
                0.112190694f, 0.078715682f, 0.00512941414f, -0.0546301343f, -0.0683247074f, -0.0445912145f, -0.0123287234f, 0.00785890874f,
                0.0130364299f, 0.0100200279f, 0.00549429888f, 0.00236790814f, 0.000834487146f, 0.000245507312f, 6.10520583e-05f, 1.29383316e-05f);
        }
    }
}
