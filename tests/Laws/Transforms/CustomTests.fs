/// Functions with derivatives of their own, recomputation, derivatives of several tensors, and checks of derivatives.
module Functional.Laws.CustomTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements

let private vector (xs: float list) = Tensor.ofFloat64s [ xs.Length ] (Array.ofList xs)
let private x = vector [ 0.5; -1.0; 2.0 ]
let private near what expected actual = expectNear 1e-12 what (read actual) (Array.ofList expected)

/// x^3, with a derivative that could be derived as well.
let private cube = Grad.custom "cube" (fun (x: Tensor) -> x * x * x) (fun x _ (c: Tensor) -> c * (3.0 * x * x))

let private plain (x: Tensor) = x * x * x

/// Two results of two arguments, in a record.
let private pair =
    Grad.custom "pair" (fun (p: {| A: Tensor; B: Tensor |}) -> p.A * p.B, Tensor.sin p.A) (fun p (product, _) (c, d) ->
        ignore product
        {| A = c * p.B + d * Tensor.cos p.A; B = c * p.A |})

let private agree what f g = test what {
    expectSame 1e-12 "value" (f x) (g x)
    expectSame 1e-12 "gradient" (grad (f >> Tensor.sum) x) (grad (g >> Tensor.sum) x)
    expectSame 1e-12 "forward mode" (diff f x) (diff g x)
    expectSame 1e-12 "hessian" (hessian (f >> Tensor.sum) x) (hessian (g >> Tensor.sum) x)
    expectSame 1e-12 "reverse over reverse" (jacobian (grad (f >> Tensor.sum)) x) (jacobian (grad (g >> Tensor.sum)) x)
    expectSame 1e-12 "third" (diff (diff (diff f)) x) (diff (diff (diff g)) x)
    expectSame 1e-12 "mapped" (vmap f x) (vmap g x)
    expectSame 1e-12 "gradient of a map" (grad (vmap f >> Tensor.sum) x) (grad (vmap g >> Tensor.sum) x)
    expectSame 1e-12 "map of gradients" (vmap (grad f) x) (vmap (grad g) x)
}

let private throws<'E when 'E :> exn> (part: string) (f: unit -> unit) =
    try
        f ()
        failtest $"should raise: {part}"
    with :? 'E as e ->
        Expect.stringContains e.Message part "message"

let tests =
    testList
        "functions with derivatives of their own"
        [ agree "a custom function in every transform" cube plain
          agree "checkpoint in every transform" (Grad.checkpoint plain) plain
          agree "a checkpoint of a custom function" (Grad.checkpoint cube) plain

          test "records in, tuples out" {
              let f (p: {| A: Tensor; B: Tensor |}) = (let a, b = pair p in Tensor.sum (a * b))
              let g (p: {| A: Tensor; B: Tensor |}) = Tensor.sum (p.A * p.B * Tensor.sin p.A)
              let p = {| A = x; B = vector [ 3.0; 4.0; 5.0 ] |}
              expectSame 1e-12 "a" (grad f p).A (grad g p).A
              expectSame 1e-12 "b" (grad f p).B (grad g p).B
              let direction = {| A = vector [ 1.0; 2.0; 3.0 ]; B = vector [ -1.0; 0.0; 1.0 ] |}
              expectSame 1e-12 "hvp" (hvp f p direction).A (hvp g p direction).A
          }

          test "the derivative is the one that was given" {
              let straight = Grad.custom "round" Tensor.round (fun _ _ c -> c)
              near "through" [ 1.0; 1.0; 1.0 ] (grad (straight >> Tensor.sum) x)
          }

          test "a custom function gives back memory that users keep" {
              let kept = vector [ 1.0; 2.0; 3.0 ] |> Tensor.exp
              let f = Grad.custom "constant" (fun (_: Tensor) -> kept) (fun _ _ _ -> kept)

              for _ in 1..3 do
                  near "gradient" [ exp 1.0; exp 2.0; exp 3.0 ] (grad (f >> Tensor.sum) x)
          }

          test "what is not an argument cannot be differentiated" {
              throws<DifferentiationException> "is not among its arguments" (fun () ->
                  let f y = Grad.custom "captured" (fun (x: Tensor) -> x * y) (fun _ _ c -> c) y
                  grad (f >> Tensor.sum) x |> ignore)
          }

          test "refusing to be differentiated" {
              throws<DifferentiationException> "never" (fun () -> grad (Grad.refuse "never" >> Tensor.sum) x |> ignore)
              near "the value passes" [ 0.5; -1.0; 2.0 ] (Grad.refuse "never" x)
          }

          test "gradients of the wrong shape" {
              let f = Grad.custom "wrong" id (fun (_: Tensor) _ _ -> vector [ 1.0; 2.0 ])

              throws<ShapeException> "Function wrongBackward returned an invalid gradient at index 0" (fun () ->
                  grad (f >> Tensor.sum) x |> ignore)
          }

          test "the first nan has a name" {
              throws<DifferentiationException> "Function 'SqrtBackward0' returned nan values in its 0th output" (fun () ->
                  Grad.detectAnomaly (fun () -> grad (fun x -> Tensor.sum (Tensor.sqrt x * 0.0)) (vector [ 0.0 ]) |> ignore))

              Expect.isFalse Anomaly.IsEnabled "set back"
          }

          test "gradients against differences" {
              Expect.isTrue (GradCheck.check pair {| A = x; B = x |}) "pair"

              let wrong = Grad.custom "wrong" Tensor.sin (fun _ _ c -> c)
              Expect.isFalse (GradCheck.check wrong x) "wrong"
              Expect.isNone (GradCheck.compareSecond GradCheck.Tolerance.Default (Array.map cube) [| x |] [| x |]) "second"
          }

          test "Jacobians of several tensors, both ways" {
              let f (t: Tensor[]) = [| t[0] * Tensor.sum t[1]; Tensor.matmul t[1] t[0] |]
              let args = [| x; Tensor.ofFloat64s [ 2; 3 ] [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |] |]
              let _, backwards = Jacobians.reverse f args
              let _, forwards = Jacobians.forward f args

              for j in 0..1 do
                  for i in 0..1 do
                      expectSame 1e-12 $"[{j}][{i}]" (backwards[j][i]) (forwards[j][i])

              Expect.equal backwards[1].[1].Shape [| 2; 2; 3 |] "shape"

              Expect.equal
                  (Jacobians.dependencies (fun t -> [| t[0]; t[1] |]) args)
                  [| [| true; false |]; [| false; true |] |]
                  "depends"
          } ]
