using Pair = System.ValueTuple<Functional.Contract.ScalarExpr, Functional.Contract.Dtype>;

namespace Functional.Gpu;

/// <summary>Programs whose kernels stand for all that the program compiler writes, for compilers without a device.</summary>
internal static partial class ProgramSamples
{
    private static readonly Dtype[] Reals = [Dtype.Float32, Dtype.Float64];

    private static readonly Dtype[] Integers = [Dtype.Bool, Dtype.UInt8, Dtype.Int8, Dtype.Int16, Dtype.Int32, Dtype.Int64];

    private static readonly Dtype[] Stored = [.. DtypeModule.all.Where(dtype => !DtypeModule.isComplex(dtype))];

    /// <summary>
    /// The kernels of every operation at every kind of number that it takes, of reductions and casts between all dtypes, of numbers as
    /// arguments, of complex numbers, and of every way of reading.
    /// </summary>
    public static IEnumerable<Type> Kernels()
    {
        foreach (Dtype dtype in Reals)
        {
            foreach (Unary op in Unaries)
                yield return Kernel([dtype], (ScalarExpr.NewUnary(op, A), dtype));
            foreach (Binary op in Binaries)
                yield return Kernel([dtype, dtype], (ScalarExpr.NewBinary(op, A, B), dtype));
        }
        foreach (Dtype dtype in Integers)
            yield return Kernel([dtype, dtype], [.. OfIntegers(dtype)]);
        foreach (Dtype dtype in Stored)
        {
            foreach (Reduction reduction in Reductions)
            {
                foreach (Type kernel in Reducing(reduction, dtype).Kernels)
                    yield return kernel;
            }
            yield return Kernel([dtype], [.. Stored.Select(target => new Pair(ScalarExpr.NewCast(target, A), target))]);
            yield return Kernel([dtype, dtype], [.. Choosing(dtype)]);
            yield return Kernel([dtype], (WithNumbers(dtype), dtype));
            yield return Kernel([dtype, dtype], (ScalarExpr.NewBinary(Binary.Mul, A, B), dtype));
        }
        foreach (Dtype dtype in (Dtype[])[Dtype.Complex64, Dtype.Complex128])
            yield return Kernel([dtype, dtype, DtypeModule.toReal(dtype)], [.. OfComplex(dtype)]);
        foreach (Type kernel in WaysOfReading())
            yield return kernel;
    }

    private static readonly Unary[] Unaries =
    [
        Unary.Neg, Unary.Abs, Unary.Sign, Unary.Exp, Unary.Exp2, Unary.Expm1, Unary.Log, Unary.Log2, Unary.Log10, Unary.Log1p, Unary.Sqrt, Unary.Rsqrt,
        Unary.Reciprocal, Unary.Sin, Unary.Cos, Unary.Tan, Unary.Asin, Unary.Acos, Unary.Atan, Unary.Sinh, Unary.Cosh, Unary.Tanh, Unary.Asinh, Unary.Acosh,
        Unary.Atanh, Unary.Sigmoid, Unary.Erf, Unary.Erfc, Unary.Erfinv, Unary.Lgamma, Unary.Digamma, Unary.Trigamma, Unary.Floor, Unary.Ceil, Unary.Round, Unary.Trunc,
    ];

    private static readonly Binary[] Binaries =
    [
        Binary.Add, Binary.Sub, Binary.Mul, Binary.Div, Binary.FloorDiv, Binary.Remainder, Binary.Fmod, Binary.Pow, Binary.Atan2, Binary.Max, Binary.Min,
        Binary.CopySign, Binary.NextAfter, Binary.Zeta, Binary.IncompleteGamma, Binary.IncompleteGammaComplement,
    ];

    private static readonly Reduction[] Reductions =
        [Reduction.Sum, Reduction.Product, Reduction.Maximum, Reduction.Minimum, Reduction.ArgMaximum, Reduction.ArgMinimum];

    private static Reducer Reducing(Reduction reduction, Dtype dtype) => (Reducer)ProgramCompiler.Valued(
        Lowered([dtype], (ScalarExpr.NewUnary(dtype.IsBool ? Unary.BitwiseNot : Unary.Neg, A), dtype)),
        AccessPattern.Of([8, 4], (int[][])[[1, 8]]),
        reduction.ToString(),
        type => Reducer.Of(reduction, dtype, type));

    private static Program Lowered(Dtype[] inputs, params Pair[] outputs) => ProgramModule.lower(inputs, inputs[0], outputs).Program!;

    /// <summary>The kernel of a program that reads its first input by strides and the others row-major.</summary>
    private static Type Kernel(Dtype[] inputs, params Pair[] outputs)
    {
        Program program = Lowered(inputs, outputs);
        var places = Array.ConvertAll(program.Results, _ => new OutputPlace(1, 0));
        if (PlanesModule.areNeeded(program))
        {
            Planes planes = PlanesModule.ofProgram(program);
            places = Array.ConvertAll(planes.Outputs, plane => new OutputPlace(DtypeModule.isComplex(program.Results[plane.Source]) ? 2 : 1, plane.Part));
            program = planes.Program!;
        }
        int[][] strides = [[1, 8], .. Enumerable.Repeat<int[]>([4, 1], program.Inputs.Length - 1)];
        return ProgramCompiler.Stored(program, AccessPattern.Of([8, 4], strides), places).Kernel;
    }
}
