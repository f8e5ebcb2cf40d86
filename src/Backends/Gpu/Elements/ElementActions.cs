using System.Numerics;

namespace Functional.Gpu;

/// <summary>Work on floating elements, once their types are known.</summary>
internal interface IRealAction
{
    void Invoke<TStored, TValue, TElement>()
        where TStored : unmanaged
        where TValue : unmanaged, INumber<TValue>
        where TElement : struct, IRealElement<TStored, TValue>;
}

/// <summary>Work on elements that have an order, once their types are known.</summary>
internal interface INumberAction
{
    void Invoke<TStored, TValue, TElement>()
        where TStored : unmanaged
        where TValue : unmanaged, INumber<TValue>
        where TElement : struct, IElement<TStored, TValue>;
}

/// <summary>Work on elements that are added and multiplied, once their types are known: complex ones as well.</summary>
internal interface ISumAction
{
    void Invoke<TStored, TValue, TElement>()
        where TStored : unmanaged
        where TValue : unmanaged, IAdditionOperators<TValue, TValue, TValue>, IMultiplyOperators<TValue, TValue, TValue>
        where TElement : struct, IElement<TStored, TValue>;
}

/// <summary>Work that moves elements, once their size is known.</summary>
internal interface IMoveAction
{
    void Invoke<T>()
        where T : unmanaged;
}

/// <summary>From a dtype to the types that a kernel is made for.</summary>
internal static class ElementTypes
{
    /// <summary>Raises DtypeException for what is not floating.</summary>
    public static void Real<TAction>(string operation, Dtype dtype, TAction action)
        where TAction : IRealAction
    {
        if (dtype.IsFloat32)
            action.Invoke<float, float, Float32Element>();
        else if (dtype.IsFloat64)
            action.Invoke<double, double, Float64Element>();
        else if (dtype.IsFloat16)
            action.Invoke<ushort, float, Float16Element>();
        else if (dtype.IsBFloat16)
            action.Invoke<ushort, float, BFloat16Element>();
        else
            throw Missing(operation, dtype);
    }

    /// <summary>Raises DtypeException for complex numbers. Bools are bytes.</summary>
    public static void Number<TAction>(string operation, Dtype dtype, TAction action)
        where TAction : INumberAction
    {
        if (DtypeModule.isFloating(dtype))
            Real(operation, dtype, new RealAsNumber<TAction>(action));
        else if (dtype.IsBool || dtype.IsUInt8)
            action.Invoke<byte, byte, PlainElement<byte>>();
        else if (dtype.IsInt8)
            action.Invoke<sbyte, sbyte, PlainElement<sbyte>>();
        else if (dtype.IsInt16)
            action.Invoke<short, short, PlainElement<short>>();
        else if (dtype.IsInt32)
            action.Invoke<int, int, PlainElement<int>>();
        else if (dtype.IsInt64)
            action.Invoke<long, long, PlainElement<long>>();
        else
            throw Missing(operation, dtype);
    }

    /// <summary>Raises DtypeException for bools.</summary>
    public static void Sum<TAction>(string operation, Dtype dtype, TAction action)
        where TAction : ISumAction
    {
        if (dtype.IsComplex64)
            action.Invoke<DevicePair<float>, DevicePair<float>, PlainElement<DevicePair<float>>>();
        else if (dtype.IsComplex128)
            action.Invoke<DevicePair<double>, DevicePair<double>, PlainElement<DevicePair<double>>>();
        else if (dtype.IsBool)
            throw Missing(operation, dtype);
        else
            Number(operation, dtype, new NumberAsSum<TAction>(action));
    }

    /// <summary>By the size of the elements alone.</summary>
    public static void Move<TAction>(Dtype dtype, TAction action)
        where TAction : IMoveAction
    {
        switch (DtypeModule.size(dtype))
        {
            case 1:
                action.Invoke<byte>();
                break;
            case 2:
                action.Invoke<ushort>();
                break;
            case 4:
                action.Invoke<uint>();
                break;
            case 8:
                action.Invoke<ulong>();
                break;
            default:
                action.Invoke<Wide>();
                break;
        }
    }

    public static DtypeException Missing(string operation, Dtype dtype) => new(
        $"\"{operation}\" not implemented for '{DtypeModule.scalarTypeName(dtype)}': cast the tensor to a dtype that {operation} takes");

    private readonly struct RealAsNumber<TAction>(TAction action) : IRealAction
        where TAction : INumberAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IRealElement<TStored, TValue> =>
            action.Invoke<TStored, TValue, TElement>();
    }

    private readonly struct NumberAsSum<TAction>(TAction action) : INumberAction
        where TAction : ISumAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IElement<TStored, TValue> =>
            action.Invoke<TStored, TValue, TElement>();
    }
}
