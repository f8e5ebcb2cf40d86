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
                | ScatterAdd, _ -> Engine.linear into from
                | ScatterSet, _ -> Engine.linear into (lastOnly axis target.Shape index << from)
                | (ScatterMaximum | ScatterMinimum), _ -> extremumSlope axis target index source result i
                | ScatterProduct, _ ->
                    raise (
                        DifferentiationException
                            "scatter with reduce='prod' has no derivative here; use scatter_add of logarithms"
                    )
          Batch =
            fun size args flags ->
                let args = Engine.leadAll size args flags
                scatter mode (axis + 1) args[0] args[1] args[2] }

    /// Zero wherever an index repeats and a later element was written over this one.
    and private lastOnly axis (shape: Shape) index (t: Tensor) =
        let column = Array.create t.Rank 1 |> Array.updateAt axis t.Shape[axis]
        let order = Creation.arange t.Backend Int64 t.Shape[axis] 0 1 |> Engine.reshape column |> Engine.expand t.Shape
        let written = gather axis (scatter ScatterSet axis (zeros order shape) index order) index
        let stays = Engine.pointwise Functions.eq [||] [| written; order |]
        Engine.pointwise Functions.where [||] [| stays; t; zeros t t.Shape |]

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

    /// Positions that sort along an axis, stably; nan counts as the largest.
    let rec argSort (axis: int) (descending: bool) (tensor: Tensor) : Tensor =
        Engine.bind (argSortPrimitive axis descending) [| tensor |]

    and argSortPrimitive axis descending : Primitive =
        { Name = "argsort"
          Infer = fun specs -> { specs[0] with Dtype = Int64 }
          Eval =
            fun backend values ->
                backend.ArgSort(Value.view values[0], axis, descending)
                |> View.contiguous values[0].Shape
                |> Value.ofView backend
          Linearize = Engine.constant
          Batch = fun _ args _ -> argSort (axis + 1) descending args[0] }

    /// Slices of the source along `axis`, one for each element of an index vector.
    let select (axis: int) (source: Tensor) (index: Tensor) : Tensor =
        let shape = source.Shape |> Array.updateAt axis index.Shape[0]
        let column = Array.create source.Rank 1 |> Array.updateAt axis index.Shape[0]
        gather axis source (index |> Engine.reshape column |> Engine.expand shape)
