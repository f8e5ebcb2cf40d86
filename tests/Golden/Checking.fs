namespace Functional.Golden

open Functional.Torch

/// Holding what an operation gave against what a case expects.
module Checking =
    /// Gradients are compared as they are, whatever the outputs' rules say.
    let private plainly (case: Given) : Comparing.Rules = { case.Rules with Magnitudes = false; Multiset = false }

    let outputs (case: Given) what (actual: Value list) =
        let expected = if case.Raises.IsSome then actual else case.Outputs

        if expected.Length <> actual.Length then
            raise (Mismatch $"{what}: {actual.Length} results, should be {expected.Length}")

        List.zip expected actual
        |> List.iteri (fun j (e, a) ->
            let what = if expected.Length = 1 then what else $"{what} {j}"

            if List.contains j case.Unspecified then
                Comparing.loosely what e a
            // Sets have one order only; the outputs behind the first follow it.
            else
                Comparing.values { case.Rules with Multiset = case.Rules.Multiset && j = 0 } what e a)

    let private against (case: Given) (name: string) what (found: (torch.Tensor | null) list) =
        match case.Field name with
        | None -> ()
        | Some table ->
            List.zip case.Wanted found
            |> List.iter (fun (key, gradient) ->
                match table.TryGetProperty key with
                | true, e -> Comparing.gradient (plainly case) $"{what} of {key}" (case.Expected e) gradient
                | _ -> ())

    /// First and second derivatives; `leaves` gives the tensor of a key.
    let gradients (case: Given) (leaves: string -> torch.Tensor) (actual: Value list) =
        if (case.Field "grads").IsSome then
            let second = (case.Field "grads2").IsSome
            let inputs = case.Wanted |> List.map leaves
            let loss = Differentiating.loss case.Rules.Magnitudes case.Unspecified actual
            let found = Differentiating.gradients second loss inputs
            against case "grads" "gradient" found

            if second then
                let all =
                    found
                    |> List.map (fun g ->
                        match g with
                        | null -> Nothing
                        | g -> Value.tensor g)

                against
                    case
                    "grads2"
                    "second derivative"
                    (Differentiating.gradients false (Differentiating.loss false [] all) inputs)

    let tangent (case: Given) j e slope = Comparing.gradient (plainly case) $"tangent of output {j}" e slope

    /// What inputs and state hold after the call.
    let afterwards (case: Given) (state: string -> torch.Tensor) =
        match case.Field "after" with
        | None -> ()
        | Some after ->
            for entry in after.EnumerateObject() do
                Comparing.values
                    case.Rules
                    $"{entry.Name} afterwards"
                    (case.Expected entry.Value)
                    (Value.tensor (state entry.Name))
