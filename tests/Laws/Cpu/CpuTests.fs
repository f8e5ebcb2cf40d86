/// The CPU backend's own: what the contract does not say.
module Functional.Laws.CpuTests

open Expecto
open Functional.Laws.Cpu

let tests =
    testList
        "Cpu"
        [ WorkerPoolTests.tests
          MemoryTests.tests
          KernelTests.tests
          PointwiseTests.tests
          DoubleAccuracyTests.tests ]
