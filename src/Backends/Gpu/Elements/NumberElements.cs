using System.Numerics;

namespace Functional.Gpu;

/// <summary>Work that is written once for all dtypes.</summary>
internal interface INumberElementAction
{
    void Invoke<TElement, TStored, T>()
        where TElement : struct, INumberElement<TStored, T>
        where TStored : unmanaged
        where T : unmanaged, INumber<T>;
}

/// <summary>Choosing the element of a dtype.</summary>
internal static class NumberElements
{
    /// <summary>Runs the action for a dtype; complex ones are the caller's business. Raises DtypeException in PyTorch's words.</summary>
    public static void Invoke<TAction>(string operation, Dtype dtype, TAction action)
        where TAction : INumberElementAction
    {
        switch (dtype.Tag)
        {
            case Dtype.Tags.Bool:
                action.Invoke<BoolElement, byte, long>();
                break;
            case Dtype.Tags.UInt8:
                action.Invoke<UInt8Element, byte, long>();
                break;
            case Dtype.Tags.Int8:
                action.Invoke<Int8Element, sbyte, long>();
                break;
            case Dtype.Tags.Int16:
                action.Invoke<Int16Element, short, long>();
                break;
            case Dtype.Tags.Int32:
                action.Invoke<Int32Element, int, long>();
                break;
            case Dtype.Tags.Int64:
                action.Invoke<Int64Element, long, long>();
                break;
            case Dtype.Tags.Float16:
                action.Invoke<Float16Element, ushort, float>();
                break;
            case Dtype.Tags.BFloat16:
                action.Invoke<BFloat16Element, ushort, float>();
                break;
            case Dtype.Tags.Float32:
                action.Invoke<Float32Element, float, float>();
                break;
            case Dtype.Tags.Float64:
                action.Invoke<Float64Element, double, double>();
                break;
            default:
                throw new DtypeException(
                    $"\"{operation}\" not implemented for '{DtypeModule.scalarTypeName(dtype)}': {operation} does not take {DtypeModule.name(dtype)}; cast to a dtype that it takes");
        }
    }

    /// <summary>The element structs, what they hold in memory, and what they compute with: for the catalogue of kernels.</summary>
    public static IReadOnlyList<Type[]> All { get; } =
    [
        [typeof(BoolElement), typeof(byte), typeof(long)],
        [typeof(UInt8Element), typeof(byte), typeof(long)],
        [typeof(Int8Element), typeof(sbyte), typeof(long)],
        [typeof(Int16Element), typeof(short), typeof(long)],
        [typeof(Int32Element), typeof(int), typeof(long)],
        [typeof(Int64Element), typeof(long), typeof(long)],
        [typeof(Float16Element), typeof(ushort), typeof(float)],
        [typeof(BFloat16Element), typeof(ushort), typeof(float)],
        [typeof(Float32Element), typeof(float), typeof(float)],
        [typeof(Float64Element), typeof(double), typeof(double)],
    ];
}
