namespace Functional.Cpu;

/// <summary>Which described function a step of a program is, by operation and dtype.</summary>
internal static partial class Catalogue
{
    /// <summary>Whether registers of this dtype have lanes of 64 bits; bools come in both widths.</summary>
    public static bool IsWide(Dtype dtype) => dtype.IsFloat64 || dtype.IsInt64;

    public static LaneOperation Unary(Unary op, Dtype dtype, bool isWide) => dtype.Tag switch
    {
        Dtype.Tags.Bool => Bools.Unary(op, isWide),
        Dtype.Tags.UInt8 => Integers<UnsignedByte>.Unary(op, dtype),
        Dtype.Tags.Int8 => Integers<SignedByte>.Unary(op, dtype),
        Dtype.Tags.Int16 => Integers<SignedHalf>.Unary(op, dtype),
        Dtype.Tags.Int32 => Integers<WholeLane32>.Unary(op, dtype),
        Dtype.Tags.Int64 => Integers<WholeLane64>.Unary(op, dtype),
        _ => Floats.Unary(op, dtype),
    };

    public static LaneOperation Binary(Binary op, Dtype dtype, bool isWide) => dtype.Tag switch
    {
        Dtype.Tags.Bool => Bools.Binary(op, isWide),
        Dtype.Tags.UInt8 => Integers<UnsignedByte>.Binary(op, dtype),
        Dtype.Tags.Int8 => Integers<SignedByte>.Binary(op, dtype),
        Dtype.Tags.Int16 => Integers<SignedHalf>.Binary(op, dtype),
        Dtype.Tags.Int32 => Integers<WholeLane32>.Binary(op, dtype),
        Dtype.Tags.Int64 => Integers<WholeLane64>.Binary(op, dtype),
        _ => Floats.Binary(op, dtype),
    };

    /// <summary>A comparison; Gt and Ge are Lt and Le with the operands exchanged by the caller.</summary>
    public static LaneOperation Compare(Comparison op, Dtype dtype, bool isWide) => (dtype.Category(), op.Tag) switch
    {
        (0, Comparison.Tags.Eq) => Two<MaskEqual>(isWide),
        (0, Comparison.Tags.Ne) => Two<BitXor>(isWide),
        (0, Comparison.Tags.Lt or Comparison.Tags.Gt) => Two<MaskLess>(isWide),
        (0, _) => Two<MaskLessOrEqual>(isWide),
        (1, Comparison.Tags.Eq) => Two<IntegerEqual>(isWide),
        (1, Comparison.Tags.Ne) => Two<IntegerNotEqual>(isWide),
        (1, Comparison.Tags.Lt or Comparison.Tags.Gt) => Two<IntegerLess>(isWide),
        (1, _) => Two<IntegerLessOrEqual>(isWide),
        (_, Comparison.Tags.Eq) => Two<Equal>(isWide),
        (_, Comparison.Tags.Ne) => Two<NotEqual>(isWide),
        (_, Comparison.Tags.Lt or Comparison.Tags.Gt) => Two<Less>(isWide),
        _ => Two<LessOrEqual>(isWide),
    };

    public static LaneOperation Select(bool isWide) => FunctionOperation<Three<Choose>>.Of(isWide);

    public static LaneOperation One<TFunction>(bool isWide) where TFunction : struct, IUnaryFunction =>
        FunctionOperation<One<TFunction>>.Of(isWide);

    public static LaneOperation Two<TFunction>(bool isWide) where TFunction : struct, IBinaryFunction =>
        FunctionOperation<Two<TFunction>>.Of(isWide);

    /// <summary>0 bool, 1 integer, 2 floating, 3 complex.</summary>
    public static int Category(this Dtype dtype) => DtypeModule.category(dtype);

    private static DtypeException Missing(string operation, Dtype dtype) => new(
        $"\"{operation.ToLowerInvariant()}\" not implemented for '{DtypeModule.scalarTypeName(dtype)}': the {operation.ToLowerInvariant()} "
        + $"of a scalar program does not take {DtypeModule.name(dtype)}; cast to a dtype that it takes");
}
