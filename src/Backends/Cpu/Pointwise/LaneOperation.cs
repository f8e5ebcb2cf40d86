using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>One step of a program over lanes of one width: a loop over a tile for the interpreter, a trace for the compiler.</summary>
internal abstract unsafe class LaneOperation(bool isWide)
{
    /// <summary>Whether its result has lanes of 64 bits rather than 32.</summary>
    public bool IsWide { get; } = isWide;

    /// <summary>How many operands it reads.</summary>
    public abstract int Arity { get; }

    /// <summary>How much it takes, an addition being 1.</summary>
    public virtual int Cost => 1;

    /// <summary>Whether compiled kernels may hold it.</summary>
    public virtual bool IsTraceable => true;

    /// <summary>
    /// Computes the first lanes of a tile. It reads and writes whole vectors, so all memory goes on to the next
    /// multiple of 64 bytes; the result may stand where an operand of the same width stood.
    /// </summary>
    public abstract void Run(byte* a, byte* b, byte* c, byte* result, int lanes);

    /// <summary>Records what it does, for the compiler.</summary>
    public virtual Traced<T> Trace<T>(Traced<T> a, Traced<T> b, Traced<T> c) =>
        throw new InvalidOperationException($"{GetType().Name} cannot be compiled");
}

/// <summary>A described function as a step.</summary>
internal unsafe class FunctionOperation<TFunction>(bool isWide) : LaneOperation(isWide) where TFunction : struct, ILaneFunction
{
    private static readonly FunctionOperation<TFunction> Narrow = new(false);
    private static readonly FunctionOperation<TFunction> Wide = new(true);

    public override int Arity => TFunction.Arity;

    public override Traced<T> Trace<T>(Traced<T> a, Traced<T> b, Traced<T> c) => TFunction.Apply(a, b, c);

    /// <summary>The step at one of the two widths.</summary>
    public static FunctionOperation<TFunction> Of(bool isWide) => isWide ? Wide : Narrow;

    public override void Run(byte* a, byte* b, byte* c, byte* result, int lanes)
    {
        nint bytes = (nint)lanes << (IsWide ? 3 : 2);
        if (Vector512.IsHardwareAccelerated)
        {
            if (IsWide)
                Loop<Lanes512<double, long>>(a, b, c, result, bytes);
            else
                Loop<Lanes512<float, int>>(a, b, c, result, bytes);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            if (IsWide)
                Loop<Lanes256<double, long>>(a, b, c, result, bytes);
            else
                Loop<Lanes256<float, int>>(a, b, c, result, bytes);
        }
        else if (IsWide)
        {
            Loop<Lanes128<double, long>>(a, b, c, result, bytes);
        }
        else
        {
            Loop<Lanes128<float, int>>(a, b, c, result, bytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<V>(byte* a, byte* b, byte* c, byte* result, nint bytes) where V : struct, IVector<V>
    {
        for (nint i = 0; i < bytes; i += V.Bytes)
        {
            V x = V.Load(a + i);
            V y = TFunction.Arity > 1 ? V.Load(b + i) : default;
            V z = TFunction.Arity > 2 ? V.Load(c + i) : default;
            TFunction.Apply(x, y, z).Store(result + i);
        }
    }
}

/// <summary>A division of integers: it looks for zeros among the divisors first.</summary>
internal sealed unsafe class DivisionOperation<TFunction>(bool isWide, string name) : FunctionOperation<TFunction>(isWide)
    where TFunction : struct, ILaneFunction
{
    /// <summary>Compiled kernels cannot tell a divisor from padding.</summary>
    public override bool IsTraceable => false;

    public override void Run(byte* a, byte* b, byte* c, byte* result, int lanes)
    {
        if (IsWide ? new Span<long>(b, lanes).Contains(0) : new Span<int>(b, lanes).Contains(0))
            throw new ArgumentValueException(
                $"ZeroDivisionError: {name} of integers by zero; mask the zeros or divide floating point numbers");
        base.Run(a, b, c, result, lanes);
    }
}

/// <summary>A change of lane width, which only the interpreter does.</summary>
internal sealed unsafe class WidthOperation<TFrom, TTo>(delegate*<TFrom, TTo> convert) : LaneOperation(sizeof(TTo) == 8)
    where TFrom : unmanaged
    where TTo : unmanaged
{
    public override int Arity => 1;

    public override bool IsTraceable => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(byte* a, byte* b, byte* c, byte* result, int lanes)
    {
        for (int i = 0; i < lanes; i++)
            ((TTo*)result)[i] = convert(((TFrom*)a)[i]);
    }
}
