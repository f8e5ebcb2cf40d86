namespace Functional

open Functional.Contract

/// Cross entropy of logits with class numbers, row by row, with no probabilities in memory.
[<RequireQualifiedAccess>]
module CrossEntropy =
    let private mul = Operands.binary Functions.mul
    let private sub = Operands.binary Functions.sub

    /// One more axis of size 1, behind the others.
    let private column (t: Tensor) = Engine.reshape (Array.append t.Shape [| 1 |]) t

    /// log(sum(exp(row))) - row[class] for every row: logits [..., C] and classes (int64) [...] give [...].
    let rec losses (logits: Tensor) (classes: Tensor) : Tensor = Engine.bind (primitive ()) [| logits; classes |]

    /// The cotangent of the logits, in one pass where nothing differentiates or maps over it.
    and private pullback (logits: Tensor) (classes: Tensor) (cotangent: Tensor) : Tensor =
        match logits, classes, cotangent with
        | Concrete value, Concrete right, Concrete along ->
            value.Backend.CrossEntropyRowsPullback(Value.view value, Value.view right, Value.view along)
            |> View.contiguous value.Shape
            |> Value.ofView value.Backend
            |> Concrete
        | _ ->
            let axis = logits.Rank - 1
            let all = mul (Rows.softmax logits) (column cotangent)
            let taken = Operands.unary Functions.neg (column cotangent)
            GatherScatter.scatter ScatterAdd axis all (column classes) taken

    and primitive () : Primitive =
        { Name = "cross_entropy"
          Infer =
            fun specs ->
                let logits, classes = specs[0], specs[1]

                if not (Dtype.isFloating logits.Dtype) then
                    raise (
                        DtypeException
                            $"\"cross_entropy\" not implemented for '{Dtype.scalarTypeName logits.Dtype}': it takes floating-point logits; cast these of shape {Shape.format logits.Shape} with Tensor.cast Float32"
                    )

                if classes.Dtype <> Int64 then
                    raise (
                        DtypeException $"cross_entropy(): Expected dtype int64 for classes, but got {Dtype.name classes.Dtype}"
                    )

                if
                    logits.Shape.Length = 0
                    || not (Shape.equal classes.Shape (Array.removeAt (logits.Shape.Length - 1) logits.Shape))
                then
                    raise (
                        ShapeException
                            $"cross_entropy(): Expected one class for every row of the logits, but got classes of shape {Shape.format classes.Shape} and logits of shape {Shape.format logits.Shape}"
                    )

                { logits with Shape = classes.Shape }
          Eval =
            fun backend values ->
                backend.CrossEntropyRows(Value.view values[0], Value.view values[1])
                |> View.contiguous values[1].Shape
                |> Value.ofView backend
          Linearize =
            fun args _ i ->
                let logits, classes = args[0], args[1]
                let axis = logits.Rank - 1

                // The mean of the changes by the probabilities, less the change at the class.
                let moved t =
                    sub (Reductions.sum [| axis |] (mul (Rows.softmax logits) t)) (GatherScatter.gather axis t (column classes))
                    |> Engine.reshape classes.Shape

                if i > 0 then
                    ValueNone
                else
                    Engine.linear moved (fun c -> pullback logits classes c)
          Batch =
            fun size args flags ->
                let args = Engine.leadAll size args flags
                losses args[0] args[1] }
