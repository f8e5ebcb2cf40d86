/// Layers with statistics, numbers to look up, several inputs or several outputs, beside the facade's modules.
module Functional.Laws.LayerChecks

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Torch
open Functional.Laws.Elements
open Functional.Laws.Beside

let private check names name run = { Of = names; Name = name; Run = run }
let private key = Random.key 11
let private some (x: float) = Nullable x
let private loadedWith (parameters, state) (m: torch.nn.Module) = loaded (Branch [ "", parameters; "", state ]) m

/// A layer and a module take two batches while learning, and answer then: outputs and running statistics.
let private learning name (layer: Layer) (m: Module) shape =
    let parameters, state = fresh 5 layer
    // PyTorch counts batches always.
    let start =
        match state with
        | Branch [] -> state
        | Branch items when items |> List.exists (fun (name, _) -> name = "num_batches_tracked") -> state
        | Branch items -> Branch(items @ [ "num_batches_tracked", Leaf(Tensor.ofInts [ 0 ] |> Tensor.reshape []) ])
        | Leaf _ -> state

    loadedWith (parameters, start) m
    m.train () |> ignore

    let step state seed =
        let x = noise seed shape * 2.0 + 1.0
        let y, next = layer.Apply (Train key) parameters state x
        near $"{name}: learning" y (m.call (facade x))
        next

    let state = List.fold step state [ 21; 22 ]
    let buffers = m.state_dict ()

    for path, t in Tree.named state do
        near $"{name}: {path}" t buffers[path]

    m.eval () |> ignore
    let x = noise 23 shape
    near $"{name}: answering" (evaluated layer parameters state x) (m.call (facade x))

let private norms =
    let options momentum affine tracked : BatchNormOptions =
        { Epsilon = 0.01; Momentum = momentum; Affine = affine; TrackRunningStats = tracked }

    [ for momentum in [ Some 0.3; None ] do
          for affine in [ true; false ] do
              for tracked in [ true; false ] do
                  check "BatchNorm1d" $"batch norm 1d, momentum {momentum}, affine {affine}, tracked {tracked}" (fun () ->
                      let m = torch.nn.BatchNorm1d(3L, 0.01, Option.toNullable momentum, affine, tracked)
                      learning "batch norm" (Nn.batchNormWith (options momentum affine tracked) 3) m [ 4; 3; 5 ])

                  check "InstanceNorm2d" $"instance norm, momentum {momentum}, affine {affine}, tracked {tracked}" (fun () ->
                      let m = torch.nn.InstanceNorm2d(3L, 0.01, Option.toNullable momentum, affine, tracked)
                      learning "instance norm" (Nn.instanceNormWith (options momentum affine tracked) 3) m [ 4; 3; 5; 2 ])
      check "BatchNorm2d" "batch norm 2d" (fun () -> learning "2d" (Nn.batchNorm 3) (torch.nn.BatchNorm2d 3L) [ 4; 3; 5; 2 ])
      check "BatchNorm3d" "batch norm 3d" (fun () -> learning "3d" (Nn.batchNorm 2) (torch.nn.BatchNorm3d 2L) [ 3; 2; 4; 2; 2 ])
      check "BatchNorm1d" "batch norm without the state that it was made with raises" (fun () ->
          let layer = Nn.batchNorm 2
          let parameters, _ = layer.Init key

          refuses<ArgumentValueException> "no state" "running_mean" (fun () ->
              evaluated layer parameters Tree.empty (Tensor.ones [ 3; 2 ])))
      check "BatchNorm1d" "a count of batches is loaded where a norm averages over all" (fun () ->
          let layer = Nn.batchNormWith { BatchNormOptions.standard with Momentum = None } 2
          let parameters, state = layer.Init key

          let file =
              [ yield! Tree.named parameters
                yield! Tree.named state |> List.filter (fun (name, _) -> name <> "num_batches_tracked")
                "num_batches_tracked", Tensor.ofInts [ 7 ] |> Tensor.reshape [] ]

          let _, loaded = StateDict.intoNetwork (parameters, state) file
          Expect.equal (Tensor.item (Tree.tensor "num_batches_tracked" loaded)) 7.0 "count") ]

let private index = Tensor.ofInt64s [ 2; 3 ] [| 3L; 1L; 3L; 0L; 4L; 3L |]

/// The gradient by the table of what a layer makes of numbers, weighed.
let private slope (layer: Layer<'Input, Tensor>) parameters (input: 'Input) =
    let weigh (y: Tensor) = Tensor.sum (y * noise 31 (List.ofArray y.Shape))

    Transforms.grad (fun p -> weigh (layer.Apply (Train key) p Tree.empty input |> fst)) parameters
    |> Tree.tensor "weight"

let private facadeSlope (weight: torch.Tensor) (y: torch.Tensor) =
    let loss = torch.sum (torch.mul (y, facade (noise 31 [ for size in y.shape -> int size ])))
    loss.backward ()
    Unchecked.nonNull weight.grad

let private tables =
    [ for padding in [ None; Some 3; Some -1 ] do
          for byFrequency in [ false; true ] do
              check "Embedding" $"embedding, padding {padding}, by frequency {byFrequency}" (fun () ->
                  let layer =
                      Nn.embeddingWith
                          { EmbeddingOptions.standard with PaddingIndex = padding; ScaleGradByFrequency = byFrequency }
                          5
                          4

                  let parameters, _ = layer.Init key

                  match padding with
                  | Some row ->
                      let table = Tree.tensor "weight" parameters
                      Expect.all (read (Tensor.select 0 row table)) ((=) 0.0) "the padding begins as zeros"
                      Expect.isTrue (read (Tensor.select 0 0 table) |> Array.exists ((<>) 0.0)) "the others do not"
                  | None -> ()

                  let parameters, state = fresh 5 layer

                  let m =
                      torch.nn.Embedding(5L, 4L, Option.toNullable (Option.map int64 padding), scale_grad_by_freq = byFrequency)

                  loaded parameters m
                  let y = m.call (facade index)
                  near "rows" (evaluated layer parameters state index) y
                  near "gradient" (slope layer parameters index) (facadeSlope m.weight y))
      for norm in [ 2.0; 1.0 ] do
          check "Embedding" $"embedding with a longest row, norm {norm}" (fun () ->
              let layer = Nn.embeddingWith { EmbeddingOptions.standard with MaxNorm = Some 0.7; NormType = norm } 5 4
              let parameters, state = fresh 5 layer
              let m = torch.nn.Embedding(5L, 4L, max_norm = some 0.7, norm_type = norm)
              loaded parameters m
              let y = m.call (facade index)
              near "rows" (evaluated layer parameters state index) y
              near "gradient" (slope layer parameters index) (facadeSlope m.weight y)
              near "the shortened table" (Tables.limit 0.7 norm index (Tree.tensor "weight" parameters)) m.weight)
      check "Embedding" "a padding outside the table is refused" (fun () ->
          Expect.throwsT<ArgumentValueException>
              (fun () -> Nn.embeddingWith { EmbeddingOptions.standard with PaddingIndex = Some 5 } 5 4 |> ignore)
              "padding")
      for mode, theirs in
          [ BagMode.Sum, EmbeddingBagMode.Sum
            BagMode.Mean, EmbeddingBagMode.Mean
            BagMode.Maximum, EmbeddingBagMode.Max ] do
          for padding in [ None; Some 3 ] do
              check "EmbeddingBag" $"bags, {mode}, padding {padding}" (fun () ->
                  let layer = Nn.embeddingBagWith { EmbeddingOptions.standard with PaddingIndex = padding } mode false 5 4

                  let parameters, state = fresh 5 layer

                  let m =
                      torch.nn.EmbeddingBag(5L, 4L, mode = theirs, padding_idx = Option.toNullable (Option.map int64 padding))

                  loaded parameters m
                  let flat, offsets = Tensor.flatten index, Tensor.ofInts [ 0; 2; 2 ]
                  let bag = { Index = flat; Offsets = Some offsets; Weights = None }
                  let y = m.forward (facade flat, facade offsets, null)
                  near "bags" (evaluated layer parameters state bag) y
                  near "gradient" (slope layer parameters bag) (facadeSlope m.weight y))
      check "EmbeddingBag" "weighted sums with an end, and rows as bags" (fun () ->
          let options = { EmbeddingOptions.standard with MaxNorm = Some 0.9; ScaleGradByFrequency = true }
          let layer = Nn.embeddingBagWith options BagMode.Sum true 5 4
          let parameters, state = fresh 5 layer

          let m =
              torch.nn.EmbeddingBag(
                  5L,
                  4L,
                  some 0.9,
                  mode = EmbeddingBagMode.Sum,
                  scale_grad_by_freq = true,
                  include_last_offset = true
              )

          loaded parameters m
          let flat, offsets, weights = Tensor.flatten index, Tensor.ofInts [ 0; 2; 6 ], noise 3 [ 6 ]
          let bag = { Index = flat; Offsets = Some offsets; Weights = Some weights }
          near "bags" (evaluated layer parameters state bag) (m.forward (facade flat, facade offsets, facade weights))
          let rows = Nn.embeddingBag 5 4
          let m = torch.nn.EmbeddingBag(5L, 4L)
          loaded parameters m
          near "rows" (evaluated rows parameters state index) (m.forward (facade index, null, null))) ]

let private pools =
    let x = noise 41 [ 2; 3; 7; 6 ]

    let unpooled names kernel (x: Tensor) (m: torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor>) =
        check names $"unpooling {names}" (fun () ->
            let pooled, where = evaluated (Nn.maxPoolWithIndices kernel [] [ 0 ] [ 1 ] false) Tree.empty Tree.empty x
            let expected = m.call (facade pooled, facade where)
            near "unpooled" (evaluated (Nn.maxUnpool kernel [] [ 0 ]) Tree.empty Tree.empty (pooled, where)) expected
            let sizes = [ for d in x.Rank - kernel.Length .. x.Rank - 1 -> x.Shape[d] ]
            let whole = evaluated (Nn.maxUnpoolTo sizes) Tree.empty Tree.empty (pooled, where)
            Expect.equal whole.Shape x.Shape "in the size that there was"
            expectSame 1e-6 "the same elements" (Tensor.sum whole) (Tensor.sum pooled))

    [ unpooled "MaxUnpool1d" [ 2 ] (noise 42 [ 2; 3; 7 ]) (torch.nn.MaxUnpool1d 2L)
      unpooled "MaxUnpool2d" [ 2; 3 ] x (torch.nn.MaxUnpool2d(struct (2L, 3L)))
      unpooled "MaxUnpool3d" [ 2; 2; 2 ] (noise 43 [ 1; 2; 4; 6; 4 ]) (torch.nn.MaxUnpool3d 2L)
      check "MaxUnpool2d" "unpooling with stride and padding" (fun () ->
          let x = noise 44 [ 2; 3; 7; 5 ]
          let pooled, where = evaluated (Nn.maxPoolWithIndices [ 3; 3 ] [ 2 ] [ 1 ] [ 1 ] false) Tree.empty Tree.empty x
          let m = torch.nn.MaxUnpool2d(3L, 2L, 1L)
          let y = evaluated (Nn.maxUnpool [ 3; 3 ] [ 2 ] [ 1 ]) Tree.empty Tree.empty (pooled, where)
          near "unpooled" y (m.call (facade pooled, facade where)))
      check "MaxPool2d MaxPool1d MaxPool3d" "where the largest elements are" (fun () ->
          let y, where = evaluated (Nn.maxPoolWithIndices [ 2; 3 ] [] [ 1 ] [ 1 ] true) Tree.empty Tree.empty x
          let m = torch.nn.MaxPool2d(struct (2L, 3L), padding = 1L, ceil_mode = true, return_indices = true)
          let struct (output, indices) = m.forward_with_indices (facade x)
          near "elements" y output
          near "places" where indices)
      check "AdaptiveMaxPool2d" "where the largest elements of regions are" (fun () ->
          let y, where = evaluated (Nn.adaptiveMaxPoolWithIndices [ 3; 3 ]) Tree.empty Tree.empty x
          let struct (output, indices) = torch.nn.AdaptiveMaxPool2d(3L).forward_with_indices(facade x)
          near "elements" y output
          near "places" where indices)
      for size, sizes in [ FractionalSize.Sizes [ 4; 3 ], [ 4L; 3L ]; FractionalSize.Ratios [ 0.6; 0.5 ], [ 4L; 3L ] ] do
          check "FractionalMaxPool2d" $"fractional pools: {size}" (fun () ->
              let layer = Nn.fractionalMaxPoolWithIndices [ 2; 2 ] size

              let theirs (samples: Tensor) =
                  torch.nn
                      .FractionalMaxPool2d(2L, struct (sizes[0], sizes[1]), _random_samples = facade samples)
                      .forward_with_indices(facade x)

              let struct (output, indices) = theirs (Tensor.full [ 2; 3; 2 ] 0.5)
              let y, where = evaluated layer Tree.empty Tree.empty x
              near "answering: elements" y output
              near "answering: places" where indices
              let struct (output, _) = theirs (Random.uniform key [ 2; 3; 2 ])
              near "learning" (layer.Apply (Train key) Tree.empty Tree.empty x |> fst |> fst) output

              near
                  "without places"
                  ((Nn.fractionalMaxPool [ 2; 2 ] size).Apply (Train key) Tree.empty Tree.empty x |> fst)
                  output) ]

let private adaptive =
    [ for bias in [ false; true ] do
          check "AdaptiveLogSoftmaxWithLoss" $"adaptive softmax, bias {bias}" (fun () ->
              let form = { AdaptiveSoftmaxForm.standard 8 10 [ 3; 6 ] with DivValue = 2.0; HeadBias = bias }
              let layer = Nn.adaptiveLogSoftmaxWithLoss form
              let parameters, state = fresh 5 layer
              let m = torch.nn.AdaptiveLogSoftmaxWithLoss(8L, 10L, [| 3L; 6L |], 2.0, bias)
              loaded parameters m
              let x, target = noise 51 [ 5; 8 ], Tensor.ofInts [ 0; 9; 4; 3; 7 ]
              let struct (output, loss) = m.call (facade x, facade target)
              let logs, mine = evaluated layer parameters state (x, target)
              near "log probabilities" logs output
              near "loss" mine loss
              near "of all classes" (evaluated (Nn.adaptiveLogSoftmax form) parameters state x) (m.log_prob (facade x)))
      check "AdaptiveLogSoftmaxWithLoss" "cutoffs that do not rise are refused" (fun () ->
          Expect.throwsT<ArgumentValueException>
              (fun () -> Nn.adaptiveLogSoftmax (AdaptiveSoftmaxForm.standard 8 10 [ 6; 3 ]) |> ignore)
              "cutoffs") ]

let private dropping =
    let x = Tensor.ones [ 40; 50; 3; 2 ]
    let learned (layer: Layer) = layer.Apply (Train key) Tree.empty Tree.empty x |> fst

    /// Of 2,000 channels a third are dropped, each as a whole.
    let byChannel name (layer: Layer) isDropped =
        let channels = read (learned layer) |> Array.chunkBySize 6
        Expect.all channels (fun c -> Array.forall ((=) c[0]) c) $"{name}: whole channels"
        let part = channels |> Array.averageBy (fun c -> if isDropped c[0] then 1.0 else 0.0)
        Expect.isLessThan (abs (part - 1.0 / 3.0)) 0.05 $"{name}: a third"
        expectBits $"{name}: answering" (evaluated layer Tree.empty Tree.empty x) x

    [ check "Dropout2d Dropout3d Dropout1d" "channel dropout drops whole channels and scales the others" (fun () ->
          byChannel "channelDropout" (Nn.channelDropout (1.0 / 3.0)) ((=) 0.0)
          let kept = read (learned (Nn.channelDropout (1.0 / 3.0))) |> Array.max
          Expect.floatClose Accuracy.medium kept 1.5 "scaled")
      check "FeatureAlphaDropout" "channel alpha dropout saturates whole channels" (fun () ->
          let low = read (learned (Nn.channelAlphaDropout (1.0 / 3.0))) |> Array.min
          byChannel "channelAlphaDropout" (Nn.channelAlphaDropout (1.0 / 3.0)) ((=) low))
      check "AlphaDropout" "alpha dropout keeps mean and variance" (fun () ->
          let x = noise 61 [ 200; 200 ]
          let y = (Nn.alphaDropout 0.3).Apply (Train key) Tree.empty Tree.empty x |> fst
          Expect.isLessThan (abs (Tensor.item (Tensor.mean y))) 0.03 "mean"
          Expect.isLessThan (abs (Tensor.item (Tensor.mean (Tensor.square y)) - 1.0)) 0.05 "variance"
          Expect.isTrue (read y |> Array.countBy id |> Array.exists (fun (_, count) -> count > 10000)) "a third is alike")
      check "Dropout" "dropout zeroes elements and scales the others" (fun () ->
          let y = read (learned (Nn.dropout 0.5))
          Expect.all y (fun v -> v = 0.0 || v = 2.0) "zero or scaled"
          Expect.isLessThan (abs (Array.average y - 1.0)) 0.05 "the mean") ]

let private pairwise =
    [ check "Bilinear" "bilinear" (fun () ->
          for bias in [ true; false ] do
              let layer = Nn.bilinear bias 3 4 2
              let parameters, state = fresh 5 layer
              let m = torch.nn.Bilinear(3L, 4L, 2L, bias)
              loaded parameters m
              let a, b = noise 71 [ 5; 3 ], noise 72 [ 5; 4 ]
              near "outputs" (evaluated layer parameters state (a, b)) (m.call (facade a, facade b)))
      check "PairwiseDistance" "distances" (fun () ->
          let a, b = noise 73 [ 5; 3 ], noise 74 [ 5; 3 ]

          near
              "distance"
              (Ops.pairwiseDistance 3.0 0.01 true a b)
              (torch.nn.PairwiseDistance(3.0, 0.01, true).call(facade a, facade b)))
      for dim in [ 0; 1 ] do
          check "spectral_norm" $"spectral norm by dimension {dim}" (fun () ->
              let layer = Nn.spectralNorm 2 1e-12 dim "weight" (Nn.linear 3 5)
              let parameters, state = fresh 5 layer
              let m = torch.nn.utils.spectral_norm (torch.nn.Linear(3L, 5L), n_power_iterations = 2L, dim = Nullable(int64 dim))
              loadedWith (parameters, state) m
              m.train () |> ignore
              let x = noise 75 [ 4; 3 ]
              let y, next = layer.Apply (Train key) parameters state x
              near "learning" y (m.call (facade x))
              let buffers = m.state_dict ()
              near "u" (Tree.tensor "weight_u" next) buffers["weight_u"]
              near "v" (Tree.tensor "weight_v" next) buffers["weight_v"]
              m.eval () |> ignore
              near "answering" (evaluated layer parameters next x) (m.call (facade x)))
      check "weight_norm" "a length times a direction, by slices and whole" (fun () ->
          let v = noise 77 [ 3; 4; 2 ]
          let numbers = read v
          let norm xs = sqrt (Array.sumBy (fun x -> x * x) xs)
          let slices = numbers |> Array.chunkBySize 8
          expectNear 1e-5 "norms of slices" (read (Reparametrization.normBeside (Some 0) v)) (slices |> Array.map norm)
          expectNear 1e-5 "norm of the whole" (read (Reparametrization.normBeside None v)) [| norm numbers |]
          let lengths = Tensor.reshape [ 3; 1; 1 ] (Tensor.ofSeq [ 2.0; 0.5; 3.0 ])
          let weight = Reparametrization.weightNorm (Some 0) lengths v
          expectNear 1e-5 "lengths" (read (Reparametrization.normBeside (Some 0) weight)) [| 2.0; 0.5; 3.0 |]

          expectSame
              1e-5
              "its own length gives it back"
              (Reparametrization.weightNorm (Some 0) (Reparametrization.normBeside (Some 0) v) v)
              v

          expectSame
              1e-5
              "a matrix by another dimension"
              (Reparametrization.matrixOf 1 v)
              (v |> Tensor.transpose 0 1 |> Tensor.reshape [ 4; 6 ])

          expectNear 1e-5 "unit" [| norm (read (Reparametrization.unit 1e-12 v)) |] [| 1.0 |])
      check "spectral_norm" "power iteration finds the largest singular value" (fun () ->
          let m = noise 78 [ 4; 3 ]
          let struct (u, v) = Reparametrization.powerIteration 200 1e-12 m (Tensor.ones [ 4 ]) (Tensor.ones [ 3 ])
          let largest = Linalg.svdvals (Reparametrization.spectralNorm 0 u v m) |> read |> Array.max
          Expect.floatClose Accuracy.low largest 1.0 "the largest is 1")
      check "spectral_norm" "a reparametrized layer's own state goes through" (fun () ->
          let layer = Nn.spectralNorm 1 1e-12 0 "1.weight" (Nn.batchNorm 3)
          Expect.throwsT<ArgumentValueException> (fun () -> layer.Init key |> ignore) "no such parameter"
          let layer = Nn.weightNorm None "weight" (Nn.batchNorm 3)
          let parameters, state = layer.Init key
          let x = noise 76 [ 6; 3 ]
          let y, next = layer.Apply (Train key) parameters state x
          let plain = Nn.batchNorm 3
          let p, s = plain.Init key
          let expected, expectedState = plain.Apply (Train key) p s x
          expectSame 1e-5 "output" y expected
          expectSame 1e-6 "state" (Tree.tensor "running_mean" next) (Tree.tensor "running_mean" expectedState)) ]

let private splitting =
    check "DataParallel" "parts of a batch on several devices are the whole batch" (fun () ->
        let inner = Nn.sequential [ Nn.linear 3 4; Nn.tanh; Nn.batchNorm 4 ]
        let parameters, state = fresh 5 inner
        let x = noise 91 [ 7; 3 ]

        for devices in
            [ [ Backend.cpu ]
              [ Backend.cpu; Backend.cpu; Backend.cpu ]
              List.replicate 9 Backend.cpu
              [ Backend.cpu; Backend.reference ] ] do
            let layer = Nn.dataParallel 0 devices inner
            expectSame 1e-5 "outputs" (evaluated layer parameters state x) (evaluated inner parameters state x)
            let weigh (l: Layer) p = Tensor.sum (Tensor.square (evaluated l p state x))
            let gradients l = Transforms.grad (weigh l) parameters |> Tree.leaves
            Array.iter2 (expectSame 1e-4 "gradients") (gradients layer) (gradients inner)

        let _, next = (Nn.dataParallel 0 [ Backend.cpu; Backend.cpu ] inner).Apply (Train key) parameters state x
        let _, first = inner.Apply (Train key) parameters state (Tensor.narrow 0 0 4 x)
        let mean tree = Tree.named tree |> List.find (fun (name, _) -> name.EndsWith "running_mean") |> snd
        expectSame 1e-6 "state of the first part" (mean next) (mean first))

let checks = splitting :: norms @ tables @ pools @ adaptive @ dropping @ pairwise
