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
    /// <summary>
    /// Compiles every kernel of the catalogue for each of these architectures (70, 90); gives a line for each that fails. What precedes the
    /// writing of PTX is done once for all of them.
    /// </summary>
    public static IReadOnlyList<string> Run(params int[] architectures)
    {
        using Context context = GpuContext.CreateContext(GpuKind.Emulated);
        Intrinsics.Register(context);
        PTXBackend[] backends = [.. architectures.Select(architecture => For(context, architecture))];
        List<string> failures = [];
        Type[] kernels = Kernels;
        IEnumerable<Type> open = typeof(PtxCheck).Assembly.GetTypes()
            .Where(type => type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IKernel<>)));
        HashSet<Type> known = [.. kernels.Select(kernel => kernel.IsGenericType ? kernel.GetGenericTypeDefinition() : kernel)];
        failures.AddRange(open.Where(kernel => !known.Contains(kernel)).Select(kernel => $"{kernel.Name} is not in the catalogue of kernels"));
        foreach (Type kernel in kernels)
        {
            MethodInfo method = kernel.GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!;
            for (int i = 0; i < backends.Length; i++)
            {
                if (Failure(context, backends[i], method, Target(architectures[i])) is { } failure)
                    failures.Add($"{kernel} for sm_{architectures[i]}: {failure}");
            }
        }
        foreach (PTXBackend backend in backends)
            backend.Dispose();
        return failures;
    }

    /// <summary>How many kernels there are to compile.</summary>
    public static int Count => Kernels.Length;

    private static Type[] Kernels => [.. KernelCatalogue.All.Concat(ProgramSamples.Kernels()).Distinct()];

    /// <summary>The architecture that the PTX for one names: of those newer than sm_80 ILGPU 1.5.3 knows nothing, and writes sm_80, which a
    /// driver takes for newer devices as well.</summary>
    public static string Target(int architecture) => $"sm_{Math.Min(architecture, 80)}";

    /// <summary>The PTX of a static method whose parameters are a kernel's arguments.</summary>
    internal static string Compile(PTXBackend backend, MethodInfo method) =>
        ((PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), KernelSpecialization.Empty)).PTXAssembly;

    /// <summary>A compiler for an architecture.</summary>
    internal static PTXBackend For(Context context, int architecture) =>
        new(context, new CudaArchitecture(architecture / 10, architecture % 10), CudaInstructionSet.ISA_80, null!);

    /// <summary>What is wrong with a kernel, or null. A function without a body compiles, and fails when it is linked.</summary>
    internal static string? Failure(Context context, PTXBackend backend, MethodInfo method, string target)
    {
        try
        {
            string assembly = Compile(backend, method);
            string line = assembly.Split('\n').First(line => line.StartsWith(".target", StringComparison.Ordinal)).Trim();
            if (line != $".target {target}")
                return $"says {line}, not {target}";
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
