namespace Functional

open Functional.Contract

/// How queries, keys and values are projected before they are split into heads.
type AttentionProjection =
    /// One weight [3 * E, E] for inputs of one width: those of queries, keys and values one below the other.
    | Joint of Tensor
    /// [E, E], [E, width of keys] and [E, width of values].
    | Apart of query: Tensor * key: Tensor * value: Tensor

/// The weights of attention with several heads.
type AttentionWeights =
    {
        Projection: AttentionProjection
        /// [3 * E]
        ProjectionBias: Tensor option
        /// One more key and value for every sequence, [1, 1, E] each.
        Extra: (Tensor * Tensor) option
        /// [E, E]
        Output: Tensor
        /// [E]
        OutputBias: Tensor option
    }

/// What attention may not look at, as numbers to be added or (bool) true where it may not.
type AttentionMasks =
    {
        /// [L, S], or [N * heads, L, S]
        Scores: Tensor option
        /// [N, S]
        Keys: Tensor option
    }

/// Attention with several heads (Vaswani et al. 2017).
[<RequireQualifiedAccess>]
module Attention =
    let noMasks = { Scores = None; Keys = None }

    let private third i (t: Tensor) =
        let size = t.Shape[0] / 3
        Structure.narrow 0 (i * size) size t

    let private lastParts count (t: Tensor) =
        let size = t.Shape[t.Rank - 1] / count
        List.init count (fun i -> Structure.narrow (t.Rank - 1) (i * size) size t)

    /// Inputs that are the same tensor are multiplied once.
    let private project (w: AttentionWeights) (query: Tensor) (key: Tensor) (value: Tensor) =
        let same (a: Tensor) b = obj.ReferenceEquals(a, b)
        let bias i = w.ProjectionBias |> Option.map (third i)

        match w.Projection with
        | Joint weight when same query key && same key value ->
            match Tensor.linear query weight w.ProjectionBias |> lastParts 3 with
            | [ q; k; v ] -> struct (q, k, v)
            | _ -> struct (query, key, value)
        | Joint weight ->
            struct (Tensor.linear query (third 0 weight) (bias 0),
                    Tensor.linear key (third 1 weight) (bias 1),
                    Tensor.linear value (third 2 weight) (bias 2))
        | Apart(q, k, v) -> struct (Tensor.linear query q (bias 0), Tensor.linear key k (bias 1), Tensor.linear value v (bias 2))

    /// [T, N, E] as [N * heads, T, E / heads].
    let private split heads (t: Tensor) =
        Engine.reshape [| t.Shape[0]; t.Shape[1] * heads; t.Shape[2] / heads |] t |> Structure.swapAxes 0 1

    let private minusInfinity (like: Tensor) (mask: Tensor) =
        let number value = Operands.number like like.Dtype mask.Shape (Real value)
        Tensor.where mask (number -infinity) (number 0.0)

    /// A mask as numbers to add to the scores.
    let internal additive (like: Tensor) (mask: Tensor) = if mask.Dtype = Bool then minusInfinity like mask else mask

    /// A column for every key that was added; it may be looked at.
    let private widened extra (mask: Tensor) = if extra = 0 then mask else Tensor.padConstant 0.0 [ 0, extra ] mask

    /// What is to be added to the scores [N * heads, L, S], or none.
    let private combined heads extra (masks: AttentionMasks) (like: Tensor) =
        let keys =
            masks.Keys
            |> Option.map (fun mask ->
                let mask = widened extra mask
                let count, length = mask.Shape[0], mask.Shape[1]

                Engine.reshape [| count; 1; 1; length |] mask
                |> Engine.expand [| count; heads; 1; length |]
                |> Engine.reshape [| count * heads; 1; length |])

        match masks.Scores |> Option.map (widened extra), keys with
        | None, None -> None
        | Some mask, None
        | None, Some mask -> Some(additive like mask)
        | Some scores, Some keys -> Some(additive like scores + additive like keys)

    /// Raises ShapeException for queries, keys and values that are not [L, N, E], [S, N, ...] and [S, N, ...], and for masks of other sizes.
    let requireFitting heads (masks: AttentionMasks) (query: Tensor) (key: Tensor) (value: Tensor) =
        let listed (sizes: int[]) = System.String.Join(", ", sizes)

        if query.Rank <> 3 then
            raise (ShapeException $"query should be unbatched 2D or batched 3D tensor but received {query.Rank}-D query tensor")

        if key.Rank <> 3 || value.Rank <> 3 then
            raise (
                ShapeException
                    $"For batched (3-D) `query`, expected `key` and `value` to be 3-D but found {key.Rank}-D and {value.Rank}-D tensors respectively"
            )

        if key.Shape[0] <> value.Shape[0] || key.Shape[1] <> value.Shape[1] then
            raise (
                ShapeException
                    $"key's sequence and batch dims {Shape.format key.Shape[..1]} do not match value's {Shape.format value.Shape[..1]}"
            )

        let length, count, source = query.Shape[0], query.Shape[1], key.Shape[0]

        match masks.Scores with
        | Some mask ->
            let expected =
                match mask.Rank with
                | 2 -> [| length; source |]
                | 3 -> [| count * heads; length; source |]
                | rank -> raise (ShapeException $"attn_mask's dimension {rank} is not supported")

            if not (Shape.equal mask.Shape expected) then
                raise (
                    ShapeException
                        $"The shape of the {mask.Rank}D attn_mask is torch.Size([{listed mask.Shape}]), but should be ({listed expected})."
                )
        | None -> ()

        match masks.Keys with
        | Some mask when not (Shape.equal mask.Shape [| count; source |]) ->
            raise (
                ShapeException
                    $"expecting key_padding_mask shape of ({count}, {source}), but got torch.Size([{listed mask.Shape}])"
            )
        | _ -> ()

    /// Queries [L, N, E], keys [S, N, ...] and values [S, N, ...] to outputs [L, N, E] and weights [N, heads, L, S].
    /// With `addZero` there is one more key and value of zeros. `dropout`, if any, acts on the weights, which are given then;
    /// without it they are never in memory all at once.
    let multiHead
        heads
        addZero
        (dropout: (Tensor -> Tensor) option)
        (masks: AttentionMasks)
        (w: AttentionWeights)
        (query: Tensor)
        (key: Tensor)
        (value: Tensor)
        : struct (Tensor * Tensor voption) =
        let steps, count, width = query.Shape[0], query.Shape[1], query.Shape[2]

        if heads < 1 || width % heads <> 0 then
            raise (ArgumentValueException $"embed_dim {width} not divisible by num_heads {heads}")

        let struct (q, k, v) = project w query key value
        let behind (extra: Tensor) (t: Tensor) = Structure.concat 0 [| t; Engine.expand [| 1; count; width |] extra |]

        let k, v =
            match w.Extra with
            | Some(extraKey, extraValue) -> behind extraKey k, behind extraValue v
            | None -> k, v

        let k, v =
            if addZero then
                (let zero = Structure.zeros k [| 1; 1; width |] in behind zero k, behind zero v)
            else
                k, v

        let extra = k.Shape[0] - key.Shape[0]
        let q, k, v = split heads q, split heads k, split heads v
        let mask = combined heads extra masks q

        let struct (picked, weights) =
            match dropout with
            | None -> struct (FusedAttention.attend mask false None q k v, ValueNone)
            | Some drop ->
                let weights = drop (FusedAttention.lookOf mask false None q k v)
                struct (Contraction.matmul weights v, ValueSome(Engine.reshape [| count; heads; steps; k.Shape[1] |] weights))

        let mixed = picked |> Structure.swapAxes 0 1 |> Engine.reshape [| steps; count; width |]
        struct (Tensor.linear mixed w.Output w.OutputBias, weights)

    /// -infinity above the diagonal, 0 elsewhere: no position sees a later one.
    let causalMask size =
        let row = Tensor.arange 0 size 1
        let later = Tensor.gt (Tensor.unsqueeze 0 row) (Tensor.unsqueeze 1 row)
        minusInfinity (Tensor.zeros [ size; size ]) later

/// Attention of a sequence to itself, from queries, keys and values that one product made side by side: [N, T, 3 * width] to
/// [N, heads, T, width / heads]. A primitive, because the three cotangents then go straight to their places in one.
[<RequireQualifiedAccess>]
module internal PackedAttention =
    let private parts heads (packed: Tensor) =
        let size, steps, width = packed.Shape[0], packed.Shape[1], packed.Shape[2] / 3

        let apart =
            packed |> Engine.reshape [| size; steps; 3; heads; width / heads |] |> Structure.permute [| 2; 0; 3; 1; 4 |]

        Array.init 3 (fun i -> Tensor.select 0 i apart)

    let private composed isCausal heads packed =
        match parts heads packed with
        | [| query; key; values |] -> FusedAttention.attend None isCausal None query key values
        | _ -> packed

    /// The cotangent of the packed tensor at a concrete one.
    let private pullBack isCausal heads (packed: Tensor) (result: Tensor) (cotangent: Tensor) =
        let parts = parts heads packed
        let size, steps, each = packed.Shape[0], packed.Shape[1], packed.Shape[2] / 3
        let attention = FusedAttention.attendPrimitive isCausal (1.0 / sqrt (float (each / heads)))
        let target = View.contiguous packed.Shape (packed.Backend.Allocate(packed.Dtype, Shape.count packed.Shape))

        for i in 0 .. parts.Length - 1 do
            match attention.Linearize parts result i with
            | ValueSome linear ->
                let place =
                    { target with
                        Offset = i * each
                        Shape = [| size; heads; steps; each / heads |]
                        Strides = [| steps * 3 * each; each / heads; 3 * each; 1 |] }

                let part = Value.view (Engine.concrete (linear.Transpose cotangent))
                packed.Backend.Copy(part, place)
                // Nobody else has seen it.
                part.Buffer.Release()
            | ValueNone -> ()

        Concrete(Value.ofView packed.Backend target)

    let private isConcrete t =
        match t with
        | Concrete _ -> true
        | _ -> false

    let rec attend isCausal heads (packed: Tensor) : Tensor = Engine.bind (primitive isCausal heads) [| packed |]

    and primitive isCausal heads : Primitive =
        { Name = "self_attention"
          Infer =
            fun specs ->
                let shape = specs[0].Shape
                { specs[0] with Shape = [| shape[0]; heads; shape[1]; shape[2] / 3 / heads |] }
          Eval = fun _ values -> composed isCausal heads (Concrete values[0]) |> Engine.concrete
          Linearize =
            fun args result _ ->
                Engine.linear (fun t -> jvp (composed isCausal heads) args[0] t |> snd) (fun c ->
                    if isConcrete c && isConcrete result && isConcrete args[0] then
                        pullBack isCausal heads args[0] result c
                    else
                        snd (vjp (composed isCausal heads) args[0]) c)
          Batch =
            fun size args _ ->
                // Examples of examples: one batch for attention.
                let packed = args[0]
                let whole = attend isCausal heads (Structure.merge 0 2 packed)
                Engine.reshape (Array.append [| size; packed.Shape[1] |] whole.Shape[1..]) whole }
