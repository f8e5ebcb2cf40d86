namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Random(RandomKind kind, ulong key, Dtype dtype, int length)
    {
        GpuBuffer result = New(dtype, length);
        switch (kind.Tag, dtype.Tag)
        {
            case (RandomKind.Tags.RandomBits, Dtype.Tags.Int32):
                Kernels.Launch("random", length, new Bits32Kernel(result.As<uint>(), length, key));
                break;
            case (RandomKind.Tags.RandomBits, Dtype.Tags.Int64):
                Kernels.Launch("random", length, new Bits64Kernel(result.As<ulong>(), length, key));
                break;
            case (RandomKind.Tags.RandomUniform, Dtype.Tags.Float16):
                Kernels.Launch("uniform", length, new UniformKernel<Float16Element, ushort>(result.As<ushort>(), length, key, 11));
                break;
            case (RandomKind.Tags.RandomUniform, Dtype.Tags.BFloat16):
                Kernels.Launch("uniform", length, new UniformKernel<BFloat16Element, ushort>(result.As<ushort>(), length, key, 8));
                break;
            case (RandomKind.Tags.RandomUniform, Dtype.Tags.Float32):
                Kernels.Launch("uniform", length, new UniformKernel<Float32Element, float>(result.As<float>(), length, key, 24));
                break;
            case (RandomKind.Tags.RandomUniform, Dtype.Tags.Float64):
                Kernels.Launch("uniform", length, new UniformDoubleKernel(result.As<double>(), length, key));
                break;
            case (RandomKind.Tags.RandomNormal, Dtype.Tags.Float16):
                Kernels.Launch("normal", (length + 1L) / 2, new NormalKernel<Float16Element, ushort>(result.As<ushort>(), length, key));
                break;
            case (RandomKind.Tags.RandomNormal, Dtype.Tags.BFloat16):
                Kernels.Launch("normal", (length + 1L) / 2, new NormalKernel<BFloat16Element, ushort>(result.As<ushort>(), length, key));
                break;
            case (RandomKind.Tags.RandomNormal, Dtype.Tags.Float32):
                Kernels.Launch("normal", (length + 1L) / 2, new NormalKernel<Float32Element, float>(result.As<float>(), length, key));
                break;
            case (RandomKind.Tags.RandomNormal, Dtype.Tags.Float64):
                Kernels.Launch("normal", (length + 1L) / 2, new NormalDoubleKernel(result.As<double>(), length, key));
                break;
            default:
                string name = kind.IsRandomBits ? "random_bits" : kind.IsRandomUniform ? "uniform" : "normal";
                throw new DtypeException(
                    $"\"{name}\" not implemented for '{DtypeModule.scalarTypeName(dtype)}': "
                    + $"random numbers of this kind do not come as {DtypeModule.name(dtype)}");
        }
        return result;
    }
}
