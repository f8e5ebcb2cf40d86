namespace Functional.Contract.Dense

open System
open System.Numerics
open System.Runtime.InteropServices

/// What real and complex numbers do differently, and the loops over rows that most of the time goes into.
[<AbstractClass>]
type Field<'T when 'T: struct and 'T :> INumberBase<'T>>() =
    abstract Conjugate: 'T -> 'T
    abstract Magnitude: 'T -> float
    /// What LAPACK chooses pivots by: |re| + |im|.
    abstract PivotSize: 'T -> float
    abstract RealPart: 'T -> float
    abstract OfReal: float -> 'T
    /// target[at ..] += factor * source[from ..], count elements.
    abstract AddScaled: factor: 'T * source: 'T[] * from: int * target: 'T[] * at: int * count: int -> unit
    /// The sum of left[i] * right[j], or of left[i] * conj(right[j]).
    abstract Dot: left: 'T[] * i: int * right: 'T[] * j: int * count: int * conjugate: bool -> 'T

/// The real numbers, in vectors as wide as the machine has.
[<Sealed>]
type RealField private () =
    inherit Field<float>()
    static member val Instance = RealField()
    override _.Conjugate x = x
    override _.Magnitude x = abs x
    override _.PivotSize x = abs x
    override _.RealPart x = x
    override _.OfReal x = x

    override _.AddScaled(factor, source, from, target, at, count) =
        let source = ReadOnlySpan(source, from, count)
        let target = Span(target, at, count)
        let wide = MemoryMarshal.Cast<float, Vector<float>> source
        let into = MemoryMarshal.Cast<float, Vector<float>> target
        let factors = Vector<float> factor

        for i in 0 .. wide.Length - 1 do
            into[i] <- into[i] + factors * wide[i]

        for i in wide.Length * Vector<float>.Count .. count - 1 do
            target[i] <- target[i] + factor * source[i]

    override _.Dot(left, i, right, j, count, _) =
        let left = ReadOnlySpan(left, i, count)
        let right = ReadOnlySpan(right, j, count)
        let wideLeft = MemoryMarshal.Cast<float, Vector<float>> left
        let wideRight = MemoryMarshal.Cast<float, Vector<float>> right
        let mutable sums = Vector<float>.Zero

        for i in 0 .. wideLeft.Length - 1 do
            sums <- sums + wideLeft[i] * wideRight[i]

        let mutable sum = Vector.Sum sums

        for i in wideLeft.Length * Vector<float>.Count .. count - 1 do
            sum <- sum + left[i] * right[i]

        sum

/// The complex numbers.
[<Sealed>]
type ComplexField private () =
    inherit Field<Complex>()
    static member val Instance = ComplexField()
    override _.Conjugate x = Complex.Conjugate x
    override _.Magnitude x = Complex.Abs x
    override _.PivotSize x = abs x.Real + abs x.Imaginary
    override _.RealPart x = x.Real
    override _.OfReal x = Complex(x, 0.0)

    override _.AddScaled(factor, source, from, target, at, count) =
        for i in 0 .. count - 1 do
            target[at + i] <- target[at + i] + factor * source[from + i]

    override _.Dot(left, i, right, j, count, conjugate) =
        let mutable sum = Complex.Zero

        for p in 0 .. count - 1 do
            let r = right[j + p]
            sum <- sum + left[i + p] * (if conjugate then Complex.Conjugate r else r)

        sum
