/// Kernels compile for the oldest and the newest NVIDIA devices that we speak of, with no device at hand.
module Functional.Laws.Gpu.PtxTests

open Expecto
open Functional.Gpu

let tests =
    testList
        "Ptx"
        [ test "every kernel compiles for sm_70 and sm_90" {
              let failures = PtxCheck.Run(70, 90)
              Expect.isEmpty failures (String.concat "\n" failures)
          } ]
