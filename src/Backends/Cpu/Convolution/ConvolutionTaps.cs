namespace Functional.Cpu;

/// <summary>Where the taps of a kernel lie in padded images.</summary>
internal static unsafe class ConvolutionTaps
{
    /// <summary>For every (channel, tap), in the order of the weight: how far from an output's first pixel the tap reads.</summary>
    public static void Fill(in ConvolutionShape shape, PaddedImages padded, int channels, int* taps)
    {
        var (kernel, dilation) = (shape.Kernel, shape.Dilation);
        for (int channel = 0; channel < channels; channel++)
            for (int d = 0; d < kernel.Depth; d++)
                for (int h = 0; h < kernel.Height; h++)
                    for (int w = 0; w < kernel.Width; w++)
                        *taps++ = checked((int)(channel * padded.Channel
                            + padded.At(d * dilation.Depth, h * dilation.Height, w * dilation.Width)));
    }

    /// <summary>For every line of output pixels, image after image: where its first pixel reads its first tap.</summary>
    public static void FillLines(in ConvolutionShape shape, PaddedImages padded, int images, nint* lines)
    {
        for (int image = 0; image < images; image++)
            for (int d = 0; d < shape.Output.Depth; d++)
                for (int h = 0; h < shape.Output.Height; h++)
                    *lines++ = image * padded.Image + padded.At(d * shape.Stride.Depth, h * shape.Stride.Height, 0);
    }
}
