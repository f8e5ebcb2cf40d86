[assembly: BackendProvider(typeof(Functional.Mkl.MklProvider))]

namespace Functional.Mkl;

/// <summary>Finds MKL or, where there is none, OpenBLAS or Apple's Accelerate.</summary>
/// <remarks>
/// Libraries are looked for by the names that the system's loader knows, when somebody first asks. The environment variable
/// FUNCTIONAL_BLAS names a file that is tried before all others.
/// </remarks>
public sealed class MklProvider : IBackendProvider
{
    private static readonly Lazy<(BlasLibrary? Library, Probe[] Probes)> Found = new(Look);

    /// <inheritdoc/>
    public string Kind => "mkl";

    /// <inheritdoc/>
    public Probe[] Probes => Found.Value.Probes;

    /// <inheritdoc/>
    public int DeviceCount => Found.Value.Library is null ? 0 : 1;

    /// <inheritdoc/>
    public IBackend Open(int index, IBackend? host) =>
        Found.Value.Library is { } library && index == 0 && host is not null
            ? new MklBackend(library, host)
            : throw new DeviceException($"mkl:{index} is not available: neither MKL nor OpenBLAS was found");

    /// <summary>What a library can be called, MKL first.</summary>
    private static IEnumerable<string> Names()
    {
        if (Environment.GetEnvironmentVariable("FUNCTIONAL_BLAS") is { Length: > 0 } named)
            yield return named;
        string[] names = OperatingSystem.IsWindows() ? ["mkl_rt.3.dll", "mkl_rt.2.dll", "mkl_rt.1.dll", "mkl_rt.dll", "libopenblas.dll", "openblas.dll"]
            : OperatingSystem.IsMacOS() ? ["libmkl_rt.2.dylib", "libmkl_rt.dylib", "libopenblas.0.dylib", "libopenblas.dylib", "/System/Library/Frameworks/Accelerate.framework/Accelerate"]
            : ["libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so.1", "libmkl_rt.so", "libopenblas.so.0", "libopenblas.so"];
        foreach (string name in names)
            yield return name;
    }

    private static (BlasLibrary?, Probe[]) Look()
    {
        var probes = new List<Probe>();
        foreach (string name in Names())
        {
            BlasLibrary? library = null;
            string problem;
            try
            {
                library = BlasLibrary.TryLoad(name, out problem);
            }
            catch (Exception refusal)
            {
                problem = refusal.Message;
            }
            if (library is null)
            {
                probes.Add(Probe.Missing(name, problem));
                continue;
            }
            string decompositions = library.Has("sgetrf") ? "with LAPACK" : "without LAPACK";
            probes.Add(Probe.Found(name, $"{library.Version}, {decompositions}, {8 * library.IntegerSize}-bit integers"));
            return (library, [.. probes]);
        }
        return (null, [.. probes]);
    }
}
