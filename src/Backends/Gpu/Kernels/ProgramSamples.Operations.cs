using Pair = System.ValueTuple<Functional.Contract.ScalarExpr, Functional.Contract.Dtype>;

namespace Functional.Gpu;

internal static partial class ProgramSamples
{
    private static readonly ScalarExpr A = ScalarExpr.NewArg(0);
    private static readonly ScalarExpr B = ScalarExpr.NewArg(1);

    private static readonly Comparison[] Comparisons =
        [Comparison.Eq, Comparison.Ne, Comparison.Lt, Comparison.Le, Comparison.Gt, Comparison.Ge];

    /// <summary>What integers and bools can do, in one program of many results. Divisions tell of divisors that are 0.</summary>
    private static IEnumerable<Pair> OfIntegers(Dtype dtype)
    {
        foreach (Unary op in (Unary[])[Unary.Neg, Unary.Abs, Unary.Sign, Unary.BitwiseNot, Unary.Floor])
            yield return (ScalarExpr.NewUnary(op, A), dtype);
        foreach (Binary op in (Binary[])[Binary.Add, Binary.Sub, Binary.Mul, Binary.Max, Binary.Min, Binary.And, Binary.Or, Binary.Xor])
            yield return (ScalarExpr.NewBinary(op, A, B), dtype);
        Binary[] wide =
        [
            Binary.Div, Binary.FloorDiv, Binary.Remainder, Binary.Fmod, Binary.Pow, Binary.ShiftLeft, Binary.ShiftRight, Binary.GreatestCommonDivisor,
        ];
        foreach (Binary op in wide)
        {
            if (!dtype.IsBool || !op.IsGreatestCommonDivisor)
                yield return (ScalarExpr.NewBinary(op, A, B), dtype);
        }
    }

    /// <summary>Comparisons, what is made of them, and a choice by one.</summary>
    private static IEnumerable<Pair> Choosing(Dtype dtype)
    {
        foreach (Comparison op in Comparisons)
            yield return (ScalarExpr.NewCompare(op, A, B), Dtype.Bool);
        ScalarExpr less = ScalarExpr.NewCompare(Comparison.Lt, A, B);
        yield return (ScalarExpr.NewUnary(Unary.Not, A), Dtype.Bool);
        yield return (ScalarExpr.NewBinary(Binary.Xor, less, ScalarExpr.NewUnary(Unary.Not, B)), Dtype.Bool);
        yield return (ScalarExpr.NewSelect(less, A, B), dtype);
    }

    /// <summary>Two numbers that are given at the call, one of them where only a choice reads it.</summary>
    private static ScalarExpr WithNumbers(Dtype dtype)
    {
        ScalarExpr moved = ScalarExpr.NewBinary(dtype.IsBool ? Binary.And : Binary.Mul, A, ScalarExpr.NewParam(0));
        return ScalarExpr.NewSelect(ScalarExpr.NewCompare(Comparison.Gt, A, ScalarExpr.NewParam(1)), moved, ScalarExpr.NewParam(1));
    }

    /// <summary>Arithmetic, functions and parts of complex numbers; the third input is real.</summary>
    private static IEnumerable<Pair> OfComplex(Dtype dtype)
    {
        Dtype real = DtypeModule.toReal(dtype);
        ScalarExpr third = ScalarExpr.NewArg(2);
        foreach (Binary op in (Binary[])[Binary.Add, Binary.Sub, Binary.Mul, Binary.Div, Binary.Pow])
            yield return (ScalarExpr.NewBinary(op, A, B), dtype);
        foreach (Unary op in (Unary[])[Unary.Exp, Unary.Log, Unary.Sqrt, Unary.Sin, Unary.Tanh, Unary.Conjugate, Unary.Sign, Unary.Reciprocal])
            yield return (ScalarExpr.NewUnary(op, A), dtype);
        foreach (Unary op in (Unary[])[Unary.Abs, Unary.Angle, Unary.RealPart, Unary.ImaginaryPart])
            yield return (ScalarExpr.NewUnary(op, B), real);
        yield return (ScalarExpr.NewBinary(Binary.MakeComplex, third, ScalarExpr.NewUnary(Unary.Neg, third)), dtype);
        yield return (ScalarExpr.NewCompare(Comparison.Eq, A, B), Dtype.Bool);
        yield return (ScalarExpr.NewCast(Dtype.Int32, A), Dtype.Int32);
        yield return (ScalarExpr.NewCast(dtype, third), dtype);
    }

    /// <summary>Inputs that repeat one element, that repeat a row, that lie row-major, and that are read by three to eight coordinates.</summary>
    private static IEnumerable<Type> WaysOfReading()
    {
        Program sum = Lowered(
            [Dtype.Float32, Dtype.Int16, Dtype.Float64],
            (ScalarExpr.NewBinary(Binary.Add, ScalarExpr.NewCast(Dtype.Float64, A), ScalarExpr.NewBinary(
                Binary.Add, ScalarExpr.NewCast(Dtype.Float64, B), ScalarExpr.NewArg(2))), Dtype.Float64));
        yield return Reading(sum, [6], [0], [1], [1]);
        yield return Reading(sum, [6], [2], [0], [1]);
        for (int rank = 2; rank <= 8; rank++)
        {
            // Powers of three leave gaps, so that no two dimensions merge.
            int[] shape = [.. Enumerable.Repeat(2, rank)], gaps = [.. Enumerable.Range(0, rank).Select(d => (int)Math.Pow(3, d))];
            int[] flat = [.. Enumerable.Range(0, rank).Select(d => 1 << (rank - 1 - d))], row = [.. gaps[..^1].Select(_ => 0), 1];
            yield return Reading(sum, shape, gaps, row, flat);
        }
    }

    private static Type Reading(Program program, int[] shape, params int[][] strides) =>
        ProgramCompiler.Stored(program, AccessPattern.Of(shape, strides), [new OutputPlace(1, 0)]).Kernel;
}
