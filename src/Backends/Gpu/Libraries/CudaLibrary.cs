using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Functional.Gpu;

/// <summary>One of NVIDIA's libraries, or what stands for it in tests: its functions by name. None has to be installed.</summary>
/// <param name="name">The file that was loaded.</param>
/// <param name="find">The address of a function; zero where the library has none of this name.</param>
internal sealed class CudaLibrary(string name, Func<string, IntPtr> find)
{
    /// <summary>Set to 0, kernels of ours do everything.</summary>
    public const string Variable = "FUNCTIONAL_GPU_LIBRARIES";

    private static readonly ConcurrentDictionary<string, string> Refusals = [];

    public string Name => name;

    /// <summary>Why a device did not take this file into use, once one tried; else null.</summary>
    public string? Refusal => Refusals.GetValueOrDefault(name);

    public IntPtr Find(string function) => find(function);

    /// <summary>The first of these that the library lacks, or null: an older or broken library lacks some.</summary>
    public string? Lacking(params ReadOnlySpan<string> functions)
    {
        foreach (string function in functions)
        {
            if (find(function) == IntPtr.Zero)
                return function;
        }
        return null;
    }

    /// <summary>Remembers why a device leaves the file alone.</summary>
    public void Refuse(string reason) => Refusals[name] = reason;

    /// <summary>The versions that load, in this order. The first may still refuse to work with the driver.</summary>
    public static IEnumerable<CudaLibrary> Installed(string name, params int[] versions) => Installed(name, versions, Load);

    /// <summary>The same where files are opened in another way, by which a file that is not there gives null.</summary>
    internal static IEnumerable<CudaLibrary> Installed(string name, int[] versions, Func<string, CudaLibrary?> load)
    {
        if (AreLeftAlone)
            yield break;
        foreach (int version in versions)
        {
            if (load(File(name, version)) is { } library)
                yield return library;
        }
    }

    /// <summary>Whether the environment says that none is to be used.</summary>
    internal static bool AreLeftAlone => Environment.GetEnvironmentVariable(Variable) == "0";

    /// <summary>What a version's file is called here.</summary>
    internal static string File(string name, int version) =>
        OperatingSystem.IsWindows() ? $"{name}64_{version}.dll" : $"lib{name}.so.{version}";

    /// <summary>A file that the system's loader knows, or that lies where NVIDIA's installer puts it; null where there is none.</summary>
    internal static CudaLibrary? Load(string file)
    {
        foreach (string path in (string[])[file, Path.Combine("/usr/local/cuda/lib64", file)])
        {
            if (NativeLibrary.TryLoad(path, out IntPtr library))
                return new(file, function => NativeLibrary.TryGetExport(library, function, out IntPtr address) ? address : IntPtr.Zero);
        }
        return null;
    }
}
