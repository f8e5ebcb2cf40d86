namespace Functional

open System
open Functional.Contract

/// One call of a fused kernel: everything it needs once the evaluator's lock is let go.
[<NoComparison; NoEquality>]
type internal Launch =
    {
        Backend: IBackend
        Shape: Shape
        Program: Program
        Inputs: View[]
        Parameters: Scalar[]
        /// The values that take the program's outputs.
        Outputs: Value[]
        /// Their memory; null where it is still to be allocated.
        Buffers: Buffer[]
        /// Whether an output writes over donated memory.
        Overwrites: bool
        /// Values that were computed on the way but not stored, those that use others first.
        Inlined: Value[]
        /// Donated values that the program reads.
        Donated: Value[]
    }

/// From a traced expression to the call that computes it.
[<RequireQualifiedAccess>]
module internal Launch =
    // The words of a key besides function numbers and slots, which are never negative.
    let private array = -1
    let private number = -2
    let private outputs = -3

    let private cache = FusedCache()
    let private key = ProgramKey()

    let private writeKey (trace: Trace) =
        key.Clear()

        for slot in 0 .. trace.Count - 1 do
            match trace.State slot with
            | ValueState.Pending(f = f) as pending ->
                key.Add f.Lowered.Program.Id
                pending |> Node.iter (fun argument -> key.Add argument.Slot)
            | ValueState.Constant _ -> key.Add number
            | _ -> key.Add array

        key.Add outputs

        for slot in 0 .. trace.Count - 1 do
            if trace.IsWritten slot then
                key.Add slot

    /// A single function of distinct arguments is its own program: the one that is used where nothing is deferred.
    let private tryAlone (trace: Trace) : Fused =
        let last = trace.Count - 1

        match trace.State last with
        | ValueState.Pending(f = f) as pending when f.Arity = last && last <= TypedFunction.MaskedArguments ->
            let mutable position = 0
            let mutable ordered = true
            let mutable mask = 0

            pending
            |> Node.iter (fun argument ->
                if argument.Slot <> position then
                    ordered <- false

                match trace.State argument.Slot with
                | ValueState.Constant _ -> mask <- mask ||| (1 <<< position)
                | ValueState.Pending _ -> ordered <- false
                | _ -> ()

                position <- position + 1)

            // A reduction takes its results unstored, and a plain program leaves the rounding to the store.
            let rounds = mask = 0 && Dtype.compute f.Result <> f.Result
            if ordered && not rounds then f.WithNumbers mask else null
        | _ -> null

    let private fuse (trace: Trace) : Fused =
        let fusion = Fusion()
        let inputs = Array.create trace.Count -1
        let steps = Array.create trace.Count -1

        let step (argument: Value) =
            let slot = argument.Slot

            if steps[slot] < 0 then
                steps[slot] <- fusion.Load inputs[slot]

            steps[slot]

        for slot in 0 .. trace.Count - 1 do
            let node = trace[slot]

            match trace.State slot with
            | ValueState.Pending(f = f) as pending ->
                let arguments = ResizeArray()
                pending |> Node.iter (fun argument -> arguments.Add(step argument))
                steps[slot] <- fusion.Apply(f.Lowered, (fun i -> arguments[i]))
            | ValueState.Constant _ -> steps[slot] <- fusion.Parameter(Dtype.compute node.Dtype)
            | _ -> inputs[slot] <- fusion.Input node.Dtype

        let written =
            [| for slot in 0 .. trace.Count - 1 do
                   if trace.IsWritten slot then
                       slot |]

        fusion.Finish(written |> Array.map (fun slot -> steps[slot]), written |> Array.map (fun slot -> trace[slot].Dtype))

    let private program (trace: Trace) =
        writeKey trace

        match cache.Find key with
        | null ->
            let fused =
                match tryAlone trace with
                | null -> fuse trace
                | alone -> alone

            cache.Add(key, fused)
            fused
        | known -> known

    let private donatedOf (trace: Trace) =
        if trace.HasDonations then
            [| for slot in 0 .. trace.Count - 1 do
                   match trace[slot].State with
                   | ValueState.Donated(ValueState.Stored _) -> trace[slot]
                   | _ -> () |]
        else
            Array.Empty()

    /// The call that computes the written nodes of a trace. Its results may overwrite donated inputs unless these are
    /// being read; with no way to tell, they overwrite nothing.
    let ofTrace (trace: Trace) (isRead: (Buffer -> bool) voption) : Launch =
        let fused = program trace
        let inputs: View[] = Array.zeroCreate trace.Inputs
        let parameters: Scalar[] = Array.zeroCreate fused.Program.Parameters.Length
        let outputs: Value[] = Array.zeroCreate trace.Outputs
        let inlined: Value[] = Array.zeroCreate (trace.Pending - trace.Outputs)
        let mutable input = 0
        let mutable parameter = 0
        let mutable output = 0
        let mutable left = inlined.Length

        for slot in 0 .. trace.Count - 1 do
            match trace.State slot with
            | ValueState.Pending(parameters = own) ->
                if own.Length > 0 then
                    own.CopyTo(parameters, parameter)
                    parameter <- parameter + own.Length

                if trace.IsWritten slot then
                    outputs[output] <- trace[slot]
                    output <- output + 1
                else
                    left <- left - 1
                    inlined[left] <- trace[slot]
            | ValueState.Constant(number = number) ->
                parameters[parameter] <- number
                parameter <- parameter + 1
            | ValueState.Stored view ->
                inputs[input] <- view
                input <- input + 1
            | _ -> ()

        fused.Constants.CopyTo(parameters, parameter)
        let donated = donatedOf trace

        let buffers =
            match isRead with
            | ValueSome isRead when trace.HasDonations -> Donation.assign trace outputs isRead
            | _ -> Array.zeroCreate outputs.Length

        { Backend = outputs[0].Backend
          Shape = outputs[0].Shape
          Program = fused.Program
          Inputs = inputs
          Parameters = parameters
          Outputs = outputs
          Buffers = buffers
          Overwrites = buffers |> Array.exists (isNull >> not)
          Inlined = inlined
          Donated = donated }

    /// Runs the kernel. Buffers stay reachable until it has finished, whatever it does with raw addresses.
    let run (launch: Launch) =
        for i in 0 .. launch.Outputs.Length - 1 do
            if isNull launch.Buffers[i] then
                launch.Buffers[i] <- launch.Backend.Allocate(launch.Outputs[i].Dtype, launch.Outputs[i].Count)

        launch.Backend.Pointwise(launch.Program, launch.Shape, launch.Inputs, launch.Parameters, launch.Buffers)
        GC.KeepAlive launch.Inputs
        GC.KeepAlive launch.Buffers
