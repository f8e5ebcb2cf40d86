using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer CrossEntropyRows(View source, View classes) => CrossEntropy(source, classes, null);

    /// <inheritdoc/>
    public Buffer CrossEntropyRowsPullback(View source, View classes, View cotangent) => CrossEntropy(source, classes, cotangent);

    /// <summary>The losses of rows, or where there are cotangents of these, that of the rows.</summary>
    private static CpuBuffer CrossEntropy(View source, View classes, View? cotangent)
    {
        using var labels = RowMajor.Of(classes);
        CheckClasses(labels, classes, source.Shape.Length - 1, source.Shape[^1]);
        View wide = HalfPrecision.Widen(source, out CpuBuffer? first);
        View slopes = HalfPrecision.Widen(cotangent ?? source, out CpuBuffer? second);
        using var input = RowMajor.Of(wide);
        using var cotangents = RowMajor.Of(slopes);
        var result = new CpuBuffer(wide.Dtype, ShapeModule.count(cotangent is null ? classes.Shape : source.Shape));
        var work = new CrossEntropyWork(input, labels, cotangents, result, ShapeModule.count(classes.Shape), source.Shape[^1], cotangent is not null);
        Elements.InvokeFloating("cross_entropy", wide.Dtype, work);
        first?.Release();
        second?.Release();
        return HalfPrecision.Narrow(result, source.Dtype);
    }

    private static void CheckClasses(RowMajor labels, View classes, int axis, int size)
    {
        CpuBuffer buffer = labels.Buffer;
        View view = new(buffer, labels.Offset, classes.Shape, ShapeModule.rowMajor(classes.Shape));
        fixed (byte* at = buffer)
            IndexCheck.Run("cross_entropy", view, (long*)at + labels.Offset, axis, size);
        GC.KeepAlive(buffer);
    }

    /// <summary>Cross entropy once the element type is known.</summary>
    private readonly struct CrossEntropyWork(
        RowMajor source, RowMajor classes, RowMajor cotangent, CpuBuffer result, long rows, int count, bool isPullback) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer logits = source.Buffer, labels = classes.Buffer, slopes = cotangent.Buffer;
            fixed (byte* from = logits, at = labels, along = slopes, to = result)
            {
                T* start = (T*)from + source.Offset;
                long* label = (long*)at + classes.Offset;
                if (isPullback)
                {
                    var kernel = new CrossEntropyPullback<T>(start, label, (T*)along + cotangent.Offset);
                    RowLoop.Run(start, (T*)to, rows, count, kernel);
                }
                else
                {
                    // The losses are the kernel's own: a row of results here is a single number.
                    RowLoop.Run(start, start, rows, count, new CrossEntropyRow<T>(start, label, (T*)to));
                }
            }
            GC.KeepAlive(logits);
            GC.KeepAlive(labels);
            GC.KeepAlive(slopes);
            GC.KeepAlive(result);
        }
    }
}
