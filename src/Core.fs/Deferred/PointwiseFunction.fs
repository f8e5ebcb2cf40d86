namespace Functional

open System.Threading
open Functional.Contract

/// A pointwise function for given dtypes: its program, the dtype it gives, and what it costs.
[<Sealed; AllowNullLiteral>]
type internal TypedFunction(inputs: Dtype[], lowered: Lowered, result: Dtype) =
    let work = Work.ofProgram lowered.Program
    let plain = Fused(lowered.Program, lowered.Constants)

    let withNumbers: Fused[] =
        Array.zeroCreate (
            if inputs.Length <= TypedFunction.MaskedArguments then
                1 <<< inputs.Length
            else
                0
        )

    /// Functions of up to this many arguments have forms in which some of these are numbers.
    static member MaskedArguments = 4

    member _.Lowered = lowered
    member _.Result = result
    member _.Work = work
    member _.Arity = inputs.Length
    /// The function's program as it was lowered.
    member _.Plain = plain

    /// Whether this is the function for these dtypes. Dtypes without fields are one object each.
    member _.Takes(dtypes: Dtype[]) =
        let mutable same = true

        for i in 0 .. inputs.Length - 1 do
            if not (obj.ReferenceEquals(inputs[i], dtypes[i])) then
                same <- false

        same

    member _.Takes(a: Dtype) = obj.ReferenceEquals(inputs[0], a)
    member _.Takes(a: Dtype, b: Dtype) = obj.ReferenceEquals(inputs[0], a) && obj.ReferenceEquals(inputs[1], b)

    /// The program in which argument i is a number where bit i of `mask` is set. These numbers come first among
    /// the parameters, the caller's own after them.
    member _.WithNumbers(mask: int) =
        if mask = 0 then
            plain
        else
            match Volatile.Read &withNumbers[mask] with
            | null ->
                let fusion = Fusion()

                let place =
                    inputs
                    |> Array.mapi (fun i dtype ->
                        if mask &&& (1 <<< i) <> 0 then
                            fusion.Parameter(Dtype.compute dtype)
                        else
                            fusion.Load(fusion.Input dtype))

                let step = fusion.Apply(lowered, (fun i -> place[i]))
                let fused = fusion.Finish([| step |], [| result |])
                Volatile.Write(&withNumbers[mask], fused)
                fused
            | known -> known

[<RequireQualifiedAccess>]
module internal Slope =
    /// A tangent times a slope. Where the slope chooses, the choice comes first, so that an infinite tangent does not
    /// turn into nan on the branch that has slope 0.
    let rec times tangent slope =
        match slope with
        | Select(c, a, b) -> Select(c, times tangent a, times tangent b)
        | Constant(Real 0.0) -> slope
        | _ -> ScalarExpr.Simple(Mul, tangent, slope)

/// A scalar expression ready to be applied to tensors: it knows its dtypes, its lowered forms and its derivatives,
/// each worked out once.
[<Sealed; AllowNullLiteral>]
type PointwiseFunction(name: string, expr: ScalarExpr) =
    let struct (arity, parameters) = ScalarExpr.arity expr
    let mutable typed: TypedFunction[] = [||]

    let derivatives: Lazy<PointwiseDerivative voption>[] =
        Array.init arity (fun index -> lazy (PointwiseFunction.Differentiate(name, expr, arity, index)))

    let complexDerivatives: Lazy<PointwiseDerivative voption>[] =
        Array.init arity (fun index -> lazy (PointwiseFunction.DifferentiateComplex(name, expr, arity, index)))

    let isComplex = lazy (Wirtinger.isComplex expr)

    /// The storage dtype of the result: half precision stays half precision.
    let resultOf (inputs: Dtype[]) =
        let meet first second a b =
            match a, b with
            | ValueSome x, ValueNone when ScalarExpr.isComplexNumber second -> ValueSome(Dtype.toComplex x)
            | ValueNone, ValueSome y when ScalarExpr.isComplexNumber first -> ValueSome(Dtype.toComplex y)
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
                    | Unary(op, a) -> go a |> ValueOption.map (ScalarExpr.resultOfUnary op)
                    | Binary(op, a, b) -> meet a b (go a) (go b) |> ValueOption.map (ScalarExpr.resultOfBinary op)
                    | Select(_, a, b) -> meet a b (go a) (go b)
                    | Cast(dtype, _) -> ValueSome dtype

                memo[e] <- result
                result

        go expr

    let lower (inputs: Dtype[]) =
        Refusals.check name inputs

        let fallback =
            match inputs |> Array.tryFind Dtype.isDifferentiable with
            | Some dtype -> dtype
            | None -> Float32

        let result = resultOf inputs |> ValueOption.defaultValue fallback
        TypedFunction(inputs, Program.lower inputs fallback [| struct (expr, result) |], result)

    // Few combinations of dtypes occur, so a scan of a short array beats any table. When two threads miss at once,
    // one of the additions may be lost: that function is lowered once more.
    let add (inputs: Dtype[]) =
        let made = lower inputs
        typed <- Array.append typed [| made |]
        made

    static member private Differentiate(name, expr, arity, index) =
        Slopes.byArgument index expr
        |> ValueOption.map (fun d ->
            match d with
            | Constant(Real 1.0) -> Identity
            | d ->
                let struct (used, _) = ScalarExpr.names d
                let place = Array.init arity (fun i -> 1 + System.Array.IndexOf(used, i))
                let moved = ScalarExpr.substitute (fun i -> Arg place[i]) Param d
                Scaled(PointwiseFunction(name + "'", Slope.times (Arg 0) moved), used))

    /// The same for complex numbers: the tangent t moves the result by a t + b conj(t), the transpose gives conj(a) t + b conj(t).
    static member private DifferentiateComplex(name, expr, arity, index) =
        match Wirtinger.diff index expr with
        | struct (ValueNone, ValueNone) -> ValueNone
        | struct (ValueSome(Constant(Real 1.0)), ValueNone) -> ValueSome ComplexIdentity
        | struct (byValue, byConjugate) ->
            let t = Arg 0
            let slopes = [| byValue; byConjugate |] |> Array.collect ValueOption.toArray

            let used =
                slopes
                |> Array.collect (fun d -> (let struct (used, _) = ScalarExpr.names d in used))
                |> Array.distinct
                |> Array.sort

            let place = Array.init arity (fun i -> 1 + System.Array.IndexOf(used, i))
            let move = ValueOption.map (ScalarExpr.substitute (fun i -> Arg place[i]) Param)
            let byValue, byConjugate = move byValue, move byConjugate

            let sum byValue byConjugate =
                match byValue, byConjugate with
                | ValueSome a, ValueSome b -> Slope.times t a + Slope.times (ScalarExpr.conjugate t) b
                | ValueSome a, _ -> Slope.times t a
                | _, b -> Slope.times (ScalarExpr.conjugate t) b.Value

            let define expr = PointwiseFunction(name + "'", expr)

            ValueSome(
                ComplexScaled(
                    define (sum byValue byConjugate),
                    define (sum (byValue |> ValueOption.map ScalarExpr.conjugate) byConjugate),
                    used
                )
            )

    /// For error messages and anomaly reports.
    member _.Name = name
    member _.Expr = expr
    /// Tensor arguments.
    member _.Arity = arity
    /// Numbers handed in at the call.
    member _.Parameters = parameters

    /// The primitive made of this function, kept here by the engine so that it is made once.
    member val internal Primitive: obj | null = null with get, set

    /// The function for arguments of these dtypes. Raises DtypeException where they do not go together.
    member internal _.For(inputs: Dtype[]) : TypedFunction =
        match typed |> Array.tryFind _.Takes(inputs) with
        | Some known -> known
        | None -> add (Array.copy inputs)

    member internal _.For(a: Dtype) : TypedFunction =
        let known = typed
        let mutable i = 0

        while i < known.Length && not (known[i].Takes a) do
            i <- i + 1

        if i < known.Length then known[i] else add [| a |]

    member internal _.For(a: Dtype, b: Dtype) : TypedFunction =
        let known = typed
        let mutable i = 0

        while i < known.Length && not (known[i].Takes(a, b)) do
            i <- i + 1

        if i < known.Length then known[i] else add [| a; b |]

    /// The lowered program and the result's dtype for inputs of these dtypes.
    member this.Lower(inputs: Dtype[]) : struct (Lowered * Dtype) =
        let found = this.For inputs
        struct (found.Lowered, found.Result)

    /// How the result moves with argument i; none where it does not.
    member _.Derivative(index: int) : PointwiseDerivative voption = derivatives[index].Value
    /// The same where the argument or the result is complex.
    member _.ComplexDerivative(index: int) : PointwiseDerivative voption = complexDerivatives[index].Value
    /// Whether the expression itself takes complex numbers apart or makes them, whatever its arguments.
    member internal _.IsComplex = isComplex.Value

/// The linear map of a pointwise function in one of its arguments: its own transpose but for dtypes.
and PointwiseDerivative =
    /// The tangent as it is.
    | Identity
    /// A function of the tangent (argument 0) and those arguments of the original that the slope depends on.
    | Scaled of PointwiseFunction * used: int[]
    /// The complex tangent as it is.
    | ComplexIdentity
    /// Functions of a complex tangent or cotangent (argument 0), and those arguments: the map and its transpose.
    | ComplexScaled of apply: PointwiseFunction * transpose: PointwiseFunction * used: int[]
