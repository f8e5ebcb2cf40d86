/// Proof from outside: a network that others trained scores here what it scored there.
module Functional.Laws.ProofTests

open System.IO
open Expecto
open Functional
open Functional.Contract

let private shared (parts: string list) =
    Path.GetFullPath(
        Path.Combine(Array.ofList (__SOURCE_DIRECTORY__ :: ".." :: ".." :: ".." :: ".." :: "shared" :: "data" :: parts))
    )

let private network =
    Nn.named
        [ "conv1", Nn.conv2d 1 8 3
          "relu1", Nn.relu
          "conv2", Nn.conv2d 8 16 3
          "relu2", Nn.relu
          "conv3", Nn.conv2d 16 24 3
          "relu3", Nn.relu
          "norm1", Nn.batchNorm 24
          "flatten", Nn.flatten
          "fc1", Nn.linear 11616 32
          "relu4", Nn.relu
          "fc2", Nn.linear 32 10
          "norm2", Nn.batchNorm 10 ]

/// A tree of the same form with the tensors that a file has under the same names.
let private filled (file: Map<string, StoredTensor>) tree =
    Tree.named tree |> List.map (fun (name, _) -> Tensor.ofStored file[name]) |> Array.ofList |> Tree.rebuild tree

let private prepare (images: Tensor) = (Tensor.cast Float32 images / 255.0 - 0.1307) / 0.3081

let private logits (file: Map<string, StoredTensor>) (images: Tensor) =
    let parameters, state = network.Init(Random.key 0)

    let snapshot =
        { Parameters = filled file parameters
          State = filled file state
          OptimizerState = Tree.empty
          Key = Random.key 0
          Epoch = 0 }

    Trainer.predict network prepare images snapshot

let private scores name (path: string) (load: string -> (string * StoredTensor) seq) (right: int) (first: float list) = test name {
    let mnist = shared [ "mnist" ]

    if not (File.Exists path && Directory.Exists mnist) then
        skiptest $"{path} is not here"

    let set = (Mnist.load mnist).Test
    let answers = logits (Map.ofSeq (load path)) (Tensor.ofStored set.Images |> Tensor.unsqueeze 1)

    List.zip first (Tensor.toFloat64s answers[0] |> List.ofArray)
    |> List.iter (fun (expected, actual) ->
        Expect.floatClose { absolute = 2e-3; relative = 1e-3 } actual expected "a logit of image 0")

    let hits =
        Tensor.eq (Tensor.argmaxDim 1 false answers) (Tensor.cast Int64 (Tensor.ofStored set.Labels))
        |> Tensor.sum
        |> Tensor.item
        |> int

    Expect.isLessThanOrEqual (abs (hits - right)) 2 $"{hits} of 10,000 where {right} are right"
}

let tests =
    testList
        "Proof"
        [ scores
              "the checkpoint of burn's MNIST network, as PyTorch wrote it"
              (shared [ "checkpoints"; "zip"; "burn_mnist_cnn.pt" ])
              (fun path -> Seq.ofArray (Array.ofSeq (TorchCheckpoint.loadTensors path)))
              9915
              [ -0.1598; -0.7518; -1.3328; -0.4845; -0.9297; -2.0436; -1.8238; 9.2310; -0.8989; -0.5208 ]
          scores
              "the same network from safetensors"
              (shared [ "checkpoints"; "safetensors"; "burn_mnist_cnn.safetensors" ])
              (fun path -> Seq.ofArray (Array.ofSeq (Safetensors.load path).Tensors))
              9917
              [ -0.8510; -1.4874; -1.2559; -1.4711; -1.2602; -2.1344; -1.7488; 8.7571; -1.5893; -0.8999 ] ]
