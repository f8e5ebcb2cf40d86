using Microsoft.FSharp.Core;

namespace Functional.Torch;

// What PyTorch says of memory: strides of one's own choice, other sizes, storages; and the way out to plain C#.
public static partial class torch
{
    /// <summary>The elements at offset + sum of index times stride in the memory of the base. A view.</summary>
    [Forms(Forms.Method | Forms.Copy)]
    public static Tensor as_strided(Tensor input, long[] size, long[] stride, long? storage_offset = null)
    {
        if (size.Length != stride.Length) throw new ShapeException($"mismatch in length of strides and shape: {stride.Length} and {size.Length}");
        if (stride.Any(s => s < 0)) throw new ShapeException($"as_strided: Negative strides are not supported at the moment, got strides: [{string.Join(", ", stride)}]");
        var (sizes, strides) = (Sizes(size), Convert.Ints(stride));
        var offset = Convert.Int(storage_offset ?? input.storage_offset());
        var memory = input.Memory;
        var available = memory.numel();
        var last = sizes.Select((s, i) => (long)(s - 1) * strides[i]).Sum() + offset;
        if (!sizes.Contains(0) && last >= available)
            throw new ShapeException($"setStorage: sizes [{string.Join(", ", size)}], strides [{string.Join(", ", stride)}], storage offset {offset}, and itemsize {input.element_size()} requiring a storage size of {(last + 1) * input.element_size()} are out of bounds for storage of size {available * input.element_size()}");
        var places = Ranges.strided(memory.Core.Backend, sizes, strides, offset);
        var overlaps = Create.toInt64s(places) is var all && all.Distinct().Count() < all.Length;
        return new Tensor(memory, new Picked(places, new Layout(sizes, strides, offset), overlaps));
    }

    /// <summary>The tensor shows other elements of its memory; see as_strided.</summary>
    public static Tensor as_strided_(Tensor input, long[] size, long[] stride, long? storage_offset = null) => input.as_strided_(size, stride, storage_offset);

    /// <summary>The tensor with other elements where `as_strided` would read.</summary>
    [Forms(Forms.Method)]
    public static Tensor as_strided_scatter(Tensor input, Tensor src, long[] size, long[] stride, long? storage_offset = null)
    {
        var copy = input.clone();
        as_strided(copy, size, stride, storage_offset).copy_(src);
        return copy;
    }

    /// <summary>Any elements (zeros, here), laid out by strides.</summary>
    public static Tensor empty_strided(long[] size, long[] stride, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        if (size.Length != stride.Length) throw new ShapeException($"dimensionality of sizes ({size.Length}) must match dimensionality of strides ({stride.Length})");
        foreach (var s in size.Where(s => s < 0)) throw new ShapeException($"Trying to create tensor with negative dimension {s}: [{string.Join(", ", size)}] (empty_strided)");
        foreach (var s in stride.Where(s => s < 0)) throw new ShapeException($"negative strides are not supported: got [{string.Join(", ", stride)}] (empty_strided)");
        var reach = size.Zip(stride, (n, s) => (Int128)(n - 1) * s).Aggregate((Int128)0, (a, b) => a + b);
        if (!size.Contains(0) && reach >= int.MaxValue)
            throw new ShapeException($"Storage size calculation overflowed with sizes=[{string.Join(", ", size)}] and strides=[{string.Join(", ", stride)}]: a buffer holds 2147483647 elements");
        var length = size.Contains(0) ? 0 : (long)reach + 1;
        var result = as_strided(zeros([length], dtype, device), size, stride, 0);
        return requires_grad ? result.detach().requires_grad_() : result;
    }

    /// <summary>Where tensors lie: dense ones have strides.</summary>
    public static string strided => "strided";

    /// <summary>How many threads take part in one operation.</summary>
    public static long get_num_threads() => Threads.count();
    /// <summary>Sets how many threads take part in one operation. Results do not depend on it.</summary>
    public static void set_num_threads(long threads) => Threads.set(Convert.Int(threads));

    /// <summary>What numbers a floating dtype holds.</summary>
    public sealed class FloatInfo
    {
        internal FloatInfo(ScalarType dtype, long bits, double eps, double max, double tiny, double resolution) =>
            (this.dtype, this.bits, this.eps, this.max, this.tiny, this.resolution) = (dtype.ToString().ToLowerInvariant(), bits, eps, max, tiny, resolution);

        /// <summary>The dtype's name.</summary>
        public string dtype { get; }
        /// <summary>Bits of one number.</summary>
        public long bits { get; }
        /// <summary>The distance from 1 to the next number.</summary>
        public double eps { get; }
        /// <summary>The largest number.</summary>
        public double max { get; }
        /// <summary>The smallest (most negative) number.</summary>
        public double min => -max;
        /// <summary>The smallest positive normal number.</summary>
        public double tiny { get; }
        /// <summary>The smallest positive normal number.</summary>
        public double smallest_normal => tiny;
        /// <summary>About how exact decimal digits are.</summary>
        public double resolution { get; }
    }

    /// <summary>What numbers a floating dtype holds; the default dtype, if none is given. Raises DtypeException for integers.</summary>
    public static FloatInfo finfo(ScalarType? type = null) => (type ?? get_default_dtype()) switch
    {
        ScalarType.Float32 or ScalarType.ComplexFloat32 => new(ScalarType.Float32, 32, MathF.BitIncrement(1) - 1, float.MaxValue, 1.1754943508222875e-38, 1e-6),
        ScalarType.Float64 or ScalarType.ComplexFloat64 => new(ScalarType.Float64, 64, Math.BitIncrement(1.0) - 1, double.MaxValue, 2.2250738585072014e-308, 1e-15),
        ScalarType.Float16 => new(ScalarType.Float16, 16, 0.0009765625, 65504, 6.103515625e-05, 1e-3),
        ScalarType.BFloat16 => new(ScalarType.BFloat16, 16, 0.0078125, 3.3895313892515355e38, 1.1754943508222875e-38, 1e-2),
        var other => throw new DtypeException($"torch.finfo() requires a floating point input type. Use torch.iinfo to handle '{other}'"),
    };

    /// <summary>What numbers an integer dtype holds.</summary>
    public sealed class IntegerInfo
    {
        internal IntegerInfo(ScalarType dtype, long bits, long min, long max) => (this.dtype, this.bits, this.min, this.max) = (dtype.ToString().ToLowerInvariant(), bits, min, max);
        /// <summary>The dtype's name.</summary>
        public string dtype { get; }
        /// <summary>Bits of one number.</summary>
        public long bits { get; }
        /// <summary>The smallest number.</summary>
        public long min { get; }
        /// <summary>The largest number.</summary>
        public long max { get; }
    }

    /// <summary>What numbers an integer dtype holds. Raises DtypeException for others.</summary>
    public static IntegerInfo iinfo(ScalarType type) => type switch
    {
        ScalarType.Byte => new(type, 8, byte.MinValue, byte.MaxValue),
        ScalarType.Int8 => new(type, 8, sbyte.MinValue, sbyte.MaxValue),
        ScalarType.Int16 => new(type, 16, short.MinValue, short.MaxValue),
        ScalarType.Int32 => new(type, 32, int.MinValue, int.MaxValue),
        ScalarType.Int64 => new(type, 64, long.MinValue, long.MaxValue),
        var other => throw new DtypeException($"torch.iinfo() requires an integer input type. Use torch.finfo to handle '{other}'"),
    };

    /// <summary>The tensor itself with other sizes; see the method.</summary>
    public static Tensor resize_as_(Tensor input, Tensor the_template) => input.resize_as_(the_template);

    public partial class Tensor
    {
        /// <summary>Always "strided": every element is stored.</summary>
        public string layout => strided;

        /// <summary>What holds this tensor's elements and those of all views beside it, in a row.</summary>
        internal Tensor Memory
        {
            get
            {
                var isDetached = false;
                for (var t = this; t.parent is not null; t = t.parent) isDetached |= t.path is Detached;
                return isDetached ? root.detach() : root;
            }
        }

        /// <summary>Gives the tensor other sizes in place: elements stay in row-major order, new ones are undefined (zeros, here).</summary>
        public Tensor resize_(params long[] sizes)
        {
            var shape = Functional.Torch.torch.Sizes(sizes);
            if (requires_grad) throw new DifferentiationException("cannot resize variables that require grad");
            if (parent is not null) throw new ShapeException("a view cannot be resized here: use a clone");
            Writable("resize_");
            var (have, want) = ((int)numel(), ShapeModule.count(shape));
            var flat = Engine.reshape([-1], Recorded);
            var kept = Structure.narrow(0, 0, Math.Min(have, want), flat);
            Become(Engine.reshape(shape, want > have ? Structure.concat(0, [kept, Structure.zeros(flat, [want - have])]) : kept));
            return this;
        }

        /// <summary>Shows other elements of its memory in place; see as_strided.</summary>
        public Tensor as_strided_(long[] size, long[] stride, long? storage_offset = null) => Become(torch.as_strided(this, size, stride, storage_offset));

        /// <summary>All windows of a size along a dimension, so many steps apart, as a new last dimension. A view.</summary>
        public Tensor unfold(long dimension, long size, long step)
        {
            var (d, whole) = (dim() == 0 ? ShapeModule.dimension(1, Convert.Int(dimension)) : Dim(this, dimension), dim() == 0 ? torch.reshape(this, 1) : this);
            var (length, shown) = (whole.size(d), whole.value.Shape);
            if (size > length) throw new ShapeException($"maximum size for tensor at dimension {d} is {length} but size is {size}");
            if (size < 0) throw new ArgumentValueException($"size is {size} but must be >= 0");
            if (step <= 0) throw new ArgumentValueException($"step is {step} but must be > 0");
            var steps = ShapeModule.rowMajor(shown);
            int[] sizes = [.. shown.Select((s, i) => i == d ? (int)((length - size) / step) + 1 : s), (int)size];
            int[] strides = [.. steps.Select((s, i) => i == d ? s * (int)step : s), steps[d]];
            var windows = new Picked(Ranges.strided(whole.Core.Backend, sizes, strides, 0), whole.storage_offset() == 0 ? new Layout(sizes, strides, 0) : null, step < size);
            var view = new Tensor(whole, windows);
            return dim() == 0 ? torch.select(view, 0, 0) : view;
        }

        /// <summary>Gives the tensor the sizes of another one in place.</summary>
        public Tensor resize_as_(Tensor other) => resize_(other.shape);

        /// <summary>Swaps dimensions in place.</summary>
        public Tensor swapaxes_(long axis0, long axis1) => transpose_(axis0, axis1);
        /// <summary>Swaps dimensions in place.</summary>
        public Tensor swapdims_(long dim0, long dim1) => transpose_(dim0, dim1);

        /// <summary>Any elements (zeros, here) of the same dtype or another, laid out by strides.</summary>
        public Tensor new_empty_strided(long[] size, long[] stride, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            empty_strided(size, stride, dtype ?? this.dtype, device, requires_grad);

        /// <summary>The elements of this tensor where the condition holds, of another elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor other) => torch.where(condition, this, other);
        /// <summary>The elements of this tensor where the condition holds, a number elsewhere.</summary>
        public Tensor where(Tensor condition, Scalar other) => torch.where(condition, this, other);

        /// <summary>The size of the first dimension. Raises ShapeException without dimensions.</summary>
        public int Count => dim() > 0 ? value.Shape[0] : throw new ShapeException("len() of a 0-d tensor");
        /// <summary>Whether a number is among the elements.</summary>
        public bool Contains(Scalar element) => torch.any(torch.eq(this, element)).ToBoolean();
        /// <summary>Whether an element equals one of a tensor that broadcasts with this one.</summary>
        public bool Contains(Tensor element) => torch.any(torch.eq(this, element)).ToBoolean();

        /// <summary>A number of C#, or arrays in arrays of them.</summary>
        public object tolist()
        {
            if (dim() > 0) return Enumerable.Range(0, (int)size(0)).Select(i => torch.select(this, 0, i).tolist()).ToArray();
            var number = item().Value;
            return number.IsComplex ? number.AsComplex : number.IsBoolean ? number.AsFloat != 0 : number.IsInteger ? number.AsInteger : number.AsFloat;
        }

        /// <summary>The elements as an array of C# with the tensor's dimensions. A copy. Raises for what requires gradients.</summary>
        public Array numpy()
        {
            if (requires_grad) throw new DifferentiationException("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
            return dtype switch
            {
                ScalarType.Byte => Shaped<byte>(),
                ScalarType.Int8 => Shaped<sbyte>(),
                ScalarType.Int16 => Shaped<short>(),
                ScalarType.Int32 => Shaped<int>(),
                ScalarType.Int64 => Shaped<long>(),
                ScalarType.Float16 => Shaped<Half>(),
                ScalarType.Float32 => Shaped<float>(),
                ScalarType.Float64 => Shaped<double>(),
                ScalarType.Bool => Shaped<bool>(),
                ScalarType.ComplexFloat64 => Shaped<System.Numerics.Complex>(),
                var other => throw new DtypeException($"Got unsupported ScalarType {other}"),
            };
        }

        Array Shaped<T>() where T : unmanaged
        {
            var elements = Elements.Read<T>(Recorded);
            var result = Array.CreateInstance(typeof(T), dim() == 0 ? [1] : Array.ConvertAll(shape, s => (int)s));
            var place = new int[result.Rank];
            foreach (var element in elements)
            {
                result.SetValue(element, place);
                for (var d = place.Length - 1; d >= 0 && ++place[d] == result.GetLength(d) && d > 0; d--) place[d] = 0;
            }
            return result;
        }
    }
}
