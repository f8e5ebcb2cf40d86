/// Transformations that wrap others, and the optimizers made of them, against recurrences and each other.
module Functional.Laws.OptimizerTransformTests

open Expecto
open FsCheck
open Functional
open Functional.Laws.Elements

let private tensor (xs: float[]) = Tensor.ofFloat64s [ xs.Length ] xs
let private start = [| 1.0; -2.0; 0.5 |]
let private tree (xs: float[]) = Branch [ "w", Leaf(tensor xs[..1]); "b", Leaf(tensor xs[2..]) ]
let private numbers tree = Tree.leaves tree |> Array.collect read
let private slope (p: float) = p * p * p - 2.0 * p

let private advance (optimizer: Optimizer) (gradient: int -> float[] -> float[]) steps =
    let step (parameters, state) t =
        let struct (updates, next) = optimizer.Update (tree (gradient t (numbers parameters))) state parameters
        Tree.map2 (+) parameters updates, next

    let parameters = tree start
    Seq.fold step (parameters, optimizer.Init parameters) (seq { 1..steps }) |> fst |> numbers

let private descend optimizer steps = advance optimizer (fun _ -> Array.map slope) steps

/// Ten steps of a rule for one number: step, gradient, parameter, memory -> parameter, memory.
let private recur (rule: int -> float -> float -> 'M -> float * 'M) (memory: 'M) =
    start |> Array.map (fun p -> [ 1..10 ] |> List.fold (fun (p, m) t -> rule t (slope p) p m) (p, memory) |> fst)

let private same name optimizer expected = test name { expectNear 1e-12 name (descend optimizer 10) expected }

let private rules =
    [ same
          "adagrad"
          (Rules.adagrad 0.1 0.05 0.0 0.2 1e-10 false)
          (recur
              (fun t g p sum ->
                  let sum = sum + g * g
                  p - 0.1 / (1.0 + float (t - 1) * 0.05) * g / (sqrt sum + 1e-10), sum)
              0.2)
      same
          "rmsprop, centered, with momentum"
          (Rules.rmsprop 0.01 0.9 1e-8 0.0 0.5 true false)
          (recur
              (fun _ g p (square, mean, buffer) ->
                  let square, mean = 0.9 * square + 0.1 * g * g, 0.9 * mean + 0.1 * g
                  let buffer = 0.5 * buffer + g / (sqrt (square - mean * mean) + 1e-8)
                  p - 0.01 * buffer, (square, mean, buffer))
              (0.0, 0.0, 0.0))
      same
          "rmsprop that climbs"
          (Rules.rmsprop 0.01 0.9 1e-8 0.1 0.0 false true)
          (recur
              (fun _ g p square ->
                  let g = -g + 0.1 * p
                  let square = 0.9 * square + 0.1 * g * g
                  p - 0.01 * g / (sqrt square + 1e-8), square)
              0.0)
      same
          "nadam"
          (Rules.nadam 0.02 0.9 0.99 1e-8 0.0 0.004 false)
          (recur
              (fun t g p (m, v, product) ->
                  let mu t = 0.9 * (1.0 - 0.5 * 0.96 ** (float t * 0.004))
                  let product = product * mu t
                  let m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
                  let root = sqrt (v / (1.0 - 0.99 ** float t)) + 1e-8
                  let p = p - 0.02 * (1.0 - mu t) / (1.0 - product) * g / root
                  p - 0.02 * mu (t + 1) / (1.0 - product * mu (t + 1)) * m / root, (m, v, product))
              (0.0, 0.0, 1.0)) ]

let private wrapping =
    [ test "gradients of n steps together are one big batch" {
          // Noise that cancels over three steps: the mean gradient is the plain one.
          let noise = [| 1.0; -3.0; 2.0 |]
          let noisy t = Array.map (fun p -> p + noise[t % 3])
          let inner () = Optim.chain [ Optim.trace 0.9 0.0 false; Optim.scale -0.05 ]

          for steps in [ 3; 6; 9 ] do
              expectNear
                  1e-12
                  "parameters"
                  (advance (Optim.accumulate 3 (inner ())) noisy steps)
                  (advance (inner ()) (fun _ -> id) (steps / 3))

          expectNear 1e-12 "nothing moves before" (advance (Optim.accumulate 3 (inner ())) noisy 2) start
      }

      testProperty "n small batches accumulated are one big batch, for any network and rule"
      <| fun (PositiveInt count) (PositiveInt size) seed ->
          let count, size = 1 + count % 5, 1 + size % 4
          let layer = Nn.sequential [ Nn.linear 3 5; Nn.tanh; Nn.linear 5 2 ]
          let noise place shape = Random.normal (Random.fold place (Random.key seed)) shape
          let x, y = noise 1 [ count * size; 3 ], noise 2 [ count * size; 2 ]
          let parameters, state = layer.Init(Random.key (seed + 1))

          let gradient start rows p =
              let part t = Tensor.narrow 0 start rows t
              Transforms.grad (fun p -> Loss.mse (fst (layer.Apply Evaluate p state (part x))) (part y)) p

          let apply (optimizer: Optimizer) (p, s) g =
              let struct (updates, s) = optimizer.Update g s p
              Tree.map2 (+) p updates, s

          for rule in [ Optim.sgd 0.1; Optim.adam 0.1; Optim.momentum 0.1 0.9 ] do
              let one, _ = apply rule (parameters, rule.Init parameters) (gradient 0 (count * size) parameters)
              let many = Optim.accumulate count rule

              let several, _ =
                  [ for i in 0 .. count - 1 -> gradient (i * size) size parameters ]
                  |> List.fold (apply many) (parameters, many.Init parameters)

              Seq.iter2 (expectSame 1e-4 "parameters") (Tree.leaves several) (Tree.leaves one)

      test "a table's rows that no step saw stay as they are" {
          let rule = Rules.sparseAdam 0.1 0.9 0.999 1e-8 false
          let table = Leaf(Tensor.ofFloat64s [ 3; 2 ] [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |])

          let seen rows =
              Leaf(
                  Tensor.ofFloat64s
                      [ 3; 2 ]
                      [| for row in 0..2 do
                             for _ in 0..1 -> if List.contains row rows then 2.0 else 0.0 |]
              )

          let apply (p, s) g =
              let struct (updates, s) = rule.Update g s p
              Tree.map2 (+) p updates, s

          let p, s = apply (table, rule.Init table) (seen [ 0 ])
          expectNear 1e-6 "the first row moves" (numbers p) [| 0.9; 1.9; 3.0; 4.0; 5.0; 6.0 |]
          let p, _ = apply (p, s) (seen [ 2 ])
          // The third row's first step is the second of all: PyTorch's SparseAdam counts steps for the whole table.
          let step = 0.1 * sqrt (1.0 - 0.999 ** 2.0) / (1.0 - 0.9 ** 2.0) * (0.1 * 2.0) / sqrt (0.001 * 4.0)
          expectNear 1e-6 "the third row moves" (numbers p) [| 0.9; 1.9; 3.0; 4.0; 5.0 - step; 6.0 - step |]
      }

      test "accumulating one step is the rule itself" {
          expectNear 1e-12 "adam" (descend (Optim.accumulate 1 (Optim.adam 0.1)) 7) (descend (Optim.adam 0.1) 7)
      }

      test "a mask leaves the others' gradients as they are" {
          let optimizer = Optim.chain [ Optim.masked (fun path -> path = "w") (Optim.scale -0.1); Optim.scale 1.0 ]
          let struct (updates, _) = optimizer.Update (tree start) (optimizer.Init(tree start)) (tree start)
          expectNear 1e-12 "updates" (numbers updates) [| -0.1; 0.2; 0.5 |]
      }

      test "lookahead goes back part of the way" {
          let fast = Optim.sgd 0.1
          let ahead = descend fast 2
          let expected = Array.map2 (fun from into -> from + 0.5 * (into - from)) start ahead
          expectNear 1e-12 "after two steps" (descend (Optim.lookahead 2 0.5 fast) 2) expected
          expectNear 1e-12 "alpha 1 is the rule itself" (descend (Optim.lookahead 2 1.0 fast) 7) (descend fast 7)
      }

      test "numbers in the state can be changed between steps" {
          let optimizer = Optim.injectHyperparams [ "rate", 0.1 ] (fun number -> Optim.sgd (number "rate"))
          let state = optimizer.Init(tree start)

          let halved =
              match state with
              | Branch [ "hyperparams", _; inner ] ->
                  Branch [ "hyperparams", Branch [ "rate", Leaf(tensor [| 0.05 |] |> Tensor.reshape []) ]; inner ]
              | other -> other

          for state, rate in [ state, 0.1; halved, 0.05 ] do
              let struct (updates, _) = optimizer.Update (tree start) state (tree start)
              expectNear 1e-12 "updates" (numbers updates) (start |> Array.map (fun g -> -rate * g))
      }

      test "averages of parameters" {
          let values = [ 1.0; 4.0; 2.5; -3.0 ] |> List.map (fun x -> tensor [| x |])

          let mean =
              values.Tail
              |> List.indexed
              |> List.fold (fun average (i, now) -> Averaging.equal (i + 1) average now) values.Head

          expectNear 1e-12 "equal" (read mean) [| 1.125 |]
          expectNear 1e-12 "exponential" (read (Averaging.exponential 0.9 values[0] values[1])) [| 1.3 |]
      } ]

let private lbfgs =
    [ test "L-BFGS finds the minimum of Rosenbrock's valley" {
          let f (x: Tensor) =
              let a, b = Tensor.select 0 0 x, Tensor.select 0 1 x
              let bend, rest = b - a * a, 1.0 - a
              bend * bend * 100.0 + rest * rest

          let evaluate x = struct (Tensor.item (f x), Transforms.grad f x)
          let options = { Lbfgs.defaults with StrongWolfe = true; MaxIterations = 60; MaxEvaluations = 200 }
          let struct (x, state) = Lbfgs.step options evaluate Lbfgs.start (tensor [| -1.2; 1.0 |])
          expectNear 1e-4 "minimum" (read x) [| 1.0; 1.0 |]
          Expect.isLessThan state.Evaluations 120 "evaluations"
      } ]

let tests = testList "Optimizer transforms" (rules @ wrapping @ lbfgs)
