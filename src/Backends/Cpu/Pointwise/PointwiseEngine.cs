using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Runs pointwise programs: finds or makes their plans and keeps the objects of a call for the next.</summary>
internal static class PointwiseEngine
{
    private static readonly ConditionalWeakTable<Program, LanePlan> Plans = [];

    // The plans of the latest programs, found without a lock.
    private static readonly LanePlan?[] Recent = new LanePlan?[256];

    [ThreadStatic]
    private static PointwiseCall? idle;

    /// <summary>The plan of a program, made at its first use.</summary>
    public static LanePlan PlanOf(Program program)
    {
        ref LanePlan? recent = ref Recent[program.Id & (Recent.Length - 1)];
        LanePlan? plan = recent;
        if (plan is null || !ReferenceEquals(plan.Source, program))
            recent = plan = Plans.GetValue(program, LanePlan.Of);
        return plan;
    }

    /// <summary>Runs a program once for every position of a shape.</summary>
    public static void Run(
        Program program,
        ReadOnlySpan<int> shape,
        ReadOnlySpan<View> inputs,
        ReadOnlySpan<Scalar> parameters,
        ReadOnlySpan<Buffer> outputs)
    {
        LanePlan plan = PlanOf(program);
        if (plan.Planes is { } planes)
        {
            inputs = planes.Views(inputs.ToArray());
            parameters = planes.Numbers(parameters.ToArray());
        }
        if (plan.Single is { } operation && outputs[0].Length <= CpuBuffer.ManagedLimit && RunTiny(plan, operation, shape, inputs, outputs[0]))
            return;
        PointwiseCall call = idle ?? new PointwiseCall();
        idle = null;
        call.Bind(plan, shape, inputs, parameters);
        if (call.Count > 0)
        {
            call.BindOutputs(outputs, inputs);
            call.Run();
            call.Finish(outputs);
        }
        idle = call;
    }

    /// <summary>One operation on a handful of contiguous elements, with nothing around it; false where that is not what is asked for.</summary>
    private static unsafe bool RunTiny(
        LanePlan plan, LaneOperation operation, ReadOnlySpan<int> shape, ReadOnlySpan<View> inputs, Buffer output)
    {
        foreach (ref readonly View input in inputs)
        {
            if (input.Offset != 0 || CpuBuffer.Of(input).Length > CpuBuffer.ManagedLimit || !IsRowMajor(shape, input.Strides))
                return false;
        }
        LaneStep step = plan.Steps[0];
        CpuBuffer result = CpuBuffer.Of(output);
        CpuBuffer first = Operand(plan, step.A, inputs);
        CpuBuffer second = operation.Arity > 1 ? Operand(plan, step.B, inputs) : first;
        CpuBuffer third = operation.Arity > 2 ? Operand(plan, step.C, inputs) : first;
        fixed (byte* a = first, b = second, c = third, r = result)
            operation.Run(a, b, c, r, output.Length);
        return true;
    }

    private static CpuBuffer Operand(LanePlan plan, int value, ReadOnlySpan<View> inputs) =>
        CpuBuffer.Of(inputs[plan.Values[value].Index].Buffer);

    private static bool IsRowMajor(ReadOnlySpan<int> shape, int[] strides)
    {
        int step = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (shape[d] != 1 && strides[d] != step)
                return false;
            step *= shape[d];
        }
        return true;
    }
}
