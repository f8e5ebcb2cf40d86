namespace Functional

open System
open System.Threading
open Functional.Contract

/// Turning pending values into stored ones. This is the one place in Core where threads meet: walking expressions and
/// changing states happens under one lock, kernels run outside it. A value that one thread computes is waited for by
/// the others, so each is computed once.
[<RequireQualifiedAccess>]
module internal Evaluate =
    let private gate = obj ()
    let private trace = Trace()
    // What the kernels that are running now read, and how many threads wait for one of them to end.
    let private running = ResizeArray<View[]>()
    let mutable private waiting = 0

    let private wait () =
        waiting <- waiting + 1
        Monitor.Wait gate |> ignore
        waiting <- waiting - 1

    /// Whether a kernel reads this memory right now.
    let private isRead (buffer: Buffer) =
        let mutable found = false

        for inputs in running do
            for view in inputs do
                if obj.ReferenceEquals(view.Buffer, buffer) then
                    found <- true

        found

    let private began (launch: Launch) = running.Add launch.Inputs

    let private ended (launch: Launch) =
        running.Remove launch.Inputs |> ignore

        if waiting > 0 then
            Monitor.PulseAll gate

    let private isPending (value: Value) =
        match value.State with
        | ValueState.Pending _
        | ValueState.Computing _ -> true
        | _ -> false

    /// Traces as many of the values as fit one program, at least one. False if none is pending.
    let rec private gather (values: Value[]) =
        trace.Clear()

        for value in values do
            if isPending value && trace.Outputs < Work.outputs then
                let before = trace.Count
                trace.Require value

                if before > 0 && (trace.Work > Work.limit || trace.Inputs > Work.inputs) then
                    trace.Rewind before

        if trace.IsBusy then
            wait ()
            gather values
        else
            trace.Count > 0

    let private storeShared () =
        for slot in 0 .. trace.Count - 1 do
            if trace.Outputs < Work.outputs && trace.IsWorthStoring slot then
                trace.Write slot

    /// The next call that computes some of the values; none if all are there.
    let private start (values: Value[]) : Launch voption =
        lock gate (fun () ->
            if gather values then
                storeShared ()
                let launch = Launch.ofTrace trace (ValueSome isRead)
                trace.Clear()

                for output in launch.Outputs do
                    output.State <- ValueState.Computing output.State

                began launch
                ValueSome launch
            else
                ValueNone)

    /// The state after computing; the arguments are let go.
    let rec private computed (view: View) (state: ValueState) =
        match state with
        | ValueState.Computing before -> computed view before
        | ValueState.Donated before -> ValueState.Donated(computed view before)
        | pending ->
            Node.letGo pending
            ValueState.Stored view

    let private succeed (launch: Launch) =
        let strides = Shape.rowMajor launch.Shape

        lock gate (fun () ->
            for i in 0 .. launch.Outputs.Length - 1 do
                let output = launch.Outputs[i]
                let buffer = launch.Buffers[i]
                // Memory taken over from a donated value has its one owner already.
                if buffer.Owners = 0 then
                    buffer.AddOwner()

                output.State <- computed { Buffer = buffer; Offset = 0; Shape = launch.Shape; Strides = strides } output.State

            for value in launch.Inlined do
                Node.sleep value

            Donation.release launch.Donated
            ended launch)

    let private lostInFailure =
        "this tensor could not be computed: the operation failed after donated memory had been given to it; build it again from tensors that still exist"

    let private fail (launch: Launch) =
        lock gate (fun () ->
            for i in 0 .. launch.Outputs.Length - 1 do
                let output = launch.Outputs[i]

                match output.State with
                | ValueState.Computing before when launch.Overwrites ->
                    Node.letGo (Node.held before)
                    output.State <- ValueState.Gone lostInFailure
                | ValueState.Computing before -> output.State <- before
                | _ -> ()

                let buffer = launch.Buffers[i]

                if not (isNull buffer) && buffer.Owners = 0 then
                    buffer.Release()

            ended launch)

    /// Computes values that belong together: as many as fit one program in one pass.
    let rec private forceGroup (values: Value[]) =
        match start values with
        | ValueNone -> ()
        | ValueSome launch ->
            try
                Launch.run launch
            with _ ->
                fail launch
                reraise ()

            succeed launch

            if values |> Array.exists isPending then
                forceGroup values

    let force (value: Value) = forceGroup [| value |]

    /// Values whose expressions share a node or an array, together; in the order of their first members.
    let private connected (values: Value[]) : Value[][] =
        let leader = Array.init values.Length id

        let rec find i =
            if leader[i] = i then
                i
            else
                leader[i] <- find leader[i]
                leader[i]

        // The leader of a group is its first member.
        let unite i j =
            let a, b = find i, find j
            leader[max a b] <- min a b

        lock gate (fun () ->
            trace.Clear()
            // The value through which each node came into the trace.
            let origin = ResizeArray<int>()

            for i in 0 .. values.Length - 1 do
                trace.Visit values[i]

                while origin.Count < trace.Count do
                    origin.Add i

                unite i origin[values[i].Slot]

            for slot in 0 .. trace.Count - 1 do
                trace.State slot
                |> Node.iter (fun argument ->
                    match trace.State argument.Slot with
                    | ValueState.Constant _ -> ()
                    | _ -> unite origin[slot] origin[argument.Slot])

            trace.Clear())

        let groups = ResizeArray<ResizeArray<Value>>()
        let place = Array.create values.Length -1

        for i in 0 .. values.Length - 1 do
            let first = find i

            if place[first] < 0 then
                place[first] <- groups.Count
                groups.Add(ResizeArray())

            groups[place[first]].Add values[i]

        groups.ToArray() |> Array.map _.ToArray()

    /// Computes many values together: those that share work or memory in common passes.
    let forceAll (values: Value[]) =
        match values |> Array.filter isPending with
        | [||] -> ()
        | [| one |] -> force one
        | many -> connected many |> Array.iter forceGroup

    /// The exact size of a value's expression, each shared node counted once.
    let private measure (value: Value) =
        lock gate (fun () ->
            trace.Clear()
            trace.Visit value
            let size = struct (trace.Work, trace.Inputs)
            trace.Clear()
            size)

    let private costliestArgument (value: Value) : Value =
        let mutable best: Value = null
        let mutable most = 0

        value.State
        |> Node.iter (fun argument ->
            match argument.State with
            | ValueState.Pending(work = work) when work > most ->
                best <- argument
                most <- work
            | _ -> ())

        best

    /// Keeps a value that nobody else has seen yet within what one program may hold, by computing arguments now.
    let rec bound (value: Value) =
        match value.State with
        | ValueState.Pending(f, a, b, c, more, parameters, work, inputs) when work > Work.limit || inputs > Work.inputs ->
            let struct (work, inputs) = measure value
            value.State <- ValueState.Pending(f, a, b, c, more, parameters, work, inputs)

            if work > Work.limit || inputs > Work.inputs then
                match costliestArgument value with
                | null -> ()
                | argument ->
                    force argument
                    bound value
        | _ -> ()

    /// Traces the expression of a value that is to be folded, not stored, and starts the call; shared intermediates that
    /// are better stored first come back instead.
    let private startFold (value: Value) : struct (Launch voption * Value[]) =
        lock gate (fun () ->
            trace.Clear()
            trace.Require value

            if trace.IsBusy then
                wait ()
                struct (ValueNone, [||])
            else
                match
                    [| for slot in 0 .. trace.Count - 2 do
                           if trace.IsWorthStoring slot && isPending trace[slot] then
                               trace[slot] |]
                with
                | [||] ->
                    let launch = Launch.ofTrace trace ValueNone
                    trace.Clear()
                    began launch
                    struct (ValueSome launch, [||])
                | shared -> struct (ValueNone, shared))

    /// Folds a pending value along axes in the pass that computes it; false once it turns out to be stored, as it is
    /// where others wait for it too.
    let rec tryFold (reduction: Reduction) (axes: int[]) (value: Value) : Buffer voption =
        match value.State with
        | ValueState.Pending _
        | ValueState.Computing _ when value.Uses = 0 && not value.IsShared ->
            match startFold value with
            | struct (ValueSome launch, _) ->
                try
                    let result =
                        launch.Backend.Reduce(reduction, launch.Program, launch.Shape, launch.Inputs, launch.Parameters, axes)

                    GC.KeepAlive launch.Inputs
                    ValueSome result
                finally
                    lock gate (fun () -> ended launch)
            | struct (ValueNone, shared) ->
                forceAll shared
                tryFold reduction axes value
        | ValueState.Pending _
        | ValueState.Computing _ ->
            force value
            ValueNone
        | _ -> ValueNone

    /// Gives up a value: nothing built from now on may use it, and what was built may overwrite it.
    let rec donate (value: Value) =
        lock gate (fun () ->
            match value.State with
            | ValueState.Stored view when value.Uses = 0 && view.Buffer.Owners = 1 && not (isRead view.Buffer) ->
                value.State <- ValueState.Gone Node.donated
                view.Buffer.Release()
            | ValueState.Stored _
            | ValueState.Pending _ as state -> value.State <- ValueState.Donated state
            | ValueState.Computing _ ->
                wait ()
                donate value
            | ValueState.Constant _
            | ValueState.Donated _
            | ValueState.Gone _ -> ())

    /// Takes the memory of these values back where nothing can see it any more but they: no pending value, no view, no pin.
    let reclaim (spent: Value seq) =
        lock gate (fun () ->
            for value in spent do
                match value.State with
                | ValueState.Stored view when
                    not value.IsPinned && value.Uses = 0 && view.Buffer.Owners = 1 && not (isRead view.Buffer)
                    ->
                    value.State <- ValueState.Gone Node.spent
                    view.Buffer.Release()
                | _ -> ())
