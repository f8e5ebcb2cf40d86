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
        /// What norms add to variances.
        Epsilon: float
        /// Whether norms stand before the blocks (Xiong et al. 2020) rather than behind the sums.
        NormFirst: bool
        /// Whether no position sees a later one of its own sequence.
        Causal: bool
        /// Whether sequences are [N, L, E] rather than [L, N, E].
        BatchFirst: bool
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module TransformerForm =
    /// PyTorch's defaults.
    let standard width heads =
        { Width = width
          Heads = heads
          FeedForward = 2048
          Dropout = 0.1
          Activation = Tensor.relu
          Epsilon = 1e-5
          NormFirst = false
          Causal = false
          BatchFirst = false }

/// A sequence [L, N, E], and what its positions may not see of each other.
type MaskedSequence = { Sequence: Tensor; Masks: AttentionMasks }

/// What a decoder reads.
type DecoderInput =
    {
        /// [T, N, E]
        Target: Tensor
        /// [S, N, E]: what the encoder made of the source.
        Memory: Tensor
        /// What the target may not see of itself.
        TargetMasks: AttentionMasks
        /// What the target may not see of the memory.
        MemoryMasks: AttentionMasks
    }

/// What a transformer reads.
type TransformerInput =
    {
        /// [S, N, E]
        Source: Tensor
        /// [T, N, E]
        Target: Tensor
        /// What the source may not see of itself.
        SourceMasks: AttentionMasks
        /// What the target may not see of itself.
        TargetMasks: AttentionMasks
        /// What the target may not see of the encoded source.
        MemoryMasks: AttentionMasks
    }

/// Transformers (Vaswani et al. 2017) as layers over [L, N, E]. Parameters have PyTorch's names.
[<AutoOpen>]
module TransformerLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private plain x = { Sequence = x; Masks = Attention.noMasks }
        let private normOptions form : NormOptions = { NormOptions.standard with Epsilon = form.Epsilon }
        let private norm form = Nn.layerNormWith (normOptions form) [ form.Width ]

        let private modeAt place mode =
            match mode with
            | Train key -> Train(Random.fold place key)
            | Evaluate -> Evaluate

        let private attention (form: TransformerForm) =
            Nn.multiheadAttention
                { AttentionForm.standard form.Width form.Heads with
                    Dropout = form.Dropout
                    BatchFirst = form.BatchFirst }

        let private attend form mode masks p query memory =
            let input = { AttentionInput.across query memory with Masks = masks }
            (attention form).Apply mode p Tree.empty input |> fst

        /// Attention within a sequence, where no position sees a later one if the form says so.
        let private attendWithin form mode (masks: AttentionMasks) p (x: Tensor) =
            let masks =
                if form.Causal && x.Rank = 3 then
                    let later = Engine.cast x.Dtype (Attention.causalMask x.Shape[if form.BatchFirst then 1 else 0])

                    { masks with
                        Scores =
                            match masks.Scores with
                            | Some given -> Some(Attention.additive x given + later)
                            | None -> Some later }
                else
                    masks

            attend form mode masks p x x

        let private init form attentions parts key =
            [ for name in attentions do
                  name, (attention form).Init >> fst
              "linear1", LayerParts.weightAndBias form.Width [ form.FeedForward; form.Width ] form.FeedForward true
              "linear2", LayerParts.weightAndBias form.FeedForward [ form.Width; form.FeedForward ] form.Width true
              for i in 1..parts do
                  $"norm{i}", (norm form).Init >> fst ]
            |> List.mapi (fun i (name, make) -> name, make (Random.fold i key))
            |> Branch

        let private normed form name (p: Tree) (x: Tensor) = (norm form).Apply Evaluate (Tree.find name p) Tree.empty x |> fst

        /// Block i: its input plus what it makes of it, with the norm before or behind.
        let private block form mode p i (make: Tensor -> Tensor) (x: Tensor) =
            let norm = normed form $"norm{i}" p
            let drop x = (Nn.dropout form.Dropout).Apply (modeAt (10 + i) mode) Tree.empty Tree.empty x |> fst

            if form.NormFirst then x + drop (make (norm x)) else norm (x + drop (make x))

        let private feedForward form mode p (x: Tensor) =
            let linear name x =
                let map = Tree.find name p
                Tensor.linear x (Tree.tensor "weight" map) (LayerParts.withBias map)

            let drop x = (Nn.dropout form.Dropout).Apply (modeAt 20 mode) Tree.empty Tree.empty x |> fst
            linear "linear1" x |> form.Activation |> drop |> linear "linear2"

        // Raised where a layer is made rather than where it is first used.
        let private require form =
            attention form |> ignore
            Nn.dropout form.Dropout |> ignore

        /// Attention within a sequence under masks, and a feed-forward block. Raises ArgumentValueException for heads that do not divide the
        /// width.
        let transformerEncoderLayerMasked (form: TransformerForm) : Layer<MaskedSequence, Tensor> =
            require form

            LayerParts.stateless (init form [ "self_attn" ] 2) (fun mode p input ->
                let within = attendWithin form (modeAt 0 mode) input.Masks (Tree.find "self_attn" p)
                input.Sequence |> block form mode p 1 within |> block form mode p 2 (feedForward form mode p))

        /// Attention within a sequence, and a feed-forward block.
        let transformerEncoderLayer (form: TransformerForm) : Layer = transformerEncoderLayerMasked form |> Nn.onInput plain

        /// Attention within a sequence [T, N, E] and to a memory [S, N, E], and a feed-forward block. Raises ArgumentValueException for heads
        /// that do not divide the width.
        let transformerDecoderLayer (form: TransformerForm) : Layer<DecoderInput, Tensor> =
            require form

            LayerParts.stateless (init form [ "self_attn"; "multihead_attn" ] 3) (fun mode p input ->
                let within = attendWithin form (modeAt 0 mode) input.TargetMasks (Tree.find "self_attn" p)

                let across x = attend form (modeAt 1 mode) input.MemoryMasks (Tree.find "multihead_attn" p) x input.Memory

                input.Target
                |> block form mode p 1 within
                |> block form mode p 2 across
                |> block form mode p 3 (feedForward form mode p))

        /// Layers one after the other, named as PyTorch names them, and a norm behind them if asked for. `next` is the input of a layer
        /// after the first.
        let private stack
            isNormed
            form
            count
            (layer: Layer<'Input, Tensor>)
            (first: 'Input -> Tensor)
            (next: 'Input -> Tensor -> 'Input)
            =
            if count < 0 then
                raise (ArgumentValueException $"num_layers must not be negative, but got {count} (transformer)")

            let init key =
                let within = Random.fold 0 key

                Branch
                    [ "layers", Branch [ for i in 0 .. count - 1 -> string i, fst (layer.Init(Random.fold i within)) ]
                      if isNormed then
                          "norm", fst ((norm form).Init(Random.fold 1 key)) ]

            LayerParts.stateless init (fun mode p input ->
                let layers = Tree.find "layers" p

                let apply x i = layer.Apply (modeAt i mode) (Tree.find (string i) layers) Tree.empty (next input x) |> fst

                let x = Seq.fold apply (first input) (seq { 0 .. count - 1 })
                if isNormed then normed form "norm" p x else x)

        /// Encoder layers one after the other under the same masks, and a norm behind them if asked for.
        let transformerEncoderMasked isNormed (form: TransformerForm) count : Layer<MaskedSequence, Tensor> =
            stack isNormed form count (transformerEncoderLayerMasked form) _.Sequence (fun input x -> { input with Sequence = x })

        /// Encoder layers one after the other, named as PyTorch names them.
        let transformerEncoder (form: TransformerForm) count : Layer =
            transformerEncoderMasked false form count |> Nn.onInput plain

        /// Decoder layers one after the other, and a norm behind them if asked for.
        let transformerDecoder isNormed (form: TransformerForm) count : Layer<DecoderInput, Tensor> =
            stack isNormed form count (transformerDecoderLayer form) _.Target (fun input x -> { input with Target = x })

        /// An encoder and a decoder, each with a norm behind it: source [S, N, E] and target [T, N, E] to [T, N, E]. Only the decoder is causal
        /// if the form says so.
        let transformer (form: TransformerForm) encoders decoders : Layer<TransformerInput, Tensor> =
            let encoder = transformerEncoderMasked true { form with Causal = false } encoders
            let decoder = transformerDecoder true form decoders

            let init key =
                let made =
                    Branch [ "encoder", fst (encoder.Init(Random.fold 0 key)); "decoder", fst (decoder.Init(Random.fold 1 key)) ]

                // Every weight with two dimensions or more begins as PyTorch's does.
                Tree.leaves made
                |> Array.mapi (fun i t ->
                    if t.Rank > 1 then
                        Initial.xavierUniform 1.0 (Random.fold (2 + i) key) (List.ofArray t.Shape)
                    else
                        t)
                |> Tree.rebuild made

            LayerParts.stateless init (fun mode p (input: TransformerInput) ->
                let batch = if form.BatchFirst then 0 else 1

                if
                    input.Source.Rank <> 3 || input.Target.Rank <> 3 || input.Source.Shape[batch] <> input.Target.Shape[batch]
                then
                    raise (
                        ShapeException
                            $"the batch number of src and tgt must be equal: expected two sequences in 3-D, but got {Shape.format input.Source.Shape} and {Shape.format input.Target.Shape} (transformer)"
                    )

                if input.Source.Shape[2] <> form.Width || input.Target.Shape[2] <> form.Width then
                    raise (
                        ShapeException
                            $"the feature number of src and tgt must be equal to d_model: {form.Width}, but got {Shape.format input.Source.Shape} and {Shape.format input.Target.Shape} (transformer)"
                    )

                let source = { Sequence = input.Source; Masks = input.SourceMasks }
                let memory = encoder.Apply (modeAt 0 mode) (Tree.find "encoder" p) Tree.empty source |> fst

                decoder.Apply
                    (modeAt 1 mode)
                    (Tree.find "decoder" p)
                    Tree.empty
                    { Target = input.Target
                      Memory = memory
                      TargetMasks = input.TargetMasks
                      MemoryMasks = input.MemoryMasks }
                |> fst)
