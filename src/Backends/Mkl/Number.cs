using System.Numerics;

namespace Functional.Mkl;

/// <summary>A number type that the library computes with: what its routines' names begin with, and its memory.</summary>
internal readonly unsafe struct Number
{
    private Number(char letter, int size) => (Letter, Size) = (letter, size);

    /// <summary>s, d, c or z.</summary>
    public char Letter { get; }

    /// <summary>Bytes of an element.</summary>
    public int Size { get; }

    /// <summary>Whether elements are pairs.</summary>
    public bool IsComplex => Letter is 'c' or 'z';

    /// <summary>Whether real parts are float64.</summary>
    public bool IsDouble => Letter is 'd' or 'z';

    /// <summary>The type of magnitudes and eigenvalues of Hermitian matrices.</summary>
    public Number Real => new(IsDouble ? 'd' : 's', IsDouble ? 8 : 4);

    /// <summary>The number type of a dtype, if the library has it.</summary>
    public static Number? Of(Dtype dtype) => dtype switch
    {
        { IsFloat32: true } => new('s', 4),
        { IsFloat64: true } => new('d', 8),
        { IsComplex64: true } => new('c', 8),
        { IsComplex128: true } => new('z', 16),
        _ => null,
    };

    /// <summary>Reads the real part of element i.</summary>
    public double RealPart(byte* memory, nint i) => IsDouble ? *(double*)(memory + i * Size) : *(float*)(memory + i * Size);

    /// <summary>Reads element i.</summary>
    public Complex Read(byte* memory, nint i) =>
        new(RealPart(memory, i), !IsComplex ? 0 : IsDouble ? ((double*)(memory + i * Size))[1] : ((float*)(memory + i * Size))[1]);

    /// <summary>Writes element i; a real type keeps the real part.</summary>
    public void Write(byte* memory, nint i, Complex value)
    {
        byte* at = memory + i * Size;
        if (IsDouble)
            *(double*)at = value.Real;
        else
            *(float*)at = (float)value.Real;
        if (!IsComplex)
            return;
        if (IsDouble)
            ((double*)at)[1] = value.Imaginary;
        else
            ((float*)at)[1] = (float)value.Imaginary;
    }

    /// <summary>Whether all of the first elements are finite.</summary>
    public bool IsFinite(byte* memory, nint count)
    {
        nint numbers = IsComplex ? 2 * count : count;
        bool finite = true;
        if (IsDouble)
            for (nint i = 0; i < numbers; i++)
                finite &= double.IsFinite(((double*)memory)[i]);
        else
            for (nint i = 0; i < numbers; i++)
                finite &= float.IsFinite(((float*)memory)[i]);
        return finite;
    }
}
