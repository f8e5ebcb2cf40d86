using System.Collections;

namespace Functional.Torch;

/// <summary>Reading what was saved, whatever collections hold it.</summary>
internal static class Saved
{
    public static IEnumerable<KeyValuePair<object, object?>> Items(object? saved)
    {
        if (saved is not IDictionary map) throw new ArgumentValueException($"expected a dictionary in the state dict, but found {saved?.GetType().Name ?? "None"}");
        foreach (DictionaryEntry item in map) yield return new(item.Key, item.Value);
    }

    public static IReadOnlyDictionary<string, object?> Map(object? saved) => Items(saved).ToDictionary(i => (string)i.Key, i => i.Value);

    public static IEnumerable<object?> List(object? saved) => saved switch
    {
        IEnumerable items and not string => items.Cast<object?>(),
        ITuple tuple => Enumerable.Range(0, tuple.Length).Select(i => tuple[i]),
        _ => throw new ArgumentValueException($"expected a list in the state dict, but found {saved?.GetType().Name ?? "None"}"),
    };

    /// <summary>A number, or a tensor of one element, as a number.</summary>
    public static double Number(object? saved) => saved is torch.Tensor tensor ? tensor.ToDouble() : System.Convert.ToDouble(saved);
}
