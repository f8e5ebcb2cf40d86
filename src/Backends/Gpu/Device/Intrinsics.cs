using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace Functional.Gpu;

/// <summary>Functions that every device has an instruction for and ILGPU no name.</summary>
/// <remarks>ILGPU looks for what was registered only after inlining, so that these must not be inlined; and a compiler made earlier never hears of them.</remarks>
internal static class Intrinsics
{
    /// <summary>a * b + c, rounded once.</summary>
    [IntrinsicImplementation, MethodImpl(MethodImplOptions.NoInlining)]
    public static float FusedMultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <inheritdoc cref="FusedMultiplyAdd(float, float, float)"/>
    [IntrinsicImplementation, MethodImpl(MethodImplOptions.NoInlining)]
    public static double FusedMultiplyAdd(double a, double b, double c) => Math.FusedMultiplyAdd(a, b, c);

    /// <summary>a * b, rounded once: never made one operation with what follows.</summary>
    [IntrinsicImplementation, MethodImpl(MethodImplOptions.NoInlining)]
    public static float Multiply(float a, float b) => a * b;

    /// <inheritdoc cref="Multiply(float, float)"/>
    [IntrinsicImplementation, MethodImpl(MethodImplOptions.NoInlining)]
    public static double Multiply(double a, double b) => a * b;

    /// <summary>The square root, rounded correctly.</summary>
    [IntrinsicImplementation, MethodImpl(MethodImplOptions.NoInlining)]
    public static float Sqrt(float a) => MathF.Sqrt(a);

    /// <inheritdoc cref="Sqrt(float)"/>
    [IntrinsicImplementation, MethodImpl(MethodImplOptions.NoInlining)]
    public static double Sqrt(double a) => Math.Sqrt(a);

    /// <summary>Makes them known to a compiler; the emulator runs the methods themselves.</summary>
    public static void Register(Context context)
    {
        IntrinsicImplementationManager manager = context.GetIntrinsicManager();
        foreach (Type number in (Type[])[typeof(float), typeof(double)])
        {
            Ptx(nameof(FusedMultiplyAdd), nameof(FusedMultiplyAddInPtx), number, number, number);
            Ptx(nameof(Multiply), nameof(MultiplyInPtx), number, number);
            Ptx(nameof(Sqrt), nameof(SqrtInPtx), number);
            OpenCl(nameof(FusedMultiplyAdd), nameof(FusedMultiplyAddInOpenCl), number, number, number);
            OpenCl(nameof(Sqrt), nameof(SqrtInOpenCl), number);
            OpenCl(nameof(Multiply), nameof(MultiplyInOpenCl), number, number);
        }

        void Ptx(string name, string writer, params Type[] operands) => manager.RegisterMethod(
            typeof(Intrinsics).GetMethod(name, operands)!, new PTXIntrinsic(typeof(Intrinsics), writer, IntrinsicImplementationMode.GenerateCode));

        void OpenCl(string name, string writer, params Type[] operands) => manager.RegisterMethod(
            typeof(Intrinsics).GetMethod(name, operands)!, new CLIntrinsic(typeof(Intrinsics), writer, IntrinsicImplementationMode.GenerateCode));
    }

    private static void FusedMultiplyAddInPtx(PTXBackend backend, PTXCodeGenerator code, Value value) => WritePtx(code, value, "fma.rn");

    private static void MultiplyInPtx(PTXBackend backend, PTXCodeGenerator code, Value value) => WritePtx(code, value, "mul.rn");

    private static void SqrtInPtx(PTXBackend backend, PTXCodeGenerator code, Value value) => WritePtx(code, value, "sqrt.rn");

    private static void FusedMultiplyAddInOpenCl(CLBackend backend, CLCodeGenerator code, Value value) => WriteOpenCl(code, value, "fma");

    private static void SqrtInOpenCl(CLBackend backend, CLCodeGenerator code, Value value) => WriteOpenCl(code, value, "sqrt");

    private static void MultiplyInOpenCl(CLBackend backend, CLCodeGenerator code, Value value)
    {
        var call = (MethodCall)value;
        var a = code.Load(call[0]);
        var b = code.Load(call[1]);
        using var statement = code.BeginStatement(code.Allocate(value));
        statement.Append(a);
        statement.AppendCommand(" * ");
        statement.Append(b);
    }

    private static void WritePtx(PTXCodeGenerator code, Value value, string instruction)
    {
        var call = (MethodCall)value;
        var operands = Enumerable.Range(0, call.Count).Select(i => code.LoadPrimitive(call[i])).ToArray();
        var target = code.AllocateHardware(value);
        using var command = code.BeginCommand(instruction + (value.BasicValueType == BasicValueType.Float64 ? ".f64" : ".f32"));
        command.AppendArgument(target);
        foreach (var operand in operands)
            command.AppendArgument(operand);
    }

    private static void WriteOpenCl(CLCodeGenerator code, Value value, string function)
    {
        var call = (MethodCall)value;
        var operands = Enumerable.Range(0, call.Count).Select(i => code.Load(call[i])).ToArray();
        using var statement = code.BeginStatement(code.Allocate(value));
        statement.AppendCommand(function);
        statement.BeginArguments();
        foreach (var operand in operands)
            statement.AppendArgument(operand);
        statement.EndArguments();
    }
}
