namespace Functional

open System
open Functional.Contract
open Functional.Data

/// Digits that the library writes itself where MNIST is not at hand: the strokes of a few hands, bent, slanted, turned, moved,
/// in a thin or a thick pen, more or less inked, on grainy paper. The same seed gives the same pictures.
[<RequireQualifiedAccess>]
module DrawnDigits =
    /// Width and height of a picture.
    [<Literal>]
    let Size = 28

    /// Random numbers for one picture: SplitMix64 (Steele, Lea, Flood 2014), begun from the seed and the picture's number.
    [<Sealed>]
    type private Dice(seed: uint64) =
        let mutable state = seed

        member _.Bits() =
            state <- state + 0x9E3779B97F4A7C15UL
            let z = (state ^^^ (state >>> 30)) * 0xBF58476D1CE4E5B9UL
            let z = (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
            z ^^^ (z >>> 31)

        /// Uniform in [low, high).
        member dice.Between(low, high) = low + (high - low) * (float (dice.Bits() >>> 11) * 1.1102230246251565e-16)

        member dice.Below n = int (dice.Bits() % uint64 n)

        /// Mean 0 and variance 1: the sum of four uniform numbers, near enough to normal for handwriting and never far out.
        member dice.Bell() =
            let bits = dice.Bits()
            let part shift = float ((bits >>> shift) &&& 0xFFFFUL)
            ((part 0 + part 16 + part 32 + part 48) / 65535.0 - 2.0) * sqrt 3.0

    let private diceOf (seed: uint64) (index: uint64) = Dice(Dice(seed).Bits() ^^^ (index * 0xD1342543DE82EF95UL))

    /// A slow wave over the paper that bends strokes without tearing apart what touches.
    let private bend (dice: Dice) =
        let strength = dice.Between(0.0, 0.075)
        let kx, ky, phaseX = dice.Between(1.0, 5.0), dice.Between(1.0, 5.0), dice.Between(0.0, 6.283)
        let lx, ly, phaseY = dice.Between(1.0, 5.0), dice.Between(1.0, 5.0), dice.Between(0.0, 6.283)

        fun (p: Point) ->
            { X = p.X + strength * sin (kx * p.X + ky * p.Y + phaseX)
              Y = p.Y + strength * sin (lx * p.X + ly * p.Y + phaseY) }

    /// From the unit box onto the picture: stretched, slanted, turned and moved.
    let private place (dice: Dice) =
        let height = dice.Between(14.0, 21.5)
        let width = height * dice.Between(0.62, 1.15)
        let slant = 0.26 * dice.Bell()
        let angle = 0.18 * dice.Bell()
        let centreX = 0.5 * float Size + 1.1 * dice.Bell()
        let centreY = 0.5 * float Size + 1.1 * dice.Bell()
        let cosine, sine = cos angle, sin angle

        fun (p: Point) ->
            let y = height * (p.Y - 0.5)
            let x = width * (p.X - 0.5) - slant * y

            { X = centreX + cosine * x - sine * y; Y = centreY + sine * x + cosine * y }

    /// Draws picture `index` of a seed into 784 bytes and gives the digit that it shows.
    let private drawInto (seed: uint64) (index: uint64) (target: Span<byte>) =
        let dice = diceOf seed index
        let digit = dice.Below 10
        let hands = DigitShapes.all[digit]
        let hand = hands[dice.Below hands.Length]
        let bend = bend dice
        let place = place dice
        let jitter = dice.Between(0.0, 0.045)
        let radius = dice.Between(0.55, 1.75)
        let softness = dice.Between(0.8, 1.6)
        let strength = dice.Between(170.0, 255.0)
        let grain = dice.Between(0.0, 16.0)

        let lines =
            [| for stroke in hand ->
                   // Every stroke is put down a little beside its place.
                   let offset = { X = jitter * dice.Bell(); Y = jitter * dice.Bell() }

                   stroke |> Array.map (fun p -> place (bend { X = p.X + offset.X; Y = p.Y + offset.Y })) |> Pen.smooth 4 |]

        let ink = Pen.ink Size Size radius softness lines

        for i in 0 .. ink.Length - 1 do
            target[i] <- byte (Math.Clamp(strength * ink[i] + grain * dice.Bell(), 0.0, 255.0))

        byte digit

    /// `count` pictures of a seed, beginning with the picture of number `first`; any range of numbers may be drawn by itself.
    let draw (seed: uint64) (first: uint64) count =
        let images = Array.zeroCreate<byte>(count * Size * Size)

        let labels =
            Array.Parallel.init count (fun i -> drawInto seed (first + uint64 i) (Span(images, i * Size * Size, Size * Size)))

        { Images = StoredTensor.create UInt8 [| count; Size; Size |] (ReadOnlyMemory images)
          Labels = StoredTensor.create UInt8 [| count |] (ReadOnlyMemory labels) }

    /// A training part and a test part with no picture in common.
    let set seed train test = { Train = draw seed 0UL train; Test = draw seed (1UL <<< 32) test }
