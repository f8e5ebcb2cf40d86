namespace Functional.Gpu;

/// <summary>What NVIDIA's libraries may round to in between, switched as in PyTorch. For the whole process.</summary>
public static class CudaPrecision
{
    /// <summary>Products of float32 matrices in TensorFloat32 (10 bits of mantissa): torch.backends.cuda.matmul.allow_tf32.</summary>
    public static bool MatMulTf32 { get; set; }

    /// <summary>The same for convolutions: torch.backends.cudnn.allow_tf32.</summary>
    public static bool ConvolutionTf32 { get; set; } = true;
}
