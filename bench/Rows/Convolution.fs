module Functional.Bench.Rows.Convolution

open TorchSharp
open Functional
open Functional.Bench

/// The four shapes of convolution that a ResNet spends its time in.
type private Shape = { In: int; Out: int; Size: int; Kernel: int; Stride: int }

let private batch = 8

let private shapes =
    [ { In = 64; Out = 64; Size = 56; Kernel = 3; Stride = 1 }
      { In = 128; Out = 128; Size = 28; Kernel = 3; Stride = 1 }
      { In = 256; Out = 256; Size = 14; Kernel = 3; Stride = 1 }
      { In = 3; Out = 64; Size = 224; Kernel = 7; Stride = 2 } ]

let private name s =
    let stride = if s.Stride = 1 then "" else $", stride {s.Stride}"
    $"conv {s.Kernel} x {s.Kernel}, {s.In} -> {s.Out}, {s.Size} x {s.Size}{stride}"

let private imageShape s = [ batch; s.In; s.Size; s.Size ]
let private weightShape s = [ s.Out; s.In; s.Kernel; s.Kernel ]
let private outputShape s = [ batch; s.Out; s.Size / s.Stride; s.Size / s.Stride ]

let private convolve s (image: Torch.Tensor) (weight: Torch.Tensor) =
    let stride, padding = int64 s.Stride, int64 (s.Kernel / 2)
    torch.nn.functional.conv2d (image, weight, strides = [| stride; stride |], padding = [| padding; padding |])

let private oursConvolve s (leaves: Tensor list) = Tensor.conv2d s.Stride (s.Kernel / 2) leaves[0] leaves[1] None

let private oursLeaves s = [ Ours.randn (imageShape s); Ours.randn (weightShape s) ]

let private forward s =
    Row.make "convolution" (name s) (fun () ->
        let image, weight = Torch.randn (imageShape s), Torch.randn (weightShape s)
        let leaves = oursLeaves s

        { Torch = Torch.once (fun () -> convolve s image weight)
          Ours = Ours.once (fun () -> oursConvolve s leaves) })

let private withBackward s =
    Row.make "convolution" (name s + ", backward") (fun () ->
        let image, weight = Torch.randnGrad (imageShape s), Torch.randnGrad (weightShape s)
        let seed = Torch.randn (outputShape s)

        { Torch = Torch.withBackward [ image; weight ] seed (fun () -> convolve s image weight)
          Ours = Ours.withBackward (oursLeaves s) (Ours.randn (outputShape s)) (oursConvolve s) })

let rows = List.map forward shapes @ List.map withBackward shapes
