module Functional.Bench.Rows.Matmul

open TorchSharp
open Functional
open Functional.Bench

let private square n =
    Row.make "matmul" $"matmul {n} x {n}" (fun () ->
        let a, b = Torch.randn [ n; n ], Torch.randn [ n; n ]
        let x, y = Ours.randn [ n; n ], Ours.randn [ n; n ]

        { Torch = Torch.once (fun () -> torch.matmul (a, b))
          Ours = Ours.once (fun () -> Tensor.matmul x y) })

let private batch, private inputs, private outputs = 128, 512, 512

let private dense (leaf: int list -> Torch.Tensor) = leaf [ batch; inputs ], leaf [ outputs; inputs ], leaf [ outputs ]

let private denseForward (x, weight, bias) = torch.nn.functional.relu (torch.nn.functional.linear (x, weight, bias))

let private oursDense (leaves: Tensor list) = Tensor.relu (Tensor.linear leaves[0] leaves[1] (Some leaves[2]))

let private oursLeaves () = [ Ours.randn [ batch; inputs ]; Ours.randn [ outputs; inputs ]; Ours.randn [ outputs ] ]

let private linear =
    [ Row.make "linear" "linear + bias + relu" (fun () ->
          let leaves = dense Torch.randn
          let ours = oursLeaves ()

          { Torch = Torch.scoped (fun () -> denseForward leaves |> ignore)
            Ours = Ours.once (fun () -> oursDense ours) })

      Row.make "linear" "linear + bias + relu, backward" (fun () ->
          let x, weight, bias = dense Torch.randnGrad
          let seed = Torch.randn [ batch; outputs ]

          { Torch = Torch.withBackward [ x; weight; bias ] seed (fun () -> denseForward (x, weight, bias))
            Ours = Ours.withBackward (oursLeaves ()) (Ours.randn [ batch; outputs ]) oursDense }) ]

let rows = [ for n in [ 64; 128; 256; 512; 1024; 2048 ] -> square n ] @ linear
