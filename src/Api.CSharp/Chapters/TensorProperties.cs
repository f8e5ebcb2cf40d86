namespace Functional.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Sizes, outermost first.</summary>
        public long[] shape => Convert.Longs(value.Shape);
        /// <summary>Sizes, outermost first.</summary>
        public long[] size() => shape;
        /// <summary>The size of one dimension.</summary>
        public long size(long dim) => value.Shape[ShapeModule.ownDimension(value.Shape.Length, Convert.Int(dim))];
        /// <summary>The number of dimensions.</summary>
        public long ndim => value.Shape.Length;
        /// <summary>The number of dimensions.</summary>
        public long dim() => value.Shape.Length;
        /// <summary>The number of dimensions.</summary>
        public long ndimension() => value.Shape.Length;
        /// <summary>The number of dimensions.</summary>
        public long Dimensions => value.Shape.Length;
        /// <summary>The number of elements.</summary>
        public long numel() => ShapeModule.count(value.Shape);
        /// <summary>The number of elements.</summary>
        public long nelement() => numel();
        /// <summary>The number of elements.</summary>
        public long NumberOfElements => numel();
        /// <summary>The element type.</summary>
        public ScalarType dtype => value.Dtype.Facade();
        /// <summary>Bytes of one element.</summary>
        public long element_size() => Dtypes.size(value.Dtype);
        /// <summary>Bytes of one element.</summary>
        public long itemsize => element_size();
        /// <summary>Bytes of all elements.</summary>
        public long nbytes => element_size() * numel();
        /// <summary>Where the tensor lives.</summary>
        public Device device => Device.Of(value.Backend);
        /// <summary>Where the tensor lives.</summary>
        public DeviceType device_type => device.type;
        /// <summary>Whether the tensor lives on a graphics card.</summary>
        public bool is_cuda => device_type == DeviceType.CUDA;
        /// <summary>Whether the tensor lives on the processor.</summary>
        public bool is_cpu => device_type == DeviceType.CPU;
        /// <summary>Whether only some elements are stored; never here.</summary>
        public bool is_sparse => false;

        /// <summary>Whether the elements are real numbers.</summary>
        public bool is_floating_point() => Dtypes.isFloating(value.Dtype);
        /// <summary>Whether the elements are complex numbers.</summary>
        public bool is_complex() => Dtypes.isComplex(value.Dtype);
        /// <summary>Whether the elements are integers.</summary>
        public bool is_integral() => Dtypes.isInteger(value.Dtype);
        /// <summary>Whether the elements can be negative.</summary>
        public bool is_signed() => value.Dtype is { IsBool: false, IsUInt8: false };
        /// <summary>Whether the tensor shows the conjugates of another's elements.</summary>
        public bool is_conj() => parent is not null && is_complex() && path is Conjugated != parent.is_conj();
        /// <summary>Whether the negative bit is set; never, as neg() computes.</summary>
        public bool is_neg() => false;
        /// <summary>Whether the tensor was made in inference mode; never told apart here.</summary>
        public bool is_inference() => false;
        /// <summary>Whether both have the same shape.</summary>
        public bool is_same_size(Tensor other) => value.Shape.AsSpan().SequenceEqual(other.value.Shape);
        /// <summary>Whether both are views of the same memory in the same way.</summary>
        public bool is_set_to(Tensor tensor) => ReferenceEquals(root, tensor.root) && Place is { } a && tensor.Place is { } b
            && a.Offset == b.Offset && a.Shape.AsSpan().SequenceEqual(b.Shape) && a.Strides.AsSpan().SequenceEqual(b.Strides);

        /// <summary>Where the elements would lie in PyTorch's memory; copies are row-major.</summary>
        internal Layout? Place => parent is null ? Layout.Contiguous(value.Shape) : parent.Place is { } base_ ? path!.Place(base_) : null;

        /// <summary>Steps between neighbours along each dimension, in elements.</summary>
        public long[] stride() => Convert.Longs((Place ?? Layout.Contiguous(value.Shape)).Strides);
        /// <summary>The step between neighbours along a dimension, in elements.</summary>
        public long stride(long dim) => stride()[ShapeModule.ownDimension(value.Shape.Length, Convert.Int(dim))];
        /// <summary>Where the first element lies in the memory of the base.</summary>
        public long storage_offset() => (Place ?? default).Offset;
        /// <summary>Whether the elements lie row-major without gaps.</summary>
        public bool is_contiguous() => Place is not { } place || place.IsContiguous;

        /// <summary>The number in a tensor of one element. Raises ShapeException for any other.</summary>
        public Scalar item()
        {
            if (numel() != 1) throw new ShapeException($"a Tensor with {numel()} elements cannot be converted to Scalar");
            var core = Recorded;
            return core.Dtype switch
            {
                { IsBool: true } => Create.toBools(core)[0],
                { IsComplex64: true } or { IsComplex128: true } => Elements.Complexes(core)[0],
                var d when Dtypes.isInteger(d) => Create.toInt64s(core)[0],
                _ => Create.toFloat64s(core)[0],
            };
        }

        /// <summary>The number in a tensor of one element, as a type of C#.</summary>
        public T item<T>() where T : unmanaged => Elements.As<T>(item());
        /// <summary>The number in a tensor of one element.</summary>
        public Scalar ToScalar() => item();
        /// <summary>The number in a tensor of one element.</summary>
        public float ToSingle() => item().ToSingle();
        /// <summary>The number in a tensor of one element.</summary>
        public double ToDouble() => item().ToDouble();
        /// <summary>The number in a tensor of one element.</summary>
        public int ToInt32() => item().ToInt32();
        /// <summary>The number in a tensor of one element.</summary>
        public long ToInt64() => item().ToInt64();
        /// <summary>Whether the number in a tensor of one element is not zero.</summary>
        public bool ToBoolean() => is_nonzero();

        /// <summary>Whether the one element is not zero. Raises ShapeException if there are none or many.</summary>
        public bool is_nonzero() => numel() switch
        {
            0 => throw new ShapeException("Boolean value of Tensor with no values is ambiguous"),
            1 => item().ToBoolean(),
            _ => throw new ShapeException("Boolean value of Tensor with more than one value is ambiguous"),
        };

        /// <summary>The elements as raw little-endian bytes, row-major.</summary>
        public byte[] bytes() => Functional.Creation.toBytes(History.Without(Recorded));

        /// <summary>The number in a tensor of one element.</summary>
        public static explicit operator float(Tensor tensor) => tensor.ToSingle();
        /// <summary>The number in a tensor of one element.</summary>
        public static explicit operator double(Tensor tensor) => tensor.ToDouble();
        /// <summary>The number in a tensor of one element.</summary>
        public static explicit operator long(Tensor tensor) => tensor.ToInt64();
        /// <summary>The number in a tensor of one element.</summary>
        public static explicit operator int(Tensor tensor) => tensor.ToInt32();
        /// <summary>Whether the number in a tensor of one element is not zero.</summary>
        public static explicit operator bool(Tensor tensor) => tensor.ToBoolean();
    }

    /// <summary>Whether an object is a tensor.</summary>
    public static bool is_tensor(object? obj) => obj is Tensor;
    /// <summary>The number of the graphics card that a tensor lives on; -1 on the processor. (C# keeps the method's name for `device`.)</summary>
    public static long get_device(Tensor input) => input.is_cpu ? -1 : input.device.index;
    /// <summary>The number of elements.</summary>
    public static long numel(Tensor input) => input.numel();
    /// <summary>Whether the elements are real numbers.</summary>
    public static bool is_floating_point(Tensor input) => input.is_floating_point();
    /// <summary>Whether the elements are complex numbers.</summary>
    public static bool is_complex(Tensor input) => input.is_complex();
    /// <summary>Whether the conjugate bit is set.</summary>
    public static bool is_conj(Tensor input) => input.is_conj();
    /// <summary>Whether the elements can be negative.</summary>
    public static bool is_signed(Tensor input) => input.is_signed();
    /// <summary>Whether the one element is not zero.</summary>
    public static bool is_nonzero(Tensor input) => input.is_nonzero();
    /// <summary>Whether both have the same shape.</summary>
    public static bool is_same_size(Tensor input, Tensor other) => input.is_same_size(other);
}

/// <summary>Reading elements out of tensors. An extension, so that PyTorch's property `data` can stand beside it.</summary>
public static class TensorElements
{
    /// <summary>The elements, row-major, as numbers of C#. Raises DtypeException where the type does not fit the dtype.</summary>
    public static TensorAccessor<T> data<T>(this torch.Tensor tensor) where T : unmanaged
    {
        var type = Elements.TypeOf<T>();
        if (type != tensor.dtype) throw new DtypeException($"expected scalar type {Dtypes.scalarTypeName(type.Core())} but found {Dtypes.scalarTypeName(tensor.dtype.Core())}: data<{typeof(T).Name}>() of a tensor of dtype {Dtypes.name(tensor.dtype.Core())}, convert it with to()");
        return new TensorAccessor<T>(Elements.Read<T>(tensor.Recorded));
    }
}
