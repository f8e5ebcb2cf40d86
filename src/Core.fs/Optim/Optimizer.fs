namespace Functional

open Functional.Contract

/// A rule that turns gradients into updates to be added to the parameters. It is a pair of pure functions: its state
/// is a tree beside the parameters, so that rules compose and a checkpoint is a tree.
type Optimizer =
    {
        Init: Tree -> Tree
        /// gradients, state, parameters -> updates, next state
        Update: Tree -> Tree -> Tree -> struct (Tree * Tree)
    }

/// Optimizers as chains of small transformations of gradients.
[<RequireQualifiedAccess>]
module Optim =
    let private stateless f =
        { Init = fun _ -> Tree.empty
          Update = fun gradients state parameters -> struct (f gradients parameters, state) }

    // The step is part of the state, so that a checkpoint continues where it was.
    let private counter = Leaf(Creation.full Backend.cpu Int64 [||] (Integer 0L))
    let private count tree = int (Tensor.item (Tree.tensor "step" tree))
    let private counted n = Leaf(Creation.full Backend.cpu Int64 [||] (Integer(int64 n)))

    /// One after the other; each transforms what the one before it made of the gradients.
    let chain (transforms: Optimizer list) : Optimizer =
        { Init = fun parameters -> transforms |> List.mapi (fun i t -> string i, t.Init parameters) |> Branch
          Update =
            fun gradients state parameters ->
                let folder struct (updates, states) (i, transform: Optimizer) =
                    let name = string i
                    let struct (updates, next) = transform.Update updates (Tree.find name state) parameters
                    struct (updates, (name, next) :: states)

                let struct (updates, states) = transforms |> List.indexed |> List.fold folder (struct (gradients, []))
                struct (updates, Branch(List.rev states)) }

    let scale (factor: float) = stateless (fun g _ -> Tree.map (fun t -> t * factor) g)

    /// Times a rate that follows a schedule.
    let scaleBySchedule (schedule: Schedule) : Optimizer =
        { Init = fun _ -> Branch [ "step", counter ]
          Update =
            fun gradients state _ ->
                let t = count state
                struct (Tree.map (fun g -> g * schedule t) gradients, Branch [ "step", counted (t + 1) ]) }

    /// Adds a multiple of the parameters: weight decay, decoupled or not by its place in the chain.
    let decayWeights (decay: float) = stateless (fun g p -> if decay = 0.0 then g else Tree.map2 (fun g p -> g + p * decay) g p)

    /// The Euclidean norm of all leaves together.
    let globalNorm (tree: Tree) =
        match Tree.leaves tree with
        | [||] -> Tensor.scalar 0.0
        | leaves -> Gradients.norm 2.0 leaves

    /// Scales gradients down so that their joint norm is at most `limit` (Pascanu, Mikolov and Bengio 2013).
    let clipByGlobalNorm (limit: float) =
        stateless (fun g _ ->
            let factor = Gradients.clipping limit (globalNorm g)
            Tree.map (fun t -> t * Tensor.cast t.Dtype factor) g)

    /// A rule that treats each parameter by itself: a count of steps for all, and for each parameter slots of memory, made from
    /// the parameter at first. `rule` gets the step (from 1), the slots, the gradient and the parameter and gives the update and
    /// the next slots.
    let perParameter
        (slots: (string * (Tensor -> Tensor)) list)
        (rule: int -> Tensor[] -> Tensor -> Tensor -> struct (Tensor * Tensor[]))
        : Optimizer =
        { Init =
            fun parameters ->
                Branch(("step", counter) :: (slots |> List.map (fun (name, first) -> name, Tree.map first parameters)))
          Update =
            fun gradients state parameters ->
                let step = count state + 1
                let values = Tree.map2 (fun _ p -> p) gradients parameters |> Tree.leaves
                let before = slots |> List.map (fun (name, _) -> Tree.leaves (Tree.find name state)) |> Array.ofList

                let moved =
                    Tree.leaves gradients
                    |> Array.mapi (fun i g -> rule step (before |> Array.map (fun slot -> slot[i])) g values[i])

                let after k = Tree.rebuild gradients (moved |> Array.map (fun struct (_, slots) -> slots[k]))

                struct (Tree.rebuild gradients (moved |> Array.map (fun struct (update, _) -> update)),
                        Branch(("step", counted step) :: (slots |> List.mapi (fun k (name, _) -> name, after k)))) }

    /// Zeros beside a parameter.
    let zeroSlot (p: Tensor) = Operands.number p p.Dtype p.Shape (Integer 0L)

    /// Momentum as PyTorch's SGD has it: the first buffer is the first gradient (Sutskever et al. 2013).
    let trace (momentum: float) (dampening: float) (nesterov: bool) : Optimizer =
        perParameter [ "momentum_buffer", zeroSlot ] (fun step slots g _ ->
            let keep = if step = 1 then 1.0 else 1.0 - dampening
            let buffer = slots[0] * momentum + g * keep
            struct ((if nesterov then g + buffer * momentum else buffer), [| buffer |]))

    // A rule's own formulas are one function each: for small parameters the number of functions is what a step costs.
    let private moved formula (rate: float) (old: Tensor) (now: Tensor) =
        Engine.pointwise formula [| Real rate; Real(1.0 - rate) |] [| old; Engine.cast old.Dtype now |]

    /// A running mean, moved towards what came now.
    let internal blend rate old now = moved Formulas.running rate old now
    /// A running mean of squares, moved towards the square of what came now.
    let internal blendSquare rate old now = moved Formulas.runningSquare rate old now

    /// Running mean and running square of the gradient, and the factors that correct their start at 0.
    let internal moments (beta1: float) (beta2: float) step (mean: Tensor) (square: Tensor) (g: Tensor) =
        struct (blend beta1 mean g,
                blendSquare beta2 square g,
                1.0 / (1.0 - beta1 ** float step),
                1.0 / sqrt (1.0 - beta2 ** float step))

    /// The gradient's running mean over the root of its running square, both corrected for their start at 0 (Kingma and Ba 2015).
    let scaleByAdam (beta1: float) (beta2: float) (epsilon: float) : Optimizer =
        perParameter [ "exp_avg", zeroSlot; "exp_avg_sq", zeroSlot ] (fun step slots g _ ->
            let struct (mean, square, byMean, bySquare) = moments beta1 beta2 step slots[0] slots[1] g
            let factors = [| Real byMean; Real bySquare; Real epsilon |]
            struct (Engine.pointwise Formulas.adamDirection factors [| mean; square |], [| mean; square |]))

    let private descend (schedule: Schedule) = scaleBySchedule (fun t -> -(schedule t))

    /// Gradient descent at a fixed rate.
    let sgd (rate: float) = scale -rate
    let momentum (rate: float) (mass: float) = chain [ trace mass 0.0 false; scale -rate ]
    /// Adam with a rate that follows a schedule.
    let adamScheduled (schedule: Schedule) = chain [ scaleByAdam 0.9 0.999 1e-8; descend schedule ]
    let adam (rate: float) = chain [ scaleByAdam 0.9 0.999 1e-8; scale -rate ]
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019).
    let adamW (rate: float) (decay: float) = chain [ scaleByAdam 0.9 0.999 1e-8; decayWeights decay; scale -rate ]

    /// One step: new parameters and state, computed together in as few passes as possible. The gradients, the old state and
    /// the old parameters are consumed: their memory may hold the new ones, and using them again raises an error.
    let step (optimizer: Optimizer) (gradients: Tree) (state: Tree) (parameters: Tree) : struct (Tree * Tree) =
        let struct (updates, next) = optimizer.Update gradients state parameters
        let moved = Tree.map2 (+) parameters updates

        for old in [ state; parameters; gradients ] do
            Tree.leaves old |> Array.iter Tensor.donate

        Tensor.force (Seq.append (Tree.leaves moved) (Tree.leaves next))
        struct (moved, next)
