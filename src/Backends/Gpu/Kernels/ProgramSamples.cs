namespace Functional.Gpu;

/// <summary>Programs whose kernels stand for all that the program compiler writes, for compilers without a device.</summary>
internal static class ProgramSamples
{
    /// <summary>The kernels of every function at float32 and float64, of integer arithmetic, and of reductions and casts for every kind of register.</summary>
    public static IEnumerable<Type> Kernels()
    {
        foreach (Dtype dtype in (Dtype[])[Dtype.Float32, Dtype.Float64])
        {
            foreach (Unary op in Unaries)
                yield return Kernel(Of([dtype], dtype, Instruction.NewUnary(op, 0)), 1);
            foreach (Binary op in Binaries)
                yield return Kernel(Of([dtype, dtype], dtype, Instruction.NewBinary(op, 0, 1)), 2);
        }
        // One dtype of every kind of register is enough for reductions and for what casts start from.
        foreach (Dtype dtype in (Dtype[])[Dtype.Bool, Dtype.Int64, Dtype.Float16, Dtype.Float64])
        {
            foreach (Reduction reduction in Reductions)
            {
                foreach (Type kernel in Reducing(reduction, dtype).Kernels)
                    yield return kernel;
            }
            foreach (Dtype target in DtypeModule.all)
            {
                if (!DtypeModule.isComplex(target))
                    yield return Kernel(new Program([dtype], [], [Instruction.NewLoad(0), Instruction.NewCast(target, 0)],
                        [DtypeModule.compute(dtype), DtypeModule.compute(target)], [1], [target]), 1);
            }
        }
        foreach (Dtype dtype in DtypeModule.all)
        {
            if (!DtypeModule.isComplex(dtype))
                yield return Kernel(Of([dtype, dtype], dtype, Instruction.NewBinary(Binary.Mul, 0, 1)), 2);
        }
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
        Of([dtype], dtype, Instruction.NewUnary(dtype.IsBool ? Unary.BitwiseNot : Unary.Neg, 0)),
        AccessPattern.Of([8, 4], (int[][])[[1, 8]]),
        reduction.ToString(),
        type => Reducer.Of(reduction, dtype, type));

    private static Program Of(Dtype[] inputs, Dtype result, Instruction last)
    {
        Instruction[] code = [.. Enumerable.Range(0, inputs.Length).Select(Instruction.NewLoad), last];
        return new Program(inputs, [], code, Array.ConvertAll(code, _ => DtypeModule.compute(result)), [inputs.Length], [result]);
    }

    /// <summary>The kernel of a program that reads its first input by strides and the others row-major.</summary>
    private static Type Kernel(Program program, int inputs)
    {
        int[][] strides = [[1, 8], .. Enumerable.Repeat<int[]>([4, 1], inputs - 1)];
        return ProgramCompiler.Stored(program, AccessPattern.Of([8, 4], strides), [new OutputPlace(1, 0)]).Kernel;
    }
}
