using System.Runtime.InteropServices;

namespace Functional.Gpu;

/// <summary>One of NVIDIA's libraries, or what stands for it in tests: its functions by name. None has to be installed.</summary>
/// <param name="name">The file that was loaded.</param>
/// <param name="find">The address of a function; zero where the library has none of this name.</param>
internal sealed class CudaLibrary(string name, Func<string, IntPtr> find)
{
    /// <summary>Set to 0, kernels of ours do everything.</summary>
    public const string Variable = "FUNCTIONAL_GPU_LIBRARIES";

    public string Name => name;

    public IntPtr Find(string function) => find(function);

    /// <summary>Whether all of these are there: an older or broken library lacks some.</summary>
    public bool Has(params ReadOnlySpan<string> functions)
    {
        foreach (string function in functions)
        {
            if (find(function) == IntPtr.Zero)
                return false;
        }
        return true;
    }

    /// <summary>The versions that load, in this order. The first may still refuse to work with the driver.</summary>
    public static IEnumerable<CudaLibrary> Installed(string name, params int[] versions)
    {
        if (Environment.GetEnvironmentVariable(Variable) == "0")
            yield break;
        foreach (int version in versions)
        {
            string file = OperatingSystem.IsWindows() ? $"{name}64_{version}.dll" : $"lib{name}.so.{version}";
            foreach (string path in (string[])[file, Path.Combine("/usr/local/cuda/lib64", file)])
            {
                if (NativeLibrary.TryLoad(path, out IntPtr library))
                {
                    yield return new(file, function => NativeLibrary.TryGetExport(library, function, out IntPtr address) ? address : IntPtr.Zero);
                    break;
                }
            }
        }
    }
}
