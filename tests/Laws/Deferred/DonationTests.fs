/// Who may write into donated memory, and what becomes of those who still want it.
module Functional.Laws.Deferred.DonationTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Deferred.CountingBackend
open Functional.Laws.Deferred.ValueSamples

let tests =
    let isRefused (value: Value) =
        Expect.throwsT<DonationException> (fun () -> Value.view value |> ignore) "use after donation"
        Expect.throwsT<DonationException> (fun () -> value +. value |> ignore) "use after donation"

    testList
        "donation"
        [ test "an Adam step writes into the memory of parameters and state" {
              let counting = deferring ()
              let leaf = floats counting
              let gradient, parameter = leaf [ 1.0; -2.0 ], leaf [ 0.5; 0.5 ]
              let first, second = leaf [ 0.0; 0.1 ], leaf [ 0.0; 0.2 ]
              let expected = (let p, m, v = adam gradient parameter first second in [ numbers p; numbers m; numbers v ])
              let p, m, v = adam gradient parameter first second
              counting.Reset()
              [ parameter; first; second ] |> List.iter Value.donate
              Value.forceAll [| p; m; v |]
              Expect.equal counting.Allocations 0 "allocations"
              Expect.equal [ numbers p; numbers m; numbers v ] expected "values"
              [ parameter; first; second ] |> List.iter isRefused
              Expect.equal (numbers gradient) [| 1.0; -2.0 |] "the gradient was not donated"
          }
          test "step after step in the same memory" {
              let counting = deferring ()
              let leaf = floats counting
              let gradient = leaf [ 1.0; -2.0 ]
              let mutable state = leaf [ 0.5; 0.5 ], leaf [ 0.0; 0.0 ], leaf [ 0.0; 0.0 ]
              counting.Reset()

              for _ in 1..5 do
                  let p, m, v = state
                  let p', m', v' = adam gradient p m v
                  [ p; m; v ] |> List.iter Value.donate
                  Value.forceAll [| p'; m'; v' |]
                  state <- p', m', v'

              Expect.equal (counting.Allocations, counting.Kernels) (0, 5) "allocations, kernels"
          }
          test "memory that a view shows is left alone" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let view = Value.restructure [| 2; 1 |] (fun v -> { v with Shape = [| 2; 1 |]; Strides = [| 1; 1 |] }) x
              let y = x +. x
              Value.donate x
              Value.forceAll [| y |]
              Expect.equal (numbers view) [| 1.0; 2.0 |] "view"
              Expect.equal (numbers y) [| 2.0; 4.0 |] "result"
              isRefused x
          }
          test "memory that a pending value elsewhere reads is left alone" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let y, z = x +. x, x *. x
              Value.donate x
              Value.forceAll [| y |]
              Expect.equal (numbers z) [| 1.0; 4.0 |] "the other"
              isRefused x
          }
          test "what can only be computed from overwritten memory says so" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let inner = x +. x
              let outer = inner *. inner
              Value.donate x
              Value.forceAll [| outer |]
              Expect.equal (numbers outer) [| 4.0; 16.0 |] "result"
              isRefused inner
          }
          test "forced together, both are there" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let inner = x +. x
              let outer = inner *. inner
              Value.donate x
              Value.forceAll [| outer; inner |]
              Expect.equal (numbers outer, numbers inner) ([| 4.0; 16.0 |], [| 2.0; 4.0 |]) "results"
          }
          test "a pending value can be donated" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let inner = x +. x
              let outer = inner *. inner
              Value.donate inner
              Expect.equal (numbers outer) [| 4.0; 16.0 |] "result"
              Expect.equal (counting.Outputs, numbers x) (1, [| 1.0; 2.0 |]) "one array, and the leaf is alive"
              isRefused inner
          }
          test "a failed kernel leaves what it was given, unless that was donated" {
              let counting = deferring ()
              let x, y = floats counting [ 1.0; 2.0 ], floats counting [ 3.0; 4.0 ]
              let kept, lost = x +. x, y +. y
              Value.donate y
              counting.Fails <- true
              Expect.throwsT<OutOfMemoryException> (fun () -> Value.view kept |> ignore) "failure"
              Expect.throwsT<OutOfMemoryException> (fun () -> Value.view lost |> ignore) "failure"
              counting.Fails <- false
              Expect.equal (numbers kept) [| 2.0; 4.0 |] "second try"
              isRefused lost
          } ]
