/// Short names for what the rows ask of libtorch.
module Functional.Bench.Torch

open TorchSharp

type Tensor = torch.Tensor

let randn (shape: int list) = torch.randn (shape |> List.map int64 |> List.toArray)

let randnGrad (shape: int list) = (randn shape).requires_grad_()

/// `count` labels below `classes`.
let labels (classes: int) (count: int) = torch.randint (int64 classes, [| int64 count |])

/// Computes a tensor and gives it back.
let once (work: unit -> Tensor) () = (work ()).Dispose()

/// Runs something that makes several tensors and gives all of them back.
let scoped (work: unit -> unit) () =
    use _ = torch.NewDisposeScope()
    work ()

/// Forward, and the gradients with respect to `inputs` for a given gradient of the output.
let withBackward (inputs: Tensor list) (outputGradient: Tensor) (forward: unit -> Tensor) =
    let inputs = List.toArray inputs

    scoped (fun () -> torch.autograd.grad ([| forward () |], inputs, [| outputGradient |]) |> ignore)
