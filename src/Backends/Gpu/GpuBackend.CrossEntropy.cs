using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

public sealed partial class GpuBackend
{
    /// <inheritdoc/>
    public Buffer CrossEntropyRows(View source, View classes) => CrossEntropy(source, classes, null);

    /// <inheritdoc/>
    public Buffer CrossEntropyRowsPullback(View source, View classes, View cotangent) => CrossEntropy(source, classes, cotangent);

    /// <summary>The losses of rows, or where there are cotangents of these, that of the rows.</summary>
    private GpuBuffer CrossEntropy(View source, View classes, View? cotangent)
    {
        View input = RowMajor(source), labels = RowMajor(classes), slopes = cotangent is { } along ? RowMajor(along) : input;
        GpuBuffer result = New(source.Dtype, ShapeModule.count(cotangent is null ? classes.Shape : source.Shape));
        IndexFault fault = context.Faults.ForIndex("cross_entropy", classes.Shape, source.Shape.Length - 1, source.Shape[^1]);
        ElementTypes.Real("cross_entropy", source.Dtype, new CrossEntropyWork(this, input, labels, slopes, result, fault, cotangent is not null));
        Finished(result, classes, labels);
        Finished(result, cotangent ?? source, slopes);
        return cotangent is null ? result : Finished(result, source, input);
    }

    /// <summary>Cross entropy once the element type is known.</summary>
    private readonly struct CrossEntropyWork(
        GpuBackend backend, View source, View classes, View cotangent, GpuBuffer result, IndexFault fault, bool isPullback) : IRealAction
    {
        public void Invoke<TStored, TValue, TElement>()
            where TStored : unmanaged
            where TValue : unmanaged, INumber<TValue>
            where TElement : struct, IRealElement<TStored, TValue>
        {
            RowShape shape = RowShape.Of(ShapeModule.count(classes.Shape), source.Shape[^1]);
            if (shape.Rows == 0)
                return;
            var groups = new KernelConfig(shape.Groups, RowShape.Threads);
            if (!isPullback)
            {
                backend.Kernels.Launch("cross_entropy", groups, new CrossEntropyKernel<TStored, TValue, TElement>
                {
                    Source = backend.Elements<TStored>(source),
                    Offset = source.Offset,
                    Classes = backend.Elements<long>(classes),
                    ClassesOffset = classes.Offset,
                    Result = result.As<TStored>(),
                    Shape = shape,
                    Fault = fault,
                });
            }
            else
            {
                backend.Kernels.Launch("cross_entropy_backward", groups, new CrossEntropyPullback<TStored, TValue, TElement>
                {
                    Source = backend.Elements<TStored>(source),
                    Offset = source.Offset,
                    Classes = backend.Elements<long>(classes),
                    ClassesOffset = classes.Offset,
                    Cotangent = backend.Elements<TStored>(cotangent),
                    CotangentOffset = cotangent.Offset,
                    Result = result.As<TStored>(),
                    Shape = shape,
                    Fault = fault,
                });
            }
        }
    }
}
