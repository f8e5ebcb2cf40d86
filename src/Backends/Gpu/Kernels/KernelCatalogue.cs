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
        typeof(UniformKernel<SingleStored, float>),
        typeof(UniformKernel<HalfStored, ushort>),
        typeof(UniformKernel<BFloat16Stored, ushort>),
        typeof(UniformDoubleKernel),
        typeof(NormalKernel<SingleStored, float>),
        typeof(NormalKernel<HalfStored, ushort>),
        typeof(NormalKernel<BFloat16Stored, ushort>),
        typeof(NormalDoubleKernel),
        typeof(ComplexScanKernel<float, WidenedStored>),
        typeof(ComplexScanKernel<double, DoubleStored>),
        typeof(BitonicKernel),
        typeof(TakeKernel),
        .. StoredElements.All.Select(element => typeof(RangeKernel<,,>).MakeGenericType(element)),
        .. StoredElements.All.Select(element => typeof(SortKeysKernel<,,>).MakeGenericType(element)),
        .. StoredElements.All.SelectMany(Scans),
        typeof(ComplexProductKernel<float, WidenedStored>),
        typeof(ComplexProductKernel<double, DoubleStored>),
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
