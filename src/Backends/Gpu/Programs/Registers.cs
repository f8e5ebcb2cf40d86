using System.Reflection;
using System.Reflection.Emit;
using Tags = Functional.Contract.Dtype.Tags;

namespace Functional.Gpu;

/// <summary>How dtypes look to a kernel: the type in memory, the type in a register, and the way between the two.</summary>
internal static class Registers
{
    /// <summary>The type of an element in memory.</summary>
    public static Type Storage(Dtype dtype) => dtype.Tag switch
    {
        Tags.Bool or Tags.UInt8 => typeof(byte),
        Tags.Int8 => typeof(sbyte),
        Tags.Int16 => typeof(short),
        Tags.Int32 => typeof(int),
        Tags.Int64 => typeof(long),
        Tags.Float16 or Tags.BFloat16 => typeof(ushort),
        Tags.Float64 or Tags.Complex128 => typeof(double),
        _ => typeof(float),
    };

    /// <summary>The type of a register: integers of up to 32 bits share one, half precision is widened, a bool is 0 or 1.</summary>
    public static Type Register(Dtype dtype) => dtype.Tag switch
    {
        Tags.Int64 => typeof(long),
        Tags.Float64 => typeof(double),
        Tags.Float16 or Tags.BFloat16 or Tags.Float32 => typeof(float),
        _ => typeof(int),
    };

    /// <summary>The type in which results are folded: all integers in 64 bits.</summary>
    public static Type Folded(Dtype dtype) => Register(dtype) is var type && type == typeof(int) ? typeof(long) : type;

    /// <summary>From memory's type to the register's.</summary>
    public static void EmitWiden(ILGenerator il, Dtype dtype)
    {
        switch (dtype.Tag)
        {
            case Tags.Float16:
                il.Emit(OpCodes.Call, Method(typeof(HalfBits), nameof(HalfBits.FromFloat16), typeof(ushort)));
                break;
            case Tags.BFloat16:
                il.Emit(OpCodes.Call, Method(typeof(HalfBits), nameof(HalfBits.FromBFloat16), typeof(ushort)));
                break;
            case Tags.Bool:
                il.Emit(OpCodes.Call, Method(typeof(Conversions), nameof(Conversions.IsNotZero), typeof(int)));
                break;
        }
    }

    /// <summary>From a register to memory's type.</summary>
    public static void EmitNarrow(ILGenerator il, Dtype dtype)
    {
        switch (dtype.Tag)
        {
            case Tags.Float16:
                il.Emit(OpCodes.Call, Method(typeof(HalfBits), nameof(HalfBits.ToFloat16), typeof(float)));
                break;
            case Tags.BFloat16:
                il.Emit(OpCodes.Call, Method(typeof(HalfBits), nameof(HalfBits.ToBFloat16), typeof(float)));
                break;
            default:
                EmitWrap(il, dtype);
                break;
        }
    }

    /// <summary>Brings a register of 32 bits back into the range of a narrower integer.</summary>
    public static void EmitWrap(ILGenerator il, Dtype dtype)
    {
        switch (dtype.Tag)
        {
            case Tags.Bool or Tags.UInt8:
                il.Emit(OpCodes.Conv_U1);
                break;
            case Tags.Int8:
                il.Emit(OpCodes.Conv_I1);
                break;
            case Tags.Int16:
                il.Emit(OpCodes.Conv_I2);
                break;
        }
    }

    /// <summary>A number rounded or wrapped from one dtype's register to another's.</summary>
    public static void EmitCast(ILGenerator il, Dtype source, Dtype target)
    {
        Type from = Register(source);
        bool isReal = from == typeof(float) || from == typeof(double);
        switch (target.Tag)
        {
            case Tags.Bool:
                il.Emit(OpCodes.Call, Method(typeof(Conversions), nameof(Conversions.IsNotZero), from));
                break;
            case Tags.Float32:
                il.Emit(OpCodes.Conv_R4);
                break;
            case Tags.Float64:
                il.Emit(OpCodes.Conv_R8);
                break;
            case Tags.Float16:
                il.Emit(OpCodes.Conv_R4);
                il.Emit(OpCodes.Call, Method(typeof(Conversions), nameof(Conversions.RoundToHalf), typeof(float)));
                break;
            case Tags.BFloat16:
                il.Emit(OpCodes.Conv_R4);
                il.Emit(OpCodes.Call, Method(typeof(Conversions), nameof(Conversions.RoundToBFloat16), typeof(float)));
                break;
            default:
                if (isReal)
                    il.Emit(OpCodes.Call, Method(typeof(Conversions), nameof(Conversions.ToInteger), from));
                if (target.IsInt64)
                {
                    if (!isReal && from == typeof(int))
                        il.Emit(OpCodes.Conv_I8);
                }
                else
                {
                    if (isReal || from == typeof(long))
                        il.Emit(OpCodes.Conv_I4);
                    EmitWrap(il, target);
                }
                break;
        }
    }

    public static MethodInfo Method(Type holder, string name, params Type[] parameters) =>
        holder.GetMethod(name, parameters) ?? throw new MissingMethodException(holder.Name, name);
}
