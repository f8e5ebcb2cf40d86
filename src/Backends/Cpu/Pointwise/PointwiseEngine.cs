using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Runs pointwise programs: finds or makes their plans and keeps the objects of a call for the next.</summary>
internal static class PointwiseEngine
{
    private static readonly ConditionalWeakTable<Program, LanePlan> Plans = [];

    [ThreadStatic]
    private static PointwiseCall? idle;

    /// <summary>The plan of a program, made at its first use.</summary>
    public static LanePlan PlanOf(Program program) =>
        Plans.TryGetValue(program, out LanePlan? plan) ? plan : Plans.GetValue(program, LanePlan.Of);

    /// <summary>Runs a program once for every position of a shape.</summary>
    public static void Run(
        Program program,
        ReadOnlySpan<int> shape,
        ReadOnlySpan<View> inputs,
        ReadOnlySpan<Scalar> parameters,
        ReadOnlySpan<Buffer> outputs)
    {
        LanePlan plan = PlanOf(program);
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
}
