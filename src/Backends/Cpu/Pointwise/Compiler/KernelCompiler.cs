using System.Reflection;
using System.Reflection.Emit;

namespace Functional.Cpu;

/// <summary>
/// Writes a trace as IL over vectors, in a collectible assembly of its own: one unrolled loop, and one for the vectors
/// that remain. Polynomials are written out as intrinsics, for the JIT stops inlining calls after the first dozens.
/// </summary>
internal sealed class KernelCompiler
{
    // Past about a thousand locals the JIT stops tracking them; registers run out long before.
    private const int UnrolledSize = 600;
    private const int ManyLiveValues = 8;

    // One at a time: what reflection found is shared.
    private static readonly Lock Gate = new();

    private static int counter;

    private readonly LanePlan plan;
    private readonly Trace trace;
    private readonly VectorMethods vectors;
    private readonly ulong scalars;
    private readonly bool isStreaming;
    private readonly ILGenerator il;
    private readonly List<object> functions = [];
    private readonly LocalBuilder[] pointers;
    private readonly LocalBuilder?[] constants;
    private readonly LocalBuilder lane;
    private readonly int width;

    private KernelCompiler(LanePlan plan, ulong scalars, bool isStreaming, ILGenerator il)
    {
        this.plan = plan;
        this.scalars = scalars;
        this.isStreaming = isStreaming;
        this.il = il;
        trace = Trace.Of(plan);
        vectors = plan.IsWide ? VectorMethods.Double : VectorMethods.Single;
        width = plan.IsWide ? 8 : 4;
        pointers = new LocalBuilder[plan.Program.Inputs.Length + plan.Outputs.Length];
        constants = new LocalBuilder?[trace.Code.Count];
        lane = il.DeclareLocal(typeof(nint));
    }

    /// <summary>Compiles a plan for inputs of which some are one element for all lanes; streaming stores go around the caches.</summary>
    public static Kernel Compile(LanePlan plan, ulong scalars, bool isStreaming)
    {
        lock (Gate)
            return CompileAlone(plan, scalars, isStreaming);
    }

    private static Kernel CompileAlone(LanePlan plan, ulong scalars, bool isStreaming)
    {
        string name = $"Functional.Cpu.Kernel{++counter}";
        TypeBuilder type = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName(name), AssemblyBuilderAccess.RunAndCollect)
            .DefineDynamicModule(name)
            .DefineType("Kernel", TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed);
        MethodBuilder method = type.DefineMethod(
            "Run",
            MethodAttributes.Public | MethodAttributes.Static,
            typeof(void),
            [typeof(byte).MakePointerType().MakePointerType(), typeof(long).MakePointerType(), typeof(nint), typeof(object[])]);
        var compiler = new KernelCompiler(plan, scalars, isStreaming, method.GetILGenerator());
        compiler.Write();
        return new Kernel(type.CreateType().GetMethod("Run")!, [.. compiler.functions]);
    }

    private void Write()
    {
        for (int i = 0; i < pointers.Length; i++)
            LoadPointer(i);
        for (int m = 0; m < constants.Length; m++)
            LoadConstant(m);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Stloc, lane);
        int unroll = Unroll();
        if (unroll > 1)
            Loop(unroll);
        Loop(1);
        il.Emit(OpCodes.Ret);
    }

    private int Unroll()
    {
        int computed = trace.Code.Count(m => m.Code is not (MicroCode.Constant or MicroCode.Parameter));
        bool calls = trace.Code.Any(m => m.Code >= MicroCode.Patch);
        if (calls || LiveValues() > ManyLiveValues)
            return 1;
        return Math.Clamp(UnrolledSize / Math.Max(1, computed), 1, 4);
    }

    /// <summary>The most values that wait for a later group at the end of one.</summary>
    private int LiveValues()
    {
        var last = new int[trace.Code.Count];
        for (int m = 0; m < last.Length; m++)
        {
            foreach (int operand in Operands(trace.Code[m]))
                last[operand] = m;
        }
        foreach (int output in trace.Outputs)
            last[output] = int.MaxValue;
        int most = 0;
        for (int m = 0; m < last.Length; m++)
        {
            if (m + 1 < last.Length && trace.Groups[m + 1] == trace.Groups[m])
                continue;
            int live = 0;
            for (int k = 0; k <= m; k++)
            {
                if (last[k] > m && constants[k] is null && trace.Code[k].Code != MicroCode.Constant)
                    live++;
            }
            most = Math.Max(most, live);
        }
        return most;
    }

    private static IEnumerable<int> Operands(Micro micro)
    {
        if (micro.A >= 0)
            yield return micro.A;
        if (micro.B >= 0)
            yield return micro.B;
        if (micro.C >= 0)
            yield return micro.C;
        if (micro.D >= 0)
            yield return micro.D;
    }

    private void LoadPointer(int number)
    {
        pointers[number] = il.DeclareLocal(typeof(byte).MakePointerType());
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, number * IntPtr.Size);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Ldind_I);
        il.Emit(OpCodes.Stloc, pointers[number]);
    }

    /// <summary>Parameters and inputs of one element are spread over a vector before the loops.</summary>
    private void LoadConstant(int number)
    {
        Micro micro = trace.Code[number];
        if (micro.Code == MicroCode.Parameter)
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, (int)micro.Immediate * sizeof(long));
            il.Emit(OpCodes.Add);
        }
        else if (IsScalar(micro))
        {
            il.Emit(OpCodes.Ldloc, pointers[micro.Immediate]);
        }
        else
        {
            return;
        }
        il.Emit(plan.IsWide ? OpCodes.Ldind_R8 : OpCodes.Ldind_R4);
        il.Emit(OpCodes.Call, vectors.Create);
        constants[number] = il.DeclareLocal(vectors.Vector);
        il.Emit(OpCodes.Stloc, constants[number]!);
    }

    private bool IsScalar(Micro micro) => micro.Code == MicroCode.Load && (scalars >> (int)micro.Immediate & 1) != 0;

    /// <summary>A loop over as many whole strides of unrolled vectors as there are left.</summary>
    private void Loop(int unroll)
    {
        int lanes = vectors.Bytes / width * unroll;
        Label top = il.DefineLabel();
        Label check = il.DefineLabel();
        LocalBuilder end = il.DeclareLocal(typeof(nint));
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldc_I4, lanes);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Stloc, end);
        il.Emit(OpCodes.Br, check);
        il.MarkLabel(top);
        Body(unroll);
        il.Emit(OpCodes.Ldloc, lane);
        il.Emit(OpCodes.Ldc_I4, lanes);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, lane);
        il.MarkLabel(check);
        il.Emit(OpCodes.Ldloc, lane);
        il.Emit(OpCodes.Ldloc, end);
        il.Emit(OpCodes.Ble, top);
    }

    private void Body(int unroll)
    {
        int count = trace.Code.Count;
        var locals = new LocalBuilder?[unroll, count];
        for (int start = 0; start < count;)
        {
            int end = start;
            while (end < count && trace.Groups[end] == trace.Groups[start])
                end++;
            for (int copy = 0; copy < unroll; copy++)
            {
                for (int m = start; m < end; m++)
                    Operation(m, copy, locals);
            }
            start = end;
        }
        for (int o = 0; o < trace.Outputs.Length; o++)
        {
            for (int copy = 0; copy < unroll; copy++)
            {
                Value(trace.Outputs[o], copy, locals);
                int size = plan.Outputs[o].Size;
                Address(plan.Program.Inputs.Length + o, size, copy);
                il.Emit(OpCodes.Call, size != width ? vectors.StoreNarrow(size) : isStreaming ? vectors.StoreAround : vectors.Store);
            }
        }
    }

    /// <summary>Pushes where the elements, each of so many bytes, of a vector of an input or output begin.</summary>
    private void Address(int number, int size, int copy)
    {
        il.Emit(OpCodes.Ldloc, pointers[number]);
        il.Emit(OpCodes.Ldloc, lane);
        il.Emit(OpCodes.Ldc_I4, size);
        il.Emit(OpCodes.Conv_I);
        il.Emit(OpCodes.Mul);
        il.Emit(OpCodes.Add);
        if (copy > 0)
        {
            il.Emit(OpCodes.Ldc_I4, copy * (vectors.Bytes / width) * size);
            il.Emit(OpCodes.Conv_I);
            il.Emit(OpCodes.Add);
        }
    }

    /// <summary>Pushes an earlier value.</summary>
    private void Value(int number, int copy, LocalBuilder?[,] locals)
    {
        Micro micro = trace.Code[number];
        if (micro.Code == MicroCode.Constant && plan.IsWide)
        {
            il.Emit(OpCodes.Ldc_I8, micro.Immediate);
            il.Emit(OpCodes.Call, vectors.CreateWhole);
            il.Emit(OpCodes.Call, vectors.ToVector);
        }
        else if (micro.Code == MicroCode.Constant)
        {
            il.Emit(OpCodes.Ldc_I4, (int)micro.Immediate);
            il.Emit(OpCodes.Call, vectors.CreateWhole);
            il.Emit(OpCodes.Call, vectors.ToVector);
        }
        else
        {
            il.Emit(OpCodes.Ldloc, constants[number] ?? locals[copy, number]!);
        }
    }

    private void Operation(int number, int copy, LocalBuilder?[,] locals)
    {
        Micro micro = trace.Code[number];
        if (micro.Code == MicroCode.Constant || constants[number] is not null)
            return;
        LocalBuilder result = il.DeclareLocal(vectors.Vector);
        locals[copy, number] = result;
        if (micro.Code == MicroCode.Load)
        {
            Dtype dtype = plan.Program.Inputs[micro.Immediate];
            int size = DtypeModule.size(dtype);
            Address((int)micro.Immediate, size, copy);
            il.Emit(OpCodes.Call, size == width ? vectors.Load : vectors.LoadNarrow(dtype));
        }
        else if (micro.Code >= MicroCode.Patch)
        {
            CallOut(micro, copy, locals);
        }
        else
        {
            if (micro.Code == MicroCode.Lookup)
                Table((float[])micro.Function!);
            bool isWhole = micro.Code is >= MicroCode.IntegerAdd and <= MicroCode.ShiftRightLogical or MicroCode.FromInteger or MicroCode.Lookup;
            foreach (int operand in Operands(micro))
            {
                Value(operand, copy, locals);
                if (isWhole)
                    il.Emit(OpCodes.Call, vectors.ToWhole);
            }
            if (micro.Code is MicroCode.ShiftLeft or MicroCode.ShiftRight or MicroCode.ShiftRightLogical)
                il.Emit(OpCodes.Ldc_I4, (int)micro.Immediate);
            if (micro.Code == MicroCode.Mantissa)
                il.Emit(OpCodes.Ldc_I4, (int)Hardware.Interval);
            il.Emit(OpCodes.Call, Method(micro.Code));
            if (isWhole && micro.Code is not (MicroCode.FromInteger or MicroCode.Lookup) || micro.Code == MicroCode.ToInteger)
                il.Emit(OpCodes.Call, vectors.ToVector);
        }
        il.Emit(OpCodes.Stloc, result);
    }

    /// <summary>Pushes a vector of different constants.</summary>
    private void Table(float[] numbers)
    {
        foreach (float number in numbers)
            il.Emit(OpCodes.Ldc_R4, number);
        il.Emit(OpCodes.Call, VectorMethods.CreateTable);
    }

    private MethodInfo Method(MicroCode code) => code switch
    {
        MicroCode.Add => vectors.OfVectors("Add", 2),
        MicroCode.Subtract => vectors.OfVectors("Subtract", 2),
        MicroCode.Multiply => vectors.OfVectors("Multiply", 2),
        MicroCode.Divide => vectors.OfVectors("Divide", 2),
        MicroCode.And => vectors.OfVectors("BitwiseAnd", 2),
        MicroCode.Or => vectors.OfVectors("BitwiseOr", 2),
        MicroCode.Xor => vectors.OfVectors("Xor", 2),
        MicroCode.Not => vectors.OfVectors("OnesComplement", 1),
        MicroCode.FusedMultiplyAdd => vectors.OfVectors("FusedMultiplyAdd", 3),
        MicroCode.Sqrt => vectors.OfVectors("Sqrt", 1),
        MicroCode.Floor => vectors.OfVectors("Floor", 1),
        MicroCode.Ceiling => vectors.OfVectors("Ceiling", 1),
        MicroCode.Round => vectors.OfVectors("Round", 1),
        MicroCode.Truncate => vectors.OfVectors("Truncate", 1),
        MicroCode.Min => vectors.OfVectors("MinNative", 2),
        MicroCode.Max => vectors.OfVectors("MaxNative", 2),
        MicroCode.Less => vectors.OfVectors("LessThan", 2),
        MicroCode.LessOrEqual => vectors.OfVectors("LessThanOrEqual", 2),
        MicroCode.Equal => vectors.OfVectors("Equals", 2),
        MicroCode.Select => vectors.OfVectors("ConditionalSelect", 3),
        MicroCode.IntegerAdd => vectors.OfWhole("Add"),
        MicroCode.IntegerSubtract => vectors.OfWhole("Subtract"),
        MicroCode.IntegerMultiply => vectors.OfWhole("Multiply"),
        MicroCode.IntegerLess => vectors.OfWhole("LessThan"),
        MicroCode.IntegerEqual => vectors.OfWhole("Equals"),
        MicroCode.ShiftLeft => vectors.Shift("ShiftLeft"),
        MicroCode.ShiftRight => vectors.Shift("ShiftRightArithmetic"),
        MicroCode.ShiftRightLogical => vectors.Shift("ShiftRightLogical"),
        MicroCode.ToInteger => vectors.Convert(toInteger: true),
        MicroCode.FromInteger => vectors.Convert(toInteger: false),
        MicroCode.Scale => vectors.Scale,
        MicroCode.Exponent => vectors.Exponent,
        MicroCode.Mantissa => vectors.Mantissa,
        MicroCode.Lookup => VectorMethods.Lookup,
        _ => throw new InvalidOperationException($"{code} is no vector operation"),
    };

    /// <summary>A function lane by lane; a patch only where its mask has a lane at all.</summary>
    private void CallOut(Micro micro, int copy, LocalBuilder?[,] locals)
    {
        bool isPatch = micro.Code is MicroCode.Patch or MicroCode.Patch2;
        bool isOfTwo = micro.Code is MicroCode.Patch2 or MicroCode.Map2;
        Label call = il.DefineLabel();
        Label done = il.DefineLabel();
        if (isPatch)
        {
            Value(micro.A, copy, locals);
            il.Emit(OpCodes.Call, vectors.ToWhole);
            if (plan.IsWide)
                il.Emit(OpCodes.Ldc_I8, 0L);
            else
                il.Emit(OpCodes.Ldc_I4_0);
            il.Emit(OpCodes.Call, vectors.CreateWhole);
            il.Emit(OpCodes.Call, vectors.AnyEqual);
            il.Emit(OpCodes.Brfalse, call);
            Value(micro.B, copy, locals);
            LocalBuilder kept = il.DeclareLocal(vectors.Vector);
            il.Emit(OpCodes.Stloc, kept);
            il.Emit(OpCodes.Br, done);
            il.MarkLabel(call);
            Invoke();
            il.Emit(OpCodes.Stloc, kept);
            il.MarkLabel(done);
            il.Emit(OpCodes.Ldloc, kept);
        }
        else
        {
            Invoke();
        }

        void Invoke()
        {
            Type function = isOfTwo ? typeof(LaneFunction2) : typeof(LaneFunction);
            int operands = 0;
            foreach (int operand in Operands(micro))
            {
                Value(operand, copy, locals);
                operands++;
            }
            il.Emit(OpCodes.Ldarg_3);
            il.Emit(OpCodes.Ldc_I4, FunctionNumber(micro.Function!));
            il.Emit(OpCodes.Ldelem_Ref);
            il.Emit(OpCodes.Castclass, function);
            il.Emit(OpCodes.Call, vectors.Call(isPatch ? "Patch" : "Map", [.. Enumerable.Repeat(vectors.Vector, operands), function]));
        }
    }

    private int FunctionNumber(object function)
    {
        int number = functions.IndexOf(function);
        if (number < 0)
        {
            functions.Add(function);
            number = functions.Count - 1;
        }
        return number;
    }
}
