namespace Functional.Contract

open System
open System.Collections.Generic
open System.Threading

/// One step of a program; operands are the numbers of earlier steps.
[<RequireQualifiedAccess>]
type Instruction =
    /// The element of input `input`, widened to its compute dtype.
    | Load of input: int
    /// A number handed in at the call.
    | Parameter of index: int
    | Unary of unary: Unary * a: int
    | Binary of binary: Binary * a: int * b: int
    | Compare of comparison: Comparison * a: int * b: int
    | Select of condition: int * whenTrue: int * whenFalse: int
    /// The value rounded (or wrapped) to `dtype`.
    | Cast of dtype: Dtype * a: int

/// A pointwise function in static single assignment form: all that a backend sees of one.
/// Constants are parameters too, so that programs differing only in numbers are one program.
/// Half precision lives in float32 registers; only `Load`, `Cast` and storing know about it.
[<Sealed; AllowNullLiteral>]
type Program(inputs: Dtype[], parameters: Dtype[], code: Instruction[], types: Dtype[], outputs: int[], results: Dtype[]) =
    static let mutable counter = 0
    let id = Interlocked.Increment &counter

    /// Unique in the process; backends key their compiled kernels by it.
    member _.Id = id
    /// Storage dtype of each input.
    member _.Inputs = inputs
    /// Register dtype of each parameter.
    member _.Parameters = parameters
    member _.Code = code
    /// Register dtype of each step: Bool after a comparison, never Float16 or BFloat16.
    member _.Types = types
    /// The steps whose values are stored.
    member _.Outputs = outputs
    /// Storage dtype of each output.
    member _.Results = results

    override _.ToString() =
        let step i (instruction: Instruction) = $"  %%{i}: {Dtype.name types[i]} = {instruction}"
        String.Join("\n", Array.mapi step code) + $"\n  -> {outputs |> Array.toList}"

/// An expression lowered for given input dtypes: the program and the values of its own constants.
/// The program's parameters are the expression's `Param`s first, its constants after them.
type Lowered =
    {
        Program: Program
        /// Parameters 0 .. Own - 1 are filled by the caller.
        Own: int
        Constants: Scalar[]
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Program =
    /// The dtype of a register that holds this expression, or none for a number that takes the dtype of what it meets.
    let private typeOf (inputs: Dtype[]) =
        let memo = Dictionary<ScalarExpr, Dtype voption>(HashIdentity.Reference)

        // The name is made where an error needs it: F# formats a case by reflection, which takes long.
        let meet (operation: unit -> string) first second a b =
            match a, b with
            | ValueSome x, ValueNone when ScalarExpr.isComplexNumber second -> ValueSome(Dtype.toComplex x)
            | ValueNone, ValueSome y when ScalarExpr.isComplexNumber first -> ValueSome(Dtype.toComplex y)
            // A real number meets a complex one of its precision as a complex number.
            | ValueSome x, ValueSome y when x <> y && Dtype.isComplex x <> Dtype.isComplex y && Dtype.toReal x = Dtype.toReal y ->
                ValueSome(Dtype.toComplex x)
            | ValueSome x, ValueSome y when x <> y ->
                raise (
                    DtypeException
                        $"expected both operands of {operation ()} to have the same dtype, but got {Dtype.name x} and {Dtype.name y}; cast one of them"
                )
            | ValueSome x, _
            | _, ValueSome x -> ValueSome x
            | _ -> ValueNone

        let rec go e =
            match memo.TryGetValue e with
            | true, known -> known
            | _ ->
                let result =
                    match e with
                    | Arg i -> ValueSome(Dtype.compute inputs[i])
                    | Constant _
                    | Param _ -> ValueNone
                    | Unary(Not, a) ->
                        go a |> ignore
                        ValueSome Bool
                    | Unary(op, a) -> go a |> ValueOption.map (ScalarExpr.resultOfUnary op)
                    | Binary(op, a, b) ->
                        meet (fun () -> string op) a b (go a) (go b) |> ValueOption.map (ScalarExpr.resultOfBinary op)
                    | Compare(op, a, b) ->
                        meet (fun () -> string op) a b (go a) (go b) |> ignore
                        ValueSome Bool
                    | Select(c, a, b) ->
                        go c |> ignore
                        meet (fun () -> "Select") a b (go a) (go b)
                    | Cast(dtype, _) -> ValueSome(Dtype.compute dtype)

                memo[e] <- result
                result

        go

    /// Lowers expressions over inputs of these storage dtypes to one program that stores each of them as the
    /// given result dtype. Equal steps are computed once. Raises DtypeException where operands do not go together.
    let lower (inputs: Dtype[]) (fallback: Dtype) (outputs: struct (ScalarExpr * Dtype)[]) : Lowered =
        let typeOf = typeOf inputs
        let code = List<Instruction>()
        let types = List<Dtype>()
        let numbered = Dictionary<struct (Instruction * Dtype), int>()
        let visited = Dictionary<struct (ScalarExpr * Dtype), int>()
        let constants = List<struct (Scalar * Dtype)>()

        let own = outputs |> Array.fold (fun n (struct (e, _)) -> (let struct (_, p) = ScalarExpr.arity e in max n p)) 0

        let ownTypes = Array.create own ValueNone

        let emit instruction dtype =
            match numbered.TryGetValue(struct (instruction, dtype)) with
            | true, i -> i
            | _ ->
                code.Add instruction
                types.Add dtype
                numbered[struct (instruction, dtype)] <- code.Count - 1
                code.Count - 1

        /// What a function of complex numbers is for a real one.
        let ofReal op a =
            match op with
            | Conjugate
            | RealPart -> ValueSome a
            | ImaginaryPart -> ValueSome(ScalarExpr.real 0.0)
            | Angle ->
                let known = ScalarExpr.select (Compare(Ne, a, a)) a (ScalarExpr.real 0.0)
                ValueSome(ScalarExpr.select (ScalarExpr.lt a (ScalarExpr.real 0.0)) (ScalarExpr.real Math.PI) known)
            | _ -> ValueNone

        let rec go (wanted: Dtype) e =
            let key = struct (e, wanted)

            match visited.TryGetValue key with
            | true, i -> i
            | _ ->
                let result =
                    match e with
                    | Arg i -> emit (Instruction.Load i) (Dtype.compute inputs[i])
                    | Param i ->
                        match ownTypes[i] with
                        | ValueSome t when t <> wanted ->
                            raise (
                                DtypeException
                                    $"parameter {i} of a scalar expression is used as {Dtype.name t} and as {Dtype.name wanted}"
                            )
                        | _ -> ownTypes[i] <- ValueSome wanted

                        emit (Instruction.Parameter i) wanted
                    | Constant value ->
                        let value = Scalar.toDtype wanted value
                        let entry = struct (value, wanted)

                        let index =
                            match constants.IndexOf entry with
                            | -1 ->
                                constants.Add entry
                                constants.Count - 1
                            | i -> i

                        emit (Instruction.Parameter(own + index)) wanted
                    | Unary(op, a) ->
                        let dtype = typeOf a |> ValueOption.defaultValue wanted

                        match ofReal op a with
                        | ValueSome simpler when not (Dtype.isComplex dtype) -> go dtype simpler
                        | _ -> emit (Instruction.Unary(op, go dtype a)) (ScalarExpr.resultOfUnary op dtype)
                    | Binary(op, a, b) ->
                        let met = typeOf e |> ValueOption.defaultValue wanted
                        let dtype = if op = MakeComplex then Dtype.toReal met else met
                        let a = operand dtype a
                        let b = operand dtype b
                        emit (Instruction.Binary(op, a, b)) (ScalarExpr.resultOfBinary op dtype)
                    | Compare(op, a, b) ->
                        let dtype =
                            match typeOf a, typeOf b with
                            | ValueSome t, ValueNone when ScalarExpr.isComplexNumber b -> Dtype.toComplex t
                            | ValueNone, ValueSome t when ScalarExpr.isComplexNumber a -> Dtype.toComplex t
                            | ValueSome t, ValueSome other -> if Dtype.isComplex other then other else t
                            | ValueSome t, _
                            | _, ValueSome t -> t
                            | _ -> Dtype.compute fallback

                        let a = operand dtype a
                        let b = operand dtype b
                        emit (Instruction.Compare(op, a, b)) Bool
                    | Select(c, a, b) ->
                        let dtype = typeOf e |> ValueOption.defaultValue wanted
                        let c = go Bool c
                        let a = operand dtype a
                        let b = operand dtype b
                        emit (Instruction.Select(c, a, b)) dtype
                    | Cast(dtype, a) ->
                        let source = typeOf a |> ValueOption.defaultValue (Dtype.compute dtype)
                        let a = go source a

                        if source = dtype then
                            a
                        else
                            emit (Instruction.Cast(dtype, a)) (Dtype.compute dtype)

                visited[key] <- result
                result

        /// An operand at the dtype in which it meets the other: a real number may have to become complex.
        and operand dtype e =
            let step = go dtype e

            if Dtype.isComplex dtype && not (Dtype.isComplex types[step]) then
                emit (Instruction.Cast(dtype, step)) dtype
            else
                step

        let steps =
            outputs
            |> Array.map (fun (struct (e, result)) ->
                let register = Dtype.compute result
                let step = go (typeOf e |> ValueOption.defaultValue register) e

                if types[step] = register then
                    step
                else
                    emit (Instruction.Cast(result, step)) register)

        let parameterTypes =
            Array.append
                (ownTypes |> Array.map (ValueOption.defaultValue (Dtype.compute fallback)))
                (constants.ToArray() |> Array.map (fun (struct (_, t)) -> t))

        { Program =
            Program(
                inputs,
                parameterTypes,
                code.ToArray(),
                types.ToArray(),
                steps,
                outputs |> Array.map (fun (struct (_, r)) -> r)
            )
          Own = own
          Constants = constants.ToArray() |> Array.map (fun (struct (v, _)) -> v) }
