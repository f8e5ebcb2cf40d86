namespace Functional

open System
open Functional.Contract

/// A strided part of a storage that several tensors of a file share. `storage` is a row of all its elements; offset and strides
/// count elements.
[<Sealed>]
type StoredWindow(storage: StoredTensor, offset: int, shape: Shape, strides: int[]) =
    member _.Storage = storage
    member _.Offset = offset
    member _.Shape = shape
    member _.Strides = strides

/// Reading elements through a window.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module StoredWindow =
    /// The elements one after the other.
    let private gather (window: StoredWindow) size =
        let elements = window.Storage.Data.Span
        let target = GC.AllocateUninitializedArray<byte>(Shape.count window.Shape * size)
        let index = Array.zeroCreate<int> window.Shape.Length
        let mutable from = window.Offset

        for written in 0..size .. target.Length - size do
            elements.Slice(from * size, size).CopyTo(Span(target, written, size))
            let mutable dim = index.Length - 1

            while dim >= 0 do
                index[dim] <- index[dim] + 1
                from <- from + window.Strides[dim]

                if index[dim] < window.Shape[dim] then
                    dim <- -1
                else
                    from <- from - window.Shape[dim] * window.Strides[dim]
                    index[dim] <- 0
                    dim <- dim - 1

        ReadOnlyMemory target

    /// What the window shows as a tensor of its own: a part of the storage where the elements lie in a row, a copy elsewhere.
    let elements (window: StoredWindow) : StoredTensor =
        let size = Dtype.size window.Storage.Dtype
        let count = Shape.count window.Shape

        let data =
            if count = 0 then
                ReadOnlyMemory.Empty
            elif Shape.isContiguous window.Shape window.Strides then
                window.Storage.Data.Slice(window.Offset * size, count * size)
            else
                gather window size

        { Dtype = window.Storage.Dtype; Shape = window.Shape; Data = data }
