namespace Functional.Torch;

// How functions of the core are applied to cells.
public static partial class torch
{
    static Tensor Unary(PointwiseFunction? f, Tensor input) => new(Operands.unary(f, input.Core));
    static Tensor Real(PointwiseFunction? f, Tensor input) => new(Operands.unary(f, Operands.floating(Autocast.As(input, f!.Name).Core)));
    static Tensor Binary(PointwiseFunction? f, Tensor input, Tensor other) => new(Operands.binary(f, input.Core, other.Core));
    static Tensor Binary(PointwiseFunction? f, Tensor input, Scalar other) => new(Operands.withRight(f, input.Core, other.Value));
    static Tensor Binary(PointwiseFunction? f, Scalar input, Tensor other) => new(Operands.withLeft(f, input.Value, other.Core));

    /// <summary>A function of a tensor and numbers that the call gives.</summary>
    static Tensor Shaped(PointwiseFunction? f, Tensor input, params ReadOnlySpan<double> numbers)
    {
        var parameters = new Number[numbers.Length];
        for (var i = 0; i < parameters.Length; i++) parameters[i] = Number.NewReal(numbers[i]);
        return new(Engine.pointwise(f, parameters, [input.Core]));
    }

    /// <summary>The tensor itself, if its numbers are real: a formula of real numbers would say something else of complex ones.</summary>
    static Tensor NotComplex(string kernel, Tensor input) => !input.is_complex() ? input
        : throw new DtypeException($"\"{kernel}\" not implemented for '{Named(input)}': take real, imag or abs first");

    static bool IsWhole(Dtype dtype) => !Dtypes.isDifferentiable(dtype);
    static string Named(Tensor tensor) => Dtypes.scalarTypeName(tensor.Core.Dtype);
}
