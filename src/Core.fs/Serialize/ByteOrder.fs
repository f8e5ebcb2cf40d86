namespace Functional.Serialize

open System
open System.Buffers.Binary
open System.Runtime.InteropServices
open Functional.Contract

/// Elements in the order of bytes that other machines use.
[<RequireQualifiedAccess>]
module internal ByteOrder =
    /// A copy with the bytes of every number turned around; complex numbers are two.
    let swapped dtype (bytes: ReadOnlyMemory<byte>) =
        let copy = bytes.ToArray()
        let span = Span copy

        match if Dtype.isComplex dtype then Dtype.size dtype / 2 else Dtype.size dtype with
        | 2 ->
            let numbers = MemoryMarshal.Cast<byte, int16> span
            BinaryPrimitives.ReverseEndianness(Span.op_Implicit numbers, numbers)
        | 4 ->
            let numbers = MemoryMarshal.Cast<byte, int> span
            BinaryPrimitives.ReverseEndianness(Span.op_Implicit numbers, numbers)
        | 8 ->
            let numbers = MemoryMarshal.Cast<byte, int64> span
            BinaryPrimitives.ReverseEndianness(Span.op_Implicit numbers, numbers)
        | _ -> ()

        ReadOnlyMemory copy
