namespace Functional.Torch;

/// <summary>What kind of device a tensor lives on.</summary>
public enum DeviceType
{
    /// <summary>The processor.</summary>
    CPU = 0,
    /// <summary>A graphics card that runs CUDA.</summary>
    CUDA = 1,
    /// <summary>A device that runs OpenCL.</summary>
    OPENCL = 4,
    /// <summary>The plain implementation that defines what the others must answer; slow.</summary>
    REFERENCE = 100,
}

public static partial class torch
{
    /// <summary>Where a tensor lives.</summary>
    public sealed class Device : IEquatable<Device>
    {
        /// <summary>The kind of device.</summary>
        public DeviceType type { get; }
        /// <summary>The number of the device among its kind; -1 where none is meant, which is the current one.</summary>
        public int index { get; }

        /// <summary>A device by kind and number.</summary>
        public Device(DeviceType type, int index = -1) => (this.type, this.index) = (type, index);

        /// <summary>A device by name: "cpu", "cuda", "cuda:0", "opencl:0". Raises DeviceException for any other.</summary>
        public Device(string name)
        {
            var parts = name.Split(':');
            var kinds = Enum.GetNames<DeviceType>();
            var kind = Array.FindIndex(kinds, k => k.ToLowerInvariant() == parts[0]);
            if (kind < 0)
                throw new DeviceException($"Expected one of {string.Join(", ", kinds.Select(k => k.ToLowerInvariant()))} device type at start of device string: {name}");
            type = Enum.Parse<DeviceType>(kinds[kind]);
            index = -1;
            if (parts.Length == 1) return;
            if (parts.Length > 2 || !int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out var number))
                throw new DeviceException($"Invalid device string: '{name}'");
            index = number;
        }

        /// <inheritdoc/>
        public bool Equals(Device? other) => other is not null && type == other.type && index == other.index;
        /// <inheritdoc/>
        public override bool Equals(object? obj) => Equals(obj as Device);
        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(type, index);
        /// <inheritdoc/>
        public override string ToString() => Kind(type) + (index >= 0 ? $":{index}" : "");

        /// <summary>A device from its name.</summary>
        public static implicit operator Device(string name) => new(name);

        static string Kind(DeviceType type) => type.ToString().ToLowerInvariant();

        /// <summary>The device that a backend works on.</summary>
        internal static Device Of(IBackend? backend) =>
            backend!.Device.Kind == Kind(DeviceType.CPU) ? CPU : new(Enum.Parse<DeviceType>(backend.Device.Kind, true), backend.Device.Index);

        /// <summary>What computes on this device. Raises DeviceException where it is not there.</summary>
        internal IBackend Backend
        {
            get
            {
                if (type == DeviceType.CUDA && Functional.Backend.count(Kind(type)) == 0)
                    throw new DeviceException($"Torch not compiled with CUDA enabled: device '{this}' is not available here, use 'cpu' (torch.backends.explain() prints what was looked for)");
                var number = index >= 0 ? index : type == DeviceType.CUDA ? cuda.current_device() : 0;
                return Functional.Backend.ofDevice(Kind(type), number)!;
            }
        }

        /// <summary>What computes on a device, or on the default one where none is given.</summary>
        internal static IBackend On(Device? device) => device is null ? Functional.Backend.current()! : device.Backend;
    }

    /// <summary>The processor.</summary>
    public static Device CPU { get; } = new(DeviceType.CPU);
    /// <summary>The current graphics card.</summary>
    public static Device CUDA { get; } = new(DeviceType.CUDA);

    /// <summary>A device by name.</summary>
    public static Device device(string name) => new(name);
    /// <summary>A device by kind and number.</summary>
    public static Device device(DeviceType type, int index = -1) => new(type, index);

    /// <summary>Sets the device of new tensors for the whole process. Raises DeviceException where it is not there.</summary>
    public static void set_default_device(Device device) => Backend.setDefault(device.Backend);
    /// <summary>The device of new tensors.</summary>
    public static Device get_default_device() => Device.Of(Backend.current());
}
