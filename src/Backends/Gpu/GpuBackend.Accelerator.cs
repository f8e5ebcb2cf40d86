using ILGPU.Runtime.Cuda;

namespace Functional.Gpu;

public sealed partial class GpuBackend : IAccelerator
{
    private GpuStream? stream;

    /// <inheritdoc/>
    public DeviceProperties Properties
    {
        get
        {
            CudaArchitecture? architecture = (context.Accelerator as CudaAccelerator)?.Architecture;
            return new DeviceProperties(
                context.Info.Name,
                context.Info.Memory,
                architecture?.Major ?? 0,
                architecture?.Minor ?? 0,
                context.Accelerator.NumMultiprocessors,
                $"ILGPU 1.5.3, {context.Info.Version}");
        }
    }

    /// <inheritdoc/>
    public MemoryStatistics Memory => context.Memory.Statistics;

    /// <inheritdoc/>
    public long FreeMemory => context.Accelerator is CudaAccelerator cuda ? cuda.GetFreeMemory() : context.Info.Memory - context.Memory.Reserved;

    /// <inheritdoc/>
    public IDeviceStream Stream
    {
        get => stream ??= new GpuStream(this);
        set => Stream.WaitFor(value);
    }

    /// <inheritdoc/>
    public IDeviceStream NewStream(int priority) => Stream;

    /// <inheritdoc/>
    public IntPtr BlasHandle => blas.Value?.Handle ?? IntPtr.Zero;

    /// <inheritdoc/>
    public void ResetPeaks() => context.Memory.ResetPeak();

    /// <inheritdoc/>
    public void ReleaseCache() => context.Memory.Trim();
}
