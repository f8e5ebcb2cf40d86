using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    static Spectrogram Frames(Tensor signal, long n_fft, long? hop_length, long? win_length, Tensor? window, bool center, bool normalized, bool? onesided) => new(
        Convert.Int(n_fft),
        Convert.Int(hop_length ?? n_fft / 4),
        Convert.Int(win_length ?? n_fft),
        window is null ? null : FSharpOption<CoreTensor>.Some(window.Core),
        center,
        normalized,
        onesided is { } truth ? FSharpOption<bool>.Some(truth) : null);

    /// <summary>
    /// The spectra of overlapping frames of a signal [n] or [B, n]: [frequencies, frames], complex or (by default for real
    /// signals, as in PyTorch 1.13) as pairs of real numbers. `pad_mode` is constant, reflect, replicate or circular.
    /// </summary>
    [Forms(Forms.Method)]
    public static Tensor stft(
        Tensor input, long n_fft, long? hop_length = null, long? win_length = null, Tensor? window = null, bool center = true,
        string pad_mode = "reflect", bool normalized = false, bool? onesided = null, bool? return_complex = null)
    {
        var mode = pad_mode switch
        {
            "constant" => PaddingMode.Constant,
            "reflect" => PaddingMode.Reflect,
            "replicate" => PaddingMode.Replicate,
            "circular" => PaddingMode.Circular,
            _ => throw new ArgumentValueException($"Unrecognised padding mode {pad_mode}: expected constant, reflect, replicate or circular (stft)"),
        };
        var spectra = new Tensor(Spectra.stft(Frames(input, n_fft, hop_length, win_length, window, center, normalized, onesided), mode, input.Core));
        var isComplex = return_complex ?? (input.is_complex() || (window is not null && window.is_complex()));
        return isComplex ? spectra : view_as_real(spectra);
    }

    /// <summary>
    /// The signal whose `stft` this is, of the given length if there is one. Takes complex spectra [frequencies, frames] with or
    /// without a batch in front, or pairs of real numbers.
    /// </summary>
    [Forms(Forms.Method)]
    public static Tensor istft(
        Tensor input, long n_fft, long? hop_length = null, long? win_length = null, Tensor? window = null, bool center = true,
        bool normalized = false, bool? onesided = null, long? length = null, bool return_complex = false)
    {
        var spectra = input.is_complex() || input.dim() == 0 || input.shape[^1] != 2 ? input : view_as_complex(input);
        return new(Spectra.istft(
            Frames(spectra, n_fft, hop_length, win_length, window, center, normalized, onesided),
            length is { } points ? FSharpOption<int>.Some(Convert.Int(points)) : null,
            return_complex,
            spectra.Core));
    }

    static Tensor Windowed(Func<IBackend?, Dtype, int, CoreTensor> make, long window_length, ScalarType? dtype, Device? device, bool requires_grad)
    {
        return Made(make(Device.On(device), dtype.OrDefault(), Convert.Int(window_length)), requires_grad);
    }

    /// <summary>A triangular window; a periodic one is that of one point more, without its last.</summary>
    public static Tensor bartlett_window(long window_length, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Windowed((b, d, n) => SignalWindows.bartlett(b, d, n, periodic), window_length, dtype, device, requires_grad);

    /// <summary>0.42 - 0.5 cos(2 pi x) + 0.08 cos(4 pi x).</summary>
    public static Tensor blackman_window(long window_length, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Windowed((b, d, n) => SignalWindows.blackman(b, d, n, periodic), window_length, dtype, device, requires_grad);

    /// <summary>alpha - beta cos(2 pi x).</summary>
    public static Tensor hamming_window(long window_length, bool periodic = true, double alpha = 0.54, double beta = 0.46, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Windowed((b, d, n) => SignalWindows.hamming(b, d, n, periodic, alpha, beta), window_length, dtype, device, requires_grad);

    /// <summary>0.5 - 0.5 cos(2 pi x).</summary>
    public static Tensor hann_window(long window_length, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Windowed((b, d, n) => SignalWindows.hann(b, d, n, periodic), window_length, dtype, device, requires_grad);

    /// <summary>I0(beta sqrt(1 - (2x - 1)^2)) / I0(beta), I0 being a modified Bessel function (Kaiser 1974).</summary>
    public static Tensor kaiser_window(long window_length, bool periodic = true, double beta = 12, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Windowed((b, d, n) => SignalWindows.kaiser(b, d, n, periodic, beta), window_length, dtype, device, requires_grad);
}
