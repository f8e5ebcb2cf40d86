/// What every row needs of us. Each result is forced, and nothing is disposed: this is how users write.
module Functional.Bench.Rows.Ours

open Functional

let randn shape = Random.normal (Random.key 0) shape

/// Computes and forgets.
let once (f: unit -> Tensor) = Some(fun () -> Tensor.force [ f () ])

/// The value of f at the leaves and its pullback of a seed, all forced.
let withBackward (leaves: Tensor list) (seed: Tensor) (f: Tensor list -> Tensor) =
    Some(fun () ->
        let value, pullback = vjp f leaves
        Tensor.force (value :: pullback seed))

/// Optimizer steps on a loss of the parameters, each on what the one before it left.
let training (parameters: Tree) (optimizer: Optimizer) (loss: Tree -> Tensor) =
    let mutable current = parameters
    let mutable state = optimizer.Init parameters

    fun () ->
        let value, gradients = valueAndGrad loss current
        let struct (next, nextState) = Optim.step optimizer gradients state current
        current <- next
        state <- nextState
        Tensor.item value |> ignore

/// Adam on the cross entropy of a batch.
let classifier (network: Layer) (images: Tensor) (labels: Tensor) =
    let parameters, state = network.Init(Random.key 1)

    training parameters (Optim.adam 1e-3) (fun parameters ->
        let logits = fst (network.Apply (Train(Random.key 2)) parameters state images)
        Loss.crossEntropy logits labels)

let labels classes count = Tensor.ofInts (Seq.init count (fun i -> (i * 7) % classes))

let mlp () =
    let network = Nn.sequential [ Nn.linear 784 512; Nn.relu; Nn.linear 512 512; Nn.relu; Nn.linear 512 10 ]
    classifier network (randn [ 128; 784 ]) (labels 10 128)

let lenet () =
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

    classifier network (randn [ 64; 1; 28; 28 ]) (labels 10 64)
