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
        .. Each(typeof(CopyKernel<>), typeof(byte), typeof(ushort), typeof(uint), typeof(ulong), typeof(Wide)),
        .. MatrixKernels.All,
    ];

    /// <summary>A generic kernel of one type, closed over each of these.</summary>
    private static IEnumerable<Type> Each(Type kernel, params Type[] elements) => elements.Select(element => kernel.MakeGenericType(element));
}
