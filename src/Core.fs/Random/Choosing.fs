namespace Functional

open System
open Functional.Contract

/// Choosing places, with the numbers of PyTorch's generator.
[<RequireQualifiedAccess>]
module Choosing =
    /// A seed for another generator, as PyTorch's samplers and loaders draw one.
    let seed (source: MersenneTwister) : uint64 = source.Long() &&& 0x7FFFFFFFFFFFFFFFUL

    /// 0 .. n - 1 in random order.
    let permutation (source: MersenneTwister) (n: int) : int64[] =
        Drawing.permutation source Backend.cpu Int64 n |> Tensor.toInt64s

    /// `count` numbers below n, each as likely as any other.
    let anywhere (source: MersenneTwister) (n: int64) (count: int) : int64[] =
        Drawing.integersBetween source Backend.cpu Int64 [| count |] 0L n |> Tensor.toInt64s

    /// `count` places with probabilities in the ratio of their weights, each as often as it comes. Raises ArgumentValueException for
    /// weights that are negative, not finite or all 0.
    let weighted (source: MersenneTwister) (weights: float[]) (count: int) : int64[] =
        if weights |> Array.exists (fun w -> not (Double.IsFinite w) || w < 0.0) then
            raise (ArgumentValueException "probability tensor contains either `inf`, `nan` or element < 0")

        if not (weights |> Array.exists (fun w -> w > 0.0)) then
            raise (ArgumentValueException "invalid multinomial distribution (sum of probabilities <= 0)")

        let sums = Array.scan (+) 0.0 weights |> Array.tail
        let total = Array.last sums

        let pick _ =
            let u = source.Double() * total
            let place = Array.BinarySearch(sums, u)
            let place = if place < 0 then ~~~place else place
            // Rounding must not choose what has no weight.
            let rec settled i = if i + 1 < weights.Length && weights[i] = 0.0 then settled (i + 1) else i
            int64 (settled (min place (weights.Length - 1)))

        Array.init count pick
