using System.Numerics;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>Real and imaginary parts, each in a plane of its own.</summary>
internal readonly unsafe struct PlanePair<T>(T* real, T* imaginary)
    where T : unmanaged
{
    public T* Real => real;

    public T* Imaginary => imaginary;

    /// <summary>i times the conjugate: transforming that and swapping again is the inverse transform.</summary>
    public PlanePair<T> Swapped => new(imaginary, real);

    public PlanePair<T> At(nint offset) => new(real + offset, imaginary + offset);
}

/// <summary>
/// One pass of Stockham's transform: butterflies of one radix that read `m` apart and write next to each other, so that no
/// reordering remains. Neighbouring columns are independent and are what registers hold.
/// </summary>
/// <remarks>
/// y[q + s (r p + j)] = w^(p j) sum over k of x[q + s (p + m k)] exp(-2 pi i j k / r), with w = exp(-2 pi i / (r m)).
/// </remarks>
internal readonly unsafe struct FourierPass<T>(
    FourierStage<T> stage, PlanePair<T> x, PlanePair<T> y, int s) : IVectorAction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public void Invoke<S, V>()
        where S : struct, ISimd<V, T>
        where V : struct
    {
        int whole = s - s % S.Count;
        if (whole > 0)
            Columns<ManyLanes<S, V, T>, V>(0, whole);
        if (whole < s)
            Columns<OneLane<T>, T>(whole, s);
    }

    private void Columns<L, V>(int from, int to)
        where L : struct, IFourierLanes<V, T>
        where V : struct
    {
        switch (stage.Radix)
        {
            case 2:
                Two<L, V>(from, to);
                break;
            case 3:
                Three<L, V>(from, to);
                break;
            case 4:
                Four<L, V>(from, to);
                break;
            default:
                Any<L, V>(from, to);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Two<L, V>(int from, int to)
        where L : struct, IFourierLanes<V, T>
        where V : struct
    {
        nint far = (nint)s * stage.Count;
        fixed (T* twiddles = stage.Twiddles)
        {
            for (int p = 0; p < stage.Count; p++)
            {
                V wr = L.Create(twiddles[2 * p]), wi = L.Create(twiddles[2 * p + 1]);
                nint source = (nint)s * p, target = 2 * source;
                for (int q = from; q < to; q += L.Count)
                {
                    V ar = L.Load(x.Real + source + q), ai = L.Load(x.Imaginary + source + q);
                    V br = L.Load(x.Real + source + far + q), bi = L.Load(x.Imaginary + source + far + q);
                    L.Store(L.Add(ar, br), y.Real + target + q);
                    L.Store(L.Add(ai, bi), y.Imaginary + target + q);
                    Turned<L, V>(L.Subtract(ar, br), L.Subtract(ai, bi), wr, wi, target + s + q);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Three<L, V>(int from, int to)
        where L : struct, IFourierLanes<V, T>
        where V : struct
    {
        nint far = (nint)s * stage.Count;
        V half = L.Create(T.CreateTruncating(-0.5)), sine = L.Create(T.CreateTruncating(-0.5 * double.Sqrt(3)));
        fixed (T* twiddles = stage.Twiddles)
        {
            for (int p = 0; p < stage.Count; p++)
            {
                T* w = twiddles + 4 * p;
                V w1r = L.Create(w[0]), w1i = L.Create(w[1]), w2r = L.Create(w[2]), w2i = L.Create(w[3]);
                nint source = (nint)s * p, target = 3 * source;
                for (int q = from; q < to; q += L.Count)
                {
                    V ar = L.Load(x.Real + source + q), ai = L.Load(x.Imaginary + source + q);
                    V br = L.Load(x.Real + source + far + q), bi = L.Load(x.Imaginary + source + far + q);
                    V cr = L.Load(x.Real + source + 2 * far + q), ci = L.Load(x.Imaginary + source + 2 * far + q);
                    V sumr = L.Add(br, cr), sumi = L.Add(bi, ci);
                    // -i sqrt(3)/2 (b - c)
                    V turnr = L.Multiply(sine, L.Subtract(ci, bi)), turni = L.Multiply(sine, L.Subtract(br, cr));
                    V midr = L.Add(ar, L.Multiply(half, sumr)), midi = L.Add(ai, L.Multiply(half, sumi));
                    L.Store(L.Add(ar, sumr), y.Real + target + q);
                    L.Store(L.Add(ai, sumi), y.Imaginary + target + q);
                    Turned<L, V>(L.Add(midr, turnr), L.Add(midi, turni), w1r, w1i, target + s + q);
                    Turned<L, V>(L.Subtract(midr, turnr), L.Subtract(midi, turni), w2r, w2i, target + 2 * (nint)s + q);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Four<L, V>(int from, int to)
        where L : struct, IFourierLanes<V, T>
        where V : struct
    {
        nint far = (nint)s * stage.Count;
        fixed (T* twiddles = stage.Twiddles)
        {
            for (int p = 0; p < stage.Count; p++)
            {
                T* w = twiddles + 6 * p;
                V w1r = L.Create(w[0]), w1i = L.Create(w[1]), w2r = L.Create(w[2]), w2i = L.Create(w[3]);
                V w3r = L.Create(w[4]), w3i = L.Create(w[5]);
                nint source = (nint)s * p, target = 4 * source;
                for (int q = from; q < to; q += L.Count)
                {
                    T* real = x.Real + source + q;
                    T* imaginary = x.Imaginary + source + q;
                    V ar = L.Load(real), ai = L.Load(imaginary);
                    V br = L.Load(real + far), bi = L.Load(imaginary + far);
                    V cr = L.Load(real + 2 * far), ci = L.Load(imaginary + 2 * far);
                    V dr = L.Load(real + 3 * far), di = L.Load(imaginary + 3 * far);
                    V er = L.Add(ar, cr), ei = L.Add(ai, ci), fr = L.Subtract(ar, cr), fi = L.Subtract(ai, ci);
                    // g = b + d, h = -i (b - d)
                    V gr = L.Add(br, dr), gi = L.Add(bi, di), hr = L.Subtract(bi, di), hi = L.Subtract(dr, br);
                    L.Store(L.Add(er, gr), y.Real + target + q);
                    L.Store(L.Add(ei, gi), y.Imaginary + target + q);
                    Turned<L, V>(L.Add(fr, hr), L.Add(fi, hi), w1r, w1i, target + s + q);
                    Turned<L, V>(L.Subtract(er, gr), L.Subtract(ei, gi), w2r, w2i, target + 2 * (nint)s + q);
                    Turned<L, V>(L.Subtract(fr, hr), L.Subtract(fi, hi), w3r, w3i, target + 3 * (nint)s + q);
                }
            }
        }
    }

    /// <summary>Any other radix, by the definition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Any<L, V>(int from, int to)
        where L : struct, IFourierLanes<V, T>
        where V : struct
    {
        int radix = stage.Radix;
        nint far = (nint)s * stage.Count;
        fixed (T* twiddles = stage.Twiddles, roots = stage.Roots)
        {
            for (int p = 0; p < stage.Count; p++)
            {
                nint source = (nint)s * p, target = radix * source;
                for (int j = 0; j < radix; j++)
                {
                    T* w = twiddles + 2 * ((nint)p * (radix - 1) + j - 1);
                    V wr = L.Create(j == 0 ? T.One : w[0]), wi = L.Create(j == 0 ? T.Zero : w[1]);
                    for (int q = from; q < to; q += L.Count)
                    {
                        V sumr = L.Load(x.Real + source + q), sumi = L.Load(x.Imaginary + source + q);
                        int angle = 0;
                        for (int k = 1; k < radix; k++)
                        {
                            angle += j;
                            if (angle >= radix)
                                angle -= radix;
                            V ar = L.Load(x.Real + source + k * far + q), ai = L.Load(x.Imaginary + source + k * far + q);
                            V cr = L.Create(roots[2 * angle]), ci = L.Create(roots[2 * angle + 1]);
                            sumr = L.Add(sumr, L.Subtract(L.Multiply(ar, cr), L.Multiply(ai, ci)));
                            sumi = L.Add(sumi, L.Add(L.Multiply(ar, ci), L.Multiply(ai, cr)));
                        }
                        Turned<L, V>(sumr, sumi, wr, wi, target + j * (nint)s + q);
                    }
                }
            }
        }
    }

    /// <summary>Stores a number times a twiddle factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Turned<L, V>(V real, V imaginary, V wr, V wi, nint target)
        where L : struct, IFourierLanes<V, T>
        where V : struct
    {
        L.Store(L.Subtract(L.Multiply(real, wr), L.Multiply(imaginary, wi)), y.Real + target);
        L.Store(L.Add(L.Multiply(real, wi), L.Multiply(imaginary, wr)), y.Imaginary + target);
    }
}
