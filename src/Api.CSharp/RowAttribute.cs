namespace Functional.Torch;

/// <summary>How a row of the table applies its function of the core (see Apply.cs).</summary>
internal enum Family
{
    /// <summary>To one tensor, whose dtype stays.</summary>
    Unary,
    /// <summary>To one tensor; integers and bools become floats first.</summary>
    Real,
    /// <summary>To one tensor of real numbers, by a formula that is made on first use.</summary>
    Special,
    /// <summary>To two tensors.</summary>
    Pair,
    /// <summary>To a tensor and a tensor or number.</summary>
    PairOrNumber,
    /// <summary>To integers or bools, of which one may be a number on either side.</summary>
    Bits,
    /// <summary>A family of polynomials, at x and of degree n.</summary>
    Degree,
    /// <summary>The same, shifted to [0, 1].</summary>
    ShiftedDegree,
}

/// <summary>
/// A row of a table of operations: the compiler writes the function, documented, with its forms and other names (see Api.Forms).
/// A row says which family it belongs to, the core's module and function, its forms, and a sentence about it.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class RowAttribute(Family family, string module, string function, Forms forms, string sentence, params string[] also) : Attribute
{
    public Family Family => family;
    public string Module => module;
    public string Function => function;
    public Forms Forms => forms;
    public string Sentence => sentence;
    public string[] Also => also;
    /// <summary>PyTorch's name, where it is not the core's.</summary>
    public string? Name { get; init; }
    /// <summary>The first parameter's name, where it is not `input`.</summary>
    public string? Parameter { get; init; }
}
