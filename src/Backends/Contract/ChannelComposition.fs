namespace Functional.Contract

/// Batch norm's members by other ones of a backend, for those without a kernel of their own; sums of half precision are in float32.
[<RequireQualifiedAccess>]
module ChannelComposition =
    let private lower (views: View[]) expr dtype = Program.lower (views |> Array.map _.Dtype) dtype [| struct (expr, dtype) |]

    /// A number for each channel, at every position.
    let private spread (shape: Shape) (column: View) = { column with Shape = shape; Strides = [| 0; column.Strides[0]; 0 |] }

    let private map (backend: IBackend) dtype expr (views: View[]) =
        let lowered = lower views expr dtype
        let result = backend.Allocate(dtype, Shape.count views[0].Shape)
        backend.Pointwise(lowered.Program, views[0].Shape, views, lowered.Constants, [| result |])
        View.contiguous views[0].Shape result

    /// Sums over batch and positions, by channel.
    let private total (backend: IBackend) dtype expr (views: View[]) =
        let lowered = lower views expr dtype
        let sums = backend.Reduce(Sum, lowered.Program, views[0].Shape, views, lowered.Constants, [| 0; 2 |])
        View.contiguous [| views[0].Shape[1] |] sums

    let private number (value: float) = ScalarExpr.real value

    /// As ChannelMoments.
    let moments (backend: IBackend) (source: View) : Buffer[] =
        let compute = Dtype.compute source.Dtype
        let count = number (float source.Shape[0] * float source.Shape[2])
        let average expr views = map backend compute (Arg 0 / count) [| total backend compute expr views |]
        let mean = average (Arg 0) [| source |]
        let distance = Arg 0 - Arg 1
        // What the first mean leaves puts its rounding error right.
        let rest = average distance [| source; spread source.Shape mean |]
        let mean = map backend compute (Arg 0 + Arg 1) [| mean; rest |]
        let variance = average (distance * distance) [| source; spread source.Shape mean |]
        [| mean; variance |] |> Array.map (fun moment -> (map backend source.Dtype (Arg 0) [| moment |]).Buffer)

    /// As NormalizeChannelsPullback.
    let pullback (backend: IBackend) (source: View) mean variance (epsilon: float) weight (cotangent: View) : Buffer[] =
        let compute, shape = Dtype.compute source.Dtype, source.Shape
        let count = number (float shape[0] * float shape[2])
        let deviation = map backend compute (Unary(Rsqrt, Arg 0 + number epsilon)) [| variance |]
        let wide = spread shape
        let ofBias = total backend compute (Arg 0) [| cotangent |]
        let along = total backend compute (Arg 0 * (Arg 1 - Arg 2)) [| cotangent; source; wide mean |]
        let ofWeight = map backend compute (Arg 0 * Arg 1) [| along; deviation |]

        let ofSource =
            let normal = (Arg 1 - Arg 2) * Arg 3

            map
                backend
                source.Dtype
                (Arg 4 * Arg 3 * (Arg 0 - Arg 5 / count - normal * Arg 6 / count))
                [| cotangent; source; wide mean; wide deviation; wide weight; wide ofBias; wide ofWeight |]

        [| ofSource.Buffer
           (map backend source.Dtype (Arg 0) [| ofWeight |]).Buffer
           (map backend source.Dtype (Arg 0) [| ofBias |]).Buffer |]
