using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU.Runtime.OpenCL;

namespace Functional.Gpu;

/// <summary>Where OpenCL is found, and what has to be said to it before it starts.</summary>
internal static partial class OpenClLibrary
{
    private static readonly Lazy<bool> Prepared = new(Prepare);

    /// <summary>Makes ILGPU find the library under the name that distributions give it. Idempotent.</summary>
    public static void Ensure() => _ = Prepared.Value;

    /// <summary>ILGPU takes pointers to be generic, which OpenCL 1.2 does not know: there all of them are global.</summary>
    public static void AcceptGenericPointers(CLDevice device)
    {
        if (device.Capabilities.GenericAddressSpace)
            return;
        PropertyInfo? capability = typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace));
        capability?.GetSetMethod(nonPublic: true)?.Invoke(device.Capabilities, [true]);
    }

    private static bool Prepare()
    {
        // A resolver that stands already is somebody's choice.
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(CLDevice).Assembly, Resolve);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        // .NET keeps changes of the environment to itself, and PoCL asks the C library. Warnings about what ILGPU wrote help nobody (-w).
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable(PoclFlags) is null)
            _ = SetEnvironment(PoclFlags, "-D__generic=__global -w", 0);
        return true;
    }

    private const string PoclFlags = "POCL_EXTRA_BUILD_FLAGS";

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!name.Contains("OpenCL", StringComparison.OrdinalIgnoreCase))
            return IntPtr.Zero;
        foreach (string candidate in (string[])["libOpenCL.so.1", "libOpenCL.so", "OpenCL.dll", "/System/Library/Frameworks/OpenCL.framework/OpenCL"])
        {
            if (NativeLibrary.TryLoad(candidate, out IntPtr handle))
                return handle;
        }
        return IntPtr.Zero;
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
