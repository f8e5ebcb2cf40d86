using ILGPU;

namespace Functional.Gpu;

/// <summary>Sizes and options of an attention, and the mask that is added to its scores.</summary>
internal struct AttentionShape<TStored>
    where TStored : unmanaged
{
    public int Queries;
    public int Keys;
    public int Width;
    public double Scale;
    public int IsCausal;
    public int HasMask;
    public ArrayView<TStored> Mask;
    public StridedView MaskBatch;
    public int MaskRow;
    public int MaskColumn;

    /// <summary>The mask's element, in a batch whose mask begins at `start`; there must be one.</summary>
    public readonly TStored MaskAt(int start, int query, int key) => Mask[start + query * MaskRow + key * MaskColumn];

    /// <summary>Where the mask of a batch begins.</summary>
    public readonly int MaskStart(int batch) => HasMask != 0 ? MaskBatch.At(batch) : 0;

    public readonly int QueryTiles => (Queries + Strips.Side - 1) / Strips.Side;

    public readonly int KeyTiles => (Keys + Strips.Side - 1) / Strips.Side;

    /// <summary>Whether a query may look at a key.</summary>
    public readonly bool Sees(int query, int key) => key < Keys && query < Queries && (IsCausal == 0 || key <= query);
}
