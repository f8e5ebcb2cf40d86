namespace Functional.Golden

open System
open System.Collections
open System.Collections.Generic
open System.Reflection
open System.Runtime.CompilerServices
open Functional.Torch

/// From the values of a call to the parameters of a member, as a C# programmer would write them down.
module Binding =
    let rec index (value: Value) : TensorIndex option =
        match value with
        | Whole i -> Some(TensorIndex.Single i)
        | Truth b -> Some(TensorIndex.Bool b)
        | Nothing -> Some TensorIndex.None
        | Dots -> Some TensorIndex.Ellipsis
        | Slice(start, stop, step) ->
            let bound = Option.toNullable
            Some(TensorIndex.Slice(bound start, bound stop, bound step))
        | Thing(:? torch.Tensor as t) -> Some(TensorIndex.Tensor t)
        | Sequence items when
            items
            |> List.forall (function
                | Whole _ -> true
                | _ -> false)
            ->
            let positions =
                items
                |> List.map (function
                    | Whole i -> i
                    | _ -> 0L)
                |> Array.ofList

            Some(TensorIndex.Tensor(torch.tensor positions))
        | Sequence items when
            items
            |> List.forall (function
                | Truth _ -> true
                | _ -> false)
            ->
            let truths =
                items
                |> List.map (function
                    | Truth b -> b
                    | _ -> false)
                |> Array.ofList

            Some(TensorIndex.Tensor(torch.tensor truths))
        | _ -> None

    let rec convert (wide: bool) (back: objnull -> Value) (target: Type) (value: Value) : (objnull * int) option =
        let again t v = convert wide back t v

        let sequence items (item: Type) =
            match Literals.all (items |> List.map (again item)) with
            | Some converted ->
                let result = Array.CreateInstance(item, converted.Length)
                converted |> List.iteri (fun i (x, _) -> result.SetValue(x, i))
                Some(box result, 1 + (converted |> List.fold (fun worst (_, s) -> max worst s) 0))
            | None -> None

        match value with
        | Nothing when not target.IsValueType || not (isNull (Nullable.GetUnderlyingType target)) -> Some(null, 1)
        | Thing x when target.IsInstanceOfType x && target <> typeof<obj> -> Some(x, 0)
        | Mapping items when target = typeof<torch.optim.ParamGroup> ->
            let parameters =
                items
                |> List.collect (function
                    | Text "params", Sequence ts -> ts
                    | _ -> [])

            let group =
                torch.optim.ParamGroup
                    [ for p in parameters do
                          match p with
                          | Thing(:? torch.Tensor as t) -> t
                          | _ -> () ]

            for key, value in items do
                match key, raw value with
                | Text "params", _ -> ()
                | Text name, NonNull option -> group[name] <- option
                | _ -> ()

            Some(box group, 2)
        | _ ->
            match Nullable.GetUnderlyingType target with
            | null ->
                match value with
                | _ when target = typeof<TensorIndex> -> index value |> Option.map (fun i -> box i, 2)
                | Whole i when target = typeof<int64> -> Some(box i, 0)
                | Whole i when target = typeof<int> -> Some(box (int i), 1)
                | (Whole _ | Number _ | Truth _ | Imaginary _) when target = typeof<Scalar> ->
                    Literals.scalar value |> Option.map (fun s -> box s, 1)
                | Number x when target = typeof<float> -> Some(box x, 0)
                | Whole i when target = typeof<float> -> Some(box (float i), 2)
                | Truth b when target = typeof<bool> -> Some(box b, 0)
                | Whole i when target = typeof<bool> && (i = 0L || i = 1L) -> Some(box (i = 1L), 7)
                | Truth b when target = typeof<int64> -> Some(box (if b then 1L else 0L), 3)
                | Text s when target = typeof<string> -> Some(box s, 0)
                | Text s when target.IsEnum ->
                    let plain (t: string) = t.Replace("_", "").Replace("-", "").ToLowerInvariant()

                    match Enum.GetNames target |> Array.tryFind (fun n -> plain n = plain s) with
                    | Some name -> Some(Enum.Parse(target, name), 1)
                    | None -> None
                | Kind k when target = typeof<torch.ScalarType> -> Some(box k, 0)
                | Text s when target = typeof<torch.Device> -> Some(box (torch.device s), 1)
                | Thing(:? torch.Tensor as t) when target = typeof<int64> && t.dim () = 0L && t.is_integral () ->
                    Some(box (t.ToInt64()), 8)
                | Thing(:? torch.Tensor as t) when target = typeof<Scalar> && t.dim () = 0L -> Some(box (t.item ()), 8)
                | Function(parameters, results, f) when typeof<Delegate>.IsAssignableFrom target ->
                    accepts target parameters results |> Option.map (fun s -> delegateOf wide back target f, s)
                | Sequence items when target = typeof<int64[]> -> sequence items typeof<int64>
                | Whole _ when target = typeof<int64[]> -> sequence [ value ] typeof<int64> |> Option.map (fun (x, _) -> x, 6)
                | Sequence items when typeof<ITuple>.IsAssignableFrom target && target.IsValueType ->
                    let types = target.GetGenericArguments()

                    if types.Length <> items.Length then
                        None
                    else
                        match Literals.all (List.map2 again (List.ofArray types) items) with
                        | Some parts ->
                            Activator.CreateInstance(target, [| for x, _ in parts -> x |])
                            |> Option.ofObj
                            |> Option.map (fun t -> t, 1)
                        | None -> None
                | Mapping items when target.IsGenericType && target.GetGenericTypeDefinition() = typedefof<IDictionary<_, _>> ->
                    let types = target.GetGenericArguments()

                    let result =
                        Activator.CreateInstance(typedefof<Dictionary<_, _>>.MakeGenericType types) |> Unchecked.nonNull
                        :?> IDictionary

                    let pairs =
                        items
                        |> List.map (fun (k, v) ->
                            again types[0] k, (if types[1] = typeof<obj> then Some(raw v, 3) else again types[1] v))

                    if pairs |> List.forall (fun (k, v) -> k.IsSome && v.IsSome) then
                        for k, v in pairs do
                            result.Add(Unchecked.nonNull (fst k.Value), fst v.Value)

                        Some(box result, 1)
                    else
                        None
                | Sequence items when
                    target.IsArray && target.GetArrayRank() = 1 && not (target.GetElementType() |> Unchecked.nonNull).IsPrimitive
                    ->
                    match sequence items (target.GetElementType() |> Unchecked.nonNull) with
                    | Some found -> Some found
                    | None -> Literals.dataArray wide target value
                | Sequence items when target.IsGenericType && target.IsInterface && target.GetGenericArguments().Length = 1 ->
                    sequence items (target.GetGenericArguments()[0])
                | Sequence _ when target.IsArray -> Literals.dataArray wide target value
                | Thing x when
                    target.IsGenericType
                    && target.IsInterface
                    && target.GetGenericArguments().Length = 1
                    && (Array.head (target.GetGenericArguments())).IsInstanceOfType x
                    ->
                    sequence [ value ] (target.GetGenericArguments()[0]) |> Option.map (fun (x, _) -> x, 6)
                | Sequence _ when target = typeof<Array> || target = typeof<ICollection> ->
                    match Literals.nested value with
                    | Some(shape, leaves) when shape.Length > 0 && shape.Length <= 4 ->
                        let natural = Literals.kindOf leaves
                        let item = if natural = typeof<float> && not wide then typeof<float32> else natural

                        let array =
                            if shape.Length = 1 then
                                item.MakeArrayType()
                            else
                                item.MakeArrayType shape.Length

                        Literals.dataArray wide array value |> Option.map (fun (x, s) -> x, s + 1)
                    | _ -> None
                // A bare tensor where several are taken.
                | Thing x when target.IsArray && (target.GetElementType() |> Unchecked.nonNull).IsInstanceOfType x ->
                    sequence [ value ] (target.GetElementType() |> Unchecked.nonNull) |> Option.map (fun (x, _) -> x, 6)
                | _ when target = typeof<obj> -> Some(raw value, 9)
                | _ when target.Assembly = typeof<torch>.Assembly && target <> typeof<TensorIndex> ->
                    // What the type itself says it can be made of.
                    target.GetMethods(BindingFlags.Public ||| BindingFlags.Static)
                    |> Array.filter (fun m -> m.Name = "op_Implicit" && m.ReturnType = target)
                    |> Array.choose (fun m ->
                        again (m.GetParameters().[0]).ParameterType value |> Option.map (fun (x, s) -> m, x, s))
                    |> function
                        | [||] -> None
                        | ways ->
                            let m, x, s = ways |> Array.minBy (fun (_, _, s) -> s)
                            Some(m.Invoke(null, [| x |]), s + 1)
                | _ -> None
            | inner -> again inner value

    /// A value as the nearest object of C#.
    and private raw (value: Value) : objnull =
        match value with
        | Nothing -> null
        | Truth b -> box b
        | Whole i -> box i
        | Number x -> box x
        | Text s -> box s
        | Kind k -> box k
        | Thing x -> x
        | Sequence items -> items |> List.map raw |> Array.ofList |> box
        | Mapping items ->
            let result = Dictionary<obj, objnull>()

            for key, value in items do
                result[Unchecked.nonNull (raw key)] <- raw value

            box result
        | other -> box other

    /// Whether a function of so many parameters and results is one that a delegate stands for: several are an array.
    and private accepts (target: Type) parameters results : int option =
        let invoke = target.GetMethod "Invoke" |> Unchecked.nonNull

        let taken =
            match invoke.GetParameters() with
            | [| one |] when one.ParameterType.IsArray -> if parameters > 1 then Some 1 else Some 3
            | exactly -> if exactly.Length = parameters then Some 1 else None

        let given =
            match invoke.ReturnType with
            | several when several.IsArray -> if results > 1 then Some 1 else Some 3
            | _ -> if results <= 1 then Some 1 else None

        Option.map2 (+) taken given

    and private delegateOf wide back (target: Type) (f: Value list -> Value) : objnull =
        let invoke = target.GetMethod "Invoke" |> Unchecked.nonNull

        let parameters =
            invoke.GetParameters() |> Array.map (fun p -> Linq.Expressions.Expression.Parameter(p.ParameterType, p.Name))

        let call (args: objnull[]) : objnull =
            // Functions of several tensors take an array in C#.
            let result =
                match [ for a in args -> back a ] with
                | [ Sequence items ] when parameters[0].Type.IsArray -> f items
                | given -> f given

            if invoke.ReturnType = typeof<Void> then
                null
            else
                match convert wide back invoke.ReturnType result with
                | Some(x, _) -> x
                | None -> raise (Mismatch $"a function returned {Value.show result}, which is no {invoke.ReturnType.Name}")

        let boxed =
            parameters
            |> Array.map (fun p -> Linq.Expressions.Expression.Convert(p, typeof<obj>) :> Linq.Expressions.Expression)

        let packed = Linq.Expressions.Expression.NewArrayInit(typeof<obj>, boxed)

        let body =
            Linq.Expressions.Expression.Invoke(Linq.Expressions.Expression.Constant(Func<objnull[], objnull>(call)), packed)

        let returned: Linq.Expressions.Expression =
            if invoke.ReturnType = typeof<Void> then
                body
            else
                Linq.Expressions.Expression.Convert(body, invoke.ReturnType)

        box (Linq.Expressions.Expression.Lambda(target, returned, parameters).Compile())

    /// The type arguments with which a parameter's type takes an object, as C# infers them.
    let rec private infer (parameter: Type) (value: Value) : Map<string, Type> =
        match value with
        | Thing(NonNull x) when parameter.IsGenericType ->
            let rec up (t: Type | null) =
                match t with
                | null -> Map.empty
                | t when t.IsGenericType && t.GetGenericTypeDefinition() = parameter.GetGenericTypeDefinition() ->
                    Array.zip (parameter.GetGenericArguments()) (t.GetGenericArguments())
                    |> Array.filter (fun (open', _) -> open'.IsGenericParameter)
                    |> Array.map (fun (open', closed) -> open'.Name, closed)
                    |> Map.ofArray
                | t -> up t.BaseType

            up (x.GetType())
        | Sequence(first :: _) when parameter.IsGenericType -> infer (parameter.GetGenericArguments()[0]) first
        | _ -> Map.empty

    /// A member closed over the types of what it is given, if it is generic.
    let private closed (positional: Value list) (m: MethodBase) : MethodBase option =
        match m with
        | :? MethodInfo as g when g.IsGenericMethodDefinition ->
            let known =
                Seq.zip (g.GetParameters()) positional
                |> Seq.collect (fun (p, value) -> infer p.ParameterType value |> Map.toSeq)
                |> Map.ofSeq

            match Literals.all (g.GetGenericArguments() |> List.ofArray |> List.map (fun t -> known.TryFind t.Name)) with
            | Some types -> Some(g.MakeGenericMethod(Array.ofList types))
            | None -> None
        | _ -> Some m

    /// The arguments for one member and how well they fit, or none.
    let private fit back (m: MethodBase) (positional: Value list) (keywords: (string * Value) list) : (objnull[] * int) option =
        let parameters = m.GetParameters()

        let wide =
            torch.get_default_dtype () = torch.ScalarType.Float64
            || keywords
               |> List.exists (fun (_, v) ->
                   match v with
                   | Kind(torch.ScalarType.Float64 | torch.ScalarType.ComplexFloat64) -> true
                   | _ -> false)

        let attempt (positional: Value list) penalty =
            // `out` has no position in Python; C# wants it before what is optional, whose names are written then.
            let named = if List.exists (fun (name, _) -> name = "out") keywords then "out" else ""

            let places =
                [| for i in 0 .. parameters.Length - 1 do
                       if parameters[i].Name <> named then
                           i |]

            if positional.Length > places.Length then
                None
            else
                let given = Array.create parameters.Length None
                positional |> List.iteri (fun i v -> given[places[i]] <- Some v)
                let mutable ok = true

                // What a member does not take may stay away if it says nothing: None, where Python looks for the caller of a
                // warning, and how memory is laid out, which no value shows.
                let silent name value = value = Nothing || name = "_stacklevel" || name = "memory_format"

                let keywords =
                    keywords
                    |> List.filter (fun (name, v) -> not (silent name v) || parameters |> Array.exists (fun p -> p.Name = name))

                for name, v in keywords do
                    match parameters |> Array.tryFindIndex (fun p -> p.Name = name) with
                    | Some i when given[i].IsNone -> given[i] <- Some v
                    | _ -> ok <- false

                let mutable score = penalty
                let arguments = Array.zeroCreate<objnull> parameters.Length

                for i in 0 .. parameters.Length - 1 do
                    if ok then
                        match given[i] with
                        | Some Nothing when
                            parameters[i].HasDefaultValue
                            && parameters[i].ParameterType.IsValueType
                            && isNull (Nullable.GetUnderlyingType parameters[i].ParameterType)
                            ->
                            arguments[i] <- Type.Missing
                            score <- score + 1
                        | Some v ->
                            match convert wide back parameters[i].ParameterType v with
                            | Some(x, s) ->
                                arguments[i] <- x
                                score <- score + s
                            | None -> ok <- false
                        | None when parameters[i].HasDefaultValue ->
                            arguments[i] <- Type.Missing
                            score <- score + 1
                        | None when parameters[i].IsDefined(typeof<ParamArrayAttribute>, false) ->
                            arguments[i] <-
                                Array.CreateInstance(parameters[i].ParameterType.GetElementType() |> Unchecked.nonNull, 0)

                            score <- score + 2
                        | None -> ok <- false

                if ok then Some(arguments, score) else None

        match attempt positional 0 with
        | Some found -> Some found
        | None ->
            // Python's f(2, 3) for what takes a list: everything from the first list on is its items.
            match parameters |> Array.tryFindIndex (fun p -> p.ParameterType.IsArray) with
            | Some i when positional.Length > i -> attempt (List.take i positional @ [ Sequence(List.skip i positional) ]) 4
            | _ -> None

    /// The member that fits best, with its arguments.
    let choose back (members: MethodBase[]) positional keywords : (MethodBase * objnull[]) option =
        members
        |> Array.choose (closed positional)
        |> Array.choose (fun m -> fit back m positional keywords |> Option.map (fun (args, score) -> m, args, score))
        |> function
            | [||] -> None
            | fitting -> fitting |> Array.minBy (fun (_, _, score) -> score) |> fun (m, args, _) -> Some(m, args)
