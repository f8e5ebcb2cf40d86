namespace Functional

open Functional.Contract

/// What a resampled element is made of.
[<RequireQualifiedAccess>]
type Filter =
    /// The element at or before its place, as old libraries counted.
    | Nearest
    /// The element whose centre is nearest.
    | NearestExact
    | Linear
    | Cubic
    /// The mean of what it covers.
    | Area

type Interpolation =
    {
        Filter: Filter
        /// The centres of the corners stay where they are; otherwise the outer edges do.
        AlignCorners: bool
        /// Shrinking widens the filter, so that no element is left out.
        Antialias: bool
    }

/// Images of other sizes. Every filter works along one dimension at a time: an element of the result is a weighted sum of a few
/// elements of the source.
[<RequireQualifiedAccess>]
module Resampling =
    /// For each element of the result, where its sources are and what they weigh.
    type private Taps = (struct (int * float))[][]

    /// Numbers are rounded to the dtype after each step, as they are in PyTorch: a place may fall on either side of an edge.
    let private rounding dtype : float -> float = if dtype = Float64 then id else fun x -> float (float32 x)

    /// How far apart the results lie in the source.
    let private spacing round alignCorners size count (scale: float voption) =
        if alignCorners then
            if count > 1 then round (float (size - 1) / float (count - 1)) else 0.0
        else
            match scale with
            | ValueSome s when s > 0.0 -> round (1.0 / s)
            | _ -> round (round (float size) / float count)

    let private nearest exact round size count scale : Taps =
        let step = spacing round false size count scale

        Array.init count (fun i ->
            let place =
                if exact then
                    float (float32 (round (round (round (step * (float i + 0.5)) - 0.5) + 0.5)))
                else
                    float (float32 (round (step * float i)))

            [| struct (min (int (floor place)) (size - 1), 1.0) |])

    let private centre round alignCorners step i =
        if alignCorners then
            round (step * float i)
        else
            round (round (step * (float i + 0.5)) - 0.5)

    let private linear alignCorners round size count scale : Taps =
        let step = spacing round alignCorners size count scale

        Array.init count (fun i ->
            let place = max 0.0 (centre round alignCorners step i)
            let first = min (int place) (size - 1)
            let rest = round (place - float first)
            [| struct (first, round (1.0 - rest)); struct (min (first + 1) (size - 1), rest) |])

    let private keys a t =
        let t = abs t

        if t < 1.0 then ((a + 2.0) * t - (a + 3.0)) * t * t + 1.0
        elif t < 2.0 then ((a * t - 5.0 * a) * t + 8.0 * a) * t - 4.0 * a
        else 0.0

    let private cubic alignCorners round size count scale : Taps =
        let step = spacing round alignCorners size count scale

        Array.init count (fun i ->
            let place = centre round alignCorners step i
            let first = floor place
            let rest = round (place - first)

            Array.init 4 (fun k ->
                struct (System.Math.Clamp(int first - 1 + k, 0, size - 1), round (keys -0.75 (rest + 1.0 - float k)))))

    /// A filter that reaches as far as the results lie apart.
    let private smooth (reach: float) (weigh: float -> float) alignCorners round size count scale : Taps =
        let step = spacing round alignCorners size count scale
        let stretch = max 1.0 step
        let support = round (reach * stretch)

        Array.init count (fun i ->
            let centre = round (step * (float i + 0.5))
            let first = max 0 (int (round (round (centre - support) + 0.5)))
            let last = min size (int (round (round (centre + support) + 0.5)))
            let weights = Array.init (last - first) (fun j -> weigh ((float (first + j) - centre + 0.5) / stretch))
            let total = Array.sum weights
            weights |> Array.mapi (fun j w -> struct (first + j, (if total <> 0.0 then w / total else w))))

    /// Element i covers [i size / count, (i + 1) size / count), rounded outwards.
    let private covered size count i =
        let start = int (int64 i * int64 size / int64 count)
        struct (start, int ((int64 (i + 1) * int64 size + int64 count - 1L) / int64 count))

    let private mean size count : Taps =
        Array.init count (fun i ->
            let struct (start, stop) = covered size count i
            Array.init (stop - start) (fun j -> struct (start + j, 1.0 / float (stop - start))))

    /// One dimension made anew. What is no floating number is taken from single places, which the filter must name.
    let private along axis (taps: Taps) (t: Tensor) =
        if Dtype.isFloating t.Dtype then
            let entries = Array.concat taps

            let matrix =
                { Columns = t.Shape[axis]
                  Starts = taps |> Array.scan (fun n sources -> n + sources.Length) 0
                  Places = entries |> Array.map (fun struct (place, _) -> place)
                  Weights = entries |> Array.map (fun struct (_, weight) -> weight) }

            Mixing.mix matrix axis t
        else
            let places = taps |> Array.map (fun sources -> (let struct (place, _) = sources[0] in int64 place))
            GatherScatter.select axis t (Constants.integers t [| places.Length |] places)

    /// Every spatial dimension, those that shrink most first, and among equals the last, where there is least to move.
    let private each (sizes: int[]) (taps: int -> int -> int -> Taps) (t: Tensor) =
        let lead = t.Rank - sizes.Length

        [ sizes.Length - 1 .. -1 .. 0 ]
        |> List.sortBy (fun d -> float sizes[d] / float t.Shape[lead + d])
        |> List.fold (fun (t: Tensor) d -> along (lead + d) (taps d t.Shape[lead + d] sizes[d]) t) t

    let private spatial (t: Tensor) (sizes: int[]) = Array.skip (t.Rank - sizes.Length) t.Shape

    /// The mean of as many regions as asked for, which cover the last dimensions (adaptive average pooling).
    let adaptiveMean (sizes: int list) (t: Tensor) : Tensor =
        let sizes = Array.ofList sizes
        let name = $"adaptive_avg_pool{sizes.Length}d"
        Patches.requireImage name sizes t

        if not (Dtype.isFloating t.Dtype) then
            raise (
                DtypeException
                    $"\"{name}\" not implemented for '{Dtype.scalarTypeName t.Dtype}': cast the tensor of shape {Shape.format t.Shape} with Tensor.cast Float32"
            )

        let input = spatial t sizes
        let shape = Array.append (Array.take (t.Rank - sizes.Length) t.Shape) sizes

        if Shape.count shape = 0 then
            Structure.zeros t shape
        elif Array.forall2 (fun size count -> size % count = 0) input sizes then
            let kernel = Array.map2 (/) input sizes
            let sums = Windows.sum (Patches.tiles input kernel) t
            Operands.withRight Functions.mul sums (Real(1.0 / float (Array.fold (*) 1 kernel)))
        else
            each sizes (fun _ size count -> mean size count) t

    /// The last dimensions in other sizes. Scales say how much larger the result is meant to be where sizes are rounded; without them
    /// it is size over size.
    let interpolate (how: Interpolation) (sizes: int list) (scales: float list) (t: Tensor) : Tensor =
        let counts = Array.ofList sizes

        if t.Rank < counts.Length + 2 then
            raise (
                ShapeException
                    $"Input and output must have the same number of spatial dimensions, but got input with {max 0 (t.Rank - 2)} spatial dimensions and output size of {Shape.format counts} (interpolate takes [N, C, ...])"
            )

        let input = spatial t counts

        if Array.exists (fun s -> s <= 0) input || Array.exists (fun s -> s <= 0) counts then
            raise (
                ShapeException
                    $"Input and output sizes should be greater than 0, but got input {Shape.format input} and output {Shape.format counts} (interpolate)"
            )

        let isNearest = how.Filter = Filter.Nearest || how.Filter = Filter.NearestExact

        if not (isNearest || Dtype.isFloating t.Dtype) then
            raise (
                DtypeException
                    $"\"compute_indices_weights_{(string how.Filter).ToLowerInvariant()}\" not implemented for '{Dtype.scalarTypeName t.Dtype}'"
            )

        let scale d = if scales.IsEmpty then ValueNone else ValueSome scales[d]
        let round = rounding t.Dtype

        let taps d size count =
            let filter =
                match how.Filter, how.Antialias with
                | Filter.Nearest, _ -> nearest false
                | Filter.NearestExact, _ -> nearest true
                | Filter.Linear, true -> smooth 1.0 (fun x -> max 0.0 (1.0 - abs x)) how.AlignCorners
                | Filter.Cubic, true -> smooth 2.0 (keys -0.5) how.AlignCorners
                | Filter.Cubic, false -> cubic how.AlignCorners
                | _ -> linear how.AlignCorners

            filter round size count (scale d)

        if how.Filter = Filter.Area then adaptiveMean sizes t else each counts taps t
