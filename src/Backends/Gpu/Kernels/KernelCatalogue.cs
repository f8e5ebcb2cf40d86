namespace Functional.Gpu;

/// <summary>
/// Every kernel, generic ones for the types that they are started with, so that tests can compile them all for devices that
/// are not here. A kernel that is missing from it is found by a test.
/// </summary>
internal static partial class KernelCatalogue
{
    /// <summary>The kernels, one closed struct each.</summary>
    public static IEnumerable<Type> All =>
    [
        typeof(Bits32Kernel),
        typeof(Bits64Kernel),
        typeof(UniformKernel<Float32Element, float>),
        typeof(UniformKernel<Float16Element, ushort>),
        typeof(UniformKernel<BFloat16Element, ushort>),
        typeof(UniformDoubleKernel),
        typeof(NormalKernel<Float32Element, float>),
        typeof(NormalKernel<Float16Element, ushort>),
        typeof(NormalKernel<BFloat16Element, ushort>),
        typeof(NormalDoubleKernel),
        typeof(ComplexScanKernel<float, WidenedElement>),
        typeof(ComplexScanKernel<double, Float64Element>),
        typeof(BitonicKernel),
        typeof(TakeKernel),
        .. NumberElements.All.Select(element => typeof(RangeKernel<,,>).MakeGenericType(element)),
        .. NumberElements.All.Select(element => typeof(SortKeysKernel<,,>).MakeGenericType(element)),
        .. NumberElements.All.SelectMany(Scans),
        typeof(ComplexProductKernel<float, WidenedElement>),
        typeof(ComplexProductKernel<double, Float64Element>),
        .. Each(typeof(CopyKernel<>), typeof(byte), typeof(ushort), typeof(uint), typeof(ulong), typeof(Wide)),
        .. MatrixKernels.All,
    ];

    private static IEnumerable<Type> Scans(Type[] element)
    {
        Type number = element[2];
        foreach (Type scan in (Type[])[typeof(RunningSum<>), typeof(RunningProduct<>), typeof(RunningMaximum<>), typeof(RunningMinimum<>)])
            yield return typeof(ScanKernel<,,,,,>).MakeGenericType([.. element, scan.MakeGenericType(number), typeof(StoreBest<,,>).MakeGenericType(element), element[1]]);
        foreach (Type scan in (Type[])[typeof(RunningMaximum<>), typeof(RunningMinimum<>)])
            yield return typeof(ScanKernel<,,,,,>).MakeGenericType([.. element, scan.MakeGenericType(number), typeof(StorePosition<>).MakeGenericType(number), typeof(long)]);
    }

    /// <summary>A generic kernel of one type, closed over each of these.</summary>
    private static IEnumerable<Type> Each(Type kernel, params Type[] elements) => elements.Select(element => kernel.MakeGenericType(element));
}
