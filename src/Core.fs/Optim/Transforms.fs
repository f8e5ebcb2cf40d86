namespace Functional

open Functional.Contract

/// The transformations behind PyTorch's optimizers, and those that wrap others. What they remember has PyTorch's names.
[<AutoOpen>]
module OptimizerTransforms =
    [<RequireQualifiedAccess>]
    module Optim =
        let private filled (value: float) (p: Tensor) = Operands.number p p.Dtype p.Shape (Real value)
        let private number (value: float) = Creation.full Backend.cpu Float64 [||] (Real value)
        let private one memory update = struct (update, [| memory |])

        /// Adam's direction with the largest running square so far in the denominator (Reddi, Kale and Kumar 2018).
        let scaleByAmsgrad (beta1: float) (beta2: float) (epsilon: float) : Optimizer =
            let slots = [ for name in [ "exp_avg"; "exp_avg_sq"; "max_exp_avg_sq" ] -> name, Optim.zeroSlot ]

            Optim.perParameter slots (fun step slots g _ ->
                let struct (mean, square, byMean, bySquare) = Optim.moments beta1 beta2 step slots[0] slots[1] g
                let largest = Tensor.maximum slots[2] square
                struct ((mean * byMean) / (Tensor.sqrt largest * bySquare + epsilon), [| mean; square; largest |]))

        /// Adam for tables of which a step sees few rows: rows whose gradient is all 0 keep moments and values as they are.
        let scaleBySparseAdam (beta1: float) (beta2: float) (epsilon: float) : Optimizer =
            Optim.perParameter [ "exp_avg", Optim.zeroSlot; "exp_avg_sq", Optim.zeroSlot ] (fun step slots g _ ->
                let none = filled 0.0 g
                let marks = Engine.cast Float32 (Tensor.ne g none)
                let counts = if g.Rank > 1 then Tensor.sumOver [ 1 .. g.Rank - 1 ] true marks else marks
                let seen = Tensor.gt counts (filled 0.0 counts)
                let struct (mean, square, byMean, bySquare) = Optim.moments beta1 beta2 step slots[0] slots[1] g
                let mean, square = Tensor.where seen mean slots[0], Tensor.where seen square slots[1]
                let direction = mean * (byMean / bySquare) / (Tensor.sqrt square + epsilon)
                struct (Tensor.where seen direction none, [| mean; square |]))

        /// The gradient over the root of the sum of all its squares (Duchi, Hazan and Singer 2011).
        let scaleByAdagrad (initial: float) (epsilon: float) : Optimizer =
            Optim.perParameter [ "sum", filled initial ] (fun _ slots g _ ->
                let sum = slots[0] + Tensor.square g
                g / (Tensor.sqrt sum + epsilon) |> one sum)

        /// The gradient in units of the updates so far (Zeiler 2012).
        let scaleByAdadelta (rho: float) (epsilon: float) : Optimizer =
            Optim.perParameter [ "square_avg", Optim.zeroSlot; "acc_delta", Optim.zeroSlot ] (fun _ slots g _ ->
                let square = Optim.blendSquare rho slots[0] g
                let update = Tensor.sqrt (slots[1] + epsilon) / Tensor.sqrt (square + epsilon) * g
                struct (update, [| square; Optim.blendSquare rho slots[1] update |]))

        /// Adam with the largest gradient instead of the mean square (Kingma and Ba 2015, section 7).
        let scaleByAdamax (beta1: float) (beta2: float) (epsilon: float) : Optimizer =
            Optim.perParameter [ "exp_avg", Optim.zeroSlot; "exp_inf", Optim.zeroSlot ] (fun step slots g _ ->
                let mean = Optim.blend beta1 slots[0] g
                let largest = Tensor.maximum (slots[1] * beta2) (Tensor.abs g + epsilon)
                struct (mean * (1.0 / (1.0 - beta1 ** float step)) / largest, [| mean; largest |]))

        /// The gradient over the root of its running square (Hinton 2012); `centered`: of its running variance (Graves 2013).
        let scaleByRms (alpha: float) (epsilon: float) (centered: bool) : Optimizer =
            if centered then
                Optim.perParameter [ "square_avg", Optim.zeroSlot; "grad_avg", Optim.zeroSlot ] (fun _ slots g _ ->
                    let square, mean = Optim.blendSquare alpha slots[0] g, Optim.blend alpha slots[1] g
                    struct (g / (Tensor.sqrt (square - Tensor.square mean) + epsilon), [| square; mean |]))
            else
                Optim.perParameter [ "square_avg", Optim.zeroSlot ] (fun _ slots g _ ->
                    let square = Optim.blendSquare alpha slots[0] g
                    g / (Tensor.sqrt square + epsilon) |> one square)

        /// Adam that waits with its denominator until its variance can be told (Liu et al. 2020).
        let scaleByRadam (beta1: float) (beta2: float) (epsilon: float) : Optimizer =
            Optim.perParameter [ "exp_avg", Optim.zeroSlot; "exp_avg_sq", Optim.zeroSlot ] (fun step slots g _ ->
                let struct (mean, square, byMean, bySquare) = Optim.moments beta1 beta2 step slots[0] slots[1] g
                let direction, power = mean * byMean, beta2 ** float step
                let limit = 2.0 / (1.0 - beta2) - 1.0
                let length = limit - 2.0 * float step * power / (1.0 - power)

                let update =
                    if length > 5.0 then
                        let rectified = sqrt ((length - 4.0) * (length - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * length))

                        direction * (rectified / bySquare) / (Tensor.sqrt square + epsilon)
                    else
                        direction

                struct (update, [| mean; square |]))

        /// Adam with Nesterov's momentum (Dozat 2016).
        let scaleByNadam (beta1: float) (beta2: float) (epsilon: float) (momentumDecay: float) : Optimizer =
            let slots = [ "exp_avg", Optim.zeroSlot; "exp_avg_sq", Optim.zeroSlot; "mu_product", (fun _ -> number 1.0) ]

            Optim.perParameter slots (fun step slots g _ ->
                let mu t = beta1 * (1.0 - 0.5 * 0.96 ** (float t * momentumDecay))
                let now, next = mu step, mu (step + 1)
                let product = Tensor.item slots[2] * now
                let struct (mean, square, _, bySquare) = Optim.moments beta1 beta2 step slots[0] slots[1] g
                let direction = g * ((1.0 - now) / (1.0 - product)) + mean * (next / (1.0 - product * next))
                struct (direction / (Tensor.sqrt square * bySquare + epsilon), [| mean; square; number product |]))

        /// Steps of the gradient's sign whose lengths grow while the sign stays and shrink when it turns (Riedmiller and Braun 1993).
        let resilient (rate: float) (shrink: float, grow: float) (shortest: float, longest: float) : Optimizer =
            Optim.perParameter [ "prev", Optim.zeroSlot; "step_size", filled rate ] (fun _ slots g _ ->
                let agreement = Tensor.sign (slots[0] * g)
                let number value = Operands.number g g.Dtype g.Shape (Real value)
                let zero = number 0.0
                let turned = Tensor.lt agreement zero

                let factor =
                    Tensor.where turned (number shrink) (Tensor.where (Tensor.gt agreement zero) (number grow) (number 1.0))

                let size = Tensor.clamp shortest longest (slots[1] * factor)
                let g = Tensor.where turned zero g
                struct (-(Tensor.sign g * size), [| g; size |]))

        /// Gradient descent whose rate falls, and the running average of the parameters (Polyak and Juditsky 1992).
        let averagedDescent (rate: float) (lambd: float) (alpha: float) (start: float) : Optimizer =
            let slots = [ "ax", Optim.zeroSlot; "eta", (fun _ -> number rate); "mu", (fun _ -> number 1.0) ]

            Optim.perParameter slots (fun step slots g p ->
                let eta, mu = Tensor.item slots[1], Tensor.item slots[2]
                let update = p * (-lambd * eta) - g * eta
                let average = slots[0] + (p + update - slots[0]) * mu
                let next = rate / (1.0 + lambd * rate * float step) ** alpha
                struct (update, [| average; number next; number (1.0 / max 1.0 (float step - start)) |]))

        /// A rule for the parameters whose dotted path is chosen; the gradients of the others pass unchanged.
        let masked (chosen: string -> bool) (optimizer: Optimizer) : Optimizer =
            let part (tree: Tree) =
                Tree.named tree |> List.filter (fst >> chosen) |> List.map (fun (path, t) -> path, Leaf t) |> Branch

            { Init = part >> optimizer.Init
              Update =
                fun gradients state parameters ->
                    let struct (updates, next) = optimizer.Update (part gradients) state (part parameters)

                    let replaced =
                        Tree.named gradients |> List.map (fun (path, g) -> if chosen path then Tree.tensor path updates else g)

                    struct (Tree.rebuild gradients (Array.ofList replaced), next) }

        /// The mean of the gradients of `count` steps goes into one step of a rule; in between nothing moves.
        let accumulate (count: int) (optimizer: Optimizer) : Optimizer =
            if count < 1 then
                raise (ArgumentValueException $"accumulate: expected at least one step, but got {count}")

            let gather =
                Optim.perParameter [ "sum", Optim.zeroSlot ] (fun step slots g _ ->
                    one (if step % count = 1 || count = 1 then g else slots[0] + g) g)

            { Init = fun parameters -> Branch [ "gathered", gather.Init parameters; "inner", optimizer.Init parameters ]
              Update =
                fun gradients state parameters ->
                    let struct (_, gathered) = gather.Update gradients (Tree.find "gathered" state) parameters
                    let inner = Tree.find "inner" state

                    let struct (updates, inner) =
                        if int (Tensor.item (Tree.tensor "step" gathered)) % count = 0 then
                            let mean = Tree.find "sum" gathered |> Tree.map (fun sum -> sum * (1.0 / float count))
                            optimizer.Update mean inner parameters
                        else
                            struct (Tree.map Optim.zeroSlot gradients, inner)

                    struct (updates, Branch [ "gathered", gathered; "inner", inner ]) }

        /// Every `every` steps the parameters go back to a part `alpha` of the way that a rule went (Zhang et al. 2019).
        let lookahead (every: int) (alpha: float) (optimizer: Optimizer) : Optimizer =
            if every < 1 then
                raise (ArgumentValueException $"lookahead: expected at least one fast step between slow ones, but got {every}")

            let slow =
                Optim.perParameter [ "slow", Structure.share ] (fun step slots moved p ->
                    if step % every = 0 then
                        let target = slots[0] + (p + moved - slots[0]) * alpha
                        one target (target - p)
                    else
                        one slots[0] moved)

            Optim.chain [ optimizer; slow ]

        /// A rule whose numbers are part of its state, to be changed between steps or kept in a checkpoint.
        let injectHyperparams (numbers: (string * float) list) (make: (string -> float) -> Optimizer) : Optimizer =
            let first = numbers |> List.map (fun (name, value) -> name, Leaf(number value)) |> Branch

            let made (tree: Tree) = make (fun name -> Tensor.item (Tree.tensor name tree))

            { Init = fun parameters -> Branch [ "hyperparams", first; "inner", (made first).Init parameters ]
              Update =
                fun gradients state parameters ->
                    let current = Tree.find "hyperparams" state
                    let struct (updates, inner) = (made current).Update gradients (Tree.find "inner" state) parameters
                    // A copy, because the state before is given up.
                    let kept = current |> Tree.map (fun t -> number (Tensor.item t))
                    struct (updates, Branch [ "hyperparams", kept; "inner", inner ]) }
