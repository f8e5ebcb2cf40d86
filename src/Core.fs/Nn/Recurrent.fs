namespace Functional

open Functional.Contract

/// The weights of one direction of one layer; gates stand one below the other, as in PyTorch.
type RecurrentWeights =
    {
        /// [gates * hidden, inputs]
        Input: Tensor
        /// [gates * hidden, hidden], with a projection [gates * hidden, projection]
        Hidden: Tensor
        /// [gates * hidden]
        InputBias: Tensor option
        /// [gates * hidden]
        HiddenBias: Tensor option
        /// [projection, hidden]
        Projection: Tensor option
    }

/// The form of a recurrent network.
type RecurrentShape =
    {
        Kind: RecurrentKind
        Inputs: int
        Hidden: int
        Layers: int
        Bias: bool
        Bidirectional: bool
        /// The size of an LSTM's projected output; 0: none.
        Projection: int
    }

/// Recurrent networks as pure functions: a step, and a scan of it over time. The state of a cell is [| hidden |], that of an
/// LSTM [| hidden; cell |].
[<RequireQualifiedAccess>]
module Recurrent =
    let private gates kind = (RecurrentCell.ofKind kind).Gates

    let directions shape = if shape.Bidirectional then 2 else 1
    /// The size of the output of one direction.
    let outputs shape = if shape.Projection > 0 then shape.Projection else shape.Hidden

    /// The sizes of the parts of a state.
    let stateSizes shape =
        match shape.Kind with
        | Lstm -> [| outputs shape; shape.Hidden |]
        | _ -> [| shape.Hidden |]

    /// Names and shapes of all weights in PyTorch's order: layer by layer, forward before backward.
    let parameters (shape: RecurrentShape) : (string * int list) list =
        let rows = gates shape.Kind * shape.Hidden

        [ for layer in 0 .. shape.Layers - 1 do
              for direction in 0 .. directions shape - 1 do
                  let suffix = $"_l{layer}" + (if direction = 1 then "_reverse" else "")
                  let inputs = if layer = 0 then shape.Inputs else outputs shape * directions shape
                  "weight_ih" + suffix, [ rows; inputs ]
                  "weight_hh" + suffix, [ rows; outputs shape ]

                  if shape.Bias then
                      "bias_ih" + suffix, [ rows ]
                      "bias_hh" + suffix, [ rows ]

                  if shape.Projection > 0 then
                      "weight_hr" + suffix, [ shape.Projection; shape.Hidden ] ]

    /// Weights in the order of `parameters` as those of each layer and direction.
    let weights (shape: RecurrentShape) (tensors: Tensor[]) : RecurrentWeights[][] =
        let each = 2 + (if shape.Bias then 2 else 0) + (if shape.Projection > 0 then 1 else 0)

        let one (part: Tensor[]) =
            { Input = part[0]
              Hidden = part[1]
              InputBias = if shape.Bias then Some part[2] else None
              HiddenBias = if shape.Bias then Some part[3] else None
              Projection = if shape.Projection > 0 then Some part[each - 1] else None }

        tensors |> Array.chunkBySize each |> Array.map one |> Array.chunkBySize (directions shape)

    /// The next state of a cell, from what the input contributes to its gates ([N, gates * hidden], input bias included).
    let step kind (w: RecurrentWeights) (input: Tensor) (state: Tensor[]) : Tensor[] =
        let cell = RecurrentCell.ofKind kind
        let recurrent = Tensor.linear state[0] w.Hidden w.HiddenBias
        let next = cell.Next(RecurrentCell.operands cell input 0 recurrent ValueNone state)

        match w.Projection with
        | Some projection -> next |> Array.updateAt 0 (Tensor.linear next[0] projection None)
        | None -> next

    let private requireCell kind (w: RecurrentWeights) (x: Tensor) (state: Tensor[]) =
        let cell = RecurrentCell.ofKind kind
        let states = if kind = Lstm then 2 else 1
        let fail text = raise (ShapeException $"{text} (recurrent cell)")

        if state.Length <> states then
            fail (
                if states = 2 then
                    $"lstm_cell expects two hidden states, but got {state.Length}"
                else
                    $"expected one hidden state, but got {state.Length}"
            )

        let hidden () = w.Hidden.Shape[0] / cell.Gates
        let outputs () = if w.Projection.IsSome then w.Hidden.Shape[1] else hidden ()

        if
            w.Input.Rank <> 2
            || w.Hidden.Rank <> 2
            || w.Hidden.Shape[0] <> cell.Gates * hidden ()
            || w.Hidden.Shape[1] <> outputs ()
            || w.Input.Shape[0] <> w.Hidden.Shape[0]
        then
            fail
                $"weights should be [{cell.Gates} * hidden_size, input_size] and [{cell.Gates} * hidden_size, hidden_size], but got {Shape.format w.Input.Shape} and {Shape.format w.Hidden.Shape}"

        for name, bias in [ "b_ih", w.InputBias; "b_hh", w.HiddenBias ] do
            match bias with
            | Some b when not (Shape.equal b.Shape [| w.Hidden.Shape[0] |]) ->
                fail
                    $"{name} should be of shape [{w.Hidden.Shape[0]}], a number for each row of the weights, but got {Shape.format b.Shape}"
            | _ -> ()

        if x.Rank <> 2 || x.Shape[1] <> w.Input.Shape[1] then
            fail $"input has inconsistent input_size: got {Shape.format x.Shape} expected [N, {w.Input.Shape[1]}]"

        for i, h in Array.indexed state do
            let size = if i = 0 then outputs () else hidden ()

            if not (Shape.equal h.Shape [| x.Shape[0]; size |]) then
                fail $"hidden{i} has inconsistent hidden_size: got {Shape.format h.Shape}, expected [{x.Shape[0]}, {size}]"

    /// The next state of a cell from its input [N, inputs]. Raises ShapeException where weights, input and state do not go together.
    let cell kind (w: RecurrentWeights) (x: Tensor) (state: Tensor[]) : Tensor[] =
        requireCell kind w x state
        step kind w (Tensor.linear x w.Input w.InputBias) state

    /// Rows cut into consecutive pieces. By halves, so that their gradients are put together in log(pieces) passes.
    let rec private cut (sizes: int[]) (rows: Tensor) : Tensor[] =
        if sizes.Length = 1 then
            [| rows |]
        else
            let first, second = Array.splitAt (sizes.Length / 2) sizes
            let middle = Array.sum first

            Array.append
                (cut first (Structure.narrow 0 0 middle rows))
                (cut second (Structure.narrow 0 middle (rows.Shape[0] - middle) rows))

    let private rowsOf (state: Tensor[]) = state[0].Shape[0]
    let private narrow start size = Array.map (Structure.narrow 0 start size)
    let private below (parts: Tensor[] list) = parts |> List.toArray |> Array.transpose |> Array.map (Structure.concat 0)

    /// Goes through the steps in order: sequences that end leave with their state.
    let private forward kind w (steps: Tensor[]) (initial: Tensor[]) =
        let advance (state: Tensor[], ended) (x: Tensor) =
            let size = x.Shape[0]

            let state, ended =
                if size = rowsOf state then
                    state, ended
                else
                    narrow 0 size state, narrow size (rowsOf state - size) state :: ended

            let next = step kind w x state
            next[0], (next, ended)

        let outputs, (last, ended) = Array.mapFold advance (initial, []) steps
        outputs, (if List.isEmpty ended then last else below (last :: ended))

    /// Goes through the steps from the last to the first: each sequence begins at its own end.
    let private backward kind w (steps: Tensor[]) (initial: Tensor[]) =
        let advance (x: Tensor) (state: Tensor[] voption) =
            let size = x.Shape[0]

            let state =
                match state with
                | ValueNone -> narrow 0 size initial
                | ValueSome state when rowsOf state = size -> state
                | ValueSome state -> below [ state; narrow (rowsOf state) (size - rowsOf state) initial ]

            let next = step kind w x state
            next[0], ValueSome next

        let outputs, last = Array.mapFoldBack advance steps ValueNone
        outputs, ValueOption.defaultValue initial last

    /// The biases of the gates that just add up, to be added with the input's; and what is left of the state's bias.
    let private biases kind (w: RecurrentWeights) =
        let added, apart =
            match kind, w.HiddenBias with
            | Gru, Some b ->
                let hidden = b.Shape[0] / 3

                Some(Structure.concat 0 [| Structure.narrow 0 0 (2 * hidden) b; Structure.zeros b [| hidden |] |]),
                ValueSome(Structure.narrow 0 (2 * hidden) hidden b)
            | _, bias -> bias, ValueNone

        let both =
            match w.InputBias, added with
            | Some a, Some b -> Some(a + b)
            | a, b -> Option.orElse b a

        struct (both, apart)

    /// One direction of one layer over rows step by step; all inputs are multiplied at once.
    let private scan kind (sizes: int[]) (rows: Tensor) direction (w: RecurrentWeights) (initial: Tensor[]) =
        if w.Projection.IsNone && RecurrentSweep.takes sizes (Seq.append [ rows; w.Hidden ] initial) then
            let struct (bias, apart) = biases kind w
            RecurrentSweep.run kind (direction = 1) (Tensor.linear rows w.Input bias) w.Hidden apart initial
        else
            let steps = cut sizes (Tensor.linear rows w.Input w.InputBias)
            let outputs, last = (if direction = 0 then forward else backward) kind w steps initial
            Structure.concat 0 outputs, last

    /// All layers and directions. `rows` has the inputs of step t at its sizes[t] rows from the sum of the sizes before;
    /// states are [layers * directions, N, ...]. `dropout` acts between layers. Gives the outputs of the last layer, directions
    /// side by side, and the states at the end.
    let run
        kind
        (dropout: Tensor -> Tensor)
        (layers: RecurrentWeights[][])
        (sizes: int[])
        (rows: Tensor)
        (initial: Tensor[])
        : struct (Tensor * Tensor[]) =
        let layer (rows: Tensor) (i, weights: RecurrentWeights[]) =
            let rows = if i = 0 then rows else dropout rows

            let results =
                weights
                |> Array.mapi (fun d w ->
                    initial |> Array.map (Tensor.select 0 (i * weights.Length + d)) |> scan kind sizes rows d w)

            Structure.concat 1 (Array.map fst results), Array.map snd results

        let states, output =
            Array.indexed layers
            |> Array.mapFold
                (fun rows layerWeights ->
                    let output, states = layer rows layerWeights
                    states, output)
                rows

        let stacked = states |> Array.concat |> Array.transpose |> Array.map (List.ofArray >> Tensor.stack 0)
        struct (output, stacked)

    /// `run` over [T, N, inputs]: [T, N, directions * output].
    let sequences kind dropout layers (x: Tensor) (initial: Tensor[]) : struct (Tensor * Tensor[]) =
        let steps, count = x.Shape[0], x.Shape[1]

        if steps = 0 then
            raise (ArgumentValueException "Expected sequence length to be larger than 0 in RNN: the time dimension is empty")

        let struct (rows, states) = run kind dropout layers (Array.create steps count) (Structure.merge 0 2 x) initial

        struct (Engine.reshape [| steps; count; rows.Shape[1] |] rows, states)

    /// `run` over packed sequences; states are in the order before sorting.
    let packed kind dropout layers (x: Packed) (initial: Tensor[]) : struct (Packed * Tensor[]) =
        let sort, back =
            match x.Sorted with
            | Some order -> Array.map (Packed.reorder order), Array.map (Packed.reorder (Packed.inverse order))
            | None -> id, id

        let struct (rows, states) = run kind dropout layers x.BatchSizes x.Data (sort initial)
        struct ({ x with Data = rows }, back states)

    /// A state of zeros for N sequences.
    let zeroState shape (like: Tensor) count : Tensor[] =
        stateSizes shape
        |> Array.map (fun size -> Structure.zeros like [| shape.Layers * directions shape; count; size |])

    /// Raises ShapeException for a state that is not that of N sequences: [layers * directions, N, size] for each of its parts.
    let requireState shape count (state: Tensor[]) =
        let directed = shape.Layers * directions shape
        let expected = stateSizes shape |> Array.map (fun size -> [| directed; count; size |])

        if state.Length <> expected.Length then
            raise (
                ShapeException
                    $"Expected a state of {expected.Length} parts, got {state.Length} (recurrent: an LSTM has hidden and cell states, others hidden states)"
            )

        let listed (sizes: int[]) = System.String.Join(", ", sizes)

        for i in 0 .. state.Length - 1 do
            if not (Shape.equal state[i].Shape expected[i]) then
                let place = if expected.Length > 1 then $"[{i}]" else ""
                raise (ShapeException $"Expected hidden{place} size ({listed expected[i]}), got [{listed state[i].Shape}]")
