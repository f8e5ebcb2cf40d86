namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Attend(AttentionOperands operands) =>
        throw Missing("attention");

    /// <inheritdoc/>
    public Buffer[] AttendPullback(AttentionOperands operands, View result, View cotangent) =>
        throw Missing("attention_backward");
}
