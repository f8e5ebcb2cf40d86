namespace Functional.Gpu;

/// <summary>What explains which of NVIDIA's libraries there are, without taking a device into use.</summary>
internal static class LibraryProbe
{
    /// <summary>A line each for cuBLAS and cuDNN.</summary>
    /// <param name="hasCuda">Whether there is a device that they could work on.</param>
    /// <param name="load">Opens a file; null where it is not there.</param>
    public static Probe[] All(bool hasCuda, Func<string, CudaLibrary?> load) =>
    [
        Of("cuBLAS", "cublas", CuBlas.Versions, CuBlas.Functions, CuBlas.VersionOf, hasCuda, load),
        Of("cuDNN", "cudnn", CuDnn.Versions, CuDnn.Functions, CuDnn.VersionOf, hasCuda, load),
    ];

    private static Probe Of(
        string what, string name, int[] versions, string[] functions, Func<CudaLibrary, string> versionOf, bool hasCuda, Func<string, CudaLibrary?> load)
    {
        string sought = $"{what} {string.Join(", ", versions)}";
        if (CudaLibrary.AreLeftAlone)
            return Probe.Missing(sought, $"not looked for: {CudaLibrary.Variable}=0, kernels of ours do its work");
        List<string> problems = [];
        foreach (int version in versions)
        {
            string file = CudaLibrary.File(name, version);
            CudaLibrary? library = load(file);
            string? problem = library is null ? "not found by the system's loader"
                : library.Lacking(functions) is { } function ? $"it lacks {function}"
                : library.Refusal is { } refusal ? $"version {versionOf(library)}, {refusal}"
                : hasCuda ? null
                : $"version {versionOf(library)}, but there is no CUDA device for it";
            if (problem is null)
            {
                string rest = problems.Count == 0 ? "" : $" ({string.Join("; ", problems)})";
                return Probe.Found(sought, $"{file}, version {versionOf(library!)}{rest}");
            }
            problems.Add($"{file}: {problem}");
        }
        return Probe.Missing(sought, $"{string.Join("; ", problems)}; kernels of ours do its work");
    }
}
