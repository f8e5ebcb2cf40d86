using System.Reflection;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Functional.Cpu;

/// <summary>The methods of the widest vectors of this machine that micro-operations compile to, for lanes of one width.</summary>
internal sealed class VectorMethods
{
    private static readonly Type Class =
        Vector512.IsHardwareAccelerated ? typeof(Vector512)
        : Vector256.IsHardwareAccelerated ? typeof(Vector256)
        : typeof(Vector128);

    private static readonly Type Generic =
        Vector512.IsHardwareAccelerated ? typeof(Vector512<>)
        : Vector256.IsHardwareAccelerated ? typeof(Vector256<>)
        : typeof(Vector128<>);

    private static readonly Type Exponents = Vector512.IsHardwareAccelerated ? typeof(Avx512F) : typeof(Avx512F.VL);

    private readonly Dictionary<string, MethodInfo> found = [];

    private VectorMethods(Type lane, Type integer)
    {
        Lane = lane;
        Integer = integer;
        Vector = Generic.MakeGenericType(lane);
        Whole = Generic.MakeGenericType(integer);
        Bytes = Vector512.IsHardwareAccelerated ? 64 : Vector256.IsHardwareAccelerated ? 32 : 16;
    }

    public static VectorMethods Single { get; } = new(typeof(float), typeof(int));

    public static VectorMethods Double { get; } = new(typeof(double), typeof(long));

    /// <summary>float or double.</summary>
    public Type Lane { get; }

    /// <summary>int or long.</summary>
    public Type Integer { get; }

    /// <summary>The vector of lanes.</summary>
    public Type Vector { get; }

    /// <summary>The vector of integer lanes.</summary>
    public Type Whole { get; }

    /// <summary>The size of a vector.</summary>
    public int Bytes { get; }

    public MethodInfo Load => Find("Load", Lane.MakePointerType());

    public MethodInfo Store => Find("Store", Vector, Lane.MakePointerType());

    public MethodInfo StoreAround => Find("StoreAlignedNonTemporal", Vector, Lane.MakePointerType());

    /// <summary>Loads elements of a dtype that is narrower than the lanes.</summary>
    public MethodInfo LoadNarrow(Dtype dtype) => Narrow("Load" + Bytes * 8 + dtype.Tag switch
    {
        Dtype.Tags.Bool or Dtype.Tags.UInt8 => Lane == typeof(double) ? "ByteWide" : "Byte",
        Dtype.Tags.Int8 => "SByte",
        Dtype.Tags.Int16 => "Int16",
        _ => "UInt16",
    });

    /// <summary>Stores the low bytes of lanes.</summary>
    public MethodInfo StoreNarrow(int size) =>
        Narrow("Store" + Bytes * 8 + (size == 2 ? "Int16" : Lane == typeof(double) ? "ByteWide" : "Byte"));

    public MethodInfo Create => Find("Create", Lane);

    public MethodInfo CreateWhole => Find("Create", Integer);

    public MethodInfo ToWhole => Reinterpret(Vector, Integer);

    public MethodInfo ToVector => Reinterpret(Whole, Lane);

    public MethodInfo AnyEqual => Find("EqualsAll", Whole, Whole);

    /// <summary>A method of lanes: of one, two or three vectors.</summary>
    public MethodInfo OfVectors(string name, int operands) => Find(name, [.. Enumerable.Repeat(Vector, operands)]);

    /// <summary>A method of integer lanes.</summary>
    public MethodInfo OfWhole(string name) => Find(name, Whole, Whole);

    /// <summary>A shift of integer lanes by a count.</summary>
    public MethodInfo Shift(string name) => Find(name, Whole, typeof(int));

    /// <summary>A conversion from lanes to integer lanes or back.</summary>
    public MethodInfo Convert(bool toInteger) => toInteger
        ? Find(Lane == typeof(float) ? "ConvertToInt32" : "ConvertToInt64", Vector)
        : Find(Lane == typeof(float) ? "ConvertToSingle" : "ConvertToDouble", Whole);

    public MethodInfo Scale => Exponents.GetMethod("Scale", [Vector, Vector])!;

    public MethodInfo Exponent => Exponents.GetMethod("GetExponent", [Vector])!;

    public MethodInfo Mantissa => Exponents.GetMethod("GetMantissa", [Vector, typeof(byte)])!;

    /// <summary>A vector of sixteen floats.</summary>
    public static MethodInfo CreateTable { get; } =
        typeof(Vector512).GetMethod("Create", [.. Enumerable.Repeat(typeof(float), Vector512<float>.Count)])!;

    /// <summary>Numbers of such a vector by the low bits of integers.</summary>
    public static MethodInfo Lookup { get; } =
        typeof(Avx512F).GetMethod("PermuteVar16x32", [typeof(Vector512<float>), typeof(Vector512<int>)])!;

    /// <summary>A function that is called as it is, lane by lane.</summary>
    public MethodInfo Call(string name, params Type[] parameters) => FindIn(typeof(LaneCalls), name, parameters);

    private static MethodInfo Narrow(string name) => typeof(NarrowMemory).GetMethod(name)!;

    private MethodInfo Find(string name, params Type[] parameters) => FindIn(Class, name, parameters);

    private MethodInfo Reinterpret(Type from, Type to)
    {
        string name = "As" + to.Name;
        string key = name + from.Name;
        if (!found.TryGetValue(key, out MethodInfo? method))
        {
            method = Class.GetMethods().Single(m => m.Name == name).MakeGenericMethod(from.GenericTypeArguments[0]);
            found[key] = method;
        }
        return method;
    }

    private MethodInfo FindIn(Type type, string name, Type[] parameters)
    {
        string key = type.Name + name + string.Concat(parameters.Select(p => p.ToString()));
        if (!found.TryGetValue(key, out MethodInfo? method))
        {
            method = type.GetMethods(BindingFlags.Public | BindingFlags.Static)
                .Where(m => m.Name == name && m.GetParameters().Length == parameters.Length)
                .Select(m => Close(m, parameters))
                .First(m => m is not null && m.GetParameters().Select(p => p.ParameterType).SequenceEqual(parameters))!;
            found[key] = method;
        }
        return method;
    }

    /// <summary>A generic method at the element type that one of its parameters asks for.</summary>
    private MethodInfo? Close(MethodInfo method, Type[] parameters)
    {
        if (!method.IsGenericMethodDefinition)
            return method;
        if (method.GetGenericArguments().Length != 1)
            return null;
        Type element = parameters.Contains(Whole) && !parameters.Contains(Vector) ? Integer : Lane;
        try
        {
            return method.MakeGenericMethod(element);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
