namespace Functional

open Functional.Contract

/// Normalizing by statistics over some dimensions.
[<RequireQualifiedAccess>]
module Normalization =
    let private column channels (like: Tensor) t =
        Engine.reshape (Array.append [| 1; channels |] (Array.create (like.Rank - 2) 1)) t

    let private axesBesideChannels (x: Tensor) = [| 0 .. x.Rank - 1 |] |> Array.filter ((<>) 1)

    /// Mean and (biased) variance of every channel of [N, C, ...].
    let channelStatistics (x: Tensor) : struct (Tensor * Tensor) =
        let axes = axesBesideChannels x
        let mean = Reductions.average axes x
        let variance = Reductions.average axes (Operands.unary Functions.square (Operands.binary Functions.sub x mean))
        struct (Engine.reshape [| x.Shape[1] |] mean, Engine.reshape [| x.Shape[1] |] variance)

    let private scaleAndShift channels (weight: Tensor voption) (bias: Tensor voption) (x: Tensor) =
        let scaled =
            match weight with
            | ValueSome w -> Operands.binary Functions.mul x (column channels x w)
            | ValueNone -> x

        match bias with
        | ValueSome b -> Operands.binary Functions.add scaled (column channels x b)
        | ValueNone -> scaled

    /// (x - mean) / sqrt(variance + epsilon) * weight + bias, by channel.
    let byChannel
        (mean: Tensor)
        (variance: Tensor)
        (weight: Tensor voption)
        (bias: Tensor voption)
        (epsilon: float)
        (x: Tensor)
        : Tensor =
        let channels = x.Shape[1]
        let factor = Operands.unary Functions.rsqrt (Operands.withRight Functions.add variance (Real epsilon))
        let centred = Operands.binary Functions.sub x (column channels x mean)
        Operands.binary Functions.mul centred (column channels x factor) |> scaleAndShift channels weight bias

    /// (x - mean) / sqrt(variance + epsilon) over the last `rank` dimensions, scaled and shifted by tensors of their shape.
    let byLayer rank (weight: Tensor voption) (bias: Tensor voption) (epsilon: float) (x: Tensor) : Tensor =
        let normal = Tensor.normalizeLast rank epsilon x

        let scaled =
            match weight with
            | ValueSome w -> Operands.binary Functions.mul normal w
            | ValueNone -> normal

        match bias with
        | ValueSome b -> Operands.binary Functions.add scaled b
        | ValueNone -> scaled

    /// The same over groups of channels of [N, C, ...], scaled and shifted by channel.
    let byGroup groups (weight: Tensor voption) (bias: Tensor voption) (epsilon: float) (x: Tensor) : Tensor =
        let channels = x.Shape[1]

        Engine.reshape [| x.Shape[0]; groups; Array.fold (*) (channels / groups) x.Shape[2..] |] x
        |> Rows.normalize epsilon
        |> Engine.reshape x.Shape
        |> scaleAndShift channels weight bias
