namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer Rows(RowKernel kernel, View source) =>
        throw Missing("softmax");

    /// <inheritdoc/>
    public Buffer NormalizeRows(View source, double epsilon, View weight, View bias) =>
        throw Missing("layer_norm");

    /// <inheritdoc/>
    public Buffer RowsPullback(RowKernel kernel, View point, View cotangent) =>
        throw Missing("softmax_backward");

    /// <inheritdoc/>
    public Buffer[] NormalizeRowsPullback(View source, double epsilon, View weight, View cotangent) =>
        throw Missing("layer_norm_backward");
}
