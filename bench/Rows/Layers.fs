/// What networks are made of besides products: normalizations, losses, pooling, dropout and the moving of elements, most of them
/// with their gradients.
module Functional.Bench.Rows.Layers

open TorchSharp
open Functional
open Functional.Bench

type private F = torch.nn.functional

let private row name (prepare: unit -> (unit -> Torch.Tensor) * (unit -> Tensor)) =
    Row.make "layer" name (fun () ->
        let torch, ours = prepare ()
        { Torch = Torch.once torch; Ours = Ours.once ours })

/// Forward and back to every leaf, whose shapes are given, from a seed of the result's shape.
let private backward name shapes seed (torch: Torch.Tensor list -> Torch.Tensor) (ours: Tensor list -> Tensor) =
    Row.make "layer" (name + ", backward") (fun () ->
        let leaves = shapes |> List.map Torch.randnGrad

        { Torch = Torch.withBackward leaves (Torch.randn seed) (fun () -> torch leaves)
          Ours = Ours.withBackward (shapes |> List.map Ours.randn) (Ours.randn seed) ours })

let private both shape = Torch.randn shape, Ours.randn shape
let private images = [ 8; 64; 56; 56 ]

let private torchIndices (values: int seq) = torch.tensor (values |> Seq.map int64 |> Seq.toArray)

let private normalizations =
    let channels = [ 64 ]

    let oursByBatch (leaves: Tensor list) =
        (Normalization.byBatch ValueNone ValueNone 0.1 (ValueSome leaves[1]) (ValueSome leaves[2]) 1e-5 leaves[0]).Result

    let oursByGroup (leaves: Tensor list) = Normalization.byGroup 32 (ValueSome leaves[1]) (ValueSome leaves[2]) 1e-5 leaves[0]

    [ backward
          "batch norm while training, 8 x 64 x 56 x 56"
          [ images; channels; channels ]
          images
          (fun t -> F.batch_norm (t[0], null, null, t[1], t[2], training = true))
          oursByBatch

      row "group norm of 32, 8 x 64 x 56 x 56" (fun () ->
          let x, y = both images
          let w, b = Torch.randn channels, Torch.randn channels
          let leaves = [ y; Ours.randn channels; Ours.randn channels ]
          (fun () -> F.group_norm (x, 32L, w, b)), (fun () -> oursByGroup leaves))

      backward
          "group norm of 32, 8 x 64 x 56 x 56"
          [ images; channels; channels ]
          images
          (fun t -> F.group_norm (t[0], 32L, t[1], t[2]))
          oursByGroup

      row "layer norm in bfloat16, 4096 x 768" (fun () ->
          let narrow (t: Torch.Tensor) = t.``to`` (torch.bfloat16)
          let leaf shape = narrow (Torch.randn shape), Tensor.cast Contract.BFloat16 (Ours.randn shape)
          let (x, y), (w, v), (b, c) = leaf [ 4096; 768 ], leaf [ 768 ], leaf [ 768 ]
          (fun () -> F.layer_norm (x, [| 768L |], w, b)), (fun () -> Tensor.layerNorm 1e-5 v c y)) ]

let private losses =
    [ for batch, classes in [ 4096, 1000; 64, 10 ] do
          Row.make "layer" $"cross entropy, {batch} x {classes}, backward" (fun () ->
              let x, y = Torch.randnGrad [ batch; classes ], Ours.randn [ batch; classes ]
              let i, j = Torch.labels classes batch, Ours.labels classes batch
              let seed = torch.ones ([||])

              { Torch = Torch.withBackward [ x ] seed (fun () -> F.cross_entropy (x, i))
                Ours = Ours.withBackward [ y ] (Tensor.ones []) (fun leaves -> Loss.crossEntropy leaves[0] j) })

      row "log softmax, 4096 x 1000" (fun () ->
          let x, y = both [ 4096; 1000 ]
          (fun () -> F.log_softmax (x, 1L)), (fun () -> Tensor.logSoftmax 1 y)) ]

let private pooling =
    let pooled = [ 8; 64; 28; 28 ]

    [ row "max pool 2 x 2, 8 x 64 x 56 x 56" (fun () ->
          let x, y = both images
          (fun () -> F.max_pool2d (x, 2L)), (fun () -> Tensor.maxPool2d 2 y))

      backward "max pool 2 x 2, 8 x 64 x 56 x 56" [ images ] pooled (fun t -> F.max_pool2d (t[0], 2L)) (fun t ->
          Tensor.maxPool2d 2 t[0])

      backward
          "max pool 3 x 3, stride 2, 8 x 64 x 56 x 56"
          [ images ]
          pooled
          (fun t -> F.max_pool2d (t[0], 3L, stride = 2L, padding = 1L))
          (fun t -> Tensor.maxPool [ 3; 3 ] [ 2; 2 ] [ 1; 1 ] [ 1; 1 ] false t[0])

      row "average pool 2 x 2, 8 x 64 x 56 x 56" (fun () ->
          let x, y = both images
          (fun () -> F.avg_pool2d (x, 2L)), (fun () -> Tensor.avgPool2d 2 y))

      backward "average pool 2 x 2, 8 x 64 x 56 x 56" [ images ] pooled (fun t -> F.avg_pool2d (t[0], 2L)) (fun t ->
          Tensor.avgPool2d 2 t[0]) ]

let private resampled =
    let larger = [ 8; 64; 112; 112 ]
    let how filter = { Filter = filter; AlignCorners = false; Antialias = false }

    [ backward
          "interpolate bilinear, 8 x 64 x 56 x 56 to 112 x 112"
          [ images ]
          larger
          (fun t -> F.interpolate (t[0], [| 112L; 112L |], mode = torch.InterpolationMode.Bilinear, align_corners = false))
          (fun t -> Resampling.interpolate (how Filter.Linear) [ 112; 112 ] [] t[0])

      row "interpolate bicubic, 8 x 64 x 56 x 56 to 112 x 112" (fun () ->
          let x, y = both images

          (fun () -> F.interpolate (x, [| 112L; 112L |], mode = torch.InterpolationMode.Bicubic, align_corners = false)),
          (fun () -> Resampling.interpolate (how Filter.Cubic) [ 112; 112 ] [] y))

      row "interpolate nearest, 8 x 64 x 56 x 56 to 112 x 112" (fun () ->
          let x, y = both images

          (fun () -> F.interpolate (x, [| 112L; 112L |], mode = torch.InterpolationMode.Nearest)),
          (fun () -> Resampling.interpolate (how Filter.Nearest) [ 112; 112 ] [] y)) ]

let private noise =
    [ row "dropout, 1,000,000" (fun () ->
          let x, y = both [ 1_000_000 ]
          (fun () -> F.dropout (x, 0.5, training = true)), (fun () -> Dropping.elements 0.5 (Random.key 3) y))

      row "randn, 1,000,000" (fun () ->
          (fun () -> Torch.randn [ 1_000_000 ]), (fun () -> Random.normal (Random.key 3) [ 1_000_000 ])) ]

let private moved =
    let square = [ 1000; 1000 ]
    let tokens = Seq.init 4096 (fun i -> i * 7919 % 10_000)
    let columns = Seq.init 500 (fun i -> i * 7919 % 1000)

    [ row "embedding of 4096 in 10,000 x 128" (fun () ->
          let x, y = both [ 10_000; 128 ]
          let i, j = torchIndices tokens, Tensor.ofInts tokens
          (fun () -> x.index_select (0L, i)), (fun () -> Tensor.embedding j y))

      row "index_select of 500 columns, 1000 x 1000" (fun () ->
          let x, y = both square
          let i, j = torchIndices columns, Tensor.ofInts columns
          (fun () -> x.index_select (1L, i)), (fun () -> Tensor.indexSelect 1 j y))

      row "masked_fill, 1000 x 1000" (fun () ->
          let x, y = both square
          let mask, ourMask = x.gt (torch.tensor 0.0f), Tensor.gt y (Tensor.zerosLike y)
          Tensor.force [ ourMask ]
          (fun () -> x.masked_fill (mask, 0.0f.ToScalar())), (fun () -> Tensor.where ourMask (Tensor.zerosLike y) y))

      row "where, 1000 x 1000" (fun () ->
          let x, y = both square
          let z, w = both square
          let mask, ourMask = x.gt (torch.tensor 0.0f), Tensor.gt y (Tensor.zerosLike y)
          Tensor.force [ ourMask ]
          (fun () -> torch.where (mask, x, z)), (fun () -> Tensor.where ourMask y w))

      row "cat of 4 along dim 1, 1000 x 1000" (fun () ->
          let x, y = both square
          (fun () -> torch.cat ([| x; x; x; x |], 1L)), (fun () -> Tensor.cat 1 [ y; y; y; y ]))

      row "a + b transposed, 1000 x 1000" (fun () ->
          let x, y = both square
          (fun () -> x.add (x.t ())), (fun () -> y + Tensor.transpose 0 1 y))

      row "tril, 1000 x 1000" (fun () ->
          let x, y = both square
          (fun () -> x.tril ()), (fun () -> Diagonals.lower 0 y))

      row "pad by 1, 8 x 64 x 56 x 56" (fun () ->
          let x, y = both images
          (fun () -> F.pad (x, [| 1L; 1L; 1L; 1L |])), (fun () -> Tensor.padConstant 0.0 [ 1, 1; 1, 1 ] y))

      row "unfold 3 x 3, 8 x 64 x 56 x 56" (fun () ->
          let x, y = both images

          (fun () -> F.unfold (x, 3L, padding = 1L)),
          (fun () -> Patches.unfold { Kernel = (3, 3); Dilation = (1, 1); Padding = (1, 1); Stride = (1, 1) } y)) ]

let private folded =
    let square = [ 1000; 1000 ]

    [ row "max over dim 1, 1000 x 1000" (fun () ->
          let x, y = both square

          (fun () ->
              (let struct (values, places) = x.max (1L)
               places.Dispose()
               values)),
          (fun () -> fst (Tensor.maxDim 1 false y)))

      row "argmax over dim 1, 1000 x 1000" (fun () ->
          let x, y = both square
          (fun () -> x.argmax (1L)), (fun () -> Tensor.argmaxDim 1 false y))

      row "mean over dim 0, 1000 x 1000" (fun () ->
          let x, y = both square
          (fun () -> x.mean ([| 0L |])), (fun () -> Tensor.meanOver [ 0 ] false y))

      row "sum over dim 1, kept, 1000 x 1000" (fun () ->
          let x, y = both square
          (fun () -> x.sum (1L, true)), (fun () -> Tensor.sumOver [ 1 ] true y))

      row "logsumexp over dim 1, 1000 x 1000" (fun () ->
          let x, y = both square
          (fun () -> x.logsumexp (1L)), (fun () -> Tensor.logSumExpOver [ 1 ] false y))

      row "cumprod over dim 0, 1000 x 1000" (fun () ->
          let x, y = both square
          (fun () -> x.cumprod (0L)), (fun () -> Tensor.cumprod 0 y))

      row "cdist, 1000 x 64 and 1000 x 64" (fun () ->
          let x, y = both [ 1000; 64 ]
          let z, w = both [ 1000; 64 ]
          (fun () -> torch.cdist (x, z)), (fun () -> Tensor.cdist 2.0 y w))

      row "bmm, 64 x 64 x 64 x 64" (fun () ->
          let x, y = both [ 64; 64; 64 ]
          (fun () -> torch.bmm (x, x)), (fun () -> Tensor.matmul y y)) ]

let rows = normalizations @ losses @ pooling @ resampled @ noise @ moved @ folded
