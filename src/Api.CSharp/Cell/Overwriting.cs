using Microsoft.FSharp.Core;

namespace Functional.Torch;

/// <summary>
/// What was written over in place after operations were recorded that used it. Values never change, so gradients would be right all the
/// same; PyTorch refuses to go on, because it keeps references to memory, and programs are to behave alike.
/// </summary>
internal sealed class Overwriting(torch.Tensor cell, long version, long place)
{
    // By values that cells held, and by places whose results they were.
    static readonly ConditionalWeakTable<object, Overwriting> all = new();
    static volatile bool isAny;

    // PyTorch saves the result of these, and not their argument.
    static readonly HashSet<string> savesResult =
        ["exp", "exp2", "expm1", "tanh", "sigmoid", "sqrt", "rsqrt", "reciprocal", "tan", "relu", "softmax", "log_softmax"];

    // PyTorch computes these in steps, and saves what lies between.
    static readonly HashSet<string> savesOwn = ["l1_loss"];

    // These show the elements of their argument.
    static readonly HashSet<string> views = ["expand", "reshape", "permute", "slice"];

    /// <summary>What a cell and the cells that it shows hold is about to be written over, by what is recorded behind a place.</summary>
    public static void Note(IEnumerable<(torch.Tensor Cell, CoreTensor Value)> held, long place)
    {
        foreach (var (cell, value) in held)
        {
            var note = new Overwriting(cell, cell._version, place);
            all.AddOrUpdate(value, note);
            // What a detached cell holds.
            if (value is CoreTensor.Node node) all.AddOrUpdate(node.primal, note);
            if (!value.IsConcrete && History.Of(value) is { Primitive.IsValueSome: true } origin && savesResult.Contains(origin.Primitive.Value.Name)) all.AddOrUpdate(origin, note);
            isAny = true;
        }
    }

    /// <summary>Why the result of a place cannot be used for its derivative; null if it can.</summary>
    public static string? OfResult(TapeNode place) => isAny && all.TryGetValue(place, out var note) ? note.Reason : null;

    /// <summary>Why an argument of a place cannot be used for its derivative.</summary>
    public static readonly FSharpFunc<TapeNode, FSharpFunc<CoreTensor, FSharpValueOption<string>>> Refuses =
        FuncConvert.FromFunc<TapeNode, CoreTensor, FSharpValueOption<string>>(OfArgument);

    static FSharpValueOption<string> OfArgument(TapeNode place, CoreTensor argument)
    {
        if (!isAny || savesResult.Contains(place.Primitive.Value.Name) || savesOwn.Contains(place.Primitive.Value.Name)) return FSharpValueOption<string>.None;
        for (var user = place; ;)
        {
            // What was recorded after the writing began saw the new elements, or is the writing itself, which keeps a copy.
            if (all.TryGetValue(argument, out var note) && user.Id <= note.place) return FSharpValueOption<string>.Some(note.Reason);
            if (argument.IsConcrete || History.Of(argument) is not { Primitive.IsValueSome: true, IsReleased: false } origin || !views.Contains(origin.Primitive.Value.Name))
                return FSharpValueOption<string>.None;
            (user, argument) = (origin, origin.Arguments[0]);
        }
    }

    readonly long place = place;

    string Reason
    {
        get
        {
            var maker = cell.is_leaf ? "" : $", which is output 0 of {History.NameOf(cell.Recorded)},";
            return $"one of the variables needed for gradient computation has been modified by an inplace operation: [{cell.type()} [{string.Join(", ", cell.shape)}]]{maker} is at version {cell._version}; expected version {version} instead. "
                + "Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True).";
        }
    }
}
