using System.Numerics;

namespace Functional.Torch;

/// <summary>A number that is no tensor. Every number of C# becomes one by itself.</summary>
public readonly struct Scalar : IEquatable<Scalar>
{
    internal Number Value { get; }

    internal Scalar(Number value) => Value = value;

    /// <summary>The dtype of a tensor made of this number.</summary>
    public torch.ScalarType Type => Value.IsReal ? torch.get_default_dtype() : Value.Dtype.Facade();

    /// <summary>An integer.</summary>
    public static implicit operator Scalar(long value) => new(Number.NewInteger(value));
    /// <summary>An integer.</summary>
    public static implicit operator Scalar(int value) => new(Number.NewInteger(value));
    /// <summary>An integer.</summary>
    public static implicit operator Scalar(byte value) => new(Number.NewInteger(value));
    /// <summary>A real number.</summary>
    public static implicit operator Scalar(double value) => new(Number.NewReal(value));
    /// <summary>A real number.</summary>
    public static implicit operator Scalar(float value) => new(Number.NewReal(value));
    /// <summary>A real number.</summary>
    public static implicit operator Scalar(Half value) => new(Number.NewReal((double)value));
    /// <summary>A truth value.</summary>
    public static implicit operator Scalar(bool value) => new(Number.NewBoolean(value));
    /// <summary>A complex number.</summary>
    public static implicit operator Scalar(Complex value) => new(Number.NewComplex(value));

    /// <summary>The number as a double.</summary>
    public double ToDouble() => Value.AsFloat;
    /// <summary>The number as a float.</summary>
    public float ToSingle() => (float)Value.AsFloat;
    /// <summary>The number as a 64-bit integer, truncated.</summary>
    public long ToInt64() => Value.AsInteger;
    /// <summary>The number as a 32-bit integer, truncated.</summary>
    public int ToInt32() => (int)Value.AsInteger;
    /// <summary>Whether the number is not zero.</summary>
    public bool ToBoolean() => Value.AsComplex != Complex.Zero;

    /// <inheritdoc/>
    public bool Equals(Scalar other) => Value.Equals(other.Value);
    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);
    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();
    /// <inheritdoc/>
    public override string ToString() => Value.ToString()!;
    /// <summary>Equal in kind and value.</summary>
    public static bool operator ==(Scalar left, Scalar right) => left.Equals(right);
    /// <summary>Different in kind or value.</summary>
    public static bool operator !=(Scalar left, Scalar right) => !left.Equals(right);
}

/// <summary>Numbers as Scalars, as TorchSharp programs write it.</summary>
public static class ScalarExtensionMethods
{
    /// <summary>The number as a Scalar.</summary>
    public static Scalar ToScalar(this double value) => value;
    /// <summary>The number as a Scalar.</summary>
    public static Scalar ToScalar(this float value) => value;
    /// <summary>The number as a Scalar.</summary>
    public static Scalar ToScalar(this long value) => value;
    /// <summary>The number as a Scalar.</summary>
    public static Scalar ToScalar(this int value) => value;
    /// <summary>The number as a Scalar.</summary>
    public static Scalar ToScalar(this bool value) => value;
}
