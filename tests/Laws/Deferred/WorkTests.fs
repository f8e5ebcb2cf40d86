/// How many kernels run, and how many arrays they write.
module Functional.Laws.Deferred.WorkTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Deferred.CountingBackend
open Functional.Laws.Deferred.ValueSamples

let tests =
    testList
        "work"
        [ test "a chain of ten is one kernel" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0; 3.0 ]
              let y = chain 10 (fun v -> v +. x) x
              Expect.equal counting.Kernels 0 "nothing before somebody looks"
              Expect.equal (numbers y |> List.ofArray) [ 11.0; 22.0; 33.0 ] "values"
              Expect.equal (counting.Kernels, counting.Outputs) (1, 1) "kernels"
          }
          test "the sum of a chain is one reduction" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0; 3.0 ]
              let y = chain 10 (fun v -> v +. x) x
              let total = Value.reduce Sum [||] y
              Expect.equal (counting.Kernels, counting.Reductions) (0, 1) "kernels"
              Expect.equal (numbers total) [| 66.0 |] "value"
              Expect.equal (numbers y |> List.ofArray) [ 11.0; 22.0; 33.0 ] "the chain can still be looked at"
          }
          test "a value that others wait for is stored before it is folded" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let y = f1 Functions.exp x
              let z = y *. x
              let total = Value.reduce Sum [||] y
              Expect.equal (counting.Kernels, counting.Reductions) (1, 1) "kernels"
              Value.forceAll [| z; total |]
              Expect.equal counting.Kernels 2 "z from the stored y"
          }
          test "a value that several operations are going to want is stored before it is folded" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let y = x +. x
              Value.share y
              let total = Value.reduce Sum [||] y
              Value.view y |> ignore
              Expect.equal (counting.Kernels, counting.Reductions, numbers total) (1, 1, [| 6.0 |]) "kernels, value"
          }
          test "an Adam step is one kernel with three results" {
              let counting = deferring ()
              let leaf = floats counting
              let p, m, v = adam (leaf [ 1.0; -2.0 ]) (leaf [ 0.5; 0.5 ]) (leaf [ 0.0; 0.1 ]) (leaf [ 0.0; 0.2 ])
              Value.forceAll [| p; m; v |]
              Expect.equal (counting.Kernels, counting.Outputs) (1, 3) "kernels"
          }
          test "a changed number needs no new program" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let programs = Collections.Generic.HashSet<int>()

              for rate in [ 0.1; 0.2; 0.3 ] do
                  let found = numbers (times rate (x +. x))
                  Expect.equal found[1] (float (float32 rate * 4.0f)) "value"
                  programs.Add counting.LastProgram |> ignore

              Expect.equal programs.Count 1 "programs"
          }
          test "unrelated values of one shape keep kernels of their own" {
              let counting = deferring ()
              let a, b = floats counting [ 1.0 ], floats counting [ 2.0 ]
              Value.forceAll [| a +. a; b +. b |]
              Expect.equal (counting.Kernels, counting.Outputs) (2, 2) "kernels"
          }
          test "a shared intermediate that others want is written out on the way" {
              let counting = deferring ()
              let x = floats counting [ 0.1; 0.2; 0.3 ]
              let y = f1 Functions.geluTanh x
              let z = f1 Functions.geluTanh y
              let other = y *. x
              Value.view z |> ignore
              Expect.equal (counting.Kernels, counting.Outputs) (1, 2) "y comes with z"
              Value.view other |> ignore
              Expect.equal (counting.Kernels, counting.Outputs) (2, 3) "and is read by the other"
          }
          test "a long chain of gelus is cut where the intermediates are shared" {
              let counting = deferring ()
              let x = floats counting [ 0.1; 0.2; 0.3 ]
              let values = List.scan (fun v _ -> f1 Functions.geluTanh v) x [ 1..12 ]
              let last = List.last values
              // As a backward pass would: from the end, every step with the value that went into it.
              let gradient = List.foldBack (fun (v: Value) g -> g *. (f1 Functions.tanh v +. v)) (List.take 12 values) last

              Value.forceAll [| gradient |]
              Expect.isLessThan counting.Kernels 12 "kernels"
              Expect.isLessThan counting.Outputs 24 "arrays"
          }
          test "equal values of a common expression are computed once, however often they are shared" {
              let counting = deferring ()
              let x = floats counting [ 1.0 ]
              let y = chain 60 (fun v -> f2 Functions.maximum v v) x
              Expect.equal (numbers y) [| 1.0 |] "value"
              Expect.equal counting.Kernels 1 "kernels"
          }
          test "a chain of 100,000 additions neither overflows nor takes for ever" {
              let counting = deferring ()
              let x = floats counting [ 0.0; 1.0 ]
              let y = chain 100_000 (fun v -> v +. x) x
              Expect.equal (numbers y) [| 0.0; 100_001.0 |] "values"
              Expect.isLessThan counting.Kernels 1000 "kernels"
          }
          test "many inputs are split" {
              let counting = deferring ()
              let leaves = List.init 100 (fun i -> floats counting [ float i ])
              Expect.equal (numbers (List.reduce (+.) leaves)) [| 4950.0 |] "value"
              Expect.isLessThan counting.Kernels 10 "kernels"
          }
          test "functions of numbers are numbers" {
              let counting = deferring ()
              let number x = Value.constant counting Float32 [| 1000 |] (Real x)
              let sum = number 1.5 +. number 2.0
              Expect.equal (Value.tryConstant sum) (ValueSome(Real 3.5)) "value"
              Expect.equal (Value.tryConstant (f1 Functions.sqrt sum)) (ValueSome(Real(float (sqrt 3.5f)))) "value"
              Expect.equal (numbers (Value.reduce Sum [||] sum)) [| 3500.0 |] "sum"
          } ]
