namespace Functional

open Functional.Contract

/// Which results of an evaluation move into the memory of donated inputs.
[<RequireQualifiedAccess>]
module internal Donation =
    /// Whether a kernel may write over this memory while it reads it: position by position, all of it, with nobody else looking.
    let private canBeOverwritten (count: int) (view: View) =
        view.Buffer.Owners = 1 && view.Offset = 0 && view.Buffer.Length = count && View.isContiguous view

    /// The nodes that are not stored and can never be computed again once this input is gone. None if pending values
    /// elsewhere still need one of them, or the input itself.
    let private lostWith (trace: Trace) (input: int) : bool[] voption =
        if trace.IsUsedElsewhere input then
            ValueNone
        else
            let lost = Array.zeroCreate trace.Count
            let mutable needed = false
            lost[input] <- true

            for slot in input + 1 .. trace.Count - 1 do
                if not (trace.IsWritten slot) then
                    trace.State slot
                    |> Node.iter (fun argument ->
                        if lost[argument.Slot] then
                            lost[slot] <- true)

                    if lost[slot] && trace.IsUsedElsewhere slot then
                        needed <- true

            if needed then ValueNone else ValueSome lost

    /// The first output of a dtype that has no memory yet, or -1.
    let private taker dtype (outputs: Value[]) (buffers: Buffer[]) =
        let mutable i = 0

        while i < outputs.Length && not (isNull buffers[i] && outputs[i].Dtype = dtype) do
            i <- i + 1

        if i < outputs.Length then i else -1

    /// Gives donated inputs of a trace to its outputs, but for memory that is being read elsewhere: the memory each output
    /// is to be written into, null where it needs its own. These inputs, and intermediates that can only be computed from
    /// them, are gone from here on.
    let assign (trace: Trace) (outputs: Value[]) (isRead: Buffer -> bool) : Buffer[] =
        let buffers: Buffer[] = Array.zeroCreate outputs.Length
        let gone: bool[] = Array.zeroCreate trace.Count

        for slot in 0 .. trace.Count - 1 do
            match trace[slot].State with
            | ValueState.Donated(ValueState.Stored view) when canBeOverwritten trace[slot].Count view && not (isRead view.Buffer) ->
                match taker view.Dtype outputs buffers with
                | -1 -> ()
                | output ->
                    lostWith trace slot
                    |> ValueOption.iter (fun lost ->
                        buffers[output] <- view.Buffer

                        lost
                        |> Array.iteri (fun i isLost ->
                            if isLost then
                                gone[i] <- true))
            | _ -> ()

        for slot in 0 .. trace.Count - 1 do
            if gone[slot] then
                let held = trace.State slot
                Node.letGo held

                trace[slot].State <-
                    match held with
                    | ValueState.Pending _ -> ValueState.Gone Node.dependsOnDonated
                    | _ -> ValueState.Gone Node.donated

        buffers

    /// Hands back the memory of donated values that no pending value reads any more.
    let release (donated: Value[]) =
        for value in donated do
            match value.State with
            | ValueState.Donated(ValueState.Stored view) when value.Uses = 0 && view.Buffer.Owners = 1 ->
                value.State <- ValueState.Gone Node.donated
                view.Buffer.Release()
            | _ -> ()
