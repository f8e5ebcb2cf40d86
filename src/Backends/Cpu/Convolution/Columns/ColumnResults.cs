using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>From products at the points to rows of results.</summary>
internal readonly unsafe struct ColumnResults<S, V, T>
    where S : struct, ISimd<V, T>
    where V : struct
    where T : unmanaged, INumber<T>
{
    private readonly int results, width;
    private readonly nint plane;
    private readonly T* near, far;

    /// <summary>Tiles of so many results, lines of so many pixels, points so far apart; <paramref name="powers"/> has room for two registers.</summary>
    public ColumnResults(int results, int width, nint plane, T* powers)
    {
        (this.results, this.width, this.plane) = (results, width, plane);
        near = powers;
        far = powers + ColumnShape.Points;
        for (int i = 0; i < results; i++)
            (near[i], far[i]) = (T.CreateTruncating(Math.Pow(0.5, i)), T.CreateTruncating(Math.Pow(2, i)));
    }

    /// <summary>The first <paramref name="lines"/> rows of a tile, and in <paramref name="broken"/> a nan where one is not finite.</summary>
    /// <remarks>Where lines are shorter than a register, zeros or other products follow them.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(T* from, int lines, T* to, nint row, bool stream, T* end, ref V broken)
    {
        for (int x = 0; x < width; x += S.Count)
        {
            // The last vector overlaps the one before it and computes the same bits again. Of a line shorter than a vector the rest
            // belongs to the next line, but that of a tile's last line is not this tile's to write.
            int place = Math.Max(0, Math.Min(x, width - S.Count));
            T* m = from + place, put = to + place;
            V m1 = S.Load(m + plane), m2 = S.Load(m + 2 * plane);
            m += 3 * plane;
            V m3 = S.Load(m), m4 = S.Load(m + plane), m5 = S.Load(m + 2 * plane), m6 = S.Load(m + 3 * plane), last = S.Load(m + 4 * plane);
            V even1 = S.Add(m1, m2), odd1 = S.Subtract(m1, m2), evenHalf = S.Add(m3, m4), oddHalf = S.Subtract(m3, m4);
            V even2 = S.Add(m5, m6), odd2 = S.Subtract(m5, m6);
            V y = S.Add(S.Add(S.Load(from + place), even1), S.Add(evenHalf, even2)), check = y;
            for (int i = 1; i < lines; i++)
            {
                RowScale.Put<S, V, T>(y, put, stream);
                put += row;
                y = i % 2 == 0
                    ? S.MultiplyAdd(S.Create(far[i]), even2, S.MultiplyAdd(S.Create(near[i]), evenHalf, even1))
                    : S.MultiplyAdd(S.Create(far[i]), odd2, S.MultiplyAdd(S.Create(near[i]), oddHalf, odd1));
                if (i == results - 1)
                    y = S.Add(y, last);
                check = S.Add(check, y);
            }
            if (width >= S.Count)
                RowScale.Put<S, V, T>(y, put, stream);
            else
            {
                S.Store(y, end);
                new Span<T>(end, width).CopyTo(new Span<T>(put, width));
            }
            // 0 times what is not finite is nan, and stays so.
            broken = S.MultiplyAdd(check, S.Create(T.Zero), broken);
        }
    }
}
