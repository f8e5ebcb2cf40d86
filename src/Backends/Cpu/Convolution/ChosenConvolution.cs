using System.Numerics;

namespace Functional.Cpu;

/// <summary>The three passes of a convolution, each by the best way that takes it: tiles, columns, and sums by taps, which take all.</summary>
internal static unsafe class ChosenConvolution<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>Weight and output are contiguous, the input has any strides; a cold output lies in no cache.</summary>
    public static void Forward(in ConvolutionShape shape, T* input, ImageStrides strides, T* weight, T* output, bool isCold)
    {
        if (!WinogradConvolution<T>.TryForward(shape, input, strides, weight, output)
            && !TileConvolution<T>.TryForward(shape, input, strides, weight, output, isCold)
            && !ColumnConvolution<T>.TryForward(shape, input, strides, weight, output, isCold))
            ForwardConvolution<T>.Run(shape, input, strides, weight, output);
    }

    /// <summary>Weight and result are contiguous, the output's gradient has any strides.</summary>
    public static void ByInput(in ConvolutionShape shape, T* weight, T* gradient, ImageStrides strides, T* result)
    {
        if (!WinogradConvolution<T>.TryInputGradient(shape, weight, gradient, strides, result)
            && !ColumnInputGradient<T>.TryRun(shape, weight, gradient, strides, result))
            InputGradient<T>.Run(shape, weight, gradient, strides, result);
    }

    /// <summary>The output's gradient and the result are contiguous, the input has any strides.</summary>
    public static void ByWeight(in ConvolutionShape shape, T* input, ImageStrides strides, T* gradient, T* result)
    {
        if (!WinogradWeightGradient<T>.TryRun(shape, input, strides, gradient, result)
            && !ColumnWeightGradient<T>.TryRun(shape, input, strides, gradient, result))
            WeightGradient<T>.Run(shape, input, strides, gradient, result);
    }
}
