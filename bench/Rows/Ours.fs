/// What every row needs of us. Each result is forced, and nothing is disposed: this is how users write.
module Functional.Bench.Rows.Ours

open Functional
open Functional.Models

let randn shape = Random.normal (Random.key 0) shape

/// Computes and forgets.
let once (f: unit -> Tensor) = Some(fun () -> Tensor.force [ f () ])

/// The value of f at the leaves and its pullback of a seed, all forced.
let withBackward (leaves: Tensor list) (seed: Tensor) (f: Tensor list -> Tensor) =
    Some(fun () ->
        let value, pullback = vjp f leaves
        Tensor.force (value :: pullback seed))

/// Steps of an optimizer on the cross entropy of a batch, each on what the one before it left. Logits that are more than a row for each
/// example become that.
let training (network: Layer) (optimizer: Optimizer) (input: Tensor) (labels: Tensor) =
    let mutable parameters, state = network.Init(Random.key 1)
    let mutable memory = optimizer.Init parameters

    fun () ->
        let loss parameters =
            let logits, next = network.Apply (Train(Random.key 2)) parameters state input
            Loss.crossEntropy (Tensor.flattenDims 0 -2 logits) labels, next

        let (value, next), gradients = valueAndGradWith loss parameters
        let struct (moved, remembered) = Optim.step optimizer gradients memory parameters
        Tensor.force (Tree.leaves next)
        parameters <- moved
        state <- next
        memory <- remembered
        Tensor.item value |> ignore

let labels classes count = Tensor.ofInts (Seq.init count (fun i -> (i * 7) % classes))

let private text classes (shape: int list) = labels classes (List.reduce (*) shape) |> Tensor.reshape shape

let mlp () =
    let network = Nn.sequential [ Nn.linear 784 512; Nn.relu; Nn.linear 512 512; Nn.relu; Nn.linear 512 10 ]
    training network (Optim.adam 1e-3) (randn [ 128; 784 ]) (labels 10 128)

let lenet () = training LeNet5.network (Optim.adam 1e-3) (randn [ 64; 1; 28; 28 ]) (labels 10 64)

let resnet () = training ResNet20.network (Optim.momentum 0.1 0.9) (randn [ 32; 3; 32; 32 ]) (labels 10 32)

let gpt () = training (CharacterGpt.network 65) (Optim.adamW 1e-3 0.1) (text 65 [ 16; 64 ]) (labels 65 (16 * 64))

let names () = training Names.network (Optim.adam 1e-3) (text 27 [ 32; 64 ]) (labels 27 (32 * 64))
