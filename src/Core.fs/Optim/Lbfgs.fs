namespace Functional

open Functional.Contract

/// The options of L-BFGS; PyTorch's names and defaults.
type LbfgsOptions =
    {
        Rate: float
        MaxIterations: int
        MaxEvaluations: int
        GradientTolerance: float
        ChangeTolerance: float
        /// How many past steps shape the direction.
        History: int
        StrongWolfe: bool
    }

/// A past step: how the gradient changed, how the parameters moved, and the inverse of the product of the two.
type LbfgsMemory = { Turn: Tensor; Move: Tensor; Inverse: float }

/// What L-BFGS keeps from step to step.
type LbfgsState =
    {
        Evaluations: int
        Iterations: int
        Direction: Tensor option
        Length: float
        /// Newest first.
        Memory: LbfgsMemory list
        /// The scale of the inverse Hessian to begin with.
        Scale: float
        Gradient: Tensor option
        Loss: float
    }

/// Limited-memory BFGS (Liu and Nocedal 1989) on one flat vector, with the line search of strong Wolfe conditions
/// (Nocedal and Wright 2006, algorithms 3.5 and 3.6).
[<RequireQualifiedAccess>]
module Lbfgs =
    let defaults =
        { Rate = 1.0
          MaxIterations = 20
          MaxEvaluations = 25
          GradientTolerance = 1e-7
          ChangeTolerance = 1e-9
          History = 100
          StrongWolfe = false }

    let start =
        { Evaluations = 0
          Iterations = 0
          Direction = None
          Length = 0.0
          Memory = []
          Scale = 1.0
          Gradient = None
          Loss = nan }

    let private dot (a: Tensor) (b: Tensor) = Tensor.item (Tensor.sum (a * b))
    let private largest (t: Tensor) = Tensor.item (Tensor.max (Tensor.abs t))

    /// A point on the line: how far, the loss there, the gradient, and its component along the line.
    [<NoComparison>]
    type private Point = { At: float; Loss: float; Gradient: Tensor; Slope: float }

    /// The minimum of the cubic through two points, held within bounds.
    let private interpolate (a: Point) (b: Point) (low: float) (high: float) =
        let d1 = a.Slope + b.Slope - 3.0 * (a.Loss - b.Loss) / (a.At - b.At)
        let square = d1 * d1 - a.Slope * b.Slope

        if square >= 0.0 then
            let d2 = sqrt square
            let first, second = if a.At <= b.At then a, b else b, a

            let lowest =
                second.At - (second.At - first.At) * ((second.Slope + d2 - d1) / (second.Slope - first.Slope + 2.0 * d2))

            min (max lowest low) high
        else
            (low + high) / 2.0

    // Armijo and curvature constants, and how often the line search may look.
    let private sufficient = 1e-4
    let private curvature = 0.9
    let private searches = 25

    /// From an interval that holds a good point to one, with the number of looks it took.
    let rec private zoom evaluate (origin: Point) reach tolerance stuck count (points: Point[]) low : struct (Point * int) =
        let high = 1 - low
        let left, right = min points[0].At points[1].At, max points[0].At points[1].At

        if count >= searches || (right - left) * reach < tolerance then
            struct (points[low], count + 1)
        else
            let t = interpolate points[0] points[1] left right
            let margin = 0.1 * (right - left)

            let t, stuck =
                if min (right - t) (t - left) < margin then
                    if stuck || t >= right || t <= left then
                        (if abs (t - right) < abs (t - left) then right - margin else left + margin), false
                    else
                        t, true
                else
                    t, false

            let next: Point = evaluate t

            if next.Loss > origin.Loss + sufficient * t * origin.Slope || next.Loss >= points[low].Loss then
                let points = Array.updateAt high next points
                zoom evaluate origin reach tolerance stuck (count + 1) points (if points[0].Loss <= points[1].Loss then 0 else 1)
            elif abs next.Slope <= -curvature * origin.Slope then
                struct (next, count + 2)
            else
                let points =
                    if next.Slope * (points[high].At - points[low].At) >= 0.0 then
                        Array.updateAt high points[low] points
                    else
                        points

                zoom evaluate origin reach tolerance stuck (count + 1) (Array.updateAt low next points) low

    let private search evaluate (origin: Point) reach tolerance first =
        let narrow count (points: Point[]) =
            zoom evaluate origin reach tolerance false count points (if points[0].Loss <= points[1].Loss then 0 else 1)

        let rec widen count (before: Point) (now: Point) : struct (Point * int) =
            if count = searches then
                struct ((if origin.Loss <= now.Loss then origin else now), count + 1)
            elif now.Loss > origin.Loss + sufficient * now.At * origin.Slope || (count > 1 && now.Loss >= before.Loss) then
                narrow count [| before; now |]
            elif abs now.Slope <= -curvature * origin.Slope then
                struct (now, count + 1)
            elif now.Slope >= 0.0 then
                narrow count [| before; now |]
            else
                let t = interpolate before now (now.At + 0.01 * (now.At - before.At)) (now.At * 10.0)
                widen (count + 1) now (evaluate t)

        widen 0 origin (evaluate first)

    /// The inverse Hessian, as far as it is known, times the falling gradient (two loops over the memory).
    let private direction (state: LbfgsState) (gradient: Tensor) =
        let back (q: Tensor, weights) (m: LbfgsMemory) =
            let weight = dot m.Move q * m.Inverse
            q - m.Turn * weight, weight :: weights

        let q, weights = List.fold back (-gradient, []) state.Memory

        List.fold2
            (fun (r: Tensor) (m: LbfgsMemory) weight -> r + m.Move * (weight - dot m.Turn r * m.Inverse))
            (q * state.Scale)
            (List.rev state.Memory)
            weights

    let private learn options (state: LbfgsState) (gradient: Tensor) =
        match state.Direction, state.Gradient with
        | Some d, Some before ->
            let turn, move = gradient - before, d * state.Length
            let product = dot turn move

            let state =
                if product > 1e-10 then
                    { state with
                        Memory =
                            { Turn = turn; Move = move; Inverse = 1.0 / product } :: state.Memory |> List.truncate options.History
                        Scale = product / dot turn turn }
                else
                    state

            state, direction state gradient
        | _ -> state, -gradient

    /// One step of an optimizer: up to `MaxIterations` iterations from x. `evaluate` gives loss and gradient at a point.
    let step (options: LbfgsOptions) (evaluate: Tensor -> struct (float * Tensor)) (state: LbfgsState) (x: Tensor) =
        let rec iterate n evaluations (state: LbfgsState) (x: Tensor) loss (gradient: Tensor) : struct (Tensor * LbfgsState) =
            let isFirst = state.Iterations = 0
            let state, d = learn options { state with Iterations = state.Iterations + 1 } gradient
            Tensor.force [ d ]

            let length =
                if isFirst then
                    min 1.0 (1.0 / Tensor.item (Tensor.sum (Tensor.abs gradient))) * options.Rate
                else
                    options.Rate

            let slope = dot gradient d

            let state = { state with Direction = Some d; Length = length; Gradient = Some gradient; Loss = loss }

            if slope > -options.ChangeTolerance then
                struct (x, state)
            else
                let at t =
                    let struct (loss, gradient) = evaluate (x + d * t)
                    { At = t; Loss = loss; Gradient = gradient; Slope = dot gradient d }

                let isLast = n = options.MaxIterations

                let struct (reached, calls) =
                    if options.StrongWolfe then
                        let origin = { At = 0.0; Loss = loss; Gradient = gradient; Slope = slope }
                        search at origin (largest d) options.ChangeTolerance length
                    elif isLast then
                        // Nobody looks at the loss there any more.
                        struct ({ At = length; Loss = loss; Gradient = gradient; Slope = slope }, 0)
                    else
                        struct (at length, 1)

                let moved = x + d * reached.At
                Tensor.force [ moved ]
                let evaluations = evaluations + calls
                let state = { state with Length = reached.At; Evaluations = state.Evaluations + calls }

                if
                    isLast
                    || evaluations >= options.MaxEvaluations
                    || largest reached.Gradient <= options.GradientTolerance
                    || largest (d * reached.At) <= options.ChangeTolerance
                    || abs (reached.Loss - loss) < options.ChangeTolerance
                then
                    struct (moved, state)
                else
                    iterate (n + 1) evaluations state moved reached.Loss reached.Gradient

        let struct (loss, gradient) = evaluate x
        let state = { state with Evaluations = state.Evaluations + 1 }

        if largest gradient <= options.GradientTolerance then
            struct (x, state)
        else
            iterate 1 1 state x loss gradient
