using System.Runtime.InteropServices;

namespace Functional.Gpu;

/// <summary>Finds one of NVIDIA's libraries under the names of its versions; none has to be installed.</summary>
internal static class CudaLibrary
{
    /// <summary>The newest version that loads, or zero.</summary>
    public static IntPtr Load(string name, ReadOnlySpan<int> versions, out string found)
    {
        foreach (int version in versions)
        {
            string file = OperatingSystem.IsWindows() ? $"{name}64_{version}.dll" : $"lib{name}.so.{version}";
            foreach (string path in (string[])[file, Path.Combine("/usr/local/cuda/lib64", file)])
            {
                if (NativeLibrary.TryLoad(path, out IntPtr handle))
                {
                    found = file;
                    return handle;
                }
            }
        }
        found = "";
        return IntPtr.Zero;
    }
}
