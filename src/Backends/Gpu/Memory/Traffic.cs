namespace Functional.Gpu;

/// <summary>What went over to a device and back; tests read it, since nothing may be moved that nobody asked to move.</summary>
public sealed class Traffic
{
    private long uploads;
    private long downloads;
    private long launches;
    private long compilations;
    private long synchronizations;

    /// <summary>Copies from the host to the device.</summary>
    public long Uploads => Interlocked.Read(ref uploads);

    /// <summary>Copies from the device to the host.</summary>
    public long Downloads => Interlocked.Read(ref downloads);

    /// <summary>Kernels started.</summary>
    public long Launches => Interlocked.Read(ref launches);

    /// <summary>Kernels compiled.</summary>
    public long Compilations => Interlocked.Read(ref compilations);

    /// <summary>Times that the host waited for the device, downloads included.</summary>
    public long Synchronizations => Interlocked.Read(ref synchronizations);

    internal void Uploaded() => Interlocked.Increment(ref uploads);

    internal void Downloaded()
    {
        Interlocked.Increment(ref downloads);
        Waited();
    }

    internal void Launched() => Interlocked.Increment(ref launches);

    internal void Compiled() => Interlocked.Increment(ref compilations);

    internal void Waited() => Interlocked.Increment(ref synchronizations);
}
