namespace Functional.Torch;

/// <summary>
/// What a tensor remembers of how it came about: its place on the tape of the one level that never closes. Values that the tape
/// saved are immutable, so gradients stay right whatever is written in place afterwards.
/// </summary>
internal static class History
{
    public static readonly Level Level = Level.Outermost!;

    /// <summary>The place on the outermost tape, or null.</summary>
    public static TapeNode? Of(CoreTensor tensor)
    {
        while (!tensor.IsConcrete)
        {
            if (tensor is CoreTensor.Node node && ReferenceEquals(node.level, Level)) return node.origin;
            tensor = tensor.Inner;
        }
        return null;
    }

    public static bool IsLeaf(CoreTensor tensor) => Of(tensor) is { Primitive.IsValueNone: true };

    /// <summary>The name of the operation that a tensor comes from, as PyTorch names its backward nodes.</summary>
    public static string NameOf(CoreTensor tensor) => Of(tensor)?.Name ?? "";

    /// <summary>The same tensor without its place on the outermost tape; transforms above keep theirs.</summary>
    public static CoreTensor Without(CoreTensor tensor) =>
        tensor switch
        {
            CoreTensor.Concrete => tensor,
            CoreTensor.Node node when ReferenceEquals(node.level, Level) => node.primal,
            CoreTensor.Node node => CoreTensor.NewNode(node.level, Without(node.primal), node.origin),
            CoreTensor.Dual dual => CoreTensor.NewDual(dual.level, Without(dual.primal), Without(dual.tangent)),
            CoreTensor.Batched batched => CoreTensor.NewBatched(batched.level, Without(batched.tensor)),
            _ => tensor,
        };

    /// <summary>Other elements at the same place on the tape: what modifications that are not recorded do.</summary>
    public static CoreTensor Keeping(CoreTensor old, CoreTensor next)
    {
        next = Without(next);
        if (old.IsConcrete || Of(old) is not { } place) return next;
        return place.Primitive.IsValueNone ? Variable(next, place.Owner) : CoreTensor.NewNode(Level, next, place);
    }

    /// <summary>A leaf whose gradient goes to its owner.</summary>
    public static CoreTensor Variable(CoreTensor value, object? owner)
    {
        var variable = (CoreTensor.Node)Engine.variable(Level, value);
        variable.origin.Owner = owner;
        return variable;
    }
}

/// <summary>Whether operations are recorded for gradients: a flag of each thread.</summary>
internal static class GradMode
{
    [ThreadStatic] static bool disabled;

    public static bool IsEnabled
    {
        get => !disabled;
        set => disabled = !value;
    }

    /// <summary>Whether nothing is going to be recorded, until the scope that says so ends.</summary>
    [field: ThreadStatic] public static bool IsInference { get; set; }
}
