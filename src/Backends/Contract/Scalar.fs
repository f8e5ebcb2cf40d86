namespace Functional.Contract

/// A number outside a tensor, exact: integers keep all 64 bits.
[<Struct; CustomEquality; NoComparison>]
type Scalar =
    | Integer of integer: int64
    | Real of real: float
    | Boolean of boolean: bool
    | Complex of complex: System.Numerics.Complex

    /// The value as a double; the imaginary part of a complex number is dropped.
    member this.AsFloat =
        match this with
        | Integer i -> float i
        | Real r -> r
        | Boolean b -> if b then 1.0 else 0.0
        | Complex c -> c.Real

    /// The value as an integer, truncated towards zero.
    member this.AsInteger =
        match this with
        | Integer i -> i
        | Real r -> int64 r
        | Boolean b -> if b then 1L else 0L
        | Complex c -> int64 c.Real

    member this.AsComplex =
        match this with
        | Complex c -> c
        | other -> System.Numerics.Complex(other.AsFloat, 0.0)

    /// The dtype that PyTorch gives a tensor made of this number, the default floating dtype being float32.
    member this.Dtype =
        match this with
        | Integer _ -> Int64
        | Real _ -> Float32
        | Boolean _ -> Bool
        | Complex _ -> Complex64

    /// Equal as values, with nan equal to itself and 0 distinct from -0.
    override this.Equals other =
        match other with
        | :? Scalar as that ->
            match this, that with
            | Integer a, Integer b -> a = b
            | Boolean a, Boolean b -> a = b
            | Real a, Real b -> System.BitConverter.DoubleToInt64Bits a = System.BitConverter.DoubleToInt64Bits b
            | Complex a, Complex b -> a.Equals b
            | _ -> false
        | _ -> false

    override this.GetHashCode() =
        match this with
        | Integer i -> i.GetHashCode()
        | Real r -> r.GetHashCode()
        | Boolean b -> b.GetHashCode()
        | Complex c -> c.GetHashCode()

    static member Zero = Integer 0L
    static member One = Integer 1L

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Scalar =
    /// The number as a given dtype would hold it (integers truncate and wrap, bool asks "is it not zero").
    let toDtype dtype (value: Scalar) =
        match dtype with
        | Bool ->
            match value with
            | Complex c -> Boolean(c <> System.Numerics.Complex.Zero)
            | Integer i -> Boolean(i <> 0L)
            | other -> Boolean(other.AsFloat <> 0.0)
        | UInt8 -> Integer(int64 (byte value.AsInteger))
        | Int8 -> Integer(int64 (sbyte value.AsInteger))
        | Int16 -> Integer(int64 (int16 value.AsInteger))
        | Int32 -> Integer(int64 (int32 value.AsInteger))
        | Int64 -> Integer value.AsInteger
        | Float16 -> Real(float (System.Half.op_Explicit value.AsFloat: System.Half))
        | BFloat16
        | Float32
        | Float64 -> Real value.AsFloat
        | Complex64
        | Complex128 -> Complex value.AsComplex
