namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// More distributions of the twister's numbers, in the order in which PyTorch draws them.
[<RequireQualifiedAccess>]
module Distributions =
    let private drawn (backend: IBackend) dtype shape (draw: unit -> float) : Tensor =
        let data = Array.init (Shape.count shape) (fun _ -> draw ())
        Creation.ofBytes backend Float64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data)) |> Engine.cast dtype

    let private whole (backend: IBackend) dtype shape (draw: unit -> int64) : Tensor =
        let data = Array.init (Shape.count shape) (fun _ -> draw ())
        Creation.ofBytes backend Int64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data)) |> Engine.cast dtype

    /// Waiting times at a rate.
    let exponential (source: MersenneTwister) backend dtype shape (rate: float) =
        drawn backend dtype shape (fun () -> -1.0 / rate * Math.Log(1.0 - source.Double()))

    /// How many trials it takes until the first success of probability p.
    let geometric (source: MersenneTwister) backend dtype shape (p: float) =
        drawn backend dtype shape (fun () -> ceil (Math.Log(source.Double()) / Math.Log(1.0 - p)))

    /// Exponentials of normal numbers.
    let logNormal (source: MersenneTwister) backend dtype shape (mean: float) (std: float) =
        drawn backend dtype shape (fun () -> exp (source.Normal() * std + mean))

    let cauchy (source: MersenneTwister) backend dtype shape (median: float) (sigma: float) =
        drawn backend dtype shape (fun () -> median + sigma * Math.Tan(Math.PI * (source.Double() - 0.5)))

    /// How many events happen at a rate: products of uniform numbers for small rates (Knuth), else transformed rejection with
    /// decomposition (Hoermann 1993, PTRS).
    let private poissonOf (source: MersenneTwister) (rate: float) =
        if rate >= 10.0 then
            let root = sqrt rate
            let b = 0.931 + 2.53 * root
            let a = -0.059 + 0.02483 * b
            let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
            let accepted = 0.9277 - 3.6224 / (b - 2.0)

            let rec attempt () =
                let u = source.Double() - 0.5
                let v = source.Double()
                let us = 0.5 - abs u
                let k = floor ((2.0 * a / us + b) * u + rate + 0.43)

                if us >= 0.07 && v <= accepted then
                    k
                elif k < 0.0 || (us < 0.013 && v > us) then
                    attempt ()
                elif
                    log v + log inverseAlpha - log (a / (us * us) + b) <= -rate + k * log rate - SpecialFunctions.lgamma (k + 1.0)
                then
                    k
                else
                    attempt ()

            attempt ()
        elif rate = 0.0 then
            0.0
        else
            let limit = exp -rate

            let rec multiply product k =
                (let product = product * source.Double() in if product > limit then multiply product (k + 1.0) else k)

            multiply 1.0 0.0

    /// log(k!) minus its main terms.
    let private stirlingTail k =
        if k < 15.0 then
            SpecialFunctions.lgamma (k + 1.0) - (k + 0.5) * log (k + 1.0) + (k + 1.0) - 0.5 * log (2.0 * Math.PI)
        else
            let square = (k + 1.0) * (k + 1.0)
            (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / (k + 1.0)

    /// Successes among trials of probability up to one half: gaps between successes where there are few, else transformed
    /// rejection (Hoermann 1993, BTRS).
    let private successes (source: MersenneTwister) (count: float) (p: float) =
        if count * p < 10.0 then
            let rec jump reached found =
                let reached = reached + ceil (Math.Log(source.Double()) / SpecialFunctions.log1p -p)
                if reached > count then found else jump reached (found + 1.0)

            jump 0.0 0.0
        else
            let deviation = sqrt (count * p * (1.0 - p))
            let b = 1.15 + 2.53 * deviation
            let a = -0.0873 + 0.0248 * b + 0.01 * p
            let c = count * p + 0.5
            let accepted = 0.92 - 4.2 / b
            let odds = p / (1.0 - p)
            let alpha = (2.83 + 5.1 / b) * deviation
            let m = floor ((count + 1.0) * p)

            let rec attempt () =
                let u = source.Double() - 0.5
                let v = source.Double()
                let us = 0.5 - abs u
                let k = floor ((2.0 * a / us + b) * u + c)

                if us >= 0.07 && v <= accepted then
                    k
                elif k < 0.0 || k > count then
                    attempt ()
                else
                    let bound =
                        (m + 0.5) * log ((m + 1.0) / (odds * (count - m + 1.0)))
                        + (count + 1.0) * log ((count - m + 1.0) / (count - k + 1.0))
                        + (k + 0.5) * log (odds * (count - k + 1.0) / (k + 1.0))
                        + stirlingTail m
                        + stirlingTail (count - m)
                        - stirlingTail k
                        - stirlingTail (count - k)

                    if log (v * alpha / (a / (us * us) + b)) <= bound then k else attempt ()

            attempt ()

    let private binomialOf source (count: float) (p: float) =
        if count <= 0.0 || p <= 0.0 then 0.0
        elif p >= 1.0 then count
        elif p <= 0.5 then successes source count p
        else count - successes source count (1.0 - p)

    let private fromEach (like: Tensor) (draws: float[]) : Tensor =
        Creation.ofBytes like.Backend Float64 like.Shape (MemoryMarshal.AsBytes(ReadOnlySpan draws))
        |> Engine.cast like.Dtype

    /// Numbers of events, each at its own rate.
    let poisson (source: MersenneTwister) (rates: Tensor) : Tensor =
        let rates' = Tensor.toFloat64s rates

        if rates' |> Array.exists (fun r -> not (r >= 0.0)) then
            raise (ArgumentValueException "invalid Poisson rate, expected rate to be non-negative")

        rates' |> Array.map (poissonOf source) |> fromEach rates

    /// Numbers of successes among so many trials, each with its own probability.
    let binomial (source: MersenneTwister) (counts: Tensor) (probabilities: Tensor) : Tensor =
        let shape = Shape.broadcast counts.Shape probabilities.Shape
        let counts = Engine.expand shape counts
        let p = Tensor.toFloat64s (Engine.expand shape probabilities)
        Array.map2 (binomialOf source) (Tensor.toFloat64s counts) p |> fromEach counts

    /// Integers of all sizes that the dtype holds exactly, from 0 on.
    let anyInteger (source: MersenneTwister) backend dtype shape =
        let count =
            match dtype with
            | Float64 -> (1UL <<< 53) + 1UL
            | Float32 -> (1UL <<< 24) + 1UL
            | Float16 -> (1UL <<< 11) + 1UL
            | BFloat16 -> (1UL <<< 8) + 1UL
            | Int64 -> 1UL <<< 63
            | Int32 -> 1UL <<< 31
            | Int16 -> 1UL <<< 15
            | UInt8 -> 1UL <<< 8
            | Int8 -> 1UL <<< 7
            | Bool -> 2UL
            | _ -> raise (DtypeException $"random_() is not implemented for '{Dtype.scalarTypeName dtype}'")

        let draw () = if count >= (1UL <<< 32) then source.Long() else uint64 (source.Word())
        whole backend dtype shape (fun () -> int64 (draw () % count))

    /// Positions drawn with these (not normalised) probabilities along the last dimension, one row of them for each row.
    let multinomial (source: MersenneTwister) count replaces (probabilities: Tensor) : Tensor =
        if not (Dtype.isFloating probabilities.Dtype) then
            raise (
                DtypeException
                    $"multinomial only supports floating-point dtypes for input, got: {Dtype.scalarTypeName probabilities.Dtype}"
            )

        if probabilities.Rank <> 1 && probabilities.Rank <> 2 then
            raise (ShapeException $"prob_dist must be 1 or 2 dim, but has shape {Shape.format probabilities.Shape}")

        let size = Array.last probabilities.Shape

        if count <= 0 then
            raise (ArgumentValueException "cannot sample n_sample <= 0 samples")

        if not replaces && count > size then
            raise (ArgumentValueException "cannot sample n_sample > prob_dist.size(-1) samples without replacement")

        let weights = Tensor.toFloat64s probabilities
        let rows = weights |> Array.chunkBySize (max 1 size)

        if weights |> Array.exists (fun w -> not (Double.IsFinite w) || w < 0.0) then
            raise (ArgumentValueException "probability tensor contains either `inf`, `nan` or element < 0")

        if rows |> Array.exists (fun row -> Array.sum row <= 0.0) then
            raise (ArgumentValueException "invalid multinomial distribution (sum of probabilities <= 0)")

        let shape = Array.append (Array.take (probabilities.Rank - 1) probabilities.Shape) [| count |]

        if replaces then
            let data = rows |> Array.collect (fun row -> Choosing.weighted source row count)
            Creation.ofBytes probabilities.Backend Int64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data))
        else
            // The race of exponential clocks: the smallest waiting times over the weights win.
            let clocks = exponential source probabilities.Backend probabilities.Dtype probabilities.Shape 1.0
            let scores = Operands.binary Functions.div (Structure.detach probabilities) clocks
            let axis = probabilities.Rank - 1
            Structure.narrow axis 0 count (GatherScatter.argSort axis true scores)
