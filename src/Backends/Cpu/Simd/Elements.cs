using System.Numerics;

namespace Functional.Cpu;

/// <summary>Work that wants to know its element type.</summary>
internal interface IElementAction
{
    /// <summary>Does the work on elements of type T.</summary>
    void Invoke<T>()
        where T : unmanaged, INumber<T>, IMinMaxValue<T>;
}

/// <summary>Work that only moves elements and so knows no more than their size.</summary>
internal interface IMoveAction
{
    /// <summary>Does the work on elements as large as T.</summary>
    void Invoke<T>()
        where T : unmanaged, IEquatable<T>;
}

/// <summary>From a dtype to the type that its elements have in a kernel.</summary>
internal static class Elements
{
    /// <summary>Runs an action with the number type of a dtype. Bools are bytes; half precision must have been widened.</summary>
    /// <exception cref="UnsupportedException">The dtype is complex.</exception>
    public static void Invoke<TAction>(string operation, Dtype dtype, TAction action)
        where TAction : struct, IElementAction
    {
        switch (dtype.Tag)
        {
            case Dtype.Tags.Bool:
            case Dtype.Tags.UInt8:
                action.Invoke<byte>();
                break;
            case Dtype.Tags.Int8:
                action.Invoke<sbyte>();
                break;
            case Dtype.Tags.Int16:
                action.Invoke<short>();
                break;
            case Dtype.Tags.Int32:
                action.Invoke<int>();
                break;
            case Dtype.Tags.Int64:
                action.Invoke<long>();
                break;
            case Dtype.Tags.Float32:
                action.Invoke<float>();
                break;
            case Dtype.Tags.Float64:
                action.Invoke<double>();
                break;
            default:
                throw Missing(operation, dtype);
        }
    }

    /// <summary>Runs an action with float or double. Half precision must have been widened.</summary>
    /// <exception cref="UnsupportedException">The dtype is not a real floating one.</exception>
    public static void InvokeFloating<TAction>(string operation, Dtype dtype, TAction action)
        where TAction : struct, IElementAction
    {
        if (dtype.IsFloat32)
            action.Invoke<float>();
        else if (dtype.IsFloat64)
            action.Invoke<double>();
        else
            throw Missing(operation, dtype);
    }

    /// <summary>Runs an action with an unsigned integer of the dtype's size.</summary>
    public static void Move<TAction>(Dtype dtype, TAction action)
        where TAction : struct, IMoveAction
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
                action.Invoke<UInt128>();
                break;
        }
    }

    /// <summary>What a kernel says to a dtype that it does not take.</summary>
    public static UnsupportedException Missing(string operation, Dtype dtype) =>
        new(operation, "cpu", $"\"{operation}_cpu\" not implemented for '{DtypeModule.scalarTypeName(dtype)}'; cast the tensor first");
}
