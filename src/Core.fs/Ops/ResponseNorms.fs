namespace Functional

open Functional.Contract

/// Normalization by what neighbouring channels respond, as older networks have it.
[<RequireQualifiedAccess>]
module ResponseNorms =
    /// x * (k + alpha / size * the sum of the squares of neighbouring channels)^-beta, as PyTorch's CrossMapLRN2d sums them: an odd number
    /// of channels, and the first one everywhere, which its running sum never takes off.
    let acrossMaps size (alpha: float) (beta: float) (k: float) (x: Tensor) : Tensor =
        if x.Rank <> 4 then
            raise (ShapeException $"CrossMapLRN2d expects images of shape [N, C, H, W], but got {Shape.format x.Shape}")

        let channels, reach = x.Shape[1], (size - 1) / 2 + 1

        let window =
            Array.init (channels * channels) (fun i ->
                let c, other = i / channels, i % channels
                if other = 0 || abs (c - other) < reach then 1.0 else 0.0)
            |> Constants.reals x [| channels; channels |]

        let squares = Operands.unary Functions.square x |> Engine.reshape [| x.Shape[0]; channels; -1 |]
        let sums = Tensor.matmul window squares |> Engine.reshape x.Shape

        let scale =
            Operands.withRight Functions.add (Operands.withRight Functions.mul sums (Real(alpha / float size))) (Real k)

        Operands.binary Functions.mul x (Operands.power scale (Real -beta))
