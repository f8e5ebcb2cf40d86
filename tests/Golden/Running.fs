namespace Functional.Golden

open Functional.Contract
open Functional.Torch

type Outcome =
    | Passed
    | Failed of reason: string
    /// Something is not in the facade: the operation, or other names and forms of it that the case covers.
    | Skipped of lacking: string list

/// Running one case.
module Running =
    /// Gives the other names that the facade lacks.
    let private dispatch (case: Given) : string list =
        let training run = Checking.outputs case "output" (run case.Value case.Json)

        match case.Text "kind" with
        | "function" -> Functions.run case
        | "module" ->
            Modules.run case
            []
        | "program" ->
            Programs.run case
            []
        | "random" ->
            Draws.run case
            []
        | "optimizer" ->
            training Training.optimizer
            []
        | "scheduler" ->
            training Training.scheduler
            []
        | "model" ->
            Models.run case
            []
        | other -> raise (Lacking $"cases of kind {other}")

    let run (case: Given) : Outcome =
        try
            use _ = torch.enable_grad ()
            torch.set_default_dtype torch.ScalarType.Float32
            // So that a case draws the same numbers whatever ran before it.
            torch.manual_seed 0L |> ignore

            match dispatch case, case.Raises with
            | _, Some error -> Failed $"should raise {error}"
            | [], None -> Passed
            | lacking, None -> Skipped lacking
        with
        | Lacking what -> Skipped [ what ]
        | Mismatch reason -> Failed reason
        // In C# such a call does not compile, which is an error as well.
        | Calling.Unfitting reason -> if case.Raises.IsSome then Passed else Failed reason
        | :? FunctionalException as e -> if case.Raises.IsSome then Passed else Failed $"{e.GetType().Name}: {e.Message}"
        | e ->
            let place = (string e.StackTrace).Split('\n') |> Array.tryHead |> Option.defaultValue ""
            Failed $"{e.GetType().Name}: {e.Message} {place.Trim()}"
