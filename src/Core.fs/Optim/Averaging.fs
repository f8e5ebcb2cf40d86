namespace Functional

/// Averages of parameters over time.
[<RequireQualifiedAccess>]
module Averaging =
    /// The mean of all so far (Izmailov et al. 2018): `count` went into the average before this one.
    let equal (count: int) (average: Tensor) (now: Tensor) : Tensor = average + (now - average) * (1.0 / float (count + 1))

    /// The mean in which the weight of the past falls by `decay` a step (Polyak averaging).
    let exponential (decay: float) (average: Tensor) (now: Tensor) : Tensor = average * decay + now * (1.0 - decay)

    /// A rule for one tensor over whole trees; the average is consumed.
    let update (rule: Tensor -> Tensor -> Tensor) (average: Tree) (now: Tree) : Tree =
        let next = Tree.map2 rule average now
        Tensor.force (Tree.leaves next)
        next
