namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// Tensors of numbers that follow from shapes alone: positions and weights, on the device of another tensor.
[<RequireQualifiedAccess>]
module Constants =
    /// Int64 numbers in row-major order.
    let integers (like: Tensor) (shape: Shape) (data: int64[]) : Tensor =
        Creation.ofBytes like.Backend Int64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data))

    /// Real numbers in row-major order, in the dtype of the other tensor.
    let reals (like: Tensor) (shape: Shape) (data: float[]) : Tensor =
        Creation.ofBytes like.Backend Float64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data))
        |> Engine.cast like.Dtype

    /// The numbers in a tensor of integers, row-major, without derivatives.
    let readIntegers (t: Tensor) : int64[] =
        MemoryMarshal.Cast<byte, int64>(ReadOnlySpan(Creation.toBytes (Engine.cast Int64 (Structure.detach t)))).ToArray()

    /// The numbers in a tensor as floats, row-major, without derivatives.
    let readReals (t: Tensor) : float[] =
        MemoryMarshal.Cast<byte, float>(ReadOnlySpan(Creation.toBytes (Engine.cast Float64 (Structure.detach t)))).ToArray()
