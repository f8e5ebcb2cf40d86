using System.Reflection;
using System.Reflection.Emit;
using BinaryTags = Functional.Contract.Binary.Tags;
using UnaryTags = Functional.Contract.Unary.Tags;

namespace Functional.Gpu;

/// <summary>Writes one step of a program: its operands from their locals, its value left on the stack.</summary>
/// <param name="il">Where to.</param>
/// <param name="program">The program.</param>
/// <param name="steps">The local of every step so far.</param>
/// <param name="faults">The field of the fault word, made when a step can fail.</param>
internal sealed class OperationEmitter(ILGenerator il, Program program, LocalBuilder[] steps, Func<FieldInfo> faults)
{
    public void Emit(int step)
    {
        switch (program.Code[step])
        {
            case Instruction.Unary one:
                EmitUnary(one.unary, program.Types[one.a], one.a);
                break;
            case Instruction.Binary two:
                EmitBinary(two.binary, program.Types[two.a], two.a, two.b);
                break;
            case Instruction.Compare compare:
                EmitCompare(compare.comparison, compare.a, compare.b);
                break;
            case Instruction.Select select:
                EmitSelect(select);
                break;
            case Instruction.Cast cast:
                Value(cast.a);
                Registers.EmitCast(il, program.Types[cast.a], cast.dtype);
                break;
            default:
                throw new InvalidOperationException("an instruction of another kind");
        }
    }

    private void Value(int step) => il.Emit(OpCodes.Ldloc, steps[step]);

    private void EmitSelect(Instruction.Select select)
    {
        Label whenTrue = il.DefineLabel();
        Label done = il.DefineLabel();
        Value(select.condition);
        il.Emit(OpCodes.Brtrue, whenTrue);
        Value(select.whenFalse);
        il.Emit(OpCodes.Br, done);
        il.MarkLabel(whenTrue);
        Value(select.whenTrue);
        il.MarkLabel(done);
    }

    /// <summary>Only less, greater and equal are used: with a nan they are all false.</summary>
    private void EmitCompare(Comparison op, int a, int b)
    {
        Value(a);
        Value(b);
        switch (op.Tag)
        {
            case Comparison.Tags.Eq:
                il.Emit(OpCodes.Ceq);
                break;
            case Comparison.Tags.Ne:
                il.Emit(OpCodes.Ceq);
                il.Emit(OpCodes.Ldc_I4_0);
                il.Emit(OpCodes.Ceq);
                break;
            case Comparison.Tags.Lt:
                il.Emit(OpCodes.Clt);
                break;
            case Comparison.Tags.Gt:
                il.Emit(OpCodes.Cgt);
                break;
            default:
                il.Emit(op.IsLe ? OpCodes.Clt : OpCodes.Cgt);
                Value(a);
                Value(b);
                il.Emit(OpCodes.Ceq);
                il.Emit(OpCodes.Or);
                break;
        }
    }

    private void EmitUnary(Unary op, Dtype dtype, int a)
    {
        if (op.IsNot)
        {
            Value(a);
            il.Emit(OpCodes.Call, Registers.Method(typeof(Conversions), nameof(Conversions.IsNotZero), Registers.Register(dtype)));
            il.Emit(OpCodes.Ldc_I4_1);
            il.Emit(OpCodes.Xor);
            return;
        }
        Value(a);
        if (DtypeModule.isFloating(dtype))
        {
            if (op.IsBitwiseNot)
                throw Missing("bitwise_not_cpu", dtype);
            il.Emit(OpCodes.Call, Functions.Unary(op, Registers.Register(dtype)));
            return;
        }
        switch (op.Tag)
        {
            case UnaryTags.BitwiseNot when dtype.IsBool:
                il.Emit(OpCodes.Ldc_I4_1);
                il.Emit(OpCodes.Xor);
                break;
            case UnaryTags.BitwiseNot:
                il.Emit(OpCodes.Not);
                Registers.EmitWrap(il, dtype);
                break;
            case UnaryTags.Floor or UnaryTags.Ceil or UnaryTags.Round or UnaryTags.Trunc:
                break;
            case UnaryTags.Neg or UnaryTags.Abs or UnaryTags.Sign when dtype.IsBool:
                break;
            case UnaryTags.Neg:
                il.Emit(OpCodes.Neg);
                Registers.EmitWrap(il, dtype);
                break;
            case UnaryTags.Abs or UnaryTags.Sign:
                il.Emit(OpCodes.Call, Registers.Method(
                    typeof(IntegerFunctions), op.IsAbs ? nameof(IntegerFunctions.Absolute) : nameof(IntegerFunctions.Sign), Registers.Register(dtype)));
                Registers.EmitWrap(il, dtype);
                break;
            default:
                throw Missing(op.ToString(), dtype);
        }
    }

    private void EmitBinary(Binary op, Dtype dtype, int a, int b)
    {
        if (DtypeModule.isFloating(dtype))
            EmitReal(op, dtype, a, b);
        else if (Instruction(op, dtype) is { } simple)
        {
            Value(a);
            Value(b);
            il.Emit(simple);
            Registers.EmitWrap(il, dtype);
        }
        else if (op.IsMax || op.IsMin)
        {
            Value(a);
            Value(b);
            Type register = Registers.Register(dtype);
            il.Emit(OpCodes.Call, Registers.Method(
                typeof(IntegerFunctions), op.IsMax ? nameof(IntegerFunctions.Larger) : nameof(IntegerFunctions.Smaller), register, register));
        }
        else
            EmitWide(op, dtype, a, b);
    }

    private void EmitReal(Binary op, Dtype dtype, int a, int b)
    {
        string? refused = op.Tag switch
        {
            BinaryTags.And => "bitwise_and_cpu",
            BinaryTags.Or => "bitwise_or_cpu",
            BinaryTags.Xor => "bitwise_xor_cpu",
            BinaryTags.ShiftLeft => "lshift_cpu",
            BinaryTags.ShiftRight => "rshift_cpu",
            BinaryTags.GreatestCommonDivisor => "gcd_cpu",
            _ => null,
        };
        if (refused is not null)
            throw Missing(refused, dtype);
        Value(a);
        Value(b);
        switch (op.Tag)
        {
            case BinaryTags.Add:
                il.Emit(OpCodes.Add);
                break;
            case BinaryTags.Sub:
                il.Emit(OpCodes.Sub);
                break;
            case BinaryTags.Div:
                il.Emit(OpCodes.Div);
                break;
            default:
                il.Emit(OpCodes.Call, Functions.Binary(op, Registers.Register(dtype)));
                break;
        }
    }

    /// <summary>The instruction of an operation of integers or bools that has one.</summary>
    private static OpCode? Instruction(Binary op, Dtype dtype) => (op.Tag, dtype.IsBool) switch
    {
        (BinaryTags.And, _) or (BinaryTags.Mul or BinaryTags.Min, true) => OpCodes.And,
        (BinaryTags.Or, _) or (BinaryTags.Add or BinaryTags.Max, true) => OpCodes.Or,
        (BinaryTags.Xor, _) or (BinaryTags.Sub, true) => OpCodes.Xor,
        (BinaryTags.Add, _) => OpCodes.Add,
        (BinaryTags.Sub, _) => OpCodes.Sub,
        (BinaryTags.Mul, _) => OpCodes.Mul,
        _ => null,
    };

    /// <summary>What is computed in 64 bits and wrapped.</summary>
    private void EmitWide(Binary op, Dtype dtype, int a, int b)
    {
        string name = op.Tag switch
        {
            BinaryTags.Div => nameof(IntegerFunctions.Divide),
            BinaryTags.FloorDiv => nameof(IntegerFunctions.FloorDivide),
            BinaryTags.Remainder => nameof(IntegerFunctions.Remainder),
            BinaryTags.Fmod => nameof(IntegerFunctions.Fmod),
            BinaryTags.Pow => nameof(IntegerFunctions.Power),
            BinaryTags.GreatestCommonDivisor when !dtype.IsBool => nameof(IntegerFunctions.Divisor),
            BinaryTags.ShiftLeft => nameof(IntegerFunctions.ShiftLeft),
            BinaryTags.ShiftRight => nameof(IntegerFunctions.ShiftRight),
            _ => throw Missing(op.ToString(), dtype),
        };
        bool isShift = op.IsShiftLeft || op.IsShiftRight;
        Value(a);
        il.Emit(OpCodes.Conv_I8);
        Value(b);
        il.Emit(OpCodes.Conv_I8);
        if (op.IsDiv || op.IsFloorDiv || op.IsRemainder || op.IsFmod)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, faults());
            il.Emit(OpCodes.Call, typeof(Conversions).GetMethod(nameof(Conversions.CheckedDivisor))!);
        }
        if (isShift)
            il.Emit(OpCodes.Ldc_I8, 8L * DtypeModule.size(dtype));
        il.Emit(OpCodes.Call, typeof(IntegerFunctions).GetMethod(name)!);
        if (dtype.IsBool)
            il.Emit(OpCodes.Call, Registers.Method(typeof(Conversions), nameof(Conversions.IsNotZero), typeof(long)));
        else if (!dtype.IsInt64)
        {
            il.Emit(OpCodes.Conv_I4);
            Registers.EmitWrap(il, dtype);
        }
    }

    private static DtypeException Missing(string operation, Dtype dtype) => new(
        $"\"{operation.ToLowerInvariant()}\" not implemented for '{DtypeModule.scalarTypeName(dtype)}': the {operation.ToLowerInvariant()} "
        + $"of a scalar program does not take {DtypeModule.name(dtype)}; cast to a dtype that it takes");
}
