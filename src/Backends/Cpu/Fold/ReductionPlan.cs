namespace Functional.Cpu;

/// <summary>The dimensions of a reduction, sorted into those that stay and those that are folded.</summary>
/// <param name="Kept">Operand 0 is the source, operand 1 the row-major result.</param>
/// <param name="Folded">Operand 0 is the source; the innermost loop has the smallest stride.</param>
internal readonly record struct ReductionPlan(LoopNest Kept, LoopNest Folded)
{
    /// <summary>The plan for a source of this layout.</summary>
    public static ReductionPlan Of(int[] shape, int[] strides, bool[] isFolded)
    {
        int[] all = [.. Enumerable.Range(0, shape.Length)];
        int[] kept = Array.FindAll(all, d => !isFolded[d]);
        int[] keptShape = Array.ConvertAll(kept, d => shape[d]);
        // Folding is associative and, in a tree fixed by the layout, free to choose its order.
        int[] folded = [.. all.Where(d => isFolded[d]).OrderByDescending(d => Math.Abs((long)strides[d]))];
        return new ReductionPlan(
            LoopNest.Of(keptShape, Array.ConvertAll(kept, d => strides[d]), ShapeModule.rowMajor(keptShape)),
            LoopNest.Of(Array.ConvertAll(folded, d => shape[d]), Array.ConvertAll(folded, d => strides[d])));
    }

    /// <summary>Whether the innermost loop over the source stays, in rows wide enough for registers.</summary>
    public bool FoldsColumns => Kept.InnerStride(0) == 1 && Kept.InnerSize >= 16 && Folded.Rank > 0;

    /// <summary>Whether the folded elements lie in contiguous runs.</summary>
    public bool FoldsRows => Folded.InnerStride(0) == 1 && Folded.Rank > 0;
}
