using System.Collections.Concurrent;

namespace Functional.Cpu;

/// <summary>Where a value of a plan comes from.</summary>
internal enum LaneSource
{
    /// <summary>The elements of an input, widened to lanes.</summary>
    Input,

    /// <summary>A number handed in at the call, in every lane.</summary>
    Parameter,

    /// <summary>A step's result.</summary>
    Step,
}

/// <summary>A register: its source, the number of the input, parameter or step, its dtype, the width of its lanes.</summary>
internal readonly record struct LaneValue(LaneSource Source, int Index, Dtype Dtype, bool IsWide);

/// <summary>One step: operands and result are numbers of values.</summary>
internal readonly record struct LaneStep(LaneOperation Operation, int A, int B, int C, int Result)
{
    public int Operand(int i) => i == 0 ? A : i == 1 ? B : C;
}

/// <summary>A value that is stored with so many bytes an element, alone or beside the other part of a complex number.</summary>
internal readonly record struct LaneOutput(int Value, int Size, bool IsPaired)
{
    /// <summary>Bytes from one position to the next.</summary>
    public int Step => IsPaired ? 2 * Size : Size;
}

/// <summary>
/// A program made ready for lanes: bools are masks, narrow dtypes are widened and wrapped by steps of their own,
/// and every step knows which function it is. Both the interpreter and the compiler start from this.
/// </summary>
internal sealed class LanePlan
{
    // Results of one read and one write stored around the caches took less time with 4 multiplications and additions (300 us for 450), as much with 7,
    // half as much again with 13.
    private const int LightStep = 3;

    private readonly bool[] storedInPlace;
    private readonly ConcurrentDictionary<(ulong Scalars, bool IsStreaming), Kernel> kernels = [];
    private readonly Lazy<bool> isLight;
    private long workDone;

    private LanePlan(Program source, Planes? planes, Program program, LaneValue[] values, LaneStep[] steps, LaneOutput[] outputs)
    {
        Source = source;
        Planes = planes;
        Program = program;
        Values = values;
        Steps = steps;
        Outputs = outputs;
        bool anyWide = values.Any(v => v.IsWide);
        bool anyNarrow = values.Any(v => !v.IsWide);
        TileLanes = anyWide ? 512 : 1024;
        IsWide = anyWide;
        HasPairs = Array.Exists(outputs, o => o.IsPaired);
        Cost = program.Inputs.Length + outputs.Length + steps.Sum(s => s.Operation.Cost);
        isLight = new Lazy<bool>(() => IsTraceable && Trace.Of(this).Computed <= LightStep * (Program.Inputs.Length + Outputs.Length));
        IsTraceable = Kernel.IsSupported
            && anyWide != anyNarrow
            && program.Inputs.Length <= 64
            && steps.All(s => s.Operation.IsTraceable);
        Slots = AssignSlots(out int slots);
        SlotCount = slots;
        bool isDirect = steps.Length == 1
            && outputs.Length == 1
            && outputs[0].Value == steps[0].Result
            && values.All(v => v.Source != LaneSource.Parameter)
            && program.Inputs.Concat(program.Results).All(d => DtypeModule.size(d) == (anyWide ? 8 : 4));
        Single = isDirect && anyWide != anyNarrow ? steps[0].Operation : null;
        storedInPlace = new bool[outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            LaneValue value = values[outputs[i].Value];
            storedInPlace[i] = value.Source == LaneSource.Step
                && outputs[i].Size == (value.IsWide ? 8 : 4)
                && !outputs[i].IsPaired
                && outputs.Count(o => o.Value == outputs[i].Value) == 1;
        }
    }

    /// <summary>Work done by a program before it is compiled: about what the interpreter does in the time that takes.</summary>
    public static long WorthCompiling { get; set; } = 1 << 23;

    /// <summary>The program as it was handed in.</summary>
    public Program Source { get; }

    /// <summary>How that program's complex numbers were taken apart, if it has any.</summary>
    public Planes? Planes { get; }

    /// <summary>The program that the steps compute, over real numbers.</summary>
    public Program Program { get; }

    /// <summary>Whether any output goes to every second place only, beside another.</summary>
    public bool HasPairs { get; }

    public LaneValue[] Values { get; }

    public LaneStep[] Steps { get; }

    public LaneOutput[] Outputs { get; }

    /// <summary>Lanes of a tile: every register of it takes 4 KB at most.</summary>
    public int TileLanes { get; }

    /// <summary>The work at one position, in cheap steps.</summary>
    public int Cost { get; }

    /// <summary>
    /// Whether memory takes longer than computing. Only then do stores around the caches pay: they wait for each other where a lot is done between
    /// them, while caches fetch and write back beside it.
    /// </summary>
    public bool IsLight => isLight.Value;

    /// <summary>The only step, where it leads from inputs as they are stored to the one output as it is stored.</summary>
    public LaneOperation? Single { get; }

    /// <summary>Whether any lanes have 64 bits.</summary>
    public bool IsWide { get; }

    /// <summary>Whether one width does for everything, so that the compiler can take it.</summary>
    public bool IsTraceable { get; }

    /// <summary>The tile-sized place of every value; values that do not live together share one.</summary>
    public int[] Slots { get; }

    public int SlotCount { get; }

    /// <summary>Whether an input is stored as it is, as one of the outputs.</summary>
    public bool IsHandedOn(int input) =>
        Array.Exists(Outputs, o => Values[o.Value].Source == LaneSource.Input && Values[o.Value].Index == input);

    /// <summary>
    /// The compiled kernel for a way to read the inputs, or none while the work done so far is less than compiling takes.
    /// </summary>
    public Kernel? KernelFor(ulong scalars, bool isStreaming, long count)
    {
        if (!IsTraceable)
            return null;
        if (kernels.TryGetValue((scalars, isStreaming), out Kernel? known))
            return known;
        if (Interlocked.Add(ref workDone, count * Cost) < WorthCompiling)
            return null;
        return kernels.GetOrAdd((scalars, isStreaming), way => KernelCompiler.Compile(this, way.Scalars, way.IsStreaming));
    }

    /// <summary>Whether an output's step may write its result where it is stored, because nothing stands between the two.</summary>
    public bool IsStoredInPlace(int output) => storedInPlace[output];

    /// <summary>The steps that program lowers to. Raises DtypeException where a step does not take its dtype.</summary>
    public static LanePlan Of(Program program)
    {
        if (!PlanesModule.areNeeded(program))
            return new Builder(program).Build(program, null);
        Planes planes = PlanesModule.ofProgram(program);
        return new Builder(planes.Program!).Build(program, planes);
    }

    /// <summary>Places are handed on when their value was read for the last time; outputs keep theirs.</summary>
    private int[] AssignSlots(out int count)
    {
        var last = new int[Values.Length];
        for (int i = 0; i < Steps.Length; i++)
        {
            for (int k = 0; k < Steps[i].Operation.Arity; k++)
                last[Steps[i].Operand(k)] = i;
        }
        foreach (LaneOutput output in Outputs)
            last[output.Value] = int.MaxValue;

        var slots = new int[Values.Length];
        var free = new Stack<int>();
        count = 0;
        for (int v = 0; v < Values.Length; v++)
        {
            // Inputs and parameters outlive a tile.
            if (Values[v].Source != LaneSource.Step)
                slots[v] = count++;
        }
        for (int i = 0; i < Steps.Length; i++)
        {
            LaneStep step = Steps[i];
            bool sameWidth = true;
            for (int k = 0; k < step.Operation.Arity; k++)
                sameWidth &= Values[step.Operand(k)].IsWide == Values[step.Result].IsWide;
            // An operand of another width must not lie under the result.
            if (!sameWidth)
                slots[step.Result] = free.Count > 0 ? free.Pop() : count++;
            for (int k = 0; k < step.Operation.Arity; k++)
            {
                int operand = step.Operand(k);
                bool isFirst = k == 0 || operand != step.A && (k == 1 || operand != step.B);
                if (isFirst && Values[operand].Source == LaneSource.Step && last[operand] == i)
                    free.Push(slots[operand]);
            }
            if (sameWidth)
                slots[step.Result] = free.Count > 0 ? free.Pop() : count++;
        }
        return slots;
    }

    private sealed class Builder(Program program)
    {
        private readonly List<LaneValue> values = [];
        private readonly List<LaneStep> steps = [];
        private readonly Dictionary<LaneValue, int> sources = [];
        private readonly bool prefersWide = program.Types.Any(Catalogue.IsWide);

        public LanePlan Build(Program source, Planes? planes)
        {
            var registers = new int[program.Code.Length];
            for (int i = 0; i < registers.Length; i++)
                registers[i] = Lower(program.Code[i], program.Types[i], registers);
            var outputs = new LaneOutput[program.Outputs.Length];
            for (int i = 0; i < outputs.Length; i++)
            {
                bool isPaired = planes is not null && source.Results[planes.Outputs[i].Source].Category() == 3;
                outputs[i] = Store(registers[program.Outputs[i]], program.Results[i], isPaired);
            }
            return new LanePlan(source, planes, program, [.. values], [.. steps], outputs);
        }

        private int Lower(Instruction instruction, Dtype type, int[] registers) => instruction switch
        {
            Instruction.Load load => Load(load.input, program.Inputs[load.input]),
            Instruction.Parameter parameter => Source(LaneSource.Parameter, parameter.index, type, WidthOf(type)),
            Instruction.Unary unary => Unary(unary.unary, registers[unary.a]),
            Instruction.Binary binary => Binary(binary.binary, registers[binary.a], registers[binary.b]),
            Instruction.Compare compare => Compare(compare.comparison, registers[compare.a], registers[compare.b]),
            Instruction.Select select => Choose(registers[select.condition], registers[select.whenTrue], registers[select.whenFalse]),
            Instruction.Cast cast => Cast(registers[cast.a], cast.dtype),
            _ => throw new UnsupportedException(instruction.ToString(), "cpu", "it is not known here"),
        };

        private bool WidthOf(Dtype register) => register.IsBool ? prefersWide : Catalogue.IsWide(register);

        private int Source(LaneSource source, int index, Dtype dtype, bool isWide)
        {
            var value = new LaneValue(source, index, dtype, isWide);
            if (!sources.TryGetValue(value, out int known))
            {
                values.Add(value);
                sources[value] = known = values.Count - 1;
            }
            return known;
        }

        private int Load(int input, Dtype storage)
        {
            Dtype register = DtypeModule.compute(storage);
            bool isWide = WidthOf(register);
            int raw = Source(LaneSource.Input, input, storage, isWide);
            return storage.IsBool ? Step(Catalogue.One<IntegerToMask>(isWide), Dtype.Bool, raw)
                : storage.IsFloat16 ? Step(Catalogue.One<HalfToSingle>(false), register, raw)
                : storage.IsBFloat16 ? Step(Catalogue.One<BrainToSingle>(false), register, raw)
                : raw;
        }

        private int Step(LaneOperation operation, Dtype dtype, int a, int b = -1, int c = -1)
        {
            values.Add(new LaneValue(LaneSource.Step, steps.Count, dtype, operation.IsWide));
            steps.Add(new LaneStep(operation, a, b, c, values.Count - 1));
            return values.Count - 1;
        }

        private int Unary(Unary op, int a)
        {
            LaneOperation operation = Catalogue.Unary(op, values[a].Dtype, values[a].IsWide);
            return Step(operation, op.IsNot ? Dtype.Bool : values[a].Dtype, a);
        }

        private int Binary(Binary op, int a, int b)
        {
            bool isWide = values[a].IsWide;
            return Step(Catalogue.Binary(op, values[a].Dtype, isWide), values[a].Dtype, a, AtWidth(b, isWide));
        }

        private int Compare(Comparison op, int a, int b)
        {
            LaneOperation operation = Catalogue.Compare(op, values[a].Dtype, values[a].IsWide);
            b = AtWidth(b, values[a].IsWide);
            return op.IsGt || op.IsGe ? Step(operation, Dtype.Bool, b, a) : Step(operation, Dtype.Bool, a, b);
        }

        private int Choose(int condition, int whenTrue, int whenFalse)
        {
            bool isWide = values[whenTrue].IsWide;
            return Step(Catalogue.Select(isWide), values[whenTrue].Dtype, AtWidth(condition, isWide), whenTrue, AtWidth(whenFalse, isWide));
        }

        private int Cast(int a, Dtype dtype)
        {
            LaneValue value = values[a];
            foreach (LaneOperation step in Casts.Between(value.Dtype, dtype, value.IsWide))
                a = Step(step, DtypeModule.compute(dtype), a);
            return a;
        }

        /// <summary>A bool at the width of what it meets.</summary>
        private int AtWidth(int mask, bool isWide)
        {
            foreach (LaneOperation step in Casts.Masks(values[mask].IsWide, isWide))
                mask = Step(step, Dtype.Bool, mask);
            return mask;
        }

        private LaneOutput Store(int value, Dtype result, bool isPaired)
        {
            bool isWide = values[value].IsWide;
            int stored = result.IsBool ? Step(Catalogue.One<MaskToInteger>(isWide), Dtype.Bool, value)
                : result.IsFloat16 ? Step(Catalogue.One<SingleToHalf>(false), result, value)
                : result.IsBFloat16 ? Step(Catalogue.One<SingleToBrain>(false), result, value)
                : value;
            return new LaneOutput(stored, DtypeModule.size(result), isPaired);
        }
    }
}
