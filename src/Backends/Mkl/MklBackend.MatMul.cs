namespace Functional.Mkl;

public sealed unsafe partial class MklBackend
{
    /// <inheritdoc/>
    public override Buffer MatMul(View a, View b)
    {
        int rank = a.Shape.Length;
        int m = a.Shape[rank - 2], k = a.Shape[rank - 1], n = b.Shape[rank - 1];
        long length = n;
        foreach (int size in a.Shape.AsSpan(0, rank - 1))
            length *= size;
        // What is empty, too long, or of a type that the library does not know is the other backend's to do, or to refuse.
        if (Number.Of(a.Dtype) is not { } number || length == 0 || k == 0 || length > int.MaxValue)
            return host.MatMul(a, b)!;
        Operand left = Lay(a), right = Lay(b);
        Buffer result = New(a.Dtype, (int)length);
        UseThreads();
        if (AsOneProduct(left, right) is { } tall)
            Multiply(number, tall, right, result, 1, (int)(length / n), n, k);
        else
            Multiply(number, left, right, result, (int)(length / ((long)m * n)), m, n, k);
        left.Copy?.Release();
        right.Copy?.Release();
        return result;
    }

    /// <summary>A matrix, or a batch of them, whose rows or columns are without gaps.</summary>
    private readonly record struct Operand(View View, bool IsTransposed, long Leading, Buffer? Copy);

    /// <summary>The operand as it lies or, where neither rows nor columns are without gaps, a copy.</summary>
    private Operand Lay(View view)
    {
        if (TryLay(view, null) is { } operand)
            return operand;
        View copy = Copied(view);
        return TryLay(copy, copy.Buffer) ?? throw new ShapeException("matmul: a row-major copy is not row-major");
    }

    private static Operand? TryLay(View view, Buffer? copy)
    {
        int rank = view.Shape.Length;
        long rows = view.Shape[rank - 2], columns = view.Shape[rank - 1];
        long row = view.Strides[rank - 2], column = view.Strides[rank - 1];
        if ((column == 1 || columns == 1) && (row >= columns || rows == 1))
            return new(view, false, rows == 1 ? columns : row, copy);
        if ((row == 1 || rows == 1) && (column >= rows || columns == 1))
            return new(view, true, columns == 1 ? rows : column, copy);
        return null;
    }

    /// <summary>All rows of a batch as those of one tall matrix, where they lie evenly apart and meet the same right matrix.</summary>
    private static Operand? AsOneProduct(Operand left, Operand right)
    {
        View a = left.View;
        int rank = a.Shape.Length;
        if (left.IsTransposed || rank == 2)
            return rank == 2 ? left : null;
        long next = left.Leading * a.Shape[rank - 2];
        for (int d = rank - 3; d >= 0; d--)
        {
            if (a.Shape[d] == 1)
                continue;
            if (right.View.Strides[d] != 0 || a.Strides[d] != next)
                return null;
            next *= a.Shape[d];
        }
        return left;
    }

    /// <summary>
    /// Row-major C = A B is, to a library that counts by columns, the transpose: Ct = Bt At, so the operands change places and
    /// rows without gaps are columns without gaps.
    /// </summary>
    private void Multiply(Number number, Operand left, Operand right, Buffer result, int batch, int m, int n, int k)
    {
        var gemm = (delegate* unmanaged<byte*, byte*, long*, long*, long*, byte*, byte*, long*, byte*, long*, byte*, byte*, long*, nint, nint, void>)
            library.Routine(number.Letter + "gemm");
        int[] lefts = batch == 1 ? [left.View.Offset] : Offsets(left.View, 2);
        int[] rights = batch == 1 ? [right.View.Offset] : Offsets(right.View, 2);
        byte* one = stackalloc byte[16], zero = stackalloc byte[16];
        new Span<byte>(zero, 16).Clear();
        number.Write(one, 0, 1);
        byte leftForm = (byte)(left.IsTransposed ? 'T' : 'N'), rightForm = (byte)(right.IsTransposed ? 'T' : 'N');
        long rows = m, columns = n, depth = k, leftStep = left.Leading, rightStep = right.Leading;
        nint size = number.Size;
        fixed (byte* a = MemoryOf(left.View.Buffer), b = MemoryOf(right.View.Buffer), c = MemoryOf(result))
            for (int i = 0; i < batch; i++)
                gemm(&rightForm, &leftForm, &columns, &rows, &depth, one, b + rights[i] * size, &rightStep, a + lefts[i] * size, &leftStep,
                    zero, c + (nint)i * m * n * size, &columns, 1, 1);
        GC.KeepAlive(left.View.Buffer);
        GC.KeepAlive(right.View.Buffer);
        GC.KeepAlive(result);
    }
}
