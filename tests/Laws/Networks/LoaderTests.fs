/// Data as lazy sequences: order, workers, errors, stopping early.
module Functional.Laws.LoaderTests

open System
open System.Collections.Concurrent
open System.Threading
open Expecto
open FsCheck
open Functional
open Functional.Contract
open Functional.Laws.Beside

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

let private check names name run = { Of = names; Name = name; Run = run }

let private all (data: Dataset<'T>) = [ for i in 0 .. data.Count - 1 -> data.Example i ]

/// What PyTorch's utils.data is here.
let checks =
    [ check "utils.data.TensorDataset utils.data.Dataset" "slices of tensors" (fun () ->
          let x, y = noise 1 [ 4; 2 ], Tensor.ofInts [ 3; 1; 4; 1 ]
          let data = Dataset.ofTensors [ x; y ]
          Expect.equal data.Count 4 "count"
          Elements.expectBits "first" (List.head (data.Example 2)) (Tensor.select 0 2 x)
          Expect.equal (all data |> List.map (fun parts -> Tensor.item parts[1])) [ 3.0; 1.0; 4.0; 1.0 ] "second"

          Expect.throwsT<ShapeException> (fun () -> Dataset.ofTensors [ x; Tensor.ofInts [ 1 ] ] |> ignore) "another size")
      check "utils.data.Subset utils.data.ConcatDataset" "parts, and data sets one behind the other" (fun () ->
          let data = Dataset.ofArray [| "a"; "b"; "c" |]
          Expect.equal (data |> Dataset.subset [ 2; 0; 2 ] |> all) [ "c"; "a"; "c" ] "subset"
          Expect.throwsT<IndexException> (fun () -> Dataset.subset [ 3 ] data |> ignore) "no such example"
          let empty = Dataset.subset [] data
          let joined = Dataset.concat [ data; empty; Dataset.map (fun (s: string) -> s + s) data ]
          Expect.equal (all joined) [ "a"; "b"; "c"; "aa"; "bb"; "cc" ] "concat"
          Expect.throwsT<IndexException> (fun () -> joined.Example 6 |> ignore) "behind the end"
          Expect.throwsT<IndexException> (fun () -> joined.Example -1 |> ignore) "before the start"
          Expect.throwsT<ArgumentValueException> (fun () -> Dataset.concat ([]: Dataset<int> list) |> ignore) "none")
      check "utils.data.random_split" "random parts share out everything, and the key decides" (fun () ->
          let data = Dataset.ofArray [| 0..10 |]
          let parts = Dataset.randomSplit [ 3; 0; 8 ] (Random.key 1) data
          Expect.equal (parts |> List.map _.Count) [ 3; 0; 8 ] "sizes"
          Expect.equal (parts |> List.collect all |> List.sort) [ 0..10 ] "all"
          Expect.notEqual (parts |> List.collect all) [ 0..10 ] "at random"
          let again = Dataset.randomSplit [ 3; 0; 8 ] (Random.key 1) data
          Expect.equal (again |> List.map all) (parts |> List.map all) "the same key"
          Expect.equal (Dataset.partSizes [ 0.5; 0.25; 0.25 ] 11) [ 6; 3; 2 ] "what remains goes round, as in PyTorch"
          let fractions = Dataset.randomSplitBy [ 0.5; 0.25; 0.25 ] (Random.key 1) data
          Expect.equal (fractions |> List.map _.Count) [ 6; 3; 2 ] "fractions"
          Expect.throwsT<ArgumentValueException> (fun () -> Dataset.randomSplit [ 3; 7 ] (Random.key 1) data |> ignore) "too few"

          Expect.throwsT<ArgumentValueException>
              (fun () -> Dataset.randomSplitBy [ 1.5; -0.5 ] (Random.key 1) data |> ignore)
              "no fractions")
      check "utils.data.SequentialSampler" "in order" (fun () -> Expect.equal (Seq.toList (Loader.inOrder 4)) [ 0..3 ] "order")
      check "utils.data.RandomSampler utils.data.Sampler" "each once, or each from all" (fun () ->
          Expect.equal (Loader.shuffled 20 (Random.key 1) |> Seq.sort |> Seq.toList) [ 0..19 ] "each once"
          let drawn = Loader.anywhere 3 300 (Random.key 1) |> Seq.toList
          Expect.equal drawn.Length 300 "count"
          Expect.equal (List.distinct drawn |> List.sort) [ 0..2 ] "from all"
          Expect.equal (Loader.anywhere 3 300 (Random.key 1) |> Seq.toList) drawn "the same key")
      check "utils.data.SubsetRandomSampler" "given numbers in random order" (fun () ->
          let drawn = Loader.shuffledOf [| 7; 5; 3; 9; 11 |] (Random.key 2) |> Seq.toList
          Expect.equal (List.sort drawn) [ 3; 5; 7; 9; 11 ] "all"
          Expect.notEqual drawn [ 7; 5; 3; 9; 11 ] "at random")
      check "utils.data.WeightedRandomSampler" "numbers by their weights" (fun () ->
          let weights = [| 1.0; 0.0; 3.0 |]
          let drawn = Loader.weighted weights 2000 true (Random.key 3) |> Seq.toList
          let part i = float (drawn |> List.filter ((=) i) |> List.length) / 2000.0
          Expect.equal (part 1) 0.0 "no weight"
          Expect.isLessThan (abs (part 2 - 0.75)) 0.04 "three of four"
          Expect.equal (Loader.weighted weights 2000 true (Random.key 3) |> Seq.toList) drawn "the same key"
          Expect.equal (Loader.weighted weights 2 false (Random.key 4) |> Seq.sort |> Seq.toList) [ 0; 2 ] "each once"
          Expect.throwsT<ArgumentValueException> (fun () -> Loader.weighted weights 4 false (Random.key 4) |> ignore) "too many")
      check "utils.data.DataLoader utils.data.BatchSampler" "batches of a data set, by any number of workers" (fun () ->
          let data = Dataset.ofTensors [ noise 1 [ 7; 2 ] ]
          let order = Loader.shuffled 7 (Random.key 1) |> Array.ofSeq
          let collate (items: Tensor list[]) = items |> Array.map List.head |> List.ofArray |> Tensor.stack 0
          let read workers dropLast = Loader.batchesOf workers 3 dropLast collate data order |> Seq.toList
          let plain = read 0 false
          Expect.equal (plain |> List.map Tensor.shape) [ [ 3; 2 ]; [ 3; 2 ]; [ 1; 2 ] ] "shapes"
          Expect.equal (read 0 true |> List.map Tensor.shape) [ [ 3; 2 ]; [ 3; 2 ] ] "drop_last"

          plain
          |> List.iteri (fun b batch ->
              order
              |> Array.chunkBySize 3
              |> Array.item b
              |> Array.iteri (fun i place ->
                  Elements.expectBits "an example" (Tensor.select 0 i batch) (data.Example place).Head))

          List.iter2 (Elements.expectBits "two workers") (read 2 false) plain
          let loaded = Loader.load 2 (fun i -> i * i) Array.sum (Loader.batches 3 false (Loader.inOrder 7)) |> Seq.toList
          Expect.equal loaded [ 5; 50; 36 ] "load")
      check "utils.data.DataLoader" "a worker that takes too long raises, and the others' results come" (fun () ->
          let make _ i =
              (if i = 2 then
                   Thread.Sleep 400

               i)

          let within = Loader.prefetchWithin (ValueSome(TimeSpan.FromMilliseconds 60.0)) 2 2 make (seq { 0..5 })
          let seen = ResizeArray<int>()

          try
              for i in within do
                  seen.Add i

              failtest "no error"
          with :? LoaderTimeoutException as error ->
              Expect.equal error.Batch 2 "batch"

          Expect.equal (List.ofSeq seen) [ 0; 1 ] "what came before"
          let patient = Loader.prefetchWithin (ValueSome(TimeSpan.FromSeconds 30.0)) 2 2 make (seq { 0..3 })
          Expect.equal (Seq.toList patient) [ 0..3 ] "time enough") ]

let tests = testList "Loader" (batches @ workers @ choosing @ Beside.tests checks)
