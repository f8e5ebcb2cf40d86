/// Layers that are one primitive each against the same layers step by step: values, and derivatives of both orders and both modes.
module Functional.Laws.FusedLayerTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements

let private noise seed shape = Random.normal (Random.key seed) shape |> Tensor.cast Float64
let private near name (actual: Tensor) expected = expectSame 1e-9 name actual expected

/// Two functions of the same tensors are one: their values, the derivative of a number made of them by reverse mode, by forward mode, by
/// both on top of each other, and everything for several examples at once.
let private agree (args: Tensor[]) (fused: Tensor[] -> Tensor) (plain: Tensor[] -> Tensor) =
    let number f args = Tensor.sum (Tensor.sin (f args))
    let all name (actual: Tensor[]) expected = Array.iteri2 (fun i a e -> near $"{name} {i}" a e) actual expected
    let direction = args |> Array.mapi (fun i t -> noise (50 + i) (Tensor.shape t))
    let squares f args = grad (number f) args |> Array.map (fun g -> Tensor.sum (Tensor.square g)) |> Array.reduce (+)
    let examples = args |> Array.map (fun t -> Tensor.stack 0 [ t; t * 0.5 ])

    near "value" (fused args) (plain args)
    all "gradient" (grad (number fused) args) (grad (number plain) args)
    near "tangent" (jvp fused args direction |> snd) (jvp plain args direction |> snd)
    all "Hessian times direction" (hvp (number fused) args direction) (hvp (number plain) args direction)
    all "gradient of the gradient" (grad (squares fused) args) (grad (squares plain) args)
    near "examples" (vmap fused examples) (vmap plain examples)
    all "gradients of examples" (vmap (grad (number fused)) examples) (vmap (grad (number plain)) examples)

/// A layer of cells, step by step.
let private stepwise kind (shape: RecurrentShape) (args: Tensor[]) =
    let directions, parts = Recurrent.directions shape, (Recurrent.stateSizes shape).Length
    let x, weights, initial = args[0], args[1 .. args.Length - 1 - parts], args[args.Length - parts ..]
    let weights = (Recurrent.weights shape weights)[0]
    let steps = x.Shape[0]

    let walk direction =
        let order = if direction = 0 then [ 0 .. steps - 1 ] else [ steps - 1 .. -1 .. 0 ]

        let advance state t =
            let next = Recurrent.cell kind weights[direction] (Tensor.select 0 t x) state
            (t, next[0]), next

        let outputs, last = List.mapFold advance (initial |> Array.map (Tensor.select 0 direction)) order
        outputs |> List.sortBy fst |> List.map snd |> Tensor.stack 0, last

    let walks = List.init directions walk
    let states = [ for part in 0 .. parts - 1 -> walks |> List.map (fun (_, last) -> last[part]) |> Tensor.stack 0 ]
    // Everything that comes out, as one.
    (walks |> List.map fst |> Tensor.cat 2) :: states |> List.map Tensor.flatten |> Tensor.cat 0

let private atOnce kind (shape: RecurrentShape) (args: Tensor[]) =
    let parts = (Recurrent.stateSizes shape).Length
    let weights = Recurrent.weights shape args[1 .. args.Length - 1 - parts]
    let struct (output, states) = Recurrent.sequences kind id weights args[0] args[args.Length - parts ..]
    output :: List.ofArray states |> List.map Tensor.flatten |> Tensor.cat 0

let private recurrent =
    [ for kind in [ TanhRnn; ReluRnn; Gru; Lstm ] do
          for isBidirectional, hasBias, steps in [ false, true, 4; true, true, 3; false, false, 1 ] do
              test $"{kind} over {steps} steps, bidirectional {isBidirectional}, bias {hasBias}" {
                  let shape =
                      { Kind = kind
                        Inputs = 3
                        Hidden = 4
                        Layers = 1
                        Bias = hasBias
                        Bidirectional = isBidirectional
                        Projection = 0 }

                  let weights = Recurrent.parameters shape |> List.mapi (fun i (_, size) -> noise (10 + i) size * 0.5)
                  let state size = noise (30 + size) [ Recurrent.directions shape; 2; size ]

                  let args = [| noise 1 [ steps; 2; 3 ]; yield! weights; yield! Recurrent.stateSizes shape |> Array.map state |]

                  agree args (atOnce kind shape) (stepwise kind shape)
              } ]

let private batchNorm =
    [ for shape in [ [ 4; 3 ]; [ 2; 3; 5 ]; [ 2; 3; 2; 4 ]; [ 2; 1; 1; 1 ] ] do
          test $"batch norm of {Shape.format (Array.ofList shape)}" {
              let channels = shape[1]
              let axes = [ 0 .. shape.Length - 1 ] |> List.filter ((<>) 1)
              let column t = Tensor.reshape (1 :: channels :: List.replicate (shape.Length - 2) 1) t

              let fused (args: Tensor[]) =
                  (Normalization.byBatch ValueNone ValueNone 0.1 (ValueSome args[1]) (ValueSome args[2]) 1e-3 args[0]).Result

              let plain (args: Tensor[]) =
                  let centred = args[0] - Tensor.meanOver axes true args[0]
                  let deviation = Tensor.sqrt (Tensor.meanOver axes true (Tensor.square centred) + 1e-3)
                  centred / deviation * column args[1] + column args[2]

              agree [| noise 1 shape; noise 2 [ channels ]; noise 3 [ channels ] |] fused plain
          } ]

let private groupNorm =
    [ for groups, shape in [ 2, [ 3; 4 ]; 3, [ 2; 3; 5 ]; 2, [ 2; 6; 3; 7 ]; 1, [ 1; 2; 1; 1 ]; 2, [ 2; 4; 40 ] ] do
          test $"group norm of {Shape.format (Array.ofList shape)} in {groups}" {
              let channels = shape[1]
              let column t = Tensor.reshape (1 :: channels :: List.replicate (shape.Length - 2) 1) t

              let fused (args: Tensor[]) = Normalization.byGroup groups (ValueSome args[1]) (ValueSome args[2]) 1e-3 args[0]

              let plain (args: Tensor[]) =
                  let rows = Tensor.reshape [ shape[0]; groups; List.reduce (*) shape[1..] / groups ] args[0]
                  let centred = rows - Tensor.meanOver [ 2 ] true rows
                  let deviation = Tensor.sqrt (Tensor.meanOver [ 2 ] true (Tensor.square centred) + 1e-3)
                  Tensor.reshape shape (centred / deviation) * column args[1] + column args[2]

              agree [| noise 1 shape; noise 2 [ channels ]; noise 3 [ channels ] |] fused plain
          } ]

let private attention =
    [ for isCausal in [ false; true ] do
          test $"self attention, causal {isCausal}" {
              let layer = Nn.selfAttention isCausal 2 4
              let template = layer.Init(Random.key 1) |> fst
              let weights = Tree.leaves template |> Array.mapi (fun i t -> noise (10 + i) (Tensor.shape t) * 0.5)

              let fused (args: Tensor[]) = fst (layer.Apply Evaluate (Tree.rebuild template args[1..]) Tree.empty args[0])

              let plain (args: Tensor[]) =
                  let heads part =
                      Tensor.linear args[0] args[1] (Some args[2])
                      |> Tensor.narrow 2 (4 * part) 4
                      |> Tensor.reshape [ 2; 3; 2; 2 ]
                      |> Tensor.transpose 1 2

                  let scores = Tensor.matmul (heads 0) (Tensor.transpose 2 3 (heads 1)) / sqrt 2.0

                  let scores =
                      if isCausal then
                          scores + Tensor.cast Float64 (Attention.causalMask 3)
                      else
                          scores

                  let mixed = Tensor.matmul (Tensor.softmax 3 scores) (heads 2)
                  Tensor.linear (mixed |> Tensor.transpose 1 2 |> Tensor.reshape [ 2; 3; 4 ]) args[3] (Some args[4])

              agree (Array.append [| noise 1 [ 2; 3; 4 ] |] weights) fused plain
          } ]

let tests = testList "Fused" (recurrent @ batchNorm @ groupNorm @ attention)
