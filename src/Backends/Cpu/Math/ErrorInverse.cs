namespace Functional.Cpu;

/// <summary>The inverse of the error function: Halley's steps from Winitzki's estimate (within 0.2 %), on erfc where erf is flat.</summary>
internal static class ErrorInverse
{
    // Each step triples the number of right digits.
    private const int Steps = 3;

    public static double Of(double x)
    {
        double target = Math.Abs(x);
        if (!(target <= 1.0))
            return double.NaN;
        if (target == 1.0)
            return x * double.PositiveInfinity;
        if (target < 1e-100)
            return Math.Sqrt(Math.PI) / 2.0 * x;
        const double a = 0.147;
        double l = VectorMath.Log1p(-x * x);
        double h = 2.0 / (Math.PI * a) + l / 2.0;
        // sqrt(h^2 - l/a) - h would lose everything near 0; its conjugate does not.
        double y = Math.Sqrt(-l / a / (Math.Sqrt(h * h - l / a) + h));
        for (int step = 0; step < Steps; step++)
        {
            double miss = target < 0.5 ? VectorMath.Erf(y) - target : 1.0 - target - VectorMath.Erfc(y);
            double square = y * y;
            double lost = Math.FusedMultiplyAdd(y, y, -square);
            double newton = miss / (2.0 / Math.Sqrt(Math.PI) * VectorMath.Exp(-square) * (1.0 - lost));
            y -= newton / (1.0 + y * newton);
        }
        return Math.CopySign(y, x);
    }
}
