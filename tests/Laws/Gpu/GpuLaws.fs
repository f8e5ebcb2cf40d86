/// The laws of the contract once more, on every device that the GPU backend finds here.
module Functional.Laws.Gpu.GpuLaws

open Expecto
open Functional.Contract
open Functional.Gpu
open Functional.Laws
open Functional.Laws.Contract
open Functional.Laws.Contract.Agreement
open Functional.Laws.Gpu.GpuSubjects

/// The laws against a backend, if it is there, each on so many cases: a case costs a compiled kernel.
let private against name (backend: Lazy<GpuBackend option>) times laws =
    let subjects = lazy (backend.Value |> Option.map subject |> Option.toList)
    testList name (laws |> List.map (withSubjects subjects times))

let private announce = test "which devices are exercised" {
    let line (backend: Lazy<GpuBackend option>) =
        backend.Value
        |> Option.map (fun b -> $"{b.Context.Info.Kind}: {b.Context.Info.Name} ({b.Context.Info.Version}), {b.Libraries}")

    printfn "GPU laws run on: %s" (List.choose line [ compiled; emulated ] |> String.concat "; ")
}

/// A compiler that takes overflow for impossible gets the highest bits of Philox's products wrong, in this stream among others.
let private wraps = test "products of integers wrap around" {
    agree exact (fun backend -> [ backend.Random(RandomUniform, 0x9E3779B97F4A7C15UL, Float64, 300) ])
}

/// Set to 1, as on a machine with a device of its own, everything runs in many cases; else a slice that takes a minute.
let private isWhole = System.Environment.GetEnvironmentVariable "FUNCTIONAL_GPU_WHOLE" = "1"

let private device = lazy (compiled.Value |> Option.map (fun backend -> backend :> IBackend))

let tests =
    testSequenced (
        testList
            "Gpu"
            [ announce
              against
                  "compiled"
                  compiled
                  (if isWhole then 10 else 1)
                  [ wraps
                    MovementLaws.tests
                    ProductLaws.tests
                    FoldLaws.tests

                    if isWhole then
                        LargeLaws.attention
                        NanLaws.tests
                        PointwiseLaws.tests
                        AccuracyLaws.tests
                        ComplexLaws.tests
                    else
                        LargeLaws.someAttention
                        NanLaws.some
                        PointwiseLaws.programs
                        ComplexLaws.transforms ]
              PrimitiveTests.onDevice device isWhole (if isWhole then 4 else 1)
              // The emulator shows races and wrong indices; a dozen laws are what it has time for.
              against "emulated" emulated 1 [ MovementLaws.tests ] ]
    )
