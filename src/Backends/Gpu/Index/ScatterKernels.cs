using ILGPU;

namespace Functional.Gpu;

/// <summary>Walks along the axis for every line of the index, so that what meets in one place does so in the order of the source.</summary>
internal struct ScatterWalk<TStored, TValue, TElement, TMeeting> : IKernel<ScatterWalk<TStored, TValue, TElement, TMeeting>>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
    where TMeeting : struct, IMeeting<TValue>
{
    public ArrayView<long> Index;
    public StridedView IndexLines;
    public int IndexStride;
    public ArrayView<TStored> Source;
    public StridedView SourceLines;
    public int SourceStride;

    /// <summary>What becomes the result, in the type that is computed in.</summary>
    public ArrayView<TValue> Target;
    public StridedView TargetLines;
    public int TargetStride;
    public int Lines;
    public int Length;
    public IndexFault Fault;

    public static void Run(ScatterWalk<TStored, TValue, TElement, TMeeting> call)
    {
        long line = Grid.LongGlobalIndex.X;
        if (line >= call.Lines)
            return;
        int index = call.IndexLines.At((int)line), source = call.SourceLines.At((int)line), target = call.TargetLines.At((int)line);
        for (int i = 0; i < call.Length; i++)
        {
            long row = call.Index[index + i * call.IndexStride];
            if (!call.Fault.Refuses(row))
            {
                int place = target + (int)row * call.TargetStride;
                TValue value = TElement.Widen(call.Source[source + i * call.SourceStride]);
                call.Target[place] = TMeeting.Of(call.Target[place], value);
            }
        }
    }
}

/// <summary>Ties equal numbers of a row of indices together: for each its next equal, and whether it is the first.</summary>
internal struct IndexLinks : IKernel<IndexLinks>
{
    public ArrayView<long> Index;
    public int Offset;
    public int Stride;
    public int Count;

    /// <summary>The position of the next equal index, or Count; with its sign turned (and one less) for what is not the first.</summary>
    public ArrayView<int> Links;

    public static void Run(IndexLinks call)
    {
        int mine = Grid.GlobalIndex.X;
        if (mine >= call.Count)
            return;
        long index = call.Index[call.Offset + mine * call.Stride];
        int next = mine + 1, before = mine - 1;
        while (next < call.Count && call.Index[call.Offset + next * call.Stride] != index)
            next++;
        while (before >= 0 && call.Index[call.Offset + before * call.Stride] != index)
            before--;
        call.Links[mine] = before < 0 ? next : -1 - next;
    }
}

/// <summary>The same from the order that sorts the indices.</summary>
internal struct SortedIndexLinks : IKernel<SortedIndexLinks>
{
    public ArrayView<long> Index;
    public int Offset;
    public int Stride;
    public ArrayView<long> Order;
    public int Count;
    public ArrayView<int> Links;

    public static void Run(SortedIndexLinks call)
    {
        int place = Grid.GlobalIndex.X;
        if (place >= call.Count)
            return;
        int mine = (int)call.Order[place];
        long index = call.Index[call.Offset + mine * call.Stride];
        int next = call.Count;
        if (place + 1 < call.Count && call.Index[call.Offset + (int)call.Order[place + 1] * call.Stride] == index)
            next = (int)call.Order[place + 1];
        bool isFirst = place == 0 || call.Index[call.Offset + (int)call.Order[place - 1] * call.Stride] != index;
        call.Links[mine] = isFirst ? next : -1 - next;
    }
}

/// <summary>Scatters whole rows: a thread for every element of the first row that goes to a place follows the links of that place.</summary>
internal struct ScatterRows<TStored, TValue, TElement, TMeeting> : IKernel<ScatterRows<TStored, TValue, TElement, TMeeting>>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
    where TMeeting : struct, IMeeting<TValue>
{
    public ArrayView<long> Index;
    public int IndexOffset;
    public int IndexStride;
    public ArrayView<int> Links;
    public ArrayView<TStored> Source;
    public StridedView SourceLines;
    public int SourceStride;
    public ArrayView<TStored> Target;
    public StridedView TargetLines;
    public int TargetStride;
    public int Lines;
    public int Length;
    public IndexFault Fault;

    public static void Run(ScatterRows<TStored, TValue, TElement, TMeeting> call)
    {
        long thread = Grid.LongGlobalIndex.X;
        int row = (int)(thread / call.Lines), line = (int)(thread - (long)row * call.Lines);
        if (row >= call.Length)
            return;
        int next = call.Links[row];
        if (next < 0)
            return;
        long index = call.Index[call.IndexOffset + row * call.IndexStride];
        if (call.Fault.Refuses(index))
            return;
        int source = call.SourceLines.At(line);
        int place = call.TargetLines.At(line) + (int)index * call.TargetStride;
        TValue value = TMeeting.Of(TElement.Widen(call.Target[place]), TElement.Widen(call.Source[source + row * call.SourceStride]));
        while (next < call.Length)
        {
            value = TMeeting.Of(value, TElement.Widen(call.Source[source + next * call.SourceStride]));
            next = -1 - call.Links[next];
        }
        call.Target[place] = TElement.Narrow(value);
    }
}

/// <summary>Widens or narrows elements.</summary>
internal struct WidenKernel<TStored, TValue, TElement> : IKernel<WidenKernel<TStored, TValue, TElement>>
    where TStored : unmanaged
    where TValue : unmanaged
    where TElement : struct, IElement<TStored, TValue>
{
    public ArrayView<TStored> Stored;
    public ArrayView<TValue> Wide;
    public int Count;
    public int IsNarrowing;

    public static void Run(WidenKernel<TStored, TValue, TElement> call)
    {
        long i = Grid.LongGlobalIndex.X;
        if (i >= call.Count)
            return;
        if (call.IsNarrowing != 0)
            call.Stored[i] = TElement.Narrow(call.Wide[i]);
        else
            call.Wide[i] = TElement.Widen(call.Stored[i]);
    }
}
