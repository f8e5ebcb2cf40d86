namespace Functional

open System
open Functional.Contract

/// The pending expression under some roots as a list, arguments before what uses them: what an evaluation works on.
/// A value's `Slot` is its place here, believed only while that place holds the value, so nothing needs unmarking.
/// Mutable and used again and again, by whoever holds the evaluator's lock.
[<Sealed>]
type internal Trace() =
    let mutable nodes: Value[] = Array.zeroCreate 256
    let mutable states: ValueState[] = Array.zeroCreate 256
    let mutable consumers: int[] = Array.zeroCreate 256
    let mutable written: bool[] = Array.zeroCreate 256
    let mutable count = 0
    let mutable pending = 0
    let mutable outputs = 0
    let mutable work = 0
    let mutable inputs = 0
    let mutable busy = false
    let mutable donations = false

    let contains (value: Value) = value.Slot < count && obj.ReferenceEquals(nodes[value.Slot], value)

    let append (value: Value) (held: ValueState) =
        if count = nodes.Length then
            Array.Resize(&nodes, 2 * count)
            Array.Resize(&states, 2 * count)
            Array.Resize(&consumers, 2 * count)
            Array.Resize(&written, 2 * count)

        nodes[count] <- value
        states[count] <- held
        consumers[count] <- 0
        written[count] <- false
        value.Slot <- count
        count <- count + 1

    member _.Count = count
    member _.Item(slot: int) = nodes[slot]
    /// The state of a node beneath its donation.
    member _.State(slot: int) = states[slot]
    /// Whether this node's result is stored.
    member _.IsWritten(slot: int) = written[slot]
    /// How many nodes are pending.
    member _.Pending = pending
    /// How many results are stored.
    member _.Outputs = outputs
    /// What the pending nodes cost together.
    member _.Work = work
    /// Arrays that they read.
    member _.Inputs = inputs
    /// Whether another thread is computing something that is needed here: wait and walk again.
    member _.IsBusy = busy
    /// Whether some of the arrays read were donated.
    member _.HasDonations = donations
    /// Whether pending values outside the trace use this node.
    member _.IsUsedElsewhere(slot: int) = nodes[slot].Uses > consumers[slot]

    member _.Clear() =
        Array.Clear(nodes, 0, count)
        Array.Clear(states, 0, count)
        count <- 0
        pending <- 0
        outputs <- 0
        work <- 0
        inputs <- 0
        busy <- false
        donations <- false

    /// Appends a value after everything it depends on. The depth is bounded: every node costs at least 1, and no
    /// pending value is built whose cost passes the limit.
    member this.Visit(value: Value) : unit =
        if not (contains value) then
            let state = value.State
            let held = Node.held state

            match held with
            | ValueState.Pending(f = f) ->
                Node.iter this.Visit held
                append value held
                pending <- pending + 1
                work <- work + f.Work
                held |> Node.iter (fun argument -> consumers[argument.Slot] <- consumers[argument.Slot] + 1)
            | ValueState.Gone reason -> Node.refuse reason
            | ValueState.Constant _ -> append value held
            | ValueState.Stored _ ->
                append value held
                inputs <- inputs + 1

                if not (obj.ReferenceEquals(state, held)) then
                    donations <- true
            | ValueState.Computing _
            | ValueState.Donated _ ->
                append value held
                inputs <- inputs + 1
                busy <- true

    /// Marks a node as one whose result is stored.
    member _.Write(slot: int) =
        if not written[slot] then
            written[slot] <- true
            outputs <- outputs + 1

    /// Appends a value whose result is stored.
    member this.Require(value: Value) =
        Node.wake value
        this.Visit value
        this.Write value.Slot

    /// An intermediate that pending values outside will compute again unless it is stored, at some cost.
    member this.IsWorthStoring(slot: int) =
        match states[slot] with
        | ValueState.Pending(work = work) -> work >= Work.worthStoring && this.IsUsedElsewhere slot
        | _ -> false

    /// Forgets everything after the first `length` nodes.
    member _.Rewind(length: int) =
        for slot = count - 1 downto length do
            if written[slot] then
                outputs <- outputs - 1

            match states[slot] with
            | ValueState.Pending(f = f) as state ->
                pending <- pending - 1
                work <- work - f.Work
                state |> Node.iter (fun argument -> consumers[argument.Slot] <- consumers[argument.Slot] - 1)
            | ValueState.Constant _ -> ()
            | _ -> inputs <- inputs - 1

        Array.Clear(nodes, length, count - length)
        Array.Clear(states, length, count - length)
        count <- length
