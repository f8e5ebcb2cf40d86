/// Errors begin with PyTorch's words, where it has some, and name operation, shapes and remedy.
module Functional.Laws.WordingTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements

let private ones shape = Tensor.ones shape
let private doubles (shape: int list) = Creation.full (Backend.current ()) Float64 (Array.ofList shape) (Real 1.0)
let private ints = Tensor.ofInts [ 0; 5 ]
let private truths (shape: int list) = Creation.full (Backend.current ()) Bool (Array.ofList shape) (Boolean true)

/// An operation, the type of its error, how the message begins, and what else it has to say.
type private Expected = { Run: unit -> Tensor; Type: System.Type; Start: string; Says: string list }

let private fails<'E> start says run = { Run = run; Type = typeof<'E>; Start = start; Says = says }

let private shapes =
    [ fails<ShapeException>
          "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 1"
          [ "[4, 2]"; "[4, 3]" ]
          (fun () -> ones [ 4; 2 ] + ones [ 4; 3 ])
      fails<ShapeException> "shape '[4, 2]' is invalid for input of size 6" [] (fun () -> Tensor.reshape [ 4; 2 ] (ones [ 6 ]))
      fails<ShapeException> "only one dimension can be inferred" [] (fun () -> Tensor.reshape [ -1; -1 ] (ones [ 6 ]))
      fails<ShapeException> "invalid shape dimension -3" [] (fun () -> Tensor.reshape [ -3; 2 ] (ones [ 6 ]))
      fails<ShapeException>
          "The expanded size of the tensor (4) must match the existing size (3)"
          [ "Target sizes: [4]" ]
          (fun () -> Tensor.expand [ 4 ] (ones [ 3 ]))
      fails<ShapeException> "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)" [] (fun () ->
          Tensor.matmul (ones [ 2; 3 ]) (ones [ 2; 3 ]))
      fails<ShapeException> "size mismatch, got 2, 2x3,4" [] (fun () -> Tensor.matmul (ones [ 2; 3 ]) (ones [ 4 ]))
      fails<ShapeException> "self must be a matrix" [ "[2]" ] (fun () -> Tensor.mm (ones [ 2 ]) (ones [ 2; 2 ]))
      fails<ShapeException> "batch2 must be a 3D tensor" [] (fun () -> Tensor.bmm (ones [ 2; 2; 2 ]) (ones [ 2; 2 ]))
      fails<ShapeException> "1D tensors expected, but got 2D and 1D tensors" [] (fun () ->
          Tensor.dot (ones [ 2; 2 ]) (ones [ 2 ]))
      fails<ShapeException> "Given input size: (1x2x2). Calculated output size: (1x0x0). Output size is too small" [] (fun () ->
          Tensor.maxPool2d 3 (ones [ 1; 1; 2; 2 ]))
      fails<ShapeException>
          "Given weight of size [2, 3, 3, 3], expected bias to be 1-dimensional with 2 elements, but got bias of size [3] instead"
          []
          (fun () -> Tensor.conv2d 1 0 (ones [ 1; 3; 4; 4 ]) (ones [ 2; 3; 3; 3 ]) (Some(ones [ 3 ])))
      fails<ShapeException>
          "index_add_(): Number of indices (2) should be equal to source.size(dim): (1), for dim: 0"
          []
          (fun () -> Tensor.indexAdd 0 ints (ones [ 1; 3 ]) (ones [ 2; 3 ]))
      fails<ShapeException> "both arguments to matmul need to be at least 1D" [ "0D" ] (fun () ->
          Tensor.matmul (Tensor.scalar 1.0) (ones [ 2 ]))
      fails<ShapeException>
          "Sizes of tensors must match except in dimension 1. Expected size 2 but got size 3 for tensor number 1"
          []
          (fun () -> Tensor.cat 1 [ ones [ 2; 2 ]; ones [ 3; 2 ] ])
      fails<ShapeException> "Tensors must have same number of dimensions: got 2 and 1" [] (fun () ->
          Tensor.cat 0 [ ones [ 2; 2 ]; ones [ 2 ] ])
      fails<ShapeException> "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1" [] (fun () ->
          Tensor.stack 0 [ ones [ 2 ]; ones [ 3 ] ])
      fails<ShapeException> "a Tensor with 2 elements cannot be converted to Scalar" [] (fun () ->
          Tensor.scalar (Tensor.item (ones [ 2 ])))
      fails<ShapeException> "Trying to create tensor with negative dimension -2" [ "[3, -2]" ] (fun () -> Tensor.zeros [ 3; -2 ])
      fails<ShapeException> "shape '[3]' is invalid for input of size 2" [] (fun () -> Tensor.ofArray [ 3 ] [| 1.0f; 2.0f |])
      fails<ShapeException>
          "Given groups=1, weight of size [4, 3, 2, 2], expected input[1, 2, 5, 5] to have 3 channels, but got 2 channels instead"
          []
          (fun () -> Tensor.conv2d 1 0 (ones [ 1; 2; 5; 5 ]) (ones [ 4; 3; 2; 2 ]) None)
      fails<ShapeException>
          "Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 3). Kernel size can't be greater"
          []
          (fun () -> Tensor.conv2d 1 0 (ones [ 1; 1; 2; 2 ]) (ones [ 1; 1; 3; 3 ]) None)
      fails<ShapeException> "Expected 3D (unbatched) or 4D (batched) input to conv2d" [ "[5, 5]" ] (fun () ->
          Tensor.conv2d 1 0 (ones [ 5; 5 ]) (ones [ 1; 1; 3; 3 ]) None)
      fails<ShapeException> "Given input size: (1x1x1). Calculated output size: (1x0x0)" [ "max_pool2d" ] (fun () ->
          Tensor.maxPool2d 2 (ones [ 1; 1; 1; 1 ]))
      fails<ShapeException> "t() expects a tensor with <= 2 dimensions, but self is 3D" [] (fun () -> Tensor.t (ones [ 1; 1; 1 ]))
      fails<ShapeException>
          "Expected index [3] to be smaller than self [4] apart from dimension 0 and to be smaller size than src [2]"
          []
          (fun () -> Tensor.scatter 0 (Tensor.ofInts [ 0; 1; 2 ]) (ones [ 2 ]) (ones [ 4 ])) ]

let private indices =
    [ fails<IndexException> "Dimension out of range (expected to be in range of [-2, 1], but got 2)" [] (fun () ->
          Tensor.sumOver [ 2 ] false (ones [ 2; 3 ]))
      fails<IndexException> "Dimension out of range (expected to be in range of [-1, 0], but got -2)" [] (fun () ->
          Tensor.softmax -2 (Tensor.scalar 1.0))
      fails<IndexException> "select(): index 3 out of range for tensor of size [3] at dimension 0" [] (fun () -> (ones [ 3 ])[3])
      fails<IndexException> "select() cannot be applied to a 0-dim tensor." [] (fun () -> (Tensor.scalar 1.0)[0])
      fails<IndexException> "start (2) + length (3) exceeds dimension size (4)." [] (fun () -> Tensor.narrow 0 2 3 (ones [ 4 ]))
      fails<IndexException> "index 5 is out of bounds for dimension 0 with size 3" [] (fun () ->
          Tensor.gather 0 ints (ones [ 3 ]))
      fails<IndexException> "index 5 is out of bounds for dimension 0 with size 3" [] (fun () ->
          Tensor.scatterAdd 0 ints (ones [ 2 ]) (ones [ 3 ]))
      fails<IndexException> "index out of range in self" [ "index 5"; "size 3" ] (fun () ->
          Tensor.indexSelect 0 ints (ones [ 3 ]))
      fails<IndexException> "out of range: tried to access index 5 on a tensor of 3 elements." [] (fun () ->
          Tensor.take ints (ones [ 3 ]))
      fails<IndexException> "Target 5 is out of bounds." [ "dimension 1 with size 3" ] (fun () ->
          Ops.nllLoss ValueNone -100L LossReduction.Mean (Engine.cast Int64 ints) (ones [ 2; 3 ]))
      fails<IndexException> "index out of range in self" [ "index 5"; "size 3" ] (fun () -> Tensor.embedding ints (ones [ 3; 2 ]))
      fails<IndexException> "selected index k out of range" [ "k = 4" ] (fun () -> fst (Tensor.topk 4 0 true (ones [ 3 ])))
      fails<IndexException> "amax(): Expected reduction dim to be specified for input.numel() == 0" [ "[0, 3]" ] (fun () ->
          Tensor.max (ones [ 0; 3 ]))
      fails<IndexException> "argmax(): Expected reduction dim" [] (fun () -> Tensor.argmax (ones [ 0 ])) ]

let private dtypes =
    [ fails<DtypeException> "gather(): Expected dtype int64 for index" [ "float32" ] (fun () ->
          Tensor.gather 0 (ones [ 2 ]) (ones [ 3 ]))
      fails<DtypeException> "expected m1 and m2 to have the same dtype, but got: float32 != float64" [ "cast" ] (fun () ->
          Tensor.matmul (ones [ 2; 2 ]) (doubles [ 2; 2 ]))
      fails<DtypeException>
          "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long"
          []
          (fun () -> Tensor.mean ints)
      fails<DtypeException> "std and var only support floating point and complex dtypes" [ "int64" ] (fun () -> Tensor.var ints)
      fails<DtypeException> "Input type (float32) and weight type (float64) should be the same" [ "cast" ] (fun () ->
          Tensor.conv2d 1 0 (ones [ 1; 1; 3; 3 ]) (doubles [ 1; 1; 2; 2 ]) None)
      fails<DtypeException> "\"slow_conv2d_cpu\" not implemented for 'Bool'" [ "[1, 1, 3, 3]"; "[1, 1, 2, 2]"; "cast" ] (fun () ->
          Tensor.conv2d 1 0 (truths [ 1; 1; 3; 3 ]) (truths [ 1; 1; 2; 2 ]) None)
      fails<DtypeException> "\"slow_conv_dilated<>\" not implemented for 'Bool'" [] (fun () ->
          Tensor.conv [ 1 ] [ 0 ] [ 2 ] 1 (truths [ 1; 1; 5 ]) (truths [ 1; 1; 2 ]) None)
      fails<DtypeException> "\"compute_columns3d\" not implemented for 'Bool'" [] (fun () ->
          Tensor.conv [ 1 ] [ 0 ] [ 1 ] 1 (truths [ 1; 1; 3; 3; 3 ]) (truths [ 1; 1; 2; 2; 2 ]) None)
      fails<DtypeException> "\"softmax\" not implemented for 'Long'" [] (fun () -> Tensor.softmax 0 ints)
      fails<DtypeException> "scatter(): Expected self.dtype to be equal to src.dtype" [ "float64"; "float32" ] (fun () ->
          Tensor.scatter 0 (Tensor.ofInts [ 0 ]) (doubles [ 1 ]) (ones [ 3 ])) ]

let private values =
    [ fails<ArgumentValueException> "torch.cat(): expected a non-empty list of Tensors" [] (fun () -> Tensor.cat 0 [])
      fails<ArgumentValueException> "stack expects a non-empty TensorList" [] (fun () -> Tensor.stack 0 [])
      fails<ArgumentValueException> "dim 0 appears multiple times in the list of dims" [] (fun () ->
          Tensor.sumOver [ 0; -2 ] false (ones [ 2; 3 ]))
      fails<ArgumentValueException> "chunk expects `chunks` to be greater than 0, got: 0" [] (fun () ->
          Tensor.chunk 0 0 (ones [ 3 ]) |> List.head)
      fails<ShapeException> "split_with_sizes expects split_sizes to sum exactly to 3" [] (fun () ->
          Tensor.splitSizes 0 [ 1; 1 ] (ones [ 3 ]) |> List.head)
      fails<ArgumentValueException> "step must be nonzero" [] (fun () -> Tensor.arange 0 3 0)
      fails<ArgumentValueException> "upper bound and larger bound inconsistent with step sign" [] (fun () -> Tensor.arange 3 0 1)
      fails<ArgumentValueException> "slice step must be positive" [] (fun () -> Tensor.sliceDim 0 0 2 0 (ones [ 3 ]))
      fails<ArgumentValueException> "pad should be at most half of effective kernel size" [ "max_pool2d" ] (fun () ->
          Tensor.maxPool [ 2; 2 ] [] [ 2 ] [ 1 ] false (ones [ 1; 1; 4; 4 ]))
      fails<ArgumentValueException> "dropout probability has to be between 0 and 1, but got 1.5" [] (fun () ->
          (Nn.dropout 1.5).Apply Evaluate Tree.empty Tree.empty (ones [ 1 ]) |> fst)
      fails<DeviceException> "Expected all tensors to be on the same device, but found at least two devices" [ "add" ] (fun () ->
          ones [ 2 ] + Tensor.toDevice Backend.reference (ones [ 2 ])) ]

/// Raised when the operation is called, not when the result is looked at.
let private early = test "shape and dtype errors come when the operation is called, before any work" {
    let backend = Deferred.CountingBackend.Counting(Backend.cpu, -1)

    Backend.using backend (fun () ->
        let a, b = Random.normal (Random.key 1) [ 100; 2 ] + 1.0, Random.normal (Random.key 2) [ 100; 3 ] + 1.0
        Expect.throwsT<ShapeException> (fun () -> a + b |> ignore) "at the call"
        Expect.throwsT<ShapeException> (fun () -> Tensor.matmul a b |> ignore) "at the call"
        Expect.throwsT<IndexException> (fun () -> Tensor.sumOver [ 5 ] false a |> ignore) "at the call"
        Expect.equal backend.Kernels 0 "nothing was computed")
}

let private wording =
    [ for i, expected in List.indexed (shapes @ indices @ dtypes @ values) do
          test $"{i}: {expected.Start}" {
              try
                  expected.Run() |> read |> ignore
                  failtest "no error"
              with error ->
                  if error.GetType() <> expected.Type then
                      failtest $"{error.GetType().Name} instead of {expected.Type.Name}: {error.Message}"

                  Expect.stringStarts error.Message expected.Start "the beginning"

                  // What was asked of whom, and what to do: PyTorch's words alone seldom say it.
                  Expect.isGreaterThan
                      error.Message.Length
                      (expected.Start.Length + 20)
                      $"more than the beginning: {error.Message}"

                  for words in expected.Says do
                      Expect.stringContains error.Message words "what else it says"
          } ]

/// All but indices, which are numbers that only the kernel meets.
let private beforeWork =
    [ for expected in shapes @ dtypes @ values do
          test $"before any work: {expected.Start}" {
              let backend = Deferred.CountingBackend.Counting(Backend.cpu, -1)

              Backend.using backend (fun () ->
                  try
                      expected.Run() |> ignore
                      failtest "no error when it was called"
                  with :? FunctionalException ->
                      Expect.equal backend.Kernels 0 "nothing was computed")
          } ]

let tests = testList "Errors" [ testList "wording" wording; testList "early" beforeWork; early; FuzzTests.tests ]
