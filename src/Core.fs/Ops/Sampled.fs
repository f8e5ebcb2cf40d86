namespace Functional

open Functional.Contract

/// How far apart the places lie at which a function was sampled.
type Spacing =
    /// The same everywhere.
    | Even of float
    /// The coordinates, one for each sample along the dimension.
    | Coordinates of Tensor

/// Integrals and derivatives of functions known at some places.
[<RequireQualifiedAccess>]
module Sampled =
    let private times a (b: float) = Operands.withRight Functions.mul a (Real b)
    let private mul a b = Operands.binary Functions.mul a b
    let private sub a b = Operands.binary Functions.sub a b
    let private quotient a b = Operands.binary Functions.div a b
    let private from axis start count t = Structure.narrow axis start count t

    /// Coordinates that are fewer than the samples' dimensions belong to the one along which they vary.
    let private aligned axis (y: Tensor) (x: Tensor) =
        if x.Rank = 1 then
            if x.Shape[0] <> y.Shape[axis] then
                raise (ShapeException $"trapezoid: There must be one `x` value for each sample point")

            Engine.reshape (Array.create y.Rank 1 |> Array.updateAt axis x.Shape[0]) x
        elif x.Rank < y.Rank then
            Engine.reshape (Array.append (Array.create (y.Rank - x.Rank) 1) x.Shape) x
        else
            x

    /// The areas of the trapezoids between neighbouring samples, twice over.
    let private areas axis spacing (y: Tensor) =
        let n = y.Shape[axis]
        let sums = Engine.add (from axis 1 (n - 1) y) (from axis 0 (n - 1) y)

        match spacing with
        | Even step -> times sums step
        | Coordinates x ->
            let x = aligned axis y x
            let last = axis - y.Rank + x.Rank
            let m = x.Shape[last]
            let steps = sub (from last 1 (m - 1) x) (from last 0 (m - 1) x)
            mul steps sums

    let private axisOf name dim (y: Tensor) =
        if y.Rank = 0 then
            raise (IndexException $"{name}: expected samples with at least one dimension")

        Shape.dimension y.Rank dim

    let private reduced axis (t: Tensor) = Engine.reshape (Array.removeAt axis t.Shape) t

    /// The integral along a dimension by the trapezoidal rule.
    let trapezoid spacing dim (y: Tensor) : Tensor =
        let axis = axisOf "trapezoid" dim y

        if y.Shape[axis] < 1 then
            Structure.zeros y (Array.removeAt axis y.Shape)
        else
            let areas = areas axis spacing y |> Operands.floating
            times (Reductions.sum [| axis |] areas |> reduced axis) 0.5

    /// The integrals up to every sample but the first, along a dimension, by the trapezoidal rule.
    let cumulativeTrapezoid spacing dim (y: Tensor) : Tensor =
        let axis = axisOf "cumulative_trapezoid" dim y
        let areas = areas axis spacing y |> Operands.floating
        times (Reductions.scan CumulativeSum axis false areas) 0.5

    /// The derivative along an axis: second order inside, at the ends of the given order (Fornberg 1988).
    let private derivative order axis spacing (t: Tensor) =
        let n = t.Shape[axis]

        if n < order + 1 then
            raise (
                ShapeException
                    $"torch.gradient expected each dimension size to be at least edge_order+1, but dimension {axis} has size {n}"
            )

        let at i = from axis i 1 t
        let inner = n - 2
        let difference start = sub (from axis (start + 1) 1 t) (from axis start 1 t)

        match spacing with
        | Even step ->
            let middle = times (sub (from axis 2 inner t) (from axis 0 inner t)) (0.5 / step)

            let first, last =
                if order = 1 then
                    times (difference 0) (1.0 / step), times (difference (n - 2)) (1.0 / step)
                else
                    let edge a b c sign =
                        Engine.add
                            (Engine.add (times (at a) (-1.5 * sign / step)) (times (at b) (2.0 * sign / step)))
                            (times (at c) (-0.5 * sign / step))

                    edge 0 1 2 1.0, edge (n - 1) (n - 2) (n - 3) -1.0

            Structure.concat axis [| first; middle; last |]
        | Coordinates x ->
            if x.Rank <> 1 || x.Shape[0] <> n then
                raise (
                    ShapeException
                        $"torch.gradient expected each element of spacing to have one dimension, but got an element with {x.Rank} dimensions! Its shape is {Shape.format x.Shape}, where dimension {axis} has {n} samples"
                )

            let x = Engine.cast t.Dtype x

            let steps =
                sub (from 0 1 (n - 1) x) (from 0 0 (n - 1) x)
                |> Engine.reshape (Array.create t.Rank 1 |> Array.updateAt axis (n - 1))

            let before, after = from axis 0 inner steps, from axis 1 inner steps
            let both = Engine.add before after
            let a = Operands.unary Functions.neg (quotient after (mul before both))
            let b = quotient (sub after before) (mul before after)
            let c = quotient before (mul after both)

            let middle =
                Engine.add (Engine.add (mul a (from axis 0 inner t)) (mul b (from axis 1 inner t))) (mul c (from axis 2 inner t))

            let first, last =
                if order = 1 then
                    quotient (difference 0) (from axis 0 1 steps), quotient (difference (n - 2)) (from axis (n - 2) 1 steps)
                else
                    // The parabola through the three outermost samples; near is the step next to the edge.
                    let edge near far p q r sign =
                        let both = Engine.add near far
                        let a = Operands.unary Functions.neg (quotient (Engine.add both near) (mul near both))
                        let b = quotient both (mul near far)
                        let c = Operands.unary Functions.neg (quotient near (mul far both))
                        times (Engine.add (Engine.add (mul a (at p)) (mul b (at q))) (mul c (at r))) sign

                    edge (from axis 0 1 steps) (from axis 1 1 steps) 0 1 2 1.0,
                    edge (from axis (n - 2) 1 steps) (from axis (n - 3) 1 steps) (n - 1) (n - 2) (n - 3) -1.0

            Structure.concat axis [| first; middle; last |]

    /// The derivatives along dimensions, each with its spacing; at the edges of the first or the second order.
    let gradient edgeOrder (spacings: (int * Spacing) list) (t: Tensor) : Tensor list =
        if edgeOrder <> 1 && edgeOrder <> 2 then
            raise (ArgumentValueException $"torch.gradient only supports edge_order=1 and edge_order=2, but got {edgeOrder}")

        let axes = spacings |> List.map (fst >> Shape.dimension t.Rank)

        if List.length (List.distinct axes) <> axes.Length then
            raise (ArgumentValueException $"dim {axes} appears multiple times in the list of dims (gradient)")

        let t = Operands.floating t
        List.map2 (fun axis (_, spacing) -> derivative edgeOrder axis spacing t) axes spacings
