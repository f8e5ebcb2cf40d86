/// Optimizers against recurrences written by hand, in doubles and one number at a time.
module Functional.Laws.OptimTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements

let private steps = 20
let private start = [| 1.0; -2.0; 0.5 |]

/// The gradient at step t of a parameter: it bends, and changes with time.
let private slope t (p: float) = p * p * p - 2.0 * p + 0.3 * sin (float t)

let private tensor (xs: float[]) = Tensor.ofFloat64s [ xs.Length ] xs
let private tree (xs: float[]) = Branch [ "w", Leaf(tensor xs[..1]); "deep", Branch [ "b", Leaf(tensor xs[2..]) ] ]
let private numbers tree = Tree.leaves tree |> Array.collect read

/// Twenty steps of an optimizer, by its pure update.
let private run (optimizer: Optimizer) =
    let mutable parameters = tree start
    let mutable state = optimizer.Init parameters

    for t in 1..steps do
        let gradients = tree (numbers parameters |> Array.map (slope t))
        let struct (updates, next) = optimizer.Update gradients state parameters
        parameters <- Tree.map2 (+) parameters updates
        state <- next

    numbers parameters

/// Twenty steps of a rule for one number: step, gradient, parameter, memory -> parameter, memory.
let private recur (rule: int -> float -> float -> 'M -> float * 'M) (memory: 'M) =
    start
    |> Array.map (fun p -> [ 1..steps ] |> List.fold (fun (p, m) t -> rule t (slope t p) p m) (p, memory) |> fst)

let private same name (optimizer: Optimizer) (expected: float[]) = test name { expectNear 1e-12 name (run optimizer) expected }

let private adamRule rate decay t g p (m, v) =
    let m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    let m', v' = m / (1.0 - 0.9 ** float t), v / (1.0 - 0.999 ** float t)
    p - rate * (m' / (sqrt v' + 1e-8) + decay * p), (m, v)

let private momentumRule rate mass dampening nesterov t g p b =
    let b = if t = 1 then g else mass * b + (1.0 - dampening) * g
    let g = if nesterov then g + mass * b else b
    p - rate * g, b

let private recurrences =
    testList
        "recurrences over 20 steps"
        [ same "sgd" (Optim.sgd 0.05) (recur (fun _ g p () -> p - 0.05 * g, ()) ())
          same "momentum" (Optim.momentum 0.05 0.9) (recur (momentumRule 0.05 0.9 0.0 false) 0.0)
          same
              "dampened momentum"
              (Optim.chain [ Optim.trace 0.8 0.3 false; Optim.scale -0.05 ])
              (recur (momentumRule 0.05 0.8 0.3 false) 0.0)
          same
              "nesterov"
              (Optim.chain [ Optim.trace 0.9 0.0 true; Optim.scale -0.05 ])
              (recur (momentumRule 0.05 0.9 0.0 true) 0.0)
          same "adam" (Optim.adam 0.05) (recur (adamRule 0.05 0.0) (0.0, 0.0))
          same "adamW" (Optim.adamW 0.05 0.1) (recur (adamRule 0.05 0.1) (0.0, 0.0))
          same
              "adam with a schedule"
              (Optim.adamScheduled (Schedule.exponential 0.9 0.1))
              (recur (fun t -> adamRule (0.1 * 0.9 ** float (t - 1)) 0.0 t) (0.0, 0.0))
          same
              "weight decay in the gradient"
              (Optim.chain [ Optim.decayWeights 0.1; Optim.sgd 0.05 ])
              (recur (fun _ g p () -> p - 0.05 * (g + 0.1 * p), ()) ())
          test "clipping by the norm of all together" {
              let clipped limit xs =
                  let struct (updates, _) = (Optim.clipByGlobalNorm limit).Update (tree xs) Tree.empty (tree xs)
                  numbers updates

              let norm = sqrt (1.0 + 4.0 + 0.25)
              expectNear 1e-12 "norm" [| Tensor.item (Optim.globalNorm (tree start)) |] [| norm |]
              expectNear 1e-6 "clipped" (clipped 1.0 start) (start |> Array.map (fun x -> x / norm))
              expectNear 1e-12 "short enough" (clipped 10.0 start) start
              expectNear 1e-12 "nothing" (clipped 1.0 [| 0.0; 0.0; 0.0 |]) [| 0.0; 0.0; 0.0 |]
              Expect.equal (Tensor.item (Optim.globalNorm Tree.empty)) 0.0 "the norm of no parameters"
          } ]

let private schedules =
    let at (schedule: Schedule) ts = ts |> List.map schedule |> Array.ofList

    testList
        "schedules"
        [ test "values" {
              expectNear 1e-12 "constant" (at (Schedule.constant 0.3) [ 0; 5 ]) [| 0.3; 0.3 |]
              expectNear 1e-12 "step" (at (Schedule.step 3 0.1 1.0) [ 0; 2; 3; 5; 6 ]) [| 1.0; 1.0; 0.1; 0.1; 0.01 |]
              expectNear 1e-12 "exponential" (at (Schedule.exponential 0.5 8.0) [ 0; 1; 3 ]) [| 8.0; 4.0; 1.0 |]
              let cosine = Schedule.cosine 10 0.1 1.1
              expectNear 1e-12 "cosine" (at cosine [ 0; 5; 10; 15 ]) [| 1.1; 0.6; 0.1; 0.1 |]

              expectNear
                  1e-12
                  "warmup"
                  (at (Schedule.warmup 4 (Schedule.constant 1.0)) [ 0; 1; 3; 4; 9 ])
                  [| 0.25; 0.5; 1.0; 1.0; 1.0 |]

              expectNear
                  1e-12
                  "warmup, then the schedule from its start"
                  (at (Schedule.warmup 2 (Schedule.step 1 0.5 1.0)) [ 1; 2; 3 ])
                  [| 1.0; 1.0; 0.5 |]
          }

          test "scaleBySchedule counts its own steps" {
              let optimizer = Optim.scaleBySchedule (Schedule.exponential 0.5 1.0)
              let mutable state = optimizer.Init(tree start)

              for expected in [ 1.0; 0.5; 0.25 ] do
                  let struct (updates, next) = optimizer.Update (tree [| 1.0; 1.0; 1.0 |]) state (tree start)
                  expectNear 1e-12 "scaled" (numbers updates) [| expected; expected; expected |]
                  state <- next
          } ]

let private structure =
    testList
        "structure"
        [ test "chain is associative" {
              let a, b, c =
                  Optim.clipByGlobalNorm 1.0, Optim.trace 0.9 0.0 false, Optim.scaleBySchedule (Schedule.exponential 0.9 -0.1)

              let flat = run (Optim.chain [ a; b; c ])
              expectNear 0.0 "left" (run (Optim.chain [ Optim.chain [ a; b ]; c ])) flat
              expectNear 0.0 "right" (run (Optim.chain [ a; Optim.chain [ b; c ] ])) flat
              expectNear 0.0 "an empty chain changes nothing" (run (Optim.chain [ Optim.chain []; a; b; c ])) flat
              expectNear 0.0 "one" (run (Optim.chain [ Optim.sgd 0.1 ])) (run (Optim.sgd 0.1))
          }

          test "state is a tree, whole and by names" {
              let optimizer = Optim.adamW 0.1 0.01
              let state = optimizer.Init(tree start)
              let names = Tree.named state |> List.map fst
              Expect.equal names [ "0.step"; "0.exp_avg.w"; "0.exp_avg.deep.b"; "0.exp_avg_sq.w"; "0.exp_avg_sq.deep.b" ] "names"
              let codec = Codec.derive<Tree * Tree>
              let back, _ = codec.Read (state, state) (codec.Write(state, state))
              Expect.equal (Tree.named back |> List.map fst) names "through a codec"
              Expect.equal (numbers back) (numbers state) "its numbers"
          }

          test "a step consumes parameters and state: using them again says so" {
              let learn () =
                  let parameters = Branch [ "w", Leaf(Random.normal (Random.key 1) [ 300 ]) ]
                  let optimizer = Optim.adam 0.1
                  let state = optimizer.Init parameters
                  let gradients = Tree.map (fun t -> Tensor.sin t) parameters
                  let struct (parameters, state) = Optim.step optimizer gradients state parameters
                  let old, oldState = parameters, state
                  let gradients = Tree.map (fun t -> Tensor.sin t) parameters
                  let struct (parameters, state) = Optim.step optimizer gradients state parameters
                  old, oldState, parameters, state

              let old, oldState, parameters, _ = learn ()
              refuses<DonationException> "the parameters" "donated" (fun () -> Tree.tensor "w" old)
              refuses<DonationException> "an operation on them" "donated" (fun () -> Tree.tensor "w" old + 1.0)

              refuses<DonationException> "the state" "donated" (fun () ->
                  Tree.tensor "w" (Tree.find "exp_avg" (Tree.find "0" oldState)))

              let _, _, again, _ = learn ()
              expectBits "the same again" (Tree.tensor "w" parameters) (Tree.tensor "w" again)
          }

          test "a step is the update added, whatever is given up" {
              let optimizer = Optim.chain [ Optim.clipByGlobalNorm 1.0; Optim.adamW 0.1 0.01 ]

              let fresh () =
                  Branch [ "w", Leaf(Random.normal (Random.key 1) [ 7; 40 ]); "b", Leaf(Random.normal (Random.key 2) [ 3 ]) ]

              let gradients = Tree.map Tensor.cos (fresh ())
              let p = fresh ()
              let struct (updates, _) = optimizer.Update gradients (optimizer.Init p) p
              let expected = Tree.map2 (+) p updates |> numbers
              let p = fresh ()
              let struct (moved, _) = Optim.step optimizer (Tree.map Tensor.cos (fresh ())) (optimizer.Init p) p
              expectNear 1e-6 "moved" (numbers moved) expected
          }

          test "gradients of another structure are refused by name" {
              let other = Branch [ "w", Leaf(tensor [| 1.0 |]); "other", Leaf(tensor [| 1.0 |]) ]

              for optimizer in [ Optim.adam 0.1; Optim.momentum 0.1 0.9; Optim.adamW 0.1 0.1 ] do
                  refuses<ArgumentValueException> "update" "differ in structure" (fun () ->
                      let struct (updates, _) = optimizer.Update other (optimizer.Init(tree start)) (tree start)
                      (Tree.leaves updates)[0])
          } ]

let tests = testList "Optim" [ recurrences; schedules; structure ]
