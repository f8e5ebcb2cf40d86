namespace Functional

open System
open Functional.Contract

/// Tensors from nothing: from numbers, from memory, from keys.
[<RequireQualifiedAccess>]
module Creation =
    /// One number everywhere, without memory.
    let full (backend: IBackend) dtype (shape: Shape) (number: Scalar) =
        Shape.count shape |> ignore
        Concrete(Value.constant backend dtype shape number)

    /// Raw little-endian elements in row-major order.
    let ofBytes (backend: IBackend) dtype (shape: Shape) (bytes: ReadOnlySpan<byte>) =
        let count = Shape.count shape

        if bytes.Length <> count * Dtype.size dtype then
            raise (
                ShapeException
                    $"shape '{Shape.format shape}' is invalid for input of size {bytes.Length / Dtype.size dtype}: {count} elements of {Dtype.name dtype} take {count * Dtype.size dtype} bytes, not {bytes.Length}"
            )

        let buffer = backend.Allocate(dtype, count)
        backend.Upload(bytes, buffer)
        Concrete(Value.ofView backend (View.contiguous shape buffer))

    /// start, start + step, ... as a vector.
    let arangeScalar (backend: IBackend) dtype length start step =
        Concrete(Value.ofView backend (View.contiguous [| length |] (backend.Arange(dtype, length, start, step))))

    let arange backend dtype length (start: int) (step: int) =
        arangeScalar backend dtype length (Integer(int64 start)) (Integer(int64 step))

    /// Numbers that a key determines; see RandomKind.
    let random (backend: IBackend) kind (key: uint64) dtype (shape: Shape) =
        Concrete(Value.ofView backend (View.contiguous shape (backend.Random(kind, key, dtype, Shape.count shape))))

    /// Raw little-endian elements in row-major order; batch axes in front.
    let toBytes (tensor: Tensor) : byte[] =
        let value = Views.contiguous (Engine.concrete tensor)

        let view =
            match Value.tryConstant value with
            | ValueSome number when Shape.count value.Shape <> 1 -> Views.filled value.Backend value.Dtype value.Shape number
            | _ -> Value.view value

        let bytes = Array.zeroCreate<byte>(Shape.count value.Shape * Dtype.size value.Dtype)
        value.Backend.Download(view.Buffer, view.Offset, Span<byte> bytes)
        bytes
