namespace Functional.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The same elements as another dtype; this tensor if it has it already.</summary>
        public Tensor to(ScalarType dtype, bool non_blocking = false, bool copy = false) =>
            !copy && this.dtype == dtype ? this : copy && this.dtype == dtype ? clone() : new Tensor(Engine.cast(dtype.Core(), Core));

        /// <summary>The same elements on another device.</summary>
        public Tensor to(Device device, ScalarType? dtype = null, bool non_blocking = false, bool copy = false)
        {
            var target = device.Backend;
            return On(target) is var moved && ReferenceEquals(moved, this) ? to(dtype ?? this.dtype, non_blocking, copy) : moved.to(dtype ?? this.dtype);
        }

        /// <summary>The same elements on the device of a backend; this tensor if it is there already.</summary>
        internal Tensor On(IBackend backend) => value.Backend!.Device.Equals(backend.Device) ? this : new(Engine.move(backend, Core));

        /// <summary>The same elements on another kind of device.</summary>
        public Tensor to(DeviceType type, int index = -1) => to(new Device(type, index));

        /// <summary>The same elements in the dtype of another tensor and where it lives.</summary>
        public Tensor to(Tensor other, bool non_blocking = false, bool copy = false) => to(other.device, other.dtype, non_blocking, copy);

        /// <summary>The name of the tensor's type.</summary>
        public string type() => $"torch.{(is_cuda ? "cuda." : "")}{Dtypes.scalarTypeName(value.Dtype)}Tensor";
        /// <summary>The same elements as another dtype.</summary>
        public Tensor type(ScalarType dtype) => to(dtype);
        /// <summary>The same elements in the dtype of another tensor.</summary>
        public Tensor type_as(Tensor other) => to(other);
        /// <summary>The same elements where the processor works.</summary>
        public Tensor cpu() => to(CPU);
        /// <summary>The same elements on a graphics card: the current one, if none is named.</summary>
        public Tensor cuda(int device = -1) => to(new Device(DeviceType.CUDA, device));
        /// <summary>The same elements on a graphics card.</summary>
        public Tensor cuda(Device device) => to(device);
        /// <summary>The elements as float32.</summary>
        public Tensor @float() => to(ScalarType.Float32);
        /// <summary>The elements as float64.</summary>
        public Tensor @double() => to(ScalarType.Float64);
        /// <summary>The elements as float16.</summary>
        public Tensor half() => to(ScalarType.Float16);
        /// <summary>The elements as bfloat16.</summary>
        public Tensor bfloat16() => to(ScalarType.BFloat16);
        /// <summary>The elements as int64.</summary>
        public Tensor @long() => to(ScalarType.Int64);
        /// <summary>The elements as int32.</summary>
        public Tensor @int() => to(ScalarType.Int32);
        /// <summary>The elements as int16.</summary>
        public Tensor @short() => to(ScalarType.Int16);
        /// <summary>The elements as int8.</summary>
        public Tensor @char() => to(ScalarType.Int8);
        /// <summary>The elements as uint8.</summary>
        public Tensor @byte() => to(ScalarType.Byte);
        /// <summary>Whether elements are not zero.</summary>
        public Tensor @bool() => to(ScalarType.Bool);

        /// <summary>A row-major tensor of the same elements; this one if it is row-major.</summary>
        public Tensor contiguous() => is_contiguous() ? this : clone();

        /// <summary>Overwrites the elements with those of another tensor, broadcast and converted.</summary>
        public Tensor copy_(Tensor src, bool non_blocking = false)
        {
            Writable("copy_");
            Store(Structure.share(Engine.cast(value.Dtype, Engine.expand(value.Shape, Engine.move(value.Backend, src.Core)))));
            return this;
        }

        /// <summary>Overwrites all elements with a number.</summary>
        public Tensor fill_(Scalar value)
        {
            Writable("fill_");
            var core = Core;
            // The number alone would do; multiplying nothing by the old elements keeps no history of them either.
            Store(Operands.number(core, core.Dtype, core.Shape, value.Value));
            return this;
        }

        /// <summary>Overwrites all elements with a tensor's one number.</summary>
        public Tensor fill_(Tensor value)
        {
            if (value.dim() != 0) throw new ShapeException($"fill_ only supports 0-dimension value tensor but got tensor with {value.dim()} dimensions.");
            return copy_(value);
        }

        /// <summary>Overwrites all elements with 0.</summary>
        public Tensor zero_() => fill_(0);
    }

    /// <summary>A copy.</summary>
    [Forms(Forms.Method)]
    public static Tensor clone(Tensor input) => new(Structure.share(input.Core));

    /// <summary>Overwrites all elements with 0.</summary>
    public static Tensor zero_(Tensor input) => input.zero_();
    /// <summary>Overwrites all elements with a number.</summary>
    public static Tensor fill_(Tensor input, Scalar value) => input.fill_(value);

    /// <summary>The dtype that an operation of the two would give.</summary>
    public static ScalarType result_type(Tensor tensor1, Tensor tensor2) => Operands.promote(tensor1.Core, tensor2.Core).Facade();
    /// <summary>The dtype that an operation of the two would give.</summary>
    public static ScalarType result_type(Tensor tensor, Scalar scalar) => Operands.withNumber(tensor.Core.Dtype, scalar.Value).Facade();
    /// <summary>The dtype that an operation of the two would give.</summary>
    public static ScalarType result_type(Scalar scalar, Tensor tensor) => result_type(tensor, scalar);
    /// <summary>The dtype that an operation of the two would give.</summary>
    public static ScalarType result_type(Scalar scalar1, Scalar scalar2) => promote_types(scalar1.Type, scalar2.Type);
    /// <summary>The smallest dtype that both can be converted to.</summary>
    public static ScalarType promote_types(ScalarType type1, ScalarType type2) => Dtypes.promote(type1.Core(), type2.Core()).Facade();
    /// <summary>Whether a result of one dtype may be written into another in place.</summary>
    public static bool can_cast(ScalarType from_, ScalarType to) => Dtypes.category(from_.Core()) <= Dtypes.category(to.Core());
}
