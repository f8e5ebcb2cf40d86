/// LeNet-5 on MNIST (LeCun et al. 1998), with the pieces of today: rectifiers, maximum pooling, Adam.
module Functional.Models.LeNet5

open Functional
open Functional.Contract

/// 61,706 parameters.
let network =
    Nn.sequential
        [ Nn.conv2dWith 1 2 true 1 6 5
          Nn.relu
          Nn.maxPool2d 2
          Nn.conv2d 6 16 5
          Nn.relu
          Nn.maxPool2d 2
          Nn.flatten
          Nn.linear 400 120
          Nn.relu
          Nn.linear 120 84
          Nn.relu
          Nn.linear 84 10 ]

/// Bytes to numbers of mean 0 and variance 1, by MNIST's own mean and deviation.
let prepare (images: Tensor) = (Tensor.cast Float32 images / 255.0 - 0.1307) / 0.3081

let private batchSize = 64

/// The score on the test set after some epochs on the training set. `report` hears of every epoch.
let train (training: Examples) (test: Examples) epochs seed (report: int -> Score -> unit) : Score =
    let steps = epochs * (training.Inputs.Shape[0] + batchSize - 1) / batchSize

    let learner =
        { Network = network
          Loss = Loss.crossEntropy
          Optimizer = Optim.adamScheduled (Schedule.cosine steps 1e-5 2e-3) }

    let epoch (snapshot, _) number =
        let next, _ = Trainer.epoch learner batchSize prepare training (fun _ _ -> ()) snapshot
        let score = Trainer.evaluate learner prepare test next
        report number score
        next, score

    let start = Trainer.start learner (Random.key seed)
    Seq.fold epoch (start, Trainer.evaluate learner prepare test start) (seq { 1..epochs }) |> snd
