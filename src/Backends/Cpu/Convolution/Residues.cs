namespace Functional.Cpu;

/// <summary>One dimension of an input gradient: which taps reach the input positions of each residue modulo the stride, and from where.</summary>
/// <remarks>
/// Input position residue + stride * i receives tap k of output position i + shift, where
/// shift = (residue + padding - k * dilation) / stride, if that is whole. So each residue is a convolution of stride 1.
/// </remarks>
internal readonly struct Residues
{
    private readonly int input, kernel, padding, dilation;

    public Residues(int input, int kernel, int stride, int padding, int dilation)
    {
        (this.input, this.kernel, Stride, this.padding, this.dilation) = (input, kernel, stride, padding, dilation);
        int last = 0;
        for (int residue = 0; residue < stride; residue++)
            for (int tap = 0; tap < kernel; tap++)
                if (Reaches(residue, tap, out int shift) && Count(residue) > 0)
                {
                    Before = Math.Max(Before, -shift);
                    last = Math.Max(last, Count(residue) - 1 + shift);
                }
        Size = Before + last + 1;
    }

    public int Stride { get; }

    /// <summary>Zeros before the output gradient.</summary>
    public int Before { get; }

    /// <summary>Size of the output gradient with zeros around it.</summary>
    public int Size { get; }

    /// <summary>Input positions of a residue.</summary>
    public int Count(int residue) => (input - residue + Stride - 1) / Stride;

    /// <summary>Taps of a residue.</summary>
    public int Taps(int residue)
    {
        int taps = 0;
        for (int tap = 0; tap < kernel; tap++)
            taps += Reaches(residue, tap, out _) ? 1 : 0;
        return taps;
    }

    public bool Reaches(int residue, int tap, out int shift)
    {
        (shift, int rest) = Math.DivRem(residue + padding - tap * dilation, Stride);
        return rest == 0;
    }
}
