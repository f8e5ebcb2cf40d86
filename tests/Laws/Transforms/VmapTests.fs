/// vmap as users see it: over trees, along axes, nested in everything, and its errors.
module Functional.Laws.VmapTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Elements

let private real (x: float) = Tensor.fullOf Float64 [] (Real x)
let private vector (xs: float list) = Tensor.ofFloat64s [ xs.Length ] (Array.ofList xs)

let private table (choices: Choices) shape =
    let random = choices.Seeded()
    Tensor.ofFloat64s shape (Array.init (List.fold (*) 1 shape) (fun _ -> random.NextDouble() * 2.0 - 1.0))

let private loop f (x: Tensor) = Tensor.unbind 0 x |> List.map f |> Tensor.stack 0
let private near = expectSame 1e-12

let private use' =
    testList
        "use"
        [ test "over records, with results of another type" {
              let result =
                  vmap
                      (fun (p: {| A: Tensor; B: Tensor |}) -> p.A * p.B, [ p.A ])
                      {| A = vector [ 1.0; 2.0 ]; B = vector [ 3.0; 4.0 ] |}

              expectNear 0.0 "products" (read (fst result)) [| 3.0; 8.0 |]
              expectNear 0.0 "itself" (read (snd result).Head) [| 1.0; 2.0 |]
          }

          test "a result that does not depend on the example is repeated" {
              let result = vmap (fun (_: Tensor) -> vector [ 7.0; 8.0 ]) (vector [ 1.0; 2.0; 3.0 ])
              expectNear 0.0 "repeated" (read result) [| 7.0; 8.0; 7.0; 8.0; 7.0; 8.0 |]
              Expect.equal result.Shape [| 3; 2 |] "shape"
          }

          test "the function sees one example" {
              let seen = ResizeArray()

              vmap
                  (fun (x: Tensor) ->
                      seen.Add(Tensor.shape x, x.Rank)
                      x)
                  (Tensor.zeros [ 5; 2; 3 ])
              |> ignore

              Expect.equal (List.ofSeq seen) [ [ 2; 3 ], 2 ] "once, without the batch"
          }

          forAll "along other axes" 20 (fun choices -> table choices [ 2; 3; 4 ]) (fun x ->
              let f (t: Tensor) = Tensor.cumsum 0 t * 2.0

              for axis in -3 .. 2 do
                  let mapped = vmapAxes axis axis f x
                  near $"axis {axis}" mapped (loop f (Tensor.moveAxis axis 0 x) |> Tensor.moveAxis 0 axis))

          forAll
              "of closures over batched tensors of an outer vmap"
              20
              (fun choices -> table choices [ 3; 2 ], table choices [ 4; 2 ])
              (fun (a, b) ->
                  let pairs = vmap (fun x -> vmap (fun y -> Tensor.matmul x y) b) a
                  near "all pairs" pairs (Tensor.matmul a (Tensor.t b)))

          forAll
              "gradients of every example at once"
              20
              (fun choices -> table choices [ 3 ], table choices [ 5; 3 ])
              (fun (weight, inputs) ->
                  let loss input weight = Tensor.square (Tensor.tanh (Tensor.matmul input weight))
                  let each = vmap (fun input -> grad (loss input) weight) inputs
                  near "per example" each (loop (fun input -> grad (loss input) weight) inputs)
                  let total = grad (fun weight -> Tensor.sum (vmap (fun input -> loss input weight) inputs)) weight
                  near "their sum" total (Tensor.sumOver [ 0 ] false each))

          forAll "a Hessian for every example" 10 (fun choices -> table choices [ 4; 3 ]) (fun points ->
              let f x = Tensor.sum (Tensor.exp x * Tensor.flip [ 0 ] x)
              near "hessians" (vmap (hessian f) points) (loop (hessian f) points)
              near "jacobians" (vmap (jacobian Tensor.sin) points) (loop (jacobian Tensor.sin) points)
              near "hvp" (vmap (fun x -> hvp f x x) points) (loop (fun x -> hvp f x x) points))

          forAll
              "control flow on shapes, and numbers of the function itself"
              10
              (fun choices -> table choices [ 3; 2; 2 ])
              (fun x ->
                  let rec power n (t: Tensor) =
                      if n = 0 then
                          Tensor.cast Float64 (Tensor.eye t.Shape[0])
                      else
                          Tensor.matmul t (power (n - 1) t)

                  near "third power" (vmap (power 3) x) (loop (power 3) x)) ]

/// Functions of the public surface on one example: what they do to the batch axis is what the laws of primitives cannot see.
let private functions: (string * int list * (Tensor -> Tensor)) list =
    [ "sum", [ 2; 3 ], Tensor.sum
      "sum of a number", [], Tensor.sum
      "sumOver -1", [ 2; 3 ], Tensor.sumOver [ -1 ] true
      "mean", [ 2; 3 ], Tensor.mean
      "var", [ 4 ], Tensor.var
      "std over a dim", [ 3; 4 ], Tensor.stdOver [ 0 ] 1.0 false
      "max of a number", [], Tensor.max
      "min", [ 3; 2 ], Tensor.min
      "amax over dims", [ 3; 2; 2 ], Tensor.amax [ 0; -1 ] false
      "argmax", [ 3; 2 ], Tensor.argmax
      "argmax of a number", [], Tensor.argmax
      "argmaxDim of a number", [], Tensor.argmaxDim 0 false
      "argminDim", [ 3; 2 ], Tensor.argminDim 0 true
      "maxDim of a number", [], (fun t -> fst (Tensor.maxDim 0 false t))
      "maxDim", [ 2; 3 ], (fun t -> fst (Tensor.maxDim -1 false t))
      "minDim positions", [ 2; 3 ], (fun t -> snd (Tensor.minDim 0 false t))
      "prod", [ 2; 2 ], Tensor.prod
      "prod of a number", [], Tensor.prod
      "prodDim", [ 2; 3 ], Tensor.prodDim 1 true
      "cumsum", [ 4 ], Tensor.cumsum 0
      "cumsum of a number", [], Tensor.cumsum 0
      "cumprod", [ 2; 3 ], Tensor.cumprod -1
      "logSumExp", [ 2; 3 ], Tensor.logSumExpOver [ 1 ] false
      "softmax", [ 3; 2 ], Tensor.softmax 0
      "softmax of a number", [], Tensor.softmax 0
      "logSoftmax", [ 2; 3 ], Tensor.logSoftmax 1
      "any", [ 2 ], Tensor.any
      "all of a number", [], Tensor.all
      "sort", [ 4 ], (fun t -> fst (Tensor.sort 0 true t))
      "sort of a number", [], (fun t -> fst (Tensor.sort 0 false t))
      "argsort of a number", [], Tensor.argsort 0 false
      "topk", [ 2; 4 ], (fun t -> fst (Tensor.topk 2 1 true t))
      "topk of a number", [], (fun t -> fst (Tensor.topk 1 0 true t))
      "flatten", [ 2; 3 ], Tensor.flatten
      "flatten a number", [], Tensor.flatten
      "unsqueeze", [ 2 ], Tensor.unsqueeze -1
      "squeeze", [ 1; 2; 1 ], Tensor.squeeze
      "transpose", [ 2; 3 ], Tensor.transpose 0 1
      "t of a vector", [ 2 ], Tensor.t
      "flip", [ 2; 3 ], Tensor.flip [ 0; 1 ]
      "select", [ 3; 2 ], Tensor.select 0 -1
      "sliceDim", [ 5 ], Tensor.sliceDim 0 1 5 2
      "cat with itself", [ 2; 3 ], (fun t -> Tensor.cat 1 [ t; t ])
      "stack with a constant", [ 2 ], (fun t -> Tensor.stack 0 [ t; vector [ 1.0; 2.0 ] ])
      "split", [ 5; 2 ], (fun t -> Tensor.split 0 2 t |> List.last)
      "pad", [ 2; 2 ], Tensor.padConstant 3.0 [ 1, 0; 0, 2 ]
      "cut by padding", [ 3; 3 ], Tensor.padConstant 0.0 [ -1, 1 ]
      "broadcast", [ 3 ], (fun t -> t + Tensor.unsqueeze 1 t)
      "dot", [ 3 ], (fun t -> Tensor.matmul t t)
      "matrix by vector", [ 2; 3 ], (fun t -> Tensor.matmul t (vector [ 1.0; 2.0; 3.0 ]))
      "vector by matrix", [ 3; 2 ], (fun t -> Tensor.matmul (vector [ 1.0; 2.0; 3.0 ]) t)
      "batched product", [ 2; 2; 3 ], (fun t -> Tensor.matmul t (Tensor.transpose 1 2 t))
      "broadcast product", [ 2; 2; 3 ], (fun t -> Tensor.matmul t (Tensor.cast Float64 (Tensor.ones [ 3; 2 ])))
      "gather from a table", [ 3 ], (fun t -> Tensor.gather 0 (Tensor.argsort 0 false t) t)
      "embedding by a batched index",
      [ 3 ],
      (fun t -> Tensor.embedding (Tensor.argsort 0 false t) (Tensor.cast Float64 (Tensor.eye 3)))
      "indexSelect by a batched index", [ 3 ], (fun t -> Tensor.indexSelect 0 (Tensor.argmax t) (vector [ 4.0; 5.0; 6.0 ]))
      "oneHot", [ 3 ], (fun t -> Tensor.oneHot 3 (Tensor.argmax t))
      "scatterAdd", [ 3 ], (fun t -> Tensor.scatterAdd 0 (Tensor.argsort 0 true t) t (vector [ 1.0; 1.0; 1.0 ]))
      "scatter into a part", [ 2 ], (fun t -> Tensor.scatter 0 (Tensor.argsort 0 true t) t (vector [ 7.0; 8.0; 9.0 ]))
      "conv2d",
      [ 2; 4; 4 ],
      (fun t -> Tensor.conv2d 1 1 t (Tensor.cast Float64 (Tensor.ones [ 3; 2; 3; 3 ])) (Some(vector [ 1.0; 2.0; 3.0 ])))
      "conv2d by its weight",
      [ 1; 1; 2; 2 ],
      (fun w -> Tensor.conv2d 1 0 (Tensor.cast Float64 (Tensor.ones [ 2; 1; 3; 3 ])) w None)
      "maxPool2d", [ 1; 4; 4 ], Tensor.maxPool2d 2
      "avgPool2d", [ 1; 1; 4; 4 ], Tensor.avgPool2d 2
      "normalizeLast", [ 2; 3; 2 ], Tensor.normalizeLast 2 1e-5
      "map", [ 3 ], Tensor.map (fun x -> x * tanh x)
      "map2 with a constant", [ 2 ], (fun t -> Tensor.map2 (fun x y -> x * y + 2.0) t (real 3.0))
      "where", [ 3 ], (fun t -> Tensor.where (Tensor.gt t (real 0.0)) t (real -1.0))
      "clamp", [ 3 ], Tensor.clamp -0.5 0.5
      "power", [ 2 ], (fun t -> t ** 3.0)
      "item by index", [ 3; 2 ], (fun t -> t[1])
      "slices", [ 4; 3 ], (fun t -> t[1..2, 0..1])
      "dropout", [ 3 ], (fun t -> fst ((Nn.dropout 0.5).Apply (Train(Random.key 3)) Tree.empty Tree.empty t)) ]

let private surface =
    testList
        "public functions"
        [ for name, shape, f in functions do
              forAll name 5 (fun choices -> table choices (3 :: shape)) (fun x ->
                  near "vmap = loop" (vmap f x) (loop f x)
                  let outer = Tensor.stack 0 [ x; x * 0.5 ]
                  near "vmap of vmap = loops" (vmap (vmap f) outer) (loop (loop f) outer)

                  if Dtype.isFloating (f (Tensor.select 0 0 x)).Dtype then
                      let g = grad (fun t -> Tensor.sum (Tensor.sin (f t)))
                      expectSame 1e-10 "vmap of grad = loop" (vmap g x) (loop g x)) ]

let private errors =
    testList
        "errors"
        [ test "sizes that differ, numbers, and axes that are not there" {
              refuses<ShapeException>
                  "sizes"
                  "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [2, 3]"
                  (fun () -> vmap (fun (a: Tensor, b: Tensor) -> a * b) (vector [ 1.0; 2.0 ], vector [ 1.0; 2.0; 3.0 ]))

              refuses<ShapeException> "a number" "vmap" (fun () -> vmap id (real 1.0))
              refuses<IndexException> "an axis" "Dimension out of range" (fun () -> vmapAxes 2 0 id (vector [ 1.0 ]))
              refuses<ArgumentValueException> "nothing to map over" "vmap" (fun () -> vmap (fun (_: Tensor list) -> real 1.0) [])
          }

          test "errors inside speak of one example" {
              let x = Tensor.zeros [ 7; 2; 3 ]
              refuses<ShapeException> "matmul" "(2x3 and 2x3)" (fun () -> vmap (fun t -> Tensor.matmul t t) x)

              refuses<ShapeException> "reshape" "shape '[5]' is invalid for input of size 6" (fun () ->
                  vmap (Tensor.reshape [ 5 ]) x)

              refuses<IndexException> "a dim" "expected to be in range of [-2, 1], but got 2" (fun () ->
                  vmap (Tensor.sumOver [ 2 ] false) x)
          }

          test "one number cannot be taken out of a batch" {
              refuses<DifferentiationException> "item" "vmap: It looks like you're calling .item() on a Tensor" (fun () ->
                  vmap (fun (t: Tensor) -> t * Tensor.item (Tensor.sum t)) (Tensor.zeros [ 7; 2 ]))
          } ]

let tests = testList "vmap" [ use'; surface; errors ]
