namespace Functional.Cpu;

/// <summary>How a register of one dtype becomes one of another: a chain of steps in which the width changes at most once.</summary>
internal static unsafe class Casts
{
    /// <summary>The steps that round or wrap a register to a dtype, half precision staying in float32.</summary>
    public static IEnumerable<LaneOperation> Between(Dtype from, Dtype to, bool fromWide)
    {
        Dtype register = DtypeModule.compute(to);
        IEnumerable<LaneOperation> steps = from.Equals(register) ? [] : (from.Category(), register.Category()) switch
        {
            (0, 1) => [.. Masks(fromWide, Catalogue.IsWide(register)), Catalogue.One<MaskToInteger>(Catalogue.IsWide(register))],
            (0, _) => [.. Masks(fromWide, Catalogue.IsWide(register)), Catalogue.One<MaskToFloating>(Catalogue.IsWide(register))],
            (1, 0) => [Catalogue.One<IntegerToMask>(fromWide)],
            (_, 0) => [Catalogue.One<FloatingToMask>(fromWide)],
            (1, 1) => [.. Masks(fromWide, Catalogue.IsWide(register)), Wrap(register)],
            (1, _) => [ToFloating(fromWide, Catalogue.IsWide(register))],
            (_, 1) => ToInteger(fromWide, register),
            _ => [fromWide ? new WidthOperation<double, float>(&Round) : new WidthOperation<float, double>(&Extend)],
        };
        return to.IsFloat16 ? steps.Append(Catalogue.One<Then<SingleToHalf, HalfToSingle>>(false))
            : to.IsBFloat16 ? steps.Append(Catalogue.One<Then<SingleToBrain, BrainToSingle>>(false))
            : steps;
    }

    /// <summary>A mask, or an integer, at the other width if that is another.</summary>
    public static IEnumerable<LaneOperation> Masks(bool fromWide, bool toWide) =>
        fromWide == toWide ? []
        : toWide ? [new WidthOperation<int, long>(&Extend)]
        : [new WidthOperation<long, int>(&Truncate)];

    private static LaneOperation ToFloating(bool fromWide, bool toWide) =>
        fromWide == toWide ? Catalogue.One<IntegerToFloating>(toWide)
        : toWide ? new WidthOperation<int, double>(&ToDouble)
        : new WidthOperation<long, float>(&ToSingle);

    private static IEnumerable<LaneOperation> ToInteger(bool fromWide, Dtype to)
    {
        bool toWide = Catalogue.IsWide(to);
        if (!fromWide && !toWide)
            return [Catalogue.One<FloatingToLowBits>(false), Wrap(to)];
        LaneOperation whole = Catalogue.One<FloatingToInteger>(true);
        return toWide
            ? fromWide ? [whole] : [new WidthOperation<float, double>(&Extend), whole]
            : [whole, new WidthOperation<long, int>(&Truncate), Wrap(to)];
    }

    private static LaneOperation Wrap(Dtype dtype) => dtype.Tag switch
    {
        Dtype.Tags.UInt8 => Catalogue.One<Wrapped<UnsignedByte>>(false),
        Dtype.Tags.Int8 => Catalogue.One<Wrapped<SignedByte>>(false),
        Dtype.Tags.Int16 => Catalogue.One<Wrapped<SignedHalf>>(false),
        _ => Catalogue.One<Wrapped<WholeLane32>>(dtype.IsInt64),
    };

    private static long Extend(int x) => x;

    private static double Extend(float x) => x;

    private static int Truncate(long x) => unchecked((int)x);

    private static double ToDouble(int x) => x;

    private static float ToSingle(long x) => x;

    private static float Round(double x) => (float)x;
}
