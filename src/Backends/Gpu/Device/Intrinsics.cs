using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace Functional.Gpu;

/// <summary>Functions that every device has an instruction for and ILGPU no name.</summary>
internal static class Intrinsics
{
    /// <summary>a * b + c, rounded once.</summary>
    public static float FusedMultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <inheritdoc cref="FusedMultiplyAdd(float, float, float)"/>
    public static double FusedMultiplyAdd(double a, double b, double c) => Math.FusedMultiplyAdd(a, b, c);

    /// <summary>Makes them known to a compiler; the emulator runs the methods themselves.</summary>
    public static void Register(Context context)
    {
        IntrinsicImplementationManager manager = context.GetIntrinsicManager();
        foreach (Type number in (Type[])[typeof(float), typeof(double)])
        {
            var method = typeof(Intrinsics).GetMethod(nameof(FusedMultiplyAdd), [number, number, number])!;
            manager.RegisterMethod(method, new PTXIntrinsic(typeof(Intrinsics), nameof(WritePtx), IntrinsicImplementationMode.GenerateCode));
            manager.RegisterMethod(method, new CLIntrinsic(typeof(Intrinsics), nameof(WriteOpenCl), IntrinsicImplementationMode.GenerateCode));
        }
    }

    private static void WritePtx(PTXBackend backend, PTXCodeGenerator code, Value value)
    {
        var call = (MethodCall)value;
        var a = code.LoadPrimitive(call[0]);
        var b = code.LoadPrimitive(call[1]);
        var c = code.LoadPrimitive(call[2]);
        var target = code.AllocateHardware(value);
        using var command = code.BeginCommand(value.BasicValueType == BasicValueType.Float64 ? "fma.rn.f64" : "fma.rn.f32");
        command.AppendArgument(target);
        command.AppendArgument(a);
        command.AppendArgument(b);
        command.AppendArgument(c);
    }

    private static void WriteOpenCl(CLBackend backend, CLCodeGenerator code, Value value)
    {
        var call = (MethodCall)value;
        var a = code.Load(call[0]);
        var b = code.Load(call[1]);
        var c = code.Load(call[2]);
        using var statement = code.BeginStatement(code.Allocate(value));
        statement.AppendCommand("fma");
        statement.BeginArguments();
        statement.AppendArgument(a);
        statement.AppendArgument(b);
        statement.AppendArgument(c);
        statement.EndArguments();
    }
}
