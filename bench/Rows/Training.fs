module Functional.Bench.Rows.Training

open TorchSharp
open Functional
open Functional.Bench

open Functional.Bench.TorchModels

/// One step of an optimizer on the cross entropy of a batch.
let private stepWith (optimizer: torch.optim.Optimizer) (network: Network) (input: Torch.Tensor) (labels: Torch.Tensor) =
    Torch.scoped (fun () ->
        optimizer.zero_grad ()
        let loss = torch.nn.functional.cross_entropy (network.forward input, labels)
        loss.backward ()
        optimizer.step () |> ignore)

let private step (network: Network) images labels = stepWith (torch.optim.Adam(network.parameters (), 1e-3)) network images labels

let private mlp () =
    let network =
        sequential
            [ torch.nn.Linear(784L, 512L)
              torch.nn.ReLU()
              torch.nn.Linear(512L, 512L)
              torch.nn.ReLU()
              torch.nn.Linear(512L, 10L) ]

    step network (Torch.randn [ 128; 784 ]) (Torch.labels 10 128)

let private lenet () =
    let network =
        sequential
            [ torch.nn.Conv2d(1L, 6L, 5L, padding = 2L)
              torch.nn.ReLU()
              torch.nn.MaxPool2d(2L)
              torch.nn.Conv2d(6L, 16L, 5L)
              torch.nn.ReLU()
              torch.nn.MaxPool2d(2L)
              torch.nn.Flatten()
              torch.nn.Linear(400L, 120L)
              torch.nn.ReLU()
              torch.nn.Linear(120L, 84L)
              torch.nn.ReLU()
              torch.nn.Linear(84L, 10L) ]

    step network (Torch.randn [ 64; 1; 28; 28 ]) (Torch.labels 10 64)

let private resnet () =
    let network = resnet20 ()
    let optimizer = torch.optim.SGD(network.parameters (), 0.1, momentum = 0.9)
    stepWith optimizer network (Torch.randn [ 32; 3; 32; 32 ]) (Torch.labels 10 32)

let private text classes (shape: int64[]) = torch.randint (classes, shape)

let private gpt () =
    let network = gpt ()
    let optimizer = torch.optim.AdamW(network.parameters (), 1e-3, weight_decay = 0.1)
    stepWith optimizer network (text 65L [| 16L; 64L |]) (Torch.labels 65 (16 * 64))

let private names () = step (names ()) (text 27L [| 32L; 64L |]) (Torch.labels 27 (32 * 64))

/// The optimizer by itself: ten million parameters with a gradient that stays.
let private adam () =
    let weight = torch.nn.Parameter(Torch.randn [ 10_000_000 ])
    weight.grad <- Torch.randn [ 10_000_000 ]
    let optimizer = torch.optim.Adam([ weight ], 1e-3)
    Torch.scoped (fun () -> optimizer.step () |> ignore)

let private oursAdam () =
    let optimizer = Optim.adam 1e-3
    let gradient = Ours.randn [ 10_000_000 ]
    let mutable weight = Leaf(Ours.randn [ 10_000_000 ])
    let mutable state = optimizer.Init weight

    fun () ->
        let struct (next, nextState) = Optim.step optimizer (Leaf(Structure.share gradient)) state weight
        weight <- next
        state <- nextState

let rows =
    [ Row.make "training" "MLP step, 128 x 784-512-512-10, Adam" (fun () -> { Torch = mlp (); Ours = Some(Ours.mlp ()) })
      Row.make "training" "LeNet step, 64 x 28 x 28, Adam" (fun () -> { Torch = lenet (); Ours = Some(Ours.lenet ()) })
      Row.make "training" "ResNet-20 step, 32 x 3 x 32 x 32, SGD" (fun () -> { Torch = resnet (); Ours = Some(Ours.resnet ()) })
      Row.make "training" "GPT step, 16 x 64, 4 layers of 128, AdamW" (fun () -> { Torch = gpt (); Ours = Some(Ours.gpt ()) })
      Row.make "training" "GRU step, 64 names of 32, 128 wide, Adam" (fun () -> { Torch = names (); Ours = Some(Ours.names ()) })
      Row.make "training" "Adam on 10,000,000 parameters" (fun () -> { Torch = adam (); Ours = Some(oursAdam ()) }) ]
