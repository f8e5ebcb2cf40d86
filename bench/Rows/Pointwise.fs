module Functional.Bench.Rows.Pointwise

open TorchSharp
open Functional
open Functional.Bench

/// One input, one output.
let private unary name (torch: Torch.Tensor -> Torch.Tensor) (ours: Tensor -> Tensor) n =
    Row.make "pointwise" $"{name}, {n:N0}" (fun () ->
        let a, x = Torch.randn [ n ], Ours.randn [ n ]

        { Torch = Torch.once (fun () -> torch a); Ours = Ours.once (fun () -> ours x) })

let private add n =
    Row.make "pointwise" $"a + b, {n:N0}" (fun () ->
        let a, b = Torch.randn [ n ], Torch.randn [ n ]
        let x, y = Ours.randn [ n ], Ours.randn [ n ]

        { Torch = Torch.once (fun () -> torch.add (a, b)); Ours = Ours.once (fun () -> x + y) })

/// As a user writes it; libtorch also has addcmul, which makes one pass of it.
let private multiplyAdd n =
    Row.make "pointwise" $"a * b + c, {n:N0}" (fun () ->
        let a, b, c = Torch.randn [ n ], Torch.randn [ n ], Torch.randn [ n ]
        let x, y, z = Ours.randn [ n ], Ours.randn [ n ], Ours.randn [ n ]

        { Torch = Torch.scoped (fun () -> a.mul(b).add(c) |> ignore)
          Ours = Ours.once (fun () -> x * y + z) })

let private kinds =
    [ add
      multiplyAdd
      unary "gelu" torch.nn.functional.gelu Tensor.gelu
      unary "exp" torch.exp Tensor.exp
      unary "tanh" torch.tanh Tensor.tanh
      unary "sigmoid" torch.sigmoid Tensor.sigmoid ]

let private small =
    [ Row.make "small" "a + b, 4 elements" (fun () ->
          let a, b = Torch.randn [ 4 ], Torch.randn [ 4 ]
          let x, y = Ours.randn [ 4 ], Ours.randn [ 4 ]

          { Torch = Torch.once (fun () -> torch.add (a, b)); Ours = Some(fun () -> x + y |> ignore) })

      Row.make "small" "a + b, 4 elements, recorded for a gradient" (fun () ->
          let a, b = Torch.randnGrad [ 4 ], Torch.randnGrad [ 4 ]
          let level = Level.Open "bench"
          let x, y = Engine.variable level (Ours.randn [ 4 ]), Engine.variable level (Ours.randn [ 4 ])

          { Torch = Torch.once (fun () -> torch.add (a, b)); Ours = Some(fun () -> x + y |> ignore) }) ]

let rows =
    [ for n in [ 1_000_000; 10_000_000 ] do
          yield! kinds |> List.map (fun kind -> kind n) ]
    @ small
