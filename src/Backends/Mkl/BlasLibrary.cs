using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Functional.Mkl;

/// <summary>A library of matrix routines that was loaded and has passed a trial.</summary>
/// <remarks>
/// Routines are called by their Fortran interface, which is the same for all four number types and for MKL, OpenBLAS and
/// Accelerate: everything by address, letters followed at the end by their lengths. Counts are handed over as 64 zero-extended
/// bits, which libraries with integers of either width read alike; only arrays of integers differ (<see cref="IntegerSize"/>).
/// </remarks>
internal sealed unsafe class BlasLibrary
{
    private readonly nint handle;
    private readonly ConcurrentDictionary<string, nint> routines = new();
    private readonly nint setThreads;
    private int threads;

    private BlasLibrary(nint handle, string file)
    {
        this.handle = handle;
        File = file;
        (Name, Version, setThreads) = Identify();
    }

    /// <summary>The name under which it was found.</summary>
    public string File { get; }

    /// <summary>"MKL", "OpenBLAS" or "Accelerate".</summary>
    public string Name { get; }

    /// <summary>What it says of itself.</summary>
    public string Version { get; }

    /// <summary>Bytes of an integer in arrays: 4 (LP64) or 8 (ILP64).</summary>
    public int IntegerSize { get; private set; }

    /// <summary>The library of a name, or null and why it cannot be used.</summary>
    public static BlasLibrary? TryLoad(string file, out string problem)
    {
        problem = "not installed";
        if (!NativeLibrary.TryLoad(file, out nint handle))
            return null;
        var library = new BlasLibrary(handle, file);
        problem = library.Trial();
        return problem.Length == 0 ? library : null;
    }

    /// <summary>The address of a routine such as "sgemm". Raises UnsupportedException where the library lacks it.</summary>
    public nint Routine(string name) => routines.GetOrAdd(name, Find) is var found and not 0
        ? found
        : throw new UnsupportedException(name, Name, "the library has no such routine");

    /// <summary>Whether there is a routine.</summary>
    public bool Has(string name) => routines.GetOrAdd(name, Find) != 0;

    /// <summary>Lets so many threads take part in one operation.</summary>
    public void UseThreads(int count)
    {
        if (setThreads != 0 && Interlocked.Exchange(ref threads, count) != count)
            ((delegate* unmanaged<int, void>)setThreads)(count);
    }

    /// <summary>The entry i of an array of integers that a routine wrote.</summary>
    public int Integer(byte* array, int i) => IntegerSize == 8 ? (int)((long*)array)[i] : ((int*)array)[i];

    private nint Find(string name) =>
        NativeLibrary.TryGetExport(handle, name + "_", out nint found) || NativeLibrary.TryGetExport(handle, name, out found) ? found : 0;

    private (string Name, string Version, nint SetThreads) Say(string name, string version, string setter) =>
        (name, version, NativeLibrary.TryGetExport(handle, setter, out nint found) ? found : 0);

    private (string Name, string Version, nint SetThreads) Identify()
    {
        if (NativeLibrary.TryGetExport(handle, "MKL_Get_Version_String", out nint versionOf))
        {
            PrepareMkl();
            byte* text = stackalloc byte[256];
            text[0] = text[255] = 0;
            ((delegate* unmanaged<byte*, int, void>)versionOf)(text, 255);
            return Say("MKL", (Marshal.PtrToStringUTF8((nint)text) ?? "").Trim(), "MKL_Set_Num_Threads");
        }
        if (NativeLibrary.TryGetExport(handle, "openblas_get_config", out nint configOf))
        {
            string config = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)configOf)()) ?? "";
            return Say("OpenBLAS", config.Trim(), "openblas_set_num_threads");
        }
        return ("Accelerate", File, 0);
    }

    /// <summary>
    /// MKL's single library picks its parts at the first call and ends the process where one is missing, so it is told which ones
    /// there are: 32-bit integers, and threads by Intel's library or GNU's, or none.
    /// </summary>
    private void PrepareMkl()
    {
        const int Intel = 0, Sequential = 1, Gnu = 3;
        if (NativeLibrary.TryGetExport(handle, "MKL_Set_Interface_Layer", out nint setInterface))
            _ = ((delegate* unmanaged<int, int>)setInterface)(0);
        if (!NativeLibrary.TryGetExport(handle, "MKL_Set_Threading_Layer", out nint setThreading))
            return;
        string[] intel = OperatingSystem.IsWindows() ? ["libiomp5md.dll"] : ["libiomp5.so", "libomp.so.5", "libiomp5.dylib"];
        int layer = intel.Any(CanLoad) ? Intel : OperatingSystem.IsLinux() && CanLoad("libgomp.so.1") ? Gnu : Sequential;
        _ = ((delegate* unmanaged<int, int>)setThreading)(layer);
    }

    private static bool CanLoad(string file) => NativeLibrary.TryLoad(file, out _);

    /// <summary>Factors a matrix of which the answer is known. Gives what is wrong, or nothing.</summary>
    private string Trial()
    {
        if (!Has("sgemm") || !Has("zgemm"))
            return "it has no sgemm and zgemm";
        // Columns (0, 2) and (1, 0): rows are swapped, L is the identity and U is diag(2, 1).
        float* matrix = stackalloc float[] { 0, 2, 1, 0 };
        long* pivots = stackalloc long[] { 0, 0 };
        if (Has("sgetrf"))
        {
            long two = 2, info = 0;
            ((delegate* unmanaged<long*, long*, float*, long*, long*, long*, void>)Routine("sgetrf"))(&two, &two, matrix, &two, pivots, &info);
            IntegerSize = pivots[0] == 2 ? 8 : 4;
            return (int)info == 0 && matrix[0] == 2 && matrix[3] == 1 && Integer((byte*)pivots, 1) == 2
                ? ""
                : "it gives wrong answers to a trial";
        }
        IntegerSize = 4;
        return "";
    }
}
