using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace Functional.Gpu;

/// <summary>Convolutions by cuDNN, where it is installed. Of its algorithms the fastest deterministic one is taken.</summary>
internal sealed unsafe class CuDnn
{
    // cudnnDataType_t, cudnnMathType_t, cudnnConvolutionMode_t, cudnnTensorFormat_t.
    private const int Float = 0, Double = 1, Half = 2, BFloat16 = 9;
    private const int DefaultMath = 0, TensorMath = 1, PlainMath = 3;
    private const int CrossCorrelation = 1;
    private const int RowMajorFormat = 0;
    private const int Deterministic = 1;

    /// <summary>What an algorithm may take for itself.</summary>
    private const ulong MostWorkspace = 512UL << 20;

    /// <summary>The newest comes first.</summary>
    internal static readonly int[] Versions = [9, 8];

    /// <summary>What it must have.</summary>
    internal static readonly string[] Functions =
    [
        "cudnnCreate", "cudnnSetStream",
        "cudnnCreateTensorDescriptor", "cudnnSetTensorNdDescriptor",
        "cudnnCreateFilterDescriptor", "cudnnSetFilterNdDescriptor",
        "cudnnCreateConvolutionDescriptor", "cudnnSetConvolutionNdDescriptor",
        "cudnnSetConvolutionGroupCount", "cudnnSetConvolutionMathType",
        "cudnnGetConvolutionForwardAlgorithm_v7", "cudnnGetConvolutionBackwardDataAlgorithm_v7", "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
        "cudnnConvolutionForward", "cudnnConvolutionBackwardData", "cudnnConvolutionBackwardFilter",
    ];

    private readonly GpuContext context;
    private readonly CudaLibrary library;
    private readonly IntPtr handle;
    private readonly delegate* unmanaged<IntPtr, IntPtr, int> setStream;
    private readonly ConcurrentDictionary<string, CuDnnPlan?> plans = new();
    private readonly delegate* unmanaged<IntPtr, void*, IntPtr, void*, IntPtr, void*, IntPtr, int, void*, nuint, void*, IntPtr, void*, int> forward;
    private readonly delegate* unmanaged<IntPtr, void*, IntPtr, void*, IntPtr, void*, IntPtr, int, void*, nuint, void*, IntPtr, void*, int> inputGradient;
    private readonly delegate* unmanaged<IntPtr, void*, IntPtr, void*, IntPtr, void*, IntPtr, int, void*, nuint, void*, IntPtr, void*, int> weightGradient;

    private CuDnn(GpuContext context, CudaLibrary library, IntPtr handle)
    {
        (this.context, this.library, this.handle) = (context, library, handle);
        setStream = (delegate* unmanaged<IntPtr, IntPtr, int>)library.Find("cudnnSetStream");
        forward = Pass("cudnnConvolutionForward");
        inputGradient = Pass("cudnnConvolutionBackwardData");
        weightGradient = Pass("cudnnConvolutionBackwardFilter");
    }

    /// <summary>The file that was loaded.</summary>
    public string Name => library.Name;

    /// <summary>The library for a device; null where there is none, or where the device is not NVIDIA's.</summary>
    public static CuDnn? Open(GpuContext context) => context.Accelerator is CudaAccelerator
        ? CudaLibrary.Installed("cudnn", Versions).Select(library => Open(context, library)).FirstOrDefault(dnn => dnn is not null)
        : null;

    /// <summary>A library for a device; null where it lacks a function or does not start.</summary>
    internal static CuDnn? Open(GpuContext context, CudaLibrary library)
    {
        if (library.Lacking(Functions) is { } function)
        {
            library.Refuse($"it lacks {function}");
            return null;
        }
        var create = (delegate* unmanaged<IntPtr*, int>)library.Find("cudnnCreate");
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            IntPtr handle;
            int status = create(&handle);
            if (status == 0)
                return new(context, library, handle);
            library.Refuse($"it does not start with the driver (cudnnCreate gives {status})");
            return null;
        }
    }

    /// <summary>The library's own version: 90100 is 9.1.0, 8902 is 8.9.2.</summary>
    internal static string VersionOf(CudaLibrary library)
    {
        var version = (delegate* unmanaged<nuint>)library.Find("cudnnGetVersion");
        if (version is null)
            return "unknown";
        int number = (int)version(), unit = number >= 10000 ? 10000 : 1000;
        return $"{number / unit}.{number % unit / 100}.{number % 100}";
    }

    /// <summary>One of a convolution's products of row-major operands; false where the library has no algorithm for it.</summary>
    public bool TryConvolve(ConvolutionPass pass, ConvolutionGeometry geometry, View a, View b, GpuBuffer result)
    {
        if (DataType(a.Dtype) < 0 || geometry.Input[0] == 0)
            return false;
        bool isTf32 = MatrixPrecision.ConvolutionTf32;
        string key = $"{pass} {DtypeModule.name(a.Dtype)} {isTf32} {string.Join(',', geometry.Input)} {string.Join(',', geometry.Weight)} "
            + $"{string.Join(',', geometry.Stride)} {string.Join(',', geometry.Padding)} {string.Join(',', geometry.Dilation)} {geometry.Groups}";
        if (plans.GetOrAdd(key, _ => Plan(pass, geometry, a.Dtype, isTf32)) is not { } plan)
            return false;
        int size = DtypeModule.size(a.Dtype);
        void* first = (byte*)GpuBuffer.Of(a.Buffer, context).Address + (long)a.Offset * size;
        void* second = (byte*)GpuBuffer.Of(b.Buffer, context).Address + (long)b.Offset * size;
        GpuBuffer? workspace = plan.Workspace == 0 ? null : new GpuBuffer(context, Dtype.UInt8, (int)plan.Workspace);
        double* doubles = stackalloc double[2] { 1, 0 };
        float* floats = stackalloc float[2] { 1, 0 };
        bool isDouble = a.Dtype.IsFloat64;
        void* one = isDouble ? doubles : floats, zero = isDouble ? doubles + 1 : floats + 1;
        int status;
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            if (setStream(handle, context.StreamHandle) != 0)
                return false;
            var run = pass.IsForward ? forward : pass.IsInputGradient ? inputGradient : weightGradient;
            status = run(
                handle, one, plan.First, first, plan.Second, second, plan.Convolution, plan.Algorithm,
                workspace is null ? null : (void*)workspace.Address, (nuint)plan.Workspace, zero, plan.Result, (void*)result.Address);
        }
        workspace?.Release();
        return status == 0;
    }

    /// <summary>Descriptors and algorithm for one geometry; they live as long as the process.</summary>
    private CuDnnPlan? Plan(ConvolutionPass pass, ConvolutionGeometry geometry, Dtype dtype, bool isTf32)
    {
        int type = DataType(dtype), compute = dtype.IsFloat64 ? Double : Float;
        // Tensor cores are what float16 is there for; float32 uses them where TF32 is allowed.
        int math = dtype.IsFloat16 ? TensorMath : dtype.IsFloat32 && !isTf32 ? PlainMath : DefaultMath;
        lock (context.Gate)
        {
            context.Accelerator.Bind();
            IntPtr input = Tensor(geometry.Input, type), weight = Filter(geometry.Weight, type), output = Tensor(geometry.Output, type);
            IntPtr convolution = Convolution(geometry, compute, math);
            if (input == IntPtr.Zero || weight == IntPtr.Zero || output == IntPtr.Zero || convolution == IntPtr.Zero)
                return null;
            (IntPtr first, IntPtr second, IntPtr result, string search) =
                pass.IsForward ? (input, weight, output, "cudnnGetConvolutionForwardAlgorithm_v7")
                : pass.IsInputGradient ? (weight, output, input, "cudnnGetConvolutionBackwardDataAlgorithm_v7")
                : (input, output, weight, "cudnnGetConvolutionBackwardFilterAlgorithm_v7");
            var find = (delegate* unmanaged<IntPtr, IntPtr, IntPtr, IntPtr, IntPtr, int, int*, CuDnnAlgorithm*, int>)library.Find(search);
            CuDnnAlgorithm* found = stackalloc CuDnnAlgorithm[16];
            int count = 0;
            if (find(handle, first, second, convolution, result, 16, &count, found) != 0)
                return null;
            int best = 0;
            while (best < count && !(found[best].Status == 0 && found[best].Determinism == Deterministic && found[best].Memory <= MostWorkspace))
                best++;
            // What an algorithm was measured with is what it has to run with, except where rounding is not allowed.
            if (best == count || (math != PlainMath && SetMath(convolution, found[best].MathType) != 0))
                return null;
            return new(first, second, result, convolution, found[best].Algorithm, (long)found[best].Memory);
        }
    }

    private IntPtr Tensor(int[] shape, int type)
    {
        int[] sizes = Padded(shape, 4, 1), strides = ShapeModule.rowMajor(sizes);
        var create = (delegate* unmanaged<IntPtr*, int>)library.Find("cudnnCreateTensorDescriptor");
        var set = (delegate* unmanaged<IntPtr, int, int, int*, int*, int>)library.Find("cudnnSetTensorNdDescriptor");
        IntPtr descriptor;
        fixed (int* size = sizes, stride = strides)
            return create(&descriptor) == 0 && set(descriptor, type, sizes.Length, size, stride) == 0 ? descriptor : IntPtr.Zero;
    }

    private IntPtr Filter(int[] shape, int type)
    {
        int[] sizes = Padded(shape, 4, 1);
        var create = (delegate* unmanaged<IntPtr*, int>)library.Find("cudnnCreateFilterDescriptor");
        var set = (delegate* unmanaged<IntPtr, int, int, int, int*, int>)library.Find("cudnnSetFilterNdDescriptor");
        IntPtr descriptor;
        fixed (int* size = sizes)
            return create(&descriptor) == 0 && set(descriptor, type, RowMajorFormat, sizes.Length, size) == 0 ? descriptor : IntPtr.Zero;
    }

    private IntPtr Convolution(ConvolutionGeometry geometry, int compute, int math)
    {
        int[] paddings = Padded(geometry.Padding, 2, 0), strides = Padded(geometry.Stride, 2, 1), dilations = Padded(geometry.Dilation, 2, 1);
        var create = (delegate* unmanaged<IntPtr*, int>)library.Find("cudnnCreateConvolutionDescriptor");
        var set = (delegate* unmanaged<IntPtr, int, int*, int*, int*, int, int, int>)library.Find("cudnnSetConvolutionNdDescriptor");
        var setGroups = (delegate* unmanaged<IntPtr, int, int>)library.Find("cudnnSetConvolutionGroupCount");
        IntPtr descriptor;
        fixed (int* padding = paddings, stride = strides, dilation = dilations)
        {
            bool isMade = create(&descriptor) == 0
                && set(descriptor, paddings.Length, padding, stride, dilation, CrossCorrelation, compute) == 0
                && setGroups(descriptor, geometry.Groups) == 0
                && SetMath(descriptor, math) == 0;
            return isMade ? descriptor : IntPtr.Zero;
        }
    }

    private int SetMath(IntPtr convolution, int math) =>
        ((delegate* unmanaged<IntPtr, int, int>)library.Find("cudnnSetConvolutionMathType"))(convolution, math);

    /// <summary>The library wants two spatial dimensions or more: one is a column of pixels.</summary>
    private static int[] Padded(int[] sizes, int least, int missing) => sizes.Length < least ? [.. sizes, missing] : sizes;

    private static int DataType(Dtype dtype) =>
        dtype.IsFloat32 ? Float : dtype.IsFloat64 ? Double : dtype.IsFloat16 ? Half : dtype.IsBFloat16 ? BFloat16 : -1;

    private delegate* unmanaged<IntPtr, void*, IntPtr, void*, IntPtr, void*, IntPtr, int, void*, nuint, void*, IntPtr, void*, int> Pass(string name) =>
        (delegate* unmanaged<IntPtr, void*, IntPtr, void*, IntPtr, void*, IntPtr, int, void*, nuint, void*, IntPtr, void*, int>)library.Find(name);
}

/// <summary>One convolution as cuDNN knows it.</summary>
internal sealed record CuDnnPlan(IntPtr First, IntPtr Second, IntPtr Result, IntPtr Convolution, int Algorithm, long Workspace);

/// <summary>What cuDNN tells of an algorithm (cudnnConvolutionFwdAlgoPerf_t and its two siblings).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CuDnnAlgorithm
{
    public int Algorithm;
    public int Status;
    public float Time;
    public ulong Memory;
    public int Determinism;
    public int MathType;
    private readonly int reserved0;
    private readonly int reserved1;
    private readonly int reserved2;
}
