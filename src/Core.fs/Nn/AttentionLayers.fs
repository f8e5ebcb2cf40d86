namespace Functional

open Functional.Contract

/// What attention with several heads is like.
type AttentionForm =
    {
        Width: int
        Heads: int
        /// The probability that a weight is zeroed while learning.
        Dropout: float
        /// Whether projections have biases.
        Bias: bool
        /// Whether every sequence gets one more key and value, which are learned.
        AddBiasKv: bool
        /// Whether every sequence gets one more key and value of zeros.
        AddZero: bool
        /// The widths of keys and values, where they are not that of the queries.
        KeyWidth: int option
        ValueWidth: int option
        /// Whether sequences are [N, L, E] rather than [L, N, E].
        BatchFirst: bool
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module AttentionForm =
    /// PyTorch's defaults.
    let standard width heads =
        { Width = width
          Heads = heads
          Dropout = 0.0
          Bias = true
          AddBiasKv = false
          AddZero = false
          KeyWidth = None
          ValueWidth = None
          BatchFirst = false }

/// What looks, what it looks at, and what it may not see.
type AttentionInput =
    {
        /// [L, N, E]
        Query: Tensor
        /// [S, N, width of keys]
        Key: Tensor
        /// [S, N, width of values]
        Value: Tensor
        Masks: AttentionMasks
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module AttentionInput =
    /// A sequence that looks at another one.
    let across (query: Tensor) (memory: Tensor) = { Query = query; Key = memory; Value = memory; Masks = Attention.noMasks }
    /// A sequence that looks at itself.
    let within (sequence: Tensor) = across sequence sequence

/// Attention as a layer. Parameters have PyTorch's names.
[<AutoOpen>]
module AttentionLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        /// Attention of a sequence to itself, [N, T, width] to [N, T, width], by heads of width / heads each (Vaswani et al. 2017). If
        /// causal, no position sees a later one. Parameters have PyTorch's names. Raises ArgumentValueException for heads that do
        /// not divide the width.
        let selfAttention isCausal heads width : Layer =
            if heads < 1 || width % heads <> 0 then
                raise (ArgumentValueException $"embed_dim {width} not divisible by num_heads {heads} (selfAttention)")

            let output = Nn.linear width width

            let init key =
                let struct (first, second) = Random.split2 key

                Branch
                    [ "in_proj_weight", Leaf(Initial.xavierUniform 1.0 first [ 3 * width; width ])
                      "in_proj_bias", Leaf(Tensor.zeros [ 3 * width ])
                      "out_proj", fst (output.Init second) ]

            let apply mode p (x: Tensor) =
                if x.Rank <> 3 || x.Shape[2] <> width then
                    raise (ShapeException $"selfAttention: expected input [N, T, {width}], but got {Shape.format x.Shape}")

                let packed = Tensor.linear x (Tree.tensor "in_proj_weight" p) (Some(Tree.tensor "in_proj_bias" p))

                let mixed = PackedAttention.attend isCausal heads packed |> Structure.swapAxes 1 2 |> Engine.reshape x.Shape

                output.Apply mode (Tree.find "out_proj" p) Tree.empty mixed |> fst

            { Init = fun key -> init key, Tree.empty
              Apply = fun mode p state x -> apply mode p x, state }

        let private attentionInit (form: AttentionForm) key =
            let width = form.Width
            let keys, values = defaultArg form.KeyWidth width, defaultArg form.ValueWidth width
            let keyOf place = Random.fold place key
            let weight place sizes = Leaf(Initial.xavierUniform 1.0 (keyOf place) sizes)
            let extra place = Leaf(Initial.xavierNormal 1.0 (keyOf place) [ 1; 1; width ])

            Branch
                [ if keys = width && values = width then
                      "in_proj_weight", weight 0 [ 3 * width; width ]
                  else
                      "q_proj_weight", weight 0 [ width; width ]
                      "k_proj_weight", weight 2 [ width; keys ]
                      "v_proj_weight", weight 3 [ width; values ]

                  if form.Bias then
                      "in_proj_bias", Leaf(Tensor.zeros [ 3 * width ])

                  if form.AddBiasKv then
                      "bias_k", extra 4
                      "bias_v", extra 5

                  "out_proj",
                  Branch
                      [ "weight", Leaf(LayerParts.fanIn width (keyOf 1) [ width; width ])
                        if form.Bias then
                            "bias", Leaf(Tensor.zeros [ width ]) ] ]

        let private attentionWeights p : AttentionWeights =
            let output = Tree.find "out_proj" p

            { Projection =
                match LayerParts.tryTensor "in_proj_weight" p with
                | Some joint -> Joint joint
                | None -> Apart(Tree.tensor "q_proj_weight" p, Tree.tensor "k_proj_weight" p, Tree.tensor "v_proj_weight" p)
              ProjectionBias = LayerParts.tryTensor "in_proj_bias" p
              Extra = Option.map2 (fun k v -> k, v) (LayerParts.tryTensor "bias_k" p) (LayerParts.tryTensor "bias_v" p)
              Output = Tree.tensor "weight" output
              OutputBias = LayerParts.tryTensor "bias" output }

        let private attending (form: AttentionForm) needsWeights =
            if form.Heads < 1 || form.Width % form.Heads <> 0 then
                raise (ArgumentValueException "embed_dim must be divisible by num_heads")

            let dropout = Nn.dropout form.Dropout
            let turn (t: Tensor) = if form.BatchFirst && t.Rank = 3 then Structure.swapAxes 0 1 t else t

            LayerParts.stateless (attentionInit form) (fun mode p (input: AttentionInput) ->
                // Tensors that are the same stay so: they are multiplied once.
                let query = turn input.Query
                let key = if obj.ReferenceEquals(input.Key, input.Query) then query else turn input.Key
                let value = if obj.ReferenceEquals(input.Value, input.Key) then key else turn input.Value
                Attention.requireFitting form.Heads input.Masks query key value

                let drop =
                    match mode with
                    | Train _ when form.Dropout > 0.0 -> Some(fun t -> dropout.Apply mode Tree.empty Tree.empty t |> fst)
                    | _ -> if needsWeights then Some id else None

                let struct (mixed, weights) =
                    Attention.multiHead form.Heads form.AddZero drop input.Masks (attentionWeights p) query key value

                turn mixed, weights)

        /// Attention with several heads (Vaswani et al. 2017), [L, N, width] like the queries. Raises ArgumentValueException for heads
        /// that do not divide the width, ShapeException for sequences and masks that do not fit.
        let multiheadAttention (form: AttentionForm) : Layer<AttentionInput, Tensor> = attending form false |> Nn.map fst

        /// The same with what each query looked at, [N, heads, L, S].
        let multiheadAttentionWithWeights (form: AttentionForm) : Layer<AttentionInput, Tensor * Tensor> =
            attending form true |> Nn.map (fun (mixed, weights) -> mixed, weights.Value)
