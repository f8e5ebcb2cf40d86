using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Functional.Gpu;

/// <summary>One device in use: its compiler, its stream, its memory and its kernels.</summary>
/// <remarks>Everything is asked of one stream, so that the order of the calls is the order of the work.</remarks>
public sealed class GpuContext
{
    /// <summary>Set to 1, OpenCL on the processor (PoCL) counts as a device.</summary>
    public const string ProcessorVariable = "FUNCTIONAL_GPU_PROCESSOR";

    private GpuContext(GpuDevice device, Context context, Accelerator accelerator)
    {
        Info = device;
        Compiler = context;
        Accelerator = accelerator;
        Kernels = new KernelCache(this);
        Memory = new DeviceMemory(this);
        Faults = new Faults(this);
    }

    /// <summary>What the device is.</summary>
    public GpuDevice Info { get; }

    /// <summary>Bytes and work that went over so far.</summary>
    public Traffic Traffic { get; } = new();

    internal Context Compiler { get; }

    internal Accelerator Accelerator { get; }

    internal AcceleratorStream Stream => Accelerator.DefaultStream;

    /// <summary>The stream as NVIDIA's libraries take it; 0 elsewhere, and for the stream that every device begins with.</summary>
    internal IntPtr StreamHandle => Stream is CudaStream stream ? stream.StreamPtr : IntPtr.Zero;

    internal KernelCache Kernels { get; }

    internal DeviceMemory Memory { get; }

    internal Faults Faults { get; }

    /// <summary>Held while something is asked of the device: neither ILGPU's compiler nor an OpenCL kernel takes two callers.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Threads of a group, unless a kernel has reasons of its own.</summary>
    internal int GroupSize => Math.Min(256, Accelerator.MaxNumThreadsPerGroup);

    /// <summary>Everything that can compute here, and what was tried. Never raises.</summary>
    public static GpuProbe Look()
    {
        List<GpuDevice> devices = [];
        List<Probe> report = [];
        foreach (GpuKind kind in (GpuKind[])[GpuKind.Cuda, GpuKind.OpenCl, GpuKind.OpenClOnProcessor])
        {
            string sought = kind == GpuKind.Cuda ? "CUDA's driver" : kind == GpuKind.OpenCl ? "OpenCL on a GPU" : "OpenCL on the processor";
            if (kind == GpuKind.OpenClOnProcessor && Environment.GetEnvironmentVariable(ProcessorVariable) != "1")
            {
                report.Add(Probe.Missing(sought, $"not looked for: it is for tests, with {ProcessorVariable}=1"));
                continue;
            }
            try
            {
                using Context context = CreateContext(kind);
                var found = Candidates(context, kind).Select((device, index) => Describe(device, kind, index)).ToList();
                devices.AddRange(found);
                report.Add(found.Count > 0
                    ? Probe.Found(sought, string.Join("; ", found.Select(device => $"{device.Name}, {device.Version}")))
                    : Probe.Missing(sought, "the driver is not installed, or shows no such device"));
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                report.Add(Probe.Missing(sought, $"{error.GetType().Name}: {error.Message}"));
            }
        }
        return new GpuProbe(devices, [.. report]);
    }

    /// <summary>Takes a device into use. Raises DeviceException where there is none.</summary>
    public static GpuContext Open(GpuKind kind, int index = 0)
    {
        Context context = CreateContext(kind);
        try
        {
            ILGPU.Runtime.Device? device = Candidates(context, kind).ElementAtOrDefault(index);
            if (device is null)
                throw new DeviceException($"there is no {kind} device with index {index}: its driver is not installed or shows fewer devices");
            Intrinsics.Register(context);
            return new GpuContext(Describe(device, kind, index), context, device.CreateAccelerator(context));
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <summary>A context that knows the devices of one kind. Each has its own, so that a failed driver harms no other.</summary>
    internal static Context CreateContext(GpuKind kind)
    {
        OpenClLibrary.Ensure();
        return Context.Create(builder =>
        {
            builder.Optimize(OptimizationLevel.O1);
            switch (kind)
            {
                case GpuKind.Cuda:
                    builder.Cuda();
                    break;
                case GpuKind.OpenCl:
                    builder.OpenCL(device => device.DeviceType == CLDeviceType.CL_DEVICE_TYPE_GPU
                        && device.Capabilities.GenericAddressSpace);
                    break;
                case GpuKind.OpenClOnProcessor:
                    builder.OpenCL(device =>
                    {
                        OpenClLibrary.AcceptGenericPointers(device);
                        return device.DeviceType == CLDeviceType.CL_DEVICE_TYPE_CPU;
                    });
                    break;
                default:
                    builder.CPU(new CPUDevice(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: 8, numMultiprocessors: 1));
                    break;
            }
        });
    }

    private static IEnumerable<ILGPU.Runtime.Device> Candidates(Context context, GpuKind kind) =>
        context.Devices.Where(device => device switch
        {
            CudaDevice => kind == GpuKind.Cuda,
            CLDevice => kind is GpuKind.OpenCl or GpuKind.OpenClOnProcessor,
            _ => kind == GpuKind.Emulated,
        });

    private static GpuDevice Describe(ILGPU.Runtime.Device device, GpuKind kind, int index) => new(
        kind,
        index,
        device.Name,
        device.MemorySize,
        device switch
        {
            CudaDevice cuda => $"{cuda.Architecture}, driver {cuda.DriverVersion}",
            CLDevice open => $"OpenCL C {open.CVersion}, {open.PlatformName}",
            _ => "ILGPU's emulator",
        });
}
