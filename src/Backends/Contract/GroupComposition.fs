namespace Functional.Contract

/// Group norm by other members of a backend, for backends without a kernel of their own; half precision in float32 throughout.
[<RequireQualifiedAccess>]
module GroupComposition =
    /// A view of [N, C, positions] as rows, [N, groups, elements of a group]; of a copy where it is not row-major.
    let rows (backend: IBackend) groups (view: View) : View =
        let shape = [| view.Shape[0]; groups; view.Shape[1] / groups * view.Shape[2] |]

        if View.isContiguous view then
            { view with Shape = shape; Strides = Shape.rowMajor shape }
        else
            let copy = backend.Allocate(view.Dtype, Shape.count view.Shape)
            backend.Copy(view, View.contiguous view.Shape copy)
            View.contiguous shape copy

    /// The channel of an element of `rows`.
    let channel groups (source: View) (index: int[]) = index[1] * (source.Shape[1] / groups) + index[2] / source.Shape[2]

    let private spread (shape: Shape) (column: View) = { column with Shape = shape; Strides = [| 0; column.Strides[0]; 0 |] }

    /// A pointwise function of views of one shape in a new buffer.
    let private map (backend: IBackend) dtype expr (views: View[]) =
        let inputs = views |> Array.map _.Dtype
        let lowered = Program.lower inputs dtype [| struct (expr, dtype) |]
        let result = backend.Allocate(dtype, Shape.count views[0].Shape)
        backend.Pointwise(lowered.Program, views[0].Shape, views, lowered.Constants, [| result |])
        View.contiguous views[0].Shape result

    let private cast backend dtype (view: View) = if view.Dtype = dtype then view else map backend dtype (Arg 0) [| view |]

    let private total (backend: IBackend) dtype expr (views: View[]) =
        let lowered = Program.lower (views |> Array.map _.Dtype) dtype [| struct (expr, dtype) |]
        backend.Reduce(Sum, lowered.Program, views[0].Shape, views, lowered.Constants, [| 0; 2 |])

    /// As NormalizeGroups.
    let normalize (backend: IBackend) (source: View) groups epsilon weight bias : Buffer =
        let shape = source.Shape
        let wide = cast backend (Dtype.compute source.Dtype) source
        let normal = backend.Rows(NormalizeRow epsilon, rows backend groups wide) |> View.contiguous shape
        (map backend source.Dtype (Arg 0 * Arg 1 + Arg 2) [| normal; spread shape weight; spread shape bias |]).Buffer

    /// As NormalizeGroupsPullback.
    let pullback (backend: IBackend) (source: View) groups epsilon weight (cotangent: View) : Buffer[] =
        let shape, compute = source.Shape, Dtype.compute source.Dtype
        let wide = rows backend groups (cast backend compute source)
        let weighted = map backend compute (Arg 0 * Arg 1) [| cotangent; spread shape weight |]

        let ofSource =
            backend.RowsPullback(NormalizeRow epsilon, wide, rows backend groups weighted) |> View.contiguous shape

        let normal = backend.Rows(NormalizeRow epsilon, wide) |> View.contiguous shape

        [| (cast backend source.Dtype ofSource).Buffer
           total backend source.Dtype (Arg 0 * Arg 1) [| cotangent; normal |]
           total backend source.Dtype (Arg 0) [| cotangent |] |]
