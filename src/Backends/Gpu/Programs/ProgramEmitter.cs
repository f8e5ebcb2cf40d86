using System.Reflection;
using System.Reflection.Emit;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Writes one program as a struct: its arguments as fields, and what happens at a position as a method.</summary>
internal sealed class ProgramEmitter
{
    private const MethodAttributes Implementing = MethodAttributes.Public | MethodAttributes.Final | MethodAttributes.HideBySig
        | MethodAttributes.NewSlot | MethodAttributes.Virtual;

    private const MethodAttributes ImplementingStatic = MethodAttributes.Public | MethodAttributes.Static | MethodAttributes.HideBySig;

    private readonly Program program;
    private readonly AccessPattern pattern;
    private readonly OutputPlace[] places;
    private readonly bool isStored;
    private readonly TypeBuilder type;
    private readonly ILGenerator create;
    private readonly MethodBuilder creation;
    private readonly LocalBuilder created;

    public ProgramEmitter(ModuleBuilder module, string name, Program program, AccessPattern pattern, OutputPlace[] places, bool isStored)
    {
        this.program = program;
        this.pattern = pattern;
        this.places = places;
        this.isStored = isStored;
        type = module.DefineType(name, TypeAttributes.Public | TypeAttributes.SequentialLayout | TypeAttributes.Sealed, typeof(ValueType));
        creation = type.DefineMethod("Create", ImplementingStatic, type, [typeof(ProgramCall)]);
        create = creation.GetILGenerator();
        created = create.DeclareLocal(type);
        create.Emit(OpCodes.Ldloca, created);
        create.Emit(OpCodes.Initobj, type);
    }

    public Type Build()
    {
        Type result = isStored ? typeof(void) : Registers.Folded(program.Results[0]);
        MethodBuilder body = type.DefineMethod(isStored ? "Store" : "At", Implementing, result, [typeof(int)]);
        EmitBody(body.GetILGenerator());
        create.Emit(OpCodes.Ldloc, created);
        create.Emit(OpCodes.Ret);

        Type open = isStored ? typeof(IProgram<>) : typeof(IValueProgram<,>);
        Type contract = isStored ? open.MakeGenericType(type) : open.MakeGenericType(type, result);
        type.AddInterfaceImplementation(contract);
        type.DefineMethodOverride(body, TypeBuilder.GetMethod(contract, open.GetMethod(body.Name)!));
        type.DefineMethodOverride(creation, TypeBuilder.GetMethod(contract, open.GetMethod("Create")!));
        return type.CreateType();
    }

    private void EmitBody(ILGenerator il)
    {
        LocalBuilder[] coordinates = EmitCoordinates(il);
        var steps = new LocalBuilder[program.Code.Length];
        var operations = new OperationEmitter(il, program, steps, Faults);
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = il.DeclareLocal(Registers.Register(program.Types[i]));
            switch (program.Code[i])
            {
                case Instruction.Load load:
                    EmitLoad(il, load.input, coordinates);
                    break;
                case Instruction.Parameter parameter:
                    Type register = Registers.Register(program.Parameters[parameter.index]);
                    EmitField(il, Field($"parameter{parameter.index}", register, register.Name, parameter.index));
                    break;
                default:
                    operations.Emit(i);
                    break;
            }
            il.Emit(OpCodes.Stloc, steps[i]);
        }
        if (!isStored)
        {
            il.Emit(OpCodes.Ldloc, steps[program.Outputs[0]]);
            if (Registers.Register(program.Results[0]) == typeof(int))
                il.Emit(OpCodes.Conv_I8);
        }
        for (int k = 0; k < places.Length; k++)
            EmitStore(il, k, steps[program.Outputs[k]]);
        il.Emit(OpCodes.Ret);
    }

    /// <summary>The coordinates of the position, the innermost first, if an input needs them.</summary>
    private LocalBuilder[] EmitCoordinates(ILGenerator il)
    {
        if (!Array.Exists(pattern.Accesses, access => access == Access.Strided))
            return [];
        int rank = pattern.Sizes.Length;
        var coordinates = new LocalBuilder[rank];
        LocalBuilder rest = il.DeclareLocal(typeof(int));
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Stloc, rest);
        for (int d = 0; d < rank - 1; d++)
        {
            FieldBuilder size = Field($"size{d}", typeof(int), nameof(ProgramCall.Size), d);
            LocalBuilder quotient = il.DeclareLocal(typeof(int));
            il.Emit(OpCodes.Ldloc, rest);
            EmitField(il, size);
            il.Emit(OpCodes.Div);
            il.Emit(OpCodes.Stloc, quotient);
            coordinates[d] = il.DeclareLocal(typeof(int));
            il.Emit(OpCodes.Ldloc, rest);
            il.Emit(OpCodes.Ldloc, quotient);
            EmitField(il, size);
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Sub);
            il.Emit(OpCodes.Stloc, coordinates[d]);
            rest = quotient;
        }
        coordinates[rank - 1] = rest;
        return coordinates;
    }

    private void EmitLoad(ILGenerator il, int k, LocalBuilder[] coordinates)
    {
        Type storage = Registers.Storage(program.Inputs[k]);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldflda, Field($"input{k}", typeof(ArrayView<>).MakeGenericType(storage), nameof(ProgramCall.Input), k, storage));
        EmitField(il, Field($"offset{k}", typeof(int), nameof(ProgramCall.Offset), k));
        if (pattern.Accesses[k] == Access.Flat)
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Add);
        }
        else if (pattern.Accesses[k] == Access.Strided)
        {
            for (int d = 0; d < coordinates.Length; d++)
            {
                il.Emit(OpCodes.Ldloc, coordinates[d]);
                EmitField(il, Field($"stride{k}_{d}", typeof(int), nameof(ProgramCall.Stride), k, d));
                il.Emit(OpCodes.Mul);
                il.Emit(OpCodes.Add);
            }
        }
        EmitElement(il, storage);
        il.Emit(OpCodes.Ldobj, storage);
        Registers.EmitWiden(il, program.Inputs[k]);
    }

    private void EmitStore(ILGenerator il, int k, LocalBuilder value)
    {
        Type storage = Registers.Storage(program.Results[k]);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldflda, Field($"output{k}", typeof(ArrayView<>).MakeGenericType(storage), nameof(ProgramCall.Output), k, storage));
        il.Emit(OpCodes.Ldarg_1);
        if (places[k].Step != 1)
        {
            il.Emit(OpCodes.Ldc_I4, places[k].Step);
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Ldc_I4, places[k].Part);
            il.Emit(OpCodes.Add);
        }
        EmitElement(il, storage);
        il.Emit(OpCodes.Ldloc, value);
        Registers.EmitNarrow(il, program.Results[k]);
        il.Emit(OpCodes.Stobj, storage);
    }

    private static void EmitElement(ILGenerator il, Type storage) =>
        il.Emit(OpCodes.Call, typeof(ArrayView<>).MakeGenericType(storage).GetProperty("Item", [typeof(int)])!.GetMethod!);

    private static void EmitField(ILGenerator il, FieldInfo field)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, field);
    }

    private FieldInfo Faults() => Field("faults", typeof(ArrayView<int>), nameof(ProgramCall.Faults));

    private readonly Dictionary<string, FieldBuilder> fields = [];

    /// <summary>A field that is filled from a member of the call; made when it is first asked for.</summary>
    private FieldBuilder Field(string name, Type kind, string source, params object[] arguments)
    {
        if (fields.TryGetValue(name, out FieldBuilder? known))
            return known;
        FieldBuilder field = fields[name] = type.DefineField(name, kind, FieldAttributes.Public);
        create.Emit(OpCodes.Ldloca, created);
        create.Emit(OpCodes.Ldarg_0);
        foreach (object argument in arguments)
        {
            if (argument is int number)
                create.Emit(OpCodes.Ldc_I4, number);
        }
        MethodInfo? getter = typeof(ProgramCall).GetProperty(source)?.GetMethod ?? typeof(ProgramCall).GetMethod(source);
        if (arguments.OfType<Type>().FirstOrDefault() is { } element)
            getter = getter!.MakeGenericMethod(element);
        create.Emit(OpCodes.Call, getter!);
        create.Emit(OpCodes.Stfld, field);
        return field;
    }
}
