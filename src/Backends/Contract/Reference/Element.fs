namespace Functional.Contract

open System
open System.Buffers.Binary
open Functional.Contract

/// One element of one dtype as a scalar that holds exactly what the dtype can hold.
[<RequireQualifiedAccess>]
module Element =
    let private single (x: float) = float (float32 x)

    /// Half precision is reached by way of float32, as PyTorch does.
    let private half (x: float32) = float (Half.op_Explicit x: Half)

    /// The upper half of a float32's bits, rounded to nearest, ties to even.
    let private bfloatBits (x: float32) =
        if Single.IsNaN x then
            0x7FC0us
        else
            let bits = BitConverter.SingleToUInt32Bits x
            uint16 ((bits + 0x7FFFu + ((bits >>> 16) &&& 1u)) >>> 16)

    let private bfloatOf (bits: uint16) = float (BitConverter.UInt32BitsToSingle(uint32 bits <<< 16))

    /// A scalar as a float32, rounded once.
    let private toSingle (value: Scalar) =
        match value with
        | Integer i -> float32 i
        | other -> float32 other.AsFloat

    /// Rounds or wraps a scalar to a dtype. Reals truncate to 64 bits and then wrap; those beyond 64 bits saturate and nan
    /// becomes 0 there, which PyTorch leaves undefined.
    let round dtype (value: Scalar) =
        match dtype with
        | Bool
        | UInt8
        | Int8
        | Int16
        | Int32
        | Int64 -> Scalar.toDtype dtype value
        | Float16 -> Real(half (toSingle value))
        | BFloat16 -> Real(bfloatOf (bfloatBits (toSingle value)))
        | Float32 -> Real(float (toSingle value))
        | Float64 -> Real value.AsFloat
        | Complex64 -> (let c = value.AsComplex in Complex(Numerics.Complex(single c.Real, single c.Imaginary)))
        | Complex128 -> Complex value.AsComplex

    /// Reads element `index` of raw little-endian memory.
    let read dtype (memory: ReadOnlySpan<byte>) index =
        let at = memory.Slice(index * Dtype.size dtype)

        match dtype with
        | Bool -> Boolean(at[0] <> 0uy)
        | UInt8 -> Integer(int64 at[0])
        | Int8 -> Integer(int64 (sbyte at[0]))
        | Int16 -> Integer(int64 (BinaryPrimitives.ReadInt16LittleEndian at))
        | Int32 -> Integer(int64 (BinaryPrimitives.ReadInt32LittleEndian at))
        | Int64 -> Integer(BinaryPrimitives.ReadInt64LittleEndian at)
        | Float16 -> Real(float (BinaryPrimitives.ReadHalfLittleEndian at))
        | BFloat16 -> Real(bfloatOf (BinaryPrimitives.ReadUInt16LittleEndian at))
        | Float32 -> Real(float (BinaryPrimitives.ReadSingleLittleEndian at))
        | Float64 -> Real(BinaryPrimitives.ReadDoubleLittleEndian at)
        | Complex64 ->
            let real = float (BinaryPrimitives.ReadSingleLittleEndian at)
            Complex(Numerics.Complex(real, float (BinaryPrimitives.ReadSingleLittleEndian(at.Slice 4))))
        | Complex128 ->
            let real = BinaryPrimitives.ReadDoubleLittleEndian at
            Complex(Numerics.Complex(real, BinaryPrimitives.ReadDoubleLittleEndian(at.Slice 8)))

    /// Writes a scalar, rounded to the dtype, as element `index` of raw little-endian memory.
    let write dtype (memory: Span<byte>) index (value: Scalar) =
        let at = memory.Slice(index * Dtype.size dtype)

        match dtype with
        | Bool -> at[0] <- byte (Scalar.toDtype Bool value).AsInteger
        | UInt8
        | Int8 -> at[0] <- byte value.AsInteger
        | Int16 -> BinaryPrimitives.WriteInt16LittleEndian(at, int16 value.AsInteger)
        | Int32 -> BinaryPrimitives.WriteInt32LittleEndian(at, int32 value.AsInteger)
        | Int64 -> BinaryPrimitives.WriteInt64LittleEndian(at, value.AsInteger)
        | Float16 -> BinaryPrimitives.WriteHalfLittleEndian(at, Half.op_Explicit (toSingle value))
        | BFloat16 -> BinaryPrimitives.WriteUInt16LittleEndian(at, bfloatBits (toSingle value))
        | Float32 -> BinaryPrimitives.WriteSingleLittleEndian(at, toSingle value)
        | Float64 -> BinaryPrimitives.WriteDoubleLittleEndian(at, value.AsFloat)
        | Complex64 ->
            BinaryPrimitives.WriteSingleLittleEndian(at, float32 value.AsComplex.Real)
            BinaryPrimitives.WriteSingleLittleEndian(at.Slice 4, float32 value.AsComplex.Imaginary)
        | Complex128 ->
            BinaryPrimitives.WriteDoubleLittleEndian(at, value.AsComplex.Real)
            BinaryPrimitives.WriteDoubleLittleEndian(at.Slice 8, value.AsComplex.Imaginary)
