/// Recurrent networks and attention: what must hold between their forms.
module Functional.Laws.RecurrentTests

open Expecto
open FsCheck
open Functional
open Functional.Contract
open Functional.Laws.Elements

let private noise seed shape = Random.normal (Random.key seed) shape
let private near = expectSame 1e-5
let private same (t: Tensor) = t

let private shapeOf kind layers bidirectional projection : RecurrentShape =
    { Kind = kind
      Inputs = 3
      Hidden = 4
      Layers = layers
      Bias = true
      Bidirectional = bidirectional
      Projection = projection }

let private forms =
    [ for kind in [ TanhRnn; ReluRnn; Gru; Lstm ] do
          for layers in [ 1; 2 ] do
              for bidirectional in [ false; true ] do
                  shapeOf kind layers bidirectional 0
      shapeOf Lstm 2 true 2 ]

let private weightsOf (shape: RecurrentShape) =
    Recurrent.parameters shape
    |> List.mapi (fun i (_, sizes) -> noise (100 + i) sizes * 0.5)
    |> Array.ofList
    |> Recurrent.weights shape

let private stateOf (shape: RecurrentShape) count =
    Recurrent.stateSizes shape
    |> Array.mapi (fun i size -> noise (50 + i) [ shape.Layers * Recurrent.directions shape; count; size ])

let private run (shape: RecurrentShape) x initial = Recurrent.sequences shape.Kind same (weightsOf shape) x initial
let private name (shape: RecurrentShape) = $"{shape.Kind} {shape.Layers} {shape.Bidirectional} {shape.Projection}"

/// Each packed sequence goes through the network as it would go alone.
let private packedIsAlone (lengths: int[]) enforceSorted (shape: RecurrentShape) =
    let count = lengths.Length
    let x = noise 1 [ Array.max lengths; count; 3 ]
    let initial = stateOf shape count
    let packed = Packed.ofPadded lengths false enforceSorted x
    let struct (output, states) = Recurrent.packed shape.Kind same (weightsOf shape) packed initial
    let padded = Packed.toPadded false 0.0 None output

    for n in 0 .. count - 1 do
        let only axis (t: Tensor) = Tensor.narrow axis n 1 t
        let struct (alone, last) = run shape (only 1 x |> Tensor.narrow 0 0 lengths[n]) (initial |> Array.map (only 1))
        near $"{name shape}: outputs of sequence {n}" (only 1 padded |> Tensor.narrow 0 0 lengths[n]) alone

        Array.iter2 (fun state expected -> near $"{name shape}: state of sequence {n}" (only 1 state) expected) states last

        let rest = Array.max lengths - lengths[n]
        Expect.all (read (only 1 padded |> Tensor.narrow 0 lengths[n] rest)) ((=) 0.0) "padding"

let private few = { FsCheckConfig.defaultConfig with maxTest = 12 }

let private flipTime = Tensor.flip [ 0 ]

let private recurrent =
    testList
        "recurrent"
        [ for shape in forms do
              testPropertyWithConfig few $"packed is padded under the mask: {name shape}"
              <| fun (NonEmptyArray lengths: NonEmptyArray<PositiveInt>) ->
                  let lengths = lengths |> Array.truncate 4 |> Array.map (fun (PositiveInt n) -> 1 + n % 5)
                  packedIsAlone lengths false shape
                  packedIsAlone (Array.sortDescending lengths) true shape

          for kind in [ TanhRnn; Gru; Lstm ] do
              testProperty $"bidirectional is two directions: {kind}"
              <| fun (PositiveInt steps) (PositiveInt count) seed ->
                  let steps, count = 1 + steps % 6, 1 + count % 3
                  let both = shapeOf kind 1 true 0
                  let weights = (weightsOf both)[0]
                  let x, initial = noise seed [ steps; count; 3 ], stateOf both count
                  let struct (output, states) = run both x initial

                  let one d (x: Tensor) =
                      Recurrent.sequences kind same [| [| weights[d] |] |] x (initial |> Array.map (Tensor.narrow 0 d 1))

                  let struct (ahead, aheadStates) = one 0 x
                  let struct (back, backStates) = one 1 (flipTime x)
                  near "outputs" output (Tensor.cat 2 [ ahead; flipTime back ])

                  Array.iteri (fun i state -> near "states" state (Tensor.cat 0 [ aheadStates[i]; backStates[i] ])) states

              test $"two layers are one after the other: {kind}" {
                  let two = shapeOf kind 2 false 0
                  let weights = weightsOf two
                  let x, initial = noise 3 [ 4; 2; 3 ], stateOf two 2
                  let struct (output, _) = run two x initial

                  let layer i x =
                      let struct (y, _) =
                          Recurrent.sequences kind same [| weights[i] |] x (initial |> Array.map (Tensor.narrow 0 i 1))

                      y

                  near "outputs" output (layer 1 (layer 0 x))
              }

              test $"a scan is its steps: {kind}" {
                  let shape = shapeOf kind 1 false 0
                  let w = weightsOf shape |> Array.head |> Array.head
                  let x, initial = noise 4 [ 3; 2; 3 ], stateOf shape 2
                  let struct (output, _) = run shape x initial
                  let first = initial |> Array.map (Tensor.select 0 0)

                  let states =
                      [ 0..2 ] |> List.scan (fun state t -> Recurrent.cell kind w (Tensor.select 0 t x) state) first |> List.tail

                  near "outputs" output (states |> List.map (fun s -> s[0]) |> Tensor.stack 0)
              }

              test $"forward and reverse derivatives agree: {kind}" {
                  let shape = shapeOf kind 1 true 0
                  let x = noise 5 [ 4; 2; 3 ]
                  let initial = stateOf shape 2

                  let f x =
                      let struct (y, _) = run shape x initial
                      Tensor.sum (y * y)

                  let direction = noise 6 [ 4; 2; 3 ]
                  let _, pushed = Transforms.jvp f x direction
                  near "slope" pushed (Tensor.sum (Transforms.grad f x * direction))
              }

          test "packing and padding undo each other" {
              let lengths = [| 3; 1; 4; 4 |]
              let sequences = [ for n in lengths -> noise (10 + n) [ n; 2 ] ]

              for batchFirst in [ false; true ] do
                  let padded = Packed.padSequences batchFirst 7.0 sequences
                  let packed = Packed.ofPadded lengths batchFirst false padded
                  Expect.equal (Packed.lengths packed) lengths "lengths"
                  expectBits "padded" (Packed.toPadded batchFirst 7.0 None packed) padded
                  List.iter2 (expectBits "sequence") (Packed.toSequences packed) sequences

              expectBits
                  "longer"
                  (Packed.toPadded false 0.0 (Some 6) (Packed.ofSequences false sequences))
                  (Tensor.cat 0 [ Packed.padSequences false 0.0 sequences; Tensor.zeros [ 2; 4; 2 ] ])
          }

          test "lengths that cannot be are refused" {
              let x = noise 1 [ 3; 2; 1 ]
              let pack lengths sorted () = (Packed.ofPadded lengths false sorted x).Data
              refuses<ArgumentValueException> "nothing" "has to be greater than 0" (pack [| 2; 0 |] true)
              refuses<ArgumentValueException> "rising" "must be sorted in decreasing order" (pack [| 1; 2 |] true)
              refuses<ShapeException> "too long" "but got 4" (pack [| 4; 1 |] true)
              refuses<ShapeException> "too few" "equal to batch_size" (pack [| 1 |] true)
          }

          test "as layers: PyTorch's names, and a loss that falls" {
              let layer = Nn.gru 3 4
              let parameters, state = layer.Init(Random.key 1)

              Expect.equal
                  (Tree.named parameters |> List.map fst)
                  [ "weight_ih_l0"; "weight_hh_l0"; "bias_ih_l0"; "bias_hh_l0" ]
                  "names"

              let x, y = noise 7 [ 5; 8; 3 ], Tensor.tanh (noise 8 [ 5; 8; 4 ])
              let loss p = Loss.mse (fst (layer.Apply Evaluate p state x)) y
              let optimizer = Optim.adam 0.05

              let learn (p, s) _ =
                  let gradients = Transforms.grad loss p
                  let struct (p, s) = Optim.step optimizer gradients s p
                  p, s

              let before = Tensor.item (loss parameters)
              let after = Seq.fold learn (parameters, optimizer.Init parameters) (seq { 1..60 }) |> fst |> loss
              Expect.isLessThan (Tensor.item after) (0.7 * before) "loss"
          } ]

let private attention =
    let weights width =
        { Projection = Joint(noise 20 [ 3 * width; width ])
          ProjectionBias = Some(noise 21 [ 3 * width ])
          Extra = None
          Output = noise 22 [ width; width ]
          OutputBias = Some(noise 23 [ width ]) }

    let run masks q k v = Attention.multiHead 2 false (Some same) masks (weights 4) q k v

    testList
        "attention"
        [ test "a joint projection is three" {
              let x = noise 1 [ 3; 2; 4 ]
              let struct (together, _) = run Attention.noMasks x x x
              // Other objects with the same numbers are projected one by one.
              let struct (apart, _) = run Attention.noMasks x (x + 0.0) (x + 0.0)
              near "outputs" together apart
          }

          test "what is masked has no part" {
              let x = noise 2 [ 4; 2; 4 ]
              let keys = Tensor.ofBools [ 2; 4 ] [| false; false; true; true; false; false; true; true |]
              let struct (masked, weights) = run { Scores = None; Keys = Some keys } x x x
              let part = Tensor.narrow 0 0 2 x
              let struct (alone, _) = run Attention.noMasks x part part
              near "outputs" masked alone
              Expect.all (read (Tensor.narrow 3 2 2 (ValueOption.get weights))) ((=) 0.0) "weights"
          }

          test "outputs and gradients are the same whether the weights are wanted or not" {
              // In double precision: gradients of large numbers cancel.
              let noise seed shape = Engine.cast Float64 (noise seed shape)

              let weights =
                  { Projection = Joint(noise 20 [ 12; 4 ])
                    ProjectionBias = Some(noise 21 [ 12 ])
                    Extra = None
                    Output = noise 22 [ 4; 4 ]
                    OutputBias = Some(noise 23 [ 4 ]) }

              let x, y = noise 5 [ 4; 3; 4 ], noise 6 [ 5; 3; 4 ]
              let keys = Tensor.ofBools [ 3; 5 ] (Array.init 15 (fun i -> i % 5 = 3))
              let scores = noise 7 [ 4; 5 ]

              for masks in
                  [ Attention.noMasks
                    { Scores = Some scores; Keys = None }
                    { Scores = None; Keys = Some keys }
                    { Scores = Some scores; Keys = Some keys }
                    { Scores = Some(noise 8 [ 6; 4; 5 ]); Keys = None } ] do
                  for addZero in [ false; true ] do
                      let outputs dropout x =
                          let struct (outputs, _) = Attention.multiHead 2 addZero dropout masks weights x y y
                          outputs

                      let gradient dropout = Transforms.grad (fun x -> Tensor.sum (Tensor.square (outputs dropout x))) x
                      near "outputs" (outputs None x) (outputs (Some same) x)
                      near "gradients" (gradient None) (gradient (Some same))
          }

          test "causal: nothing comes from later positions" {
              let x = noise 3 [ 5; 1; 4 ]
              let masks = { Scores = Some(Attention.causalMask 5); Keys = None }
              let struct (whole, _) = run masks x x x

              for n in 1..4 do
                  let start = Tensor.narrow 0 0 n x
                  let struct (part, _) = run { Scores = Some(Attention.causalMask n); Keys = None } start start start
                  near $"first {n}" (Tensor.narrow 0 0 n whole) part
          }

          test "rows of weights are probabilities" {
              let x = noise 4 [ 3; 2; 4 ]
              let struct (_, weights) = run Attention.noMasks x x x
              near "sums" (Tensor.sumOver [ 3 ] false (ValueOption.get weights)) (Tensor.ones [ 2; 2; 3 ])
          } ]

let tests = testList "Recurrent" [ recurrent; attention ]
