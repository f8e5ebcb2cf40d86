using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Functional.Gpu;

/// <summary>Matrix products by cuBLAS, where it is installed. Nothing here is needed for the backend to work.</summary>
internal sealed unsafe class CuBlas
{
    // cudaDataType_t, cublasComputeType_t, cublasGemmAlgo_t, cublasMath_t.
    private const int Real32 = 0, Real64 = 1, Real16 = 2, Complex32 = 4, Complex64 = 5, BReal16 = 14;
    private const int Compute32 = 68, Compute64 = 70, ComputeTf32 = 77;
    private const int DefaultAlgorithm = -1;
    private const int DefaultMath = 0, WholeSums = 16;

    /// <summary>More products than these in a row, and copying the operands is better.</summary>
    private const int FewCalls = 16;

    /// <summary>The newest comes first.</summary>
    internal static readonly int[] Versions = [13, 12, 11];

    /// <summary>What it must have.</summary>
    internal static readonly string[] Functions =
        ["cublasCreate_v2", "cublasDestroy_v2", "cublasSetStream_v2", "cublasSetMathMode", "cublasGemmStridedBatchedEx"];

    private readonly GpuContext context;
    private readonly delegate* unmanaged<IntPtr, IntPtr, int> setStream;
    private readonly delegate* unmanaged<IntPtr, int, int> setMath;

    // cublasGemmStridedBatchedEx: handle, operations of A and B, m, n, k, alpha, A and its type, lead and step, B likewise, beta, C
    // likewise, number of products, compute type, algorithm.
    private readonly delegate* unmanaged<
        IntPtr, int, int, int, int, int, void*, void*, int, int, long, void*, int, int, long, void*, void*, int, int, long, int, int, int, int> multiply;

    private CuBlas(GpuContext context, CudaLibrary library, IntPtr handle)
    {
        (this.context, Handle, Name) = (context, handle, library.Name);
        setStream = (delegate* unmanaged<IntPtr, IntPtr, int>)library.Find("cublasSetStream_v2");
        setMath = (delegate* unmanaged<IntPtr, int, int>)library.Find("cublasSetMathMode");
        multiply = (delegate* unmanaged<
            IntPtr, int, int, int, int, int, void*, void*, int, int, long, void*, int, int, long, void*, void*, int, int, long, int, int, int, int>)
            library.Find("cublasGemmStridedBatchedEx");
    }

    /// <summary>The file that was loaded.</summary>
    public string Name { get; }

    /// <summary>The library's handle for the device.</summary>
    public IntPtr Handle { get; }

    /// <summary>The library for a device; null where there is none, or where the device is not NVIDIA's.</summary>
    public static CuBlas? Open(GpuContext context) => context.Accelerator is CudaAccelerator
        ? CudaLibrary.Installed("cublas", Versions).Select(library => Open(context, library)).FirstOrDefault(blas => blas is not null)
        : null;

    /// <summary>A library for a device; null where it lacks a function, does not start, or multiplies wrongly.</summary>
    internal static CuBlas? Open(GpuContext context, CudaLibrary library)
    {
        if (library.Lacking(Functions) is { } function)
        {
            library.Refuse($"it lacks {function}");
            return null;
        }
        var create = (delegate* unmanaged<IntPtr*, int>)library.Find("cublasCreate_v2");
        var destroy = (delegate* unmanaged<IntPtr, int>)library.Find("cublasDestroy_v2");
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            IntPtr handle;
            int status = create(&handle);
            if (status != 0)
            {
                library.Refuse($"it does not start with the driver (cublasCreate gives {status})");
                return null;
            }
            var blas = new CuBlas(context, library, handle);
            if (blas.IsRight())
                return blas;
            _ = destroy(handle);
            library.Refuse("it gets a small product wrong");
            return null;
        }
    }

    /// <summary>The library's own version, asked without a handle.</summary>
    internal static string VersionOf(CudaLibrary library)
    {
        var property = (delegate* unmanaged<int, int*, int>)library.Find("cublasGetProperty");
        int* parts = stackalloc int[3];
        for (int part = 0; part < 3; part++)
        {
            if (property is null || property(part, parts + part) != 0)
                return "unknown";
        }
        return $"{parts[0]}.{parts[1]}.{parts[2]}";
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
            if (setStream(Handle, context.StreamHandle) != 0 || setMath(Handle, Math(a.Dtype)) != 0)
                return false;
            for (int call = 0; call < plan.Calls; call++)
            {
                // Row-major is the transpose of what the library calls a matrix, so the sides change places.
                int status = multiply(
                    Handle, plan.Right.Operation, plan.Left.Operation, plan.Columns, plan.Rows, plan.Depth,
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

    /// <summary>A product whose answer is known, before the library is trusted: [1 2 3; 4 5 6] times [7 8; 9 10; 11 12].</summary>
    private bool IsRight()
    {
        GpuBuffer left = Filled(1, 2, 3, 4, 5, 6), right = Filled(7, 8, 9, 10, 11, 12), result = Filled(0, 0, 0, 0);
        float[] found = new float[4];
        bool isDone = TryMultiply(ViewModule.contiguous([2, 3], left), ViewModule.contiguous([3, 2], right), result);
        if (isDone)
        {
            result.As<float>().SubView(0, found.Length).CopyToCPU(context.Stream, found);
            context.Stream.Synchronize();
        }
        left.Release();
        right.Release();
        result.Release();
        return isDone && found is [58, 64, 139, 154];
    }

    private GpuBuffer Filled(params float[] numbers)
    {
        var buffer = new GpuBuffer(context, Dtype.Float32, numbers.Length);
        buffer.As<float>().SubView(0, numbers.Length).CopyFromCPU(context.Stream, numbers);
        return buffer;
    }

    /// <summary>How a dtype is stored and computed in; halves are summed in float32.</summary>
    private static (int Data, int Compute)? Types(Dtype dtype)
    {
        int single = MatrixPrecision.MatMulTf32 ? ComputeTf32 : Compute32;
        if (dtype.IsFloat32)
            return (Real32, single);
        if (dtype.IsFloat64)
            return (Real64, Compute64);
        if (dtype.IsFloat16)
            return (Real16, Compute32);
        if (dtype.IsBFloat16)
            return (BReal16, Compute32);
        if (dtype.IsComplex64)
            return (Complex32, single);
        return dtype.IsComplex128 ? (Complex64, Compute64) : null;
    }

    /// <summary>Whether sums of parts of a product may be rounded to the dtype before they are put together.</summary>
    private static int Math(Dtype dtype) =>
        (dtype.IsFloat16 && !MatrixPrecision.ReducedFloat16Sums) || (dtype.IsBFloat16 && !MatrixPrecision.ReducedBFloat16Sums) ? WholeSums : DefaultMath;
}
