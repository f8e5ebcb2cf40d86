namespace Functional

open System.Collections.Concurrent
open Functional.Contract

/// A scalar expression ready to be applied to tensors: it knows its dtypes, its lowered forms and its derivatives,
/// each worked out once.
[<Sealed; AllowNullLiteral>]
type PointwiseFunction(name: string, expr: ScalarExpr) =
    let struct (arity, parameters) = ScalarExpr.arity expr
    let uniform: Lowered[] = Array.zeroCreate Dtype.all.Length
    let uniformResult: Dtype[] = Array.zeroCreate Dtype.all.Length
    let mixed = ConcurrentDictionary<Dtype list, struct (Lowered * Dtype)>()
    let derivatives: PointwiseDerivative voption voption[] = Array.create (max 1 arity) ValueNone

    /// The storage dtype of the result: half precision stays half precision.
    let resultOf (inputs: Dtype[]) =
        let meet a b =
            match a, b with
            | ValueSome x, ValueSome y when x <> y -> ValueSome(Dtype.promote x y)
            | ValueSome x, _
            | _, ValueSome x -> ValueSome x
            | _ -> ValueNone

        let memo = System.Collections.Generic.Dictionary<ScalarExpr, Dtype voption>(HashIdentity.Reference)

        let rec go e =
            match memo.TryGetValue e with
            | true, known -> known
            | _ ->
                let result =
                    match e with
                    | Arg i -> ValueSome inputs[i]
                    | Constant _
                    | Param _ -> ValueNone
                    | Unary(Not, _)
                    | Compare _ -> ValueSome Bool
                    | Unary(_, a) -> go a
                    | Binary(_, a, b)
                    | Select(_, a, b) -> meet (go a) (go b)
                    | Cast(dtype, _) -> ValueSome dtype

                memo[e] <- result
                result

        go expr

    let lower (inputs: Dtype[]) =
        let fallback =
            match inputs |> Array.tryFind Dtype.isFloating with
            | Some dtype -> dtype
            | None -> Float32

        let result = resultOf inputs |> ValueOption.defaultValue fallback
        struct (Program.lower inputs fallback [| struct (expr, result) |], result)

    /// For error messages and anomaly reports.
    member _.Name = name
    member _.Expr = expr
    /// Tensor arguments.
    member _.Arity = arity
    /// Numbers handed in at the call.
    member _.Parameters = parameters

    /// The primitive made of this function, kept here by the engine so that it is made once.
    member val internal Primitive: obj | null = null with get, set

    /// The lowered program and the result's dtype for inputs of these dtypes.
    member _.Lower(inputs: Dtype[]) : struct (Lowered * Dtype) =
        if inputs.Length > 0 && inputs |> Array.forall (fun d -> d = inputs[0]) then
            let tag = Dtype.index inputs[0]

            if isNull (box uniform[tag]) then
                let struct (lowered, result) = lower inputs
                uniformResult[tag] <- result
                System.Threading.Volatile.Write(&uniform[tag], lowered)

            struct (uniform[tag], uniformResult[tag])
        else
            mixed.GetOrAdd(List.ofArray inputs, (fun _ -> lower inputs))

    /// How the result moves with argument i; none where it does not.
    member _.Derivative(index: int) : PointwiseDerivative voption =
        match derivatives[index] with
        | ValueSome known -> known
        | ValueNone ->
            let result =
                ScalarExpr.diff index expr
                |> ValueOption.map (fun d ->
                    match d with
                    | Constant(Real 1.0) -> Identity
                    | d ->
                        let struct (used, _) = ScalarExpr.names d
                        let place = Array.init arity (fun i -> 1 + System.Array.IndexOf(used, i))
                        let moved = ScalarExpr.substitute (fun i -> Arg place[i]) Param d
                        Scaled(PointwiseFunction(name + "'", ScalarExpr.Simple(Mul, Arg 0, moved)), used))

            derivatives[index] <- ValueSome result
            result

/// The linear map of a pointwise function in one of its arguments: its own transpose but for dtypes.
and PointwiseDerivative =
    /// The tangent as it is.
    | Identity
    /// A function of the tangent (argument 0) and those arguments of the original that the slope depends on.
    | Scaled of PointwiseFunction * used: int[]
