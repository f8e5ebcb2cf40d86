/// What ours must do for long, and at once.
module Functional.Bench.Rows.Lasting

open Functional
open Functional.Bench

/// Training steps that must hold memory constant with no Dispose anywhere.
let endurance: Endurance list =
    [ { Name = "MLP step, 128 x 784-512-512-10, Adam"
        WarmUp = 1_000
        Steps = 10_000
        Prepare = Ours.mlp }
      { Name = "LeNet step, 64 x 28 x 28, Adam"; WarmUp = 60; Steps = 300; Prepare = Ours.lenet } ]

/// Makes a small network, computes the gradient of its parameters and reads it.
let firstGradient: (unit -> unit) option =
    Some(fun () ->
        let network = Nn.sequential [ Nn.linear 8 16; Nn.tanh; Nn.linear 16 4 ]
        let parameters, state = network.Init(Random.key 0)
        let x, y = Ours.randn [ 32; 8 ], Ours.labels 4 32

        let gradients =
            grad (fun parameters -> Loss.crossEntropy (fst (network.Apply Evaluate parameters state x)) y) parameters

        for leaf in Tree.leaves gradients do
            Tensor.toArray leaf |> ignore)
