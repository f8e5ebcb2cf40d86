using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Functional.Gpu;

/// <summary>Compiles kernels to PTX without a device.</summary>
public static class PtxCheck
{
    /// <summary>Compiles the catalogue's kernels for an architecture (70 or 90), all or one of each family; gives a line for each that fails.</summary>
    public static IReadOnlyList<string> Run(int architecture, bool isWhole)
    {
        using Context context = GpuContext.CreateContext(GpuKind.Emulated);
        Intrinsics.Register(context);
        using PTXBackend backend = For(context, architecture);
        List<string> failures = [];
        Type[] kernels = [.. KernelCatalogue.All.Concat(ProgramSamples.Kernels()).Distinct()];
        IEnumerable<Type> open = typeof(PtxCheck).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IKernel<>)));
        HashSet<Type> known = [.. kernels.Select(kernel => kernel.IsGenericType ? kernel.GetGenericTypeDefinition() : kernel)];
        failures.AddRange(open.Where(kernel => !known.Contains(kernel)).Select(kernel => $"{kernel.Name} is not in the catalogue of kernels"));
        foreach (Type kernel in isWhole ? kernels : KernelCatalogue.All.DistinctBy(Family).Concat(ProgramSamples.Representatives()))
        {
            if (Failure(context, backend, kernel.GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!) is { } failure)
                failures.Add($"{kernel}: {failure}");
        }
        return failures;
    }

    /// <summary>A kernel and what it was put together from, whatever the elements.</summary>
    private static string Family(Type kernel) => kernel.IsGenericType
        ? $"{kernel.Name}<{string.Join(',', kernel.GetGenericArguments().Where(part => part.IsGenericType).Select(Family))}>"
        : kernel.Name;

    /// <summary>The PTX of a static method whose parameters are a kernel's arguments.</summary>
    internal static string Compile(PTXBackend backend, MethodInfo method) =>
        ((PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), KernelSpecialization.Empty)).PTXAssembly;

    /// <summary>A compiler for an architecture.</summary>
    internal static PTXBackend For(Context context, int architecture) =>
        new(context, new CudaArchitecture(architecture / 10, architecture % 10), CudaInstructionSet.ISA_80, null!);

    /// <summary>What is wrong with a kernel, or null. A function without a body compiles, and fails when it is linked.</summary>
    internal static string? Failure(Context context, PTXBackend backend, MethodInfo method)
    {
        try
        {
            string assembly = Compile(backend, method);
            return assembly.Contains(".extern .func", StringComparison.Ordinal)
                ? "calls a function without a body: " + assembly[assembly.IndexOf(".extern .func", StringComparison.Ordinal)..].Split('(')[1]
                : null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            context.ClearCache(ClearCacheMode.Everything);
            return error.ToString();
        }
    }
}
