namespace Functional

open Functional.Contract

/// Reading and writing at computed positions along one axis.
[<RequireQualifiedAccess>]
module GatherScatter =
    let private zeros = Structure.zeros

    let private checkIndex name (index: Spec) =
        if index.Dtype <> Int64 then
            raise (DtypeException $"{name}(): Expected dtype int64 for index, but got {Dtype.name index.Dtype}")

    /// result[.., p, ..] = source[.., index[.., p, ..], ..]: both agree in all dimensions but `axis`.
    let rec gather (axis: int) (source: Tensor) (index: Tensor) : Tensor = Engine.bind (gatherPrimitive axis) [| source; index |]

    and gatherPrimitive axis : Primitive =
        { Name = "gather"
          Infer =
            fun specs ->
                checkIndex "gather" specs[1]
                { specs[0] with Shape = specs[1].Shape }
          Eval =
            fun backend values ->
                let index = Value.view values[1]
                backend.Gather(Value.view values[0], axis, index) |> View.contiguous index.Shape |> Value.ofView backend
          Linearize =
            fun args _ i ->
                if i > 0 then
                    ValueNone
                else
                    let shape, index = args[0].Shape, args[1]
                    Engine.linear (fun t -> gather axis t index) (fun c -> scatter ScatterAdd axis (zeros c shape) index c)
          Batch =
            fun size args flags ->
                let args = Engine.leadAll size args flags
                gather (axis + 1) args[0] args[1] }

    /// A copy of the target where the source's values meet what stands at index along `axis`.
    and scatter (mode: ScatterMode) (axis: int) (target: Tensor) (index: Tensor) (source: Tensor) : Tensor =
        Engine.bind (scatterPrimitive mode axis) [| target; index; source |]

    and scatterPrimitive mode axis : Primitive =
        { Name = string mode
          Infer =
            fun specs ->
                checkIndex "scatter" specs[1]

                if specs[0].Dtype <> specs[2].Dtype then
                    raise (
                        DtypeException
                            $"scatter(): Expected self.dtype to be equal to src.dtype, but got {Dtype.name specs[0].Dtype} and {Dtype.name specs[2].Dtype}"
                    )

                specs[0]
          Eval =
            fun backend values ->
                backend.Scatter(mode, Value.view values[0], axis, Value.view values[1], Value.view values[2])
                |> View.contiguous values[0].Shape
                |> Value.ofView backend
          Linearize =
            fun args result i ->
                let target, index, source = args[0], args[1], args[2]
                let hole t = scatter ScatterSet axis t index (zeros t index.Shape)
                let into t = scatter mode axis (zeros t target.Shape) index t
                let from c = gather axis c index

                match mode, i with
                | _, 1 -> ValueNone
                | ScatterAdd, 0 -> Engine.symmetric id
                | ScatterSet, 0 -> Engine.symmetric hole
                // Where an index repeats, every writer gets the cotangent although the last one's value stays: as in PyTorch, which
                // calls it incorrect, but does not look for repetitions either.
                | (ScatterAdd | ScatterSet), _ -> Engine.linear into from
                | (ScatterMaximum | ScatterMinimum), _ -> extremumSlope axis target index source result i
                | ScatterProduct, _ -> productSlope axis target index source i
          Batch =
            fun size args flags ->
                let args = Engine.leadAll size args flags
                scatter mode (axis + 1) args[0] args[1] args[2] }

    /// Whoever equals the winner shares the derivative evenly, the target's own element included.
    and private extremumSlope axis target index source result i =
        let equal a b = Engine.pointwise Functions.eq [||] [| a; b |] |> Engine.cast result.Dtype
        let ours = equal source (gather axis result index)
        let kept = equal target result
        let count = scatter ScatterAdd axis kept index ours
        let times = Operands.binary Functions.mul
        let share c = Operands.binary Functions.div c count

        if i = 0 then
            Engine.symmetric (times kept >> share)
        else
            Engine.linear (fun t -> scatter ScatterAdd axis (zeros t target.Shape) index (times ours t) |> share) (fun c ->
                times ours (gather axis (share c) index))

    /// A product moves with each factor by the product of the others. Zeros are kept apart, so that nothing is divided by them:
    /// where a place has one zero, the others' product is that of the rest; where it has two, each moves the other's slope.
    and private productSlope axis target index source i =
        let choose condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]
        let times = Operands.binary Functions.mul
        let isZero x = Engine.pointwise Functions.eq [||] [| x; zeros x x.Shape |]
        let one (x: Tensor) = Operands.number x x.Dtype x.Shape (Integer 1L)
        let product a b = scatter ScatterProduct axis a index b
        let total a b = scatter ScatterAdd axis a index b
        let atTarget, atSource = isZero target, isZero source
        let rest = product (choose atTarget (one target) target) (choose atSource (one source) source)
        let nothing = product (choose atTarget target (one target)) (choose atSource source (one source))
        let count = total (Engine.cast target.Dtype atTarget) (Engine.cast source.Dtype atSource)

        let sum =
            total (choose atTarget target (zeros target target.Shape)) (choose atSource source (zeros source source.Shape))

        let others isZero x (place: Tensor -> Tensor) =
            let count, rest = place count, place rest
            let divisor = choose isZero (one x) x
            let among = times (Operands.binary Functions.div rest divisor) (place nothing)

            let second =
                choose
                    (Operands.withRight Functions.eq count (Real 2.0))
                    (Operands.binary Functions.sub (place sum) x)
                    (zeros x x.Shape)

            let alone = choose (Operands.withRight Functions.eq count (Real 1.0)) (one x) second
            choose isZero (times rest alone) among

        if i = 0 then
            let slope = others atTarget target id
            Engine.symmetric (times slope)
        else
            let slope = others atSource source (fun t -> gather axis t index)

            Engine.linear (fun t -> scatter ScatterAdd axis (zeros t target.Shape) index (times slope t)) (fun c ->
                times slope (gather axis c index))

    /// Positions that sort along an axis, stably; nan counts as the largest.
    let rec argSort (axis: int) (descending: bool) (tensor: Tensor) : Tensor =
        argFirst axis descending (if tensor.Rank = 0 then 1 else tensor.Shape[axis]) tensor

    /// The first `count` of these positions, which costs less than all.
    and argFirst (axis: int) (descending: bool) (count: int) (tensor: Tensor) : Tensor =
        Engine.bind (argSortPrimitive axis descending count) [| tensor |]

    and argSortPrimitive axis descending count : Primitive =
        let first (shape: Shape) = if shape.Length = 0 then shape else Array.updateAt axis count shape

        { Name = "argsort"
          Infer = fun specs -> { Dtype = Int64; Shape = first specs[0].Shape }
          Eval =
            fun backend values ->
                backend.ArgSort(Value.view values[0], axis, descending, count)
                |> View.contiguous (first values[0].Shape)
                |> Value.ofView backend
          Linearize = Engine.constant
          Batch = fun _ args _ -> argFirst (axis + 1) descending count args[0] }

    /// Slices of the source along `axis`, one for each element of an index vector.
    let select (axis: int) (source: Tensor) (index: Tensor) : Tensor =
        let shape = source.Shape |> Array.updateAt axis index.Shape[0]
        let column = Array.create source.Rank 1 |> Array.updateAt axis index.Shape[0]
        gather axis source (index |> Engine.reshape column |> Engine.expand shape)
