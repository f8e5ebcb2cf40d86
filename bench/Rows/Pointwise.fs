module Functional.Bench.Rows.Pointwise

open TorchSharp
open Functional.Bench

/// One input, one output.
let private unary name (torch: Torch.Tensor -> Torch.Tensor) n =
    Row.make "pointwise" $"{name}, {n:N0}" (fun () ->
        let a = Torch.randn [ n ]
        { Torch = Torch.once (fun () -> torch a); Ours = None })

let private add n =
    Row.make "pointwise" $"a + b, {n:N0}" (fun () ->
        let a, b = Torch.randn [ n ], Torch.randn [ n ]
        { Torch = Torch.once (fun () -> torch.add (a, b)); Ours = None })

/// As a user writes it; libtorch also has addcmul, which makes one pass of it.
let private multiplyAdd n =
    Row.make "pointwise" $"a * b + c, {n:N0}" (fun () ->
        let a, b, c = Torch.randn [ n ], Torch.randn [ n ], Torch.randn [ n ]
        { Torch = Torch.scoped (fun () -> a.mul(b).add(c) |> ignore); Ours = None })

let private kinds =
    [ add
      multiplyAdd
      unary "gelu" torch.nn.functional.gelu
      unary "exp" torch.exp
      unary "tanh" torch.tanh
      unary "sigmoid" torch.sigmoid ]

let private small =
    [ Row.make "small" "a + b, 4 elements" (fun () ->
          let a, b = Torch.randn [ 4 ], Torch.randn [ 4 ]
          { Torch = Torch.once (fun () -> torch.add (a, b)); Ours = None })

      Row.make "small" "a + b, 4 elements, recorded for a gradient" (fun () ->
          let a, b = Torch.randnGrad [ 4 ], Torch.randnGrad [ 4 ]
          { Torch = Torch.once (fun () -> torch.add (a, b)); Ours = None }) ]

let rows =
    [ for n in [ 1_000_000; 10_000_000 ] do
          yield! kinds |> List.map (fun kind -> kind n) ]
    @ small
