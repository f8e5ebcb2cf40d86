/// Kernels compile for the oldest and the newest NVIDIA devices that we speak of, with no device at hand.
module Functional.Laws.Gpu.PtxTests

open Expecto
open Functional.Gpu

let tests =
    testList
        "Ptx"
        [ test "every kernel compiles for sm_70, and for sm_90, for which ILGPU writes PTX of sm_80" {
              Expect.equal (List.map PtxCheck.Target [ 70; 80; 90 ]) [ "sm_70"; "sm_80"; "sm_80" ] "what .target lines say"
              let failures = PtxCheck.Run(70, 90)
              Expect.isEmpty failures (String.concat "\n" failures)
              printfn "PTX: %d kernels" PtxCheck.Count
          } ]
