module Functional.Bench.Rows.Reduction

open TorchSharp
open Functional
open Functional.Bench

let private softmax =
    let rows, columns = 4096, 1000

    [ Row.make "softmax" $"softmax, {rows} x {columns}" (fun () ->
          let x = Torch.randn [ rows; columns ]
          let ours = Ours.randn [ rows; columns ]

          { Torch = Torch.once (fun () -> torch.softmax (x, 1))
            Ours = Ours.once (fun () -> Tensor.softmax 1 ours) })

      Row.make "softmax" $"softmax, {rows} x {columns}, backward" (fun () ->
          let x, seed = Torch.randnGrad [ rows; columns ], Torch.randn [ rows; columns ]
          let ours, oursSeed = Ours.randn [ rows; columns ], Ours.randn [ rows; columns ]

          { Torch = Torch.withBackward [ x ] seed (fun () -> torch.softmax (x, 1))
            Ours = Ours.withBackward [ ours ] oursSeed (fun leaves -> Tensor.softmax 1 leaves[0]) }) ]

let private layerNorm =
    let rows, columns = 4096, 768

    let normalize (x: Torch.Tensor, weight: Torch.Tensor, bias: Torch.Tensor) =
        torch.nn.functional.layer_norm (x, [| int64 columns |], weight, bias)

    let leaves (leaf: int list -> Torch.Tensor) = leaf [ rows; columns ], leaf [ columns ], leaf [ columns ]

    let oursNormalize (leaves: Tensor list) = Tensor.layerNorm 1e-5 leaves[1] leaves[2] leaves[0]
    let oursLeaves () = [ Ours.randn [ rows; columns ]; Ours.randn [ columns ]; Ours.randn [ columns ] ]

    [ Row.make "layer norm" $"layer norm, {rows} x {columns}" (fun () ->
          let leaves = leaves Torch.randn
          let ours = oursLeaves ()

          { Torch = Torch.once (fun () -> normalize leaves); Ours = Ours.once (fun () -> oursNormalize ours) })

      Row.make "layer norm" $"layer norm, {rows} x {columns}, backward" (fun () ->
          let x, weight, bias = leaves Torch.randnGrad
          let seed = Torch.randn [ rows; columns ]

          { Torch = Torch.withBackward [ x; weight; bias ] seed (fun () -> normalize (x, weight, bias))
            Ours = Ours.withBackward (oursLeaves ()) (Ours.randn [ rows; columns ]) oursNormalize }) ]

let private sums =
    let shape = [ 128; 256; 256 ]

    [ Row.make "sum" "sum of 128 x 256 x 256" (fun () ->
          let x = Torch.randn shape
          let ours = Ours.randn shape

          { Torch = Torch.once (fun () -> x.sum ()); Ours = Ours.once (fun () -> Tensor.sum ours) })

      for dim in 0..2 do
          Row.make "sum" $"sum of 128 x 256 x 256 over dim {dim}" (fun () ->
              let x = Torch.randn shape
              let ours = Ours.randn shape

              { Torch = Torch.once (fun () -> x.sum (int64 dim))
                Ours = Ours.once (fun () -> Tensor.sumOver [ dim ] false ours) }) ]

let rows = softmax @ layerNorm @ sums
