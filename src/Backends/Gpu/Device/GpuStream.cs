namespace Functional.Gpu;

/// <summary>The one queue of a device. Whoever asks for another gets this one: order is then kept by itself.</summary>
internal sealed class GpuStream(GpuBackend backend) : IDeviceStream
{
    public IntPtr Handle => backend.Context.StreamHandle;

    public bool IsIdle
    {
        get
        {
            Synchronize();
            return true;
        }
    }

    public void Synchronize() => backend.Synchronize();

    public void WaitFor(IDeviceStream? other)
    {
        if (other is not GpuStream)
            other?.Synchronize();
    }

    public void Dispose()
    {
        // The queue is the device's.
    }
}
