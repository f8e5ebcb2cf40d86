namespace Functional

open Functional.Contract

/// Differences, running sums of exponentials, covariances, and what is different in a tensor.
[<RequireQualifiedAccess>]
module Summaries =
    let private sub a b = Operands.binary Functions.sub a b
    let private mul a b = Operands.binary Functions.mul a b
    let private quotient a b = Operands.binary Functions.div a b
    let private times a (b: float) = Operands.withRight Functions.mul a (Real b)

    /// Differences of neighbours along a dimension, so many times over; those of truths are whether they differ.
    let differences count dim (t: Tensor) : Tensor =
        if t.Rank = 0 then
            raise (ShapeException "diff expects input to be at least one-dimensional")

        if count < 0 then
            raise (ArgumentValueException $"order must be non-negative but got {count}")

        let axis = Shape.dimension t.Rank dim

        let once (t: Tensor) =
            let n = max 0 (t.Shape[axis] - 1)
            let after, before = Structure.narrow axis (min 1 t.Shape[axis]) n t, Structure.narrow axis 0 n t

            if t.Dtype = Bool then
                Operands.binary Functions.bitwiseXor after before
            else
                sub after before

        Seq.replicate (min count t.Shape[axis]) once |> Seq.fold (|>) t

    /// log of the running sum of exponentials along a dimension, without overflow: partial sums double their reach step by step.
    let logCumulativeSumExp dim (t: Tensor) : Tensor =
        let t = Operands.floating t

        if t.Rank = 0 then
            t
        else
            let axis = Shape.dimension t.Rank dim
            let size = t.Shape[axis]

            let rec reach step (sums: Tensor) =
                if step >= size then
                    sums
                else
                    let rest = size - step
                    let first = Structure.narrow axis 0 step sums
                    let earlier = Structure.narrow axis 0 rest sums
                    let joined = Operands.binary Formulas.logAddExp (Structure.narrow axis step rest sums) earlier
                    reach (2 * step) (Structure.concat axis [| first; joined |])

            reach 1 t

    /// How many elements are not zero, over dimensions (all of them, if none is named).
    let countNonzero (dims: int list) (t: Tensor) : Tensor = Tensor.sumOver dims false (Engine.cast Int64 (Engine.cast Bool t))

    /// Covariances of variables (rows) over observations (columns), with how often each was observed and how much it counts.
    let covariance (correction: int) (frequencies: Tensor option) (weights: Tensor option) (t: Tensor) : Tensor =
        if t.Rank > 2 then
            raise (
                ShapeException $"cov(): expected input to have two or fewer dimensions but got an input with {t.Rank} dimensions"
            )

        match frequencies with
        | Some f when not (Dtype.isInteger f.Dtype) ->
            raise (
                DtypeException
                    $"cov(): expected fweights to have integral dtype but got fweights with {Dtype.scalarTypeName f.Dtype} dtype"
            )
        | _ -> ()

        match weights with
        | Some a when not (Dtype.isFloating a.Dtype) ->
            raise (
                DtypeException
                    $"cov(): expected aweights to have floating point dtype but got aweights with {Dtype.scalarTypeName a.Dtype} dtype"
            )
        | _ -> ()

        for name, given in [ "fweights", frequencies; "aweights", weights ] do
            match given with
            | Some w when Tensor.toFloat64s w |> Array.exists (fun x -> x < 0.0) ->
                raise (ArgumentValueException $"cov(): {name} cannot be negative")
            | _ -> ()

        let t = Operands.floating t

        let t =
            match weights with
            | Some a -> Engine.cast (Operands.promote t a) t
            | None -> t

        let rows = if t.Rank = 2 then t else Engine.reshape [| 1; -1 |] t
        let observations = rows.Shape[1]

        let check name (w: Tensor) =
            if w.Rank > 1 || Shape.count w.Shape <> observations then
                raise (
                    ShapeException
                        $"cov(): expected {name} to have the same numel as there are observations in the input but got {Shape.count w.Shape} != {observations}"
                )

            // In its own dtype: PyTorch adds weights up in it.
            Engine.reshape [| 1; observations |] (if Dtype.isFloating w.Dtype then w else Engine.cast Int64 w)

        let frequencies = frequencies |> Option.map (check "fweights")
        let own = weights |> Option.map (check "aweights")

        let weight =
            match frequencies, own with
            | Some f, Some a -> Some(mul f a)
            | Some w, None
            | None, Some w -> Some w
            | None, None -> None

        let one = Operands.number t t.Dtype [| 1; 1 |] (Real 1.0)
        let total = Reductions.sum [| 1 |]

        let mean, sum =
            match weight with
            | Some w -> quotient (total (mul rows w)) (total w), total w
            | None -> Reductions.average [| 1 |] rows, times one (float observations)

        let norm =
            match weight, own with
            | Some w, Some a when correction <> 0 -> sub sum (times (quotient (total (mul w a)) sum) (float correction))
            | _ -> Operands.withRight Functions.sub sum (Integer(int64 correction))

        // The number of observations that count is real, in whatever dtype it stands.
        let norm = Engine.cast (Dtype.toReal norm.Dtype) norm
        let norm = Operands.binary Functions.maximum norm (Structure.zeros norm norm.Shape) |> Engine.cast t.Dtype
        let centred = sub rows mean

        let weighted =
            match weight with
            | Some w -> mul centred w
            | None -> centred

        let others = Structure.swapAxes 0 1 weighted
        let others = if Dtype.isComplex t.Dtype then Operands.unary Functions.conj others else others
        let product = quotient (Tensor.matmul centred others) norm
        // One variable gives a number, whether it stood in a row or not.
        if rows.Shape[0] = 1 then Engine.reshape [||] product else product

    /// Covariances divided by both standard deviations.
    let correlation (t: Tensor) : Tensor =
        let c = covariance 1 None None t

        if c.Rank = 0 then
            quotient c c
        else
            let isComplex = Dtype.isComplex c.Dtype
            let real (t: Tensor) = if isComplex then Operands.unary Functions.realPart t else t
            let deviation = Operands.unary Functions.sqrt (real (Diagonals.diagonal 0 0 1 c))
            let n = deviation.Shape[0]
            let scaled = quotient (quotient c (Engine.reshape [| n; 1 |] deviation)) (Engine.reshape [| 1; n |] deviation)

            if isComplex then
                let part f = Tensor.clamp -1.0 1.0 (Operands.unary f scaled)
                Operands.binary Functions.complex (part Functions.realPart) (part Functions.imaginaryPart)
            else
                Tensor.clamp -1.0 1.0 scaled

    /// From where runs of equal items start (a truth for each): the number of each item's run, and the place of each run's first item.
    let private runs (starts: Tensor) =
        let numbers =
            Operands.withRight Functions.sub (Reductions.scan CumulativeSum 0 false (Engine.cast Int64 starts)) (Integer 1L)

        numbers, Engine.reshape [| -1 |] (Selection.nonzero starts)

    let private counted (numbers: Tensor) runs =
        let ones = Operands.number numbers Int64 numbers.Shape (Integer 1L)
        GatherScatter.scatter ScatterAdd 0 (Structure.zeros numbers [| runs |]) numbers ones

    /// Which items (rows of a matrix) differ from the one before.
    let private starts (items: Tensor) =
        let count = items.Shape[0]

        if count = 0 then
            Operands.number items Bool [| 0 |] (Boolean false)
        else
            let after, before = Structure.narrow 0 1 (count - 1) items, Structure.narrow 0 0 (count - 1) items
            let changes = Tensor.anyOver [ 1 ] false (Operands.binary Functions.ne after before)
            Structure.concat 0 [| Operands.number items Bool [| 1 |] (Boolean true); changes |]

    /// Slices along an axis (or single elements) as rows.
    let private items (axis: int option) (t: Tensor) =
        match axis with
        | None -> Engine.reshape [| Shape.count t.Shape; 1 |] t
        | Some axis ->
            (let moved = Structure.moveAxis axis 0 t in
             Engine.reshape [| moved.Shape[0]; Shape.count moved.Shape / max 1 moved.Shape[0] |] moved)

    /// The order of the rows, the first column counting most: stable sorts from the last column to the first.
    let private rowOrder (rows: Tensor) =
        let width = rows.Shape[1]
        let start = Creation.arange rows.Backend Int64 rows.Shape[0] 0 1

        [ width - 1 .. -1 .. 0 ]
        |> List.fold
            (fun order column ->
                let keys = GatherScatter.gather 0 (Engine.reshape [| -1 |] (Structure.narrow 1 column 1 rows)) order
                GatherScatter.gather 0 order (GatherScatter.argSort 0 false keys))
            start

    let private select (axis: int option) (t: Tensor) places =
        match axis with
        | None -> GatherScatter.gather 0 (Engine.reshape [| -1 |] t) places
        | Some axis -> GatherScatter.select axis t places

    let private shapeOf (axis: int option) (t: Tensor) (count: int) : Shape = if axis.IsNone then t.Shape else [| count |]

    /// The different elements in rising order (or slices along an axis), the number among them of each one, and how often each occurs.
    let unique (axis: int option) (t: Tensor) : Tensor * Tensor * Tensor =
        let rows = Structure.detach (items axis t)
        let order = rowOrder rows
        let sorted = GatherScatter.select 0 rows order
        let numbers, first = runs (starts sorted)
        let inverse = GatherScatter.scatter ScatterSet 0 numbers order numbers
        let values = select axis t (GatherScatter.gather 0 order first)
        values, Engine.reshape (shapeOf axis t rows.Shape[0]) inverse, counted numbers first.Shape[0]

    /// The same with only neighbours compared, in the order in which they stand.
    let uniqueConsecutive (axis: int option) (t: Tensor) : Tensor * Tensor * Tensor =
        let rows = Structure.detach (items axis t)
        let numbers, first = runs (starts rows)
        select axis t first, Engine.reshape (shapeOf axis t rows.Shape[0]) numbers, counted numbers first.Shape[0]
