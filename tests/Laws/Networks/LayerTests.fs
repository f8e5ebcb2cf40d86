/// Layers and losses against their formulas.
module Functional.Laws.LayerTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Elements

let private key = Random.key 42
let private noise seed shape = Random.normal (Random.key seed) shape
let private near = expectSame 1e-5

/// The output of a fresh layer.
let private run mode (layer: Layer) x =
    let parameters, state = layer.Init key
    fst (layer.Apply mode parameters state x)

let private named (layer: Layer) = fst (layer.Init key) |> Tree.named |> List.map (fun (name, t) -> name, Tensor.shape t)

let private shapes =
    testList
        "shapes and parameters"
        [ for name, layer, parameters, input, output in
              [ "linear", Nn.linear 3 5, [ "weight", [ 5; 3 ]; "bias", [ 5 ] ], [ 7; 3 ], [ 7; 5 ]
                "linear on more dimensions", Nn.linear 3 5, [ "weight", [ 5; 3 ]; "bias", [ 5 ] ], [ 2; 4; 3 ], [ 2; 4; 5 ]
                "linear on no examples", Nn.linear 3 5, [ "weight", [ 5; 3 ]; "bias", [ 5 ] ], [ 0; 3 ], [ 0; 5 ]
                "linear without bias", Nn.linearNoBias 3 1, [ "weight", [ 1; 3 ] ], [ 1; 3 ], [ 1; 1 ]
                "conv2d", Nn.conv2d 2 4 3, [ "weight", [ 4; 2; 3; 3 ]; "bias", [ 4 ] ], [ 5; 2; 8; 6 ], [ 5; 4; 6; 4 ]
                "conv2d with stride and padding",
                Nn.conv2dWith 2 1 false 2 4 3,
                [ "weight", [ 4; 2; 3; 3 ] ],
                [ 1; 2; 5; 5 ],
                [ 1; 4; 3; 3 ]
                "maxPool2d", Nn.maxPool2d 2, [], [ 2; 3; 5; 4 ], [ 2; 3; 2; 2 ]
                "avgPool2d", Nn.avgPool2d 2, [], [ 2; 3; 4; 4 ], [ 2; 3; 2; 2 ]
                "flatten", Nn.flatten, [], [ 2; 3; 4 ], [ 2; 12 ]
                "layerNorm", Nn.layerNorm 4, [ "weight", [ 4 ]; "bias", [ 4 ] ], [ 3; 4 ], [ 3; 4 ]
                "batchNorm", Nn.batchNorm 3, [ "weight", [ 3 ]; "bias", [ 3 ] ], [ 4; 3; 2; 2 ], [ 4; 3; 2; 2 ]
                "batchNorm of vectors", Nn.batchNorm 3, [ "weight", [ 3 ]; "bias", [ 3 ] ], [ 4; 3 ], [ 4; 3 ]
                "selfAttention",
                Nn.selfAttention true 2 4,
                [ "in_proj_weight", [ 12; 4 ]; "in_proj_bias", [ 12 ]; "out_proj.weight", [ 4; 4 ]; "out_proj.bias", [ 4 ] ],
                [ 3; 5; 4 ],
                [ 3; 5; 4 ]
                "residual", Nn.residual (Nn.linear 3 3), [ "weight", [ 3; 3 ]; "bias", [ 3 ] ], [ 2; 3 ], [ 2; 3 ] ] do
              test name {
                  Expect.equal (named layer) parameters "parameters"
                  Expect.equal (Tensor.shape (run Evaluate layer (noise 1 input))) output "evaluating"
                  Expect.equal (Tensor.shape (run (Train key) layer (noise 1 input))) output "learning"

                  expectBits
                      "the same key, the same parameters"
                      (Tree.leaves (fst (layer.Init key))
                       |> Array.map (Tensor.reshape [ -1 ])
                       |> List.ofArray
                       |> fun all -> Tensor.cat 0 (Tensor.zeros [ 1 ] :: all))
                      (Tree.leaves (fst (layer.Init key))
                       |> Array.map (Tensor.reshape [ -1 ])
                       |> List.ofArray
                       |> fun all -> Tensor.cat 0 (Tensor.zeros [ 1 ] :: all))
              }

          test "weights start within 1 / sqrt(fan in), and not alike" {
              let weight = Tree.tensor "weight" (fst ((Nn.linear 100 50).Init key)) |> read
              Expect.all weight (fun w -> abs w <= 0.1) "within"
              Expect.isGreaterThan (weight |> Array.map abs |> Array.max) 0.09 "filling it"
              Expect.isGreaterThan (weight |> Array.distinct |> Array.length) 4000 "different"
              let other = Tree.tensor "weight" (fst ((Nn.linear 100 50).Init(Random.key 43))) |> read
              Expect.notEqual weight other "another key"
          } ]

let private formulas =
    testList
        "formulas"
        [ test "linear is x W' + b" {
              let layer = Nn.linear 3 2
              let p, _ = layer.Init key
              let x = noise 1 [ 4; 3 ]
              near "linear" (run Evaluate layer x) (Tensor.matmul x (Tensor.t (Tree.tensor "weight" p)) + Tree.tensor "bias" p)
          }

          test "activations" {
              let x = Tensor.ofSeq [ -2.0; -0.5; 0.0; 1.0; 3.0 ]
              let is name f layer = expectNear 1e-5 name (read (run Evaluate layer x)) (read x |> Array.map f)
              is "relu" (max 0.0) Nn.relu
              is "tanh" tanh Nn.tanh
              is "sigmoid" (fun x -> 1.0 / (1.0 + exp -x)) Nn.sigmoid
              is "silu" (fun x -> x / (1.0 + exp -x)) Nn.silu
              expectNear 1e-5 "gelu" (read (run Evaluate Nn.gelu x)) [| -0.0455003; -0.1542687; 0.0; 0.8413447; 2.9959502 |]
              let rows = noise 2 [ 3; 4 ]
              near "logSoftmax" (run Evaluate (Nn.logSoftmax 1) rows) (Tensor.log (Tensor.softmax 1 rows))
          }

          test "layer norm has mean 0 and variance 1, scaled and shifted" {
              let x = noise 1 [ 5; 8 ] * 3.0 + 2.0
              let layer = Nn.layerNorm 8
              let mean, variance = Tensor.meanOver [ 1 ] true x, Tensor.varOver [ 1 ] 0.0 true x
              let plain = (x - mean) / Tensor.sqrt (variance + 1e-5)
              near "fresh" (run Evaluate layer x) plain
              let weight, bias = noise 2 [ 8 ], noise 3 [ 8 ]
              let p = Branch [ "weight", Leaf weight; "bias", Leaf bias ]
              near "scaled" (fst (layer.Apply Evaluate p Tree.empty x)) (plain * weight + bias)
          }

          test "batch norm: the batch's statistics while learning, the running ones after" {
              let layer = Nn.batchNorm 3
              let p, state = layer.Init key
              let x = noise 1 [ 6; 3; 4; 5 ] * 2.0 + 1.0
              let n = 6.0 * 20.0
              let mean, variance = Tensor.meanOver [ 0; 2; 3 ] true x, Tensor.varOver [ 0; 2; 3 ] 0.0 true x
              let y, next = layer.Apply (Train key) p state x
              near "learning" y ((x - mean) / Tensor.sqrt (variance + 1e-5))
              let flat t = Tensor.reshape [ 3 ] t
              near "running mean" (Tree.tensor "running_mean" next) (flat mean * 0.1)
              near "running variance, unbiased" (Tree.tensor "running_var" next) (flat variance * (0.1 * n / (n - 1.0)) + 0.9)
              let y, same = layer.Apply Evaluate p next x
              let column name = Tensor.reshape [ 3; 1; 1 ] (Tree.tensor name next)
              near "after" y ((x - column "running_mean") / Tensor.sqrt (column "running_var" + 1e-5))
              expectBits "evaluating changes nothing" (Tree.tensor "running_mean" same) (Tree.tensor "running_mean" next)
          }

          test "batch norm's gradient takes the statistics along" {
              let layer = Nn.batchNorm 2
              let p, state = layer.Init key
              let x = Tensor.cast Float64 (noise 1 [ 3; 2 ])
              let weights = Tensor.cast Float64 (noise 2 [ 3; 2 ])
              let cost x = Tensor.sum (fst (layer.Apply (Train key) p state x) * weights)
              let g = read (grad cost x)
              let h = 1e-5

              let differences =
                  [| for i in 0..5 ->
                         let step = Tensor.oneHot 6 (Tensor.ofInts [ i ]) |> Tensor.reshape [ 3; 2 ] |> Tensor.cast Float64
                         (Tensor.item (cost (x + step * h)) - Tensor.item (cost (x - step * h))) / (2.0 * h) |]

              expectNear 1e-6 "gradient" g differences
          }

          test "dropout keeps the expectation, and the key decides" {
              let x = Tensor.ones [ 100; 100 ]

              for p in [ 0.1; 0.5; 0.9 ] do
                  let y = run (Train key) (Nn.dropout p) x
                  let ys = read y
                  Expect.all ys (fun y -> y = 0.0 || abs (y - 1.0 / (1.0 - p)) < 1e-5) "zero or scaled"
                  let miss = abs (Array.average ys - 1.0)
                  Expect.isLessThan miss (5.0 * sqrt (p / (1.0 - p)) / 100.0) $"the mean at {p}"
                  expectBits "the same key" y (run (Train key) (Nn.dropout p) x)
                  Expect.notEqual ys (read (run (Train(Random.key 1)) (Nn.dropout p) x)) "another key"
                  expectBits "evaluating" (run Evaluate (Nn.dropout p) x) x

              expectBits "p = 0" (run (Train key) (Nn.dropout 0.0) x) x
              expectBits "p = 1" (run (Train key) (Nn.dropout 1.0) x) (x * 0.0)
              let mask = run (Train key) (Nn.dropout 0.5) x
              expectBits "its gradient is its mask" (grad (fun x -> Tensor.sum (run (Train key) (Nn.dropout 0.5) x)) x) mask
          }

          test "embedding looks up rows; repeated rows add their gradients" {
              let layer = Nn.embedding 4 3
              let p, state = layer.Init key
              let table = Tree.tensor "weight" p
              let index = Tensor.ofInt64s [ 2; 2 ] [| 3L; 1L; 3L; 3L |]
              let rows = fst (layer.Apply Evaluate p state index)
              Expect.equal rows.Shape [| 2; 2; 3 |] "shape"
              expectBits "a row" (rows[1][0]) (table[3])
              let g = grad (fun p -> Tensor.sum (fst (layer.Apply (Train key) p state index))) p
              expectNear 0.0 "gradient" (read (Tree.tensor "weight" g)) [| 0.; 0.; 0.; 1.; 1.; 1.; 0.; 0.; 0.; 3.; 3.; 3. |]
          }

          test "sequential is composition, layer by layer" {
              let a, b = Nn.linear 3 4, Nn.linear 4 2
              let net = Nn.sequential [ a; Nn.relu; b ]
              let p, state = net.Init key
              let x = noise 1 [ 5; 3 ]
              let first = fst (a.Apply Evaluate (Tree.find "0" p) Tree.empty x)
              let expected = fst (b.Apply Evaluate (Tree.find "2" p) Tree.empty (Tensor.relu first))
              near "composition" (fst (net.Apply Evaluate p state x)) expected
              Expect.equal (Tree.named p |> List.map fst) [ "0.weight"; "0.bias"; "2.weight"; "2.bias" ] "names"
              let twins = fst ((Nn.sequential [ Nn.linear 3 3; Nn.linear 3 3 ]).Init key)

              Expect.notEqual
                  (read (Tree.tensor "weight" (Tree.find "0" twins)))
                  (read (Tree.tensor "weight" (Tree.find "1" twins)))
                  "keys of their own"

              let x = Tensor.ones [ 50; 50 ]
              let drops = Nn.sequential [ Nn.dropout 0.5; Nn.dropout 0.5 ]
              let kept = read (run (Train key) drops x) |> Array.averageBy (fun y -> if y = 0.0 then 0.0 else 1.0)
              Expect.floatClose { absolute = 0.05; relative = 0.0 } kept 0.25 "two dropouts draw different masks"
          }

          test "residual adds its input; state goes through" {
              let inner = Nn.batchNorm 3
              let layer = Nn.residual inner
              let p, state = layer.Init key
              let x = noise 1 [ 4; 3 ]
              let y, next = layer.Apply (Train key) p state x
              let z, expected = inner.Apply (Train key) p state x
              near "output" y (x + z)
              near "state" (Tree.tensor "running_mean" next) (Tree.tensor "running_mean" expected)
          } ]

let private losses =
    let logits (choices: Choices) =
        Random.normal (Random.key (choices.Below 1000)) [ choices.Between 1 5; choices.Between 1 4 ] * 3.0

    testList
        "losses"
        [ forAll
              "cross entropy = -log of the softmax at the target, averaged"
              30
              (fun choices ->
                  let x = logits choices
                  x, Tensor.ofInts (List.init x.Shape[0] (fun _ -> choices.Below x.Shape[1])))
              (fun (x, target) ->
                  let rows = read x |> Array.chunkBySize x.Shape[1]
                  let row (r: float[]) (t: float) = log (r |> Array.sumBy (fun v -> exp v)) - r[int t]
                  let expected = Array.map2 row rows (read target) |> Array.average
                  expectNear 1e-5 "value" (read (Loss.crossEntropy x target)) [| expected |]
                  expectNear 1e-5 "nll" (read (Loss.nll (Tensor.logSoftmax 1 x) target)) [| expected |]
                  // (softmax - one hot) / n
                  let slope =
                      (Tensor.softmax 1 x - Tensor.cast Float32 (Tensor.oneHot x.Shape[1] target)) * (1.0 / float x.Shape[0])

                  expectSame 1e-5 "gradient" (grad (fun x -> Loss.crossEntropy x target) x) slope)

          test "cross entropy of huge logits is finite, and of one class 0" {
              let x = Tensor.ofRows [ [ 1e4; -1e4 ] ]
              expectNear 0.0 "right" (read (Loss.crossEntropy x (Tensor.ofInts [ 0 ]))) [| 0.0 |]
              expectNear 1e-6 "wrong" (read (Loss.crossEntropy x (Tensor.ofInts [ 1 ]))) [| 2e4 |]
              expectNear 0.0 "one class" (read (Loss.crossEntropy (Tensor.ofRows [ [ 3.0 ] ]) (Tensor.ofInts [ 0 ]))) [| 0.0 |]
          }

          test "mse" {
              let x, y = Tensor.ofSeq [ 1.0; 2.0; 3.0 ], Tensor.ofSeq [ 1.0; 0.0; 6.0 ]
              expectNear 1e-6 "value" (read (Loss.mse x y)) [| 13.0 / 3.0 |]
              expectNear 1e-6 "gradient" (read (grad (fun x -> Loss.mse x y) x)) [| 0.0; 4.0 / 3.0; -2.0 |]
          }

          test "a class that is not there is refused" {
              refuses<IndexException> "crossEntropy" "out of bounds" (fun () ->
                  Loss.crossEntropy (Tensor.zeros [ 2; 3 ]) (Tensor.ofInts [ 0; 3 ]))
          } ]

let private composed =
    testList
        "composed"
        [ test "self attention is attention with several heads" {
              let layer = Nn.selfAttention false 2 6
              let parameters, state = layer.Init key
              let x = noise 1 [ 3; 5; 6 ]
              let tensor name tree = Tree.tensor name tree
              let output = Tree.find "out_proj" parameters

              let weights: AttentionWeights =
                  { Projection = Joint(tensor "in_proj_weight" parameters)
                    ProjectionBias = Some(tensor "in_proj_bias" parameters)
                    Extra = None
                    Output = tensor "weight" output
                    OutputBias = Some(tensor "bias" output) }

              // That one has time first.
              let timeFirst = Tensor.transpose 0 1 x

              let struct (expected, _) =
                  Attention.multiHead 2 false (Some id) Attention.noMasks weights timeFirst timeFirst timeFirst

              near "output" (fst (layer.Apply Evaluate parameters state x)) (Tensor.transpose 0 1 expected)
          }

          test "a causal one changes only what stands behind a change" {
              let layer = Nn.selfAttention true 2 6
              let x = noise 1 [ 1; 5; 6 ]
              let changed = Tensor.cat 1 [ Tensor.narrow 1 0 3 x; noise 2 [ 1; 2; 6 ] ]
              let before, after = run Evaluate layer x, run Evaluate layer changed
              near "before the change" (Tensor.narrow 1 0 3 after) (Tensor.narrow 1 0 3 before)
              let moved = Tensor.abs (after - before) |> Tensor.narrow 1 3 2 |> Tensor.max |> Tensor.item
              Expect.isGreaterThan moved 1e-3 "behind it"
          }

          test "heads that do not divide the width are refused" {
              refuses<ArgumentValueException> "selfAttention" "not divisible" (fun () ->
                  run Evaluate (Nn.selfAttention true 4 6) (noise 1 [ 1; 1; 6 ]))
          }

          test "map and residualWith keep names" {
              let inner = Nn.linear 4 2
              let layer = inner |> Nn.residualWith (Tensor.narrow 1 0 2) |> Nn.map Tensor.relu
              let parameters, state = layer.Init key
              let x = noise 1 [ 3; 4 ]
              let plain = fst (inner.Apply Evaluate parameters state x)
              Expect.equal (named layer) (named inner) "names"
              near "value" (fst (layer.Apply Evaluate parameters state x)) (Tensor.relu (Tensor.narrow 1 0 2 x + plain))
          }

          test "a network's parameters and state come out of one list of names" {
              let network = Nn.named [ "dense", Nn.linear 3 2; "norm", Nn.batchNorm 2 ]
              let parameters, state = network.Init key

              let file =
                  [ for name, t in Tree.named parameters @ Tree.named state do
                        yield "model." + name, t + 1.0
                    yield "model.norm.num_batches_tracked", Tensor.ofInts [ 7 ]
                    yield "other.weight", Tensor.zeros [ 1 ] ]

              let loaded, loadedState = StateDict.under "model" file |> StateDict.intoNetwork (parameters, state)

              for before, after in [ parameters, loaded; state, loadedState ] do
                  Expect.equal (Tree.named after |> List.map fst) (Tree.named before |> List.map fst) "names"
                  Array.iter2 (fun b a -> near "value" a (b + 1.0)) (Tree.leaves before) (Tree.leaves after)

              let first (parameters, _) = Tree.leaves parameters |> Array.head

              refuses<ArgumentValueException> "missing" "Missing key(s) in state_dict: \"dense.bias\"." (fun () ->
                  StateDict.under "model" file
                  |> List.filter (fun (name, _) -> name <> "dense.bias")
                  |> StateDict.intoNetwork (parameters, state)
                  |> first)

              refuses<ArgumentValueException> "unexpected" "Unexpected key(s) in state_dict: \"model.dense.bias\"" (fun () ->
                  StateDict.intoNetwork (parameters, state) file |> first)
          }

          test "classes are drawn as often as their softmax says" {
              let logits = Tensor.log (Tensor.ofSeq [ 0.1; 0.6; 0.3; 0.0 ])
              let drawn = Random.categorical key (Tensor.expand [ 20_000; 4 ] logits)
              let share i = Tensor.eq drawn (Tensor.scalar i) |> Tensor.cast Float32 |> Tensor.mean |> Tensor.item

              [ 0.1; 0.6; 0.3 ] |> List.iteri (fun i p -> Expect.isLessThan (abs (share (float i) - p)) 0.015 $"class {i}")
              Expect.equal (share 3.0) 0.0 "what has no probability"
              Expect.equal (Tensor.shape (Random.categorical key (Tensor.zeros [ 2; 3; 1 ]))) [ 2; 3 ] "shape"
              refuses<ShapeException> "a number" "[..., classes]" (fun () -> Random.categorical key (Tensor.scalar 1.0))
          } ]

let tests = testList "Layers" [ shapes; formulas; losses; composed ]
