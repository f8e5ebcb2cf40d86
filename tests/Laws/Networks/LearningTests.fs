/// Training, end to end and small: it learns, and it is the same every time.
module Functional.Laws.LearningTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements

/// Two spirals, 200 points: not to be had with a line.
let private spirals =
    let point i =
        let turn = float (i % 100) / 100.0 * 1.5 * Math.PI
        let side = if i < 100 then 0.0 else Math.PI
        [ 0.2 * turn * cos (turn + side); 0.2 * turn * sin (turn + side) ]

    { Inputs = Tensor.ofRows (List.init 200 point)
      Targets = Tensor.ofInts (List.init 200 (fun i -> i / 100)) }

let private learner =
    { Network =
        Nn.sequential [ Nn.linear 2 32; Nn.tanh; Nn.batchNorm 32; Nn.linear 32 32; Nn.relu; Nn.dropout 0.05; Nn.linear 32 2 ]
      Loss = Loss.crossEntropy
      Optimizer = Optim.chain [ Optim.clipByGlobalNorm 5.0; Optim.adamW 0.01 1e-4 ] }

let private train epochs =
    let folder (snapshot, _) _ = Trainer.epoch learner 64 id spirals (fun _ _ -> ()) snapshot
    let first = Trainer.start learner (Random.key 5)
    [ 1..epochs ] |> List.fold folder (first, { Loss = 0.0; Accuracy = 0.0 })

let private everything (snapshot: Snapshot) =
    [ snapshot.Parameters; snapshot.State; snapshot.OptimizerState ]
    |> List.collect (Tree.named >> List.map (fun (name, t) -> name, Creation.toBytes t))

let private withThreads count run =
    let before = Cpu.WorkerPool.Threads
    Cpu.WorkerPool.Threads <- count

    try
        run ()
    finally
        Cpu.WorkerPool.Threads <- before

/// A network wide enough that its work is split among threads.
let private wide threads =
    withThreads threads (fun () ->
        let network =
            Nn.sequential
                [ Nn.conv2d 1 8 3
                  Nn.relu
                  Nn.maxPool2d 2
                  Nn.flatten
                  Nn.layerNorm 1352
                  Nn.linear 1352 300
                  Nn.gelu
                  Nn.linear 300 10 ]

        let learner = { Network = network; Loss = Loss.crossEntropy; Optimizer = Optim.adam 1e-3 }

        let data =
            { Inputs = Random.normal (Random.key 1) [ 128; 1; 28; 28 ]
              Targets = Tensor.ofInts (Seq.init 128 (fun i -> i % 10)) }

        let snapshot, score = Trainer.epoch learner 64 id data (fun _ _ -> ()) (Trainer.start learner (Random.key 2))
        everything snapshot, score)

let tests =
    testSequencedGroup "threads"
    <| testList
        "Learning"
        [ test "a small network learns two spirals" {
              let snapshot, score = train 150
              let before = Trainer.evaluate learner id spirals (Trainer.start learner (Random.key 5))
              let after = Trainer.evaluate learner id spirals snapshot
              Expect.isLessThan after.Loss (before.Loss * 0.3) $"the loss falls: {before.Loss} to {after.Loss}"
              Expect.isGreaterThan after.Accuracy 0.93 "most points are on their side"
              Expect.isLessThan score.Loss before.Loss "the score of the last epoch"
              Expect.equal snapshot.Epoch 150 "epochs"
          }

          test "the same key, the same bits; another key, others" {
              let once, again = train 3 |> fst, train 3 |> fst
              Expect.equal (everything once) (everything again) "twice the same"
              let other = Trainer.start learner (Random.key 6)
              Expect.notEqual (everything other) (everything (Trainer.start learner (Random.key 5))) "another key"
          }

          test "one thread or two, the same bits" {
              let one, two = wide 1, wide 2
              Expect.equal (snd two) (snd one) "the score"

              for (name, a), (_, b) in List.zip (fst one) (fst two) do
                  Expect.equal b a name
          }

          test "batches hold every example once, in an order of their own each epoch" {
              let data = { Inputs = Tensor.reshape [ 10; 1 ] (Tensor.arange 0 10 1); Targets = Tensor.arange 0 10 1 }
              let order key = Trainer.batches 4 id key data |> Seq.map (fun b -> List.ofArray (read b.Targets)) |> List.ofSeq
              let first = order (Random.key 1)
              Expect.equal (first |> List.map List.length) [ 4; 4; 2 ] "sizes"
              Expect.equal (List.concat first |> List.sort) [ 0.0 .. 9.0 ] "every example"
              Expect.notEqual (order (Random.key 2)) first "another order"

              for b in Trainer.batches 4 id (Random.key 1) data do
                  Expect.equal (read b.Inputs) (read b.Targets) "inputs with their targets"
          } ]
