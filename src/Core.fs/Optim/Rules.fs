namespace Functional

open Functional.Contract

/// PyTorch's optimizers with all their options, as chains. A chain depends on its numbers only through `Update`, so it may be
/// built anew for every step, with the rate that then holds.
[<RequireQualifiedAccess>]
module Rules =
    let private when' condition rule = if condition then [ rule ] else []

    // Whether to climb, and weight decay in the gradient, come first.
    let private coupled decay maximize rule : Optimizer =
        [ when' maximize (Optim.scale -1.0); when' (decay <> 0.0) (Optim.decayWeights decay); rule ]
        |> List.concat
        |> Optim.chain

    let private descending (rate: float) direction = [ direction; Optim.scale -rate ]

    /// Stochastic gradient descent with momentum (Sutskever et al. 2013).
    let sgd (rate: float) momentum dampening decay nesterov maximize : Optimizer =
        when' (momentum <> 0.0) (Optim.trace momentum dampening nesterov) @ [ Optim.scale -rate ]
        |> coupled decay maximize

    let private direction beta1 beta2 epsilon amsgrad =
        if amsgrad then
            Optim.scaleByAmsgrad beta1 beta2 epsilon
        else
            Optim.scaleByAdam beta1 beta2 epsilon

    /// Adam (Kingma and Ba 2015); weight decay is added to the gradient.
    let adam rate beta1 beta2 epsilon decay amsgrad maximize : Optimizer =
        coupled decay maximize (descending rate (direction beta1 beta2 epsilon amsgrad))

    /// Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019).
    let adamW rate beta1 beta2 epsilon decay amsgrad maximize : Optimizer =
        coupled 0.0 maximize [ direction beta1 beta2 epsilon amsgrad; Optim.decayWeights decay; Optim.scale -rate ]

    /// SparseAdam: Adam for tables of which a step sees few rows.
    let sparseAdam rate beta1 beta2 epsilon maximize : Optimizer =
        coupled 0.0 maximize (descending rate (Optim.scaleBySparseAdam beta1 beta2 epsilon))

    /// Adagrad (Duchi, Hazan and Singer 2011); the rate falls as 1 / (1 + rateDecay * steps).
    let adagrad rate rateDecay decay initial epsilon maximize : Optimizer =
        let schedule t = -rate / (1.0 + float t * rateDecay)
        coupled decay maximize [ Optim.scaleByAdagrad initial epsilon; Optim.scaleBySchedule schedule ]

    /// Adadelta (Zeiler 2012).
    let adadelta rate rho epsilon decay maximize : Optimizer =
        coupled decay maximize (descending rate (Optim.scaleByAdadelta rho epsilon))

    /// Adamax (Kingma and Ba 2015).
    let adamax rate beta1 beta2 epsilon decay maximize : Optimizer =
        coupled decay maximize (descending rate (Optim.scaleByAdamax beta1 beta2 epsilon))

    /// RMSprop (Hinton 2012), with momentum and centered if asked for.
    let rmsprop rate alpha epsilon decay momentum centered maximize : Optimizer =
        Optim.scaleByRms alpha epsilon centered :: when' (momentum > 0.0) (Optim.trace momentum 0.0 false)
        @ [ Optim.scale -rate ]
        |> coupled decay maximize

    /// RAdam (Liu et al. 2020).
    let radam rate beta1 beta2 epsilon decay maximize : Optimizer =
        coupled decay maximize (descending rate (Optim.scaleByRadam beta1 beta2 epsilon))

    /// NAdam (Dozat 2016).
    let nadam rate beta1 beta2 epsilon decay momentumDecay maximize : Optimizer =
        coupled decay maximize (descending rate (Optim.scaleByNadam beta1 beta2 epsilon momentumDecay))

    /// Rprop (Riedmiller and Braun 1993).
    let rprop rate shrink grow shortest longest maximize : Optimizer =
        coupled 0.0 maximize [ Optim.resilient rate (shrink, grow) (shortest, longest) ]

    /// Averaged gradient descent (Polyak and Juditsky 1992).
    let asgd rate lambd alpha start decay maximize : Optimizer =
        coupled decay maximize [ Optim.averagedDescent rate lambd alpha start ]

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
