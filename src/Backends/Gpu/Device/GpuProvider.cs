[assembly: BackendProvider(typeof(Functional.Gpu.GpuProvider))]

namespace Functional.Gpu;

/// <summary>Finds the GPUs of this machine: those of CUDA first, then those of OpenCL.</summary>
public sealed class GpuProvider : IBackendProvider
{
    private static readonly Lazy<GpuProbe> Found = new(GpuContext.Look);

    /// <inheritdoc/>
    public string Kind => "cuda";

    /// <inheritdoc/>
    public Probe[] Probes =>
        [.. Found.Value.Report, .. LibraryProbe.All(Found.Value.Devices.Any(device => device.Kind == GpuKind.Cuda), CudaLibrary.Load)];

    /// <inheritdoc/>
    public int DeviceCount => Found.Value.Devices.Count;

    /// <inheritdoc/>
    public IBackend Open(int index, IBackend? host)
    {
        if (index < 0 || index >= DeviceCount)
            throw new DeviceException($"cuda:{index} is not available: {DeviceCount} devices were found");
        GpuDevice device = Found.Value.Devices[index];
        return new GpuBackend(GpuContext.Open(device.Kind, device.Index), index);
    }
}
