namespace Functional.Cpu;

/// <summary>The operations of a vector unit that compiled kernels are made of; the members of <see cref="ILanes{TSelf}"/>.</summary>
internal enum MicroCode : byte
{
    Load,
    Parameter,
    Constant,
    Add,
    Subtract,
    Multiply,
    Divide,
    And,
    Or,
    Xor,
    Not,
    FusedMultiplyAdd,
    Sqrt,
    Floor,
    Ceiling,
    Round,
    Truncate,
    Min,
    Max,
    Less,
    LessOrEqual,
    Equal,
    Select,
    IntegerAdd,
    IntegerSubtract,
    IntegerMultiply,
    IntegerLess,
    IntegerEqual,
    ShiftLeft,
    ShiftRight,
    ShiftRightLogical,
    ToInteger,
    FromInteger,
    Scale,
    Exponent,
    Mantissa,
    Lookup,
    Patch,
    Patch2,
    Map,
    Map2,
}

/// <summary>One micro-operation: operands are numbers of earlier ones, or -1; the immediate is a constant, a count or an index.</summary>
internal readonly record struct Micro(MicroCode Code, int A = -1, int B = -1, int C = -1, int D = -1, long Immediate = 0, object? Function = null);

/// <summary>A program taken apart into micro-operations, equal ones only once.</summary>
internal sealed class Trace
{
    private readonly List<Micro> code = [];
    private readonly List<int> groups = [];
    private readonly Dictionary<Micro, int> known = [];

    /// <summary>Micro-operations in order.</summary>
    public IReadOnlyList<Micro> Code => code;

    /// <summary>The step of the program that each of them belongs to; copies of one group are interleaved when a loop is unrolled.</summary>
    public IReadOnlyList<int> Groups => groups;

    /// <summary>The micro-operations whose values are stored.</summary>
    public int[] Outputs { get; private set; } = [];

    /// <summary>How many of them compute anything, rather than bring a number in.</summary>
    public int Computed => code.Count(m => m.Code is not (MicroCode.Load or MicroCode.Constant or MicroCode.Parameter));

    private int Group { get; set; }

    /// <summary>The number of an operation, a new one only if there is no equal one.</summary>
    public int Add(Micro micro)
    {
        if (!known.TryGetValue(micro, out int number))
        {
            number = code.Count;
            code.Add(micro);
            groups.Add(Group);
            known[micro] = number;
        }
        return number;
    }

    /// <summary>The trace of a plan whose lanes are all of one width.</summary>
    public static Trace Of(LanePlan plan)
    {
        var trace = new Trace();
        if (plan.IsWide)
            trace.Record<double>(plan);
        else
            trace.Record<float>(plan);
        return trace;
    }

    private void Record<T>(LanePlan plan)
    {
        var values = new Traced<T>[plan.Values.Length];
        for (int v = 0; v < values.Length; v++)
        {
            LaneValue source = plan.Values[v];
            if (source.Source == LaneSource.Input)
                values[v] = new Traced<T>(this, Add(new Micro(MicroCode.Load, Immediate: source.Index)));
            else if (source.Source == LaneSource.Parameter)
                values[v] = new Traced<T>(this, Add(new Micro(MicroCode.Parameter, Immediate: v)));
        }
        foreach (LaneStep step in plan.Steps)
        {
            Group++;
            values[step.Result] = step.Operation.Trace(
                values[step.A],
                step.Operation.Arity > 1 ? values[step.B] : default,
                step.Operation.Arity > 2 ? values[step.C] : default);
        }
        Outputs = Array.ConvertAll(plan.Outputs, output => values[output.Value].Number(this));
    }
}
