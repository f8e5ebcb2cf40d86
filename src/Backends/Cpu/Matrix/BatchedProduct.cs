using System.Numerics;

namespace Functional.Cpu;

/// <summary>C[i] = A[i] B[i] for a batch of matrices, on all threads; C is row-major.</summary>
/// <remarks>
/// Batches, rows and columns are divided among the threads, depth never is, and <see cref="MatrixProduct{T}"/> gives every
/// element the same bits however it is reached: so the number of threads leaves no trace in the result.
/// </remarks>
internal readonly unsafe struct BatchedProduct<T> : IChunkAction
    where T : unmanaged, INumberBase<T>
{
    /// <summary>Multiply-adds that are worth a chunk of their own: a few microseconds.</summary>
    private const long SmallestChunk = 1 << 20;

    /// <summary>The same for a row times a matrix, which memory bounds.</summary>
    private const long SmallestRowChunk = 1 << 17;

    /// <summary>Parts of a matrix smaller than this would spend their time on packing.</summary>
    private const int SmallestSide = 128;

    /// <summary>The same for the parts that give every thread one.</summary>
    private const int SmallestOnlySide = 64;

    /// <summary>Chunks for each thread, so that a thread that starts late or is disturbed holds nobody up.</summary>
    private const int ChunksPerThread = 3;

    private readonly int m, n, k, batch, batchStep, rowParts, columnParts;
    private readonly bool isRow;
    private readonly Strided<T> a, b;
    private readonly nint* aOffsets;
    private readonly nint* bOffsets;
    private readonly T* c;

    private BatchedProduct(int batch, nint* aOffsets, nint* bOffsets, int m, int n, int k, Strided<T> a, Strided<T> b, T* c)
    {
        (this.m, this.n, this.k, this.batch, this.a, this.b) = (m, n, k, batch, a, b);
        this.aOffsets = aOffsets;
        this.bOffsets = bOffsets;
        this.c = c;
        isRow = m == 1 && (b.Column == 1 || b.Row == 1);
        long smallest = isRow ? SmallestRowChunk : SmallestChunk;
        (batchStep, rowParts, columnParts) = (Math.Max(1, batch), 1, 1);
        long work = (long)m * n * k;
        long wanted = WorkerPool.Threads == 1 ? 1 : Math.Min(ChunksPerThread * WorkerPool.Threads, batch * work / smallest);
        if (wanted <= 1)
            return;
        batchStep = (int)Math.Max(1, batch / wanted);
        wanted = Math.Min(wanted / Partition.Parts(batch, batchStep), work / smallest);
        // More parts than threads only where each thread gets equally many of them.
        var (rows, columns) = (1, 1);
        while (rows * columns < wanted)
        {
            bool byRows = m / rows > n / columns;
            (rows, columns) = byRows ? (rows + 1, columns) : (rows, columns + 1);
            int parts = rows * columns;
            if ((byRows ? m / rows : n / columns) < (parts > WorkerPool.Threads ? SmallestSide : SmallestOnlySide))
                break;
            if (parts % WorkerPool.Threads == 0 || parts < WorkerPool.Threads || parts >= wanted)
                (rowParts, columnParts) = (rows, columns);
        }
    }

    private int Chunks => Partition.Parts(batch, batchStep) * rowParts * columnParts;

    /// <summary>Offsets are in elements, one for each matrix of the batch.</summary>
    public static void Run(int batch, nint* aOffsets, nint* bOffsets, int m, int n, int k, Strided<T> a, Strided<T> b, T* c)
    {
        // A matrix times a column is that column as a row, times the transposed matrix.
        if (n == 1 && m > 1)
        {
            Run(batch, bOffsets, aOffsets, 1, m, k, b.Transposed, a.Transposed, c);
            return;
        }
        // A dimension of size 1 may have any stride; these say best how the other dimension lies.
        if (k == 1)
            (a, b) = (new(a.Data, a.Row, 1), new(b.Data, b.Column == 1 ? n : 1, b.Column));
        if (n == 1)
            b = new(b.Data, b.Row, 1);
        var product = new BatchedProduct<T>(batch, aOffsets, bOffsets, m, n, k, a, b, c);
        WorkerPool.Run(product.Chunks, product);
    }

    /// <summary>A single product.</summary>
    public static void Run(int m, int n, int k, Strided<T> a, Strided<T> b, T* c)
    {
        nint none = 0;
        Run(1, &none, &none, m, n, k, a, b, c);
    }

    public void Invoke(int chunk)
    {
        (chunk, int column) = Math.DivRem(chunk, columnParts);
        (chunk, int row) = Math.DivRem(chunk, rowParts);
        int rows = Partition.RoundUp(Partition.Parts(m, rowParts), KernelSet<T>.Best.Rows);
        int columns = Partition.RoundUp(Partition.Parts(n, columnParts), KernelSet<T>.Best.Columns);
        int i = Math.Min(m, row * rows), j = Math.Min(n, column * columns);
        int height = Math.Min(rows, m - i), width = Math.Min(columns, n - j);
        for (int index = chunk * batchStep; index < Math.Min(batch, (chunk + 1) * batchStep); index++)
        {
            var left = new Strided<T>(a.Data + aOffsets[index], a.Row, a.Column);
            var right = new Strided<T>(b.Data + bOffsets[index], b.Row, b.Column);
            T* target = c + ((nint)index * m + i) * n + j;
            if (isRow)
                Row(width, left, right.From(0, j), target);
            else
                MatrixProduct<T>.Run(height, width, k, left.From(i, 0), right.From(0, j), target, n, false);
        }
    }

    private void Row(int width, Strided<T> left, Strided<T> right, T* target)
    {
        if (right.Column == 1)
        {
            KernelSet<T>.Best.RowTimesRows(k, width, left.Data, left.Column, right.Data, right.Row, target);
            return;
        }
        T* row = left.Data;
        if (left.Column != 1)
        {
            row = ThreadScratch.Rent<T>(ScratchUse.Left, k);
            for (int p = 0; p < k; p++)
                row[p] = *left.At(0, p);
        }
        KernelSet<T>.Best.RowTimesColumns(k, width, row, right.Data, right.Column, target);
    }
}
