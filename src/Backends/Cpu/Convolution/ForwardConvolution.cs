using System.Numerics;

namespace Functional.Cpu;

/// <summary>The output of a convolution: the weight matrix times the taps of every output pixel.</summary>
internal static unsafe class ForwardConvolution<T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Weight and output are contiguous, the input has any strides.</summary>
    public static void Run(in ConvolutionShape given, T* input, ImageStrides strides, T* weight, T* output)
    {
        var shape = given.Sampled(ref strides);
        var outputs = shape.Output;
        if (shape.Batch == 0 || shape.Filters == 0 || outputs.Count == 0)
            return;
        if (shape.Depth == 0)
        {
            new Span<T>(output, shape.Batch * shape.Filters * outputs.Count).Clear();
            return;
        }
        if (PointwiseConvolution<T>.TryRun(shape, weight, false, input, strides, outputs, output))
            return;
        var padded = Padded(shape, shape.GroupChannels);
        int images = ImageProduct<T>.ImagesFor(shape.Batch, outputs.Count, shape.Groups);
        int linesPerImage = outputs.Depth * outputs.Height;
        nint* lines = ThreadScratch.Rent<nint>(ScratchUse.Offsets, (nint)images * (linesPerImage + 1) + shape.Depth);
        nint* runs = lines + images * linesPerImage;
        int* taps = (int*)(runs + images);

        ConvolutionTaps.Fill(shape, padded, shape.GroupChannels, taps);
        ConvolutionTaps.FillLines(shape, padded, images, lines);
        for (int image = 0; image < images; image++)
            runs[image] = (nint)image * shape.Filters * outputs.Count;
        var pass = new ImagePass<T>
        {
            Left = weight,
            Depth = shape.Depth,
            Taps = taps,
            Lines = lines,
            LineLength = outputs.Width,
            LinesPerImage = linesPerImage,
            Runs = runs,
            RunLength = outputs.Count,
            TargetStep = 1,
        };
        var product = new ImageProduct<T>
        {
            Source = input,
            SourceStrides = strides,
            SourceSize = shape.Input,
            Before = shape.Padding,
            Padded = padded,
            Target = output,
            TargetStrides = ImageStrides.Contiguous(shape.Filters, outputs),
            Passes = &pass,
            PassCount = 1,
            Batch = shape.Batch,
            Groups = shape.Groups,
            GroupChannels = shape.GroupChannels,
            GroupRows = shape.GroupFilters,
            ImagesPerChunk = images,
        };
        product.Run();
    }

    /// <summary>Images of some channels with room for every position that a tap reads.</summary>
    public static PaddedImages Padded(in ConvolutionShape shape, int channels)
    {
        var (outputs, kernel, stride, dilation) = (shape.Output, shape.Kernel, shape.Stride, shape.Dilation);
        var reach = new Spatial(
            (outputs.Depth - 1) * stride.Depth + (kernel.Depth - 1) * dilation.Depth + 1,
            (outputs.Height - 1) * stride.Height + (kernel.Height - 1) * dilation.Height + 1,
            (outputs.Width - 1) * stride.Width + (kernel.Width - 1) * dilation.Width + 1);
        return new(channels, reach, stride.Width);
    }
}
