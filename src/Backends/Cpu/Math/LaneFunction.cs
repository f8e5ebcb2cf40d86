namespace Functional.Cpu;

/// <summary>A function of one number that is computed lane by lane, at both precisions.</summary>
public sealed unsafe class LaneFunction(delegate*<float, float> single, delegate*<double, double> real)
{
    /// <summary>The function at float32.</summary>
    public float Invoke(float x) => single(x);

    /// <summary>The function at float64.</summary>
    public double Invoke(double x) => real(x);
}

/// <summary>A function of two numbers that is computed lane by lane, at both precisions or on both widths of integers.</summary>
public sealed unsafe class LaneFunction2(delegate*<float, float, float> single, delegate*<double, double, double> real)
{
    /// <summary>The function at float32.</summary>
    public float Invoke(float x, float y) => single(x, y);

    /// <summary>The function at float64.</summary>
    public double Invoke(double x, double y) => real(x, y);
}
