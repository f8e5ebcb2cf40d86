namespace Functional.Cpu;

/// <summary>Complex numbers as pairs of real ones: the same memory under one dimension of size 2 more, the innermost.</summary>
internal static class Pairs
{
    /// <summary>Whether elements of this dtype are pairs.</summary>
    public static bool Are(Dtype dtype) => dtype.IsComplex64 || dtype.IsComplex128;

    /// <summary>A view of complex elements whose offset and strides count real ones.</summary>
    public static View Of(in View view) => new(view.Buffer, 2 * view.Offset, [.. view.Shape, 2], Strides(view.Strides));

    /// <summary>Strides of complex elements in real ones, and that of the parts.</summary>
    public static int[] Strides(int[] strides) => [.. Array.ConvertAll(strides, s => 2 * s), 1];

    /// <summary>A view whose every element stands for both parts of a complex one.</summary>
    public static View Twice(in View view) => new(view.Buffer, view.Offset, [.. view.Shape, 2], [.. view.Strides, 0]);
}
