using System.Numerics;
using ILGPU;

namespace Functional.Gpu;

/// <summary>A row's mean in two parts, a value near it and what that leaves, and 1 / sqrt(variance + epsilon).</summary>
internal readonly struct Moments<TValue>(TValue near, TValue rest, TValue scale)
    where TValue : unmanaged, INumber<TValue>
{
    private readonly TValue near = near;
    private readonly TValue rest = rest;

    public readonly TValue Scale = scale;

    public TValue Normalize(TValue value) => (value - near - rest) * Scale;

    public void Store(ArrayView<TValue> target, int at)
    {
        target[at] = near;
        target[at + 1] = rest;
        target[at + 2] = Scale;
    }

    public static Moments<TValue> Load(ArrayView<TValue> source, int at) => new(source[at], source[at + 1], source[at + 2]);

    /// <summary>Squares are summed about a value near the mean, so that rows far from zero keep their digits.</summary>
    public static Moments<TValue> Of<TStored, TElement>(ArrayView<TStored> source, int start, ArrayView<TValue> scratch, RowShape shape, double epsilon)
        where TStored : unmanaged
        where TElement : struct, IRealElement<TStored, TValue>
    {
        TValue length = TElement.Of(shape.Count);
        int count = shape.Own;
        TValue sum = default;
        for (int i = shape.Lane; i < count; i += shape.Lanes)
            sum += TElement.Widen(source[start + i]);
        TValue near = RowFold.Sum(scratch, shape.Lanes, sum) / length;
        TValue rest = default, squares = default;
        for (int i = shape.Lane; i < count; i += shape.Lanes)
        {
            TValue away = TElement.Widen(source[start + i]) - near;
            rest += away;
            squares += away * away;
        }
        rest = RowFold.Sum(scratch, shape.Lanes, rest) / length;
        TValue variance = RowFold.Sum(scratch, shape.Lanes, squares) / length - rest * rest;
        return new(near, rest, TElement.Of(1) / TElement.Sqrt(variance + TElement.Of(epsilon)));
    }
}

/// <summary>Normalization of row-major rows to mean 0 and variance 1, then a factor and a term for every column, where there are any.</summary>
internal struct NormalizeKernel<TStored, TValue, TElement> : IKernel<NormalizeKernel<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<TStored> Weight;
    public int WeightOffset;
    public ArrayView<TStored> Bias;
    public int BiasOffset;
    public int IsAffine;
    public ArrayView<TStored> Result;
    public RowShape Shape;
    public double Epsilon;

    public static void Run(NormalizeKernel<TStored, TValue, TElement> call)
    {
        ArrayView<TValue> scratch = SharedMemory.Allocate<TValue>(RowShape.Threads);
        RowShape shape = call.Shape;
        int start = shape.Start, from = call.Offset + start, count = shape.Own;
        Moments<TValue> moments = Moments<TValue>.Of<TStored, TElement>(call.Source, from, scratch, shape, call.Epsilon);
        for (int i = shape.Lane; i < count; i += shape.Lanes)
        {
            TValue value = moments.Normalize(TElement.Widen(call.Source[from + i]));
            if (call.IsAffine != 0)
                value = value * TElement.Widen(call.Weight[call.WeightOffset + i]) + TElement.Widen(call.Bias[call.BiasOffset + i]);
            call.Result[start + i] = TElement.Narrow(value);
        }
    }
}

/// <summary>The cotangent of the source of a normalization, from that source and the cotangent of the result.</summary>
internal struct NormalizePullback<TStored, TValue, TElement> : IKernel<NormalizePullback<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Point;
    public int PointOffset;
    public ArrayView<TStored> Weight;
    public int WeightOffset;
    public int IsWeighted;
    public ArrayView<TStored> Cotangent;
    public int CotangentOffset;
    public ArrayView<TStored> Result;

    /// <summary>Three numbers of every row: a value near the mean, what that leaves, and the scale.</summary>
    public ArrayView<TValue> Moments;
    public int LeavesMoments;
    public RowShape Shape;
    public double Epsilon;

    public static void Run(NormalizePullback<TStored, TValue, TElement> call)
    {
        ArrayView<TValue> scratch = SharedMemory.Allocate<TValue>(RowShape.Threads);
        RowShape shape = call.Shape;
        int start = shape.Start, from = call.PointOffset + start, count = shape.Own;
        Moments<TValue> moments = Moments<TValue>.Of<TStored, TElement>(call.Point, from, scratch, shape, call.Epsilon);
        if (call.LeavesMoments != 0 && shape.Lane == 0 && shape.Row < shape.Rows)
            moments.Store(call.Moments, 3 * shape.Row);
        TValue total = default, along = default;
        for (int i = shape.Lane; i < count; i += shape.Lanes)
        {
            TValue slope = call.Slope(start, i);
            total += slope;
            along += slope * moments.Normalize(TElement.Widen(call.Point[from + i]));
        }
        TValue length = TElement.Of(shape.Count);
        total = RowFold.Sum(scratch, shape.Lanes, total) / length;
        along = RowFold.Sum(scratch, shape.Lanes, along) / length;
        for (int i = shape.Lane; i < count; i += shape.Lanes)
        {
            TValue value = moments.Normalize(TElement.Widen(call.Point[from + i]));
            call.Result[start + i] = TElement.Narrow(moments.Scale * (call.Slope(start, i) - total - value * along));
        }
    }

    private readonly TValue Slope(int start, int column)
    {
        TValue slope = TElement.Widen(Cotangent[CotangentOffset + start + column]);
        return IsWeighted != 0 ? slope * TElement.Widen(Weight[WeightOffset + column]) : slope;
    }
}

/// <summary>Sums of a chunk of rows for the cotangents of weight and bias: a thread for every column and chunk.</summary>
internal struct NormalizeColumns<TStored, TValue, TElement> : IKernel<NormalizeColumns<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged, INumber<TValue>
    where TElement : struct, IRealElement<TStored, TValue>
{
    public ArrayView<TStored> Source;
    public int Offset;
    public ArrayView<TStored> Cotangent;
    public int CotangentOffset;
    public ArrayView<TValue> Moments;
    public ArrayView<TValue> Weight;
    public ArrayView<TValue> Bias;
    public int Rows;
    public int Columns;
    public int Chunk;

    public static void Run(NormalizeColumns<TStored, TValue, TElement> call)
    {
        long thread = Grid.LongGlobalIndex.X;
        int chunk = (int)(thread / call.Columns), column = (int)(thread - (long)chunk * call.Columns), start = chunk * call.Chunk;
        if (start >= call.Rows)
            return;
        int end = IntrinsicMath.Min(call.Rows, start + call.Chunk);
        TValue weight = default, bias = default;
        for (int row = start; row < end; row++)
        {
            int at = row * call.Columns + column;
            TValue slope = TElement.Widen(call.Cotangent[call.CotangentOffset + at]);
            weight += slope * Functional.Gpu.Moments<TValue>.Load(call.Moments, 3 * row).Normalize(TElement.Widen(call.Source[call.Offset + at]));
            bias += slope;
        }
        call.Weight[thread] = weight;
        call.Bias[thread] = bias;
    }
}
