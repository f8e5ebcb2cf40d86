namespace Functional

open Functional.Contract

/// A softmax over very many classes (Grave et al. 2017).
type AdaptiveSoftmaxForm =
    {
        Features: int
        Classes: int
        /// Where clusters of rarer classes begin; the classes below the first are scored by the head.
        Cutoffs: int list
        /// How much narrower each cluster's network is than the one before.
        DivValue: float
        HeadBias: bool
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module AdaptiveSoftmaxForm =
    /// PyTorch's defaults.
    let standard features classes cutoffs =
        { Features = features; Classes = classes; Cutoffs = cutoffs; DivValue = 4.0; HeadBias = false }

/// The adaptive softmax as layers. Parameters have PyTorch's names.
[<AutoOpen>]
module AdaptiveSoftmaxLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        /// First parameters, and the scores of classes by parameters.
        let private scoring (form: AdaptiveSoftmaxForm) =
            AdaptiveSoftmax.requireCutoffs form.Cutoffs form.Classes
            let ends = form.Cutoffs.Tail @ [ form.Classes ]

            let head =
                (if form.HeadBias then Nn.linear else Nn.linearNoBias) form.Features (form.Cutoffs.Head + form.Cutoffs.Length)

            let tail i (first, last) =
                let width = AdaptiveSoftmax.tailWidth form.Features form.DivValue i
                Nn.sequential [ Nn.linearNoBias form.Features width; Nn.linearNoBias width (last - first) ]

            let tails = List.zip form.Cutoffs ends |> List.mapi tail

            let init key =
                let struct (first, second) = Random.split2 key
                let cluster i (layer: Layer) = string i, fst (layer.Init(Random.fold i second))
                Branch [ "head", fst (head.Init first); "tail", Branch(List.mapi cluster tails) ]

            let scores p : AdaptiveSoftmax.Scores =
                let apply (layer: Layer) p x = layer.Apply Evaluate p Tree.empty x |> fst
                let clusters = Tree.find "tail" p

                { Head = apply head (Tree.find "head" p)
                  Tails = tails |> List.mapi (fun i layer -> apply layer (Tree.find (string i) clusters))
                  Cutoffs = form.Cutoffs @ [ form.Classes ] }

            struct (init, scores)

        /// The log probabilities of all classes: [N, features] to [N, classes]. Raises ArgumentValueException for cutoffs that do not rise.
        let adaptiveLogSoftmax (form: AdaptiveSoftmaxForm) : Layer =
            let struct (init, scores) = scoring form
            LayerParts.stateless init (fun _ p x -> AdaptiveSoftmax.ofAll (scores p) x)

        /// Inputs [N, features] and class numbers [N] to the log probabilities of those classes [N], and minus their mean. It has the
        /// parameters of `adaptiveLogSoftmax`, but computes only the clusters that are asked for.
        let adaptiveLogSoftmaxWithLoss (form: AdaptiveSoftmaxForm) : Layer<Tensor * Tensor, Tensor * Tensor> =
            let struct (init, scores) = scoring form

            LayerParts.stateless init (fun _ p (x, target) ->
                let logs = AdaptiveSoftmax.ofTargets (scores p) target x
                logs, -(Tensor.mean logs))
