namespace Functional

open Functional.Contract

/// PyTorch's optimizers with all their options, as chains. A chain depends on its numbers only through `Update`, so it may be
/// built anew for every step, with the rate that then holds.
[<RequireQualifiedAccess>]
module Rules =
    let private when' condition rule = if condition then [ rule ] else []

    /// Stochastic gradient descent with momentum (Sutskever et al. 2013).
    let sgd rate momentum dampening decay nesterov maximize : Optimizer =
        [ when' maximize (Optim.scale -1.0)
          when' (decay <> 0.0) (Optim.decayWeights decay)
          when' (momentum <> 0.0) (Optim.trace momentum dampening nesterov)
          [ Optim.scale -rate ] ]
        |> List.concat
        |> Optim.chain

    let private counted n = Leaf(Creation.full Backend.cpu Int64 [||] (Integer(int64 n)))

    /// Adam's direction with the largest running square so far in the denominator (Reddi, Kale and Kumar 2018).
    let scaleByAmsgrad (beta1: float) (beta2: float) (epsilon: float) : Optimizer =
        let zeros = Tree.map (fun t -> Operands.number t t.Dtype t.Shape (Integer 0L))

        { Init =
            fun parameters ->
                Branch [ "step", counted 0; "mean", zeros parameters; "square", zeros parameters; "largest", zeros parameters ]
          Update =
            fun gradients state _ ->
                let t = int (Tensor.item (Tree.tensor "step" state)) + 1
                let correction1, correction2 = 1.0 - beta1 ** float t, 1.0 - beta2 ** float t
                let mean = Tree.map2 (fun m g -> m * beta1 + g * (1.0 - beta1)) (Tree.find "mean" state) gradients

                let square =
                    Tree.map2 (fun v g -> v * beta2 + Tensor.square g * (1.0 - beta2)) (Tree.find "square" state) gradients

                let largest = Tree.map2 Tensor.maximum (Tree.find "largest" state) square
                let direction (m: Tensor) v = (m * (1.0 / correction1)) / (Tensor.sqrt v * (1.0 / sqrt correction2) + epsilon)

                struct (Tree.map2 direction mean largest,
                        Branch [ "step", counted t; "mean", mean; "square", square; "largest", largest ]) }

    let private direction beta1 beta2 epsilon amsgrad =
        if amsgrad then
            scaleByAmsgrad beta1 beta2 epsilon
        else
            Optim.scaleByAdam beta1 beta2 epsilon

    /// Adam (Kingma and Ba 2015); weight decay is added to the gradient.
    let adam rate beta1 beta2 epsilon decay amsgrad maximize : Optimizer =
        [ when' maximize (Optim.scale -1.0)
          when' (decay <> 0.0) (Optim.decayWeights decay)
          [ direction beta1 beta2 epsilon amsgrad; Optim.scale -rate ] ]
        |> List.concat
        |> Optim.chain

    /// Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019).
    let adamW rate beta1 beta2 epsilon decay amsgrad maximize : Optimizer =
        [ when' maximize (Optim.scale -1.0)
          [ direction beta1 beta2 epsilon amsgrad; Optim.decayWeights decay; Optim.scale -rate ] ]
        |> List.concat
        |> Optim.chain

    /// One step for many parameters, each with its own rule and state: everything new is computed together, everything old is
    /// given up. Gradients are only read.
    let step (rules: Optimizer[]) (gradients: Tensor[]) (states: Tree[]) (parameters: Tensor[]) : struct (Tensor[] * Tree[]) =
        // Gradients may be looked at later, so they must not stay put off on parameters that are about to go; and parameters
        // that something else put off still reads do not go at all.
        Tensor.force gradients
        let free = parameters |> Array.map (fun p -> (Engine.concrete p).Uses = 0)
        let moved = Array.zeroCreate parameters.Length
        let next = Array.zeroCreate parameters.Length

        for i in 0 .. parameters.Length - 1 do
            let struct (update, state) = rules[i].Update (Leaf gradients[i]) states[i] (Leaf parameters[i])
            next[i] <- state

            moved[i] <-
                match update with
                | Leaf u -> Operands.binary Functions.add parameters[i] u
                | Branch _ -> parameters[i]

        Array.iter2
            (fun p isFree ->
                if isFree then
                    Tensor.donate p)
            parameters
            free

        states |> Array.iter (Tree.leaves >> Array.iter Tensor.donate)
        Tensor.force (Seq.append moved (next |> Seq.collect Tree.leaves))
        struct (moved, next)
