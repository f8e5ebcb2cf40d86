namespace Functional.Golden

open System
open System.Collections.Generic
open System.Text.Json
open Functional.Contract
open Functional.Torch

type Outcome =
    | Passed
    | Failed of reason: string
    | Skipped of reason: string

/// One case: what it gives, what it expects, and running it.
type Case(archive: Archive, json: JsonElement) =
    let tensors = Dictionary<string, torch.Tensor>()
    let variables = Dictionary<string, Value>()
    let text (name: string) = string (json.GetProperty(name).GetString())

    let field (name: string) =
        match json.TryGetProperty name with
        | true, found -> Some found
        | _ -> None

    let noise = field "noise" |> Option.map _.GetDouble() |> Option.defaultValue 0.0
    let compare = field "compare" |> Option.map (fun c -> string (c.GetString())) |> Option.defaultValue ""

    let rules: Comparing.Rules = { Noise = noise; Magnitudes = (compare = "abs"); Multiset = (compare = "multiset") }

    let unspecified =
        field "unspecified"
        |> Option.map (fun u -> [ for i in u.EnumerateArray() -> i.GetInt32() ])
        |> Option.defaultValue []

    let wanted =
        field "requires_grad"
        |> Option.map (fun r -> [ for k in r.EnumerateArray() -> string (k.GetString()) ])
        |> Option.defaultValue []

    /// The same elements as if they lay in memory with these strides: a view of a row-major tensor.
    let laid (strides: int64[]) (t: torch.Tensor) =
        let shape = t.shape
        let order = [| 0L .. int64 shape.Length - 1L |] |> Array.sortBy (fun d -> (-strides[int d], d))
        let mutable inner = t.permute order
        // A dimension of stride 0 is one slice expanded.
        for i in 0 .. order.Length - 1 do
            if strides[int order[i]] = 0L && shape[int order[i]] > 1L then
                inner <- inner.narrow (int64 i, 0L, 1L)

        let inner = inner.clone().expand(order |> Array.map (fun d -> shape[int d]))
        let back = Array.zeroCreate<int64> order.Length
        order |> Array.iteri (fun i d -> back[int d] <- int64 i)
        inner.permute back

    let load (element: JsonElement) =
        let key = string (element.GetProperty("tensor").GetString())

        match element.TryGetProperty "complex" with
        | true, _ -> archive.Complex key
        | _ -> archive.Real key

    let input (element: JsonElement) =
        let key = string (element.GetProperty("tensor").GetString())

        match tensors.TryGetValue key with
        | true, known -> known
        | _ ->
            let made = load element

            let made =
                match element.TryGetProperty "strides" with
                | true, strides when made.numel () > 0L -> laid [| for s in strides.EnumerateArray() -> s.GetInt64() |] made
                | _ -> made

            let made = if List.contains key wanted then (made.detach ()).requires_grad_() else made
            tensors[key] <- made
            made

    let rec given (element: JsonElement) : Value = Value.read special element

    and special name element =
        match name with
        | "tensor" -> Value.tensor (input element)
        | "var" -> variables[string (element.GetProperty("var").GetString())]
        | "call" ->
            let call = element.GetProperty "call"
            let positional, keywords = arguments call
            Calling.call (string (call.GetProperty("op").GetString())) positional keywords
        | other -> raise (Lacking $"values of kind {other}")

    and arguments (call: JsonElement) =
        let positional =
            match call.TryGetProperty "args" with
            | true, args when args.ValueKind = JsonValueKind.Array -> [ for a in args.EnumerateArray() -> given a ]
            | _ -> []

        let positional =
            match call.TryGetProperty "op", positional with
            // A list is one index, of positions; a tuple is several.
            | (true, op), self :: (Sequence _ as index) :: rest when
                (string (op.GetString())).EndsWith "item__" && (call.GetProperty("args").[1]).ValueKind = JsonValueKind.Array
                ->
                self :: Sequence [ index ] :: rest
            | _ -> positional

        let keywords =
            match call.TryGetProperty "kwargs" with
            | true, kwargs -> [ for k in kwargs.EnumerateObject() -> k.Name, given k.Value ]
            | _ -> []

        positional, keywords

    let expected (element: JsonElement) =
        Value.read
            (fun name e ->
                if name = "tensor" then
                    Value.tensor (load e)
                else
                    raise (Lacking $"expected values of kind {name}"))
            element

    let outputs () = [ for o in json.GetProperty("outputs").EnumerateArray() -> expected o ]

    let compareOutputs what (actual: Value list) =
        let expected = if (field "raises").IsSome then actual else outputs ()

        if expected.Length <> actual.Length then
            raise (Mismatch $"{what}: {actual.Length} results, should be {expected.Length}")

        List.zip expected actual
        |> List.iteri (fun j (e, a) ->
            let what = if expected.Length = 1 then what else $"{what} {j}"

            if List.contains j unspecified then
                Comparing.loosely what e a
            // Sets have one order only; the outputs behind the first follow it.
            else
                Comparing.values { rules with Multiset = rules.Multiset && j = 0 } what e a)

    let compareGradients (leaves: string -> torch.Tensor) (actual: Value list) =
        match field "grads" with
        | None -> ()
        | Some grads ->
            let second = field "grads2"
            let inputs = wanted |> List.map leaves
            let loss = Differentiating.loss rules.Magnitudes unspecified actual
            let found = Differentiating.gradients second.IsSome loss inputs

            List.zip wanted found
            |> List.iter (fun (key, gradient) ->
                match grads.TryGetProperty key with
                | true, e ->
                    Comparing.gradient
                        { rules with Magnitudes = false; Multiset = false }
                        $"gradient of {key}"
                        (expected e)
                        gradient
                | _ -> ())

            match second with
            | None -> ()
            | Some second ->
                let terms =
                    found
                    |> List.mapi (fun j g -> j, g)
                    |> List.choose (fun (j, g) ->
                        match g with
                        | null -> None
                        | g -> if g.requires_grad then Some(j, g) else None)

                let all =
                    found
                    |> List.map (fun g ->
                        match g with
                        | null -> Nothing
                        | g -> Value.tensor g)

                let loss = if terms.IsEmpty then None else Differentiating.loss false [] all

                List.zip wanted (Differentiating.gradients false loss inputs)
                |> List.iter (fun (key, gradient) ->
                    match second.TryGetProperty key with
                    | true, e ->
                        Comparing.gradient
                            { rules with Magnitudes = false; Multiset = false }
                            $"second derivative of {key}"
                            (expected e)
                            gradient
                    | _ -> ())

    let compareAfter (state: string -> torch.Tensor) =
        match field "after" with
        | None -> ()
        | Some after ->
            for entry in after.EnumerateObject() do
                Comparing.values rules $"{entry.Name} afterwards" (expected entry.Value) (Value.tensor (state entry.Name))

    let inPlace (operation: string) = operation.EndsWith "_" && not (operation.EndsWith "__")

    /// In-place operations on what is differentiated work on a clone of it.
    let cloned operation (positional: Value list) =
        match positional with
        | Thing(:? torch.Tensor as self) :: rest when inPlace operation && self.requires_grad ->
            Value.tensor (self.clone ()) :: rest
        | _ -> positional

    let operation = text "op"

    let fresh () =
        tensors.Clear()
        variables.Clear()

    let runTangents () =
        match field "tangents" with
        | None -> ()
        | Some tangents ->
            fresh ()
            let positional, keywords = arguments json
            let inputs = wanted |> List.map (fun key -> tensors[key])
            let directions = Differentiating.weights inputs
            let mutable structure = []

            let f (moving: torch.Tensor[]) =
                let place v =
                    let rec go v =
                        match v with
                        | Thing(:? torch.Tensor as t) ->
                            match inputs |> List.tryFindIndex (fun x -> obj.ReferenceEquals(x, t)) with
                            | Some i -> Value.tensor moving[i]
                            | None -> v
                        | Sequence items -> Sequence(List.map go items)
                        | other -> other

                    go v

                let positional =
                    positional
                    |> List.map place
                    |> fun p ->
                        if inPlace operation then
                            (match p with
                             | Thing(:? torch.Tensor as t) :: rest -> Value.tensor (t.clone ()) :: rest
                             | p -> p)
                        else
                            p

                let results = Calling.call operation positional (keywords |> List.map (fun (n, v) -> n, place v)) |> Value.flatten

                structure <-
                    results
                    |> List.map (function
                        | Thing(:? torch.Tensor) -> true
                        | _ -> false)

                [| for r in results do
                       match r with
                       | Thing(:? torch.Tensor as t) -> t
                       | _ -> () |]

            let moved = torch.func.jvp (Func<_, _> f, [| for x in inputs -> x.detach () |], Array.ofList directions)
            let struct (_, slopes) = moved
            let mutable next = 0

            [ for e in tangents.EnumerateArray() -> expected e ]
            |> List.iteri (fun j e ->
                if structure[j] then
                    let slope = slopes[next]
                    next <- next + 1

                    if not (List.contains j unspecified) then
                        Comparing.gradient { rules with Magnitudes = false; Multiset = false } $"tangent of output {j}" e slope)

    let runAlso () =
        match field "also" with
        | None -> ()
        | Some also ->
            for name in also.EnumerateArray() do
                let name = string (name.GetString())
                fresh ()
                let positional, keywords = arguments json
                use _ = torch.no_grad ()

                try
                    if name = "out" then
                        let empty (v: Value) =
                            match v with
                            | Thing(:? torch.Tensor as t) -> Value.tensor (torch.empty ([| 0L |], t.dtype))
                            | other -> other

                        let targets = outputs () |> List.map empty

                        let target =
                            match targets with
                            | [ one ] -> one
                            | many -> Sequence many

                        Calling.call operation positional (keywords @ [ "out", target ]) |> ignore
                        compareOutputs "out" targets
                    else
                        let positional =
                            match positional with
                            | Thing(:? torch.Tensor as self) :: rest when inPlace name ->
                                Value.tensor (self.detach().clone()) :: rest
                            | p -> p

                        let results = Calling.call name positional keywords |> Value.flatten
                        compareOutputs name (if inPlace name then [ positional.Head ] else results)
                with
                // Another name that is not there says nothing about the operation.
                | Lacking _ -> ()
                | Calling.Unfitting reason ->
                    if name <> "out" then
                        raise (Mismatch $"{name}: {reason}")
                | Mismatch reason -> raise (Mismatch $"as {name}: {reason}")
                | :? FunctionalException as e -> raise (Mismatch $"as {name}: {e.Message}")

    let runFunction () =
        let positional, keywords = arguments json
        let results = Calling.call operation (cloned operation positional) keywords |> Value.flatten
        compareOutputs "output" results
        compareGradients (fun key -> tensors[key]) results

        if wanted.IsEmpty then
            compareAfter (fun key -> tensors[key])

        runTangents ()
        runAlso ()

    let moduleOf (call: JsonElement) =
        let positional, keywords = arguments call
        let made = Calling.call (string (call.GetProperty("op").GetString())) positional keywords

        match field "dtype", made with
        | Some dtype, Thing(:? torch.nn.Module as m) ->
            let kind = Value.kinds[string (dtype.GetString())]

            if kind <> torch.ScalarType.Float32 then
                ModuleExtensions.``to`` (m, kind) |> ignore

            m.train (
                match field "training" with
                | Some t -> t.GetBoolean()
                | None -> true
            )

            m, made
        | _, Thing(:? torch.nn.Module as m) -> m, made
        | _, other -> raise (Mismatch $"{Value.show other} is no module")

    let runModule () =
        let m, made = moduleOf (json.GetProperty "module")
        let state = Dictionary<string, torch.Tensor>()

        match field "state" with
        | None -> ()
        | Some given ->
            let own =
                dict
                    [ for struct (name, p) in m.named_parameters () -> name, (p :> torch.Tensor)
                      for struct (name, b) in m.named_buffers () -> name, b ]

            for entry in given.EnumerateObject() do
                match own.TryGetValue entry.Name with
                | true, target ->
                    (use _ = torch.no_grad ()
                     target.copy_ (load entry.Value) |> ignore)

                    state[string (entry.Value.GetProperty("tensor").GetString())] <- target
                | _ -> raise (Mismatch $"state_dict has no '{entry.Name}', only {Seq.toList own.Keys}")

        let find key =
            match state.TryGetValue key with
            | true, t -> t
            | _ -> tensors[key]

        let positional, keywords = arguments json
        let results = Calling.call "torch.nn.Module.__call__" (made :: positional) keywords |> Value.flatten
        compareOutputs "output" results
        compareAfter find
        compareGradients find results

    let rec runSteps (steps: JsonElement) =
        for step in steps.EnumerateArray() do
            let positional, keywords = arguments step
            let result = Calling.call (string (step.GetProperty("op").GetString())) positional keywords

            match step.TryGetProperty "to" with
            | true, target when target.ValueKind = JsonValueKind.String -> variables[string (target.GetString())] <- result
            | true, target when target.ValueKind = JsonValueKind.Array ->
                let parts =
                    match result with
                    | Sequence items -> items
                    | Thing(:? torch.Tensor as t) -> t.unbind 0L |> Seq.map Value.tensor |> List.ofSeq
                    | other -> raise (Mismatch $"{Value.show other} cannot be unpacked")

                for name, part in Seq.zip (target.EnumerateArray()) parts do
                    variables[string (name.GetString())] <- part
            | _ -> ()

    let returned (holder: JsonElement) =
        [ for r in holder.GetProperty("returns").EnumerateArray() ->
              if r.ValueKind = JsonValueKind.String then
                  variables[string (r.GetString())]
              else
                  given r ]

    let runProgram () =
        for entry in json.GetProperty("inputs").EnumerateObject() do
            variables[entry.Name] <- given entry.Value

        match field "functions" with
        | None -> ()
        | Some functions ->
            for f in functions.EnumerateObject() do
                let body = f.Value

                variables[f.Name] <-
                    Function(fun args ->
                        for name, a in Seq.zip (body.GetProperty("params").EnumerateArray()) args do
                            variables[string (name.GetString())] <- a

                        runSteps (body.GetProperty "steps")

                        match returned body with
                        | [ one ] -> one
                        | many -> Sequence many)

        runSteps (json.GetProperty "steps")
        let results = returned json

        if (field "raises").IsNone then
            compareOutputs "output" (results |> List.collect Value.flatten)

    let runRandom () =
        let positional, keywords = arguments json
        let expect = json.GetProperty "expect"

        match Calling.call operation positional keywords with
        | Thing(:? torch.Tensor as t) ->
            let shape = [| for s in expect.GetProperty("shape").EnumerateArray() -> s.GetInt64() |]

            if t.shape <> shape then
                raise (Mismatch $"shape {Seq.toList t.shape}, should be {Seq.toList shape}")

            let kind = Value.kinds[string (expect.GetProperty("dtype").GetString())]

            if t.dtype <> kind then
                raise (Mismatch $"dtype {t.dtype}, should be {kind}")

            let numbers = t.detach().``to``(torch.ScalarType.Float64).data<double>().ToArray()
            let count = float numbers.Length
            let mean = Array.average numbers
            let std = sqrt ((numbers |> Array.sumBy (fun x -> (x - mean) ** 2.0)) / count)

            let bound (name: string) =
                match expect.TryGetProperty name with
                | true, v -> Some(v.GetDouble())
                | _ -> None

            let spread = bound "std" |> Option.defaultValue std

            bound "low"
            |> Option.iter (fun low ->
                if Array.min numbers < low then
                    raise (Mismatch $"{Array.min numbers} is below {low}"))

            bound "high"
            |> Option.iter (fun high ->
                if Array.max numbers > high then
                    raise (Mismatch $"{Array.max numbers} is above {high}"))

            bound "mean"
            |> Option.iter (fun m ->
                if abs (mean - m) > 6.0 * spread / sqrt count + 1e-6 then
                    raise (Mismatch $"mean {mean}, should be near {m}"))

            bound "std"
            |> Option.iter (fun s ->
                if abs (std - s) > 12.0 * (s + 1e-6) / sqrt count + 1e-6 then
                    raise (Mismatch $"deviation {std}, should be near {s}"))
        | other -> raise (Mismatch $"{Value.show other} is no tensor")

    let runTraining run =
        let results = run given json
        compareOutputs "output" results

    let run () =
        match text "kind" with
        | "function" -> runFunction ()
        | "module" -> runModule ()
        | "program" -> runProgram ()
        | "random" -> runRandom ()
        | "optimizer" -> runTraining Training.optimizer
        | "scheduler" -> runTraining Training.scheduler
        | other -> raise (Lacking $"cases of kind {other}")

    member _.Id = text "id"

    member _.Run() : Outcome =
        let raises = field "raises"

        try
            use _ = torch.enable_grad ()
            torch.set_default_dtype torch.ScalarType.Float32
            // So that a case draws the same numbers whatever ran before it.
            torch.manual_seed 1L |> ignore
            run ()

            if raises.IsSome then
                Failed $"should raise {raises.Value.GetString()}"
            else
                Passed
        with
        | Lacking what -> Skipped what
        | Mismatch reason -> Failed reason
        | Calling.Unfitting reason -> if raises.IsSome then Passed else Failed reason
        | :? UnsupportedException as e -> if raises.IsSome then Passed else Skipped e.Message
        | :? FunctionalException as e -> if raises.IsSome then Passed else Failed $"{e.GetType().Name}: {e.Message}"
        | e ->
            let place = (string e.StackTrace).Split('\n') |> Array.tryHead |> Option.defaultValue ""
            Failed $"{e.GetType().Name}: {e.Message} {place.Trim()}"
