namespace Functional

open Functional.Contract

/// Scaled dot product attention as one primitive: the scores are never in memory all at once, neither on the way there nor on
/// the way back. Derivatives of derivatives, tangents and the mask's cotangent are written as the composition.
[<RequireQualifiedAccess>]
module FusedAttention =
    let private mul = Operands.binary Functions.mul
    let private sub = Operands.binary Functions.sub
    let private scaled (scale: float) t = Operands.withRight Functions.mul t (Real scale)
    let private last (t: Tensor) = [| t.Rank - 1 |]

    let private rows (t: Tensor) = t.Shape[t.Rank - 2]

    /// Minus infinity above the diagonal of [rows, columns], 0 elsewhere.
    let private causal (like: Tensor) rows columns =
        let place length shape =
            Creation.arange like.Backend Int64 length 0 1 |> Engine.reshape shape |> Engine.expand [| rows; columns |]

        let isBehind = Engine.pointwise Functions.gt [||] [| place columns [| 1; columns |]; place rows [| rows; 1 |] |]
        let number value = Operands.number like like.Dtype [| rows; columns |] (Real value)
        Engine.pointwise Functions.where [||] [| isBehind; number -infinity; number 0.0 |]

    /// How much every query looks at every key: [batch..., L, S], all of it in memory.
    let weights isCausal scale (mask: Tensor voption) (query: Tensor) (key: Tensor) : Tensor =
        let scores = Contraction.product false true (scaled scale query) key
        let add (a: Tensor) b = Operands.binary Functions.add a b

        let scores =
            match mask with
            | ValueSome m -> add scores m
            | ValueNone -> scores

        let scores = if isCausal then add scores (causal scores (rows query) (rows key)) else scores
        Rows.softmax scores

    /// The cotangents of query, key, values and mask, by the composition.
    let private parts isCausal scale mask (query: Tensor) key values cotangent =
        let w = weights isCausal scale mask query key
        let slopes = Contraction.product false true cotangent values
        let scores = mul w (sub slopes (Reductions.sum (last w) (mul w slopes)))

        [| scaled scale (Contraction.product false false scores key)
           scaled scale (Contraction.product true false scores query)
           Contraction.product true false w cotangent
           scores |]

    let private operands isCausal scale (values: Value[]) : AttentionOperands =
        { Query = Value.view values[0]
          Key = Value.view values[1]
          Values = Value.view values[2]
          Mask = (if values.Length > 3 then ValueSome(Value.view values[3]) else ValueNone)
          IsCausal = isCausal
          Scale = scale }

    let private concrete (t: Tensor) =
        match t with
        | Concrete _ -> true
        | _ -> false

    /// The cotangents, in one pass where nothing differentiates or maps over it.
    let private pullback isCausal scale (args: Tensor[]) (result: Tensor) (cotangent: Tensor) : Tensor[] =
        if args |> Array.forall concrete && concrete result && concrete cotangent then
            let values = args |> Array.map Engine.concrete
            let backend = values[0].Backend

            backend.AttendPullback(
                operands isCausal scale values,
                Value.view (Engine.concrete result),
                Value.view (Engine.concrete cotangent)
            )
            |> Array.mapi (fun i buffer -> View.contiguous args[i].Shape buffer |> Value.ofView backend |> Concrete)
        else
            let mask = if args.Length > 3 then ValueSome args[3] else ValueNone
            parts isCausal scale mask args[0] args[1] args[2] cotangent

    let rec private bound isCausal scale (args: Tensor[]) : Tensor = Engine.bind (attendPrimitive isCausal scale) args

    /// Arguments: queries [batch..., L, E], keys [batch..., S, E], values [batch..., S, V], and perhaps a mask [batch..., L, S].
    and attendPrimitive isCausal (scale: float) : Primitive =
        let together = Together()

        { Name = "attention"
          Infer =
            fun specs ->
                let query = specs[0].Shape
                let rank = query.Length
                let isMatrix = specs |> Array.forall (fun spec -> spec.Shape.Length = rank) && rank >= 2
                let size i d = if isMatrix then specs[i].Shape[rank - d] else 0
                let length, seen, depth = size 0 2, size 1 2, size 2 1
                let batch = Array.truncate (rank - 2) query
                let fits i r c = Shape.equal specs[i].Shape (Array.append batch [| r; c |])

                let isRight = isMatrix && fits 1 seen (size 0 1) && fits 2 seen depth && (specs.Length < 4 || fits 3 length seen)

                if not isRight then
                    let shapes = specs |> Array.map (fun s -> Shape.format s.Shape) |> String.concat ", "

                    raise (
                        ShapeException
                            $"scaled_dot_product_attention: expected query [..., L, E], key [..., S, E], value [..., S, V] and mask [..., L, S], but got {shapes}"
                    )

                for spec in specs do
                    if not (Dtype.isFloating spec.Dtype) then
                        raise (
                            DtypeException
                                $"\"scaled_dot_product_attention\" not implemented for '{Dtype.scalarTypeName spec.Dtype}': it takes floating-point tensors; use Tensor.cast Float32"
                        )

                    if spec.Dtype <> specs[0].Dtype then
                        raise (
                            DtypeException
                                $"Expected query, key, and value to have the same dtype, but got query.dtype: {Dtype.name specs[0].Dtype} and {Dtype.name spec.Dtype} instead. (scaled_dot_product_attention)"
                        )

                { specs[0] with Shape = Array.append batch [| length; depth |] }
          Eval =
            fun backend values ->
                let shape = Array.updateAt (values[0].Shape.Length - 1) (Array.last values[2].Shape) values[0].Shape
                backend.Attend(operands isCausal scale values) |> View.contiguous shape |> Value.ofView backend
          Linearize =
            fun args result i ->
                let query, key, values = args[0], args[1], args[2]
                let mask = if args.Length > 3 then ValueSome args[3] else ValueNone

                let apply t =
                    let w = weights isCausal scale mask query key

                    let moved scores =
                        Contraction.product false false (mul w (sub scores (Reductions.sum (last w) (mul w scores)))) values

                    match i with
                    | 0 -> moved (Contraction.product false true (scaled scale t) key)
                    | 1 -> moved (Contraction.product false true (scaled scale query) t)
                    | 2 -> Contraction.product false false w t
                    | _ -> moved t

                let transpose c =
                    if i = 3 then
                        (parts isCausal scale mask query key values c)[3]
                    else
                        (together.Of(args[0], c, (fun () -> pullback isCausal scale args result c)))[i]

                Engine.linear apply transpose
          Batch = fun size args flags -> bound isCausal scale (Engine.leadAll size args flags) }

    /// Arguments of one batch shape, as the primitive takes them, and the scale.
    let private fitted
        (mask: Tensor option)
        isCausal
        (scale: float option)
        (query: Tensor)
        (key: Tensor)
        (values: Tensor)
        : struct (float * Tensor[]) =
        if query.Rank < 2 || key.Rank < 2 || values.Rank < 2 then
            raise (
                ShapeException
                    $"scaled_dot_product_attention: Expected query, key, and value to all be at least 2 dimensional, but got query.dim(): {query.Rank}, key.dim(): {key.Rank}, value.dim(): {values.Rank} instead."
            )

        if isCausal && mask.IsSome then
            raise (
                ArgumentValueException "scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
            )

        let lead (t: Tensor) = Array.truncate (t.Rank - 2) t.Shape
        let masks = Option.toList mask

        let batch =
            [ query; key; values ] @ List.filter (fun (m: Tensor) -> m.Rank > 2) masks
            |> List.map lead
            |> List.reduce Shape.broadcast

        let fit (t: Tensor) = Engine.expand (Array.append batch (Array.skip (t.Rank - 2) t.Shape)) t

        let added (m: Tensor) =
            let number value = Operands.number query query.Dtype m.Shape (Real value)

            let m =
                if m.Dtype = Bool then
                    Engine.pointwise Functions.where [||] [| m; number 0.0; number -infinity |]
                else
                    Engine.cast query.Dtype m

            Engine.expand (Array.append batch [| rows query; rows key |]) m

        struct (defaultArg scale (1.0 / sqrt (float query.Shape[query.Rank - 1])),
                [| fit query; fit key; fit values; yield! List.map added masks |])

    /// softmax(scale * query keyT + mask) values. Batch dimensions broadcast. A mask of truths says what may be looked at, a mask of
    /// numbers is added to the scores; if causal, position i sees nothing behind position i. The scale is 1 / sqrt(E) unless given.
    let attend (mask: Tensor option) isCausal (scale: float option) (query: Tensor) (key: Tensor) (values: Tensor) : Tensor =
        let struct (scale, args) = fitted mask isCausal scale query key values
        bound isCausal scale args

    /// How much every query looks at every key, [batch..., L, S], for those who change it before they pick among values.
    let lookOf (mask: Tensor option) isCausal (scale: float option) (query: Tensor) (key: Tensor) (values: Tensor) : Tensor =
        let struct (scale, args) = fitted mask isCausal scale query key values
        weights isCausal scale (if args.Length > 3 then ValueSome args[3] else ValueNone) args[0] args[1]
