namespace Functional

open Functional.Contract

/// What lies outside of an image that is read at places.
[<RequireQualifiedAccess>]
type Outside =
    | Zeros
    /// The nearest element of the edge.
    | Border
    /// The image, mirrored as often as it takes.
    | Reflection

/// Reading images at places that a grid names (Jaderberg et al. 2015).
[<RequireQualifiedAccess>]
module GridSampling =
    let private mul a b = Operands.binary Functions.mul a b
    let private with' f t (number: float) = Operands.withRight f t (Real number)
    let private pointwise f (numbers: float list) t = Engine.pointwise f [| for n in numbers -> Real n |] [| t |]

    /// One neighbour of each place along one dimension: where it is, what it weighs, and whether it is inside.
    type private Neighbour = { Place: Tensor; Weight: Tensor voption; Inside: Tensor voption }

    /// Where coordinates outside come to lie.
    let private settle outside alignCorners size (t: Tensor) =
        let last = float (size - 1)
        let clip = pointwise Formulas.hardtanh [ 0.0; last ]

        match outside with
        | Outside.Zeros -> t
        | Outside.Border -> clip t
        | Outside.Reflection when alignCorners && size = 1 -> with' Functions.mul t 0.0 |> clip
        | Outside.Reflection when alignCorners -> pointwise LayerFormulas.reflect [ last; 0.0 ] t |> clip
        | Outside.Reflection -> pointwise LayerFormulas.reflect [ float size; -0.5 ] t |> clip

    let private neighbour outside size weight (whole: Tensor) =
        let inside =
            if outside = Outside.Zeros then
                let from = with' Functions.ge whole 0.0
                ValueSome(Operands.binary Functions.bitwiseAnd from (with' Functions.lt whole (float size)))
            else
                ValueNone

        let bounded =
            Engine.pointwise Formulas.hardtanh [| Real 0.0; Real(float (size - 1)) |] [| Structure.detach whole |]
        // What is no number reads the first element.
        let bounded = Engine.pointwise Formulas.nanToNum [| Real 0.0; Real 0.0; Real 0.0 |] [| bounded |]
        { Place = Engine.cast Int64 bounded; Weight = weight; Inside = inside }

    let private neighbours filter outside alignCorners size (coordinate: Tensor) : Neighbour list =
        let unit =
            if alignCorners then
                LayerFormulas.placeOfCorners
            else
                LayerFormulas.placeOfEdges

        let raw = pointwise unit [ float size ] coordinate
        let settle = settle outside alignCorners size

        match filter with
        | Filter.Linear ->
            let place = settle raw
            let first = Structure.detach (Operands.unary Functions.floor place)
            let rest = Operands.binary Functions.sub place first
            let other = Operands.withLeft Functions.sub (Real 1.0) rest

            [ neighbour outside size (ValueSome other) first
              neighbour outside size (ValueSome rest) (with' Functions.add first 1.0) ]
        | Filter.Cubic ->
            let first = Structure.detach (Operands.unary Functions.floor raw)
            let rest = Operands.binary Functions.sub raw first

            [ LayerFormulas.cubicFirst; LayerFormulas.cubicSecond; LayerFormulas.cubicThird; LayerFormulas.cubicFourth ]
            |> List.mapi (fun k weigh ->
                let place = settle (with' Functions.add first (float (k - 1)))
                neighbour outside size (ValueSome(pointwise weigh [] rest)) place)
        | _ -> [ neighbour outside size ValueNone (Operands.unary Functions.round (settle raw)) ]

    let private product (f: Tensor -> Tensor -> Tensor) (parts: Tensor voption list) =
        parts
        |> List.choose (fun p -> if p.IsSome then Some p.Value else None)
        |> function
            | [] -> ValueNone
            | parts -> ValueSome(List.reduce f parts)

    let rec private combinations (lists: 'T list list) : 'T list list =
        match lists with
        | [] -> [ [] ]
        | head :: rest ->
            (let rest = combinations rest in

             [ for h in head do
                   for r in rest -> h :: r ])

    /// [N, C, ...] read at the places of a grid [N, ..., dimensions], whose last dimension counts x, y (, z) from -1 to 1:
    /// [N, C, ...] in the grid's sizes. Filters: Nearest, Linear, and (for images) Cubic.
    let sample (filter: Filter) (outside: Outside) alignCorners (grid: Tensor) (t: Tensor) : Tensor =
        let dimensions = t.Rank - 2
        let fail text = raise (ShapeException $"grid_sampler(): {text}")

        if dimensions <> 2 && dimensions <> 3 || grid.Rank <> t.Rank then
            fail
                $"expected 4D or 5D input and grid with same number of dimensions, but got input with sizes {Shape.format t.Shape} and grid with sizes {Shape.format grid.Shape}"

        if t.Shape[0] <> grid.Shape[0] then
            fail
                $"expected grid and input to have same batch size, but got input with sizes {Shape.format t.Shape} and grid with sizes {Shape.format grid.Shape}"

        if grid.Shape[t.Rank - 1] <> dimensions then
            fail $"expected grid to have size {dimensions} in last dimension, but got grid with sizes {Shape.format grid.Shape}"

        for d in 2 .. t.Rank - 1 do
            if t.Shape[d] = 0 then
                fail
                    $"expected input to have non-empty spatial dimensions, but input has sizes {Shape.format t.Shape} with dimension {d} being empty"

        if filter = Filter.Cubic && dimensions = 3 then
            fail "bicubic interpolation only supports 4D input"

        if t.Dtype <> grid.Dtype then
            raise (
                DtypeException
                    $"expected scalar type {Dtype.scalarTypeName t.Dtype} but found {Dtype.scalarTypeName grid.Dtype} (grid_sample: input and grid need one dtype)"
            )

        let n, channels = t.Shape[0], t.Shape[1]
        let sizes = Array.skip 2 t.Shape
        let shape = Array.sub grid.Shape 1 dimensions
        let places = Shape.count shape
        let strides = Shape.rowMajor sizes
        let plane = Engine.reshape [| n; channels; Shape.count sizes |] t
        let flat = Engine.reshape [| n; places; dimensions |] grid

        let along =
            [ for d in 0 .. dimensions - 1 ->
                  let coordinate = Structure.narrow 2 (dimensions - 1 - d) 1 flat |> Engine.reshape [| n; 1; places |]
                  neighbours filter outside alignCorners sizes[d] coordinate ]

        let read (corner: Neighbour list) =
            let index =
                corner
                |> List.mapi (fun d one -> Operands.withRight Functions.mul one.Place (Integer(int64 strides[d])))
                |> List.reduce (Operands.binary Functions.add)

            let seen = GatherScatter.gather 2 plane (Engine.expand [| n; channels; places |] index)

            let seen =
                match corner |> List.map _.Inside |> product (Operands.binary Functions.bitwiseAnd) with
                | ValueSome inside ->
                    let nothing = Structure.zeros seen seen.Shape
                    Engine.pointwise Functions.where [||] [| Engine.expand seen.Shape inside; seen; nothing |]
                | ValueNone -> seen

            match corner |> List.map _.Weight |> product mul with
            | ValueSome weight -> mul seen weight
            | ValueNone -> seen

        combinations along
        |> List.map read
        |> List.reduce (Operands.binary Functions.add)
        |> Engine.reshape (Array.append [| n; channels |] shape)

    /// -1 ... 1 in even steps: at the elements' centres, or from the first centre to the last if corners are aligned.
    let private steps (like: Tensor) alignCorners count =
        let data =
            Array.init count (fun i ->
                if alignCorners then
                    (if count > 1 then -1.0 + 2.0 * float i / float (count - 1) else 0.0)
                else
                    (2.0 * float i + 1.0) / float count - 1.0)

        Constants.reals like [| count |] data

    /// The grid [N, ..., dimensions] that affine maps [N, dimensions, dimensions + 1] make of the given spatial sizes.
    let affine (sizes: int list) alignCorners (theta: Tensor) : Tensor =
        let sizes = Array.ofList sizes
        let dimensions = sizes.Length
        let column d = Array.create (dimensions + 1) 1 |> Array.updateAt d sizes[d]

        let ones = Operands.number theta theta.Dtype (Array.append sizes [| 1 |]) (Real 1.0)

        let coordinate d = steps theta alignCorners sizes[d] |> Engine.reshape (column d) |> Engine.expand ones.Shape

        let coordinates = List.map coordinate [ dimensions - 1 .. -1 .. 0 ] @ [ ones ]
        let places = Structure.concat dimensions (Array.ofList coordinates) |> Engine.reshape [| 1; -1; dimensions + 1 |]
        let n = theta.Shape[0]
        let places = Engine.expand [| n; Shape.count sizes; dimensions + 1 |] places

        Contraction.product false true places theta
        |> Engine.reshape (Array.concat [ [| n |]; sizes; [| dimensions |] ])
