namespace Functional

open Functional.Contract

/// How a recurrent network is run.
type RecurrentOptions =
    {
        /// The probability that an element between two layers is zeroed while learning.
        Dropout: float
        /// Whether sequences are [N, T, ...] rather than [T, N, ...]. States and packed sequences are not turned.
        BatchFirst: bool
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module RecurrentOptions =
    /// PyTorch's defaults.
    let standard = { Dropout = 0.0; BatchFirst = false }

/// Recurrent networks as layers. Parameters have PyTorch's names.
[<AutoOpen>]
module RecurrentLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private requireShape (shape: RecurrentShape) =
            let refuse reason =
                raise (
                    ArgumentValueException
                        $"{reason} (recurrent: Inputs {shape.Inputs}, Hidden {shape.Hidden}, Layers {shape.Layers}, Projection {shape.Projection})"
                )

            if shape.Inputs < 0 then
                refuse "input_size must not be negative"

            if shape.Hidden <= 0 then
                refuse "hidden_size must be greater than zero"

            if shape.Layers <= 0 then
                refuse "num_layers must be greater than zero"

            if shape.Projection <> 0 && shape.Kind <> Lstm then
                refuse "proj_size argument is only supported for LSTM, not RNN or GRU"

            if shape.Projection < 0 then
                refuse "proj_size should be a positive integer or zero to disable projections"

            if shape.Projection >= shape.Hidden then
                refuse "proj_size has to be smaller than hidden_size"

        let private requireInput (shape: RecurrentShape) timeAxis (x: Tensor) =
            if x.Rank <> 3 then
                raise (
                    ShapeException
                        $"input must have 3 dimensions, got {x.Rank} (recurrent: time, batch, inputs, not {Shape.format x.Shape})"
                )

            if x.Shape[2] <> shape.Inputs then
                raise (
                    ShapeException
                        $"input.size(-1) must be equal to input_size. Expected {shape.Inputs}, got {x.Shape[2]} (recurrent: input of shape {Shape.format x.Shape})"
                )

            if x.Shape[timeAxis] = 0 then
                raise (
                    ShapeException
                        $"Expected sequence length to be larger than 0 in RNN (recurrent: input of shape {Shape.format x.Shape})"
                )

        /// PyTorch's first values: uniform within 1 / sqrt(hidden).
        let private init (shape: RecurrentShape) (parameters: (string * int list) list) key =
            let bound = 1.0 / sqrt (float (max 1 shape.Hidden))

            parameters
            |> List.mapi (fun i (name, size) -> name, Leaf(Random.uniformBetween -bound bound (Random.fold i key) size))
            |> Branch

        let private weights (shape: RecurrentShape) (parameters: (string * int list) list) p =
            parameters |> List.map (fun (name, _) -> Tree.tensor name p) |> Array.ofList |> Recurrent.weights shape

        /// A recurrent network as a layer; `run` gets dropout, weights and the input.
        let private network shape (options: RecurrentOptions) run : Layer<'Input, 'Output> =
            requireShape shape
            let parameters = Recurrent.parameters shape
            let dropout = Nn.dropout options.Dropout

            LayerParts.stateless (init shape parameters) (fun mode p x ->
                run (fun rows -> dropout.Apply mode Tree.empty Tree.empty rows |> fst) (weights shape parameters p) x)

        let private stateOf shape like count (initial: Tensor[] voption) =
            match initial with
            | ValueSome state ->
                Recurrent.requireState shape count state
                state
            | ValueNone -> Recurrent.zeroState shape like count

        /// Sequences [T, N, inputs] (batch first: [N, T, inputs]) and the state at their start, zeros if there is none, to outputs
        /// [T, N, directions * output] and the state at their end: [| hidden |], or [| hidden; cell |] of an LSTM, each
        /// [layers * directions, N, size]. Raises ArgumentValueException for sizes that make no network.
        let recurrentWith
            (options: RecurrentOptions)
            (shape: RecurrentShape)
            : Layer<Tensor * Tensor[] voption, Tensor * Tensor[]> =
            let turn (t: Tensor) = if options.BatchFirst then Structure.swapAxes 0 1 t else t

            network shape options (fun dropout weights (x: Tensor, initial) ->
                requireInput shape (if options.BatchFirst then 1 else 0) x
                let x = turn x

                let struct (y, states) = Recurrent.sequences shape.Kind dropout weights x (stateOf shape x x.Shape[1] initial)

                turn y, states)

        /// The same over packed sequences, with the same parameters; states are in the order before sorting.
        let recurrentPacked
            (options: RecurrentOptions)
            (shape: RecurrentShape)
            : Layer<Packed * Tensor[] voption, Packed * Tensor[]> =
            network shape options (fun dropout weights (x: Packed, initial) ->
                if x.Data.Rank <> 2 || x.Data.Shape[1] <> shape.Inputs then
                    raise (
                        ShapeException
                            $"input.size(-1) must be equal to input_size. Expected {shape.Inputs}, got packed data of shape {Shape.format x.Data.Shape} (recurrent)"
                    )

                let struct (y, states) =
                    Recurrent.packed shape.Kind dropout weights x (stateOf shape x.Data x.BatchSizes[0] initial)

                y, states)

        /// [T, N, inputs] to [T, N, directions * output], from a state of zeros. `dropout` acts between layers while learning.
        /// Parameters have PyTorch's names. Raises ArgumentValueException for sizes that make no network.
        let recurrent (shape: RecurrentShape) (dropout: float) : Layer =
            recurrentWith { RecurrentOptions.standard with Dropout = dropout } shape
            |> Nn.onInput (fun x -> x, ValueNone)
            |> Nn.map fst

        let private plain kind bias inputs hidden =
            { Kind = kind
              Inputs = inputs
              Hidden = hidden
              Layers = 1
              Bias = bias
              Bidirectional = false
              Projection = 0 }

        let private single kind inputs hidden = recurrent (plain kind true inputs hidden) 0.0

        /// One layer of tanh units over [T, N, inputs].
        let rnn inputs hidden = single TanhRnn inputs hidden
        /// One layer of long short-term memory over [T, N, inputs].
        let lstm inputs hidden = single Lstm inputs hidden
        /// One layer of gated recurrent units over [T, N, inputs].
        let gru inputs hidden = single Gru inputs hidden

        /// One step of a recurrent network: input [N, inputs] and state ([| hidden |], or [| hidden; cell |] of an LSTM, each [N, hidden])
        /// to the next state. Raises ArgumentValueException for sizes that make no cell.
        let recurrentCell kind bias inputs hidden : Layer<Tensor * Tensor[], Tensor[]> =
            let shape = plain kind bias inputs hidden
            requireShape shape
            // A cell's parameters are those of the first layer without its number.
            let parameters = Recurrent.parameters shape |> List.map (fun (name, size) -> name.Replace("_l0", ""), size)

            LayerParts.stateless (init shape parameters) (fun _ p (x: Tensor, state: Tensor[]) ->
                Recurrent.cell kind (weights shape parameters p |> Array.head |> Array.head) x state)

        let private simpleCell kind inputs hidden : Layer<Tensor * Tensor, Tensor> =
            recurrentCell kind true inputs hidden |> Nn.onInput (fun (x, state) -> x, [| state |]) |> Nn.map Array.head

        /// One step of tanh units: input [N, inputs] and state [N, hidden] to the next state.
        let rnnCell inputs hidden = simpleCell TanhRnn inputs hidden
        /// One step of gated recurrent units: input [N, inputs] and state [N, hidden] to the next state.
        let gruCell inputs hidden = simpleCell Gru inputs hidden

        /// One step of long short-term memory: input [N, inputs] with hidden and cell states [N, hidden] to the next ones.
        let lstmCell inputs hidden : Layer<Tensor * (Tensor * Tensor), Tensor * Tensor> =
            recurrentCell Lstm true inputs hidden
            |> Nn.onInput (fun (x, (state, cell)) -> x, [| state; cell |])
            |> Nn.map (fun next -> next[0], next[1])
