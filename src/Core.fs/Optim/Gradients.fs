namespace Functional

open System

/// All gradients together.
[<RequireQualifiedAccess>]
module Gradients =
    /// The norm of this order over all elements of all gradients.
    let norm (order: float) (gradients: Tensor[]) : Tensor =
        let sizes = gradients |> Array.map Tensor.abs

        if Double.IsPositiveInfinity order then
            sizes |> Array.map Tensor.max |> Array.reduce Tensor.maximum
        elif order = 2.0 then
            gradients |> Array.map (fun g -> Tensor.sum (Tensor.square g)) |> Array.reduce (+) |> Tensor.sqrt
        else
            sizes
            |> Array.map (fun g -> Tensor.sum (Tensor.powScalar order g))
            |> Array.reduce (+)
            |> Tensor.powScalar (1.0 / order)

    /// What gradients of this norm are to be multiplied by, so that it is at most `limit`.
    let clipping (limit: float) (norm: Tensor) : Tensor = limit / (norm + 1e-6) |> Tensor.minimum (Tensor.fullLike norm 1.0)
