using Microsoft.FSharp.Collections;

namespace Functional.Torch;

/// <summary>Between the facade's types and the core's.</summary>
internal static class Convert
{
    /// <summary>Sizes or dimensions; the core counts in 32 bits.</summary>
    public static int[] Ints(ReadOnlySpan<long> items)
    {
        var result = new int[items.Length];
        for (var i = 0; i < items.Length; i++) result[i] = Int(items[i]);
        return result;
    }

    public static int Int(long item) =>
        item is >= int.MinValue and <= int.MaxValue
            ? (int)item
            : throw new ShapeException($"{item} is larger than any size, index or dimension here can be (2147483647)");

    public static readonly FSharpList<int> NoDims = ListModule.Empty<int>();
    public static long[] Longs(int[] items) => Array.ConvertAll(items, i => (long)i);
    public static FSharpList<int> List(ReadOnlySpan<long> items) => ListModule.OfArray(Ints(items));
    public static FSharpList<int> List(long item) => ListModule.OfArray([Int(item)]);
    public static FSharpList<CoreTensor> List(IEnumerable<torch.Tensor> tensors) => ListModule.OfSeq(Cores(tensors));
    public static torch.Tensor[] Tensors(FSharpList<CoreTensor> tensors) => [.. tensors.Select(t => new torch.Tensor(t))];
    public static CoreTensor[] Cores(IEnumerable<torch.Tensor> tensors) =>
        [.. tensors.Select((t, i) => t is null ? throw new ArgumentValueException($"expected Tensor as element {i} in argument 0, but got NoneType") : t.Core)];
}
