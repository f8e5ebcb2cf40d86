namespace Functional.Contract

open System.Collections.Generic

/// Building and rewriting scalar expressions.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module ScalarExpr =
    let real x = Constant(Real x)
    let integer (x: int) = Constant(Integer(int64 x))
    let select condition a b = Select(condition, a, b)
    let eq a b = Compare(Eq, a, b)
    let lt a b = Compare(Lt, a, b)
    let le a b = Compare(Le, a, b)
    let gt a b = Compare(Gt, a, b)
    let ge a b = Compare(Ge, a, b)

    /// Every distinct subexpression once, arguments before what uses them.
    let memoize (f: (ScalarExpr -> 'R) -> ScalarExpr -> 'R) =
        let memo = Dictionary<ScalarExpr, 'R>(HashIdentity.Reference)

        let rec go e =
            match memo.TryGetValue e with
            | true, known -> known
            | _ ->
                let result = f go e
                memo[e] <- result
                result

        go

    /// Replaces arguments and parameters, keeping what is shared shared.
    let substitute (argument: int -> ScalarExpr) (parameter: int -> ScalarExpr) expr =
        let visit go e =
            match e with
            | Arg i -> argument i
            | Param i -> parameter i
            | Constant _ -> e
            | Unary(op, a) -> Unary(op, go a)
            | Binary(op, a, b) -> Binary(op, go a, go b)
            | Compare(op, a, b) -> Compare(op, go a, go b)
            | Select(c, a, b) -> Select(go c, go a, go b)
            | Cast(dtype, a) -> Cast(dtype, go a)

        memoize visit expr

    /// The arguments and the parameters that an expression names, each once, in rising order.
    let names expr =
        // Lists of numbers come compiled with .NET; sorted sets of them cost milliseconds at the start of every program.
        let arguments = List<int>()
        let parameters = List<int>()

        let note (known: List<int>) i =
            if not (known.Contains i) then
                known.Add i

        let visit go e =
            match e with
            | Arg i -> note arguments i
            | Param i -> note parameters i
            | Constant _ -> ()
            | Unary(_, a)
            | Cast(_, a) -> go a
            | Binary(_, a, b)
            | Compare(_, a, b) ->
                go a
                go b
            | Select(c, a, b) ->
                go c
                go a
                go b

        memoize visit expr
        arguments.Sort()
        parameters.Sort()
        struct (arguments.ToArray(), parameters.ToArray())

    /// The number of arguments and of parameters that an expression takes (one past the highest it names).
    let arity expr =
        let struct (arguments, parameters) = names expr
        let count (indices: int[]) = if indices.Length = 0 then 0 else indices[indices.Length - 1] + 1
        struct (count arguments, count parameters)

    /// The expression with its constants made parameters (behind its own ones), and their values.
    let lift expr : struct (ScalarExpr * Scalar[]) =
        let struct (_, own) = arity expr
        let numbers = List<Scalar>()

        let visit go e =
            match e with
            | Constant number ->
                numbers.Add number
                Param(own + numbers.Count - 1)
            | Arg _
            | Param _ -> e
            | Unary(op, a) -> Unary(op, go a)
            | Binary(op, a, b) ->
                let a = go a
                Binary(op, a, go b)
            | Compare(op, a, b) ->
                let a = go a
                Compare(op, a, go b)
            | Select(c, a, b) ->
                let c = go c
                let a = go a
                Select(c, a, go b)
            | Cast(dtype, a) -> Cast(dtype, go a)

        let lifted = memoize visit expr
        struct (lifted, numbers.ToArray())

    /// A text that two expressions share exactly when they are built alike.
    let key expr =
        let steps = List<string>()

        let put step =
            steps.Add step
            steps.Count - 1

        let visit go e =
            match e with
            | Arg i -> put $"a{i}"
            | Param i -> put $"p{i}"
            | Constant number -> put $"c{number}"
            | Unary(op, a) -> (let a = go a in put $"{op} {a}")
            | Binary(op, a, b) ->
                let a = go a
                let b = go b
                put $"{op} {a} {b}"
            | Compare(op, a, b) ->
                let a = go a
                let b = go b
                put $"{op} {a} {b}"
            | Select(c, a, b) ->
                let c = go c
                let a = go a
                let b = go b
                put $"? {c} {a} {b}"
            | Cast(dtype, a) -> (let a = go a in put $"{dtype} {a}")

        memoize visit expr |> ignore
        System.String.Join(";", steps)

    /// The dtype of what a unary function gives for an argument of this dtype.
    let resultOfUnary op dtype =
        match op with
        | Not -> Bool
        | Abs
        | RealPart
        | ImaginaryPart
        | Angle -> Dtype.toReal dtype
        | _ -> dtype

    /// The dtype of what a binary function gives for operands of this dtype.
    let resultOfBinary op dtype = if op = MakeComplex then Dtype.toComplex dtype else dtype

    /// Whether an expression that has no dtype of its own is a complex number: what it meets becomes complex.
    let rec isComplexNumber e =
        match e with
        | Constant(Complex _)
        | Binary(MakeComplex, _, _) -> true
        | Unary((Not | Abs | RealPart | ImaginaryPart | Angle), _) -> false
        | Unary(_, a) -> isComplexNumber a
        | Binary(_, a, b)
        | Select(_, a, b) -> isComplexNumber a || isComplexNumber b
        | _ -> false

    /// The conjugate, taken where the expression begins.
    let rec conjugate e =
        match e with
        | Unary(Conjugate, a) -> a
        | Constant(Real _)
        | Constant(Integer _) -> e
        | Select(c, a, b) -> Select(c, conjugate a, conjugate b)
        | _ -> Unary(Conjugate, e)
