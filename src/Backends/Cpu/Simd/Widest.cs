using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>Work that wants to know its registers.</summary>
internal interface IVectorAction<T>
    where T : unmanaged
{
    /// <summary>Does the work in registers V by the operations S.</summary>
    void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct;
}

/// <summary>Chooses the registers of this machine.</summary>
internal static class Widest
{
    /// <summary>Runs an action with the widest registers that the hardware has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Invoke<T, TAction>(TAction action)
        where T : unmanaged, INumber<T>
        where TAction : IVectorAction<T>, allows ref struct
    {
        if (Vector512.IsHardwareAccelerated)
            action.Invoke<Simd512<T>, Vector512<T>>();
        else if (Vector256.IsHardwareAccelerated)
            action.Invoke<Simd256<T>, Vector256<T>>();
        else
            action.Invoke<Simd128<T>, Vector128<T>>();
    }
}
