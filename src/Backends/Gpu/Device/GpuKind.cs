namespace Functional.Gpu;

/// <summary>By which way a device is reached.</summary>
public enum GpuKind
{
    /// <summary>An NVIDIA device, through its driver.</summary>
    Cuda,

    /// <summary>A device of any maker with OpenCL 2 or later.</summary>
    OpenCl,

    /// <summary>OpenCL on the processor (PoCL): for tests of the kernels, never chosen unless asked for.</summary>
    OpenClOnProcessor,

    /// <summary>ILGPU's emulator on the processor: a debugger, for tests at tiny sizes.</summary>
    Emulated,
}
