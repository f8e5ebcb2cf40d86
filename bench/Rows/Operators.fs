/// Operators beyond products, convolutions and pointwise functions: order, statistics, scans, indexing, resampling.
module Functional.Bench.Rows.Operators

open TorchSharp
open Functional
open Functional.Bench

let private row name (prepare: unit -> (unit -> Torch.Tensor) * (unit -> Tensor)) =
    Row.make "operator" name (fun () ->
        let torch, ours = prepare ()
        { Torch = Torch.once torch; Ours = Ours.once ours })

/// The same numbers in both libraries' integers below a bound.
let private indices bound count = Seq.init count (fun i -> int ((int64 i * 7919L + int64 i / 13L) % int64 bound))

let private torchIndices (shape: int list) values =
    torch.tensor(values |> Seq.map int64 |> Seq.toArray).reshape(shape |> List.map int64 |> List.toArray)

let private ourIndices (shape: int list) values = Tensor.ofInts values |> Tensor.reshape shape

let private ordered =
    [ row "sort, 1000 x 1000" (fun () ->
          let x, y = Torch.randn [ 1000; 1000 ], Ours.randn [ 1000; 1000 ]

          (fun () ->
              (let struct (values, places) = x.sort (1L) in
               places.Dispose()
               values)),
          (fun () -> fst (Tensor.sort 1 false y)))

      row "topk of 10, 1000 x 1000" (fun () ->
          let x, y = Torch.randn [ 1000; 1000 ], Ours.randn [ 1000; 1000 ]

          (fun () ->
              (let struct (values, places) = x.topk (10, 1) in
               places.Dispose()
               values)),
          (fun () -> fst (Tensor.topk 10 1 true y))) ]

let private statistics =
    [ row "var over dim 1, 1000 x 1000" (fun () ->
          let x, y = Torch.randn [ 1000; 1000 ], Ours.randn [ 1000; 1000 ]
          (fun () -> x.var (1L)), (fun () -> Tensor.varOver [ 1 ] 1.0 false y))

      row "cumsum over dim 1, 1000 x 1000" (fun () ->
          let x, y = Torch.randn [ 1000; 1000 ], Ours.randn [ 1000; 1000 ]
          (fun () -> x.cumsum 1L), (fun () -> Tensor.cumsum 1 y)) ]

let private indexed =
    let shape = [ 1000; 1000 ]
    let places = indices 1000 1_000_000
    let tokens = indices 10_000 4096

    [ row "gather over dim 1, 1000 x 1000" (fun () ->
          let x, y = Torch.randn shape, Ours.randn shape
          let i, j = torchIndices shape places, ourIndices shape places
          (fun () -> x.gather (1L, i)), (fun () -> Tensor.gather 1 j y))

      row "scatter_add over dim 0, 1000 x 1000" (fun () ->
          let x, y = Torch.randn shape, Ours.randn shape
          let into, ourInto = Torch.randn shape, Ours.randn shape
          let i, j = torchIndices shape places, ourIndices shape places
          (fun () -> into.scatter_add (0L, i, x)), (fun () -> Tensor.scatterAdd 0 j y ourInto))

      Row.make "operator" "embedding of 4096 in 10,000 x 128, backward" (fun () ->
          let table, seed = Torch.randnGrad [ 10_000; 128 ], Torch.randn [ 4096; 128 ]
          let i, j = torchIndices [ 4096 ] tokens, ourIndices [ 4096 ] tokens
          let ours = [ Ours.randn [ 10_000; 128 ] ]

          { Torch = Torch.withBackward [ table ] seed (fun () -> table.index_select (0L, i))
            Ours = Ours.withBackward ours (Ours.randn [ 4096; 128 ]) (fun leaves -> Tensor.embedding j leaves[0]) }) ]

let private contracted =
    [ row "einsum bhqd,bhkd->bhqk, 8 x 4 x 128 x 32" (fun () ->
          let q, k = Torch.randn [ 8; 4; 128; 32 ], Torch.randn [ 8; 4; 128; 32 ]
          let x, y = Ours.randn [ 8; 4; 128; 32 ], Ours.randn [ 8; 4; 128; 32 ]
          (fun () -> torch.einsum ("bhqd,bhkd->bhqk", q, k)), (fun () -> Tensor.einsum "bhqd,bhkd->bhqk" [ x; y ]))

      row "conv1d 5, 64 -> 64, 8 x 1024" (fun () ->
          let x, w = Torch.randn [ 8; 64; 1024 ], Torch.randn [ 64; 64; 5 ]
          let y, v = Ours.randn [ 8; 64; 1024 ], Ours.randn [ 64; 64; 5 ]
          (fun () -> torch.nn.functional.conv1d (x, w, padding = 2L)), (fun () -> Tensor.conv [ 1 ] [ 2 ] [ 1 ] 1 y v None))

      row "conv transpose 4 x 4, 64 -> 32, 28 x 28, stride 2" (fun () ->
          let x, w = Torch.randn [ 8; 64; 28; 28 ], Torch.randn [ 64; 32; 4; 4 ]
          let y, v = Ours.randn [ 8; 64; 28; 28 ], Ours.randn [ 64; 32; 4; 4 ]
          let two = [| 2L; 2L |]

          (fun () -> torch.nn.functional.conv_transpose2d (x, w, strides = two, padding = [| 1L; 1L |])),
          (fun () -> TransposedConvolution.apply [ 2 ] [ 1 ] [ 0 ] [ 1 ] 1 y v None)) ]

let private images =
    let shape = [ 8; 64; 56; 56 ]

    [ row "batch norm while training, 8 x 64 x 56 x 56" (fun () ->
          let x, y = Torch.randn shape, Ours.randn shape
          let w, b, v, c = Torch.randn [ 64 ], Torch.randn [ 64 ], Ours.randn [ 64 ], Ours.randn [ 64 ]

          (fun () -> torch.nn.functional.batch_norm (x, null, null, w, b, training = true)),
          (fun () -> (Normalization.byBatch ValueNone ValueNone 0.1 (ValueSome v) (ValueSome c) 1e-5 y).Result))

      row "interpolate bilinear, 8 x 64 x 56 x 56 to 112 x 112" (fun () ->
          let x, y = Torch.randn shape, Ours.randn shape
          let how = { Filter = Filter.Linear; AlignCorners = false; Antialias = false }

          (fun () ->
              torch.nn.functional.interpolate (
                  x,
                  [| 112L; 112L |],
                  mode = torch.InterpolationMode.Bilinear,
                  align_corners = false
              )),
          (fun () -> Resampling.interpolate how [ 112; 112 ] [] y)) ]

let private attention =
    [ for length in [ 128; 1024 ] do
          let shape = [ 8; 4; length; 32 ]

          row $"attention, 8 x 4 heads x {length} x 32" (fun () ->
              let q, k, v = Torch.randn shape, Torch.randn shape, Torch.randn shape
              let x, y, z = Ours.randn shape, Ours.randn shape, Ours.randn shape

              (fun () -> torch.nn.functional.scaled_dot_product_attention (q, k, v)),
              (fun () -> FusedAttention.attend None false None x y z)) ]

let rows = ordered @ statistics @ indexed @ contracted @ attention @ images
