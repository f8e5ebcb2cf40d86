/// The laws of the contract once more, on every device that the GPU backend finds here.
module Functional.Laws.Gpu.GpuLaws

open Expecto
open Functional.Contract
open Functional.Gpu
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
        |> Option.map (fun b -> $"{b.Context.Info.Kind}: {b.Context.Info.Name} ({b.Context.Info.Version})")

    printfn "GPU laws run on: %s" (List.choose line [ compiled; emulated ] |> String.concat "; ")
}

/// A compiler that takes overflow for impossible gets the highest bits of Philox's products wrong, in this stream among others.
let private wraps = test "products of integers wrap around" {
    agree exact (fun backend -> [ backend.Random(RandomUniform, 0x9E3779B97F4A7C15UL, Float64, 300) ])
}

/// A number that is none is the largest and the smallest, wherever it stands.
let private nans = test "nan beats all others" {
    for dtype in [ Float32; Float64 ] do
        for numbers in [ [| nan; 1.0 |]; [| 1.0; nan |]; [| 0.0; nan; nan; 2.0 |] ] do
            for reduction in [ Maximum; ArgMinimum ] do
                let bytes (value: float) =
                    if dtype = Float64 then
                        System.BitConverter.GetBytes value
                    else
                        System.BitConverter.GetBytes(float32 value)

                agree exact (fun backend ->
                    let lowered = Program.lower [| dtype |] dtype [| struct (ScalarExpr.Arg 0, dtype) |]
                    let source = backend.Allocate(dtype, numbers.Length)
                    backend.Upload(System.ReadOnlySpan(Array.collect bytes numbers), source)
                    let view = View.contiguous [| numbers.Length |] source
                    [ backend.Reduce(reduction, lowered.Program, [| numbers.Length |], [| view |], lowered.Constants, [| 0 |]) ])
}

let tests =
    testSequenced (
        testList
            "Gpu"
            [ announce
              against
                  "compiled"
                  compiled
                  1
                  [ wraps
                    nans
                    MovementLaws.tests
                    ProductLaws.tests
                    FoldLaws.tests
                    LargeLaws.attention
                    ComplexLaws.transforms ]
              // The emulator shows races and wrong indices; a dozen laws are what it has time for.
              against "emulated" emulated 1 [ MovementLaws.tests ] ]
    )
