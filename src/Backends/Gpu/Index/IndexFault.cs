using ILGPU;

namespace Functional.Gpu;

/// <summary>Inside a kernel: refuses indices outside a dimension, and tells of the first.</summary>
internal struct IndexFault
{
    public ArrayView<long> Words;

    /// <summary>Which call this is, not 0.</summary>
    public long Ticket;

    /// <summary>How many elements the dimension has.</summary>
    public long Size;

    /// <summary>Whether nothing may be read or written at an index. Of several wrong ones in a call any may be told.</summary>
    public readonly bool Refuses(long index)
    {
        if (index >= 0L && index < Size)
            return false;
        // An earlier call stays. Threads of one call may write one after the other: the same ticket, and each index in one piece.
        if (Words[Faults.Ticket] == 0L)
        {
            Words[Faults.Index] = index;
            Words[Faults.Ticket] = Ticket;
        }
        return true;
    }
}
