namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Complex numbers of real and imaginary parts, both float32 or both float64.</summary>
    [Forms(Forms.Out)]
    public static Tensor complex(Tensor real, Tensor imag) => new(Complexes.complex(real.Core, imag.Core));

    /// <summary>Complex numbers of absolute values and angles in radians, both float32 or both float64.</summary>
    [Forms(Forms.Out)]
    public static Tensor polar(Tensor abs, Tensor angle) => new(Complexes.polar(Autocast.As(abs).Core, Autocast.As(angle).Core));

    /// <summary>The real parts. A view; a real tensor itself.</summary>
    public static Tensor real(Tensor input) => input.is_complex() ? new Tensor(input, new PartOf(isReal: true)) : input;

    /// <summary>The imaginary parts. A view. Raises DtypeException for a real tensor.</summary>
    public static Tensor imag(Tensor input) => new(input, new PartOf(isReal: false));

    /// <summary>The angles in radians, between -pi and pi.</summary>
    [Forms(Forms.MethodOut)]
    public static Tensor angle(Tensor input) => new(Complexes.angle(input.Core));

    /// <summary>The complex conjugates. A view; a real tensor itself.</summary>
    [Forms(Forms.Method)]
    public static Tensor conj(Tensor input) => input.is_complex() ? new Tensor(input, new Conjugated()) : input;

    /// <summary>The complex conjugates, computed.</summary>
    [Forms(Forms.All)]
    public static Tensor conj_physical(Tensor input) => new(Complexes.conj(input.Core));

    /// <summary>The tensor itself, or a copy of one that shows conjugates.</summary>
    [Forms(Forms.Method)]
    public static Tensor resolve_conj(Tensor input) => input.is_conj() ? input.clone() : input;

    /// <summary>The tensor itself: nothing here shows negatives.</summary>
    [Forms(Forms.Method)]
    public static Tensor resolve_neg(Tensor input) => input;

    /// <summary>z / |z| and 0 at 0; -1, 0 or 1 for real numbers.</summary>
    [Forms(Forms.All)]
    public static Tensor sgn(Tensor input) => new(Complexes.sgn(input.Core));

    /// <summary>Real and imaginary parts along a last dimension of size 2. A view.</summary>
    public static Tensor view_as_real(Tensor input) => input.is_conj()
        ? throw new ArgumentValueException("view_as_real doesn't work on unresolved conjugated tensors.  To resolve the conjugate tensor so you can view it as real, use self.resolve_conj(); however, be warned that the resulting tensor will NOT alias the original.")
        : new Tensor(input, new AsPairs());

    /// <summary>Complex numbers of pairs along a last dimension of size 2. A view.</summary>
    public static Tensor view_as_complex(Tensor input) => new(input, new AsComplex());

    public partial class Tensor
    {
        /// <summary>The real parts. A view; a real tensor itself.</summary>
        public Tensor real
        {
            get => torch.real(this);
            set => torch.real(this).copy_(value);
        }

        /// <summary>The imaginary parts. A view. Raises DtypeException for a real tensor.</summary>
        public Tensor imag
        {
            get => torch.imag(this);
            set => torch.imag(this).copy_(value);
        }
    }
}
