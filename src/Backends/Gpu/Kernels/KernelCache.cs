using System.Collections.Concurrent;
using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace Functional.Gpu;

/// <summary>Compiled kernels of one device, each compiled once, and the way to start them.</summary>
internal sealed class KernelCache(GpuContext context)
{
    private readonly ConcurrentDictionary<MethodInfo, Delegate> launchers = [];

    /// <summary>Starts a kernel on one thread for each of <paramref name="count"/> elements, rounded up to whole groups.</summary>
    public void Launch<TKernel>(string operation, long count, TKernel call)
        where TKernel : struct, IKernel<TKernel>
    {
        if (count > 0)
            Launch(operation, Over(count, context.GroupSize), call);
    }

    /// <summary>Starts a kernel on groups of a shape of its own.</summary>
    public void Launch<TKernel>(string operation, KernelConfig groups, TKernel call)
        where TKernel : struct, IKernel<TKernel>
    {
        var launcher = (Action<AcceleratorStream, KernelConfig, TKernel>)launchers.GetOrAdd(
            Body<TKernel>.Method, static (method, load) => load(method), Load<Action<AcceleratorStream, KernelConfig, TKernel>>(operation));
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            launcher(context.Stream, groups, call);
        }
        context.Traffic.Launched();
    }

    /// <summary>Starts a launcher that was loaded by <see cref="Compile{TLauncher}"/>.</summary>
    public void Start(Action start)
    {
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            start();
        }
        context.Traffic.Launched();
    }

    /// <summary>Compiles a static method whose parameters are the arguments. Raises UnsupportedException where the device's compiler refuses it.</summary>
    public TLauncher Compile<TLauncher>(string operation, MethodInfo method)
        where TLauncher : Delegate
    {
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            try
            {
                context.Traffic.Compiled();
                var entry = EntryPointDescription.FromExplicitlyGroupedKernel(method);
                CompiledKernel compiled = context.Accelerator is CLAccelerator open
                    ? OpenClArithmetic.Wrap(open.Backend.Compile(entry, KernelSpecialization.Empty, new OpenClComparisons()))
                    : context.Accelerator.CompileKernel(entry);
                return context.Accelerator.LoadKernel(compiled).CreateLauncherDelegate<TLauncher>();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // What is left of a failed compilation would fail every later one.
                context.Compiler.ClearCache(ClearCacheMode.Everything);
                throw new UnsupportedException(operation, context.Info.Name, $"its kernel {method.DeclaringType?.Name ?? method.Name} does not compile ({Root(error)})");
            }
        }
    }

    /// <summary>Groups of a size that cover so many threads.</summary>
    public static KernelConfig Over(long count, int groupSize) => new(checked((int)((count + groupSize - 1) / groupSize)), groupSize);

    private Func<MethodInfo, Delegate> Load<TLauncher>(string operation)
        where TLauncher : Delegate =>
        method => Compile<TLauncher>(operation, method);

    private static string Root(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return $"{error.GetType().Name}: {error.Message}";
    }

    private static class Body<TKernel>
        where TKernel : struct, IKernel<TKernel>
    {
        public static readonly MethodInfo Method = typeof(TKernel).GetMethod(nameof(IKernel<TKernel>.Run), BindingFlags.Public | BindingFlags.Static)
            ?? throw new InvalidOperationException($"{typeof(TKernel)} hides its body");
    }
}
