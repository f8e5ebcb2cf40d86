namespace Functional.Contract

/// Attention by its definition, a row of scores at a time in double precision.
[<RequireQualifiedAccess>]
module Attending =
    let private rows (view: View) = view.Shape[view.Shape.Length - 2]
    let private columns (view: View) = view.Shape[view.Shape.Length - 1]

    let private batch (operands: AttentionOperands) : Shape =
        Array.truncate (operands.Query.Shape.Length - 2) operands.Query.Shape

    let private at (view: View) (index: int[]) i j = (Elements.get view (Array.append index [| i; j |])).AsFloat
    let private row view index i = Array.init (columns view) (at view index i)
    let private dot (a: float[]) (b: float[]) = Array.map2 (*) a b |> Array.sum

    /// How much query i looks at each key.
    let private weights (operands: AttentionOperands) index i : float[] =
        let query = row operands.Query index i

        let score j =
            let masked =
                match operands.Mask with
                | ValueSome mask -> at mask index i j
                | ValueNone -> 0.0

            if operands.IsCausal && j > i then
                -infinity
            else
                operands.Scale * dot query (row operands.Key index j) + masked

        let scores = Array.init (rows operands.Key) score
        let top = scores |> Array.fold (fun a b -> System.Math.Max(a, b)) -infinity
        let parts = scores |> Array.map (fun s -> exp (s - top))
        let total = Array.sum parts
        parts |> Array.map (fun p -> p / total)

    let private zeros (shape: Shape) = View.contiguous shape (Elements.build Float64 shape (fun _ -> Real 0.0))

    let private add (target: View) (index: int[]) i j (value: float) =
        let place = Array.append index [| i; j |]
        Elements.set target place (Real((Elements.get target place).AsFloat + value))

    let private rounded (like: View) (view: View) = Elements.build like.Dtype view.Shape (Elements.get view)

    let attend (operands: AttentionOperands) : Buffer =
        let values = operands.Values
        let result = zeros (Array.append (batch operands) [| rows operands.Query; columns values |])

        Elements.iterate (batch operands) (fun _ index ->
            for i in 0 .. rows operands.Query - 1 do
                weights operands index i
                |> Array.iteri (fun j weight ->
                    for c in 0 .. columns values - 1 do
                        add result index i c (weight * at values index j c)))

        rounded values result

    let pullback (operands: AttentionOperands) (cotangent: View) : Buffer[] =
        let query, key, values = operands.Query, operands.Key, operands.Values
        let toQuery, toKey, toValues = zeros query.Shape, zeros key.Shape, zeros values.Shape

        Elements.iterate (batch operands) (fun _ index ->
            for i in 0 .. rows query - 1 do
                let weights = weights operands index i
                let along = row cotangent index i
                let slopes = Array.init (rows key) (fun j -> dot along (row values index j))
                let mean = dot weights slopes

                weights
                |> Array.iteri (fun j weight ->
                    let score = operands.Scale * weight * (slopes[j] - mean)

                    for c in 0 .. columns values - 1 do
                        add toValues index j c (weight * along[c])

                    for e in 0 .. columns query - 1 do
                        add toQuery index i e (score * at key index j e)
                        add toKey index j e (score * at query index i e)))

        [| rounded query toQuery; rounded key toKey; rounded values toValues |]
