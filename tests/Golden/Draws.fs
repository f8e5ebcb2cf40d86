namespace Functional.Golden

open System.Text.Json
open Functional.Torch

/// Cases that draw random numbers, of which only the distribution is known.
module Draws =
    let private check (expect: JsonElement) (t: torch.Tensor) =
        let shape = [| for s in expect.GetProperty("shape").EnumerateArray() -> s.GetInt64() |]

        if t.shape <> shape then
            raise (Mismatch $"shape {Seq.toList t.shape}, should be {Seq.toList shape}")

        let kind = Value.kinds[string (expect.GetProperty("dtype").GetString())]

        if t.dtype <> kind then
            raise (Mismatch $"dtype {t.dtype}, should be {kind}")

        let numbers = Numbers.doubles t
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

    let run (case: Given) =
        let positional, keywords = case.Arguments case.Json

        match Calling.call (case.Text "op") positional keywords with
        | Thing(:? torch.Tensor as t) -> check (case.Json.GetProperty "expect") t
        | other -> raise (Mismatch $"{Value.show other} is no tensor")
