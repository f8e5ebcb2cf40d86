/// The laws of the contract once more, on every device that the GPU backend finds here.
module Functional.Laws.Gpu.GpuLaws

open Expecto
open Functional.Gpu
open Functional.Laws.Contract
open Functional.Laws.Contract.Agreement
open Functional.Laws.Gpu.GpuSubjects

/// The laws against a backend, if it is there, each on so many cases: a case costs a compiled kernel.
let private against name (backend: Lazy<GpuBackend option>) times laws =
    let subjects = lazy (backend.Value |> Option.map subject |> Option.toList)
    testList name (laws |> List.map (withSubjects subjects times))

let private announce =
    test "which devices are exercised" {
        let line (backend: Lazy<GpuBackend option>) =
            backend.Value |> Option.map (fun b -> $"{b.Context.Info.Kind}: {b.Context.Info.Name} ({b.Context.Info.Version})")

        printfn "GPU laws run on: %s" (List.choose line [ compiled; emulated ] |> String.concat "; ")
    }

let tests =
    testSequenced (
        testList
            "Gpu"
            [ announce
              against "compiled" compiled 4 [ ProductLaws.tests; LargeLaws.attention; ComplexLaws.transforms ]
              against "compiled, a case each" compiled 1 [ MovementLaws.tests; FoldLaws.tests ]
              against "emulated" emulated 1 [ MovementLaws.tests; ProductLaws.tests; FoldLaws.tests ] ]
    )
