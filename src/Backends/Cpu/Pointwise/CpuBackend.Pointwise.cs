namespace Functional.Cpu;

/// <content>Pointwise programs.</content>
public sealed partial class CpuBackend
{
    /// <inheritdoc/>
    public void Pointwise(Program? program, int[] shape, View[] inputs, Scalar[] parameters, Buffer?[] outputs)
    {
        PointwiseEngine.Run(program!, shape, inputs, parameters, outputs!);
        GC.KeepAlive(inputs);
        GC.KeepAlive(outputs);
    }
}
