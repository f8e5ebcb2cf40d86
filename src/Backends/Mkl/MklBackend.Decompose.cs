using System.Numerics;

namespace Functional.Mkl;

public sealed unsafe partial class MklBackend
{
    /// <inheritdoc/>
    /// <remarks>
    /// Single precision stays single. What is not finite, what does not converge, and what LAPACK has no routine for is left to the
    /// backend below, which knows the errors.
    /// </remarks>
    public override Buffer Decompose(Decomposition kind, View[] inputs)
    {
        View a = inputs[0];
        if (Number.Of(a.Dtype) is { } number && library.Has(number.Letter + "getrf") && inputs.All(i => ShapeModule.count(i.Shape) > 0))
        {
            UseThreads();
            if (new Factoring(this, number, kind, inputs).Run() is { } result)
                return result;
        }
        return host.Decompose(kind, inputs)!;
    }

    /// <summary>One decomposition of a batch of matrices.</summary>
    private sealed class Factoring
    {
        private readonly MklBackend backend;
        private readonly Number number;
        private readonly Lapack lapack;
        private readonly Decomposition kind;
        private readonly View[] inputs;
        private readonly View a;
        private readonly int m, n, k, batch;
        private readonly int[] batchShape;
        private readonly List<Buffer> scratch = [];

        public Factoring(MklBackend backend, Number number, Decomposition kind, View[] inputs)
        {
            (this.backend, this.number, this.kind, this.inputs, a) = (backend, number, kind, inputs, inputs[0]);
            lapack = new Lapack(backend.library, number);
            (m, n) = (a.Shape[^2], a.Shape[^1]);
            k = Math.Min(m, n);
            batchShape = a.Shape[..^2];
            batch = ShapeModule.count(batchShape);
        }

        public Buffer? Run()
        {
            try
            {
                return kind switch
                {
                    { IsCholesky: true } => Cholesky(),
                    { IsLu: true } => Lu(),
                    { IsHouseholder: true } => Householder(),
                    Decomposition.Qr qr => Qr(qr.complete),
                    Decomposition.Svd svd => Svd(svd.full),
                    { IsSingularValues: true } => SingularValues(),
                    { IsHermitianEigen: true } => Hermitian(true),
                    { IsHermitianEigenvalues: true } => Hermitian(false),
                    { IsEigen: true } => General(true),
                    { IsEigenvalues: true } => General(false),
                    Decomposition.TriangularSolve solve => TriangularSolve(solve.upper, solve.unit),
                    Decomposition.LuSolve solve => LuSolve(solve.adjoint),
                    _ => null,
                };
            }
            finally
            {
                foreach (Buffer buffer in scratch)
                    buffer.Release();
            }
        }

        /// <summary>Memory for the time of the call: for each matrix of the batch, rows times columns elements.</summary>
        private Buffer Scratch(Dtype dtype, int rows, int columns)
        {
            Buffer buffer = backend.New(dtype, batch * rows * columns);
            scratch.Add(buffer);
            return buffer;
        }

        /// <summary>Zeros for the result, each matrix with so many rows and columns.</summary>
        private Buffer Result(Dtype dtype, int rows, int columns)
        {
            Buffer buffer = backend.New(dtype, batch * rows * columns);
            fixed (byte* data = MemoryOf(buffer))
                new Span<byte>(data, buffer.Length * DtypeModule.size(dtype)).Clear();
            GC.KeepAlive(buffer);
            return buffer;
        }

        /// <summary>A part of the matrices of a buffer, by rows: `stride` elements from one matrix to the next.</summary>
        private View Rows(Buffer buffer, int stride, int offset, int rows, int columns, int width) => Part(buffer, stride, offset, rows, columns, width, 1);

        /// <summary>The same, by columns of `height` elements.</summary>
        private View Columns(Buffer buffer, int stride, int rows, int columns, int height) => Part(buffer, stride, 0, rows, columns, 1, height);

        private View Part(Buffer buffer, int stride, int offset, int rows, int columns, int row, int column)
        {
            int[] outer = ShapeModule.rowMajor(batchShape);
            return new View(buffer, offset, [.. batchShape, rows, columns], [.. outer.Select(s => s * stride), row, column]);
        }

        /// <summary>The matrices as LAPACK wants them; null where something is not finite.</summary>
        private Buffer? ByColumns()
        {
            Buffer buffer = Scratch(a.Dtype, m, n);
            backend.host.Copy(a, Columns(buffer, m * n, m, n, m));
            return IsFinite(buffer) ? buffer : null;
        }

        private bool IsFinite(Buffer buffer)
        {
            fixed (byte* data = MemoryOf(buffer))
            {
                bool finite = number.IsFinite(data, buffer.Length);
                GC.KeepAlive(buffer);
                return finite;
            }
        }

        private Buffer? Cholesky()
        {
            // The lower triangle by rows is the upper one by columns, and what U* U makes of it is L by rows.
            Buffer result = Result(a.Dtype, n + 1, n);
            backend.host.Copy(a, Rows(result, (n + 1) * n, 0, n, n, n));
            if (!IsFinite(result))
                return null;
            fixed (byte* data = MemoryOf(result))
                for (int i = 0; i < batch; i++)
                {
                    byte* matrix = data + (nint)i * (n + 1) * n * number.Size;
                    int info = lapack.Cholesky(matrix, n);
                    if (info > 0)
                        number.Write(matrix, (nint)n * n, info);
                    for (int row = 0; row < n; row++)
                        new Span<byte>(matrix + ((nint)row * n + row + 1) * number.Size, (n - row - 1) * number.Size).Clear();
                }
            return result;
        }

        private Buffer? Lu()
        {
            if (ByColumns() is not { } factors)
                return null;
            Buffer result = Result(a.Dtype, m + 2, n);
            byte[] pivots = new byte[8 * k];
            fixed (byte* data = MemoryOf(factors), into = MemoryOf(result), chosen = pivots)
                for (int i = 0; i < batch; i++)
                {
                    int info = lapack.Lu(data + (nint)i * m * n * number.Size, m, n, chosen);
                    byte* row = into + ((nint)i * (m + 2) + m) * n * number.Size;
                    for (int j = 0; j < k; j++)
                        number.Write(row, j, backend.library.Integer(chosen, j));
                    if (info > 0)
                        number.Write(row, n, info);
                }
            backend.host.Copy(Columns(factors, m * n, m, n, m), Rows(result, (m + 2) * n, 0, m, n, n));
            return result;
        }

        private Buffer? Householder()
        {
            if (ByColumns() is not { } factors)
                return null;
            Buffer result = Result(a.Dtype, m + 1, n);
            fixed (byte* data = MemoryOf(factors), into = MemoryOf(result))
                for (int i = 0; i < batch; i++)
                    lapack.Reflections(data + (nint)i * m * n * number.Size, m, n, into + ((nint)i * (m + 1) + m) * n * number.Size);
            backend.host.Copy(Columns(factors, m * n, m, n, m), Rows(result, (m + 1) * n, 0, m, n, n));
            return result;
        }

        private Buffer? Qr(bool complete)
        {
            if (ByColumns() is not { } factors)
                return null;
            int columns = complete ? m : k, width = columns + n;
            Buffer result = Result(a.Dtype, m, width), q = Scratch(a.Dtype, m, columns);
            byte[] scales = new byte[k * number.Size];
            fixed (byte* data = MemoryOf(factors), vectors = MemoryOf(q), tau = scales)
                for (int i = 0; i < batch; i++)
                {
                    byte* matrix = data + (nint)i * m * n * number.Size, own = vectors + (nint)i * m * columns * number.Size;
                    lapack.Reflections(matrix, m, n, tau);
                    nint bytes = (nint)m * k * number.Size;
                    System.Buffer.MemoryCopy(matrix, own, bytes, bytes);
                    lapack.Orthogonal(own, m, columns, k, tau);
                    for (int column = 0; column < k; column++)
                        new Span<byte>(matrix + ((nint)column * m + column + 1) * number.Size, (m - column - 1) * number.Size).Clear();
                }
            backend.host.Copy(Columns(q, m * columns, m, columns, m), Rows(result, m * width, 0, m, columns, width));
            backend.host.Copy(Columns(factors, m * n, m, n, m), Rows(result, m * width, columns, m, n, width));
            return result;
        }

        private Buffer? Svd(bool full)
        {
            if (ByColumns() is not { } work)
                return null;
            int left = full ? m : k, right = full ? n : k, width = full ? Math.Max(m, n) : k, all = (m + 1 + n) * width;
            Buffer result = Result(a.Dtype, m + 1 + n, width), u = Scratch(a.Dtype, m, left), vt = Scratch(a.Dtype, right, n);
            byte[] values = new byte[k * number.Real.Size];
            fixed (byte* data = MemoryOf(work), us = MemoryOf(u), vs = MemoryOf(vt), s = values, into = MemoryOf(result))
                for (int i = 0; i < batch; i++)
                {
                    byte* v = vs + (nint)i * right * n * number.Size;
                    if (lapack.SingularValues(full ? 'A' : 'S', data + (nint)i * m * n * number.Size, m, n, s, us + (nint)i * m * left * number.Size, v, right) != 0)
                        return null;
                    byte* row = into + ((nint)i * all + m * width) * number.Size;
                    for (int j = 0; j < k; j++)
                        number.Write(row, j, number.Real.RealPart(s, j));
                    Conjugate(v, (nint)right * n);
                }
            backend.host.Copy(Columns(u, m * left, m, left, m), Rows(result, all, 0, m, left, width));
            // V* by columns is the conjugate of V by rows.
            backend.host.Copy(Rows(vt, right * n, 0, n, right, right), Rows(result, all, (m + 1) * width, n, right, width));
            return result;
        }

        private Buffer? SingularValues()
        {
            if (ByColumns() is not { } work)
                return null;
            Buffer result = Result(DtypeModule.toReal(a.Dtype), 1, k);
            fixed (byte* data = MemoryOf(work), values = MemoryOf(result))
                for (int i = 0; i < batch; i++)
                    if (lapack.SingularValues('N', data + (nint)i * m * n * number.Size, m, n, values + (nint)i * k * number.Real.Size, null, null, 1) != 0)
                        return null;
            return result;
        }

        private Buffer? Hermitian(bool vectors)
        {
            Buffer work = Scratch(a.Dtype, n, n);
            backend.host.Copy(a, Rows(work, n * n, 0, n, n, n));
            if (!IsFinite(work))
                return null;
            Buffer result = vectors ? Result(a.Dtype, n + 1, n) : Result(DtypeModule.toReal(a.Dtype), 1, n);
            byte[] values = new byte[n * number.Real.Size];
            fixed (byte* data = MemoryOf(work), into = MemoryOf(result), found = values)
                for (int i = 0; i < batch; i++)
                {
                    byte* matrix = data + (nint)i * n * n * number.Size;
                    byte* target = vectors ? found : into + (nint)i * n * number.Real.Size;
                    if (lapack.Hermitian(vectors, matrix, n, target) != 0)
                        return null;
                    if (!vectors)
                        continue;
                    for (int j = 0; j < n; j++)
                        number.Write(into + (nint)i * (n + 1) * n * number.Size, j, number.Real.RealPart(found, j));
                    // Read by columns the matrix was its own conjugate, and so are the vectors.
                    Conjugate(matrix, (nint)n * n);
                }
            if (vectors)
                backend.host.Copy(Columns(work, n * n, n, n, n), Rows(result, (n + 1) * n, n, n, n, n));
            return result;
        }

        private Buffer? General(bool vectors)
        {
            if (ByColumns() is not { } work)
                return null;
            Number wide = Number.Of(DtypeModule.toComplex(a.Dtype))!.Value;
            Buffer result = Result(DtypeModule.toComplex(a.Dtype), vectors ? n + 1 : 1, n), right = Scratch(a.Dtype, n, vectors ? n : 1);
            byte[] values = new byte[2 * n * number.Size];
            fixed (byte* data = MemoryOf(work), columns = MemoryOf(right), found = values, into = MemoryOf(result))
                for (int i = 0; i < batch; i++)
                {
                    byte* own = columns + (nint)i * n * (vectors ? n : 1) * number.Size;
                    if (lapack.General(vectors, data + (nint)i * n * n * number.Size, n, found, own) != 0)
                        return null;
                    var pairs = new EigenPairs(number, n, found, vectors ? own : null);
                    pairs.Write(wide, into + (nint)i * (vectors ? n + 1 : 1) * n * wide.Size);
                }
            return result;
        }

        private void Conjugate(byte* data, nint count)
        {
            if (number.IsComplex)
                for (nint i = 0; i < count; i++)
                    number.Write(data, i, Complex.Conjugate(number.Read(data, i)));
        }

        private (Buffer Triangle, Buffer Sides, int Height) Equations()
        {
            Buffer triangle = Scratch(a.Dtype, m, n);
            backend.host.Copy(a, Rows(triangle, m * n, 0, m, n, n));
            Buffer sides = backend.New(a.Dtype, ShapeModule.count(inputs[1].Shape));
            backend.host.Copy(inputs[1], ViewModule.contiguous(inputs[1].Shape, sides));
            return (triangle, sides, inputs[1].Shape[^1]);
        }

        private Buffer TriangularSolve(bool upper, bool unit)
        {
            var (triangle, x, r) = Equations();
            fixed (byte* t = MemoryOf(triangle), b = MemoryOf(x))
                for (int i = 0; i < batch; i++)
                    lapack.SolveTriangle(t + (nint)i * n * n * number.Size, upper, unit, false, b + (nint)i * n * r * number.Size, n, r);
            return x;
        }

        private Buffer LuSolve(bool adjoint)
        {
            var (factors, x, r) = Equations();
            fixed (byte* f = MemoryOf(factors), b = MemoryOf(x))
                for (int i = 0; i < batch; i++)
                {
                    byte* lu = f + (nint)i * m * n * number.Size, own = b + (nint)i * n * r * number.Size;
                    byte* pivots = lu + (nint)n * n * number.Size;
                    if (!adjoint)
                        for (int j = 0; j < n; j++)
                            Swap(own, r, j, (int)number.RealPart(pivots, j) - 1);
                    // P L U first, or from behind with each factor's adjoint.
                    lapack.SolveTriangle(lu, adjoint, !adjoint, adjoint, own, n, r);
                    lapack.SolveTriangle(lu, !adjoint, adjoint, adjoint, own, n, r);
                    if (adjoint)
                        for (int j = n - 1; j >= 0; j--)
                            Swap(own, r, j, (int)number.RealPart(pivots, j) - 1);
                }
            return x;
        }

        private void Swap(byte* rows, int width, int i, int j)
        {
            if (i == j)
                return;
            int bytes = width * number.Size;
            Span<byte> first = new(rows + (nint)i * bytes, bytes), second = new(rows + (nint)j * bytes, bytes);
            for (int p = 0; p < bytes; p++)
                (first[p], second[p]) = (second[p], first[p]);
        }
    }
}
