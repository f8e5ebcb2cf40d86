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

        if replaces && count > 1 then
            let data = rows |> Array.collect (fun row -> Choosing.weighted source row count true)
            Creation.ofBytes probabilities.Backend Int64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data))
        else
            // The race of exponential clocks: the smallest waiting times over the weights win.
            let clocks = exponential source probabilities.Backend probabilities.Dtype probabilities.Shape 1.0
            let scores = Operands.binary Functions.div (Structure.detach probabilities) clocks
            let axis = probabilities.Rank - 1
            Structure.narrow axis 0 count (GatherScatter.argSort axis true scores)
