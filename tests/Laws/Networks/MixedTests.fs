/// Mixed precision from F#: policies and scaled losses are values.
module Functional.Laws.MixedTests

open Expecto
open Functional
open Functional.Contract

let private net = Nn.sequential [ Nn.linear 3 8; Nn.relu; Nn.linear 8 1 ]

let private input = Random.normal (Random.key 1) [ 16; 3 ]
let private target = Tensor.sumOver [ 1 ] true input

let private lossOf (layer: Layer) state parameters =
    let output, _ = layer.Apply Evaluate parameters state input
    Tensor.mean (Tensor.square (output - target))

let private train (layer: Layer) (optimizer: Optimizer) (scale: Tree -> float) steps =
    let initial, state = layer.Init(Random.key 2)
    let mutable parameters = initial
    let mutable memory = optimizer.Init parameters
    let first = Tensor.item (lossOf layer state parameters)

    for _ in 1..steps do
        let factor = scale memory
        let gradients = grad (fun p -> lossOf layer state p * factor) parameters
        let struct (moved, next) = Optim.step optimizer gradients memory parameters
        parameters <- moved
        memory <- next

    first, Tensor.item (lossOf layer state parameters), parameters, memory

let tests =
    testList
        "Mixed precision"
        [ test "a layer computes as its policy says" {
              let seen = ResizeArray<Dtype>()

              let spy =
                  Nn.func (fun t ->
                      seen.Add t.Dtype
                      t)

              let layer = Mixed.layer (Mixed.policy BFloat16) (Nn.sequential [ net; spy ])
              let parameters, state = layer.Init(Random.key 2)
              let output, _ = layer.Apply Evaluate parameters state input
              Expect.equal (List.ofSeq seen) [ BFloat16 ] "inside"
              Expect.equal output.Dtype Float32 "outside"

              for leaf in Tree.leaves (grad (lossOf layer state) parameters) do
                  Expect.equal leaf.Dtype Float32 "gradients are the parameters'"
          }

          test "integers keep their dtype" {
              let tree = Branch [ "x", Leaf(Tensor.ones [ 2 ]); "n", Leaf(Tensor.ofInts [ 1; 2 ]) ]
              let narrow = Mixed.cast Float16 tree |> Tree.leaves |> Array.map _.Dtype
              Expect.equal narrow [| Float16; Int64 |] "dtypes"
          }

          test "a network learns in bfloat16 and in scaled float16" {
              for dtype, optimizer, scale in
                  [ BFloat16, Optim.adam 0.02, (fun _ -> 1.0)
                    Float16, Mixed.scaled { Mixed.lossScale with Initial = 256.0 } (Optim.adam 0.02), Mixed.scaleOf ] do
                  let first, last, _, _ = train (Mixed.layer (Mixed.policy dtype) net) optimizer scale 60
                  Expect.isLessThan last (first / 4.0) $"{dtype}"
          }

          test "a scaled loss takes the steps of a plain one" {
              let _, plain, _, _ = train net (Optim.sgd 0.1) (fun _ -> 1.0) 5
              let _, scaled, _, _ = train net (Mixed.scaled Mixed.lossScale (Optim.sgd 0.1)) Mixed.scaleOf 5
              Expect.equal scaled plain "a power of two changes no bit"
          }

          test "a step that overflows changes nothing but the scale" {
              let optimizer =
                  Mixed.scaled { Mixed.lossScale with Interval = 2 } (Optim.chain [ Optim.clipByGlobalNorm 1.0; Optim.adam 0.1 ])

              let parameters = Leaf(Tensor.ones [ 3 ])
              let step gradient (struct (p, s)) = Optim.step optimizer (Leaf gradient) s p
              let good () = Tensor.full [ 3 ] 2.0
              let struct (p, s) = struct (parameters, optimizer.Init parameters) |> step (good ())
              let numbers tree = Tree.leaves tree |> Array.head |> Tensor.toArray
              let before = numbers p
              let struct (p, s) = step (Tensor.ofArray [ 3 ] [| 1.0f; infinityf; nanf |]) (struct (p, s))
              Expect.equal (numbers p) before "parameters"
              Expect.equal (Mixed.scaleOf s) 32768.0 "half the scale"
              let struct (p, s) = struct (p, s) |> step (good ()) |> step (good ())
              Expect.equal (Mixed.scaleOf s) 65536.0 "grown again"
              Expect.isLessThan (Array.head (numbers p)) (Array.head before) "and learning"
          } ]
