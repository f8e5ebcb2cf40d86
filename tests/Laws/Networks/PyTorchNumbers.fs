/// Optimizers and schedules against numbers that PyTorch 1.13 printed.
module Functional.Laws.PyTorchNumbers

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements
open Functional.Laws.Beside

let private check names name run = { Of = names; Name = name; Run = run }
let private start = [| 1.0; -2.0; 0.5 |]
let private tensor (xs: float[]) = Tensor.ofFloat64s [ xs.Length ] xs

/// Eight steps down (or up) p^4 / 4 - p^2, in two leaves, and the state.
let private run sign (rule: Optimizer) =
    let tree (xs: float[]) = Branch [ "w", Leaf(tensor xs[..1]); "b", Leaf(tensor xs[2..]) ]
    let numbers tree = Tree.leaves tree |> Array.collect read

    let step (parameters, state) _ =
        let gradient = numbers parameters |> Array.map (fun p -> sign * (p * p * p - 2.0 * p)) |> tree
        let struct (updates, next) = rule.Update gradient state parameters
        Tree.map2 (+) parameters updates, next

    let first = tree start
    let parameters, state = Seq.fold step (first, rule.Init first) (seq { 1..8 })
    numbers parameters, state

// The rules, PyTorch's class, and where its eight steps end. What has weight decay has 0.1 of it. NAdam's numbers are those of its loop over
// all tensors at once (foreach): the other one multiplies by one factor twice in that version.
let private rules =
    [ "SGD", "sgd", Rules.sgd 0.05 0.9 0.3 0.1 false false, [| 1.5748493243995791; -0.6341778993296049; 1.4560286184737616 |]
      "SGD",
      "sgd, nesterov, upwards",
      Rules.sgd 0.01 0.5 0.0 0.0 true true,
      [| 0.8432711175483489; -3.3442963268451917; 0.3788279871357209 |]
      "Adam",
      "adam",
      Rules.adam 0.05 0.8 0.95 1e-6 0.1 false false,
      [| 1.3708076187793126; -1.6258771586523455; 0.9040059891128103 |]
      "Adam",
      "adam, amsgrad, upwards",
      Rules.adam 0.05 0.8 0.5 1e-8 0.0 true true,
      [| 0.6034470570682204; -2.375226148406118; 0.1326782344572306 |]
      "AdamW",
      "adamW",
      Rules.adamW 0.05 0.9 0.999 1e-8 0.1 false false,
      [| 1.3416904144764523; -1.5549170496680986; 0.8759279876484917 |]
      "AdamW",
      "adamW, amsgrad",
      Rules.adamW 0.05 0.8 0.5 1e-8 0.1 true false,
      [| 1.3265851793534795; -1.5866154089142714; 0.8647704808986465 |]
      "Adadelta",
      "adadelta",
      Rules.adadelta 0.7 0.8 1e-5 0.1 false,
      [| 1.0438442503365482; -1.9567006301236478; 0.5452270399503302 |]
      "Adagrad",
      "adagrad",
      Rules.adagrad 0.1 0.05 0.1 0.2 1e-10 false,
      [| 1.2984005480790548; -1.6838401433066459; 0.8829751747431267 |]
      "Adamax",
      "adamax",
      Rules.adamax 0.05 0.8 0.95 1e-8 0.1 false,
      [| 1.3706519433966713; -1.6355872950041273; 0.8849519356162319 |]
      "RMSprop",
      "rmsprop",
      Rules.rmsprop 0.01 0.9 1e-8 0.1 0.5 true false,
      [| 1.2843481749960242; -1.718644186045008; 0.8385333034706887 |]
      "RAdam",
      "radam",
      Rules.radam 0.05 0.8 0.95 1e-8 0.1 false,
      [| 1.2380811726409877; -1.3465208257656318; 0.7536359968392884 |]
      "NAdam",
      "nadam",
      Rules.nadam 0.05 0.8 0.95 1e-8 0.1 0.004 false,
      [| 1.310366983181689; -1.6878351565305496; 0.8775199207123309 |]
      "Rprop", "rprop", Rules.rprop 0.3 0.4 1.3 1e-3 0.5 false, [| 1.5177759999999998; -1.4285600000000003; 1.334 |]
      "ASGD", "asgd", Rules.asgd 0.05 0.01 0.6 3.0 0.1 false, [| 1.2652051978327872; -1.4391366983292715; 0.8738025709184244 |] ]

/// The same rule to climb and to descend.
let private upwards =
    [ "sgd", (fun up -> Rules.sgd 0.05 0.9 0.0 0.0 false up)
      "adam", (fun up -> Rules.adam 0.05 0.9 0.99 1e-8 0.0 false up)
      "adamW", (fun up -> Rules.adamW 0.05 0.9 0.99 1e-8 0.1 false up)
      "sparseAdam", (fun up -> Rules.sparseAdam 0.05 0.9 0.99 1e-8 up)
      "adagrad", (fun up -> Rules.adagrad 0.1 0.05 0.0 0.2 1e-10 up)
      "adadelta", (fun up -> Rules.adadelta 0.7 0.8 1e-5 0.0 up)
      "adamax", (fun up -> Rules.adamax 0.05 0.8 0.95 1e-8 0.0 up)
      "rmsprop", (fun up -> Rules.rmsprop 0.01 0.9 1e-8 0.0 0.5 true up)
      "radam", (fun up -> Rules.radam 0.05 0.8 0.95 1e-8 0.0 up)
      "nadam", (fun up -> Rules.nadam 0.05 0.8 0.95 1e-8 0.0 0.004 up)
      "rprop", (fun up -> Rules.rprop 0.3 0.4 1.3 1e-3 0.5 up)
      "asgd", (fun up -> Rules.asgd 0.05 0.01 0.6 3.0 0.0 up) ]

let private optimizers =
    [ for names, name, rule, expected in rules do
          check $"optim.{names}" $"eight steps are PyTorch's: {name}" (fun () ->
              // PyTorch keeps the factors of these two in single precision.
              let room = if name = "nadam" || name = "asgd" then 1e-8 else 1e-12
              expectNear room name (run 1.0 rule |> fst) expected)
      check "optim.ASGD" "the average of asgd is PyTorch's" (fun () ->
          let _, state = run 1.0 (Rules.asgd 0.05 0.01 0.6 3.0 0.1 false)
          let average = Tree.named state |> List.filter (fun (name, _) -> name.Contains ".ax.")

          expectNear
              1e-8
              "ax"
              (average |> List.map snd |> Array.ofList |> Array.collect read)
              [| 1.229995253470725; -1.4695086950109437; 0.7991803025232831 |])
      for name, rule in upwards do
          check "optim" $"climbing is descending the other way: {name}" (fun () ->
              expectNear 1e-12 name (run 1.0 (rule true) |> fst) (run -1.0 (rule false) |> fst))
      for strong, expected in
          [ false, [| -0.5573655097513392; 0.14423535290813672 |]
            true, [| 0.011007094760813753; -0.15428573326234712 |] ] do
          check "optim.LBFGS" $"two steps of L-BFGS are PyTorch's, strong Wolfe {strong}" (fun () ->
              let options =
                  { Lbfgs.defaults with
                      Rate = (if strong then 1.0 else 0.5)
                      MaxIterations = 5
                      MaxEvaluations = 6
                      History = 3
                      StrongWolfe = strong }

              let valley (p: Tensor) =
                  let x, y = Tensor.select 0 0 p, Tensor.select 0 1 p
                  Tensor.square (1.0 - x) + Tensor.square (y - x * x) * 10.0

              let evaluate p =
                  let loss, gradient = valueAndGrad valley p
                  struct (Tensor.item loss, gradient)

              let struct (x, state) = Lbfgs.step options evaluate Lbfgs.start (tensor [| -1.2; 1.0 |])
              let struct (x, _) = Lbfgs.step options evaluate state x
              expectNear 1e-9 "parameters" (read x) expected) ]

// Ten rates from 0.8 on.
let private rates =
    let first = 0.8

    [ "LambdaLR",
      Choice1Of2(RateRule.lambda (fun t -> 1.0 / float (1 + t))),
      [ 0.8
        0.4
        0.26666666666666666
        0.2
        0.16
        0.13333333333333333
        0.11428571428571428
        0.1
        0.08888888888888889
        0.08 ]
      "MultiplicativeLR",
      Choice1Of2(RateRule.multiplicative (fun t -> 0.9 + 0.01 * float t)),
      [ 0.8
        0.7280000000000001
        0.6697600000000001
        0.6228768000000001
        0.5855041920000001
        0.5562289824000002
        0.5339798231040002
        0.5179604284108802
        0.5076012198426626
        0.5025252076442359 ]
      "StepLR", Choice1Of2(RateRule.step 3 0.5), [ 0.8; 0.8; 0.8; 0.4; 0.4; 0.4; 0.2; 0.2; 0.2; 0.1 ]
      "StepLR", Choice2Of2(Schedule.step 3 0.5 first), [ 0.8; 0.8; 0.8; 0.4; 0.4; 0.4; 0.2; 0.2; 0.2; 0.1 ]
      "MultiStepLR", Choice1Of2(RateRule.multiStep [ 2; 5; 5 ] 0.5), [ 0.8; 0.8; 0.4; 0.4; 0.4; 0.1; 0.1; 0.1; 0.1; 0.1 ]
      "ConstantLR", Choice1Of2(RateRule.constant 0.25 4), [ 0.2; 0.2; 0.2; 0.2; 0.8; 0.8; 0.8; 0.8; 0.8; 0.8 ]
      "LinearLR", Choice1Of2(RateRule.linear 0.25 0.75 4), [ 0.2; 0.3; 0.4; 0.5; 0.6; 0.6; 0.6; 0.6; 0.6; 0.6 ]
      for rule in [ Choice1Of2(RateRule.exponential 0.9); Choice2Of2(Schedule.exponential 0.9 first) ] do
          "ExponentialLR", rule, [ 0.8; 0.72; 0.648; 0.5832; 0.52488; 0.472392; 0.4251528; 0.38263752; 0.344373768; 0.3099363912 ]
      "PolynomialLR",
      Choice1Of2(RateRule.polynomial 6 2.0),
      [ 0.8
        0.5555555555555557
        0.35555555555555574
        0.2
        0.08888888888888893
        0.02222222222222222
        0.0
        0.0
        0.0
        0.0 ]
      "CosineAnnealingLR",
      Choice1Of2(RateRule.cosine 4 0.1),
      [ 0.8
        0.6974873734152917
        0.45
        0.20251262658470842
        0.1
        0.20251262658470837
        0.45
        0.6974873734152919
        0.8
        0.6974873734152917 ]
      "CosineAnnealingLR",
      Choice2Of2(Schedule.cosine 4 0.1 first),
      [ 0.8; 0.6974873734152917; 0.45; 0.20251262658470842; 0.1; 0.1; 0.1; 0.1; 0.1; 0.1 ]
      "CosineAnnealingWarmRestarts",
      Choice2Of2(Schedule.ofRule (RateRule.cosineRestarts 2 2 0.1) first),
      [ 0.8
        0.45
        0.8
        0.6974873734152917
        0.45
        0.20251262658470842
        0.8
        0.7733578363789504
        0.6974873734152917
        0.5839392013277815 ]
      "CyclicLR",
      Choice2Of2(Schedule.cyclic 0.1 0.5 2 3 (fun cycle _ -> 2.0 ** (1.0 - cycle))),
      [ 0.1
        0.3
        0.5
        0.3666666666666666
        0.2333333333333333
        0.1
        0.2
        0.3
        0.2333333333333333
        0.16666666666666674 ]
      "OneCycleLR",
      Choice2Of2(Schedule.oneCycle true 10 0.4 25.0 1e4 first),
      [ 0.032
        0.224
        0.608
        0.8
        0.7464103758731295
        0.6000008
        0.4000016
        0.2000024
        0.05359282412687058
        3.2e-06 ]
      "OneCycleLR",
      Choice2Of2(RateRule.oneCycle false true 10 0.4 0.032 first 3.2e-6 0.032),
      [ 0.032; 0.288; 0.544; 0.8; 0.544; 0.288; 0.032; 0.0213344; 0.0106688; 3.2e-06 ]
      "SequentialLR",
      Choice2Of2(Schedule.sequence [ 3, Schedule.ofRule (RateRule.constant 0.1 2) first ] (Schedule.exponential 0.9 first)),
      [ 0.08; 0.08; 0.8; 0.8; 0.72; 0.648; 0.5832; 0.52488; 0.472392; 0.4251528 ]
      "SWALR",
      Choice2Of2(Schedule.ofRule (RateRule.towards true 4 0.05) first),
      [ 0.8; 0.6901650429449553; 0.425; 0.1598349570550447; 0.05; 0.05; 0.05; 0.05; 0.05; 0.05 ] ]

/// Ten rates by steps from one to the next, of rules one after the other.
let private chained (rules: RateRule list) (first: float) =
    let next now t = rules |> List.fold (fun now rule -> rule.Next first now t) now
    [ 0..9 ] |> List.scan next first |> List.tail

let private schedules =
    [ for i, (name, rule, expected) in List.indexed rates do
          check $"optim.lr_scheduler.{name}" $"rates are PyTorch's: {name} ({i})" (fun () ->
              let expected = Array.ofList expected

              match rule with
              | Choice2Of2(schedule: Schedule) -> expectNear 1e-12 "at" (Array.init 10 schedule) expected
              | Choice1Of2 rule ->
                  expectNear 1e-12 "at" (Array.init 10 (Schedule.ofRule rule 0.8)) expected
                  expectNear 1e-12 "step by step" (chained [ rule ] 0.8 |> Array.ofList) expected)
      check "optim.lr_scheduler.ChainedScheduler" "rules one after the other are PyTorch's" (fun () ->
          expectNear
              1e-12
              "chained"
              (chained [ RateRule.constant 0.25 4; RateRule.exponential 0.9 ] 0.8 |> Array.ofList)
              [| 0.2; 0.18; 0.162; 0.1458; 0.52488; 0.472392; 0.4251528; 0.38263752; 0.344373768; 0.3099363912 |])
      check "optim.lr_scheduler.OneCycleLR" "one cycle ends" (fun () ->
          Expect.throwsT<ArgumentValueException> (fun () -> Schedule.oneCycle true 10 0.4 25.0 1e4 0.8 11 |> ignore) "too far")
      for name, lower, relative, patience, cooldown, measures, expected in
          [ "min",
            true,
            true,
            1,
            1,
            [ 1.0; 0.95; 0.94; 0.93; 0.5; 0.49; 0.48; 0.47; 0.2; 0.3; 0.3; 0.3; 0.3 ],
            [ 1.0; 1.0; 0.5; 0.5; 0.5; 0.5; 0.25; 0.25; 0.25; 0.25; 0.125; 0.125; 0.125 ]
            "max", false, false, 0, 0, [ 1.0; 1.05; 1.2; 1.25; 1.4 ], [ 1.0; 0.5; 0.5; 0.25; 0.25 ] ] do
          check "optim.lr_scheduler.ReduceLROnPlateau" $"rates on a plateau are PyTorch's: {name}" (fun () ->
              let watch (state, rate) measure =
                  let struct (state, isFlat) = Plateau.next lower relative 0.1 patience cooldown state measure
                  let rate = if isFlat then rate * 0.5 else rate
                  rate, (state, rate)

              let found = measures |> List.mapFold watch (Plateau.start lower, 1.0) |> fst
              Expect.equal found expected "rates") ]

let private averages =
    [ check "optim.swa_utils.AveragedModel" "averages of whole trees" (fun () ->
          let tree x = Branch [ "w", Leaf(tensor [| x; 2.0 * x |]); "deep", Branch [ "b", Leaf(tensor [| -x |]) ] ]
          let numbers tree = Tree.leaves tree |> Array.collect read

          let mean =
              [ 2.0; 6.0 ]
              |> List.indexed
              |> List.fold (fun average (i, x) -> Averaging.update (Averaging.equal (i + 1)) average (tree x)) (tree 1.0)

          expectNear 1e-12 "equal" (numbers mean) [| 3.0; 6.0; -3.0 |]
          let fading = Averaging.update (Averaging.exponential 0.75) (tree 1.0) (tree 5.0)
          expectNear 1e-12 "exponential" (numbers fading) [| 2.0; 4.0; -2.0 |]
          Expect.equal (Tree.named mean |> List.map fst) [ "w"; "deep.b" ] "names") ]

let checks = optimizers @ schedules @ averages
let tests = testList "PyTorch's numbers" (Beside.tests checks)
