using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace Functional.Gpu;

/// <summary>Matrix products by cuBLAS, where it is installed. Nothing here is needed for the backend to work.</summary>
internal sealed unsafe class CuBlas
{
    // cudaDataType_t and cublasComputeType_t.
    private const int Real32 = 0, Real64 = 1, Real16 = 2, Complex32 = 4, Complex64 = 5, BReal16 = 14;
    private const int Compute32 = 68, Compute64 = 70, ComputeTf32 = 77;
    private const int DefaultAlgorithm = -1;

    /// <summary>More products than these in a row, and copying the operands is better.</summary>
    private const int FewCalls = 16;

    private readonly GpuContext context;
    private readonly IntPtr handle;
    private readonly delegate* unmanaged<IntPtr, IntPtr, int> setStream;

    private readonly delegate* unmanaged<
        IntPtr, int, int, int, int, int, void*, void*, int, int, long, void*, int, int, long, void*, void*, int, int, long, int, int, int, int> multiply;

    private CuBlas(GpuContext context, IntPtr library, string name, IntPtr handle)
    {
        (this.context, this.handle, Name) = (context, handle, name);
        setStream = (delegate* unmanaged<IntPtr, IntPtr, int>)NativeLibrary.GetExport(library, "cublasSetStream_v2");
        multiply = (delegate* unmanaged<
            IntPtr, int, int, int, int, int, void*, void*, int, int, long, void*, int, int, long, void*, void*, int, int, long, int, int, int, int>)
            NativeLibrary.GetExport(library, "cublasGemmStridedBatchedEx");
    }

    /// <summary>The file that was loaded.</summary>
    public string Name { get; }

    /// <summary>The library for a device; null where there is none, or where the device is not NVIDIA's.</summary>
    public static CuBlas? Open(GpuContext context)
    {
        if (context.Accelerator is not CudaAccelerator)
            return null;
        IntPtr library = CudaLibrary.Load("cublas", [13, 12, 11], out string name);
        return library == IntPtr.Zero ? null : Open(context, library, name);
    }

    private static CuBlas? Open(GpuContext context, IntPtr library, string name)
    {
        var create = (delegate* unmanaged<IntPtr*, int>)NativeLibrary.GetExport(library, "cublasCreate_v2");
        IntPtr handle;
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            if (create(&handle) != 0)
                return null;
        }
        return new CuBlas(context, library, name, handle);
    }

    /// <summary>Writes a batch of products into a row-major result; false where the library has no such product.</summary>
    public bool TryMultiply(View a, View b, GpuBuffer result)
    {
        if (Types(a.Dtype) is not { } types)
            return false;
        if (ProductPlan.Of(a, b) is not { Calls: <= FewCalls } plan)
            return false;
        int size = DtypeModule.size(a.Dtype);
        byte* left = (byte*)GpuBuffer.Of(a.Buffer, context).Address + (long)a.Offset * size;
        byte* right = (byte*)GpuBuffer.Of(b.Buffer, context).Address + (long)b.Offset * size;
        byte* to = (byte*)result.Address;
        // One and zero in the type that is computed in, real or complex.
        double* doubles = stackalloc double[4] { 1, 0, 0, 0 };
        float* floats = stackalloc float[4] { 1, 0, 0, 0 };
        bool isDouble = types.Compute == Compute64;
        void* one = isDouble ? doubles : floats, zero = isDouble ? doubles + 2 : floats + 2;
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            if (context.Stream is not CudaStream stream || setStream(handle, stream.StreamPtr) != 0)
                return false;
            for (int call = 0; call < plan.Calls; call++)
            {
                // Row-major is the transpose of what the library calls a matrix, so the sides change places.
                int status = multiply(
                    handle, plan.Right.Operation, plan.Left.Operation, plan.Columns, plan.Rows, plan.Depth,
                    one,
                    right + plan.RightOffset(call) * size, types.Data, plan.Right.Lead, plan.RightStep,
                    left + plan.LeftOffset(call) * size, types.Data, plan.Left.Lead, plan.LeftStep,
                    zero,
                    to + plan.ResultOffset(call) * size, types.Data, plan.Columns, plan.ResultStep,
                    plan.Count, types.Compute, DefaultAlgorithm);
                if (status != 0)
                    return false;
            }
        }
        return true;
    }

    /// <summary>How a dtype is stored and computed in; halves are summed in float32.</summary>
    private static (int Data, int Compute)? Types(Dtype dtype)
    {
        if (dtype.IsFloat32)
            return (Real32, CudaPrecision.MatMulTf32 ? ComputeTf32 : Compute32);
        if (dtype.IsFloat64)
            return (Real64, Compute64);
        if (dtype.IsFloat16)
            return (Real16, Compute32);
        if (dtype.IsBFloat16)
            return (BReal16, Compute32);
        if (dtype.IsComplex64)
            return (Complex32, Compute32);
        return dtype.IsComplex128 ? (Complex64, Compute64) : null;
    }
}
