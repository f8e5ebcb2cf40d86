namespace Functional

open Functional.Contract

/// Weights that are functions of other parameters.
[<RequireQualifiedAccess>]
module Reparametrization =
    /// The Euclidean norm over all dimensions but one, kept with size 1; over all if there is no such dimension.
    let normBeside (dim: int option) (t: Tensor) : Tensor =
        let beside =
            match dim with
            | Some d -> [ 0 .. t.Rank - 1 ] |> List.filter ((<>) (Shape.dimension t.Rank d))
            | None -> [ 0 .. t.Rank - 1 ]

        if beside.IsEmpty then
            Tensor.abs t
        else
            Tensor.sqrt (Tensor.sumOver beside (dim.IsSome) (Tensor.square t))

    /// A length times a direction (Salimans and Kingma 2016).
    let weightNorm (dim: int option) (length: Tensor) (direction: Tensor) : Tensor =
        direction * (length / normBeside dim direction)

    /// The weight as a matrix whose rows belong to one dimension.
    let matrixOf dim (weight: Tensor) =
        let turned =
            if dim = 0 then
                weight
            else
                Structure.moveAxis (Shape.dimension weight.Rank dim) 0 weight

        Engine.reshape [| turned.Shape[0]; -1 |] turned

    /// A vector of length 1 in the same direction.
    let unit (epsilon: float) (v: Tensor) = v / Tensor.clamp epsilon infinity (Tensor.sqrt (Tensor.sum (Tensor.square v)))

    /// Steps of power iteration towards the first singular vectors of a matrix.
    let powerIteration (steps: int) (epsilon: float) (matrix: Tensor) (u: Tensor) (v: Tensor) : struct (Tensor * Tensor) =
        let advance (u, _) _ =
            let v = unit epsilon (Tensor.matmul (Tensor.t matrix) u)
            unit epsilon (Tensor.matmul matrix v), v

        let u, v = Seq.fold advance (u, v) (seq { 1..steps })
        struct (u, v)

    /// The weight over its largest singular value, as far as u and v know it (Miyato et al. 2018).
    let spectralNorm dim (u: Tensor) (v: Tensor) (weight: Tensor) : Tensor =
        weight / Tensor.sum (u * Tensor.matmul (matrixOf dim weight) v)
