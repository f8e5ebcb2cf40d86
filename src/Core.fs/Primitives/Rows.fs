namespace Functional

open Functional.Contract

/// Kernels along the last dimension that beat the composition of their parts: a primitive each, because measured.
[<RequireQualifiedAccess>]
module Rows =
    let private mul = Operands.binary Functions.mul
    let private sub = Operands.binary Functions.sub

    let private average axes tensor = Reductions.average axes tensor

    let private stored (value: Value) shape buffer = View.contiguous shape buffer |> Value.ofView value.Backend |> Concrete

    /// The pullback of a row kernel, in one pass where nothing differentiates or maps over it; otherwise as its parts.
    let private pullback kernel (point: Tensor) (cotangent: Tensor) (parts: Tensor -> Tensor) =
        match point, cotangent with
        | Concrete value, Concrete along ->
            value.Backend.RowsPullback(kernel, Value.view value, Value.view along) |> stored value value.Shape
        | _ -> parts cotangent

    let rec private apply (kernel: RowKernel) (tensor: Tensor) : Tensor = Engine.bind (rowPrimitive kernel) [| tensor |]

    /// The Jacobian of a normalization at x, which is symmetric: (t - mean(t) - y mean(y t)) / sqrt(variance + epsilon).
    and private slope epsilon (x: Tensor) : Tensor -> Tensor =
        let last = [| x.Rank - 1 |]
        let y = apply (NormalizeRow epsilon) x
        let centred = sub x (average last x)
        let variance = average last (mul centred centred)
        let scale = Operands.unary Functions.rsqrt (Operands.withRight Functions.add variance (Real epsilon))
        fun t -> mul scale (sub (sub t (average last t)) (mul y (average last (mul y t))))

    and rowPrimitive kernel : Primitive =
        let name =
            match kernel with
            | Softmax -> "softmax"
            | LogSoftmax -> "log_softmax"
            | NormalizeRow _ -> "normalizeRow"

        { Name = name
          Infer =
            fun specs ->
                if not (Dtype.isFloating specs[0].Dtype) then
                    raise (
                        DtypeException
                            $"\"{name}\" not implemented for '{Dtype.scalarTypeName specs[0].Dtype}': it takes floating-point tensors; cast this one of shape {Shape.format specs[0].Shape} with Tensor.cast Float32"
                    )

                specs[0]
          Eval =
            fun backend values ->
                backend.Rows(kernel, Value.view values[0]) |> View.contiguous values[0].Shape |> Value.ofView backend
          Linearize =
            fun args y _ ->
                let last = [| y.Rank - 1 |]

                match kernel with
                | Softmax ->
                    // J = diag(y) - y yT
                    let parts t = (let w = mul y t in sub w (mul y (Reductions.sum last w)))
                    Engine.linear parts (fun c -> pullback kernel y c parts)
                | LogSoftmax ->
                    let p = Operands.unary Functions.exp y
                    let parts c = sub c (mul p (Reductions.sum last c))
                    Engine.linear (fun t -> sub t (Reductions.sum last (mul p t))) (fun c -> pullback kernel y c parts)
                | NormalizeRow epsilon ->
                    let x = args[0]

                    Engine.linear (fun t -> slope epsilon x t) (fun c -> pullback kernel x c (fun t -> slope epsilon x t))
          Batch = fun _ args _ -> apply kernel args[0] }

    /// Layer norm over the last dimension: normalized, times `weight`, plus `bias`, one of each for every column (Ba, Kiros and
    /// Hinton 2016). All of one floating dtype.
    let rec layerNorm epsilon (weight: Tensor) (bias: Tensor) (tensor: Tensor) : Tensor =
        Engine.bind (layerNormPrimitive epsilon) [| tensor; weight; bias |]

    /// The cotangents of layer norm's arguments, in one pass where nothing differentiates or maps over it.
    and private layerNormPullback epsilon (x: Tensor) (weight: Tensor) (cotangent: Tensor) : Tensor[] =
        match x, weight, cotangent with
        | Concrete value, Concrete factor, Concrete along ->
            value.Backend.NormalizeRowsPullback(Value.view value, epsilon, Value.view factor, Value.view along)
            |> Array.mapi (fun i buffer -> stored value (if i = 0 then value.Shape else factor.Shape) buffer)
        | _ ->
            let y = apply (NormalizeRow epsilon) x

            [| slope epsilon x (mul cotangent (Engine.expand x.Shape weight))
               Engine.sumTo weight.Shape (mul cotangent y)
               Engine.sumTo weight.Shape cotangent |]

    and layerNormPrimitive epsilon : Primitive =
        let normalize x = apply (NormalizeRow epsilon) x
        let together = Together()

        { Name = "layer_norm"
          Infer =
            fun specs ->
                let columns = Array.tryLast specs[0].Shape |> Option.toArray

                for spec in specs do
                    if not (Dtype.isFloating spec.Dtype) then
                        raise (
                            DtypeException
                                $"\"layer_norm\" not implemented for '{Dtype.scalarTypeName spec.Dtype}': it takes floating-point tensors; use Tensor.cast Float32"
                        )

                    if spec.Dtype <> specs[0].Dtype then
                        raise (
                            DtypeException
                                $"expected scalar type {Dtype.scalarTypeName specs[0].Dtype} but found {Dtype.scalarTypeName spec.Dtype} (layer_norm: input, weight and bias have one dtype)"
                        )

                for spec in [ specs[1]; specs[2] ] do
                    if columns.Length = 0 || not (Shape.equal spec.Shape columns) then
                        raise (
                            ShapeException
                                $"Expected weight and bias to be of same shape as normalized_shape, but got weight of shape {Shape.format specs[1].Shape}, bias of shape {Shape.format specs[2].Shape} and input of shape {Shape.format specs[0].Shape} (layer_norm over the last dimension)"
                        )

                specs[0]
          Eval =
            fun backend values ->
                backend.NormalizeRows(Value.view values[0], epsilon, Value.view values[1], Value.view values[2])
                |> View.contiguous values[0].Shape
                |> Value.ofView backend
          Linearize =
            fun args _ i ->
                let x, weight = args[0], args[1]
                let wide t = Engine.expand x.Shape t

                let moved t =
                    match i with
                    | 0 -> mul (slope epsilon x t) (wide weight)
                    | 1 -> mul (normalize x) (wide t)
                    | _ -> wide t

                Engine.linear moved (fun c -> (together.Of(x, c, (fun () -> layerNormPullback epsilon x weight c)))[i])
          Batch =
            fun size args flags ->
                match flags with
                | [| true; false; false |] -> layerNorm epsilon args[1] args[2] args[0]
                | _ ->
                    // Every example has columns of its own: [size, 1 ..., n].
                    let x = Engine.lead size flags[0] args[0]

                    let columns =
                        Array.init x.Rank (fun d ->
                            if d = 0 then size
                            elif d = x.Rank - 1 then x.Shape[d]
                            else 1)

                    let each i = Engine.lead size flags[i] args[i] |> Engine.reshape columns |> Engine.expand x.Shape
                    Operands.binary Functions.add (mul (normalize x) (each 1)) (each 2) }

    /// exp(x) / sum(exp(x)) along the last dimension.
    let softmax tensor = apply Softmax tensor
    /// x - log(sum(exp(x))) along the last dimension.
    let logSoftmax tensor = apply LogSoftmax tensor
    /// (x - mean) / sqrt(variance + epsilon) along the last dimension.
    let normalize epsilon tensor = apply (NormalizeRow epsilon) tensor
