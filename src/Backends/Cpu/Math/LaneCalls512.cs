using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

// This file is the pattern of three: the build makes the 256- and 128-bit siblings of it by replacing the width.

/// <summary>Functions computed lane by lane, where no vector form pays. Kernels call these as they are.</summary>
public static partial class LaneCalls
{
    /// <summary>The value, but f(x) in the lanes of the mask.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector512<T> Patch<T>(Vector512<T> mask, Vector512<T> value, Vector512<T> x, LaneFunction function) =>
        Vector512.ConditionalSelect(mask, Map(x, function), value);

    /// <summary>The value, but f(x, y) in the lanes of the mask.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector512<T> Patch<T>(Vector512<T> mask, Vector512<T> value, Vector512<T> x, Vector512<T> y, LaneFunction2 function) =>
        Vector512.ConditionalSelect(mask, Map(x, y, function), value);

    /// <summary>f(x) in every lane.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector512<T> Map<T>(Vector512<T> x, LaneFunction function)
    {
        for (int i = 0; i < Vector512<T>.Count; i++)
        {
            x = x.WithElement(i, Apply(x.GetElement(i), function));
        }

        return x;
    }

    /// <summary>f(x, y) in every lane.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector512<T> Map<T>(Vector512<T> x, Vector512<T> y, LaneFunction2 function)
    {
        for (int i = 0; i < Vector512<T>.Count; i++)
        {
            x = x.WithElement(i, Apply(x.GetElement(i), y.GetElement(i), function));
        }

        return x;
    }
}
