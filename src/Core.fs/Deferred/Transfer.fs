namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// Values that go from one backend to another. Nothing else in Core copies between devices.
[<RequireQualifiedAccess>]
module internal Transfer =
    /// Whether two backends work in the same memory.
    let isSameDevice (a: IBackend) (b: IBackend) = obj.ReferenceEquals(a, b) || a.Device = b.Device

    /// The bytes of a row-major view that lies in memory the processor sees.
    let private hostBytes (view: View) (memory: IHostMemory) =
        let size = Dtype.size view.Dtype
        let all = MemoryMarshal.CreateReadOnlySpan(&memory.GetPinnableReference(), view.Buffer.Length * size)
        all.Slice(view.Offset * size, Shape.count view.Shape * size)

    /// The elements of a row-major view, read by the processor.
    let private download (owner: IBackend) (view: View) =
        let bytes = Array.zeroCreate<byte>(Shape.count view.Shape * Dtype.size view.Dtype)
        owner.Download(view.Buffer, view.Offset, Span bytes)
        bytes

    let private fits (view: View) = int64 view.Buffer.Length * int64 (Dtype.size view.Dtype) <= int64 Int32.MaxValue

    /// Fills a buffer with what a row-major view of another backend holds, by the shortest way there is.
    let private copy (owner: IBackend) (view: View) (target: IBackend) (buffer: Functional.Contract.Buffer) =
        let byPeer =
            match box target with
            | :? IPeer as peer -> peer.TryCopyFrom(view, owner, buffer)
            | _ -> false

        if not byPeer then
            match box view.Buffer, box buffer with
            | (:? IHostMemory as memory), _ when fits view -> target.Upload(hostBytes view memory, buffer)
            | _, (:? IHostMemory as memory) when fits view ->
                let size = Shape.count view.Shape * Dtype.size view.Dtype
                owner.Download(view.Buffer, view.Offset, MemoryMarshal.CreateSpan(&memory.GetPinnableReference(), size))
            | _ -> target.Upload(ReadOnlySpan(download owner view), buffer)

        GC.KeepAlive view.Buffer
        GC.KeepAlive buffer

    /// The same elements where another backend can work on them. Numbers repeated, and single numbers that the processor has,
    /// need no memory there; backends of one device share theirs.
    let move (target: IBackend) (value: Value) : Value =
        match Value.tryConstant value with
        | ValueSome number -> Value.constant target value.Dtype value.Shape number
        | ValueNone when obj.ReferenceEquals(value.Backend, target) -> value
        | ValueNone when isSameDevice value.Backend target -> Value.ofView target (Value.view value)
        | ValueNone ->
            let view = Value.view (Views.contiguous value)

            match box view.Buffer with
            | :? IHostMemory when value.Count = 1 ->
                let bytes = download value.Backend view
                Value.constant target value.Dtype value.Shape (Element.read value.Dtype (ReadOnlySpan bytes) 0)
            | _ ->
                let buffer = target.Allocate(value.Dtype, value.Count)
                copy value.Backend view target buffer
                Value.ofView target (View.contiguous value.Shape buffer)
