namespace Functional

open Functional.Contract

/// Kernels along the last dimension that beat the composition of their parts: a primitive each, because measured.
[<RequireQualifiedAccess>]
module Rows =
    let private mul = Operands.binary Functions.mul
    let private sub = Operands.binary Functions.sub

    let rec private apply (kernel: RowKernel) (tensor: Tensor) : Tensor = Engine.bind (rowPrimitive kernel) [| tensor |]

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
                    raise (DtypeException $"\"{name}\" not implemented for '{Dtype.scalarTypeName specs[0].Dtype}'")

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
                    Engine.symmetric (fun t -> (let w = mul y t in sub w (mul y (Reductions.sum last w))))
                | LogSoftmax ->
                    let p = Operands.unary Functions.exp y

                    Engine.linear (fun t -> sub t (Reductions.sum last (mul p t))) (fun c ->
                        sub c (mul p (Reductions.sum last c)))
                | NormalizeRow epsilon ->
                    let x = args[0]
                    let centred = sub x (Reductions.average last x)
                    let variance = Reductions.average last (mul centred centred)
                    let scale = Operands.unary Functions.rsqrt (Operands.withRight Functions.add variance (Real epsilon))

                    Engine.symmetric (fun t ->
                        let inner = sub (sub t (Reductions.average last t)) (mul y (Reductions.average last (mul y t)))
                        mul scale inner)
          Batch = fun _ args _ -> apply kernel args[0] }

    /// exp(x) / sum(exp(x)) along the last dimension.
    let softmax tensor = apply Softmax tensor
    /// x - log(sum(exp(x))) along the last dimension.
    let logSoftmax tensor = apply LogSoftmax tensor
    /// (x - mean) / sqrt(variance + epsilon) along the last dimension.
    let normalize epsilon tensor = apply (NormalizeRow epsilon) tensor
