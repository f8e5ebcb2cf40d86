/// The devices on which the GPU backend can be tested here.
module Functional.Laws.Gpu.GpuSubjects

open System
open Functional.Contract
open Functional.Gpu
open Functional.Laws.Contract.Agreement

let private opened (kind: GpuKind) =
    lazy
        (try
            Some(GpuBackend(GpuContext.Open kind, 0))
         with :? FunctionalException as missing ->
             printfn "GPU laws: no %O here (%s)" kind missing.Message
             None)

let private cuda = opened GpuKind.Cuda
let private openCl = opened GpuKind.OpenCl
let private pocl = opened GpuKind.OpenClOnProcessor

/// ILGPU's emulator: everywhere, and slow.
let emulated = opened GpuKind.Emulated

/// A real device, or OpenCL on the processor; the first that there is.
let compiled = lazy ([ cuda; openCl; pocl ] |> List.tryPick _.Value)

let subject (backend: GpuBackend) = { Backend = backend; SetThreads = ignore; Lacks = [] }
