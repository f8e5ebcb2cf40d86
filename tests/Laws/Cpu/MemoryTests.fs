/// Memory without Dispose: what is unreachable comes back, what is reachable stays, and early release is safe.
module Functional.Laws.Cpu.MemoryTests

open System
open System.Runtime.CompilerServices
open Expecto
open Functional.Contract
open Functional.Cpu

let private fill (buffer: Functional.Contract.Buffer) (value: byte) =
    let bytes = Array.create (buffer.Length * Dtype.size buffer.Dtype) value
    CpuBackend.Instance.Upload(ReadOnlySpan bytes, buffer)

let private holds (buffer: Functional.Contract.Buffer) (value: byte) =
    let bytes: byte[] = Array.zeroCreate (buffer.Length * Dtype.size buffer.Dtype)
    CpuBackend.Instance.Download(buffer, 0, bytes.AsSpan())
    Array.forall ((=) value) bytes

/// Not inlined, so that no local of the test keeps the buffers.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private churn (random: Random) steps =
    for i in 1..steps do
        CpuBuffer(Float32, 65 + random.Next 300000) :> Functional.Contract.Buffer
        |> fun buffer -> fill buffer (byte i)

let private flat =
    testCase "thousands of buffers without Dispose keep reserved memory flat" (fun () ->
        let random = Random 1
        churn random 600
        let before = CpuMemory.Statistics.ReservedBytes
        churn random 2400
        let after = CpuMemory.Statistics
        Expect.isLessThanOrEqual after.ReservedBytes (before + before / 4L + (32L <<< 20)) "reserved bytes"
        Expect.isGreaterThan after.Sweeps 0L "the list of buffers was swept")

/// Not inlined: a buffer that lives while others come and go, through collections, and then is let go of.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private phase length count =
    let lasting = CpuBuffer(UInt8, length)

    for _ in 1..count do
        CpuBuffer(UInt8, length) |> ignore

    GC.KeepAlive lasting

let private outlived =
    testCase "what lived through collections is found when it is let go of, however much else is in use" (fun () ->
        let length = 8 <<< 20
        CpuMemory.Trim()
        let before = CpuMemory.Statistics.ReservedBytes
        let kept = Array.init 12 (fun _ -> CpuBuffer(UInt8, length))

        for _ in 1..60 do
            phase length 60

        // In use are 13 blocks of 8 MB. A pool may grow to a few times as much; it came to eight times.
        Expect.isLessThan (CpuMemory.Statistics.ReservedBytes - before) (512L <<< 20) "reserved bytes"
        GC.KeepAlive kept)

/// Not inlined: so many blocks in use at once.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private crowd count length = Array.init count (fun _ -> CpuBuffer(UInt8, length)) |> GC.KeepAlive

/// Not inlined: where buffers that are let go of at once lie.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private places count length =
    List.init count (fun _ ->
        let buffer = CpuBuffer(UInt8, length)
        Unsafe.ByteOffset(&Unsafe.NullRef<byte>(), &buffer.GetPinnableReference()))
    |> List.distinct
    |> List.length

let private few =
    testCase "what an earlier part of a program had in use at once does not go round for ever" (fun () ->
        let length = 4 <<< 20
        CpuMemory.Trim()
        crowd 100 length
        places 300 length |> ignore
        let budget = CpuMemory.Statistics.BudgetBytes
        let count = places 300 length
        Expect.isLessThanOrEqual (int64 count * int64 length) budget $"{count} blocks go round"
        Expect.isLessThan budget (100L * int64 length) "and the budget is that of what is in use")

let private reachable =
    testCase "no two living buffers share memory, and reclaiming leaves them alone" (fun () ->
        let random = Random 2

        let kept =
            Array.init 60 (fun i ->
                CpuBuffer(Float32, 65 + random.Next 20000)
                |> fun buffer ->
                    fill buffer (byte i)
                    buffer)

        churn random 600
        CpuMemory.Trim()
        churn random 100

        kept
        |> Array.iteri (fun i buffer -> Expect.isTrue (holds buffer (byte i)) $"buffer {i} holds what was written")

        GC.KeepAlive kept)

/// Not inlined, as above: so many blocks of one size, let go of at once.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private wave count length = Array.init count (fun _ -> CpuBuffer(UInt8, length)) |> Array.iter _.Release()

let private trimmed =
    testCase "trimming gives idle memory back, of blocks that share a slab too, and leaves what is in use" (fun () ->
        let kept =
            Array.init 20 (fun i ->
                let buffer = CpuBuffer(UInt8, 5000 + 1000 * i)
                fill buffer (byte i)
                buffer)

        CpuMemory.Trim()
        let before = CpuMemory.Statistics.ReservedBytes

        for length in [ 100; 5000; 70_000; 300_000; 1_500_000; 5_000_000 ] do
            wave 40 length

        Expect.isGreaterThan CpuMemory.Statistics.ReservedBytes (before + (100L <<< 20)) "blocks wait for their next use"
        CpuMemory.Trim()
        // A slab of 4 MB stays for as long as one of its blocks is in use.
        Expect.isLessThan CpuMemory.Statistics.ReservedBytes (before + (20L <<< 20)) "idle memory went back"

        kept
        |> Array.iteri (fun i buffer -> Expect.isTrue (holds buffer (byte i)) $"buffer {i} holds what was written")

        GC.KeepAlive kept)

let private parallelUse =
    testCase "threads allocate, write, read and release beside each other" (fun () ->
        let work seed =
            let random = Random(seed: int)

            for _ in 1..60 do
                let buffers = Array.init 8 (fun _ -> CpuBuffer(UInt8, 1 + random.Next 100000))
                buffers |> Array.iteri (fun i buffer -> fill buffer (byte (seed * 8 + i)))
                buffers |> Array.iteri (fun i buffer -> Expect.isTrue (holds buffer (byte (seed * 8 + i))) "own bytes")

                if random.Next 2 = 0 then
                    buffers |> Array.iter _.Release()

        Array.Parallel.iter work [| 1..4 |])

let private released =
    testCase "release is idempotent, and use after it is refused" (fun () ->
        for length in [ 0; 1; 64; 65; 100000 ] do
            let buffer = CpuBuffer(Float64, length)
            buffer.Release()
            buffer.Release()
            Expect.isTrue buffer.IsReleased "released"
            let bytes: byte[] = Array.zeroCreate (min 8 (8 * length))
            let read () = CpuBackend.Instance.Download(buffer, 0, bytes.AsSpan())
            Expect.throwsT<ArgumentValueException> read "a released buffer is not read")

let private bounds =
    testCase "lengths that cannot be are refused before memory is touched" (fun () ->
        Expect.throwsT<ArgumentValueException> (fun () -> CpuBuffer(Float32, -1) |> ignore) "negative"
        let buffer = CpuBackend.Instance.Allocate(Float32, 100)
        let bytes: byte[] = Array.zeroCreate 404
        Expect.throwsT<IndexException> (fun () -> CpuBackend.Instance.Upload(ReadOnlySpan bytes, buffer)) "too much"
        Expect.throwsT<IndexException> (fun () -> CpuBackend.Instance.Download(buffer, 1, bytes.AsSpan(0, 400))) "past the end"

        Expect.throwsT<IndexException>
            (fun () -> CpuBackend.Instance.Download(buffer, -1, bytes.AsSpan(0, 4)))
            "before the start")

let private foreign =
    testCase "a buffer of another backend is refused" (fun () ->
        let buffer = Reference.backend.Allocate(Float32, 4)
        let bytes: byte[] = Array.zeroCreate 16
        Expect.throwsT<DeviceException> (fun () -> CpuBackend.Instance.Download(buffer, 0, bytes.AsSpan())) "device")

let tests =
    testSequenced (testList "Memory" [ flat; outlived; few; reachable; trimmed; parallelUse; released; bounds; foreign ])
