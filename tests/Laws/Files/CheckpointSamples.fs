/// Checkpoints that are made step by step, and what reading them must give or refuse.
module Functional.Laws.CheckpointSamples

open System
open Expecto
open Functional
open Functional.Laws.FileSamples
open Functional.Laws.Forgery

let parse (bytes: byte[]) () = TorchCheckpoint.parse (ReadOnlyMemory bytes) |> CheckpointValue.tensors

/// Expects a checkpoint with this pickle and these storages to be refused, with little memory.
let refusedWith parts storages body =
    let bytes = checkpoint (Op.pickle body) storages
    let used = allocated (fun () -> refused parts (parse bytes))
    Expect.isLessThan used (20_000_000L + 60L * int64 bytes.Length) "allocated"

let refusedPickle parts body = refusedWith parts [] body

let values (tensor: StoredTensor) = StoredTensor.toArray<float32> tensor |> Array.toList

let numbers = "0", floats [ 0f; 1f; 2f; 3f; 4f; 5f ]
let sixFloats = Op.storage "FloatStorage" "0" (Op.binInt 6)

/// The tensors of a checkpoint that holds one dict.
let loaded storages pairs = parse (checkpoint (Op.pickle (Op.dict pairs)) storages) () |> Map.ofArray
