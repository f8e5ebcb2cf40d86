namespace Functional

open Functional.Contract

/// What a layer of a transformer is like.
type TransformerForm =
    {
        Width: int
        Heads: int
        /// The width between the two linear maps.
        FeedForward: int
        Dropout: float
        Activation: Tensor -> Tensor
        /// Whether norms stand before the blocks (Xiong et al. 2020) rather than behind the sums.
        NormFirst: bool
        /// Whether no position sees a later one.
        Causal: bool
    }

/// Attention and transformers (Vaswani et al. 2017) as layers over [L, N, E]. Parameters have PyTorch's names.
[<AutoOpen>]
module TransformerLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private attentionInit width key =
            let struct (first, second) = Random.split2 key

            Branch
                [ "in_proj_weight", Leaf(Initial.xavierUniform 1.0 first [ 3 * width; width ])
                  "in_proj_bias", Leaf(Tensor.zeros [ 3 * width ])
                  "out_proj",
                  Branch [ "weight", Leaf(LayerParts.fanIn width second [ width; width ]); "bias", Leaf(Tensor.zeros [ width ]) ] ]

        let private attend heads isCausal dropout (p: Tree) (query: Tensor) (memory: Tensor) =
            for sequence in [ query; memory ] do
                if sequence.Rank <> 3 then
                    raise (
                        ShapeException
                            $"expected a sequence in 3-D [L, N, E], found {sequence.Rank}-D tensor of shape {Shape.format sequence.Shape} (attention)"
                    )

            let output = Tree.find "out_proj" p

            let weights =
                { Projection = Joint(Tree.tensor "in_proj_weight" p)
                  ProjectionBias = Some(Tree.tensor "in_proj_bias" p)
                  Extra = None
                  Output = Tree.tensor "weight" output
                  OutputBias = Some(Tree.tensor "bias" output) }

            let masks =
                { Attention.noMasks with
                    Scores =
                        if isCausal then
                            Some(Engine.cast query.Dtype (Attention.causalMask query.Shape[0]))
                        else
                            None }

            let struct (mixed, _) = Attention.multiHead heads false dropout masks weights query memory memory
            mixed

        let private dropping (rate: float) mode place =
            match mode with
            | Train key when rate > 0.0 -> Some(Dropping.elements rate (Random.fold place key))
            | _ -> None

        let private drop rate mode place (x: Tensor) =
            match dropping rate mode place with
            | Some drop -> drop x
            | None -> x

        let private requireWidth heads width =
            if heads < 1 || width % heads <> 0 then
                raise (ArgumentValueException "embed_dim must be divisible by num_heads")

        let private norms form count = [ for i in 1..count -> $"norm{i}", fun key -> LayerParts.scaleAndShift [ form.Width ] key ]

        let private init form attentions parts key =
            requireWidth form.Heads form.Width

            [ for name in attentions do
                  name, attentionInit form.Width
              "linear1", LayerParts.weightAndBias form.Width [ form.FeedForward; form.Width ] form.FeedForward true
              "linear2", LayerParts.weightAndBias form.FeedForward [ form.Width; form.FeedForward ] form.Width true
              yield! norms form parts ]
            |> List.mapi (fun i (name, make) -> name, make (Random.fold i key))
            |> Branch

        let private normed i (p: Tree) (x: Tensor) =
            let norm = Tree.find $"norm{i}" p
            Tensor.layerNorm 1e-5 (Tree.tensor "weight" norm) (Tree.tensor "bias" norm) x

        /// Block i: its input plus what it makes of it, with the norm before or behind.
        let private block form mode p i (make: Tensor -> Tensor) (x: Tensor) =
            let add x = drop form.Dropout mode (10 + i) x

            if form.NormFirst then
                x + add (make (normed i p x))
            else
                normed i p (x + add (make x))

        let private feedForward form mode p (x: Tensor) =
            let linear name x =
                let map = Tree.find name p
                Tensor.linear x (Tree.tensor "weight" map) (Some(Tree.tensor "bias" map))

            linear "linear1" x |> form.Activation |> drop form.Dropout mode 20 |> linear "linear2"

        /// Attention within a sequence [L, N, E], and a feed-forward block.
        let transformerEncoderLayer (form: TransformerForm) =
            LayerParts.stateless (init form [ "self_attn" ] 2) (fun mode p x ->
                let attention x = attend form.Heads form.Causal (dropping form.Dropout mode 0) (Tree.find "self_attn" p) x x

                x |> block form mode p 1 attention |> block form mode p 2 (feedForward form mode p))

        /// Attention within a sequence [L, N, E] and to another one [S, N, E], and a feed-forward block: parameters from a key, and
        /// what they make of memory and sequence.
        let transformerDecoderLayer (form: TransformerForm) =
            let apply mode (p: Tree) (memory: Tensor) (x: Tensor) =
                let attention x = attend form.Heads form.Causal (dropping form.Dropout mode 0) (Tree.find "self_attn" p) x x

                let across x = attend form.Heads false (dropping form.Dropout mode 1) (Tree.find "multihead_attn" p) x memory

                x
                |> block form mode p 1 attention
                |> block form mode p 2 across
                |> block form mode p 3 (feedForward form mode p)

            init form [ "self_attn"; "multihead_attn" ] 3, apply

        /// Encoder layers one after the other, named as PyTorch names them.
        let transformerEncoder (form: TransformerForm) count =
            if count < 0 then
                raise (ArgumentValueException $"num_layers must not be negative, but got {count} (transformerEncoder)")

            Nn.named [ "layers", Nn.sequential (List.replicate count (transformerEncoderLayer form)) ]
