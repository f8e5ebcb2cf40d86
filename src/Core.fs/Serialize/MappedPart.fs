namespace Functional.Serialize

open System
open System.Buffers
open System.IO.MemoryMappedFiles
open Microsoft.FSharp.NativeInterop

#nowarn "9"

/// A part of a file in memory without being read. Its bytes are gone when it is disposed; whoever asks for them then gets an
/// ObjectDisposedException.
[<Sealed>]
type internal MappedPart(file: MemoryMappedFile, offset: int64, length: int) =
    inherit MemoryManager<byte>()

    let view = file.CreateViewAccessor(offset, int64 length, MemoryMappedFileAccess.Read)

    let mutable start =
        let mutable first: nativeptr<byte> = NativePtr.nullPtr
        view.SafeMemoryMappedViewHandle.AcquirePointer(&first)
        NativePtr.add first (int view.PointerOffset)

    let mutable closed = false

    let requireOpen () =
        if closed then
            raise (ObjectDisposedException("a file", "its tensors were to be used while it was open"))

    override _.GetSpan() =
        requireOpen ()
        Span<byte>(NativePtr.toVoidPtr start, length)

    override _.Pin index =
        requireOpen ()
        new MemoryHandle(NativePtr.toVoidPtr (NativePtr.add start index))

    override _.Unpin() = ()

    override _.Dispose(_disposing: bool) =
        if not closed then
            closed <- true
            view.SafeMemoryMappedViewHandle.ReleasePointer()
            view.Dispose()
