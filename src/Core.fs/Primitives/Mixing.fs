namespace Functional

open Functional.Contract

/// Sparse matrices along one axis: resampling, windows that overlap, means of regions.
[<RequireQualifiedAccess>]
module Mixing =
    /// Element i along `axis` of the result is the weighted sum of what row i of the matrix names along that axis of the tensor.
    let rec mix (matrix: SparseMatrix) (axis: int) (tensor: Tensor) : Tensor = Engine.bind (mixPrimitive matrix axis) [| tensor |]

    and mixPrimitive matrix axis : Primitive =
        let mixed (shape: Shape) : Shape = Array.updateAt axis matrix.Rows shape

        { Name = "mix"
          Infer =
            fun specs ->
                let shape = specs[0].Shape

                if axis >= shape.Length || shape[axis] <> matrix.Columns then
                    raise (
                        ShapeException
                            $"mix: a matrix of {matrix.Columns} columns does not fit dimension {axis} of a tensor of shape {Shape.format shape}"
                    )

                if not (Dtype.isFloating specs[0].Dtype) then
                    raise (DtypeException $"\"mix\" not implemented for '{Dtype.scalarTypeName specs[0].Dtype}'")

                { specs[0] with Shape = mixed shape }
          Eval =
            fun backend values ->
                backend.Mix(matrix, Value.view values[0], axis)
                |> View.contiguous (mixed values[0].Shape)
                |> Value.ofView backend
          Linearize = fun _ _ _ -> Engine.linear (mix matrix axis) (fun c -> mix matrix.Transpose axis c)
          Batch = fun _ args _ -> mix matrix (axis + 1) args[0] }
