module Functional.Bench.Rows.Reduction

open TorchSharp
open Functional.Bench

let private softmax =
    let rows, columns = 4096, 1000

    [ Row.make "softmax" $"softmax, {rows} x {columns}" (fun () ->
          let x = Torch.randn [ rows; columns ]
          { Torch = Torch.once (fun () -> torch.softmax (x, 1)); Ours = None })

      Row.make "softmax" $"softmax, {rows} x {columns}, backward" (fun () ->
          let x, seed = Torch.randnGrad [ rows; columns ], Torch.randn [ rows; columns ]
          { Torch = Torch.withBackward [ x ] seed (fun () -> torch.softmax (x, 1)); Ours = None }) ]

let private layerNorm =
    let rows, columns = 4096, 768

    let normalize (x: Torch.Tensor, weight: Torch.Tensor, bias: Torch.Tensor) =
        torch.nn.functional.layer_norm (x, [| int64 columns |], weight, bias)

    let leaves (leaf: int list -> Torch.Tensor) = leaf [ rows; columns ], leaf [ columns ], leaf [ columns ]

    [ Row.make "layer norm" $"layer norm, {rows} x {columns}" (fun () ->
          let leaves = leaves Torch.randn
          { Torch = Torch.once (fun () -> normalize leaves); Ours = None })

      Row.make "layer norm" $"layer norm, {rows} x {columns}, backward" (fun () ->
          let x, weight, bias = leaves Torch.randnGrad
          let seed = Torch.randn [ rows; columns ]

          { Torch = Torch.withBackward [ x; weight; bias ] seed (fun () -> normalize (x, weight, bias))
            Ours = None }) ]

let private sums =
    let shape = [ 128; 256; 256 ]

    [ Row.make "sum" "sum of 128 x 256 x 256" (fun () ->
          let x = Torch.randn shape
          { Torch = Torch.once (fun () -> x.sum ()); Ours = None })

      for dim in 0..2 do
          Row.make "sum" $"sum of 128 x 256 x 256 over dim {dim}" (fun () ->
              let x = Torch.randn shape
              { Torch = Torch.once (fun () -> x.sum (int64 dim)); Ours = None }) ]

let rows = softmax @ layerNorm @ sums
