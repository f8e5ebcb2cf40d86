/// Recurrent networks, attention and transformers as layers, beside the facade's modules.
module Functional.Laws.NetworkChecks

// Of C#'s nullable tuples the compiler reads the marks of the parts as those of the whole.
#nowarn "3261"

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Torch
open Functional.Laws.Elements
open Functional.Laws.Beside

let private check names name run = { Of = names; Name = name; Run = run }
let private key = Random.key 12

let private shapeOf kind : RecurrentShape =
    { Kind = kind
      Inputs = 3
      Hidden = 4
      Layers = 2
      Bias = true
      Bidirectional = true
      Projection = 0 }

/// What the facade's network of a kind makes of a sequence and a state: outputs and states.
let private network batchFirst (shape: RecurrentShape) parameters (x: Tensor) (state: Tensor[] voption) =
    let inputs, hidden, layers = int64 shape.Inputs, int64 shape.Hidden, int64 shape.Layers
    let both = shape.Bidirectional
    let x = facade x

    match shape.Kind with
    | Lstm ->
        let m =
            torch.nn.LSTM(
                inputs,
                hidden,
                layers,
                shape.Bias,
                batch_first = batchFirst,
                bidirectional = both,
                proj_size = int64 shape.Projection
            )

        loaded parameters m

        let struct (y, h, c) =
            match state with
            | ValueSome s -> m.call (x, Nullable<struct (torch.Tensor * torch.Tensor)>(struct (facade s[0], facade s[1])))
            | ValueNone -> m.call x

        y, [| h; c |]
    | Gru ->
        let m = torch.nn.GRU(inputs, hidden, layers, shape.Bias, batch_first = batchFirst, bidirectional = both)
        loaded parameters m

        let struct (y, h) =
            match state with
            | ValueSome s -> m.call (x, facade s[0])
            | ValueNone -> m.call x

        y, [| h |]
    | kind ->
        let nonlinearity = if kind = TanhRnn then "tanh" else "relu"

        let m =
            torch.nn.RNN(inputs, hidden, layers, nonlinearity, shape.Bias, batch_first = batchFirst, bidirectional = both)

        loaded parameters m

        let struct (y, h) =
            match state with
            | ValueSome s -> m.call (x, facade s[0])
            | ValueNone -> m.call x

        y, [| h |]

let private stateOf (shape: RecurrentShape) count =
    Recurrent.stateSizes shape
    |> Array.mapi (fun i size -> noise (50 + i) [ shape.Layers * Recurrent.directions shape; count; size ])

let private nameOf kind =
    match kind with
    | Lstm -> "LSTM"
    | Gru -> "GRU"
    | _ -> "RNN"

let private recurrent =
    [ for shape in
          [ for kind in [ TanhRnn; ReluRnn; Gru; Lstm ] do
                shapeOf kind
            { shapeOf Lstm with Projection = 2 }
            { shapeOf Gru with Bias = false; Bidirectional = false; Layers = 1 } ] do
          for batchFirst in [ false; true ] do
              check
                  (nameOf shape.Kind)
                  $"recurrent: {shape.Kind}, projection {shape.Projection}, bias {shape.Bias}, batch first {batchFirst}"
                  (fun () ->
                      let layer = Nn.recurrentWith { RecurrentOptions.standard with BatchFirst = batchFirst } shape
                      let parameters, empty = fresh 5 layer
                      let x = noise 1 (if batchFirst then [ 2; 5; 3 ] else [ 5; 2; 3 ])

                      for state in [ ValueNone; ValueSome(stateOf shape 2) ] do
                          let y, last = evaluated layer parameters empty (x, state)
                          let expected, states = network batchFirst shape parameters x state
                          near "outputs" y expected
                          Array.iter2 (near "states") last states)

      for kind, layer in [ TanhRnn, Nn.rnn 3 4; Lstm, Nn.lstm 3 4; Gru, Nn.gru 3 4 ] do
          check (nameOf kind) $"one layer from zeros: {kind}" (fun () ->
              let shape = { shapeOf kind with Layers = 1; Bidirectional = false }
              let parameters, state = fresh 5 layer
              let x = noise 1 [ 5; 2; 3 ]
              near "outputs" (evaluated layer parameters state x) (network false shape parameters x ValueNone |> fst))

      for kind in [ TanhRnn; Gru; Lstm ] do
          check $"{nameOf kind} utils.rnn.PackedSequence" $"packed sequences: {kind}" (fun () ->
              let shape = shapeOf kind
              let layer = Nn.recurrentPacked RecurrentOptions.standard shape
              let parameters, empty = fresh 5 layer
              let lengths = [| 2; 5; 3 |]
              let x, state = noise 1 [ 5; 3; 3 ], stateOf shape 3
              let packed = Packed.ofPadded lengths false false x
              let y, last = evaluated layer parameters empty (packed, ValueSome state)
              let padded = Packed.toPadded false 0.0 None y

              lengths
              |> Array.iteri (fun n length ->
                  let only t = Tensor.narrow 1 n 1 t
                  let alone = Tensor.narrow 0 0 length (only x)
                  let expected, states = network false shape parameters alone (ValueSome(state |> Array.map only))
                  near $"sequence {n}" (only padded |> Tensor.narrow 0 0 length) expected
                  Array.iter2 (fun s e -> near $"state {n}" (only s) e) last states))

      check "LSTM GRU RNN" "dropout acts between layers, while learning, by the key" (fun () ->
          let shape = { shapeOf Gru with Bidirectional = false }
          let layer, plain = Nn.recurrent shape 0.5, Nn.recurrent shape 0.0
          let parameters, state = fresh 5 layer
          let x = noise 1 [ 6; 3; 3 ]
          let learn (layer: Layer) seed = layer.Apply (Train(Random.key seed)) parameters state x |> fst
          expectBits "the same key" (learn layer 1) (learn layer 1)
          Expect.notEqual (read (learn layer 1)) (read (learn layer 2)) "another key"
          expectBits "answering" (evaluated layer parameters state x) (evaluated plain parameters state x)
          expectBits "none" (learn plain 1) (evaluated plain parameters state x)
          // With one layer there is nothing between layers.
          let one = { shape with Layers = 1 }
          let layer = Nn.recurrent one 0.5
          let parameters, state = fresh 5 layer

          expectBits "one layer" (layer.Apply (Train key) parameters state x |> fst) (evaluated layer parameters state x))

      check "LSTM GRU RNN" "a state of another size is refused" (fun () ->
          let layer = Nn.recurrentWith RecurrentOptions.standard (shapeOf Lstm)
          let parameters, empty = layer.Init key
          let x = noise 1 [ 5; 2; 3 ]
          let with' state () = evaluated layer parameters empty (x, ValueSome state) |> fst
          let good = stateOf (shapeOf Lstm) 2
          refuses<ShapeException> "one part" "Expected a state of 2 parts" (with' [| good[0] |])
          refuses<ShapeException> "another batch" "Expected hidden[1] size (4, 2, 4)" (with' [| good[0]; noise 1 [ 4; 3; 4 ] |]))

      check "RNNCell" "cells: tanh" (fun () ->
          let layer = Nn.rnnCell 3 4
          let parameters, empty = fresh 5 layer
          let m = torch.nn.RNNCell(3L, 4L)
          loaded parameters m
          let x, h = noise 1 [ 2; 3 ], noise 2 [ 2; 4 ]
          near "next" (evaluated layer parameters empty (x, h)) (m.call (facade x, facade h))
          let layer = Nn.recurrentCell ReluRnn false 3 4
          let parameters, empty = fresh 5 layer
          let m = torch.nn.RNNCell(3L, 4L, false, "relu")
          loaded parameters m
          near "relu without bias" (evaluated layer parameters empty (x, [| h |]) |> Array.head) (m.call (facade x, facade h)))
      check "GRUCell" "cells: gru" (fun () ->
          let layer = Nn.gruCell 3 4
          let parameters, empty = fresh 5 layer
          let m = torch.nn.GRUCell(3L, 4L)
          loaded parameters m
          let x, h = noise 1 [ 2; 3 ], noise 2 [ 2; 4 ]
          near "next" (evaluated layer parameters empty (x, h)) (m.call (facade x, facade h)))
      check "LSTMCell" "cells: lstm" (fun () ->
          let layer = Nn.lstmCell 3 4
          let parameters, empty = fresh 5 layer
          let m = torch.nn.LSTMCell(3L, 4L)
          loaded parameters m
          let x, h, c = noise 1 [ 2; 3 ], noise 2 [ 2; 4 ], noise 3 [ 2; 4 ]

          let struct (hidden, cell) =
              m.call (facade x, Nullable<struct (torch.Tensor * torch.Tensor)>(struct (facade h, facade c)))

          let mine, mineCell = evaluated layer parameters empty (x, (h, c))
          near "hidden" mine hidden
          near "cell" mineCell cell) ]

let private attention =
    [ for form in
          [ AttentionForm.standard 8 2
            { AttentionForm.standard 8 2 with Bias = false; AddBiasKv = true; AddZero = true }
            { AttentionForm.standard 8 4 with KeyWidth = Some 5; ValueWidth = Some 6; BatchFirst = true } ] do
          check "MultiheadAttention" $"attention: %A{form}" (fun () ->
              let keys, values = defaultArg form.KeyWidth 8, defaultArg form.ValueWidth 8
              let layer = Nn.multiheadAttentionWithWeights form
              let parameters, state = fresh 5 layer

              let m =
                  torch.nn.MultiheadAttention(
                      8L,
                      int64 form.Heads,
                      bias = form.Bias,
                      add_bias_kv = form.AddBiasKv,
                      add_zero_attn = form.AddZero,
                      kdim = Nullable(int64 keys),
                      vdim = Nullable(int64 values),
                      batch_first = form.BatchFirst
                  )

              loaded parameters m
              let place length width = if form.BatchFirst then [ 3; length; width ] else [ length; 3; width ]
              let query, key, value = noise 1 (place 4 8), noise 2 (place 5 keys), noise 3 (place 5 values)
              let scores, padding = noise 4 [ 4; 5 ], noise 5 [ 3; 5 ]

              let input = { Query = query; Key = key; Value = value; Masks = { Scores = Some scores; Keys = Some padding } }

              let struct (output, weights) =
                  m.call (
                      facade query,
                      facade key,
                      facade value,
                      facade padding,
                      true,
                      facade scores,
                      average_attn_weights = false
                  )

              let mixed, shown = evaluated layer parameters state input
              near "outputs" mixed output
              near "weights" shown (Unchecked.nonNull weights)
              near "without weights" (evaluated (Nn.multiheadAttention form) parameters state input) output)

      check "MultiheadAttention" "attention's dropout: while learning, by the key" (fun () ->
          let layer = Nn.multiheadAttention { AttentionForm.standard 8 2 with Dropout = 0.5 }
          let parameters, state = fresh 5 layer
          let input = AttentionInput.within (noise 1 [ 6; 2; 8 ])
          let learn seed = layer.Apply (Train(Random.key seed)) parameters state input |> fst
          expectBits "the same key" (learn 1) (learn 1)
          Expect.notEqual (read (learn 1)) (read (learn 2)) "another key")

      check "MultiheadAttention" "masks of other sizes are refused" (fun () ->
          let layer = Nn.multiheadAttention (AttentionForm.standard 8 2)
          let parameters, state = layer.Init key
          let input = AttentionInput.within (noise 1 [ 6; 2; 8 ])

          refuses<ShapeException> "scores" "but should be (6, 6)" (fun () ->
              evaluated layer parameters state { input with Masks = { Scores = Some(noise 2 [ 5; 6 ]); Keys = None } })

          refuses<ShapeException> "keys" "expecting key_padding_mask shape of (2, 6)" (fun () ->
              evaluated layer parameters state { input with Masks = { Scores = None; Keys = Some(noise 2 [ 2; 5 ]) } })) ]

let private gelu = Nullable(Modules.Activation.op_Implicit "gelu")

let private transformers =
    [ for normFirst in [ false; true ] do
          for batchFirst in [ false; true ] do
              let form =
                  { TransformerForm.standard 8 2 with
                      FeedForward = 12
                      Activation = Tensor.gelu
                      Epsilon = 0.01
                      NormFirst = normFirst
                      Causal = true
                      BatchFirst = batchFirst }

              let place length = if batchFirst then [ 3; length; 8 ] else [ length; 3; 8 ]
              let x, memory = noise 1 (place 5), noise 2 (place 4)
              let causal = Modules.Transformer.generate_square_subsequent_mask 5L
              let ofTarget = { Scores = None; Keys = Some(noise 3 [ 3; 5 ]) }
              let ofMemory = { Scores = Some(noise 4 [ 5; 4 ]); Keys = Some(noise 5 [ 3; 4 ]) }
              let keys (masks: AttentionMasks) = facade masks.Keys.Value

              let decoded = { Target = x; Memory = memory; TargetMasks = ofTarget; MemoryMasks = ofMemory }

              let encoderLayer () = torch.nn.TransformerEncoderLayer(8L, 2L, 12L, 0.1, gelu, 0.01, batchFirst, normFirst)

              let decoderLayer () = torch.nn.TransformerDecoderLayer(8L, 2L, 12L, 0.1, gelu, 0.01, batchFirst, normFirst)

              let label = $"norm first {normFirst}, batch first {batchFirst}"

              check "TransformerEncoderLayer TransformerEncoder" $"transformer encoder, {label}" (fun () ->
                  let layer = Nn.transformerEncoderLayer form
                  let parameters, state = fresh 5 layer
                  let m = encoderLayer ()
                  loaded parameters m
                  near "a layer" (evaluated layer parameters state x) (m.call (facade x, src_mask = causal))
                  let masked = Nn.transformerEncoderLayerMasked { form with Causal = false }
                  let input = { Sequence = x; Masks = ofTarget }

                  near
                      "a layer under masks"
                      (evaluated masked parameters state input)
                      (m.call (facade x, src_key_padding_mask = keys ofTarget))

                  let stack = Nn.transformerEncoder form 2
                  let parameters, state = fresh 6 stack
                  let m = torch.nn.TransformerEncoder(encoderLayer (), 2L)
                  loaded parameters m
                  near "two layers" (evaluated stack parameters state x) (m.call (facade x, mask = causal))
                  let stack = Nn.transformerEncoderMasked true form 2
                  let parameters, state = fresh 7 stack
                  let m = torch.nn.TransformerEncoder(encoderLayer (), 2L, torch.nn.LayerNorm(8L, 0.01))
                  loaded parameters m

                  near
                      "two layers and a norm under masks"
                      (evaluated stack parameters state input)
                      (m.call (facade x, mask = causal, src_key_padding_mask = keys ofTarget)))

              check "TransformerDecoderLayer TransformerDecoder" $"transformer decoder, {label}" (fun () ->
                  let expected (call: torch.Tensor -> torch.Tensor -> torch.Tensor) = call (facade x) (facade memory)
                  let layer = Nn.transformerDecoderLayer form
                  let parameters, state = fresh 5 layer
                  let m = decoderLayer ()
                  loaded parameters m

                  near
                      "a layer"
                      (evaluated layer parameters state decoded)
                      (expected (fun x memory ->
                          m.call (x, memory, causal, facade ofMemory.Scores.Value, keys ofTarget, keys ofMemory)))

                  let stack = Nn.transformerDecoder true form 2
                  let parameters, state = fresh 6 stack
                  let m = torch.nn.TransformerDecoder(decoderLayer (), 2L, torch.nn.LayerNorm(8L, 0.01))
                  loaded parameters m

                  near
                      "two layers and a norm"
                      (evaluated stack parameters state decoded)
                      (expected (fun x memory ->
                          m.call (x, memory, causal, facade ofMemory.Scores.Value, keys ofTarget, keys ofMemory))))

              check "Transformer" $"transformer, {label}" (fun () ->
                  let layer = Nn.transformer form 2 1
                  let parameters, state = fresh 5 layer
                  let m = torch.nn.Transformer(8L, 2L, 2L, 1L, 12L, 0.1, gelu, null, null, 0.01, batchFirst, normFirst)
                  loaded parameters m

                  let input =
                      { Source = memory
                        Target = x
                        SourceMasks = { Scores = None; Keys = ofMemory.Keys }
                        TargetMasks = ofTarget
                        MemoryMasks = ofMemory }

                  let expected =
                      m.call (
                          facade memory,
                          facade x,
                          null,
                          causal,
                          facade ofMemory.Scores.Value,
                          keys ofMemory,
                          keys ofTarget,
                          keys ofMemory
                      )

                  near "outputs" (evaluated layer parameters state input) expected)

      check "TransformerEncoder" "a transformer's dropout: while learning, by the key" (fun () ->
          let layer = Nn.transformerEncoder { TransformerForm.standard 8 2 with FeedForward = 12; Dropout = 0.5 } 2
          let parameters, state = fresh 5 layer
          let x = noise 1 [ 6; 2; 8 ]
          let learn seed = layer.Apply (Train(Random.key seed)) parameters state x |> fst
          expectBits "the same key" (learn 1) (learn 1)
          Expect.notEqual (read (learn 1)) (read (learn 2)) "another key") ]

let checks = recurrent @ attention @ transformers
