using ILGPU;

namespace Functional.Gpu;

/// <summary>Runs a program once for every position.</summary>
internal readonly struct ProgramKernel<TProgram>(TProgram program, int count) : IKernel<ProgramKernel<TProgram>>
    where TProgram : struct, IProgram<TProgram>
{
    private readonly TProgram program = program;
    private readonly int count = count;

    public static void Run(ProgramKernel<TProgram> call)
    {
        int i = Grid.GlobalIndex.X;
        if (i < call.count)
            call.program.Store(i);
    }
}
