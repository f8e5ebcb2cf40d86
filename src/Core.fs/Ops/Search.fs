namespace Functional

open Functional.Contract

/// Finding numbers among sorted ones, and counting what falls between them.
[<RequireQualifiedAccess>]
module Search =
    let private where condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]

    /// For every value of [.., m] the place among the sorted [.., n] before which it may be put: after what equals it, if `right`.
    /// A vector of sorted numbers goes for values of any shape. Halves the range in log2(n) passes.
    let sortedPlaces right (sorted: Tensor) (values: Tensor) : Tensor =
        if sorted.Rank <> 1 && values.Rank = 0 then
            raise (
                ShapeException
                    $"torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim({sorted.Rank}) and input value's dim(0) numel(1)"
            )

        let lead (t: Tensor) = Array.take (t.Rank - 1) t.Shape

        if sorted.Rank <> 1 && (values.Rank <> sorted.Rank || lead sorted <> lead values) then
            raise (
                ShapeException
                    $"torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor {Shape.format sorted.Shape} and input value tensor {Shape.format values.Shape}"
            )

        let dtype = Operands.promote sorted values
        let sorted, values = Engine.cast dtype sorted, Engine.cast dtype values
        let isVector = sorted.Rank = 1
        let queries = if isVector then Engine.reshape [| -1 |] values else values
        let axis = queries.Rank - 1
        let size = sorted.Shape[axis]
        // Not (mid >= value), so that nan comes behind all numbers.
        let stops = if right then Functions.gt else Functions.ge

        let rec narrow steps low high =
            if steps = 0 then
                low
            else
                let middle = Operands.withRight Functions.floorDivide (Engine.add low high) (Integer 2L)
                let within = Operands.withRight Functions.minimum middle (Integer(int64 (size - 1)))
                let found = Operands.binary stops (GatherScatter.gather axis sorted within) queries
                let isOpen = Operands.binary Functions.lt low high
                let rises = Operands.binary Functions.bitwiseAnd isOpen (Operands.unary Functions.logicalNot found)
                let sinks = Operands.binary Functions.bitwiseAnd isOpen found
                let above = Operands.withRight Functions.add middle (Integer 1L)
                narrow (steps - 1) (where rises above low) (where sinks middle high)

        let zeros = Operands.number queries Int64 queries.Shape (Integer 0L)

        let places =
            if size = 0 then
                zeros
            else
                let steps = System.Numerics.BitOperations.Log2(uint32 size) + 1
                narrow steps zeros (Operands.number queries Int64 queries.Shape (Integer(int64 size)))

        Engine.reshape values.Shape places

    /// Whether each element is one of others.
    let isIn (elements: Tensor) (others: Tensor) : Tensor =
        let dtype = Operands.promote elements others
        let elements, others = Engine.cast dtype elements, Engine.cast dtype (Engine.reshape [| -1 |] others)
        let size = others.Shape[0]

        if size = 0 then
            Engine.cast Bool (Structure.zeros elements elements.Shape)
        else
            let sorted = GatherScatter.gather 0 others (GatherScatter.argSort 0 false others)
            let place = sortedPlaces false sorted elements
            let within = Operands.withRight Functions.minimum place (Integer(int64 (size - 1)))
            let found = GatherScatter.gather 0 sorted (Engine.reshape [| -1 |] within) |> Engine.reshape elements.Shape
            Operands.binary Functions.eq found elements

    /// How often each number 0, 1, ... occurs, or the sum of the weights where it does: up to the largest, but at least so many.
    let binCount (weights: Tensor option) minimum (t: Tensor) : Tensor =
        if t.Rank <> 1 || not (Dtype.isInteger t.Dtype) then
            raise (ArgumentValueException "bincount only supports 1-d non-negative integral inputs.")

        let numbers = Tensor.toInt64s t

        if numbers |> Array.exists (fun n -> n < 0L) then
            raise (ArgumentValueException "bincount only supports 1-d non-negative integral inputs.")

        let size = Array.fold (fun n (i: int64) -> max n (int i + 1)) minimum numbers

        let weights =
            match weights with
            | Some w when not (Shape.equal w.Shape t.Shape) ->
                raise (ShapeException "weights should be 1-d and have the same length as input")
            | Some w when w.Dtype = Float32 -> w
            | Some w -> Engine.cast Float64 w
            | None -> Operands.number t Int64 t.Shape (Integer 1L)

        GatherScatter.scatter ScatterAdd 0 (Structure.zeros weights [| size |]) (Engine.cast Int64 t) weights

    /// Sums of weights (or counts) by place; places of -1 count nowhere.
    let private tally size (places: Tensor) (weights: Tensor) =
        let nowhere = Operands.withRight Functions.lt places (Integer 0L)
        let places = where nowhere (Operands.number places Int64 places.Shape (Integer(int64 size))) places

        GatherScatter.scatter ScatterAdd 0 (Structure.zeros weights [| size + 1 |]) places weights
        |> Structure.narrow 0 0 size

    /// The number of the bin in which each element lies, -1 outside of all; the last bin holds its upper edge.
    let private binOf (edges: Tensor) (t: Tensor) =
        let bins = edges.Shape[0] - 1
        let place = Operands.withRight Functions.sub (sortedPlaces true edges t) (Integer 1L)
        let atEnd = Operands.binary Functions.eq t (Structure.narrow 0 bins 1 edges)
        let last = Operands.number place Int64 place.Shape (Integer(int64 (bins - 1)))
        let beyond = Operands.withRight Functions.ge place (Integer(int64 bins))
        // The ends count, even where the edges between them are out of order.
        let below = Operands.binary Functions.lt t (Structure.narrow 0 0 1 edges)
        let above = Operands.binary Functions.gt t (Structure.narrow 0 bins 1 edges)
        let outside = Operands.binary Functions.bitwiseOr beyond (Operands.binary Functions.bitwiseOr below above)
        where atEnd last (where outside (Operands.number place Int64 place.Shape (Integer -1L)) place)

    /// Weights (counts, without any) in the bins between edges along each dimension of [count, dimensions]; divided by total and
    /// volume, if they are to be a density.
    let histogram (edges: Tensor list) (weights: Tensor option) density (points: Tensor) : Tensor =
        if edges.IsEmpty then
            raise (ArgumentValueException "torch.histogramdd: expected edges of bins for at least one dimension, but got none")

        for d, e in List.indexed edges do
            if e.Rank <> 1 || e.Shape[0] = 0 then
                raise (
                    ShapeException
                        $"torch.histogramdd: bins tensor should have one dimension, but got {e.Rank} dimensions in the bins tensor for dimension {d}: shape {Shape.format e.Shape}, where at least one edge is needed"
                )

            if e.Dtype <> points.Dtype then
                raise (
                    DtypeException
                        $"torch.histogramdd: bins tensors should have the same dtype as the input, but got {Dtype.name e.Dtype} and {Dtype.name points.Dtype}"
                )

        let count = points.Shape[0]

        let weights =
            match weights with
            | Some w -> Engine.reshape [| count |] w
            | None -> Operands.number points points.Dtype [| count |] (Real 1.0)

        let bins = edges |> List.map (fun e -> e.Shape[0] - 1) |> Array.ofList
        let strides = Shape.rowMajor bins

        let place =
            edges
            |> List.mapi (fun d edge -> binOf edge (Engine.reshape [| count |] (Structure.narrow 1 d 1 points)), strides[d])
            |> List.map (fun (place, stride) ->
                let nowhere = Operands.withRight Functions.lt place (Integer 0L)

                where
                    nowhere
                    (Operands.number place Int64 place.Shape (Integer -(1L <<< 40)))
                    (Operands.withRight Functions.mul place (Integer(int64 stride))))
            |> List.reduce Engine.add

        let sums = tally (Shape.count bins) place weights |> Engine.reshape bins

        if not density then
            sums
        else
            let width (e: Tensor) =
                let n = e.Shape[0] - 1
                Operands.binary Functions.sub (Structure.narrow 0 1 n e) (Structure.narrow 0 0 n e)

            let volumes =
                edges
                |> List.mapi (fun d e -> Engine.reshape (Array.create bins.Length 1 |> Array.updateAt d bins[d]) (width e))
                |> List.reduce (Operands.binary Functions.mul)

            Operands.binary
                Functions.div
                (Operands.binary Functions.div sums (Reductions.sum [| 0 .. bins.Length - 1 |] sums))
                volumes

    /// The range of numbers that a histogram covers: the data's own where none is asked for; never empty.
    let range (t: Tensor) (low: float) (high: float) : struct (float * float) =
        let low, high =
            if low = high && Shape.count t.Shape > 0 then
                Tensor.item (Tensor.min t), Tensor.item (Tensor.max t)
            else
                low, high

        if not (System.Double.IsFinite low && System.Double.IsFinite high) then
            raise (ArgumentValueException $"range of [{low}, {high}] is not finite")

        if low > high then
            raise (ArgumentValueException "max must be larger than min")

        if low = high then low - 1.0, high + 1.0 else low, high

    /// Counts in bins of one width; what lies outside counts nowhere (torch.histc).
    let counts bins (low: float) (high: float) (t: Tensor) : Tensor =
        if bins <= 0 then
            raise (ArgumentValueException $"torch.histc(): bins must be > 0, but got {bins}")

        let struct (low, high) = range t low high
        let flat = Engine.reshape [| -1 |] t
        let position = Operands.withRight Functions.sub flat (Real low)
        let position = Operands.withRight Functions.mul position (Real(float bins))
        let position = Operands.withRight Functions.div position (Real(high - low)) |> Operands.unary Functions.floor
        let within = Operands.withRight Functions.minimum position (Real(float (bins - 1)))

        let inside =
            Operands.binary
                Functions.bitwiseAnd
                (Operands.withRight Functions.ge flat (Real low))
                (Operands.withRight Functions.le flat (Real high))

        let nowhere = Operands.number flat Int64 flat.Shape (Integer -1L)
        tally bins (where inside (Engine.cast Int64 within) nowhere) (Operands.number flat flat.Dtype flat.Shape (Real 1.0))
