namespace Functional

open Functional.Contract

/// Where the elements of a value are.
[<RequireQualifiedAccess>]
type internal ValueState =
    /// One number everywhere; no memory.
    | Constant of Scalar
    | Stored of View
    /// Given up by `donate`; its memory may hold something else by now.
    | Donated

/// The elements of a tensor below all levels of differentiation: a number repeated, memory, or work not done yet.
[<Sealed; AllowNullLiteral>]
type Value internal (backend: IBackend, dtype: Dtype, shape: Shape, initial: ValueState) =
    let mutable state = initial
    member _.Backend = backend
    member _.Dtype = dtype
    member _.Shape = shape

    member internal _.State
        with get () = state
        and set next = state <- next

/// What can be done with values: everything pointwise may be put off until something looks.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Value =
    let ofView (backend: IBackend) (view: View) =
        Value(backend, view.Dtype, view.Shape, ValueState.Stored view)

    /// The same number at every position of `shape`.
    let constant backend dtype shape (number: Scalar) =
        Value(backend, dtype, shape, ValueState.Constant(Scalar.toDtype dtype number))

    /// The number of a value that is known to be constant.
    let tryConstant (value: Value) =
        match value.State with
        | ValueState.Constant number -> ValueSome number
        | _ -> ValueNone

    let private fill = PointwiseFunction("fill", Param 0)

    let private store (backend: IBackend) dtype (number: Scalar) =
        let lowered = Program.lower [||] dtype [| struct (fill.Expr, dtype) |]
        let buffer = backend.Allocate(dtype, 1)
        backend.Pointwise(lowered.Program, Shape.scalar, [||], [| number |], [| buffer |])
        buffer

    /// The elements in memory, computed now if they were put off. Raises if the value was donated.
    let view (value: Value) : View =
        match value.State with
        | ValueState.Stored view -> view
        | ValueState.Constant number ->
            let buffer = store value.Backend value.Dtype number

            let view =
                { Buffer = buffer
                  Offset = 0
                  Shape = value.Shape
                  Strides = Array.zeroCreate value.Shape.Length }

            value.State <- ValueState.Stored view
            view
        | ValueState.Donated ->
            raise (DifferentiationException "this tensor was donated to an operation that has taken over its memory; keep a copy, or do not donate it")

    /// Computes several values together, sharing what they share.
    let forceAll (values: Value[]) = values |> Array.iter (view >> ignore)

    /// Allows the next evaluation to write its results into this value's memory. The value must not be used again.
    let donate (_: Value) = ()

    /// A value of another shape over the same elements.
    let restructure (shape: Shape) (move: View -> View) (value: Value) =
        match value.State with
        | ValueState.Constant _ when Shape.count shape > 0 || Shape.count value.Shape = 0 ->
            Value(value.Backend, value.Dtype, shape, value.State)
        | _ -> ofView value.Backend (move (view value))

    /// Applies a function to values of equal shape on one backend.
    let pointwise (f: PointwiseFunction) (args: Value[]) (parameters: Scalar[]) : Value =
        let struct (lowered, result) = f.Lower(args |> Array.map _.Dtype)
        let first = args[0]
        let shape = first.Shape
        let backend = first.Backend
        let output = backend.Allocate(result, Shape.count shape)
        backend.Pointwise(lowered.Program, shape, args |> Array.map view, Array.append parameters lowered.Constants, [| output |])
        ofView backend (View.contiguous shape output)

    let private identity = PointwiseFunction("identity", Arg 0)

    /// Folds along axes (all, if empty); the work put off on the way there is done in the same pass.
    let reduce (reduction: Reduction) (axes: int[]) (value: Value) : Value =
        let struct (lowered, _) = identity.Lower [| value.Dtype |]

        let buffer =
            value.Backend.Reduce(reduction, lowered.Program, value.Shape, [| view value |], lowered.Constants, axes)

        let shape =
            if axes.Length = 0 then Shape.scalar
            else value.Shape |> Array.indexed |> Array.filter (fun (i, _) -> not (Array.contains i axes)) |> Array.map snd

        ofView value.Backend (View.contiguous shape buffer)
