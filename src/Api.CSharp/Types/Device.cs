namespace Functional.Torch;

/// <summary>What kind of device a tensor lives on.</summary>
public enum DeviceType
{
    /// <summary>The processor.</summary>
    CPU = 0,
    /// <summary>A graphics card.</summary>
    CUDA = 1,
}

public static partial class torch
{
    /// <summary>Where a tensor lives.</summary>
    public sealed class Device : IEquatable<Device>
    {
        /// <summary>The kind of device.</summary>
        public DeviceType type { get; }
        /// <summary>The number of the device among its kind; -1 where none is meant.</summary>
        public int index { get; }

        /// <summary>A device by kind and number.</summary>
        public Device(DeviceType type, int index = -1) => (this.type, this.index) = (type, index);

        /// <summary>A device by name: "cpu", "cuda", "cuda:0". Raises DeviceException for any other.</summary>
        public Device(string name)
        {
            var parts = name.Split(':');
            type = parts[0] switch
            {
                "cpu" => DeviceType.CPU,
                "cuda" => DeviceType.CUDA,
                _ => throw new DeviceException($"Expected one of cpu, cuda device type at start of device string: {name}"),
            };
            index = -1;
            if (parts.Length == 1) return;
            if (parts.Length > 2 || !int.TryParse(parts[1], out var number) || number < 0)
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
        public override string ToString() => (type == DeviceType.CPU ? "cpu" : "cuda") + (index >= 0 ? $":{index}" : "");

        /// <summary>A device from its name.</summary>
        public static implicit operator Device(string name) => new(name);

        /// <summary>This device if it is there. Raises DeviceException if not.</summary>
        internal Device Available() =>
            type == DeviceType.CPU ? this : throw new DeviceException($"Torch not compiled with CUDA enabled: device '{this}' is not available, use 'cpu'");
    }

    /// <summary>The processor.</summary>
    public static Device CPU { get; } = new(DeviceType.CPU);
    /// <summary>The first graphics card.</summary>
    public static Device CUDA { get; } = new(DeviceType.CUDA);

    /// <summary>A device by name.</summary>
    public static Device device(string name) => new(name);
    /// <summary>A device by kind and number.</summary>
    public static Device device(DeviceType type, int index = -1) => new(type, index);

    /// <summary>Graphics cards of NVIDIA.</summary>
    public static class cuda
    {
        /// <summary>Whether such a device can be used.</summary>
        public static bool is_available() => false;
        /// <summary>The number of such devices.</summary>
        public static int device_count() => 0;
    }
}
