namespace Functional.Gpu;

/// <summary>A compiled program that can be started, whatever its type.</summary>
internal abstract class ProgramLauncher
{
    public abstract void Start(KernelCache kernels, string operation, ProgramCall call);

    /// <summary>The kernel's method, for compilers that are asked directly.</summary>
    public abstract Type Kernel { get; }
}

/// <inheritdoc/>
internal sealed class ProgramLauncher<TProgram> : ProgramLauncher
    where TProgram : struct, IProgram<TProgram>
{
    public override Type Kernel => typeof(ProgramKernel<TProgram>);

    public override void Start(KernelCache kernels, string operation, ProgramCall call)
    {
        kernels.Launch(operation, call.Count, new ProgramKernel<TProgram>(TProgram.Create(call), call.Count));
        call.KeepAlive();
    }
}
