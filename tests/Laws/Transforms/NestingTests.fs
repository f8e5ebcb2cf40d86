/// Levels: derivatives inside derivatives, forward, reverse and mapped, never confuse whose tangent is whose.
module Functional.Laws.NestingTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements

let private real (x: float) = Tensor.fullOf Float64 [] (Real x)
let private vector (xs: float list) = Tensor.ofFloat64s [ xs.Length ] (Array.ofList xs)
let private is room what expected (actual: Tensor) = expectNear room what (read actual) [| expected |]

/// The two ways to a derivative of a function of one number.
let private ways: (string * ((Tensor -> Tensor) -> Tensor -> Tensor)) list = [ "forward", diff; "reverse", grad ]

let private confusion =
    testList
        "perturbation confusion"
        [ for outerName, outer in ways do
              for innerName, inner in ways do
                  test $"{innerName} inside {outerName}" {
                      let x, y = real 3.0, real 5.0
                      // d/dx (x * d/dy x) = 0: the inner function does not depend on y.
                      outer (fun x -> x * inner (fun _ -> x) y) x |> is 0.0 "a constant of the inner level" 0.0
                      // d/dx (x * d/dy (x + y)) = 1
                      outer (fun x -> x * inner (fun y -> x + y) (real 1.0)) x |> is 1e-12 "the classic" 1.0
                      // d/dx (x * d/dy (x * y)) = 2 x
                      outer (fun x -> x * inner (fun y -> x * y) y) x |> is 1e-12 "a product" 6.0
                      // d/dx (d/dy (x * x * y) at y = x) = 2 x
                      outer (fun x -> inner (fun y -> x * x * y) x) x |> is 1e-12 "the inner point moves too" 6.0
                      // d/dx (d/dy (x * y * y) at y = x) = d/dx (2 x^2) = 4 x
                      outer (fun x -> inner (fun y -> x * y * y) x) x |> is 1e-12 "both move" 12.0
                      // The same variable at both levels.
                      outer (fun x -> inner (fun x -> x * x * x) x) x |> is 1e-12 "shadowed" 18.0
                  }

                  test $"{innerName} inside vmap inside {outerName}" {
                      let points = vector [ 1.0; 2.0; 3.0 ]
                      // d/dx sum_i (x * d/dy (x * y^2) at p_i) = d/dx (x^2 * 2 * 6) = 24 x
                      let f x = Tensor.sum (vmap (fun p -> x * inner (fun y -> x * y * y) p) points)
                      outer f (real 2.0) |> is 1e-12 "over a batch" 48.0
                  } ]

/// Seven functions of one number with their derivatives of any order, as a composition that no rule sees through.
let private third =
    testList
        "to third order"
        [ for a, d1 in ways do
              for b, d2 in ways do
                  for c, d3 in ways do
                      test $"{a} over {b} over {c}" {
                          // f(x) = sin(x^2): f''' = -12 x sin(x^2) - 8 x^3 cos(x^2)
                          let f x = Tensor.sin (x * x)
                          let x = 0.8
                          let expected = -12.0 * x * sin (x * x) - 8.0 * x ** 3.0 * cos (x * x)
                          d1 (d2 (d3 f)) (real x) |> is 1e-12 "sin of a square" expected

                          // f(x) = exp(x) / x: f''' = exp(x) (x^3 - 3 x^2 + 6 x - 6) / x^4
                          let g (x: Tensor) = Tensor.exp x / x
                          let expected = exp x * (x ** 3.0 - 3.0 * x * x + 6.0 * x - 6.0) / x ** 4.0
                          d1 (d2 (d3 g)) (real x) |> is 1e-12 "a quotient" expected
                      } ]

let private escapes =
    let stolen transform =
        let mutable kept = real 0.0

        transform (fun (x: Tensor) ->
            kept <- x * 2.0
            Tensor.sum (x * x))

        kept

    let refused what (use': unit -> Tensor) (transform: string) =
        try
            read (use' ()) |> ignore
            failtest $"{what}: no error"
        with :? DifferentiationException as error ->
            Expect.stringContains error.Message $"inside {transform}" "names the transform"
            Expect.stringContains error.Message "return it" "says what to do"

    testList
        "escaped tensors"
        [ for name, run in
              [ "grad", (fun f -> grad f (real 3.0) |> ignore)
                "vjp", (fun f -> vjp f (real 3.0) |> ignore)
                "jvp", (fun f -> jvp f (real 3.0) (real 1.0) |> ignore)
                "vmap", (fun f -> vmap f (vector [ 1.0; 2.0 ]) |> ignore) ] do
              test name {
                  let kept = stolen run
                  refused "an operation" (fun () -> kept + kept) name
                  refused "an operation with another" (fun () -> Tensor.mul (real 1.0) kept) name
                  refused "a function of it inside another transform" (fun () -> grad (fun x -> x * kept) (real 1.0)) name
              }

          test "a transform that fails closes its level" {
              let mutable kept = real 0.0

              try
                  grad
                      (fun x ->
                          kept <- x
                          raise (TimeoutException()))
                      (real 1.0)
                  |> ignore
              with :? TimeoutException ->
                  ()

              refused "after a failure" (fun () -> kept * 2.0) "grad"
          }

          test "what is returned is free of levels" {
              let (value, extra), gradient =
                  valueAndGradWith (fun x -> x * x, (x, [ x * 3.0 ], Map [ "half", x / 2.0 ])) (real 4.0)

              let once, several, named = extra

              for t in [ value; gradient; once; several.Head; named["half"] ] do
                  match t with
                  | Concrete _ -> ()
                  | _ -> failtest "a level is left"

              is 0.0 "value" 16.0 value
              is 0.0 "gradient" 8.0 gradient
              is 0.0 "a tensor of the function" 12.0 several.Head
              is 0.0 "another" 2.0 named["half"]
              is 1e-12 "it can be used" 8.0 (grad (fun y -> y * named["half"] * once) (real 1.0))
          } ]

let private pullbacks =
    testList
        "pullbacks"
        [ test "called twice, they give the same; with other cotangents, other things" {
              let value, pull = vjp (fun (x: Tensor) -> x * x * x) (vector [ 1.0; 2.0 ])
              expectNear 0.0 "value" (read value) [| 1.0; 8.0 |]
              expectNear 0.0 "first" (read (pull (vector [ 1.0; 1.0 ]))) [| 3.0; 12.0 |]
              expectNear 0.0 "again" (read (pull (vector [ 1.0; 1.0 ]))) [| 3.0; 12.0 |]
              expectNear 0.0 "another" (read (pull (vector [ 0.0; 2.0 ]))) [| 0.0; 24.0 |]
          }

          test "re-entered: a pullback used inside a derivative, and inside itself" {
              let _, pull = vjp (fun (x: Tensor) -> x * x) (vector [ 3.0 ])
              // c -> J' c is linear: its derivative is 2 x.
              is 0.0 "of the cotangent" 6.0 (grad (fun c -> Tensor.sum (pull c)) (vector [ 1.0 ]))
              is 0.0 "pulled through itself" 36.0 (pull (pull (vector [ 1.0 ])))
              let mapped = vmap pull (Tensor.ofFloat64s [ 3; 1 ] [| 1.0; 2.0; 3.0 |])
              expectNear 0.0 "mapped" (read mapped) [| 6.0; 12.0; 18.0 |]
          }

          test "made inside a derivative, they are differentiated with it" {
              // d/dx (x^2)' = 2 by a pullback of an inner level
              let slope x = (snd (vjp (fun y -> y * y) x)) (real 1.0)
              is 0.0 "forward" 2.0 (diff slope (real 3.0))
              is 0.0 "reverse" 2.0 (grad slope (real 3.0))
          }

          test "results that do not depend on the input, and inputs that nothing depends on" {
              let constant = vector [ 5.0; 6.0 ]
              let value, pull = vjp (fun (_: Tensor) -> constant) (vector [ 1.0; 2.0; 3.0 ])
              expectNear 0.0 "value" (read value) [| 5.0; 6.0 |]
              expectNear 0.0 "no dependence" (read (pull constant)) [| 0.0; 0.0; 0.0 |]
              let a, b = grad (fun (a: Tensor, _: Tensor) -> a * a) (real 2.0, vector [ 1.0; 1.0 ])
              is 0.0 "used" 4.0 a
              expectNear 0.0 "not used" (read b) [| 0.0; 0.0 |]
              let value, pushed = jvp (fun (_: Tensor) -> constant) (real 1.0) (real 1.0)
              expectNear 0.0 "value" (read value) [| 5.0; 6.0 |]
              expectNear 0.0 "no slope" (read pushed) [| 0.0; 0.0 |]
          }

          test "the input itself as the result, and one input used twice" {
              is 0.0 "identity" 1.0 (grad id (real 7.0))
              is 0.0 "twice" 2.0 (grad (fun x -> x + x) (real 7.0))
              let value, pull = vjp (fun x -> x, x) (real 7.0)
              is 0.0 "two results of one input" 7.0 (snd value)
              is 0.0 "their cotangents add up" 5.0 (pull (real 2.0, real 3.0))
          } ]

let private stopped =
    testList
        "constants"
        [ test "stopGradient" {
              is 0.0 "reverse" 3.0 (grad (fun x -> x * stopGradient x) (real 3.0))
              is 0.0 "forward" 3.0 (diff (fun x -> x * stopGradient x) (real 3.0))
              expectNear 0.0 "mapped" (read (vmap (grad (fun x -> x * stopGradient x)) (vector [ 1.0; 2.0 ]))) [| 1.0; 2.0 |]
          }

          test "integers and comparisons carry none" {
              let x = vector [ 1.5; -2.5 ]
              let count (x: Tensor) = Tensor.cast Float64 (Tensor.gt x (real 0.0))
              expectNear 0.0 "a comparison" (read (grad (fun x -> Tensor.sum (count x)) x)) [| 0.0; 0.0 |]
              expectNear 0.0 "a product with one" (read (grad (fun x -> Tensor.sum (x * count x)) x)) [| 1.0; 0.0 |]

              expectNear
                  0.0
                  "through an integer"
                  (read (grad (fun x -> Tensor.sum (Tensor.cast Float64 (Tensor.cast Int64 x))) x))
                  [| 0.0; 0.0 |]
          } ]

let tests = testList "Nesting" [ confusion; third; escapes; pullbacks; stopped ]
