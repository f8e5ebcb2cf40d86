/// Data as lazy sequences: order, workers, errors, stopping early.
module Functional.Laws.LoaderTests

open System
open System.Collections.Concurrent
open System.Threading
open Expecto
open FsCheck
open Functional
open Functional.Contract

let private slowly (i: int) =
    // Later ones are often done first.
    Thread.Sleep((i * 7) % 5)
    i * i

let private batches =
    [ testProperty "batches hold everything, in order"
      <| fun (NonNegativeInt n) (PositiveInt size) ->
          let all = Loader.batches size false (Loader.inOrder n) |> Seq.toList
          Expect.equal (Seq.concat all |> Seq.toList) [ 0 .. n - 1 ] "items"
          Expect.all (List.truncate (all.Length - 1) all) (fun b -> b.Length = size) "all but the last are full"
          let kept = Loader.batches size true (Loader.inOrder n) |> Seq.toList
          Expect.equal kept (all |> List.filter (fun b -> b.Length = size)) "drop_last"

      testProperty "shuffling loses nothing, and the key decides"
      <| fun (NonNegativeInt n) seed ->
          let key = Random.key seed
          Expect.equal (Loader.shuffled n key |> Seq.sort |> Seq.toList) [ 0 .. n - 1 ] "all"
          Expect.equal (Seq.toList (Loader.shuffled n key)) (Seq.toList (Loader.shuffled n key)) "again"

      test "a batch of nothing is refused" {
          Expect.throwsT<ArgumentValueException> (fun () -> Loader.batches 0 false [ 1 ] |> ignore) "size 0"
      } ]

let private workers =
    [ testProperty "k workers give what none give"
      <| fun (NonNegativeInt n) ->
          let n = n % 60
          let expected = Loader.prefetch 0 1 (fun _ i -> slowly i) (seq { 0 .. n - 1 }) |> Seq.toList

          for count in 1..4 do
              for ahead in [ 1; 3; 8 ] do
                  let found = Loader.prefetch count ahead (fun _ i -> slowly i) (seq { 0 .. n - 1 }) |> Seq.toList
                  Expect.equal found expected $"{count} workers, {ahead} ahead"

      test "numbers of batches count up" {
          let numbers = Loader.prefetch 3 6 (fun number _ -> number) (seq { 0..20 }) |> Seq.toList
          Expect.equal numbers [ 0..20 ] "numbers"
      }

      test "nothing is made before anybody reads, and no more than asked for ahead" {
          let made = ref 0

          let make _ (i: int) =
              (Interlocked.Increment &made.contents |> ignore
               i)

          let results = Loader.prefetch 2 4 make (Seq.initInfinite id)
          Expect.equal made.Value 0 "before reading"
          use reader = results.GetEnumerator()
          Expect.isTrue (reader.MoveNext()) "there is a first one"
          Thread.Sleep 50
          Expect.isLessThanOrEqual made.Value 5 "the one read and four ahead"
      }

      test "an error comes where its batch is read, with its origin" {
          let make _ i = if i = 5 then raise (InvalidOperationException "broken image") else i
          let read = ConcurrentQueue<int>()

          for count in [ 1; 3 ] do
              read.Clear()

              try
                  for i in Loader.prefetch count 4 make (seq { 0..20 }) do
                      read.Enqueue i

                  failtest "no error"
              with :? WorkerException as error ->
                  Expect.equal error.Batch 5 "batch"
                  Expect.stringContains error.Message "Caught InvalidOperationException" "message"
                  Expect.stringContains error.Message "broken image" "message"
                  Expect.stringContains (string error.Cause.StackTrace) "LoaderTests" "the place where it arose"

              Expect.equal (List.ofSeq read) [ 0..4 ] "what came before"
      }

      test "stopping early leaves nothing running" {
          let running = ref 0

          let make _ (i: int) =
              Interlocked.Increment &running.contents |> ignore
              Thread.Sleep 20
              Interlocked.Decrement &running.contents |> ignore
              i

          for _ in 1..5 do
              let few = Loader.prefetch 3 6 make (Seq.initInfinite id) |> Seq.truncate 2 |> Seq.toList
              Expect.equal few [ 0; 1 ] "read"
              Expect.equal running.Value 0 "running"
      }

      test "the source is let go of" {
          let closed = ref false

          let source = seq {
              try
                  yield! Seq.initInfinite id
              finally
                  closed.Value <- true
          }

          Loader.prefetch 2 4 (fun _ i -> i) source |> Seq.truncate 3 |> Seq.iter ignore
          Expect.isTrue closed.Value "closed"
      } ]

let private choosing =
    [ test "places by their weights" {
          let source = MersenneTwister 3UL
          let drawn = Choosing.weighted source [| 0.0; 1.0; 3.0; 0.0 |] 4000
          let part place = float (drawn |> Array.filter ((=) place) |> Array.length) / 4000.0
          Expect.equal (part 0L + part 3L) 0.0 "no weight, no place"
          Expect.isLessThan (abs (part 2L - 0.75)) 0.03 "three of four"

          Expect.throwsT<ArgumentValueException>
              (fun () -> Choosing.weighted source [| 0.0; 0.0 |] 2 |> ignore)
              "nothing with a weight"
      } ]

let tests = testList "Loader" (batches @ workers @ choosing)
