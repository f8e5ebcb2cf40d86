using System.Numerics;

namespace Functional.Cpu;

/// <summary>The transpose of a convolution in its input: a convolution of the output gradient for each residue of the stride.</summary>
internal static unsafe class InputGradient<T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Weight and result are contiguous, the output gradient has any strides.</summary>
    public static void Run(in ConvolutionShape shape, T* weight, T* gradient, ImageStrides strides, T* result)
    {
        var input = shape.Input;
        if (shape.Batch == 0 || shape.Channels == 0 || input.Count == 0)
            return;
        if (shape.GroupFilters > 0 && PointwiseConvolution<T>.TryRun(shape, weight, true, gradient, strides, input, result))
            return;
        var depth = new Residues(input.Depth, shape.Kernel.Depth, shape.Stride.Depth, shape.Padding.Depth, shape.Dilation.Depth);
        var height = new Residues(input.Height, shape.Kernel.Height, shape.Stride.Height, shape.Padding.Height, shape.Dilation.Height);
        var width = new Residues(input.Width, shape.Kernel.Width, shape.Stride.Width, shape.Padding.Width, shape.Dilation.Width);
        int residues = depth.Stride * height.Stride * width.Stride;
        var padded = new PaddedImages(shape.GroupFilters, new(depth.Size, height.Size, width.Size), 1);
        int images = ImageProduct<T>.ImagesFor(shape.Batch, input.Count, shape.Groups);

        nint lineCount = (nint)images * input.Depth * input.Height * width.Stride;
        nint* lines = ThreadScratch.Rent<nint>(ScratchUse.Offsets, 2 * lineCount + (nint)shape.GroupFilters * shape.Kernel.Count);
        nint* runs = lines + lineCount;
        int* taps = (int*)(runs + lineCount);
        T* filter = ThreadScratch.Rent<T>(ScratchUse.Filter, (nint)shape.Channels * shape.GroupFilters * shape.Kernel.Count);
        var passes = ThreadScratch.Rent<ImagePass<T>>(ScratchUse.Passes, residues);
        int count = 0;
        for (int d = 0; d < depth.Stride; d++)
            for (int h = 0; h < height.Stride; h++)
                for (int w = 0; w < width.Stride; w++)
                {
                    var pixels = new Spatial(depth.Count(d), height.Count(h), width.Count(w));
                    var pass = new ImagePass<T>
                    {
                        Left = filter,
                        Depth = shape.GroupFilters * depth.Taps(d) * height.Taps(h) * width.Taps(w),
                        Taps = taps,
                        Lines = lines,
                        LineLength = pixels.Width,
                        LinesPerImage = pixels.Depth * pixels.Height,
                        Runs = runs,
                        RunLength = residues == 1 ? pixels.Count : pixels.Width,
                        TargetStep = width.Stride,
                    };
                    if (pass.Depth == 0 || pixels.Count == 0)
                        continue;
                    FillFilter(shape, weight, depth, height, width, d, h, w, ref filter);
                    FillTaps(shape, padded, depth, height, width, d, h, w, ref taps);
                    FillLines(shape, padded, images, pixels, d, h, w, residues == 1, ref lines, ref runs);
                    passes[count++] = pass;
                }
        if (count < residues)
            new Span<T>(result, shape.Batch * shape.Channels * input.Count).Clear();
        var product = new ImageProduct<T>
        {
            Source = gradient,
            SourceStrides = strides,
            SourceSize = shape.Output,
            Before = new(depth.Before, height.Before, width.Before),
            Padded = padded,
            Target = result,
            TargetStrides = ImageStrides.Contiguous(shape.Channels, input),
            Passes = passes,
            PassCount = count,
            Batch = shape.Batch,
            Groups = shape.Groups,
            GroupChannels = shape.GroupFilters,
            GroupRows = shape.GroupChannels,
            ImagesPerChunk = images,
        };
        product.Run();
    }

    /// <summary>The weight with channels outermost and filters inside: [channel][filter][tap], taps of one residue.</summary>
    private static void FillFilter(
        in ConvolutionShape shape, T* weight, in Residues depth, in Residues height, in Residues width, int d, int h, int w, ref T* target)
    {
        var kernel = shape.Kernel;
        int* chosen = stackalloc int[kernel.Count];
        int taps = 0;
        for (int kd = 0; kd < kernel.Depth; kd++)
            for (int kh = 0; kh < kernel.Height; kh++)
                for (int kw = 0; kw < kernel.Width; kw++)
                    if (depth.Reaches(d, kd, out _) && height.Reaches(h, kh, out _) && width.Reaches(w, kw, out _))
                        chosen[taps++] = (kd * kernel.Height + kh) * kernel.Width + kw;
        var filter = new FilterTransposition<T>(shape, weight, chosen, taps, target);
        WorkerPool.Run(filter.Chunks, filter);
        target += (nint)shape.Channels * shape.GroupFilters * taps;
    }

    private static void FillTaps(
        in ConvolutionShape shape, PaddedImages padded, in Residues depth, in Residues height, in Residues width, int d, int h, int w, ref int* target)
    {
        for (int filter = 0; filter < shape.GroupFilters; filter++)
            for (int kd = 0; kd < shape.Kernel.Depth; kd++)
                for (int kh = 0; kh < shape.Kernel.Height; kh++)
                    for (int kw = 0; kw < shape.Kernel.Width; kw++)
                        if (depth.Reaches(d, kd, out int shiftD) && height.Reaches(h, kh, out int shiftH) && width.Reaches(w, kw, out int shiftW))
                            *target++ = checked((int)(filter * padded.Channel
                                + padded.At(shiftD + depth.Before, shiftH + height.Before, shiftW + width.Before)));
    }

    private static void FillLines(
        in ConvolutionShape shape, PaddedImages padded, int images, Spatial pixels, int d, int h, int w, bool whole, ref nint* lines, ref nint* runs)
    {
        nint image = (nint)shape.Channels * shape.Input.Count;
        for (int n = 0; n < images; n++)
        {
            for (int i = 0; i < pixels.Depth; i++)
                for (int j = 0; j < pixels.Height; j++)
                {
                    *lines++ = n * padded.Image + padded.At(i, j, 0);
                    if (!whole)
                        *runs++ = n * image
                            + ((nint)(d + i * shape.Stride.Depth) * shape.Input.Height + h + j * shape.Stride.Height) * shape.Input.Width + w;
                }
            if (whole)
                *runs++ = n * image;
        }
    }
}
