using System.Numerics;

namespace Functional.Torch;

public static partial class torch
{
    static Tensor Made(CoreTensor value, bool requires_grad) => requires_grad ? new Tensor(value).requires_grad_() : new Tensor(value);

    static Tensor Filled(ReadOnlySpan<long> size, Scalar number, Dtype dtype, Device? device, bool requires_grad)
    {
        return Made(Functional.Creation.full(Device.On(device), dtype, Sizes(size), number.Value), requires_grad);
    }

    static int[] Sizes(ReadOnlySpan<long> size)
    {
        foreach (var s in size)
            if (s < 0) throw new ShapeException($"Trying to create tensor with negative dimension {s}: [{string.Join(", ", size.ToArray())}] has a size below 0; -1 stands for an unknown size in reshape alone");
        return Convert.Ints(size);
    }

    /// <summary>Zeros.</summary>
    [Forms(Forms.Sizes | Forms.Out)]
    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Filled(size, 0, dtype.OrDefault(), device, requires_grad);

    /// <summary>Ones.</summary>
    [Forms(Forms.Sizes | Forms.Out)]
    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Filled(size, 1, dtype.OrDefault(), device, requires_grad);

    /// <summary>Elements that nobody has promised anything about (zeros, here).</summary>
    [Forms(Forms.Sizes | Forms.Out)]
    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Filled(size, 0, dtype.OrDefault(), device, requires_grad);

    /// <summary>One number everywhere; its dtype is that of the number, if none is given.</summary>
    [Forms(Forms.Out)]
    public static Tensor full(long[] size, Scalar fill_value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Filled(size, fill_value, (dtype ?? fill_value.Type).Core(), device, requires_grad);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor scalar_tensor(Scalar s, ScalarType? dtype = null) => Filled([], s, dtype.OrDefault(), null, false);

    /// <summary>Zeros like another tensor.</summary>
    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => full_like(input, 0, dtype, device, requires_grad);
    /// <summary>Ones like another tensor.</summary>
    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => full_like(input, 1, dtype, device, requires_grad);
    /// <summary>Any elements, like another tensor.</summary>
    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => full_like(input, 0, dtype, device, requires_grad);
    /// <summary>One number everywhere, like another tensor.</summary>
    public static Tensor full_like(Tensor input, Scalar fill_value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var core = input.Core;
        return Made(Functional.Creation.full(device?.Backend ?? core.Backend, dtype?.Core() ?? core.Dtype, core.Shape, fill_value.Value), requires_grad);
    }

    /// <summary>start, start + step, ... below end.</summary>
    [Forms(Forms.Out)]
    public static Tensor arange(Scalar start, Scalar end, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        // How many there are is counted in whole numbers for int64 alone, as in PyTorch.
        var isCounted = dtype is null or ScalarType.Int64;
        var (from, by) = (start, step);
        if (dtype is { } asked && IsWhole(asked.Core()) && double.IsFinite(start.ToDouble()) && double.IsFinite(end.ToDouble()))
        {
            (from, by) = (start.ToInt64(), step.ToInt64());
            if (isCounted)
                (start, end, step) = (from, end.ToInt64(), by);
        }
        var (a, b, s) = (start.ToDouble(), end.ToDouble(), step.ToDouble());
        if (!double.IsFinite(a) || !double.IsFinite(b)) throw new ArgumentValueException($"unsupported range: {a} -> {b}: arange needs finite numbers for start and end");
        if (s == 0 || by.ToDouble() == 0) throw new ArgumentValueException($"step must be nonzero: arange from {a} to {b} by 0 has no end; give a step above or below 0");
        if ((s > 0 && a > b) || (s < 0 && a < b)) throw new ArgumentValueException($"upper bound and larger bound inconsistent with step sign: arange({a}, {b}, {s}); turn the step's sign or exchange start and end");
        var whole = isCounted && start.Value.IsInteger && end.Value.IsInteger && step.Value.IsInteger;
        var target = dtype?.Core() ?? (whole ? Dtype.Int64 : ((ScalarType?)null).OrDefault());
        var count = whole
            ? (end.ToInt64() - start.ToInt64() + step.ToInt64() - Math.Sign(step.ToInt64())) / step.ToInt64()
            : (long)Math.Ceiling((b - a) / s);
        return Made(Functional.Creation.arangeScalar(Device.On(device), target, Convert.Int(count), from.Value, by.Value), requires_grad);
    }

    /// <summary>start, start + 1, ... below end.</summary>
    [Forms(Forms.Out)]
    public static Tensor arange(Scalar start, Scalar end, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, end, 1, dtype, device, requires_grad);

    /// <summary>0, 1, ... below end.</summary>
    [Forms(Forms.Out)]
    public static Tensor arange(Scalar end, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, end, 1, dtype, device, requires_grad);

    /// <summary>Evenly spaced numbers from start to end, both included.</summary>
    [Forms(Forms.Out)]
    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        if (steps < 0) throw new ArgumentValueException("number of steps must be non-negative");
        return Made(Ranges.linspace(Device.On(device), dtype.OrDefault(), start, end, Convert.Int(steps)), requires_grad);
    }

    /// <summary>base^start ... base^end, evenly spaced in the exponent.</summary>
    [Forms(Forms.Out)]
    public static Tensor logspace(double start, double end, long steps, double @base = 10.0, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        if (steps < 0) throw new ArgumentValueException("number of steps must be non-negative");
        return Made(Ranges.logspace(Device.On(device), dtype.OrDefault(), start, end, Convert.Int(steps), @base), requires_grad);
    }

    /// <summary>Ones on the diagonal, zeros elsewhere.</summary>
    [Forms(Forms.Out)]
    public static Tensor eye(long n, long? m = null, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        if (n < 0) throw new ShapeException($"n must be greater or equal to 0, got {n}");
        if (m < 0) throw new ShapeException($"m must be greater or equal to 0, got {m}");
        return Made(Ranges.eye(Device.On(device), dtype.OrDefault(), Convert.Int(n), Convert.Int(m ?? n)), requires_grad);
    }

    /// <summary>A tensor of one number.</summary>
    public static Tensor tensor(Scalar scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Filled([], scalar, (dtype ?? scalar.Type).Core(), device, requires_grad);

    /// <summary>A copy of a tensor.</summary>
    public static Tensor tensor(Tensor data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Made(Structure.share(Engine.move(device?.Backend ?? data.Core.Backend, Engine.cast((dtype ?? data.dtype).Core(), History.Without(data.Recorded)))), requires_grad);

    static Tensor Of<T>(ReadOnlySpan<T> data, int[] shape, ScalarType? dtype, Device? device, bool requires_grad) where T : unmanaged
    {
        var made = Elements.Tensor(data, shape, Device.On(device));
        return Made(dtype is { } type ? Engine.cast(type.Core(), made) : made, requires_grad);
    }

    static Tensor OfArray<T>(Array data, ScalarType? dtype, Device? device, bool requires_grad) where T : unmanaged
    {
        var shape = Enumerable.Range(0, data.Rank).Select(data.GetLength).ToArray();
        var flat = new T[data.Length];
        Flattening.Copy(data, flat);
        return Of<T>(flat, shape, dtype, device, requires_grad);
    }

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(byte[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<byte>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(byte[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<byte>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(byte[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<byte>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(byte[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<byte>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(byte[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<byte>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(sbyte[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<sbyte>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(sbyte[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<sbyte>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(sbyte[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<sbyte>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(sbyte[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<sbyte>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(sbyte[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<sbyte>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(short[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<short>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(short[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<short>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(short[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<short>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(short[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<short>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(short[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<short>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(int[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<int>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(int[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<int>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(int[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<int>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(int[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<int>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(int[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<int>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(long[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<long>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(long[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<long>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(long[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<long>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(long[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<long>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(long[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<long>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(float[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<float>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(float[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<float>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(float[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<float>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(float[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<float>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(float[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<float>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(double[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<double>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(double[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<double>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(double[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<double>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(double[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<double>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(double[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<double>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(bool[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<bool>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(bool[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<bool>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(bool[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<bool>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(bool[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<bool>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(bool[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<bool>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(Half[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<Half>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(Half[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<Half>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(Half[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<Half>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(Half[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<Half>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(Half[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<Half>(data, dtype, device, requires_grad);

    /// <summary>A vector of numbers of C#, or of the given dimensions.</summary>
    public static Tensor tensor(Complex[] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<Complex>(data, [data.Length], dtype, device, requires_grad);
    /// <summary>A tensor of the given dimensions from row-major numbers of C#.</summary>
    public static Tensor tensor(Complex[] data, long[] dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Of<Complex>(data, Sizes(dimensions), dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(Complex[,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<Complex>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(Complex[,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<Complex>(data, dtype, device, requires_grad);
    /// <summary>A tensor of an array's dimensions.</summary>
    public static Tensor tensor(Complex[,,,] data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => OfArray<Complex>(data, dtype, device, requires_grad);

    /// <summary>A tensor of any array of numbers, or a list of them.</summary>
    public static Tensor tensor<T>(IList<T> data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) where T : unmanaged =>
        Of<T>(data.ToArray(), [data.Count], dtype, device, requires_grad);

    /// <summary>A tensor of an array's numbers and dimensions.</summary>
    public static Tensor from_array(Array ndarray) => ndarray.GetType().GetElementType() switch
    {
        var t when t == typeof(byte) => OfArray<byte>(ndarray, null, null, false),
        var t when t == typeof(sbyte) => OfArray<sbyte>(ndarray, null, null, false),
        var t when t == typeof(short) => OfArray<short>(ndarray, null, null, false),
        var t when t == typeof(int) => OfArray<int>(ndarray, null, null, false),
        var t when t == typeof(long) => OfArray<long>(ndarray, null, null, false),
        var t when t == typeof(float) => OfArray<float>(ndarray, null, null, false),
        var t when t == typeof(double) => OfArray<double>(ndarray, null, null, false),
        var t when t == typeof(bool) => OfArray<bool>(ndarray, null, null, false),
        var t when t == typeof(Half) => OfArray<Half>(ndarray, null, null, false),
        var t when t == typeof(Complex) => OfArray<Complex>(ndarray, null, null, false),
        var other => throw new DtypeException($"can't convert an array of type {other} to a tensor. The supported types are: double, float, Half, long, int, short, sbyte, byte, bool and Complex."),
    };

    /// <summary>A tensor of an array's numbers and dimensions. They are copied: what lies under a tensor never changes, so it shares memory with nobody.</summary>
    public static Tensor from_numpy(Array ndarray) => from_array(ndarray);

    /// <summary>A tensor of an array's numbers and dimensions, in another dtype if one is given.</summary>
    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => as_tensor(from_array(data), dtype, device);

    /// <summary>The same tensor, in another dtype if one is given.</summary>
    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) => data.to(device ?? data.device, dtype);

    static class Flattening
    {
        public static void Copy<T>(Array source, T[] target) where T : unmanaged
        {
            var i = 0;
            foreach (T item in source) target[i++] = item;
        }
    }

    public partial class Tensor
    {
        /// <summary>Zeros of the same dtype.</summary>
        public Tensor new_zeros(params long[] size) => Filled(size, 0, value.Dtype, device, false);
        /// <summary>Zeros of the same dtype, or another.</summary>
        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Filled(size, 0, dtype?.Core() ?? value.Dtype, device ?? this.device, requires_grad);
        /// <summary>Ones of the same dtype.</summary>
        public Tensor new_ones(params long[] size) => Filled(size, 1, value.Dtype, device, false);
        /// <summary>Ones of the same dtype, or another.</summary>
        public Tensor new_ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Filled(size, 1, dtype?.Core() ?? value.Dtype, device ?? this.device, requires_grad);
        /// <summary>Any elements of the same dtype.</summary>
        public Tensor new_empty(params long[] size) => Filled(size, 0, value.Dtype, device, false);
        /// <summary>Any elements of the same dtype, or another.</summary>
        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Filled(size, 0, dtype?.Core() ?? value.Dtype, device ?? this.device, requires_grad);
        /// <summary>One number everywhere, in the same dtype or another.</summary>
        public Tensor new_full(long[] size, Scalar fill_value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Filled(size, fill_value, dtype?.Core() ?? value.Dtype, device ?? this.device, requires_grad);
        /// <summary>A tensor of an array's numbers and dimensions, in its dtype or another.</summary>
        public Tensor new_tensor(Array data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => torch.tensor(from_array(data), dtype ?? this.dtype, device ?? this.device, requires_grad);
        /// <summary>A copy of a tensor, in its dtype or another.</summary>
        public Tensor new_tensor(Tensor data, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => torch.tensor(data, dtype ?? this.dtype, device ?? this.device, requires_grad);
    }
}
