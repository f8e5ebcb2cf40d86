namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// A tensor as files hold it: elements row-major, little-endian, complex numbers as pairs, bools one byte each.
[<ReferenceEquality; NoComparison>]
type StoredTensor = { Dtype: Dtype; Shape: Shape; Data: ReadOnlyMemory<byte> }

/// Making and comparing stored tensors.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module StoredTensor =
    /// Raises ShapeException unless `data` holds exactly the elements of `shape`.
    let create dtype (shape: Shape) (data: ReadOnlyMemory<byte>) =
        let bytes = int64 (Shape.count shape) * int64 (Dtype.size dtype)

        if int64 data.Length <> bytes then
            raise (
                ShapeException
                    $"shape '{Shape.format shape}' is invalid for input of {data.Length} bytes: {Dtype.name dtype} needs {bytes}"
            )

        { Dtype = dtype; Shape = shape; Data = data }

    /// A copy of the elements of an array, whose bytes must be those of `dtype`.
    let ofArray dtype (shape: Shape) (elements: 'T[]) =
        create dtype shape (ReadOnlyMemory(MemoryMarshal.AsBytes(ReadOnlySpan elements).ToArray()))

    /// The elements as `'T`, whose size must be that of the dtype. Raises DtypeException otherwise.
    let toArray<'T when 'T: unmanaged and 'T: (new: unit -> 'T) and 'T: struct and 'T :> ValueType>
        (tensor: StoredTensor)
        : 'T[] =
        if sizeof<'T> <> Dtype.size tensor.Dtype then
            raise (DtypeException $"expected {typeof<'T>.Name} elements but the stored tensor is {Dtype.name tensor.Dtype}")

        MemoryMarshal.Cast<byte, 'T>(tensor.Data.Span).ToArray()

    /// Equal dtype, shape and bits (so nan equals the same nan, and 0 differs from -0).
    let equal (a: StoredTensor) (b: StoredTensor) =
        a.Dtype = b.Dtype && Shape.equal a.Shape b.Shape && a.Data.Span.SequenceEqual b.Data.Span
