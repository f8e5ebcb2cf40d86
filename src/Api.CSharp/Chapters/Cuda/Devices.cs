namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Graphics cards that run CUDA. Everything that runs on the processor runs on them, with tensors that live there.</summary>
    public static partial class cuda
    {
        const string Kind = "cuda";
        [ThreadStatic] static int current;

        /// <summary>Whether there is such a card and what it needs. Never raises.</summary>
        public static bool is_available() => device_count() > 0;

        /// <summary>The number of cards; 0 where there is none.</summary>
        public static int device_count() => Backend.count(Kind);

        /// <summary>The number of the card that this thread uses where none is named. Raises DeviceException where there is none.</summary>
        public static int current_device()
        {
            Required();
            return current;
        }

        static void Required()
        {
            if (!is_available())
                throw new DeviceException("Torch not compiled with CUDA enabled: no CUDA device is available here (torch.backends.explain() prints what was looked for)");
        }

        /// <summary>Lets this thread use another card where none is named. A negative number changes nothing.</summary>
        public static void set_device(int device)
        {
            if (device >= 0) current = Checked(device);
        }

        /// <summary>Lets this thread use another card where none is named.</summary>
        public static void set_device(Device device) => set_device(Number(device));

        static int Checked(int device)
        {
            Required();
            return device < device_count() ? device : throw new DeviceException($"CUDA error: invalid device ordinal: there are {device_count()} CUDA devices, so cuda:{device} is none of them");
        }

        /// <summary>The number of a device; the current one where it names none.</summary>
        static int Number(Device? device)
        {
            if (device is { type: not DeviceType.CUDA }) throw new DeviceException($"Expected a cuda device, but got: {device}");
            return device is { index: >= 0 } ? device.index : current_device();
        }

        static IBackend Of(Device? device) => Backend.ofDevice(Kind, Checked(Number(device)))!;

        static IAccelerator? Card(Device? device) => Of(device) as IAccelerator;

        /// <summary>What ends when it is disposed: the former card is the current one again.</summary>
        public sealed class DeviceScope : IDisposable
        {
            readonly int before = current;

            internal DeviceScope(int device) => set_device(device);

            /// <summary>Makes the former card the current one again.</summary>
            public void Dispose() => current = before;
        }

        /// <summary>Lets this thread use another card until the scope is disposed; a negative number changes nothing.</summary>
        public static DeviceScope device(int idx) => new(idx);

        /// <summary>Lets this thread use another card until the scope is disposed.</summary>
        public static DeviceScope device(Device idx) => new(Number(idx));

        /// <summary>Lets this thread use the card that a tensor lives on until the scope is disposed; for tensors of the processor nothing changes.</summary>
        public static DeviceScope device_of(Tensor obj) => new(obj.is_cuda ? obj.device.index : -1);

        /// <summary>Lets this thread use the card that a storage lives on until the scope is disposed; for those of the processor nothing changes.</summary>
        public static DeviceScope device_of(Storage obj) => new(obj.device is { type: DeviceType.CUDA, index: var index } ? index : -1);

        /// <summary>Waits until everything that a card (the current one, if none is named) was asked for is done.</summary>
        public static void synchronize(Device? device = null) => Of(device).Synchronize();

        /// <summary>The handle of cuBLAS on the current card; 0 where that is missing.</summary>
        public static nint current_blas_handle() => Card(null)?.BlasHandle ?? 0;

        /// <summary>The name of a card (the current one, if none is named).</summary>
        public static string get_device_name(Device? device = null) => get_device_properties(device).name;

        /// <summary>The compute capability of a card (the current one, if none is named).</summary>
        public static (int major, int minor) get_device_capability(Device? device = null) => get_device_properties(device) is var p ? (p.major, p.minor) : default;

        /// <summary>What a card tells of itself.</summary>
        public static DeviceProperties get_device_properties(Device? device = null) => new(Of(device));

        /// <summary>What a card tells of itself.</summary>
        public sealed class DeviceProperties
        {
            internal DeviceProperties(IBackend backend)
            {
                name = backend.Name;
                if (backend is not IAccelerator card) return;
                var told = card.Properties;
                (name, total_memory, major, minor, multi_processor_count) = (told.Name, told.TotalMemory, told.Major, told.Minor, told.Processors);
            }

            /// <summary>The card's name.</summary>
            public string name { get; }
            /// <summary>Bytes of the card's memory.</summary>
            public long total_memory { get; }
            /// <summary>The compute capability before the point.</summary>
            public int major { get; }
            /// <summary>The compute capability behind the point.</summary>
            public int minor { get; }
            /// <summary>The number of its streaming multiprocessors.</summary>
            public int multi_processor_count { get; }

            /// <inheritdoc/>
            public override string ToString() => $"_CudaDeviceProperties(name='{name}', major={major}, minor={minor}, total_memory={total_memory >> 20}MB, multi_processor_count={multi_processor_count})";
        }
    }
}
