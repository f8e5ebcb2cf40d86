namespace Functional.Golden

open System.Collections.Generic
open System.Text.Json
open Functional.Torch

/// Cases that build a module, load its state and call it.
module Modules =
    let build (case: Given) (call: JsonElement) =
        let positional, keywords = case.Arguments call

        match Calling.call (string (call.GetProperty("op").GetString())) positional keywords with
        | Thing(:? torch.nn.Module as m) ->
            match case.Field "dtype" with
            | Some dtype ->
                ModuleExtensions.``to`` (m, Value.kinds[string (dtype.GetString())]) |> ignore
                m.train (case.Field "training" |> Option.map _.GetBoolean() |> Option.defaultValue true)
            | None -> ()

            m
        | other -> raise (Mismatch $"{Value.show other} is no module")

    /// Loads the state that a case gives; the tensors by their keys.
    let private load (case: Given) (m: torch.nn.Module) =
        let state = Dictionary<string, torch.Tensor>()

        match case.Field "state" with
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
                     target.copy_ (case.Load entry.Value) |> ignore)

                    state[string (entry.Value.GetProperty("tensor").GetString())] <- target
                | _ -> raise (Mismatch $"state_dict has no '{entry.Name}', only {Seq.toList own.Keys}")

        state

    let run (case: Given) =
        let m = build case (case.Json.GetProperty "module")
        let state = load case m

        let find key =
            match state.TryGetValue key with
            | true, t -> t
            | _ -> case.Tensor key

        let positional, keywords = case.Arguments case.Json
        let results = Calling.call "torch.nn.Module.__call__" (Thing(box m) :: positional) keywords |> Value.flatten
        Checking.outputs case "output" results
        Checking.afterwards case find
        Checking.gradients case find results
