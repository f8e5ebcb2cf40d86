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

/// Brings the compiled device along as cuda:0 while a test wants it, so that everything above knows it by its name.
[<Sealed>]
type private Brought() =
    static let instance =
        lazy
            (let provider = Brought() in
             Functional.Backend.register provider
             provider)

    static member val IsWanted = false with get, set
    static member Register() = instance.Force() |> ignore

    interface IBackendProvider with
        member _.Kind = "cuda"
        member _.DeviceCount = if Brought.IsWanted then 1 else 0
        member _.Probes = [||]
        member _.Open(_, _) = compiled.Value.Value :> IBackend

/// A test of the compiled device under the name cuda:0; skipped, with a line, where there is none.
let onCard name (body: GpuBackend -> unit) =
    Expecto.Tests.testCase name (fun () ->
        match compiled.Value with
        | None -> Expecto.Tests.skiptest "no device here: neither CUDA, nor OpenCL, nor PoCL"
        | Some card ->
            Brought.Register()
            Brought.IsWanted <- true

            try
                body card
            finally
                Brought.IsWanted <- false)
