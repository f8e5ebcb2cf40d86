using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>
/// Scattering of whole rows: every index names a row of the result, and the result's rows lie one after the other. Sorted by what they
/// name, indices tell each row's share, so that every row is written once, from the first to the last, by whoever has its stretch.
/// </summary>
internal readonly unsafe ref struct RowScatter<T>
    where T : unmanaged, INumber<T>
{
    private const int Source = 0;
    private const int Index = 1;
    private const int Result = 2;

    // Stretches are for threads to share; more than this are no use to them.
    private const int MostStretches = 64;

    private readonly T* source, result, target;
    private readonly nint sourceStep, targetStep;
    private readonly bool isNumber, stream;
    private readonly int width, rows;
    private readonly Scratch<int> ends, order;

    /// <summary>Whether every index of a nest (source, index, result without the axis) names a whole row of the result.</summary>
    public static bool Takes(in LoopNest nest, nint axisStride) =>
        nest.Rank == 2
        && nest.InnerStride(Index) == 0
        && nest.InnerStride(Source) == 1
        && nest.InnerStride(Result) == 1
        && nest.Strides[Result][0] == 0
        && nest.InnerSize == axisStride;

    /// <summary>Whether a target's rows, along its first dimension, are contiguous or one number.</summary>
    public static bool TakesTarget(in View target) =>
        IsNumber(target) || ShapeModule.isContiguous(target.Shape[1..], target.Strides[1..]);

    private static bool IsNumber(in View target) => target.Strides[1..].All(stride => stride == 0);

    /// <summary>Looks at the indices, which are inside; <paramref name="elements"/> is the memory of the target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RowScatter(T* source, long* index, T* result, in LoopNest nest, in View target, T* elements, bool isCold)
    {
        this.source = source;
        this.result = result;
        this.target = elements + target.Offset;
        (sourceStep, targetStep) = (nest.Strides[Source][0], target.Strides[0]);
        isNumber = IsNumber(target);
        (width, rows) = (nest.InnerSize, target.Shape[0]);
        stream = (long)width * sizeof(T) <= ResultStage.Bytes
            && RunCopy.Streams((long)rows * width * sizeof(T), ResultStage.Bytes, isCold);
        int count = nest.Sizes[0];
        nint indexStep = nest.Strides[Index][0];
        ends = new Scratch<int>(rows);
        order = new Scratch<int>(count);
        // How many a row has, then where its share begins, and once all have taken their places, where it ends.
        var places = new Span<int>(ends.Pointer, rows);
        places.Clear();
        for (nint i = 0; i < count; i++)
            places[(int)index[i * indexStep]]++;
        int sum = 0;
        for (int row = 0; row < rows; row++)
            (places[row], sum) = (sum, sum + places[row]);
        for (int i = 0; i < count; i++)
            order.Pointer[places[(int)index[i * indexStep]]++] = i;
    }

    /// <summary>Folds every row's share into what the target has there.</summary>
    public void Run<S, V, TFold>()
        where S : struct, ISimd<V, T>
        where V : struct
        where TFold : struct, IFold<T>
    {
        int stretches = (int)Math.Clamp(((long)rows + ends.Pointer[rows - 1]) * width / (2 * Ranges.Grain), 1, MostStretches);
        var work = new Work<S, V, TFold>(source, result, target, sourceStep, targetStep, isNumber, stream, width, rows, ends.Pointer, order.Pointer, stretches);
        WorkerPool.Run(stretches, work);
        order.Dispose();
        ends.Dispose();
    }

    private readonly struct Work<S, V, TFold>(
        T* source, T* result, T* target, nint sourceStep, nint targetStep, bool isNumber, bool stream, int width, int rows, int* ends, int* order, int stretches)
        : IChunkAction
        where S : struct, ISimd<V, T>
        where V : struct
        where TFold : struct, IFold<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Invoke(int stretch)
        {
            int first = (int)((long)rows * stretch / stretches), last = (int)((long)rows * (stretch + 1) / stretches);
            using var room = new Scratch<byte>(stream ? ResultStage.Bytes : 0);
            var stage = new ResultStage((byte*)(result + (long)first * width), stream ? room.Pointer : null);
            for (int row = first; row < last; row++)
            {
                T* to = (T*)stage.Next(width * sizeof(T));
                T* from = target + row * targetStep;
                if (isNumber)
                    RowMerge.Set<S, V, T>(*from, to, width);
                else
                    RunCopy.Copy((byte*)from, (byte*)to, (nint)width * sizeof(T), false);
                for (int i = row == 0 ? 0 : ends[row - 1]; i < ends[row]; i++)
                    RowMerge.Run<S, V, T, TFold>(source + order[i] * sourceStep, to, width);
            }
            stage.Finish();
        }
    }
}
