namespace Functional.Gpu;

/// <summary>A device that was found, before anything is done with it.</summary>
/// <param name="Kind">By which way it is reached.</param>
/// <param name="Index">Its place among the devices of its kind.</param>
/// <param name="Name">What its driver calls it.</param>
/// <param name="Memory">Its memory in bytes.</param>
/// <param name="Version">The version of the driver's interface, or the architecture.</param>
public sealed record GpuDevice(GpuKind Kind, int Index, string Name, long Memory, string Version);

/// <summary>What looking for devices gave: those found, and a line for every way that was tried, which says why nothing came of it.</summary>
/// <param name="Devices">The devices, the best first.</param>
/// <param name="Report">What was tried.</param>
public sealed record GpuProbe(IReadOnlyList<GpuDevice> Devices, Probe[] Report);
