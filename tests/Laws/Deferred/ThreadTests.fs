/// Values shared between threads.
module Functional.Laws.Deferred.ThreadTests

open System
open System.Threading
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Deferred.CountingBackend
open Functional.Laws.Deferred.ValueSamples

let private together count (work: int -> 'T) : 'T[] =
    use start = new Barrier(count)
    let results: 'T[] = Array.zeroCreate count

    let threads =
        [ for i in 0 .. count - 1 ->
              Thread(fun () ->
                  start.SignalAndWait()
                  results[i] <- work i) ]

    threads |> List.iter _.Start()
    threads |> List.iter _.Join()
    results

let tests =
    testList
        "threads"
        [ test "a pending value forced by several threads is computed once" {
              for _ in 1..200 do
                  let counting = deferring ()
                  let x = floats counting [ for i in 0..99 -> float i ]
                  let y = chain 20 (fun v -> v +. x) x
                  let seen = together 4 (fun _ -> (Value.view y).Buffer)
                  Expect.equal counting.Kernels 1 "kernels"
                  Expect.isTrue (seen |> Array.forall (fun b -> obj.ReferenceEquals(b, seen[0]))) "one result"
          }
          test "expressions that share parts can be forced from several threads" {
              for round in 1..100 do
                  let counting = deferring ()
                  let x = floats counting [ for i in 0..49 -> float i ]
                  let shared = chain 10 (fun v -> f1 Functions.tanh v) x
                  let ends = Array.init 4 (fun i -> chain (5 + i) (fun v -> v +. shared) shared)
                  let found = together 4 (fun i -> numbers ends[(i + round) % 4])
                  let wanted = numbers shared

                  for i in 0..3 do
                      let n = 6 + (i + round) % 4
                      let value = Array.map (fun x -> Seq.fold (fun s _ -> float (float32 s + float32 x)) x [ 2..n ]) wanted
                      Expect.equal found[i] value "value"
          }
          test "building on one value from several threads loses no use" {
              let counting = deferring ()

              for _ in 1..50 do
                  let x = floats counting [ 1.0; 2.0 ]
                  let built = together 4 (fun _ -> Array.init 50 (fun _ -> x +. x))
                  Value.donate x
                  Value.forceAll [| built[0][0] |]

                  for value in Array.concat built do
                      Expect.equal (numbers value) [| 2.0; 4.0 |] "value"
          } ]
