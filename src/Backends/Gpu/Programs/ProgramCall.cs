using ILGPU;

namespace Functional.Gpu;

/// <summary>The arguments of one run of a program, from which its struct is filled. Compiled code calls these by name.</summary>
/// <param name="pattern">The positions.</param>
/// <param name="inputs">The buffers that are read.</param>
/// <param name="offsets">Where each begins.</param>
/// <param name="outputs">The buffers that are written.</param>
/// <param name="parameters">The program's numbers.</param>
/// <param name="faults">Where errors are told, where there can be any.</param>
internal sealed class ProgramCall(AccessPattern pattern, GpuBuffer[] inputs, int[] offsets, GpuBuffer[] outputs, Scalar[] parameters, ArrayView<int> faults)
{
    public int Count => pattern.Count;

    public ArrayView<int> Faults => faults;

    public ArrayView<T> Input<T>(int k)
        where T : unmanaged =>
        inputs[k].As<T>();

    public ArrayView<T> Output<T>(int k)
        where T : unmanaged =>
        outputs[k].As<T>();

    public int Offset(int k) => offsets[k];

    public int Size(int dimension) => pattern.Sizes[dimension];

    public int Stride(int k, int dimension) => pattern.Strides[k][dimension];

    public int Int32(int p) => (int)Integer(p);

    public long Int64(int p) => Integer(p);

    public float Single(int p) => parameters[p].IsInteger ? (float)parameters[p].AsInteger : (float)parameters[p].AsFloat;

    public double Double(int p) => parameters[p].AsFloat;

    /// <summary>Keeps the memory alive until the kernel is in the stream.</summary>
    public void KeepAlive()
    {
        GC.KeepAlive(inputs);
        GC.KeepAlive(outputs);
    }

    private long Integer(int p) => parameters[p].AsInteger;
}
