namespace Functional

open Functional.Contract

/// What a supervised training run needs to know: a network, what it should make small, and how.
type Learner =
    {
        Network: Layer
        /// Prediction and target to one number.
        Loss: Tensor -> Tensor -> Tensor
        Optimizer: Optimizer
    }

/// A training run between two epochs: all of it. Continuing from a snapshot gives the same bits as never having stopped.
type Snapshot =
    {
        Parameters: Tree
        State: Tree
        OptimizerState: Tree
        Key: Key
        /// Epochs done.
        Epoch: int
    }

/// What one step, or many, came to.
[<Struct>]
type Score = { Loss: float; Accuracy: float }

/// Examples along the first axis of both tensors.
type Examples = { Inputs: Tensor; Targets: Tensor }

/// Supervised training of classifiers, one epoch at a time.
[<RequireQualifiedAccess>]
module Trainer =
    /// A run that has not begun.
    let start (learner: Learner) (key: Key) : Snapshot =
        let parameters, state = learner.Network.Init(Random.fold 0 key)

        { Parameters = parameters
          State = state
          OptimizerState = learner.Optimizer.Init parameters
          Key = Random.fold 1 key
          Epoch = 0 }

    let private correct (prediction: Tensor) (target: Tensor) =
        Tensor.eq (Tensor.argmaxDim 1 false prediction) (Tensor.cast Int64 target)
        |> Tensor.cast Float32
        |> Tensor.sum

    /// The snapshot after one update, and the loss and number of right answers before it. Consumes the snapshot given.
    let step (learner: Learner) (key: Key) (batch: Examples) (snapshot: Snapshot) : struct (Snapshot * Tensor * Tensor) =
        let objective parameters =
            let prediction, state = learner.Network.Apply (Train key) parameters snapshot.State batch.Inputs
            learner.Loss prediction batch.Targets, (prediction, state)

        let (loss, (prediction, state)), gradients = valueAndGradWith objective snapshot.Parameters
        let hits = correct prediction batch.Targets
        Tensor.force [ loss; hits ]

        let struct (parameters, optimizerState) =
            Optim.step learner.Optimizer gradients snapshot.OptimizerState snapshot.Parameters

        Tensor.force (Tree.leaves state)

        struct ({ snapshot with Parameters = parameters; State = state; OptimizerState = optimizerState }, loss, hits)

    /// Batches of a permutation that the key determines; the last may be smaller. `prepare` makes inputs of what is stored.
    let batches (size: int) (prepare: Tensor -> Tensor) (key: Key) (examples: Examples) : Examples seq =
        let count = examples.Inputs.Shape[0]
        let order = Random.permutation count key

        seq {
            for start in 0..size .. count - 1 do
                let index = Tensor.narrow 0 start (min size (count - start)) order

                { Inputs = examples.Inputs |> Tensor.indexSelect 0 index |> prepare
                  Targets = examples.Targets |> Tensor.indexSelect 0 index }
        }

    /// One pass over the examples. `report` hears of every step: how many examples are done, and the run's score so far.
    let epoch
        learner
        batchSize
        prepare
        (examples: Examples)
        (report: int -> Score -> unit)
        (snapshot: Snapshot)
        : Snapshot * Score =
        let key = Random.fold snapshot.Epoch snapshot.Key

        let folder (snapshot, done', lossSum, hitSum) (i, batch: Examples) =
            let n = batch.Inputs.Shape[0]
            let struct (next, loss, hits) = step learner (Random.fold (i + 1) key) batch snapshot
            let done', lossSum, hitSum = done' + n, lossSum + Tensor.item loss * float n, hitSum + Tensor.item hits

            report done' { Loss = lossSum / float done'; Accuracy = hitSum / float done' }

            next, done', lossSum, hitSum

        let snapshot, count, lossSum, hitSum =
            batches batchSize prepare (Random.fold 0 key) examples
            |> Seq.indexed
            |> Seq.fold folder (snapshot, 0, 0.0, 0.0)

        { snapshot with Epoch = snapshot.Epoch + 1 },
        { Loss = lossSum / float (max 1 count); Accuracy = hitSum / float (max 1 count) }

    /// What the network predicts for every example, batch by batch and in order: [n, classes].
    let predict (network: Layer) (prepare: Tensor -> Tensor) (inputs: Tensor) (snapshot: Snapshot) : Tensor =
        let count, size = inputs.Shape[0], 500

        [ for start in 0..size .. count - 1 do
              let batch = Tensor.narrow 0 start (min size (count - start)) inputs |> prepare
              let prediction = fst (network.Apply Evaluate snapshot.Parameters snapshot.State batch)
              Tensor.force [ prediction ]
              prediction ]
        |> Tensor.cat 0

    /// The loss and accuracy of a network that is not learning.
    let evaluate (learner: Learner) prepare (examples: Examples) (snapshot: Snapshot) : Score =
        let prediction = predict learner.Network prepare examples.Inputs snapshot

        { Loss = Tensor.item (learner.Loss prediction examples.Targets)
          Accuracy = Tensor.item (correct prediction examples.Targets) / float (max 1 examples.Inputs.Shape[0]) }
