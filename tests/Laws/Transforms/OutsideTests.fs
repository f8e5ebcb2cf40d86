/// The code of docs/custom-operations.md: operations that users add from outside of the library.
module Functional.Laws.OutsideTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements

let private mish x = Tensor.map (fun x -> x * tanh (log (1.0 + exp x))) x
let private gated a b = Tensor.map2 (fun a b -> a * Unary(Sigmoid, b)) a b
let private straightThrough = Grad.custom "straightThrough" Tensor.round (fun _ _ cotangent -> cotangent)

let rec private roll (steps: int) (x: Tensor) : Tensor = Engine.bind (rollPrimitive steps) [| x |]

and private rollPrimitive steps : Primitive =
    { Name = "roll"
      Infer = fun specs -> specs[0]
      Eval =
        fun _ values ->
            let n = Array.last values[0].Shape
            let source = Concrete values[0] |> Tensor.toFloat64s
            let moved = source |> Array.mapi (fun i _ -> source[i / n * n + ((i % n - steps) % n + n) % n])

            Tensor.ofFloat64s (List.ofArray values[0].Shape) moved |> Tensor.cast values[0].Dtype |> Engine.concrete
      Linearize = fun _ _ _ -> Engine.linear (roll steps) (roll -steps)
      Batch = fun _ args _ -> roll steps args[0] }

let private x = Tensor.ofFloat64s [ 2; 3 ] [| 0.5; -1.0; 2.0; 1.5; 0.25; -0.75 |]
let private number t = (Tensor.toFloat64s t)[0]

let tests =
    testList
        "operations from outside"
        [ test "a lambda has derivatives of any order" {
              Expect.isTrue (GradCheck.check mish x) "first"
              Expect.isTrue (GradCheck.check (fun (a, b) -> gated a b) (x, x * 2.0)) "two arguments"
              Expect.isNone (GradCheck.compareSecond GradCheck.Tolerance.Default (Array.map mish) [| x |] [| x |]) "second"
          }

          test "a derivative that is not the true one" {
              expectSame 0.0 "ones" (Tensor.onesLike x) (grad (straightThrough >> Tensor.sum) x)
          }

          test "a primitive from outside is one like all" {
              expectNear 0.0 "value" (read (roll 1 x)) [| 2.0; 0.5; -1.0; -0.75; 1.5; 0.25 |]
              Expect.isTrue (GradCheck.check (roll 2) x) "differences"
              let f x = Tensor.sum (roll 1 x * Tensor.sin x)
              Expect.isTrue (GradCheck.check (grad f) x) "second order"

              // <v, J x> = <J' v, x>
              let v = x * x + 1.0
              let _, pushed = jvp (roll 1) x x
              let _, pull = vjp (roll 1) x
              expectNear 1e-12 "adjoint" [| number (Tensor.sum (v * pushed)) |] [| number (Tensor.sum (pull v * x)) |]

              let looped = Tensor.unbind 0 x |> List.map (roll 1) |> Tensor.stack 0
              expectSame 0.0 "vmap" looped (vmap (roll 1) x)
          } ]
