namespace Functional.Torch;

public static partial class torch
{
    /// <summary>The element type of a tensor.</summary>
    public enum ScalarType : sbyte
    {
        /// <summary>8 bits, unsigned.</summary>
        Byte = 0,
        /// <summary>8 bits, signed.</summary>
        Int8 = 1,
        /// <summary>16 bits, signed.</summary>
        Int16 = 2,
        /// <summary>32 bits, signed.</summary>
        Int32 = 3,
        /// <summary>64 bits, signed; the type of indices.</summary>
        Int64 = 4,
        /// <summary>Half precision.</summary>
        Float16 = 5,
        /// <summary>Single precision; the default.</summary>
        Float32 = 6,
        /// <summary>Double precision.</summary>
        Float64 = 7,
        /// <summary>Pairs of single precision.</summary>
        ComplexFloat32 = 9,
        /// <summary>Pairs of double precision.</summary>
        ComplexFloat64 = 10,
        /// <summary>True or false, one byte each.</summary>
        Bool = 11,
        /// <summary>The upper half of single precision.</summary>
        BFloat16 = 15,
    }

    /// <summary>torch.uint8</summary>
    public static readonly ScalarType uint8 = ScalarType.Byte;
    /// <summary>torch.int8</summary>
    public static readonly ScalarType int8 = ScalarType.Int8;
    /// <summary>torch.int16</summary>
    public static readonly ScalarType int16 = ScalarType.Int16;
    /// <summary>torch.int32</summary>
    public static readonly ScalarType int32 = ScalarType.Int32;
    /// <summary>torch.int64</summary>
    public static readonly ScalarType int64 = ScalarType.Int64;
    /// <summary>torch.long: int64.</summary>
    public static readonly ScalarType @long = ScalarType.Int64;
    /// <summary>torch.float16</summary>
    public static readonly ScalarType float16 = ScalarType.Float16;
    /// <summary>torch.half: float16.</summary>
    public static readonly ScalarType half = ScalarType.Float16;
    /// <summary>torch.float32</summary>
    public static readonly ScalarType float32 = ScalarType.Float32;
    /// <summary>torch.float64</summary>
    public static readonly ScalarType float64 = ScalarType.Float64;
    /// <summary>torch.bfloat16</summary>
    public static readonly ScalarType bfloat16 = ScalarType.BFloat16;
    /// <summary>torch.bool</summary>
    public static readonly ScalarType @bool = ScalarType.Bool;
    /// <summary>torch.complex64</summary>
    public static readonly ScalarType complex64 = ScalarType.ComplexFloat32;
    /// <summary>torch.complex128</summary>
    public static readonly ScalarType complex128 = ScalarType.ComplexFloat64;

    static ScalarType defaultType = ScalarType.Float32;

    /// <summary>The dtype of new floating tensors.</summary>
    public static ScalarType get_default_dtype() => defaultType;

    /// <summary>Sets the dtype of new floating tensors. Raises DtypeException for anything but a floating dtype.</summary>
    public static void set_default_dtype(ScalarType d)
    {
        if (!d.IsFloatingPoint()) throw new DtypeException($"only floating-point types are supported as the default type, but got {d}");
        defaultType = d;
    }

    /// <summary>Sets the dtype of new floating tensors by the old name of a tensor type, as in "torch.DoubleTensor". Raises ArgumentValueException for other names.</summary>
    public static void set_default_tensor_type(string t) => set_default_dtype(t switch
    {
        "torch.FloatTensor" => ScalarType.Float32,
        "torch.DoubleTensor" => ScalarType.Float64,
        "torch.HalfTensor" => ScalarType.Float16,
        "torch.BFloat16Tensor" => ScalarType.BFloat16,
        _ => throw new ArgumentValueException($"invalid type: '{t}' (default tensor types are torch.FloatTensor, torch.DoubleTensor, torch.HalfTensor and torch.BFloat16Tensor)"),
    });

    /// <summary>Sets the dtype of new floating tensors.</summary>
    public static void set_default_tensor_type(ScalarType t) => set_default_dtype(t);
}

/// <summary>What a dtype is, in terms of the core's dtypes.</summary>
internal static class ScalarTypes
{
    static readonly torch.ScalarType[] byDtype =
    [
        torch.ScalarType.Bool, torch.ScalarType.Byte, torch.ScalarType.Int8, torch.ScalarType.Int16, torch.ScalarType.Int32, torch.ScalarType.Int64,
        torch.ScalarType.Float16, torch.ScalarType.BFloat16, torch.ScalarType.Float32, torch.ScalarType.Float64,
        torch.ScalarType.ComplexFloat32, torch.ScalarType.ComplexFloat64,
    ];

    // Below the table that it is made from: static fields start in the order of the text.
    static readonly Dtype[] byScalarType = Table();

    static Dtype[] Table()
    {
        var table = new Dtype[16];
        for (var i = 0; i < Dtypes.all.Length; i++) table[(int)byDtype[i]] = Dtypes.all[i];
        return table;
    }

    public static Dtype Core(this torch.ScalarType type) => byScalarType[(int)type];
    public static torch.ScalarType Facade(this Dtype dtype) => byDtype[dtype.Tag];
    public static bool IsFloatingPoint(this torch.ScalarType type) => Dtypes.isFloating(type.Core());
    public static Dtype OrDefault(this torch.ScalarType? type) => (type ?? torch.get_default_dtype()).Core();
}
