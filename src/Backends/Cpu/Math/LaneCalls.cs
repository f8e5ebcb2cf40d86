namespace Functional.Cpu;

public static partial class LaneCalls
{
    private static T Apply<T>(T x, LaneFunction function) =>
        typeof(T) == typeof(double)
            ? (T)(object)function.Invoke((double)(object)x!)
            : (T)(object)function.Invoke((float)(object)x!);

    private static T Apply<T>(T x, T y, LaneFunction2 function) =>
        typeof(T) == typeof(double)
            ? (T)(object)function.Invoke((double)(object)x!, (double)(object)y!)
            : (T)(object)function.Invoke((float)(object)x!, (float)(object)y!);
}
