/// Elements of every dtype as doubles: how tests write tensors and read them back without the library's own casts.
module Functional.Laws.Elements

open System
open Expecto
open Functional
open Functional.Contract

let private bfloat16 (x: float) =
    let bits = BitConverter.SingleToUInt32Bits(float32 x)

    if Single.IsNaN(float32 x) then
        0x7FC0us
    else
        uint16 ((bits + 0x7FFFu + ((bits >>> 16) &&& 1u)) >>> 16)

/// The imaginary part that goes with a real one: away from the cuts of all functions.
let imaginary (x: float) = if Double.IsFinite x then 0.35 + 0.2 * cos (7.0 * x) else 0.35

let private encode dtype (x: float) : byte[] =
    match dtype with
    | Bool -> [| (if x <> 0.0 then 1uy else 0uy) |]
    | UInt8 -> [| byte (int64 x) |]
    | Int8 -> [| byte (sbyte (int64 x)) |]
    | Int16 -> BitConverter.GetBytes(int16 x)
    | Int32 -> BitConverter.GetBytes(int32 x)
    | Int64 -> BitConverter.GetBytes(int64 x)
    | Float16 -> BitConverter.GetBytes(Half.op_Explicit x: Half)
    | BFloat16 -> BitConverter.GetBytes(bfloat16 x)
    | Float32 -> BitConverter.GetBytes(float32 x)
    | Float64 -> BitConverter.GetBytes x
    | Complex64 -> Array.append (BitConverter.GetBytes(float32 x)) (BitConverter.GetBytes(float32 (imaginary x)))
    | Complex128 -> Array.append (BitConverter.GetBytes x) (BitConverter.GetBytes(imaginary x))

let private decode dtype (bytes: byte[]) (at: int) : float =
    match dtype with
    | Bool
    | UInt8 -> float bytes[at]
    | Int8 -> float (sbyte bytes[at])
    | Int16 -> float (BitConverter.ToInt16(bytes, at))
    | Int32 -> float (BitConverter.ToInt32(bytes, at))
    | Int64 -> float (BitConverter.ToInt64(bytes, at))
    | Float16 -> Half.op_Explicit (BitConverter.ToHalf(bytes, at)): float
    | BFloat16 -> float (BitConverter.UInt32BitsToSingle(uint32 (BitConverter.ToUInt16(bytes, at)) <<< 16))
    | Float32
    | Complex64 -> float (BitConverter.ToSingle(bytes, at))
    | Float64
    | Complex128 -> BitConverter.ToDouble(bytes, at)

/// A row-major tensor on a backend.
let write backend dtype (shape: Shape) (elements: float[]) =
    let bytes = elements |> Array.collect (encode dtype)
    Creation.ofBytes backend dtype shape (ReadOnlySpan bytes)

/// The elements in row-major order; complex ones as two numbers, one after the other.
let read (tensor: Tensor) : float[] =
    let bytes = Creation.toBytes (Structure.detach tensor)
    let dtype = Dtype.toReal tensor.Dtype
    let size = Dtype.size dtype
    Array.init (bytes.Length / size) (fun i -> decode dtype bytes (i * size))

/// The distance from 1 to its neighbour.
let epsilon dtype =
    match dtype with
    | Float16 -> 2.0 ** -10.0
    | BFloat16 -> 2.0 ** -7.0
    | Float32
    | Complex64 -> 2.0 ** -23.0
    | Float64
    | Complex128 -> 2.0 ** -52.0
    | _ -> 0.0

/// Equal, both nan, or no further apart than `room` for numbers around 1.
let near room (a: float) (b: float) =
    a = b
    || (Double.IsNaN a && Double.IsNaN b)
    || (Double.IsFinite a && Double.IsFinite b && abs (a - b) <= room * (1.0 + max (abs a) (abs b)))

let private show (numbers: float[]) =
    let shown = numbers |> Array.truncate 40 |> Array.map string |> String.concat "; "
    if numbers.Length > 40 then $"[{shown}; ...]" else $"[{shown}]"

let expectNear room what (actual: float[]) (expected: float[]) =
    if actual.Length <> expected.Length || not (Array.forall2 (near room) actual expected) then
        failtest $"{what}\nexpected {show expected}\nbut got  {show actual}"

/// Complex numbers no further apart than `room` for numbers around 1; a part may be small beside the whole.
let private nearComplex room (a: float[]) (b: float[]) =
    let plain x y = near 0.0 x y
    let size (z: float[]) = sqrt (z[0] * z[0] + z[1] * z[1])

    Array.forall2 plain a b
    || (Array.forall Double.IsFinite a
        && Array.forall Double.IsFinite b
        && size (Array.map2 (-) a b) <= room * (1.0 + max (size a) (size b)))

/// Tensors alike in dtype, shape and, up to `room`, elements.
let expectSame room what (actual: Tensor) (expected: Tensor) =
    Expect.equal actual.Dtype expected.Dtype $"{what}: dtype"
    Expect.equal actual.Shape expected.Shape $"{what}: shape"
    let a, e = read actual, read expected

    if not (Dtype.isComplex expected.Dtype) then
        expectNear room what a e
    elif a.Length <> e.Length || not (Array.forall2 (nearComplex room) (Array.chunkBySize 2 a) (Array.chunkBySize 2 e)) then
        failtest $"{what}\nexpected {show e}\nbut got  {show a}"

/// Tensors that hold the same bits.
let expectBits what (actual: Tensor) (expected: Tensor) =
    Expect.equal actual.Dtype expected.Dtype $"{what}: dtype"
    Expect.equal actual.Shape expected.Shape $"{what}: shape"
    Expect.equal (Creation.toBytes actual) (Creation.toBytes expected) what

/// An error of this type whose message has these words.
let refuses<'E when 'E :> exn> what (words: string) (run: unit -> Tensor) =
    try
        run () |> read |> ignore
        failtest $"{what}: no error"
    with :? 'E as error ->
        Expect.stringContains error.Message words what
