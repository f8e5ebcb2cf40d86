/// Random numbers: functions of keys, nothing else.
module Functional.Laws.RandomTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Elements

let private seed (choices: Choices) = choices.Seeded().Next()

let private draws: (string * (Key -> int list -> Tensor)) list =
    [ "uniform", Random.uniform
      "normal", Random.normal
      "bits", Random.bits
      "uniformBetween", Random.uniformBetween -2.0 3.0
      "bernoulli", Random.bernoulli 0.3 ]

let private mean (xs: float[]) = Array.average xs
let private variance xs = (let m = mean xs in xs |> Array.averageBy (fun x -> (x - m) ** 2.0))

let private correlation (a: float[]) (b: float[]) =
    let ma, mb = mean a, mean b
    Array.map2 (fun x y -> (x - ma) * (y - mb)) a b |> mean |> fun c -> c / sqrt (variance a * variance b)

let private close room what expected actual =
    if abs (expected - actual) > room then
        failtest $"{what}: expected {expected} within {room}, got {actual}"

let private size = 20000
/// What 20,000 independent numbers may miss by, five standard deviations.
let private room = 5.0 / sqrt (float size)

let tests =
    testList
        "Random"
        [ for name, draw in draws do
              forAll $"{name}: same key, same bits; another key, others" 20 seed (fun seed ->
                  let key = Random.key seed
                  expectBits "twice" (draw key [ 5; 7 ]) (draw (Random.key seed) [ 5; 7 ])
                  expectBits "any shape" (Tensor.reshape [ 35 ] (draw key [ 5; 7 ])) (draw key [ 35 ])
                  Expect.notEqual (read (draw key [ 64 ])) (read (draw (Random.key (seed ^^^ 1)) [ 64 ])) "another seed"
                  Expect.notEqual (read (draw key [ 64 ])) (read (draw (Random.fold 0 key) [ 64 ])) "a key of it")

          test "the same on every backend" {
              for name, draw in draws do
                  let key = Random.key 11
                  let there = Backend.using Backend.reference (fun () -> draw key [ 1001 ])
                  let room = if name = "normal" || name = "uniformBetween" then 1e-6 else 0.0
                  expectSame room name (draw key [ 1001 ]) there
          }

          test "shapes with nothing in them, and numbers" {
              for _, draw in draws do
                  Expect.equal (draw (Random.key 1) [ 0; 3 ]).Shape [| 0; 3 |] "nothing"
                  Expect.equal (draw (Random.key 1) []).Shape [||] "a number"
          }

          test "keys that come from one key are all different" {
              let keys = Random.split 1000 (Random.key 7)
              let deeper = keys |> List.truncate 30 |> List.collect (Random.split 30)
              let all = Random.key 7 :: keys @ deeper
              Expect.equal (all |> List.distinct |> List.length) all.Length "different"
              let struct (a, b) = Random.split2 (Random.key 7)
              Expect.equal [ a; b ] (List.truncate 2 keys) "the first two of any number"
              Expect.equal (Random.fold 5 (Random.key 7)) keys[5] "fold counts them"
          }

          test "uniform numbers are uniform" {
              let xs = read (Random.uniform (Random.key 1) [ size ])
              Expect.all xs (fun x -> x >= 0.0 && x < 1.0) "in [0, 1)"
              close (room * 0.29) "mean" 0.5 (mean xs)
              close (room * 0.1) "variance" (1.0 / 12.0) (variance xs)
              // Ten equal bins, by chi square with 9 degrees of freedom: 33.7 at one in 10,000.
              let counts = xs |> Array.countBy (fun x -> int (x * 10.0)) |> Array.map (snd >> float)
              let expected = float size / 10.0
              Expect.isLessThan (counts |> Array.sumBy (fun c -> (c - expected) ** 2.0 / expected)) 33.7 "bins"
              let shifted = read (Random.uniformBetween -2.0 3.0 (Random.key 1) [ size ])
              Expect.all shifted (fun x -> x >= -2.0 && x <= 3.0) "between"
              close (room * 1.5) "mean between" 0.5 (mean shifted)
          }

          test "normal numbers are normal" {
              let xs = read (Random.normal (Random.key 2) [ size ])
              close room "mean" 0.0 (mean xs)
              close (room * 1.5) "variance" 1.0 (variance xs)
              close (room * 4.0) "skewness" 0.0 (xs |> Array.averageBy (fun x -> x ** 3.0))
              close (room * 10.0) "kurtosis" 3.0 (xs |> Array.averageBy (fun x -> x ** 4.0))
              close room "within one" 0.6827 (xs |> Array.averageBy (fun x -> if abs x < 1.0 then 1.0 else 0.0))
          }

          test "bernoulli counts, and its ends are certain" {
              for p in [ 0.0; 0.1; 0.5; 0.9; 1.0 ] do
                  let xs = read (Random.bernoulli p (Random.key 3) [ size ])
                  Expect.all xs (fun x -> x = 0.0 || x = 1.0) "zeros and ones"
                  close (if p = 0.0 || p = 1.0 then 0.0 else room) $"p = {p}" p (mean xs)
          }

          test "neighbouring numbers, and streams of split keys, do not know of each other" {
              let xs = read (Random.normal (Random.key 4) [ size ])
              close room "lag 1" 0.0 (correlation xs[.. size - 2] xs[1..])
              close room "lag 2" 0.0 (correlation xs[.. size - 3] xs[2..])
              let struct (a, b) = Random.split2 (Random.key 4)
              let a, b = read (Random.normal a [ size ]), read (Random.normal b [ size ])
              close room "two children" 0.0 (correlation a b)
              close room "parent and child" 0.0 (correlation xs a)
              let next = read (Random.normal (Random.key 5) [ size ])
              close room "neighbouring seeds" 0.0 (correlation xs next)
          }

          forAll
              "a permutation is one"
              30
              (fun choices -> choices.Pick [ 1; 0; 2; 17; 100; 1000 ], seed choices)
              (fun (n, seed) ->
                  let order = Random.permutation n (Random.key seed)
                  Expect.equal (Array.sort (read order)) (Array.init n float) "every number once"
                  expectBits "the same again" order (Random.permutation n (Random.key seed)))

          test "all permutations of three come up alike" {
              let counts =
                  [ for i in 0..5999 -> read (Random.permutation 3 (Random.fold i (Random.key 9))) ]
                  |> List.countBy id
                  |> List.map snd

              Expect.hasLength counts 6 "six of them"
              Expect.all counts (fun n -> abs (n - 1000) < 150) $"a thousand each: {counts}"
          } ]
