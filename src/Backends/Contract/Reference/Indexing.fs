namespace Functional.Contract

/// Moving elements about by index.
[<RequireQualifiedAccess>]
module Indexing =
    /// Every index must lie inside the axis before a single element moves.
    let check operation (index: View) axis size =
        Elements.iterate index.Shape (fun _ at ->
            match (Elements.get index at).AsInteger with
            | i when i < 0L || i >= int64 size ->
                raise (IndexWords.Error(IndexWords.Current, operation, i, axis, size, index.Shape))
            | _ -> ())

    /// Row-major positions of what holds.
    let truePositions (truths: View) =
        let found = ResizeArray<int64>()

        Elements.iterate truths.Shape (fun position at ->
            if (Elements.get truths at).AsInteger <> 0L then
                found.Add(int64 position))

        Elements.build Int64 [| found.Count |] (fun at -> Integer found[at[0]])

    let private indexAt (index: View) at = int (Elements.get index at).AsInteger

    let gather (source: View) axis (index: View) =
        let source = Elements.atLeastOneDimension source
        let index = Elements.atLeastOneDimension index
        check "gather" index axis source.Shape[axis]
        Elements.build source.Dtype index.Shape (fun at -> Elements.get source (Elements.at axis (indexAt index at) at))

    /// How a scattered value meets what stands at its place.
    let private meet mode dtype old value =
        match mode with
        | ScatterSet -> value
        | ScatterAdd -> Arithmetic.binary dtype Add old value
        | ScatterProduct -> Arithmetic.binary dtype Mul old value
        | ScatterMaximum -> Arithmetic.binary dtype Max old value
        | ScatterMinimum -> Arithmetic.binary dtype Min old value

    let scatter mode (target: View) axis (index: View) (source: View) =
        let target = Elements.atLeastOneDimension target
        let index = Elements.atLeastOneDimension index
        let source = Elements.atLeastOneDimension source
        check "scatter" index axis target.Shape[axis]
        let wide = Dtype.wide target.Dtype
        let result = View.contiguous target.Shape (Elements.build wide target.Shape (Elements.get target))

        Elements.iterate index.Shape (fun _ at ->
            let place = Elements.at axis (indexAt index at) at
            Elements.set result place (meet mode wide (Elements.get result place) (Elements.get source at)))

        Elements.build target.Dtype target.Shape (Elements.get result)

    let argSort (source: View) axis descending count =
        let source = Elements.atLeastOneDimension source
        let shape = source.Shape |> Array.updateAt axis count
        let result = View.contiguous shape (Elements.allocate Int64 (Shape.count shape))
        let sign = if descending then -1 else 1

        Elements.iterate (Elements.at axis 1 source.Shape) (fun _ index ->
            let value i = Elements.get source (Elements.at axis i index)

            List.init source.Shape[axis] id
            |> List.sortWith (fun i j -> sign * Arithmetic.order (value i) (value j))
            |> List.truncate count
            |> List.iteri (fun place i -> Elements.set result (Elements.at axis place index) (Integer(int64 i))))

        result.Buffer

    /// A sparse matrix applied along an axis.
    let mix (matrix: SparseMatrix) (source: View) axis =
        let source = Elements.atLeastOneDimension source

        Elements.build source.Dtype (Array.updateAt axis matrix.Rows source.Shape) (fun at ->
            Seq.init (matrix.Starts[at[axis] + 1] - matrix.Starts[at[axis]]) (fun k -> matrix.Starts[at[axis]] + k)
            |> Seq.sumBy (fun k -> matrix.Weights[k] * (Elements.get source (Elements.at axis matrix.Places[k] at)).AsFloat)
            |> Real)
