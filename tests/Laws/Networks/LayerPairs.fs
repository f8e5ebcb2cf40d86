/// The core's layers from one tensor to one tensor beside the facade's modules.
module Functional.Laws.LayerPairs

open Expecto
open Functional
open Functional.Torch
open Functional.Laws.Beside

/// Name, the core's layer, the facade's module with the same sizes, and a shape of inputs.
let pairs: (string * Layer * (unit -> Module) * int list) list =
    [ "linear", Nn.linear 3 5, (fun () -> torch.nn.Linear(3L, 5L)), [ 2; 3 ]
      "conv1d", Nn.conv1d 2 4 3, (fun () -> torch.nn.Conv1d(2L, 4L, 3L)), [ 2; 2; 6 ]
      "conv3d", Nn.conv3d 2 3 2, (fun () -> torch.nn.Conv3d(2L, 3L, 2L)), [ 1; 2; 3; 4; 3 ]
      "conv2d, same",
      Nn.convWith [ 1 ] Margin.Same [ 1 ] 1 true 2 4 [ 4; 3 ],
      (fun () -> torch.nn.Conv2d(2L, 4L, struct (4L, 3L), padding = "same")),
      [ 1; 2; 5; 6 ]
      for border, mode in
          [ Border.Reflect, Modules.PaddingModes.Reflect
            Border.Replicate, Modules.PaddingModes.Replicate
            Border.Circular, Modules.PaddingModes.Circular ] do
          $"conv2d, {border}",
          Nn.convWith [ 2 ] (Margin.Bordered(border, [ 1; 2 ])) [ 1 ] 2 false 2 4 [ 3; 3 ],
          (fun () ->
              torch.nn.Conv2d(2L, 4L, 3L, stride = 2L, padding = struct (1L, 2L), groups = 2L, bias = false, padding_mode = mode)),
          [ 2; 2; 5; 6 ]
      "conv transposed 1d", Nn.convTranspose1d 2 3 4, (fun () -> torch.nn.ConvTranspose1d(2L, 3L, 4L)), [ 2; 2; 5 ]
      "conv transposed 2d",
      Nn.convTransposeWith [ 2 ] [ 1 ] [ 1 ] [ 1 ] 2 true 4 6 [ 3; 3 ],
      (fun () -> torch.nn.ConvTranspose2d(4L, 6L, 3L, stride = 2L, padding = 1L, output_padding = 1L, groups = 2L)),
      [ 1; 4; 3; 4 ]
      "group norm", Nn.groupNorm 2 4, (fun () -> torch.nn.GroupNorm(2L, 4L)), [ 3; 4; 5 ]
      "instance norm", Nn.instanceNorm, (fun () -> torch.nn.InstanceNorm2d 3L), [ 2; 3; 4; 5 ]
      "layer norm", Nn.layerNormOver [ 3; 4 ], (fun () -> torch.nn.LayerNorm [| 3L; 4L |]), [ 2; 3; 4 ]
      "rms norm", Nn.rmsNorm 4, (fun () -> torch.nn.RMSNorm 4L), [ 3; 4 ]
      "local response",
      Nn.localResponseNorm 3 1e-2 0.7 1.5,
      (fun () -> torch.nn.LocalResponseNorm(3L, 1e-2, 0.7, 1.5)),
      [ 2; 5; 3 ]
      "max pool",
      Nn.maxPool [ 2; 3 ] [ 1; 2 ] [ 1; 1 ] [ 1; 1 ] true,
      (fun () -> torch.nn.MaxPool2d(struct (2L, 3L), stride = struct (1L, 2L), padding = 1L, ceil_mode = true)),
      [ 1; 2; 5; 6 ]
      "max pool 1d", Nn.maxPool1d 2, (fun () -> torch.nn.MaxPool1d 2L), [ 2; 3; 7 ]
      "avg pool 3d", Nn.avgPool3d 2, (fun () -> torch.nn.AvgPool3d 2L), [ 1; 2; 4; 5; 4 ]
      "adaptive max", Nn.adaptiveMaxPool [ 3; 3 ], (fun () -> torch.nn.AdaptiveMaxPool2d 3L), [ 2; 1; 5; 7 ]
      "adaptive avg", Nn.adaptiveAvgPool [ 3 ], (fun () -> torch.nn.AdaptiveAvgPool1d 3L), [ 2; 2; 7 ]
      "lp pool", Nn.lpPool 2.0 [ 2; 2 ] [] false, (fun () -> torch.nn.LPPool2d(2.0, 2L)), [ 1; 2; 4; 6 ]
      "pixel shuffle", Nn.pixelShuffle 2, (fun () -> torch.nn.PixelShuffle 2L), [ 1; 8; 2; 3 ]
      "pixel unshuffle", Nn.pixelUnshuffle 2, (fun () -> torch.nn.PixelUnshuffle 2L), [ 1; 2; 4; 6 ]
      "channel shuffle", Nn.channelShuffle 2, (fun () -> torch.nn.ChannelShuffle 2L), [ 1; 4; 2; 2 ]
      "nearest", Nn.upsamplingNearest2d 2, (fun () -> torch.nn.UpsamplingNearest2d(scale_factor = 2.0)), [ 1; 2; 3; 4 ]
      "bilinear", Nn.upsamplingBilinear2d 2, (fun () -> torch.nn.UpsamplingBilinear2d(scale_factor = 2.0)), [ 1; 2; 3; 4 ]
      "reflection", Nn.pad Border.Reflect [ 1, 1; 1, 1 ], (fun () -> torch.nn.ReflectionPad2d 1L), [ 1; 2; 3; 4 ]
      "circular", Nn.pad Border.Circular [ 2, 2 ], (fun () -> torch.nn.CircularPad1d 2L), [ 1; 2; 4 ]
      "unflatten", Nn.unflatten 1 [ 2; 3 ], (fun () -> torch.nn.Unflatten(1L, [| 2L; 3L |])), [ 2; 6; 2 ]
      "relu6", Nn.relu6, (fun () -> torch.nn.ReLU6()), [ 30 ]
      "elu", Nn.elu 0.7, (fun () -> torch.nn.ELU 0.7), [ 30 ]
      "selu", Nn.selu, (fun () -> torch.nn.SELU()), [ 30 ]
      "celu", Nn.celu 0.7, (fun () -> torch.nn.CELU 0.7), [ 30 ]
      "leaky relu", Nn.leakyRelu 0.2, (fun () -> torch.nn.LeakyReLU 0.2), [ 30 ]
      "hardtanh", Nn.hardtanh -0.5 0.7, (fun () -> torch.nn.Hardtanh(-0.5, 0.7)), [ 30 ]
      "threshold", Nn.threshold 0.1 3.0, (fun () -> torch.nn.Threshold(0.1, 3.0)), [ 30 ]
      "softplus", Nn.softplus 2.0 1.0, (fun () -> torch.nn.Softplus(2.0, 1.0)), [ 30 ]
      "softsign", Nn.softsign, (fun () -> torch.nn.Softsign()), [ 30 ]
      "softshrink", Nn.softshrink 0.3, (fun () -> torch.nn.Softshrink 0.3), [ 30 ]
      "hardshrink", Nn.hardshrink 0.3, (fun () -> torch.nn.Hardshrink 0.3), [ 30 ]
      "tanhshrink", Nn.tanhshrink, (fun () -> torch.nn.Tanhshrink()), [ 30 ]
      "hardsigmoid", Nn.hardsigmoid, (fun () -> torch.nn.Hardsigmoid()), [ 30 ]
      "hardswish", Nn.hardswish, (fun () -> torch.nn.Hardswish()), [ 30 ]
      "log sigmoid", Nn.logSigmoid, (fun () -> torch.nn.LogSigmoid()), [ 30 ]
      "mish", Nn.mish, (fun () -> torch.nn.Mish()), [ 30 ]
      "glu", Nn.glu 1, (fun () -> torch.nn.GLU 1L), [ 3; 4 ]
      "softmax", Nn.softmax 1, (fun () -> torch.nn.Softmax 1L), [ 3; 4 ]
      "softmin", Nn.softmin 0, (fun () -> torch.nn.Softmin 0L), [ 3; 4 ]
      "prelu", Nn.prelu 3 0.25, (fun () -> torch.nn.PReLU 3L), [ 2; 3; 4 ]
      "rrelu", Nn.rrelu 0.1 0.3, (fun () -> torch.nn.RReLU(0.1, 0.3)), [ 30 ]
      "linear without bias", Nn.linearNoBias 3 5, (fun () -> torch.nn.Linear(3L, 5L, bias = false)), [ 2; 3 ]
      "identity", Nn.identity, (fun () -> torch.nn.Identity()), [ 30 ]
      "conv transposed 2d, plain", Nn.convTranspose2d 2 3 4, (fun () -> torch.nn.ConvTranspose2d(2L, 3L, 4L)), [ 2; 2; 3; 4 ]
      "conv transposed 3d", Nn.convTranspose3d 2 3 2, (fun () -> torch.nn.ConvTranspose3d(2L, 3L, 2L)), [ 1; 2; 3; 2; 3 ]
      "layer norm without affine",
      Nn.layerNormWith { Epsilon = 0.1; Affine = false } [ 4 ],
      (fun () -> torch.nn.LayerNorm(4L, 0.1, false)),
      [ 2; 4 ]
      "layer norm with an epsilon",
      Nn.layerNormWith { NormOptions.standard with Epsilon = 0.1 } [ 4 ],
      (fun () -> torch.nn.LayerNorm(4L, 0.1)),
      [ 2; 4 ]
      "group norm with an epsilon",
      Nn.groupNormWith { NormOptions.standard with Epsilon = 0.1 } 2 4,
      (fun () -> torch.nn.GroupNorm(2L, 4L, 0.1)),
      [ 3; 4; 5 ]
      "group norm without affine",
      Nn.groupNormWith { NormOptions.standard with Affine = false } 2 4,
      (fun () -> torch.nn.GroupNorm(2L, 4L, affine = false)),
      [ 3; 4; 5 ]
      "rms norm without affine",
      Nn.rmsNormWith (Some 0.1) false [ 3; 4 ],
      (fun () -> torch.nn.RMSNorm([| 3L; 4L |], 0.1, false)),
      [ 2; 3; 4 ]
      "cross map response", Nn.crossMapLrn 3 1e-2 0.7 1.5, (fun () -> torch.nn.CrossMapLRN2d(3L, 1e-2, 0.7, 1.5)), [ 2; 5; 3; 2 ]
      "max pool 2d", Nn.maxPool2d 2, (fun () -> torch.nn.MaxPool2d 2L), [ 2; 3; 5; 4 ]
      "max pool 3d", Nn.maxPool3d 2, (fun () -> torch.nn.MaxPool3d 2L), [ 1; 2; 4; 5; 4 ]
      "avg pool 1d", Nn.avgPool1d 3, (fun () -> torch.nn.AvgPool1d 3L), [ 2; 3; 7 ]
      "avg pool 2d",
      Nn.avgPool [ 3; 2 ] [ 2; 1 ] [ 1; 1 ] true false,
      (fun () ->
          torch.nn.AvgPool2d(
              struct (3L, 2L),
              stride = struct (2L, 1L),
              padding = 1L,
              ceil_mode = true,
              count_include_pad = false
          )),
      [ 1; 2; 6; 5 ]
      "adaptive max 1d", Nn.adaptiveMaxPool [ 3 ], (fun () -> torch.nn.AdaptiveMaxPool1d 3L), [ 2; 2; 7 ]
      "adaptive max 3d", Nn.adaptiveMaxPool [ 2; 2; 2 ], (fun () -> torch.nn.AdaptiveMaxPool3d 2L), [ 1; 1; 5; 4; 7 ]
      "adaptive avg 2d", Nn.adaptiveAvgPool [ 3; 3 ], (fun () -> torch.nn.AdaptiveAvgPool2d 3L), [ 2; 2; 7; 5 ]
      "unfold",
      Nn.unfold { Kernel = 2, 3; Dilation = 1, 2; Padding = 1, 0; Stride = 2, 1 },
      (fun () ->
          torch.nn.Unfold(struct (2L, 3L), dilation = struct (1L, 2L), padding = struct (1L, 0L), stride = struct (2L, 1L))),
      [ 2; 2; 5; 6 ]
      "fold",
      Nn.fold (4, 5) { Kernel = 2, 3; Dilation = 1, 1; Padding = 0, 1; Stride = 2, 2 },
      (fun () -> torch.nn.Fold(struct (4L, 5L), struct (2L, 3L), dilation = 1L, padding = struct (0L, 1L), stride = 2L)),
      [ 1; 12; 6 ]
      "interpolate",
      Nn.interpolate { Filter = Filter.Linear; AlignCorners = true; Antialias = false } [ 7; 5 ],
      (fun () -> torch.nn.Upsample(struct (7L, 5L), mode = InterpolationMode.Bilinear, align_corners = true)),
      [ 1; 2; 3; 4 ]
      "flatten dims", Nn.flattenDims 1 2, (fun () -> torch.nn.Flatten(1L, 2L)), [ 2; 3; 4; 2 ]
      "flatten", Nn.flatten, (fun () -> torch.nn.Flatten()), [ 2; 3; 4 ]
      "relu", Nn.relu, (fun () -> torch.nn.ReLU()), [ 30 ]
      "gelu", Nn.gelu, (fun () -> torch.nn.GELU()), [ 30 ]
      "gelu by tanh", Nn.geluTanh, (fun () -> torch.nn.GELU "tanh"), [ 30 ]
      "silu", Nn.silu, (fun () -> torch.nn.SiLU()), [ 30 ]
      "tanh", Nn.tanh, (fun () -> torch.nn.Tanh()), [ 30 ]
      "sigmoid", Nn.sigmoid, (fun () -> torch.nn.Sigmoid()), [ 30 ]
      "log softmax", Nn.logSoftmax 1, (fun () -> torch.nn.LogSoftmax 1L), [ 3; 4 ]
      "sequential",
      Nn.sequential [ Nn.linear 3 4; Nn.tanh; Nn.linear 4 2 ],
      (fun () -> torch.nn.Sequential(torch.nn.Linear(3L, 4L), torch.nn.Tanh(), torch.nn.Linear(4L, 2L))),
      [ 2; 3 ]
      "dropout that answers", Nn.dropout 0.5, (fun () -> torch.nn.Dropout 0.5), [ 4; 3 ]
      "weight norm",
      Nn.weightNorm (Some 0) "weight" (Nn.linear 3 5),
      (fun () -> torch.nn.utils.weight_norm (torch.nn.Linear(3L, 5L))),
      [ 2; 3 ]
      "weight norm of the whole",
      Nn.weightNorm None "weight" (Nn.conv2d 2 3 2),
      (fun () -> torch.nn.utils.weight_norm (torch.nn.Conv2d(2L, 3L, 2L), dim = System.Nullable())),
      [ 1; 2; 4; 3 ]
      "weight norm by inputs",
      Nn.weightNorm (Some 1) "weight" (Nn.conv2d 2 3 2),
      (fun () -> torch.nn.utils.weight_norm (torch.nn.Conv2d(2L, 3L, 2L), dim = 1L)),
      [ 1; 2; 4; 3 ] ]

let tests =
    [ for name, layer, make, shape in pairs do
          test $"the core's layer is the facade's module: {name}" {
              let parameters, state = fresh 5 layer
              let m = make ()
              loaded parameters m
              let x = noise 7 shape
              near name (evaluated layer parameters state x) (m.call (facade x))
          } ]
