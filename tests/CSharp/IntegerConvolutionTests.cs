namespace Functional.Torch.Tests;

using Functional.Contract;
using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Convolutions of whole numbers are sums in their own dtype, which wrap around; the numbers are PyTorch 1.13's on the CPU.</summary>
public static class IntegerConvolutionTests
{
    static Tensor Range(long start, long end, ScalarType dtype, params long[] shape) => arange(start, end).reshape(shape).to(dtype);

    static long[] Elements(Tensor t) => [.. t.to(int64).flatten().data<long>()];

    /// <summary>conv2d(arange(-20, 12), arange(-3, 13), tensor([1, -2])) in int8: sums past 127 come back at -128.</summary>
    public static void Bytes_wrap_around()
    {
        var result = conv2d(Range(-20, 12, int8, 1, 2, 4, 4), Range(-3, 13, int8, 2, 2, 2, 2), tensor(new[] { 1L, -2 }).to(int8));
        Check.True(result.dtype == int8);
        Check.SequenceEqual([109L, 113, 117, 125, -127, -123, -115, -111, -107, 10, 78, -110, 26, 94, -94, 42, 110, -78], Elements(result));
        var unsigned = conv2d(Range(-20, 12, int64, 1, 2, 4, 4).to(uint8), Range(-3, 13, int64, 2, 2, 2, 2).to(uint8));
        Check.True(unsigned.dtype == uint8);
        Check.SequenceEqual([108L, 112, 116, 124, 128, 132, 140, 144, 148, 12, 80, 148, 28, 96, 164, 44, 112, 180], Elements(unsigned));
    }

    public static void Stride_and_padding()
    {
        foreach (var dtype in new[] { int16, int32, int64 })
        {
            var result = conv2d(Range(-20, 12, dtype, 1, 2, 4, 4), Range(-3, 13, dtype, 2, 2, 2, 2), stride: 2, padding: 1);
            Check.True(result.dtype == dtype);
            Check.SequenceEqual([-16L, 2, 14, 48, 128, 72, 32, 62, 26, -208, -334, -130, -144, -160, -24, 32, 110, 74], Elements(result));
        }
        Check.SequenceEqual([28L, 25, 22, 10, 43, 76], Elements(conv1d(Range(-4, 6, int64, 1, 2, 5), Range(-3, 9, int64, 2, 2, 3))));
    }

    /// <summary>Beyond 2^53, where double precision would round.</summary>
    public static void Every_bit_of_int64_counts()
    {
        var large = tensor(new[] { 1L << 62, 3, -(1L << 61) + 7 }).reshape(1, 1, 3);
        Check.SequenceEqual([-4611686018427387889L, 6917529027641081900], Elements(conv1d(large, tensor(new[] { 3L, 5 }).reshape(1, 1, 2))));
        var odd = tensor(new[] { (1L << 53) + 1, 1 }).reshape(1, 1, 2);
        Check.SequenceEqual([9007199254740993L], Elements(conv1d(odd, tensor(new[] { 1L, 0 }).reshape(1, 1, 2))));
    }

    public static void Transposed() =>
        Check.SequenceEqual([12L, 18, 8, 12, 20, 12, 8, 18, 12], Elements(conv_transpose2d(Range(-4, 4, int64, 1, 2, 2, 2), Range(-3, 5, int64, 2, 1, 2, 2))));

    public static void Truth_values_are_refused()
    {
        Tensor Truths(params long[] shape) => ones(shape).to(@bool);
        Check.Throws<DtypeException>(() => conv1d(Truths(1, 1, 3), Truths(1, 1, 2)), "\"slow_conv2d_cpu\" not implemented for 'Bool'");
        Check.Throws<DtypeException>(() => conv2d(Truths(1, 1, 3, 3), Truths(1, 1, 2, 2)), "\"slow_conv2d_cpu\" not implemented for 'Bool'");
        Check.Throws<DtypeException>(() => conv3d(Truths(1, 1, 3, 3, 3), Truths(1, 1, 2, 2, 2)), "\"compute_columns3d\" not implemented for 'Bool'");
        Check.Throws<DtypeException>(() => conv_transpose1d(Truths(1, 1, 3), Truths(1, 1, 2)), "\"slow_conv_transpose2d_out_cpu\" not implemented for 'Bool'");
        Check.Throws<DtypeException>(() => conv_transpose3d(Truths(1, 1, 3, 3, 3), Truths(1, 1, 2, 2, 2)), "\"slow_conv_transpose3d_out_cpu\" not implemented for 'Bool'");
    }
}
