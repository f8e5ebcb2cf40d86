/// A training run as a value: it can be saved, continued, and repeated bit for bit.
module Functional.Laws.TrainingTests

open System.IO
open Expecto
open Functional
open Functional.Contract

let private network =
    Nn.named
        [ "conv", Nn.conv2dWith 1 1 true 1 4 3
          "norm", Nn.batchNorm 4
          "relu", Nn.relu
          "pool", Nn.maxPool2d 4
          "flatten", Nn.flatten
          "dropout", Nn.dropout 0.2
          "dense", Nn.linear (4 * 7 * 7) 10 ]

let private learner =
    { Network = network
      Loss = Loss.crossEntropy
      Optimizer = Optim.chain [ Optim.clipByGlobalNorm 5.0; Optim.adamW 3e-3 1e-2 ] }

let private examples =
    lazy
        (let digits = DrawnDigits.draw 7UL 0UL 300

         { Inputs = Tensor.ofStored digits.Images |> Tensor.unsqueeze 1
           Targets = Tensor.ofStored digits.Labels |> Tensor.cast Int64 })

let private prepare (images: Tensor) = Tensor.cast Float32 images / 255.0
let private epoch snapshot = fst (Trainer.epoch learner 32 prepare (examples.Force()) (fun _ _ -> ()) snapshot)
let private fresh () = Trainer.start learner (Random.key 5)

let private bits (snapshot: Snapshot) =
    [ snapshot.Parameters; snapshot.State; snapshot.OptimizerState ]
    |> List.collect Tree.named
    |> List.map (fun (name, t) -> name, t.Dtype, Tensor.shape t, Creation.toBytes t)

let private inTemporaryFile use' =
    let path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())

    try
        use' path
    finally
        File.Delete path

let tests =
    testList
        "Training"
        [ test "a run that is saved and continued ends with the bits of one that never stopped" {
              inTemporaryFile (fun path ->
                  let whole = fresh () |> epoch |> epoch |> epoch
                  fresh () |> epoch |> Checkpoint.save path
                  let continued = Checkpoint.load path (fresh ()) |> epoch |> epoch
                  Expect.equal continued.Epoch whole.Epoch "epochs"
                  Expect.equal continued.Key whole.Key "key"
                  Expect.equal (bits continued) (bits whole) "parameters, state and optimizer state")
          }

          test "a run gives the same bits on one thread and on several" {
              let before = Functional.Cpu.WorkerPool.Threads

              let on threads =
                  Functional.Cpu.WorkerPool.Threads <- threads
                  fresh () |> epoch |> bits

              try
                  Expect.equal (on 3) (on 1) "three threads and one"
              finally
                  Functional.Cpu.WorkerPool.Threads <- before
          }

          test "saving and loading gives back what was saved" {
              inTemporaryFile (fun path ->
                  let snapshot = fresh () |> epoch
                  Checkpoint.save path snapshot
                  let loaded = Checkpoint.load path (fresh ())
                  Expect.equal (bits loaded) (bits snapshot) "every tensor"
                  Expect.equal (loaded.Epoch, loaded.Key) (snapshot.Epoch, snapshot.Key) "epoch and key")
          }

          test "a checkpoint of another network is refused by name" {
              inTemporaryFile (fun path ->
                  Checkpoint.save path (fresh ())
                  let other = Trainer.start { learner with Network = Nn.named [ "dense", Nn.linear 3 2 ] } (Random.key 5)
                  Expect.throwsT<FileFormatException> (fun () -> Checkpoint.load path other |> ignore) "another network")
          } ]
