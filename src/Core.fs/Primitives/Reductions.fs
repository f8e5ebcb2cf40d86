namespace Functional

open Functional.Contract

/// Folding along axes and running along one.
[<RequireQualifiedAccess>]
module Reductions =
    let private keep (axes: int[]) (shape: Shape) : Shape =
        shape |> Array.mapi (fun i size -> if Array.contains i axes then 1 else size)

    let private fold reduction axes dtype linearize batch : Primitive =
        { Name = string reduction
          Infer = fun specs -> { Dtype = dtype specs[0].Dtype; Shape = keep axes specs[0].Shape }
          Eval =
            fun _ values ->
                // A backend folds everything where no axis is named.
                if axes.Length = 0 then
                    values[0]
                else
                    Value.reduce reduction axes values[0] |> Views.reshape (keep axes values[0].Shape)
          Linearize = linearize
          Batch = fun _ args _ -> batch args[0] }

    let private shift = Array.map ((+) 1)

    /// The sum along axes, which stay with size 1.
    let sum (axes: int[]) (tensor: Tensor) = Engine.sumTo (keep axes tensor.Shape) tensor

    let private mean axes (tensor: Tensor) =
        let count = axes |> Array.fold (fun n axis -> n * tensor.Shape[axis]) 1
        Operands.withRight Functions.mul (sum axes tensor) (Real(1.0 / float count))

    /// The mean along axes, which stay with size 1.
    let average axes tensor = mean axes tensor

    /// The largest (or smallest) element along axes, which stay with size 1. Ties share the derivative evenly, as torch.amax has it.
    let rec extremum (reduction: Reduction) (axes: int[]) (tensor: Tensor) : Tensor =
        Engine.bind (extremumPrimitive reduction axes) [| tensor |]

    and extremumPrimitive reduction axes : Primitive =
        let linearize (args: Tensor[]) (result: Tensor) (_: int) =
            let x = args[0]
            let hits = Engine.pointwise Functions.eq [||] [| x; Engine.expand x.Shape result |] |> Engine.cast x.Dtype
            let share = Operands.binary Functions.div hits (sum axes hits)
            let weigh t = Operands.binary Functions.mul t share
            Engine.linear (weigh >> sum axes) (Engine.expand x.Shape >> weigh)

        fold reduction axes id linearize (extremum reduction (shift axes))

    /// The position of the largest (or smallest) element along one axis, which stays with size 1.
    let rec position (reduction: Reduction) (axis: int) (tensor: Tensor) : Tensor =
        Engine.bind (positionPrimitive reduction axis) [| tensor |]

    and positionPrimitive reduction axis : Primitive =
        fold reduction [| axis |] (fun _ -> Int64) Engine.constant (position reduction (axis + 1))

    /// A running fold along one axis, from the end if `reverse`.
    let rec scan (kind: ScanKind) (axis: int) (reverse: bool) (tensor: Tensor) : Tensor =
        Engine.bind (scanPrimitive kind axis reverse) [| tensor |]

    and scanPrimitive kind axis reverse : Primitive =
        let dtype source =
            match kind with
            | CumulativeArgMaximum
            | CumulativeArgMinimum -> Int64
            | CumulativeSum
            | CumulativeProduct
            | CumulativeMaximum
            | CumulativeMinimum -> source

        { Name = string kind
          Infer = fun specs -> { specs[0] with Dtype = dtype specs[0].Dtype }
          Eval =
            fun backend values ->
                backend.Scan(kind, Value.view values[0], axis, reverse)
                |> View.contiguous values[0].Shape
                |> Value.ofView backend
          Linearize =
            fun args _ _ ->
                match kind with
                | CumulativeSum -> Engine.linear (scan kind axis reverse) (scan kind axis (not reverse))
                | CumulativeProduct -> productSlopes axis reverse args[0]
                | CumulativeMaximum -> held CumulativeArgMaximum axis reverse args[0]
                | CumulativeMinimum -> held CumulativeArgMinimum axis reverse args[0]
                | CumulativeArgMaximum
                | CumulativeArgMinimum -> ValueNone
          Batch = fun _ args _ -> scan kind (axis + 1) reverse args[0] }

    /// A running extremum moves as the element that holds it.
    and private held position axis reverse x =
        let where = scan position axis reverse x

        Engine.linear (fun t -> GatherScatter.gather axis t where) (fun c ->
            GatherScatter.scatter ScatterAdd axis (Structure.zeros c x.Shape) where c)

    /// d y_k / d x_i is the product of all x_j up to k but x_i. As a table over (i, k) it is right at zeros, where
    /// y_k / x_i would not be; the table is itself a running product, so higher orders follow.
    and private productSlopes axis reverse x =
        let n = x.Shape[axis]
        let last = x.Rank
        let moved = x |> Structure.moveAxis axis (x.Rank - 1)
        let wide = moved |> Engine.reshape (Array.concat [ Array.take (x.Rank - 1) moved.Shape; [| 1; n |] ])
        let shape = Array.concat [ Array.take (x.Rank - 1) moved.Shape; [| n; n |] ]

        let positions axis shape =
            Creation.arange x.Backend Int64 n 0 1
            |> Engine.reshape (if axis = 0 then [| n; 1 |] else [| 1; n |])
            |> Engine.expand shape

        let rows, columns = positions 0 shape, positions 1 shape
        let compare f = Engine.pointwise f [||] [| rows; columns |]
        let choose condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]
        let one = Operands.number x x.Dtype shape (Integer 1L)
        let others = choose (compare Functions.eq) one (Engine.expand shape wide) |> scan CumulativeProduct last reverse
        let table = choose (compare (if reverse then Functions.ge else Functions.le)) others (Structure.zeros x shape)
        let back = Structure.moveAxis (x.Rank - 1) axis
        let weigh a b = Operands.binary Functions.mul a b

        let apply t =
            let t = Structure.moveAxis axis (x.Rank - 1) t
            let column = Engine.reshape (Array.append t.Shape [| 1 |]) t
            sum [| last - 1 |] (weigh table column) |> Engine.reshape t.Shape |> back

        let transpose c =
            let c = Structure.moveAxis axis (x.Rank - 1) c
            let row = Engine.reshape (Array.concat [ Array.take (x.Rank - 1) c.Shape; [| 1; n |] ]) c
            sum [| last |] (weigh (Engine.conj table) row) |> Engine.reshape c.Shape |> back

        Engine.linear apply transpose

    /// The product along one axis, which stays with size 1: the last of the running product.
    let product (axis: int) (tensor: Tensor) : Tensor =
        match tensor.Shape[axis] with
        | 0 -> Operands.number tensor tensor.Dtype (keep [| axis |] tensor.Shape) (Integer 1L)
        | n -> scan CumulativeProduct axis false tensor |> Structure.narrow axis (n - 1) 1
