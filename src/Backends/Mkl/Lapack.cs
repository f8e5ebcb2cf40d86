using System.Runtime.InteropServices;

namespace Functional.Mkl;

/// <summary>LAPACK's routines for one number type. Matrices lie by columns without gaps; each call gives LAPACK's info.</summary>
internal readonly unsafe struct Lapack(BlasLibrary library, Number number)
{
    private nint Routine(string name) => library.Routine(number.Letter + name);

    /// <summary>Calls a routine twice: first to ask how much room it wants, then to work in it.</summary>
    private void WithRoom(int size, Action<nint, nint> call)
    {
        byte* wish = stackalloc byte[16];
        new Span<byte>(wish, 16).Clear();
        call((nint)wish, -1);
        nint length = Math.Max(1, (nint)number.RealPart(wish, 0));
        void* room = NativeMemory.Alloc((nuint)(length * size));
        try
        {
            call((nint)room, length);
        }
        finally
        {
            NativeMemory.Free(room);
        }
    }

    /// <summary>A = U* U of the upper triangle, in place.</summary>
    public int Cholesky(byte* a, long n)
    {
        byte upper = (byte)'U';
        long info = 0;
        ((delegate* unmanaged<byte*, long*, byte*, long*, long*, nint, void>)Routine("potrf"))(&upper, &n, a, &n, &info, 1);
        return (int)info;
    }

    /// <summary>A = P L U, in place.</summary>
    public int Lu(byte* a, long m, long n, byte* pivots)
    {
        long info = 0, step = Math.Max(1, m);
        ((delegate* unmanaged<long*, long*, byte*, long*, byte*, long*, void>)Routine("getrf"))(&m, &n, a, &step, pivots, &info);
        return (int)info;
    }

    /// <summary>R and reflections, in place.</summary>
    public int Reflections(byte* a, long m, long n, byte* scales)
    {
        long info = 0, step = Math.Max(1, m);
        var routine = (delegate* unmanaged<long*, long*, byte*, long*, byte*, byte*, long*, long*, void>)Routine("geqrf");
        WithRoom(number.Size, (room, length) =>
        {
            long rows = m, columns = n, leading = step, size = length, result = 0;
            routine(&rows, &columns, a, &leading, scales, (byte*)room, &size, &result);
            info = result;
        });
        return (int)info;
    }

    /// <summary>The first `columns` columns of Q from k reflections, in place.</summary>
    public int Orthogonal(byte* a, long m, long columns, long k, byte* scales)
    {
        long info = 0;
        var routine = (delegate* unmanaged<long*, long*, long*, byte*, long*, byte*, byte*, long*, long*, void>)
            Routine(number.IsComplex ? "ungqr" : "orgqr");
        WithRoom(number.Size, (room, length) =>
        {
            long rows = m, count = columns, reflections = k, size = length, result = 0;
            routine(&rows, &count, &reflections, a, &rows, scales, (byte*)room, &size, &result);
            info = result;
        });
        return (int)info;
    }

    /// <summary>Singular values and, by the job's letter, all (A), the first (S) or no (N) singular vectors. Overwrites A.</summary>
    public int SingularValues(char job, byte* a, long m, long n, byte* values, byte* u, byte* vt, long vtRows)
    {
        long info = 0, k = Math.Min(m, n), larger = Math.Max(m, n);
        nint routine = Routine("gesdd");
        bool isComplex = number.IsComplex;
        using var integers = new Room(8 * k * library.IntegerSize);
        using var reals = new Room(isComplex ? Math.Max(7 * k, k * Math.Max(5 * k + 7, 2 * larger + 2 * k + 1)) * number.Real.Size : 0);
        byte* whole = integers.Start, real = reals.Start;
        WithRoom(number.Size, (room, length) =>
        {
            byte letter = (byte)job;
            long rows = m, columns = n, vRows = Math.Max(1, vtRows), size = length, result = 0;
            if (isComplex)
                ((delegate* unmanaged<byte*, long*, long*, byte*, long*, byte*, byte*, long*, byte*, long*, byte*, long*, byte*, byte*, long*, nint, void>)routine)(
                    &letter, &rows, &columns, a, &rows, values, u, &rows, vt, &vRows, (byte*)room, &size, real, whole, &result, 1);
            else
                ((delegate* unmanaged<byte*, long*, long*, byte*, long*, byte*, byte*, long*, byte*, long*, byte*, long*, byte*, long*, nint, void>)routine)(
                    &letter, &rows, &columns, a, &rows, values, u, &rows, vt, &vRows, (byte*)room, &size, whole, &result, 1);
            info = result;
        });
        return (int)info;
    }

    /// <summary>Eigenvalues from the smallest up and, if asked for, eigenvectors in place of A, of which the upper triangle is read.</summary>
    public int Hermitian(bool vectors, byte* a, long n, byte* values)
    {
        long info = 0;
        nint routine = Routine(number.IsComplex ? "heevd" : "syevd");
        bool isComplex = number.IsComplex;
        long reals = vectors ? 1 + 5 * n + 2 * n * n : Math.Max(1, n), integers = vectors ? 3 + 5 * n : 1;
        using var realRoom = new Room(isComplex ? reals * number.Real.Size : 0);
        using var integerRoom = new Room(integers * library.IntegerSize);
        byte* real = realRoom.Start, whole = integerRoom.Start;
        WithRoom(number.Size, (room, length) =>
        {
            byte job = (byte)(vectors ? 'V' : 'N'), upper = (byte)'U';
            long order = n, size = length, realSize = reals, integerSize = integers, result = 0;
            if (isComplex)
                ((delegate* unmanaged<byte*, byte*, long*, byte*, long*, byte*, byte*, long*, byte*, long*, byte*, long*, long*, nint, nint, void>)routine)(
                    &job, &upper, &order, a, &order, values, (byte*)room, &size, real, &realSize, whole, &integerSize, &result, 1, 1);
            else
                ((delegate* unmanaged<byte*, byte*, long*, byte*, long*, byte*, byte*, long*, byte*, long*, long*, nint, nint, void>)routine)(
                    &job, &upper, &order, a, &order, values, (byte*)room, &size, whole, &integerSize, &result, 1, 1);
            info = result;
        });
        return (int)info;
    }

    /// <summary>Eigenvalues and, if asked for, eigenvectors of any matrix. Real types give real and imaginary parts one after the other. Overwrites A.</summary>
    public int General(bool vectors, byte* a, long n, byte* values, byte* right)
    {
        long info = 0;
        nint routine = Routine("geev");
        bool isComplex = number.IsComplex;
        nint imaginary = (nint)n * number.Size;
        using var realRoom = new Room(isComplex ? 2 * n * number.Real.Size : 0);
        byte* real = realRoom.Start;
        WithRoom(number.Size, (room, length) =>
        {
            byte no = (byte)'N', job = (byte)(vectors ? 'V' : 'N');
            long order = n, size = length, one = 1, result = 0;
            if (isComplex)
                ((delegate* unmanaged<byte*, byte*, long*, byte*, long*, byte*, byte*, long*, byte*, long*, byte*, long*, byte*, long*, nint, nint, void>)routine)(
                    &no, &job, &order, a, &order, values, null, &one, right, &order, (byte*)room, &size, real, &result, 1, 1);
            else
                ((delegate* unmanaged<byte*, byte*, long*, byte*, long*, byte*, byte*, byte*, long*, byte*, long*, byte*, long*, long*, nint, nint, void>)routine)(
                    &no, &job, &order, a, &order, values, values + imaginary, null, &one, right, &order, (byte*)room, &size, &result, 1, 1);
            info = result;
        });
        return (int)info;
    }

    /// <summary>
    /// Row-major T X = B or T* X = B in place of B [n, r]: to the library the transposed X and B stand left of the transposed T.
    /// </summary>
    public void SolveTriangle(byte* t, bool upper, bool unit, bool adjoint, byte* b, long n, long r)
    {
        byte side = (byte)'R', half = (byte)(upper ? 'L' : 'U'), form = (byte)(adjoint ? 'C' : 'N'), diagonal = (byte)(unit ? 'U' : 'N');
        byte* one = stackalloc byte[16];
        number.Write(one, 0, 1);
        ((delegate* unmanaged<byte*, byte*, byte*, byte*, long*, long*, byte*, byte*, long*, byte*, long*, nint, nint, nint, nint, void>)Routine("trsm"))(
            &side, &half, &form, &diagonal, &r, &n, one, t, &n, b, &r, 1, 1, 1, 1);
    }

    /// <summary>Memory outside of the collector's, for the length of a call.</summary>
    private readonly struct Room(long bytes) : IDisposable
    {
        public readonly byte* Start = (byte*)NativeMemory.Alloc((nuint)Math.Max(16, bytes));
        public void Dispose() => NativeMemory.Free(Start);
    }
}
