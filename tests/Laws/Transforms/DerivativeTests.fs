/// Derivatives that are known in numbers: ties, repeated indices, Jacobians and Hessians.
module Functional.Laws.DerivativeTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Elements

let private vector (xs: float list) = Tensor.ofFloat64s [ xs.Length ] (Array.ofList xs)
let private matrix rows columns (xs: float list) = Tensor.ofFloat64s [ rows; columns ] (Array.ofList xs)
let private gives what (expected: float list) (actual: Tensor) = expectNear 1e-12 what (read actual) (Array.ofList expected)

/// A gradient in reverse, and the same in forward mode, number by number.
let private gradient what expected (f: Tensor -> Tensor) x =
    gives what expected (grad f x)
    gives (what + ", forward") expected (jacobianForward f x)

let private repeated =
    testList
        "repeated indices"
        [ test "gather adds up" {
              let index = Tensor.ofInts [ 0; 0; 2 ]
              gradient "gather" [ 2.0; 0.0; 1.0 ] (fun x -> Tensor.sum (Tensor.gather 0 index x)) (vector [ 1.0; 2.0; 3.0 ])
          }

          test "indexSelect and embedding add up" {
              let index = Tensor.ofInts [ 1; 1; 1; 0 ]
              let table = matrix 3 2 [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]
              gradient "indexSelect" [ 1.0; 1.0; 3.0; 3.0; 0.0; 0.0 ] (fun t -> Tensor.sum (Tensor.indexSelect 0 index t)) table
              let index = Tensor.ofInt64s [ 2; 2 ] [| 2L; 0L; 2L; 2L |]
              gradient "embedding" [ 1.0; 1.0; 0.0; 0.0; 3.0; 3.0 ] (fun t -> Tensor.sum (Tensor.embedding index t)) table
          }

          test "second order through a gather" {
              // f = (x0 + x0 + x2)^2 = sum of a gather, squared
              let index = Tensor.ofInts [ 0; 0; 2 ]
              let f x = Tensor.square (Tensor.sum (Tensor.gather 0 index x))
              gives "hessian" [ 8.0; 0.0; 4.0; 0.0; 0.0; 0.0; 4.0; 0.0; 2.0 ] (hessian f (vector [ 1.0; 2.0; 3.0 ]))
          }

          test "scatterAdd hands its cotangent to every source" {
              let index = Tensor.ofInts [ 1; 1; 0 ]
              let weights = vector [ 10.0; 20.0 ]
              let f source = Tensor.sum (weights * Tensor.scatterAdd 0 index source (vector [ 0.0; 0.0 ]))
              gradient "source" [ 20.0; 20.0; 10.0 ] f (vector [ 1.0; 2.0; 3.0 ])
          }

          test "scatter hands its cotangent to every writer, as in PyTorch" {
              let index = Tensor.ofInts [ 1; 1; 0 ]
              let weights = vector [ 10.0; 20.0; 30.0 ]
              let source (s: Tensor) = Tensor.sum (weights * Tensor.scatter 0 index s (vector [ 7.0; 8.0; 9.0 ]))
              // Forward mode moves what the last writer moves.
              Expect.equal (Tensor.toFloat64s (grad source (vector [ 1.0; 2.0; 3.0 ]))) [| 20.0; 20.0; 10.0 |] "source"
              let target t = Tensor.sum (weights * Tensor.scatter 0 index (vector [ 1.0; 2.0; 3.0 ]) t)
              gradient "target" [ 0.0; 0.0; 30.0 ] target (vector [ 7.0; 8.0; 9.0 ])
          }

          test "an expanded tensor gets the sum" {
              let f x = Tensor.sum (Tensor.expand [ 4; 3 ] x * 2.0)
              gradient "expand" [ 8.0; 8.0; 8.0 ] f (vector [ 1.0; 2.0; 3.0 ])
          } ]

let private ties =
    testList
        "ties"
        [ test "amax and amin share evenly" {
              gradient "amax" [ 0.5; 0.0; 0.5 ] Tensor.max (vector [ 3.0; 1.0; 3.0 ])
              gradient "amin" [ 0.0; 1.0; 0.0 ] Tensor.min (vector [ 3.0; 1.0; 3.0 ])
              gradient "all equal" [ 0.25; 0.25; 0.25; 0.25 ] Tensor.max (vector [ 2.0; 2.0; 2.0; 2.0 ])
          }

          test "max along a dimension goes to the first" {
              let f x = Tensor.sum (fst (Tensor.maxDim 0 false x))
              gradient "maxDim" [ 1.0; 0.0; 0.0 ] f (vector [ 3.0; 3.0; 1.0 ])
              let f x = Tensor.sum (fst (Tensor.minDim 0 false x))
              gradient "minDim" [ 0.0; 1.0; 0.0 ] f (vector [ 3.0; 1.0; 1.0 ])
          }

          test "maximum and minimum share between the two" {
              let other = vector [ 1.0; 1.0; 3.0 ]
              gradient "maximum" [ 0.5; 1.0; 0.0 ] (fun x -> Tensor.sum (Tensor.maximum x other)) (vector [ 1.0; 2.0; 2.0 ])
              gradient "minimum" [ 0.5; 0.0; 1.0 ] (fun x -> Tensor.sum (Tensor.minimum x other)) (vector [ 1.0; 2.0; 2.0 ])
          }

          test "max pooling goes to the first of the largest, never to losers" {
              let image = Tensor.ofFloat64s [ 1; 1; 2; 4 ] [| 1.0; 5.0; 2.0; 2.0; 5.0; 0.0; 2.0; 2.0 |]
              let f x = Tensor.sum (Tensor.maxPool2d 2 x)
              gradient "pool" [ 0.0; 1.0; 1.0; 0.0; 0.0; 0.0; 0.0; 0.0 ] f image
          }

          test "corners: relu, abs, clamp, sqrt and powers at 0" {
              let zero = vector [ 0.0 ]
              gradient "relu" [ 0.0 ] (Tensor.relu >> Tensor.sum) zero
              gradient "abs" [ 0.0 ] (Tensor.abs >> Tensor.sum) zero
              gradient "sign" [ 0.0 ] (Tensor.sign >> Tensor.sum) zero
              gradient "clamp at its ends" [ 1.0; 1.0; 0.0 ] (Tensor.clamp 0.0 1.0 >> Tensor.sum) (vector [ 0.0; 1.0; 1.5 ])
              gradient "sqrt" [ infinity ] (Tensor.sqrt >> Tensor.sum) zero
              gradient "square" [ 0.0 ] (Tensor.powScalar 2.0 >> Tensor.sum) zero
              gradient "cube" [ 0.0 ] (Tensor.powScalar 3.0 >> Tensor.sum) zero
              gradient "power 1" [ 1.0 ] (Tensor.powScalar 1.0 >> Tensor.sum) zero
              gradient "power 0" [ 0.0 ] (Tensor.powScalar 0.0 >> Tensor.sum) zero
              gives "second derivative of a square" [ 2.0 ] (hessian (Tensor.powScalar 2.0 >> Tensor.sum) zero)
          }

          test "where: what is not chosen does not leak" {
              let x = vector [ -1.0; 0.0; 4.0 ]
              let positive = Tensor.gt x (vector [ 0.0 ])

              let f x =
                  Tensor.sum (
                      Tensor.where positive (Tensor.sqrt (Tensor.where positive x (Tensor.onesLike x))) (Tensor.zerosLike x)
                  )

              gradient "sqrt where positive" [ 0.0; 0.0; 0.25 ] f x
              gradient "nan elsewhere" [ 0.0; 1.0 ] (fun x -> Tensor.select 0 1 x) (vector [ nan; 1.0 ])

              gradient
                  "infinities elsewhere"
                  [ 0.0; 1.0 ]
                  (fun x -> Tensor.sum (Tensor.narrow 0 1 1 x))
                  (vector [ infinity; 1.0 ])
          }

          test "cumulative products at zeros" {
              // y = x0 x1 x2 with one zero, and with two
              gradient "one" [ 0.0; 15.0; 0.0 ] Tensor.prod (vector [ 3.0; 0.0; 5.0 ])
              gradient "two" [ 0.0; 0.0; 0.0 ] Tensor.prod (vector [ 3.0; 0.0; 0.0 ])
              gives "hessian" [ 0.0; 5.0; 0.0; 5.0; 0.0; 3.0; 0.0; 3.0; 0.0 ] (hessian Tensor.prod (vector [ 3.0; 0.0; 5.0 ]))
          } ]

/// A function from three numbers to [2; 2] that mixes them all.
let private mixer (x: Tensor) =
    let a, b, c = Tensor.select 0 0 x, Tensor.select 0 1 x, Tensor.select 0 2 x
    Tensor.stack 0 [ Tensor.sin (a * b); Tensor.exp c * a; b / (c + 3.0); a * b * c ] |> Tensor.reshape [ 2; 2 ]

let private bowl (x: Tensor) = Tensor.sum (Tensor.tanh (mixer x)) + Tensor.mean (Tensor.square x) * Tensor.select 0 1 x

let private point (choices: Choices) =
    let random = choices.Seeded()
    vector (List.init 3 (fun _ -> random.NextDouble() * 2.0 - 1.0))

/// Central differences along every coordinate, stacked along a new last axis.
let private differences (f: Tensor -> Tensor) (x: Tensor) =
    let h = 1e-5

    Tensor.stack
        -1
        [ for i in 0 .. x.Shape[0] - 1 do
              let step = Tensor.oneHot x.Shape[0] (Tensor.ofInts [ i ]) |> Tensor.reshape [ -1 ] |> Tensor.cast Float64
              (f (x + step * h) - f (x - step * h)) / (2.0 * h) ]

let private tables =
    testList
        "jacobians and hessians"
        [ forAll "jacobian = differences, in both modes" 25 point (fun x ->
              let expected = differences mixer x
              Expect.equal expected.Shape [| 2; 2; 3 |] "shape"
              expectSame 1e-8 "reverse" (jacobian mixer x) expected
              expectSame 1e-8 "forward" (jacobianForward mixer x) expected)

          forAll "hessian = differences of the gradient, and symmetric" 25 point (fun x ->
              let table = hessian bowl x
              expectSame 1e-8 "hessian" table (differences (grad bowl) x)
              expectSame 1e-12 "symmetric" table (Tensor.t table)
              expectSame 1e-12 "reverse over reverse" (jacobian (grad bowl) x) table
              expectSame 1e-12 "reverse over forward" (jacobian (jacobianForward bowl) x) table)

          forAll "hvp = hessian times direction" 25 (fun choices -> point choices, point choices) (fun (x, direction) ->
              expectSame 1e-12 "hvp" (hvp bowl x direction) (Tensor.matmul (hessian bowl x) direction))

          forAll "grad = the row of the jacobian" 25 point (fun x -> expectSame 1e-12 "grad" (grad bowl x) (jacobian bowl x))

          test "shapes with nothing in them, and numbers without dimensions" {
              let empty = Tensor.ofFloat64s [ 0 ] [||]
              Expect.equal (jacobian (fun x -> x * x) empty).Shape [| 0; 0 |] "jacobian of nothing"
              Expect.equal (jacobianForward (fun x -> x * x) empty).Shape [| 0; 0 |] "forward"
              let number = Tensor.fullOf Float64 [] (Real 3.0)
              gives "jacobian of a number" [ 6.0 ] (jacobian (fun x -> x * x) number)
              gives "hessian of a number" [ 18.0 ] (hessian (fun x -> x * x * x) number)
              gives "a sum over nothing" [] (grad Tensor.sum empty)
          } ]

let private errors =
    testList
        "errors"
        [ test "what has no gradient says so in PyTorch's words" {
              refuses<ShapeException> "a vector" "grad can be implicitly created only for scalar outputs" (fun () ->
                  grad (fun x -> x * 2.0) (vector [ 1.0; 2.0 ]))

              refuses<DtypeException>
                  "integers"
                  "only Tensors of floating point and complex dtype can require gradients"
                  (fun () -> grad Tensor.sum (Tensor.ofInts [ 1; 2 ]))

              refuses<DtypeException> "forward, integers" "floating point" (fun () -> diff id (Tensor.ofInts [ 1 ]))
              refuses<DtypeException> "jacobian of integers" "floating point" (fun () -> jacobian id (Tensor.ofInts [ 1 ]))

              refuses<DifferentiationException> "zeta's exponent" "the derivative for 'zeta' is not implemented" (fun () ->
                  grad (fun s -> Tensor.sum (Operands.withRight Functions.zeta s (Real 2.0))) (vector [ 3.0; 4.0 ]))
          }

          test "a factor of zero moves a product by the other factors" {
              let product (factors: Tensor) =
                  GatherScatter.scatter ScatterProduct 0 (vector [ 5.0; 1.0 ]) (Tensor.ofInts [ 0; 0; 0; 1; 1 ]) factors

              let slope = grad (product >> Tensor.select 0 0) (vector [ 0.0; 3.0; 2.0; 0.0; 0.0 ])
              Expect.sequenceEqual (Tensor.toFloat64s slope) [ 30.0; 0.0; 0.0; 0.0; 0.0 ] "one zero"
              let curvature = hessian (product >> Tensor.select 0 1) (vector [ 4.0; 3.0; 2.0; 0.0; 0.0 ])
              Expect.equal (Tensor.item (Tensor.select 0 4 (Tensor.select 0 3 curvature))) 1.0 "two zeros move each other's slope"
          }

          test "tangents and cotangents of another shape or dtype are refused" {
              refuses<ShapeException> "a tangent" "jvp" (fun () ->
                  snd (jvp (fun x -> x * x) (vector [ 1.0; 2.0 ]) (vector [ 1.0 ])))

              refuses<ShapeException> "a cotangent" "vjp" (fun () ->
                  (snd (vjp (fun x -> x * x) (vector [ 1.0; 2.0 ]))) (vector [ 1.0; 1.0; 1.0 ]))

              refuses<DtypeException> "a float32 tangent" "jvp" (fun () ->
                  snd (jvp (fun x -> x * x) (vector [ 1.0 ]) (Tensor.ones [ 1 ])))
          } ]

let tests = testList "Derivatives" [ repeated; ties; tables; errors ]
