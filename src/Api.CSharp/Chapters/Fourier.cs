using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Discrete Fourier transforms. `norm` is "backward" (the inverse bears 1/n), "ortho" or "forward".</summary>
    public static partial class fft
    {
        static FSharpOption<int>? Points(long? n) => n is { } points ? FSharpOption<int>.Some(Convert.Int(points)) : null;
        static FSharpOption<int[]>? Several(long[]? sizes) => sizes is null ? null : FSharpOption<int[]>.Some(Convert.Ints(sizes));
        static FourierNorm Norm(string? norm) => Fft.norm(norm ?? "backward");

        // Transforms of two dimensions take the last two where none are named.
        static FSharpOption<int[]> Two(long[]? dim) => FSharpOption<int[]>.Some(dim is null ? [-2, -1] : Convert.Ints(dim));

        /// <summary>The transform along a dimension, padded with zeros or cut to n points. C# does not let it be called `fft`.</summary>
        [Forms(Forms.Out)]
        public static Tensor fft_(Tensor input, long? n = null, long dim = -1, string? norm = null) =>
            new(Fft.fft(Points(n), Convert.Int(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The inverse of `fft_`.</summary>
        [Forms(Forms.Out)]
        public static Tensor ifft(Tensor input, long? n = null, long dim = -1, string? norm = null) =>
            new(Fft.ifft(Points(n), Convert.Int(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The transform of a real tensor: frequencies 0 to n / 2, the others being their conjugates.</summary>
        [Forms(Forms.Out)]
        public static Tensor rfft(Tensor input, long? n = null, long dim = -1, string? norm = null) =>
            new(Fft.rfft(Points(n), Convert.Int(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The real tensor whose `rfft` this is; n is 2 (size - 1) if not given.</summary>
        [Forms(Forms.Out)]
        public static Tensor irfft(Tensor input, long? n = null, long dim = -1, string? norm = null) =>
            new(Fft.irfft(Points(n), Convert.Int(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The real transform of a signal with Hermitian symmetry, of which this is one half.</summary>
        [Forms(Forms.Out)]
        public static Tensor hfft(Tensor input, long? n = null, long dim = -1, string? norm = null) =>
            new(Fft.hfft(Points(n), Convert.Int(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The half of the signal whose `hfft` this real tensor is.</summary>
        [Forms(Forms.Out)]
        public static Tensor ihfft(Tensor input, long? n = null, long dim = -1, string? norm = null) =>
            new(Fft.ihfft(Points(n), Convert.Int(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The transform along two dimensions, by default the last two, each padded with zeros or cut to the size that s says.</summary>
        [Forms(Forms.Out)]
        public static Tensor fft2(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.fftn(Several(s), Two(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The transform along several dimensions, each padded with zeros or cut to the size that s says.</summary>
        [Forms(Forms.Out)]
        public static Tensor fftn(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.fftn(Several(s), Several(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The inverse of `fft2`.</summary>
        [Forms(Forms.Out)]
        public static Tensor ifft2(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.ifftn(Several(s), Two(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The inverse of `fftn`.</summary>
        [Forms(Forms.Out)]
        public static Tensor ifftn(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.ifftn(Several(s), Several(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The transform of a real tensor along two dimensions, by default the last two; the last keeps half of the frequencies.</summary>
        [Forms(Forms.Out)]
        public static Tensor rfft2(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.rfftn(Several(s), Two(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The transform of a real tensor along several dimensions; the last keeps half of the frequencies.</summary>
        [Forms(Forms.Out)]
        public static Tensor rfftn(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.rfftn(Several(s), Several(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The real tensor whose `rfft2` this is.</summary>
        [Forms(Forms.Out)]
        public static Tensor irfft2(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.irfftn(Several(s), Two(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The real tensor whose `rfftn` this is.</summary>
        [Forms(Forms.Out)]
        public static Tensor irfftn(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.irfftn(Several(s), Several(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The real transform of a signal with Hermitian symmetry along two dimensions, by default the last two.</summary>
        [Forms(Forms.Out)]
        public static Tensor hfft2(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.hfftn(Several(s), Two(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The real transform of a signal with Hermitian symmetry along several dimensions.</summary>
        [Forms(Forms.Out)]
        public static Tensor hfftn(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.hfftn(Several(s), Several(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The half of the signal whose `hfft2` this real tensor is.</summary>
        [Forms(Forms.Out)]
        public static Tensor ihfft2(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.ihfftn(Several(s), Two(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The half of the signal whose `hfftn` this real tensor is.</summary>
        [Forms(Forms.Out)]
        public static Tensor ihfftn(Tensor input, long[]? s = null, long[]? dim = null, string? norm = null) =>
            new(Fft.ihfftn(Several(s), Several(dim), Norm(norm), Autocast.As(input).Core));

        /// <summary>The frequencies of a transform of n points that are d apart: 0, 1, ..., then the negative ones.</summary>
        [Forms(Forms.Out)]
        public static Tensor fftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        {
            return Made(Fft.fftfreq(Device.On(device), dtype.OrDefault(), Convert.Int(n), d), requires_grad);
        }

        /// <summary>The frequencies of `rfft` of n points that are d apart.</summary>
        [Forms(Forms.Out)]
        public static Tensor rfftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        {
            return Made(Fft.rfftfreq(Device.On(device), dtype.OrDefault(), Convert.Int(n), d), requires_grad);
        }

        /// <summary>Frequency 0 to the middle, of all dimensions if none is named.</summary>
        public static Tensor fftshift(Tensor input, params long[]? dim) => new(Fft.fftshift(dim is null or { Length: 0 } ? null : Several(dim), Autocast.As(input).Core));

        /// <summary>Undoes `fftshift`.</summary>
        public static Tensor ifftshift(Tensor input, params long[]? dim) => new(Fft.ifftshift(dim is null or { Length: 0 } ? null : Several(dim), Autocast.As(input).Core));
    }
}
