/// Kernels compile for the oldest and the newest NVIDIA devices that we speak of, with no device at hand.
module Functional.Laws.Gpu.PtxTests

open Expecto
open Functional.Gpu

let private compiles what architecture isWhole = test $"{what} compiles for sm_{architecture}" {
    let failures = PtxCheck.Run(architecture, isWhole)
    Expect.isEmpty failures (String.concat "\n" failures)
}

let tests = testList "Ptx" [ compiles "every kernel" 70 true; compiles "every family of kernels" 90 false ]
