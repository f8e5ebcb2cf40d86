namespace Functional.Torch;

/// <summary>How a view is read out of its base, and how what is written to it gets back there. Both are differentiable.</summary>
internal abstract class View
{
    /// <summary>The part of the base that the view shows.</summary>
    public abstract CoreTensor Read(CoreTensor source);
    /// <summary>The base with that part replaced.</summary>
    public abstract CoreTensor Write(CoreTensor source, CoreTensor part);
    /// <summary>Whether several places of the view are one place of the base, so that it cannot be written to.</summary>
    public virtual bool Overlaps => false;
    /// <summary>Shape, strides and offset of the view in the base's memory; null where strides cannot say it.</summary>
    public abstract Layout? Place(Layout source);
}

/// <summary>Where the elements of a tensor would lie in PyTorch's memory.</summary>
internal readonly record struct Layout(int[] Shape, int[] Strides, int Offset)
{
    public static Layout Contiguous(int[] shape) => new(shape, ShapeModule.rowMajor(shape), 0);
    public bool IsContiguous => ShapeModule.isContiguous(Shape, Strides);
}

/// <summary>The same elements under another shape.</summary>
internal sealed class Reshaped(int[] shape) : View
{
    public override CoreTensor Read(CoreTensor source) => Engine.reshape(shape, source);
    public override CoreTensor Write(CoreTensor source, CoreTensor part) => Engine.reshape(source.Shape, part);
    public override Layout? Place(Layout source)
    {
        var strides = ShapeModule.tryReshapeStrides(source.Shape, source.Strides, shape);
        return strides.IsValueSome ? new Layout(shape, strides.Value, source.Offset) : null;
    }
}

/// <summary>The dimensions in another order.</summary>
internal sealed class Permuted(int[] order) : View
{
    public override CoreTensor Read(CoreTensor source) => Structure.permute(order, source);

    public override CoreTensor Write(CoreTensor source, CoreTensor part)
    {
        var inverse = new int[order.Length];
        for (var i = 0; i < order.Length; i++) inverse[order[i]] = i;
        return Structure.permute(inverse, part);
    }

    public override Layout? Place(Layout source) =>
        new Layout([.. order.Select(o => source.Shape[o])], [.. order.Select(o => source.Strides[o])], source.Offset);
}

/// <summary>A regular part of the elements; dimensions that were indexed by one number go away.</summary>
internal sealed class Sliced(Structure.Lattice lattice, bool[] keeps) : View
{
    readonly int[] shape = [.. lattice.Shape.Where((_, i) => keeps[i])];

    public override CoreTensor Read(CoreTensor source) => Engine.reshape(shape, Structure.slice(lattice, source));

    public override CoreTensor Write(CoreTensor source, CoreTensor part) =>
        Structure.updateSlice(lattice, source, Engine.reshape(lattice.Shape, part));

    public override Layout? Place(Layout source)
    {
        var offset = source.Offset;
        for (var i = 0; i < keeps.Length; i++) offset += lattice.Start[i] * source.Strides[i];
        return new Layout(shape, [.. source.Strides.Select((s, i) => s * lattice.Step[i]).Where((_, i) => keeps[i])], offset);
    }
}

/// <summary>Dimensions of size 1 repeated.</summary>
internal sealed class Expanded(int[] shape, bool overlaps) : View
{
    public override bool Overlaps => overlaps;
    public override CoreTensor Read(CoreTensor source) => Engine.expand(shape, source);
    // Only reached where nothing is repeated: dimensions of size 1 in front.
    public override CoreTensor Write(CoreTensor source, CoreTensor part) => Engine.reshape(source.Shape, part);
    public override Layout? Place(Layout source) =>
        new Layout(shape, ShapeModule.expandStrides(source.Shape, source.Strides, shape), source.Offset);
}

/// <summary>The elements t[.., i, .., i + offset, ..] as a last dimension.</summary>
internal sealed class Diagonal(int offset, int first, int second) : View
{
    public override CoreTensor Read(CoreTensor source) => Diagonals.diagonal(offset, first, second, source);
    public override CoreTensor Write(CoreTensor source, CoreTensor part) => Diagonals.diagonalScatter(offset, first, second, part, source);

    public override Layout? Place(Layout source)
    {
        var (rows, columns) = (source.Shape[first], source.Shape[second]);
        var length = Math.Max(0, offset >= 0 ? Math.Min(rows, columns - offset) : Math.Min(rows + offset, columns));
        var start = length == 0 ? 0 : offset >= 0 ? offset * source.Strides[second] : -offset * source.Strides[first];
        var rest = Enumerable.Range(0, source.Shape.Length).Where(d => d != first && d != second).ToArray();
        return new Layout([.. rest.Select(d => source.Shape[d]), length], [.. rest.Select(d => source.Strides[d]), source.Strides[first] + source.Strides[second]], source.Offset + start);
    }
}

/// <summary>The elements at computed places of the base's row-major order: diagonals, sliding windows.</summary>
internal sealed class Picked(CoreTensor places, Layout? layout, bool overlaps) : View
{
    public override bool Overlaps => overlaps;
    CoreTensor Flat => Engine.reshape([-1], places);
    static CoreTensor Row(CoreTensor source) => Engine.reshape([-1], source);
    public override CoreTensor Read(CoreTensor source) => Engine.reshape(places.Shape, GatherScatter.gather(0, Row(source), Flat));
    public override CoreTensor Write(CoreTensor source, CoreTensor part) =>
        Engine.reshape(source.Shape, GatherScatter.scatter(ScatterMode.ScatterSet, 0, Row(source), Flat, Row(part)));
    public override Layout? Place(Layout source) => source.IsContiguous ? layout : null;
}

/// <summary>The same elements without their history; writing to it leaves the history of the base as it was.</summary>
internal sealed class Detached : View
{
    public static readonly Detached View = new();
    /// <summary>The same, for writing that autograd does not see.</summary>
    public static readonly Detached Unwatched = new();
    public override CoreTensor Read(CoreTensor source) => History.Without(source);
    public override CoreTensor Write(CoreTensor source, CoreTensor part) => History.Keeping(source, part);
    public override Layout? Place(Layout source) => source;
}
