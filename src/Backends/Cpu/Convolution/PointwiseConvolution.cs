using System.Numerics;

namespace Functional.Cpu;

/// <summary>Convolutions that mix channels only: one matrix product for each image and group.</summary>
internal static unsafe class PointwiseConvolution<T>
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Images with fewer pixels are better merged into one dimension.</summary>
    private const int SmallestImage = 128;

    /// <summary>Does the product if that is the best way. The matrix of each group is <paramref name="weight"/>, transposed on demand.</summary>
    public static bool TryRun(
        in ConvolutionShape shape, T* weight, bool transposed, T* images, ImageStrides strides, Spatial size, T* result)
    {
        if (!shape.IsPointwise || size.Count < SmallestImage || !strides.AreEven(size))
            return false;
        var left = new Strided<T>(weight, shape.GroupChannels, 1);
        var (rows, depth) = (shape.GroupFilters, shape.GroupChannels);
        if (transposed)
            (left, rows, depth) = (left.Transposed, depth, rows);
        int batch = shape.Batch * shape.Groups;
        nint* offsets = ThreadScratch.Rent<nint>(ScratchUse.Offsets, 2 * (nint)batch);
        for (int i = 0; i < batch; i++)
        {
            (int image, int group) = Math.DivRem(i, shape.Groups);
            offsets[i] = (nint)group * rows * depth;
            offsets[batch + i] = image * strides.Image + group * depth * strides.Channel;
        }
        BatchedProduct<T>.Run(
            batch, offsets, offsets + batch, rows, size.Count, depth, left, new(images, strides.Channel, strides.Pixel), result);
        return true;
    }
}
