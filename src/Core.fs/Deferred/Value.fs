namespace Functional

open System
open Functional.Contract

/// What can be done with values: everything pointwise may be put off until something looks.
/// Arguments of one call have one shape and one backend; whoever calls has checked that.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Value =
    let private none: Value[] = [||]

    /// A value over memory that a backend has filled. The view's elements must never change again.
    let ofView (backend: IBackend) (view: View) = Node.stored backend (Shape.count view.Shape) view

    /// The same number at every position of `shape`; costs no memory.
    let constant (backend: IBackend) dtype (shape: Shape) (number: Scalar) =
        Value(backend, dtype, shape, Shape.count shape, ValueState.Constant(Element.round dtype number, null))

    /// The number of a value that is known to be constant.
    let tryConstant (value: Value) =
        match value.State with
        | ValueState.Constant(number = number) -> ValueSome number
        | _ -> ValueNone

    let private identity = PointwiseFunction("identity", Arg 0)

    /// Runs a program for one new value, now.
    let private compute (backend: IBackend) dtype (shape: Shape) count (program: Fused) (inputs: View[]) (numbers: Scalar[]) =
        let buffer = backend.Allocate(dtype, count)
        backend.Pointwise(program.Program, shape, inputs, program.Parameters numbers, [| buffer |])
        GC.KeepAlive inputs

        let strides =
            if inputs.Length > 0 && View.isContiguous inputs[0] then
                inputs[0].Strides
            else
                Shape.rowMajor shape

        Node.stored backend count { Buffer = buffer; Offset = 0; Shape = shape; Strides = strides }

    /// The one element of a constant as memory.
    let private element (value: Value) number =
        let program = identity.For(value.Dtype).WithNumbers 1
        let buffer = value.Backend.Allocate(value.Dtype, 1)
        value.Backend.Pointwise(program.Program, Shape.scalar, [||], program.Parameters [| number |], [| buffer |])
        buffer

    /// The elements in memory, computed now if they were put off. The view is for use at once: it is no owner, and
    /// means nothing after the value was donated. Raises DonationException if that has happened.
    let rec view (value: Value) : View =
        match value.State with
        | ValueState.Stored view -> view
        | ValueState.Constant(number, memory) ->
            let memory =
                if isNull memory then
                    let made = element value number
                    // This state is an owner too: views on the memory may come and go.
                    made.AddOwner()
                    value.State <- ValueState.Constant(number, made)
                    made
                else
                    memory

            { Buffer = memory; Offset = 0; Shape = value.Shape; Strides = Array.zeroCreate value.Shape.Length }
        | ValueState.Pending _
        | ValueState.Computing _ ->
            Evaluate.force value
            view value
        | ValueState.Donated _ -> Node.refuse Node.donated
        | ValueState.Gone reason -> Node.refuse reason

    /// Computes several values now: those that share work or memory in common passes with several outputs. An optimizer
    /// ends with this, for its new parameters and its new state at once.
    let forceAll (values: Value[]) = Evaluate.forceAll values

    /// Gives a value up: using it from now on raises DonationException, and the next evaluation may write its results
    /// into the value's memory. Build everything that reads the value first, then donate it, then force the results.
    /// Pending values that depend on it must be among what is forced with them; those that are not, and are not needed by
    /// others that are pending, cannot be computed any more. Memory that another value sees (a view, a reshape) is never
    /// written to. Constants stay as they are.
    let donate (value: Value) = Evaluate.donate value

    /// Says that a value is seen outside of the computation that it was made in. What it is still to be computed from may
    /// go with that computation, so a pending value that does not hold on to it any more is computed now.
    let pin (value: Value) =
        value.IsPinned <- true

        if Node.isAsleep value then
            Evaluate.force value

    /// Pins a value that is going to be seen for longer than what it is computed from.
    let settle (value: Value) =
        value.IsPinned <- true

        match value.State with
        | ValueState.Pending _ -> Evaluate.force value
        | _ -> ()

    /// Takes memory back at once that else the garbage collector would have to find: of those values that are stored,
    /// not pinned, and seen by nobody but the caller.
    let reclaim (spent: Value seq) = Evaluate.reclaim spent

    /// Says that several operations are going to want this value: a reduction then stores it for the others instead of
    /// computing it for itself. Pointwise consumers still compute it on their way.
    let share (value: Value) = value.IsShared <- true

    /// A value of another shape over the same elements.
    let restructure (shape: Shape) (move: View -> View) (value: Value) =
        match value.State with
        | ValueState.Constant(number = number) when Shape.count shape > 0 || value.Count = 0 ->
            constant value.Backend value.Dtype shape number
        | _ -> ofView value.Backend (move (view value))

    let private workOf (argument: Value) =
        match argument.State with
        | ValueState.Pending(work = work) -> work
        | _ -> 0

    let private inputsOf (argument: Value) =
        match argument.State with
        | ValueState.Pending(inputs = inputs) -> inputs
        | ValueState.Constant _ -> 0
        | ValueState.Donated _ -> Node.refuse Node.donated
        | ValueState.Gone reason -> Node.refuse reason
        | ValueState.Stored _
        | ValueState.Computing _ -> 1

    let private pending (typed: TypedFunction) (first: Value) (state: ValueState) =
        let value = Value(first.Backend, typed.Result, first.Shape, first.Count, state)
        Node.hold state
        Evaluate.bound value
        value

    let private defer1 (typed: TypedFunction) (a: Value) =
        ValueState.Pending(typed, a, null, null, none, [||], typed.Work + workOf a, inputsOf a) |> pending typed a

    let private defer2 (typed: TypedFunction) (a: Value) (b: Value) =
        ValueState.Pending(typed, a, b, null, none, [||], typed.Work + workOf a + workOf b, inputsOf a + inputsOf b)
        |> pending typed a

    let private defer (typed: TypedFunction) (args: Value[]) parameters =
        let mutable work = typed.Work
        let mutable inputs = 0

        for argument in args do
            work <- work + workOf argument
            inputs <- inputs + inputsOf argument

        let at i = if i < args.Length then args[i] else null
        let more = if args.Length > 3 then Array.sub args 3 (args.Length - 3) else none
        ValueState.Pending(typed, args[0], at 1, at 2, more, parameters, work, inputs) |> pending typed args[0]

    /// A function of constants is a constant: one element, worked out by the backend so that it rounds as it always does.
    let private fold (typed: TypedFunction) (first: Value) (numbers: Scalar[]) mask =
        let program = typed.WithNumbers mask

        // Reading from a device would wait for all that it still has to do.
        let backend =
            match box first.Backend with
            | :? IAccelerator -> Reference.backend
            | _ -> first.Backend

        let buffer = backend.Allocate(typed.Result, 1)
        backend.Pointwise(program.Program, Shape.scalar, [||], program.Parameters numbers, [| buffer |])
        let bytes: byte[] = Array.zeroCreate (Dtype.size typed.Result)
        backend.Download(buffer, 0, bytes.AsSpan())
        buffer.Release()
        let number = Element.read typed.Result (ReadOnlySpan bytes) 0
        Value(first.Backend, typed.Result, first.Shape, first.Count, ValueState.Constant(number, null))

    /// Numbers and arrays among the arguments apart: a bit of the mask for each number. The array of views is empty
    /// where an argument is neither, so has to be computed first.
    let private split (args: Value[]) =
        let views = ResizeArray<View>(args.Length)
        let numbers = ResizeArray<Scalar>()
        let mutable mask = 0

        for i in 0 .. args.Length - 1 do
            match args[i].State with
            | ValueState.Constant(number = number) ->
                numbers.Add number
                mask <- mask ||| (1 <<< i)
            | _ -> views.Add(view args[i])

        struct (mask, views.ToArray(), numbers)

    let private isConstant (value: Value) =
        match value.State with
        | ValueState.Constant _ -> true
        | _ -> false

    /// Applies a function to values of equal shape on one backend.
    let pointwise (f: PointwiseFunction) (args: Value[]) (parameters: Scalar[]) : Value =
        let typed = f.For(args |> Array.map _.Dtype)
        let first = args[0]
        let masked = args.Length <= TypedFunction.MaskedArguments

        if masked && (first.Count <= first.Backend.ImmediateLimit || args |> Array.forall isConstant) then
            let struct (mask, views, numbers) = split args
            numbers.AddRange parameters

            if views.Length = 0 then
                fold typed first (numbers.ToArray()) mask
            else
                compute first.Backend typed.Result first.Shape first.Count (typed.WithNumbers mask) views (numbers.ToArray())
        else
            let value = defer typed args parameters

            if first.Count <= first.Backend.ImmediateLimit then
                Evaluate.force value

            value

    /// `pointwise` for a function of one argument and no parameters.
    let pointwise1 (f: PointwiseFunction) (a: Value) : Value =
        let typed = f.For a.Dtype

        match a.State with
        | ValueState.Constant(number = number) -> fold typed a [| number |] 1
        | ValueState.Stored x when a.Count <= a.Backend.ImmediateLimit ->
            compute a.Backend typed.Result a.Shape a.Count typed.Plain [| x |] [||]
        | _ when a.Count <= a.Backend.ImmediateLimit -> pointwise f [| a |] [||]
        | _ -> defer1 typed a

    /// `pointwise` for a function of two arguments and no parameters.
    let pointwise2 (f: PointwiseFunction) (a: Value) (b: Value) : Value =
        let typed = f.For(a.Dtype, b.Dtype)
        let backend = a.Backend

        match a.State, b.State with
        | ValueState.Constant(number = x), ValueState.Constant(number = y) -> fold typed a [| x; y |] 3
        | ValueState.Stored x, ValueState.Stored y when a.Count <= backend.ImmediateLimit ->
            compute backend typed.Result a.Shape a.Count typed.Plain [| x; y |] [||]
        | ValueState.Stored x, ValueState.Constant(number = y) when a.Count <= backend.ImmediateLimit ->
            compute backend typed.Result a.Shape a.Count (typed.WithNumbers 2) [| x |] [| y |]
        | ValueState.Constant(number = x), ValueState.Stored y when a.Count <= backend.ImmediateLimit ->
            compute backend typed.Result a.Shape a.Count (typed.WithNumbers 1) [| y |] [| x |]
        | _ when a.Count <= backend.ImmediateLimit -> pointwise f [| a; b |] [||]
        | _ -> defer2 typed a b

    /// Folds along axes (all, if empty); the work put off on the way there is done in the same pass.
    let reduce (reduction: Reduction) (axes: int[]) (value: Value) : Value =
        let fold (program: Fused) inputs numbers =
            value.Backend.Reduce(reduction, program.Program, value.Shape, inputs, program.Parameters numbers, axes)

        let buffer =
            match value.State with
            | ValueState.Constant(number = number) -> fold (identity.For(value.Dtype).WithNumbers 1) [||] [| number |]
            | _ ->
                match Evaluate.tryFold reduction axes value with
                | ValueSome buffer -> buffer
                | ValueNone -> fold (identity.For(value.Dtype).Plain) [| view value |] [||]

        let shape =
            if axes.Length = 0 then
                Shape.scalar
            else
                [| for i in 0 .. value.Shape.Length - 1 do
                       if not (Array.contains i axes) then
                           value.Shape[i] |]

        ofView value.Backend (View.contiguous shape buffer)
