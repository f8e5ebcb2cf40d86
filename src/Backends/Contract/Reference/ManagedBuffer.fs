namespace Functional.Contract

open System
open Functional.Contract

/// Memory of the reference backend: a managed array of bytes.
[<Sealed; AllowNullLiteral>]
type ManagedBuffer(dtype: Dtype, length: int, bytes: byte[]) =
    inherit Buffer(dtype, length)
    member _.Bytes = bytes
    override _.Release() = ()

    interface IHostMemory with
        member _.GetPinnableReference() = &System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference bytes

    /// The element at a position, counted in elements.
    member _.Item
        with get index = Element.read dtype (ReadOnlySpan bytes) index
        and set index (value: Scalar) = Element.write dtype (bytes.AsSpan()) index value

/// Reading and writing elements of buffers and views one by one.
[<RequireQualifiedAccess>]
module Elements =
    /// The longest array of bytes that .NET can hold.
    let private longest = int64 Array.MaxLength

    let allocate dtype length =
        let size = int64 length * int64 (Dtype.size dtype)

        if length < 0 then
            raise (ArgumentValueException $"Trying to create tensor with negative dimension {length}")

        if size > longest then
            raise (
                OutOfMemoryException
                    $"allocate: {length} elements of {Dtype.name dtype} are {size} bytes, more than the {longest} bytes of one managed array"
            )

        ManagedBuffer(dtype, length, Array.zeroCreate (int size))

    /// The buffer as one of the reference backend.
    let ofBuffer (buffer: Buffer) =
        match buffer with
        | :? ManagedBuffer as own -> own
        | _ ->
            raise (
                DeviceException
                    $"Expected all tensors to be on the same device, but found {buffer} where the reference backend needs its own memory; move the tensor there first"
            )

    /// Every index of a shape in row-major order, with its flat position. The index array is used again: do not keep it.
    let iterate (shape: Shape) (visit: int -> int[] -> unit) =
        let index: int[] = Array.zeroCreate shape.Length

        for position in 0 .. Shape.count shape - 1 do
            let mutable rest = position

            for d = shape.Length - 1 downto 0 do
                index[d] <- rest % shape[d]
                rest <- rest / shape[d]

            visit position index

    /// Where an index of a view lies in its buffer.
    let offset (view: View) (index: int[]) = Array.fold2 (fun at i stride -> at + i * stride) view.Offset index view.Strides

    let get (view: View) (index: int[]) = (ofBuffer view.Buffer)[offset view index]

    let set (view: View) (index: int[]) value = (ofBuffer view.Buffer)[offset view index] <- value

    /// The index with dimension `axis` set to `i`.
    let at axis (i: int) (index: int[]) = Array.mapi (fun d old -> if d = axis then i else old) index

    /// A new row-major buffer of a shape, each element computed from its index.
    let build dtype (shape: Shape) (value: int[] -> Scalar) : Buffer =
        let result = allocate dtype (Shape.count shape)
        iterate shape (fun position index -> result[position] <- value index)
        result

    /// A 0-d view as one with a single dimension of size 1.
    let atLeastOneDimension (view: View) =
        if view.Shape.Length > 0 then
            view
        else
            { view with Shape = [| 1 |]; Strides = [| 1 |] }
