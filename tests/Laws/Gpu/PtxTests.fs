/// Every kernel compiles for the oldest and the newest NVIDIA devices that we speak of, with no device at hand.
module Functional.Laws.Gpu.PtxTests

open Expecto
open Functional.Gpu

let tests =
    testList
        "Ptx"
        [ for architecture in [ 70; 90 ] ->
              test $"every kernel compiles for sm_{architecture}" {
                  let failures = PtxCheck.Run architecture
                  Expect.isEmpty failures (String.concat "\n" failures)
              } ]
