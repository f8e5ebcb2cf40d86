/// First values: the numbers and distributions of PyTorch's nn.init.
module Functional.Laws.InitialTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Torch
open Functional.Laws.Elements
open Functional.Laws.Beside

let private check names name run = { Of = names; Name = name; Run = run }
let private key = Random.key 3

let private moments (t: Tensor) =
    let xs = read t
    let mean = Array.average xs
    struct (mean, xs |> Array.averageBy (fun x -> (x - mean) ** 2.0) |> sqrt)

/// 40,000 numbers with this mean and deviation, the same by the same key and others by another.
let private spread name (mean: float) (deviation: float) (make: Key -> int list -> Tensor) =
    let shape = [ 100; 50; 4; 2 ]
    let t = make key shape
    Expect.equal (Tensor.shape t) shape $"{name}: shape"
    Expect.equal t.Dtype Float32 $"{name}: dtype"
    let struct (m, d) = moments t
    Expect.isLessThan (abs (m - mean)) (0.03 * deviation) $"{name}: mean"
    Expect.isLessThan (abs (d - deviation)) (0.03 * deviation) $"{name}: deviation"
    expectBits $"{name}: the same key" (make key shape) t
    Expect.notEqual (read (make (Random.key 4) shape)) (read t) $"{name}: another key"

/// As `spread`, within the bound that uniform numbers of this deviation have, which they fill.
let private uniform name deviation make =
    spread name 0.0 deviation make
    let largest = read (make key [ 100; 50; 4; 2 ]) |> Array.map abs |> Array.max
    let bound = sqrt 3.0 * deviation
    Expect.isLessThanOrEqual largest (bound * 1.00001) $"{name}: within"
    Expect.isGreaterThan largest (0.99 * bound) $"{name}: filling it"

let private bell name deviation make =
    spread name 0.0 deviation make
    let largest = read (make key [ 100; 50; 4; 2 ]) |> Array.map abs |> Array.max
    Expect.isGreaterThan largest (3.0 * deviation) $"{name}: tails"

// [100; 50; 4; 2]: 400 connections in, 800 out.
let private fanIn, fanOut = 400.0, 800.0

let checks =
    [ check "nn.init.calculate_gain" "gains are PyTorch's" (fun () ->
          for name, gain in
              [ "linear", 1.0
                "conv2d", 1.0
                "sigmoid", 1.0
                "tanh", 1.6666666666666667
                "relu", 1.4142135623730951
                "selu", 0.75 ] do
              Expect.floatClose Accuracy.veryHigh (Initial.gain name 0.0) gain name

          Expect.floatClose Accuracy.veryHigh (Initial.gain "leaky_relu" 0.3) 1.3545709229571927 "leaky_relu"
          Expect.throwsT<ArgumentValueException> (fun () -> Initial.gain "gelu" 0.0 |> ignore) "unknown")
      check "nn.init.uniform_" "uniform" (fun () ->
          spread "uniform" 3.0 (4.0 / sqrt 12.0) (Initial.uniform 1.0 5.0)
          let xs = read (Initial.uniform 1.0 5.0 key [ 1000 ])
          Expect.isTrue (Array.forall (fun x -> x >= 1.0 && x < 5.0) xs) "within")
      check "nn.init.normal_" "normal" (fun () -> spread "normal" 2.0 0.5 (Initial.normal 2.0 0.5))
      check "nn.init.trunc_normal_" "truncated normal" (fun () ->
          // The deviation of a standard normal number within one deviation.
          spread "truncated" 0.0 0.5396 (Initial.truncatedNormal 0.0 1.0 -1.0 1.0)
          let xs = read (Initial.truncatedNormal 1.0 2.0 0.0 1.5 key [ 1000 ])
          Expect.isTrue (Array.forall (fun x -> x >= 0.0 && x <= 1.5) xs) "within")
      check "nn.init.constant_ nn.init.ones_ nn.init.zeros_" "constant" (fun () ->
          expectBits "constant" (Initial.constant 0.3 [ 2; 3 ]) (Tensor.full [ 2; 3 ] 0.3))
      check "nn.init.eye_" "the identity" (fun () ->
          expectNear 0.0 "eye" (read (Initial.eye [ 2; 3 ])) [| 1.0; 0.0; 0.0; 0.0; 1.0; 0.0 |]
          refuses<ArgumentValueException> "three dimensions" "Only tensors with 2 dimensions" (fun () -> Initial.eye [ 2; 2; 2 ]))
      for groups in [ 1; 2 ] do
          check "nn.init.dirac_" $"convolution as identity, groups {groups}" (fun () ->
              let theirs = torch.nn.init.dirac_ (torch.empty [| 4L; 2L; 3L; 3L |], int64 groups)
              near "dirac" (Initial.dirac groups [ 4; 2; 3; 3 ]) theirs
              let x = noise 1 [ 1; 2 * groups; 5; 4 ]
              let kernel = Initial.dirac groups [ 2 * groups; 2; 3; 3 ]
              expectSame 1e-6 "identity" (Tensor.conv [ 1 ] [ 1 ] [ 1 ] groups x kernel None) x)
      check "nn.init.xavier_uniform_" "xavier, uniform" (fun () ->
          uniform "xavier" (2.0 * sqrt (2.0 / (fanIn + fanOut))) (Initial.xavierUniform 2.0))
      check "nn.init.xavier_normal_" "xavier, normal" (fun () ->
          bell "xavier" (2.0 * sqrt (2.0 / (fanIn + fanOut))) (Initial.xavierNormal 2.0))
      for mode, fan in [ FanIn, fanIn; FanOut, fanOut ] do
          for options, gain in
              [ { KaimingOptions.standard with Mode = mode }, sqrt 2.0
                { Mode = mode; Slope = 2.0; Nonlinearity = "leaky_relu" }, sqrt (2.0 / 5.0)
                { Mode = mode; Slope = 0.0; Nonlinearity = "tanh" }, 5.0 / 3.0 ] do
              check "nn.init.kaiming_uniform_ nn.init.kaiming_normal_" $"kaiming: {options}" (fun () ->
                  uniform "uniform" (gain / sqrt fan) (Initial.kaimingUniformWith options)
                  bell "normal" (gain / sqrt fan) (Initial.kaimingNormalWith options))
      check "nn.init.kaiming_uniform_ nn.init.kaiming_normal_" "kaiming by a gain" (fun () ->
          uniform "uniform" (3.0 / sqrt fanIn) (Initial.kaimingUniform 3.0)
          bell "normal" (3.0 / sqrt fanIn) (Initial.kaimingNormal 3.0))
      for shape in [ [ 6; 4 ]; [ 4; 6 ]; [ 5; 5 ]; [ 4; 3; 2 ] ] do
          check "nn.init.orthogonal_" $"orthogonal: %A{shape}" (fun () ->
              let t = Initial.orthogonal 1.5 key shape
              Expect.equal (Tensor.shape t) shape "shape"
              let m = Tensor.reshape [ shape.Head; -1 ] t
              let m = if m.Shape[0] < m.Shape[1] then m else Tensor.t m
              expectSame 1e-5 "orthogonal" (Tensor.matmul m (Tensor.t m)) (Initial.eye [ m.Shape[0]; m.Shape[0] ] * 2.25))
      check "nn.init.sparse_" "sparse" (fun () ->
          let t = Initial.sparse 0.3 0.5 key [ 50; 40 ]
          let columns = read (Tensor.t t) |> Array.chunkBySize 50
          Expect.all columns (fun c -> c |> Array.filter ((=) 0.0) |> Array.length = 15) "zeros in every column"
          let empty (c: float[]) = c |> Array.indexed |> Array.filter (snd >> (=) 0.0) |> Array.map fst
          Expect.isGreaterThan (columns |> Array.map empty |> Array.distinct |> Array.length) 30 "in different places"
          let struct (_, d) = read t |> Array.filter ((<>) 0.0) |> fun xs -> moments (Tensor.ofFloat64s [ xs.Length ] xs)
          Expect.isLessThan (abs (d - 0.5)) 0.05 "deviation")
      check "nn.init._calculate_fan_in_and_fan_out" "connections in and out" (fun () ->
          let struct (inwards, outwards) = Initial.fans [| 100; 50; 4; 2 |]
          Expect.equal (float inwards, float outwards) (fanIn, fanOut) "fans"
          Expect.throwsT<ArgumentValueException> (fun () -> Initial.fans [| 3 |] |> ignore) "one dimension") ]

/// The facade records outside of transforms once it has been used: not beside the laws of what a gradient takes back.
let tests = testSequenced (testList "First values" (Beside.tests checks))
