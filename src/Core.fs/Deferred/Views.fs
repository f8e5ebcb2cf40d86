namespace Functional

open Functional.Contract

/// Values whose elements lie in another order, copied only where strides cannot express it.
[<RequireQualifiedAccess>]
module internal Views =
    let private copy (backend: IBackend) (view: View) =
        let target = backend.Allocate(view.Dtype, Shape.count view.Shape) |> View.contiguous view.Shape
        backend.Copy(view, target)
        target

    /// The elements row-major and without gaps.
    let contiguous (value: Value) =
        match Value.tryConstant value with
        | ValueSome _ -> value
        | ValueNone ->
            let view = Value.view value

            if View.isContiguous view then
                value
            else
                Value.ofView value.Backend (copy value.Backend view)

    let reshape (shape: Shape) (value: Value) =
        let move (view: View) =
            match Shape.tryReshapeStrides view.Shape view.Strides shape with
            | ValueSome strides -> { view with Shape = shape; Strides = strides }
            | ValueNone -> { copy value.Backend view with Shape = shape; Strides = Shape.rowMajor shape }

        Value.restructure shape move value

    /// New memory holding one number everywhere.
    let filled (backend: IBackend) dtype shape number =
        let source =
            { Buffer = (Value.constant backend dtype Shape.scalar number |> Value.view).Buffer
              Offset = 0
              Shape = shape
              Strides = Array.zeroCreate shape.Length }

        copy backend source

    /// New memory holding what the value holds.
    let copyOf (value: Value) = copy value.Backend (Value.view value)
