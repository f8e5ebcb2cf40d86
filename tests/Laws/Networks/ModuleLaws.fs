/// Laws of modules with state: what is saved comes back, and the core's layers are the facade's modules.
module Functional.Laws.ModuleLaws

open System
open System.Collections.Generic
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Functional
open Functional.Torch
open Functional.Laws.FileSamples

type private Module = torch.nn.Module<torch.Tensor, torch.Tensor>

let private numbers (t: torch.Tensor) =
    use stream = new MemoryStream()
    torch.save (t.detach (), stream)
    stream.ToArray()

/// Kinds of modules over [N, 4].
let private kinds: (unit -> Module) list =
    [ fun () -> torch.nn.Linear(4L, 4L)
      fun () -> torch.nn.Linear(4L, 4L, bias = false)
      fun () -> torch.nn.LayerNorm 4L
      fun () -> torch.nn.RMSNorm 4L
      fun () -> torch.nn.BatchNorm1d 4L
      fun () -> torch.nn.BatchNorm1d(4L, affine = false)
      fun () -> torch.nn.GroupNorm(2L, 4L)
      fun () -> torch.nn.PReLU 4L
      fun () -> torch.nn.Tanh()
      fun () -> torch.nn.utils.weight_norm (torch.nn.Linear(4L, 4L)) ]

let private facade (t: Tensor) = torch.tensor (Tensor.toArray t, [| for size in t.Shape -> int64 size |])

let private network (places: int list) (seed: int) : Module =
    torch.manual_seed (int64 seed) |> ignore
    torch.nn.Sequential [| for place in places -> kinds[place]() |]

let private places = Gen.choose (0, kinds.Length - 1) |> Gen.listOf |> Gen.map (List.truncate 5) |> Arb.fromGen

let private isSame (a: Module) (b: Module) (x: torch.Tensor) =
    let mine, other = a.state_dict (), b.state_dict ()
    Expect.sequenceEqual (Seq.sort other.Keys) (Seq.sort mine.Keys) "names"

    for name in mine.Keys do
        Expect.equal (numbers other[name]) (numbers mine[name]) name

    a.eval () |> ignore
    b.eval () |> ignore
    Expect.equal (numbers (b.call x)) (numbers (a.call x)) "outputs"

let private roundTrips =
    [ testProperty "state_dict then load_state_dict is the identity, from one module to another"
      <| Prop.forAll places (fun places ->
          let a, b = network places 1, network places 2
          let x = facade (Random.normal (Random.key 9) [ 5; 4 ])
          // Running statistics move.
          a.call x |> ignore
          b.load_state_dict (a.state_dict ()) |> ignore
          isSame a b x)

      testProperty "and of a module to itself, and through every kind of file"
      <| Prop.forAll places (fun places ->
          let a = network places 3
          let x = facade (Random.normal (Random.key 9) [ 5; 4 ])
          a.call x |> ignore
          let before = a.state_dict () |> Seq.map (fun item -> item.Key, numbers item.Value) |> Seq.toList
          a.load_state_dict (a.state_dict ()) |> ignore
          Expect.equal (a.state_dict () |> Seq.map (fun item -> item.Key, numbers item.Value) |> Seq.toList) before "itself"

          withFolder (fun folder ->
              let path name = Path.Combine(folder, name)
              torch.save (a.state_dict (), path "zip")
              torch.save (a.state_dict (), path "legacy", _use_new_zipfile_serialization = false)
              safetensors.save_file (a.state_dict (), path "safetensors")
              numpy.savez (path "npz", a.state_dict () :> IEnumerable<KeyValuePair<string, torch.Tensor>>)
              SavingExtensions.save (a, path "dat") |> ignore

              for kind in [ "zip"; "legacy"; "safetensors"; "npz"; "dat" ] do
                  let b = network places 4
                  SavingExtensions.load (b, path kind) |> ignore
                  a.train () |> ignore
                  isSame a b x)) ]

// ---- the core's layers beside the facade's modules ----

/// Name, the core's layer, the facade's module with the same sizes, and a shape of inputs.
let private pairs: (string * Layer * (unit -> Module) * int list) list =
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
      "rrelu", Nn.rrelu 0.1 0.3, (fun () -> torch.nn.RReLU(0.1, 0.3)), [ 30 ] ]

let private values (t: torch.Tensor) : float list = [ for x in t.detach().reshape(-1L).numpy() -> System.Convert.ToDouble x ]

let private loaded (parameters: Tree) (m: torch.nn.Module) =
    let named = Dictionary<string, torch.Tensor>()

    for name, t in Tree.named parameters do
        named[name] <- facade t

    m.load_state_dict named |> ignore
    m.eval () |> ignore

let private near name (actual: Tensor) (expected: torch.Tensor) =
    Expect.sequenceEqual (actual.Shape |> Array.map int64) expected.shape $"{name}: shape"

    Seq.iter2
        (fun a b -> Expect.floatClose { absolute = 1e-5; relative = 1e-5 } a b name)
        (Tensor.toFloat64s actual)
        (values expected)

let private sameMathematics =
    [ for name, layer, make, shape in pairs do
          test $"the core's layer is the facade's module: {name}" {
              let parameters, state = layer.Init(Random.key 5)
              // Scales and shifts that begin as ones and zeros would hide mistakes.
              let parameters = parameters |> Tree.map (fun t -> t + Random.normal (Random.key 6) (List.ofArray t.Shape) * 0.1)
              let m = make ()
              loaded parameters m
              let x = Random.normal (Random.key 7) shape
              near name (layer.Apply Evaluate parameters state x |> fst) (m.call (facade x))
          }

      for normFirst in [ false; true ] do
          test $"a transformer's layers, norm first: {normFirst}" {
              let form =
                  { Width = 8
                    Heads = 2
                    FeedForward = 12
                    Dropout = 0.1
                    Activation = Tensor.gelu
                    NormFirst = normFirst
                    Causal = true }

              let x, memory = Random.normal (Random.key 1) [ 5; 3; 8 ], Random.normal (Random.key 2) [ 4; 3; 8 ]
              let mask = Modules.Transformer.generate_square_subsequent_mask 5L
              let gelu = Nullable(Modules.Activation.op_Implicit "gelu")
              let layer = Nn.transformerEncoderLayer form
              let parameters, state = layer.Init(Random.key 3)
              let m = torch.nn.TransformerEncoderLayer(8L, 2L, 12L, activation = gelu, norm_first = normFirst)
              loaded parameters m
              near "encoder" (layer.Apply Evaluate parameters state x |> fst) (m.call (facade x, src_mask = mask))
              let init, apply = Nn.transformerDecoderLayer form
              let parameters = init (Random.key 4)
              let m = torch.nn.TransformerDecoderLayer(8L, 2L, 12L, activation = gelu, norm_first = normFirst)
              loaded parameters m
              near "decoder" (apply Evaluate parameters memory x) (m.call (facade x, facade memory, tgt_mask = mask))
          } ]

// The default generator belongs to the process.
let tests = testSequenced (testList "Modules" (roundTrips @ sameMathematics))
