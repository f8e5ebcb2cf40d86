/// Nothing goes over to a device and back, and nothing is compiled, that nobody asked for.
module Functional.Laws.Gpu.TrafficTests

open Expecto
open Functional.Contract
open Functional.Gpu
open Functional.Laws.Contract.Samples
open Functional.Laws.Gpu.GpuSubjects

let private counts (backend: GpuBackend) =
    let traffic = backend.Context.Traffic
    traffic.Uploads, traffic.Downloads, traffic.Synchronizations, traffic.Compilations

let private quiet name (device: Lazy<GpuBackend option>) =
    test $"{name}: a number that changes is an argument; nothing is moved, compiled or waited for" {
        match device.Value with
        | None -> skiptest $"no {name} device here"
        | Some gpu ->
            let backend: IBackend = gpu
            let lowered = Program.lower [| Float32 |] Float32 [| struct (ScalarExpr.Simple(Mul, Arg 0, Param 0), Float32) |]
            let bytes = Array.init 6 (fun i -> System.BitConverter.GetBytes(float32 i)) |> Array.concat
            let source = backend.Allocate(Float32, 6)
            backend.Upload(System.ReadOnlySpan bytes, source)
            let view = View.contiguous [| 2; 3 |] source

            /// sum over rows of (x * number) * number
            let work number =
                let scaled = backend.Allocate(Float32, 6)
                let numbers = Array.append [| Real number |] lowered.Constants
                backend.Pointwise(lowered.Program, [| 2; 3 |], [| view |], numbers, [| scaled |])
                backend.Reduce(Sum, lowered.Program, [| 2; 3 |], [| View.contiguous [| 2; 3 |] scaled |], numbers, [| 1 |])

            work 3.0 |> ignore
            let before = counts gpu
            let result = work 0.5
            Expect.equal (counts gpu) before "uploads, downloads, waits, compilations"

            let sums = scalars Float32 (download backend result)
            Expect.equal sums [| Real 0.75; Real 3.0 |] "the sums"
            let uploads, downloads, _, _ = before
            Expect.equal (gpu.Context.Traffic.Downloads, gpu.Context.Traffic.Uploads) (downloads + 1L, uploads) "one download"
    }

let private reused = test "memory that is given back is used again" {
    match emulated.Value with
    | None -> skiptest "no emulator here"
    | Some gpu ->
        let backend: IBackend = gpu
        let first = backend.Allocate(Float32, 100000)
        let reserved = gpu.Memory.Reserved
        first.Release()
        first.Release()
        let second = backend.Allocate(Float32, 99990)
        Expect.equal gpu.Memory.Reserved reserved "nothing more is taken from the driver"

        Expect.throwsT<DonationException>
            (fun () -> backend.Download(first, 0, System.Span(Array.zeroCreate<byte> 4)))
            "memory that was given back is not read"

        second.Release()
}

let tests = testSequenced (testList "Traffic" [ quiet "compiled" compiled; quiet "emulated" emulated; reused ])
