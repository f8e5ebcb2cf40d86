namespace Functional.Golden

open System.Text.Json
open Functional.Torch

/// Cases of several steps, with variables and functions of their own.
module Programs =
    let private unpack result =
        match result with
        | Sequence items -> items
        | Thing(:? torch.Tensor as t) -> t.unbind 0L |> Seq.map Value.tensor |> List.ofSeq
        | other -> raise (Mismatch $"{Value.show other} cannot be unpacked")

    let private steps (case: Given) (steps: JsonElement) =
        for step in steps.EnumerateArray() do
            let positional, keywords = case.Arguments step
            let result = Calling.call (string (step.GetProperty("op").GetString())) positional keywords

            match step.TryGetProperty "to" with
            | true, target when target.ValueKind = JsonValueKind.String -> case.Variables[string (target.GetString())] <- result
            | true, target when target.ValueKind = JsonValueKind.Array ->
                for name, part in Seq.zip (target.EnumerateArray()) (unpack result) do
                    case.Variables[string (name.GetString())] <- part
            | _ -> ()

    let private returned (case: Given) (holder: JsonElement) =
        [ for r in holder.GetProperty("returns").EnumerateArray() ->
              if r.ValueKind = JsonValueKind.String then
                  case.Variables[string (r.GetString())]
              else
                  case.Value r ]

    let private define (case: Given) (body: JsonElement) =
        let call args =
            for name, a in Seq.zip (body.GetProperty("params").EnumerateArray()) args do
                case.Variables[string (name.GetString())] <- a

            steps case (body.GetProperty "steps")

            match returned case body with
            | [ one ] -> one
            | many -> Sequence many

        Function(body.GetProperty("params").GetArrayLength(), body.GetProperty("returns").GetArrayLength(), call)

    let run (case: Given) =
        for entry in case.Json.GetProperty("inputs").EnumerateObject() do
            case.Variables[entry.Name] <- case.Value entry.Value

        match case.Field "functions" with
        | None -> ()
        | Some functions ->
            for f in functions.EnumerateObject() do
                case.Variables[f.Name] <- define case f.Value

        steps case (case.Json.GetProperty "steps")
        let results = returned case case.Json

        if case.Raises.IsNone then
            Checking.outputs case "output" (results |> List.collect Value.flatten)
