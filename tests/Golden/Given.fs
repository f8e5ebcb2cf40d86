namespace Functional.Golden

open System.Collections.Generic
open System.Text.Json
open Functional.Torch

/// What one case gives and expects, read from JSON.
type Given(archive: Archive, json: JsonElement) =
    let tensors = Dictionary<string, torch.Tensor>()
    let variables = Dictionary<string, Value>()

    let field (name: string) =
        match json.TryGetProperty name with
        | true, found -> Some found
        | _ -> None

    let items name (read: JsonElement -> 'T) =
        field name
        |> Option.map (fun found -> [ for item in found.EnumerateArray() -> read item ])
        |> Option.defaultValue []

    let wanted = items "requires_grad" (fun key -> string (key.GetString()))
    let unspecified = items "unspecified" _.GetInt32()
    let compare = field "compare" |> Option.map (fun c -> string (c.GetString()))

    let rules: Comparing.Rules =
        { Noise = field "noise" |> Option.map _.GetDouble() |> Option.defaultValue 0.0
          Magnitudes = (compare = Some "abs")
          Multiset = (compare = Some "multiset") }

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

    member _.Json = json
    member _.Field name = field name
    member _.Text(name: string) = string (json.GetProperty(name).GetString())

    /// How outputs are compared.
    member _.Rules = rules

    /// Positions of outputs of which only dtype and shape count.
    member _.Unspecified = unspecified

    /// The keys of the tensors that are differentiated.
    member _.Wanted = wanted

    /// The case must fail, and so has no outputs.
    member _.Raises = field "raises" |> Option.map (fun r -> string (r.GetString()))

    /// An input by its key; the same object wherever the case names it.
    member _.Tensor key = tensors[key]

    /// What a program has computed so far.
    member _.Variables = variables

    /// An argument.
    member _.Value element = given element

    /// Positional and keyword arguments of a call.
    member _.Arguments call = arguments call

    /// A tensor that is read anew each time.
    member _.Load element = load element

    member _.Expected element = expected element
    member _.Outputs = [ for o in json.GetProperty("outputs").EnumerateArray() -> expected o ]

    /// Forgets the inputs, so that another call gets its own.
    member _.Refresh() =
        tensors.Clear()
        variables.Clear()
