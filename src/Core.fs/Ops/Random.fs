namespace Functional

open Functional.Contract

/// The source of random numbers: a value. The same key always gives the same numbers; split it to get others.
[<Struct>]
type Key = { Bits: uint64 }

/// Random tensors from keys (Salmon et al. 2011 for the numbers, Claessen and Palka 2013 for splitting).
[<RequireQualifiedAccess>]
module Random =
    // Steele, Lea and Flood 2014: a bijection that scatters neighbouring keys.
    let private mix (z: uint64) =
        let z = (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
        let z = (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        z ^^^ (z >>> 31)

    let key (seed: int) = { Bits = mix (uint64 seed + 0x9E3779B97F4A7C15UL) }

    /// The i-th of the keys that come from a key.
    let fold (i: int) (key: Key) = { Bits = mix (key.Bits + 0x9E3779B97F4A7C15UL * (uint64 i + 1UL)) }

    /// Independent keys. Do not use the original again.
    let split count key =
        if count < 0 then
            raise (ArgumentValueException $"Random.split: expected a number of keys of at least 0, but got {count}")

        List.init count (fun i -> fold i key)

    /// Two independent keys.
    let split2 key = struct (fold 0 key, fold 1 key)

    let private draw kind dtype key (shape: int list) =
        Creation.random (Backend.current ()) kind key.Bits dtype (Array.ofList shape)

    /// float32 numbers in [0, 1).
    let uniform key shape = draw RandomUniform Float32 key shape
    /// float32 numbers in [low, high).
    let uniformBetween (low: float) (high: float) key shape = uniform key shape * (high - low) + low
    /// Standard normal float32 numbers.
    let normal key shape = draw RandomNormal Float32 key shape
    /// Uniform random 64-bit integers.
    let bits key shape = draw RandomBits Int64 key shape

    /// Integers (int64) in [low, high).
    let integers (low: int64) (high: int64) key shape =
        if low >= high then
            raise (ArgumentValueException $"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")

        let within = Operands.withRight Functions.remainder (bits key shape) (Integer(high - low))
        Operands.withRight Functions.add within (Integer low)

    /// float32 ones with probability p, zeros else.
    let bernoulli (p: float) key shape = Operands.withRight Functions.lt (uniform key shape) (Real p) |> Engine.cast Float32

    /// The numbers 0 .. n - 1 in random order.
    let permutation n key = GatherScatter.argSort 0 false (uniform key [ n ])

    /// A class for each row of logits [..., classes], as likely as its softmax says: where logits with Gumbel's noise are largest.
    let categorical key (logits: Tensor) =
        if logits.Rank = 0 then
            raise (ShapeException "Random.categorical: expected logits of shape [..., classes], but got a single number")

        let u = Operands.withRight Functions.add (uniform key (List.ofArray logits.Shape)) (Real 1e-20)
        let waiting = Operands.unary Functions.neg (Operands.unary Functions.log u)
        let noisy = Operands.binary Functions.sub logits (Engine.cast logits.Dtype (Operands.unary Functions.log waiting))
        Reductions.position ArgMaximum (logits.Rank - 1) noisy |> Engine.reshape logits.Shape[.. logits.Rank - 2]
