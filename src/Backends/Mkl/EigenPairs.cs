using System.Numerics;

namespace Functional.Mkl;

/// <summary>
/// Eigenvalues and eigenvectors of a general matrix in the contract's order: by real part, of a conjugate pair the one with the
/// positive imaginary part first; each vector has length 1 and a largest component that is real and positive.
/// </summary>
internal sealed unsafe class EigenPairs
{
    private readonly int n;
    private readonly Complex[] values;
    private readonly Complex[]? vectors;

    /// <summary>What LAPACK's geev gave: for real types real and imaginary parts apart, vectors of conjugate pairs side by side.</summary>
    public EigenPairs(Number number, int n, byte* found, byte* columns)
    {
        this.n = n;
        values = new Complex[n];
        for (int j = 0; j < n; j++)
            values[j] = number.IsComplex ? number.Read(found, j) : new(number.RealPart(found, j), number.RealPart(found, n + j));
        if (columns == null)
            return;
        vectors = new Complex[(long)n * n];
        for (int j = 0; j < n; j++)
        {
            bool isPair = !number.IsComplex && values[j].Imaginary != 0;
            for (int i = 0; i < n; i++)
            {
                nint at = (nint)j * n + i;
                if (!isPair)
                    vectors[at] = number.Read(columns, at);
                else
                {
                    vectors[at] = new(number.RealPart(columns, at), number.RealPart(columns, at + n));
                    vectors[at + n] = Complex.Conjugate(vectors[at]);
                }
            }
            if (isPair)
                j++;
        }
    }

    /// <summary>Writes a row of values and, if there are any, the vectors below it, one in each column.</summary>
    public void Write(Number wide, byte* target)
    {
        int[] order = [.. Enumerable.Range(0, n).OrderBy(j => values[j].Real).ThenBy(j => -values[j].Imaginary)];
        for (int j = 0; j < n; j++)
        {
            wide.Write(target, j, values[order[j]]);
            if (vectors is null)
                continue;
            ReadOnlySpan<Complex> vector = vectors.AsSpan(order[j] * n, n);
            Complex scale = Scale(vector);
            for (int i = 0; i < n; i++)
                wide.Write(target, ((nint)i + 1) * n + j, vector[i] / scale);
        }
    }

    private static Complex Scale(ReadOnlySpan<Complex> vector)
    {
        double sum = 0;
        Complex top = vector[0];
        foreach (Complex component in vector)
        {
            double size = Complex.Abs(component);
            sum += size * size;
            if (size > Complex.Abs(top) * (1 + 1e-12))
                top = component;
        }
        double largest = Complex.Abs(top);
        return largest == 0 ? Complex.One : top * (Math.Sqrt(sum) / largest);
    }
}
