namespace Functional.Torch;

/// <summary>The forms that a function of torch has besides itself; the compiler writes them (see Api.Forms).</summary>
[Flags]
internal enum Forms
{
    /// <summary>Only the function itself, under its names.</summary>
    Plain = 0,
    /// <summary>x.exp()</summary>
    Method = 1,
    /// <summary>x.exp_() and torch.exp_(x)</summary>
    InPlace = 2,
    /// <summary>torch.exp(x, out: y)</summary>
    Out = 4,
    /// <summary>torch.zeros(2, 3) besides torch.zeros([2, 3])</summary>
    Sizes = 8,
    /// <summary>The `out` must not be the input.</summary>
    Apart = 16,
    /// <summary>For optimizers: parameters themselves besides groups of them; `betas` also as two numbers.</summary>
    Groups = 32,
    /// <summary>Of two tensors that come first, one may be a number.</summary>
    Numbers = 64,
    /// <summary>For views: torch.t_copy(x), which shares nothing.</summary>
    Copy = 128,
    /// <summary>A method, and a form with `out`.</summary>
    MethodOut = Method | Out,
    /// <summary>A method, an in-place form, and one with `out`.</summary>
    All = Method | InPlace | Out,
}

/// <summary>Asks for more forms of the function that carries it, under its own name and others; a name with dots is another place in torch (".exp" is torch.exp).</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FormsAttribute(Forms forms, params string[] also) : Attribute
{
    public Forms Forms => forms;
    public string[] Also => also;
}
