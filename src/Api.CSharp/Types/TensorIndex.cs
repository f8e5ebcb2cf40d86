namespace Functional.Torch;

/// <summary>One part of an index: a number, a slice, None, an ellipsis, a bool, or a tensor of positions or truths.</summary>
public readonly struct TensorIndex
{
    internal enum Kind { None, Single, Slice, Ellipsis, Bool, Tensor }

    internal Kind What { get; private init; }
    internal long Start { get; private init; }
    internal long? Stop { get; private init; }
    internal long Step { get; private init; }
    internal bool HasStart { get; private init; }
    internal torch.Tensor? Places { get; private init; }

    /// <summary>All dimensions that the rest of the index does not name.</summary>
    public static TensorIndex Ellipsis => new() { What = Kind.Ellipsis };
    /// <summary>A whole dimension.</summary>
    public static TensorIndex Colon => Slice();
    /// <summary>A new dimension of size 1.</summary>
    public static TensorIndex None => new() { What = Kind.None };
    /// <inheritdoc cref="None"/>
    public static TensorIndex Null => None;

    /// <summary>start, start + step, ... below stop.</summary>
    public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
        new() { What = Kind.Slice, Start = start ?? 0, HasStart = start is not null, Stop = stop, Step = step ?? 1 };

    /// <summary>One position; the dimension goes away.</summary>
    public static TensorIndex Single(long index) => new() { What = Kind.Single, Start = index };
    /// <summary>A new dimension of size 1 or 0.</summary>
    public static TensorIndex Bool(bool value) => new() { What = Kind.Bool, Start = value ? 1 : 0 };
    /// <summary>Positions along a dimension, or truths over as many dimensions as it has.</summary>
    public static TensorIndex Tensor(torch.Tensor tensor) => new() { What = Kind.Tensor, Places = tensor };

    /// <summary>One position.</summary>
    public static implicit operator TensorIndex(long value) => Single(value);
    /// <summary>One position.</summary>
    public static implicit operator TensorIndex(int value) => Single(value);
    /// <summary>A new dimension of size 1 or 0.</summary>
    public static implicit operator TensorIndex(bool value) => Bool(value);
    /// <summary>Positions or truths.</summary>
    public static implicit operator TensorIndex(torch.Tensor value) => Tensor(value);
    /// <summary>From start to stop, stop excluded.</summary>
    public static implicit operator TensorIndex((int? start, int? stop) range) => Slice(range.start, range.stop);
    /// <summary>From start to stop in steps, stop excluded.</summary>
    public static implicit operator TensorIndex((int? start, int? stop, int? step) range) => Slice(range.start, range.stop, range.step);

    /// <summary>C#'s ranges: 1..3, 2.., ..^1.</summary>
    public static implicit operator TensorIndex(Range range)
    {
        static long From(System.Index i) => i.IsFromEnd ? -(long)i.Value : i.Value;
        // ^0 is one past the end: no bound at all.
        return Slice(From(range.Start), range.End.IsFromEnd && range.End.Value == 0 ? null : From(range.End));
    }
}
