/// Losses beside the facade's modules, with all reductions.
module Functional.Laws.LossChecks

open Functional
open Functional.Contract
open Functional.Torch
open Functional.Laws.Beside

let private check names name run = { Of = names; Name = name; Run = run }

let checks =
    let x, y, z = noise 81 [ 4; 3 ], noise 82 [ 4; 3 ], noise 83 [ 4; 3 ]
    let probability t = Tensor.sigmoid t
    let signs = Tensor.sign (noise 84 [ 4 ])
    let allSigns = Tensor.sign (noise 85 [ 4; 3 ])
    let classes = Tensor.ofInts [ 2; 0; 1; 2 ]
    let weights = probability (noise 86 [ 3 ])
    let marks = Tensor.ofInt64s [ 4; 3 ] [| 1L; -1L; 0L; 2L; 0L; -1L; 0L; 1L; 2L; -1L; 0L; 1L |]
    let bits = Tensor.cast Float32 (Tensor.gt y (Tensor.scalar 0.0))

    let reductions =
        [ Mean, torch.nn.Reduction.Mean; Total, torch.nn.Reduction.Sum; Unreduced, torch.nn.Reduction.None ]

    let both names (mine: LossReduction -> Tensor) (theirs: torch.nn.Reduction -> torch.Tensor) =
        check names $"loss: {names}" (fun () ->
            for reduction, other in reductions do
                near $"{reduction}" (mine reduction) (theirs other))

    [ both "L1Loss" (fun r -> Ops.l1Loss r y x) (fun r -> torch.nn.L1Loss(r).call(facade x, facade y))
      both "MSELoss" (fun r -> Ops.mseLoss r y x) (fun r -> torch.nn.MSELoss(r).call(facade x, facade y))
      both "CrossEntropyLoss" (fun r -> Ops.crossEntropy (ValueSome weights) 1L 0.2 r classes x) (fun r ->
          torch.nn.CrossEntropyLoss(facade weights, 1L, r, 0.2).call(facade x, facade classes))
      both "NLLLoss" (fun r -> Ops.nllLoss (ValueSome weights) 1L r classes x) (fun r ->
          torch.nn.NLLLoss(facade weights, 1L, r).call(facade x, facade classes))
      both "KLDivLoss" (fun r -> Ops.klDiv false r (probability y) x) (fun r ->
          let reduction =
              if r = torch.nn.Reduction.None then "none"
              elif r = torch.nn.Reduction.Sum then "sum"
              else "mean"

          torch.nn.KLDivLoss(reduction).call(facade x, facade (probability y)))
      both "BCELoss" (fun r -> Ops.binaryCrossEntropy (ValueSome weights) r bits (probability x)) (fun r ->
          torch.nn.BCELoss(facade weights, r).call(facade (probability x), facade bits))
      both "MarginRankingLoss" (fun r -> Ops.marginRankingLoss 0.3 r allSigns x y) (fun r ->
          torch.nn.MarginRankingLoss(0.3, r).call(facade x, facade y, facade allSigns))
      both "HingeEmbeddingLoss" (fun r -> Ops.hingeEmbeddingLoss 0.7 r allSigns x) (fun r ->
          torch.nn.HingeEmbeddingLoss(0.7, r).call(facade x, facade allSigns))
      both "MultiLabelMarginLoss" (fun r -> Ops.multilabelMarginLoss r marks x) (fun r ->
          torch.nn.MultiLabelMarginLoss(r).call(facade x, facade marks))
      both "SmoothL1Loss" (fun r -> Ops.smoothL1Loss 0.5 r y x) (fun r -> torch.nn.SmoothL1Loss(r, 0.5).call(facade x, facade y))
      both "SoftMarginLoss" (fun r -> Ops.softMarginLoss r allSigns x) (fun r ->
          torch.nn.SoftMarginLoss(r).call(facade x, facade allSigns))
      both "MultiLabelSoftMarginLoss" (fun r -> Ops.multilabelSoftMarginLoss (ValueSome weights) r bits x) (fun r ->
          torch.nn.MultiLabelSoftMarginLoss(facade weights, r).call(facade x, facade bits))
      both "CosineEmbeddingLoss" (fun r -> Ops.cosineEmbeddingLoss 0.2 r signs x y) (fun r ->
          torch.nn.CosineEmbeddingLoss(0.2, r).call(facade x, facade y, facade signs))
      both "MultiMarginLoss" (fun r -> Ops.multiMarginLoss 2 0.7 (ValueSome weights) r classes x) (fun r ->
          torch.nn.MultiMarginLoss(2L, 0.7, facade weights, r).call(facade x, facade classes))
      both "TripletMarginLoss" (fun r -> Ops.tripletMarginLoss 0.5 2.0 1e-6 true r x y z) (fun r ->
          torch.nn.TripletMarginLoss(0.5, 2.0, 1e-6, true, r).call(facade x, facade y, facade z))
      check "MSELoss CrossEntropyLoss NLLLoss" "the short losses are PyTorch's defaults" (fun () ->
          near "mse" (Loss.mse x y) (torch.nn.MSELoss().call(facade x, facade y))
          near "nll" (Loss.nll x classes) (torch.nn.NLLLoss().call(facade x, facade classes))
          near "cross entropy" (Loss.crossEntropy x classes) (torch.nn.CrossEntropyLoss().call(facade x, facade classes))) ]
