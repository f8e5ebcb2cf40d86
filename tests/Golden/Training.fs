namespace Functional.Golden

open System.Collections.Generic
open System.Text.Json
open Functional.Torch

/// Running optimizers and schedules, step by step.
module Training =
    let private options (given: JsonElement -> Value) (element: JsonElement) =
        [ for o in element.EnumerateObject() -> o.Name, given o.Value ]

    let private keywords given (holder: JsonElement) =
        match holder.TryGetProperty "kwargs" with
        | true, found -> options given found
        | _ -> []

    let private group (parameters: torch.Tensor list) (settings: (string * Value) list) =
        let group = torch.optim.ParamGroup(parameters)

        for name, value in settings do
            match value with
            | Number x -> group[name] <- box x
            | Whole i -> group[name] <- box (float i)
            | Truth b -> group[name] <- box b
            | Sequence items ->
                group[name] <-
                    box
                        [| for i in items do
                               match i with
                               | Number x -> x
                               | Whole i -> float i
                               | _ -> nan |]
            | _ -> ()

        group

    let private make operation (groups: torch.optim.ParamGroup list) settings =
        match Calling.call operation [ Thing(box (Array.ofList groups)) ] settings with
        | Thing(:? torch.optim.Optimizer as optimizer) -> optimizer
        | other -> raise (Mismatch $"{operation} gave {Value.show other}")

    let optimizer (given: JsonElement -> Value) (json: JsonElement) : Value list =
        let tensor value =
            match given value with
            | Thing(:? torch.Tensor as t) -> t
            | other -> raise (Mismatch $"{Value.show other} is no tensor")

        let x, y = tensor (json.GetProperty "x"), tensor (json.GetProperty "y")
        let parameters = json.GetProperty "params"

        let named =
            dict [ for p in parameters.EnumerateObject() -> p.Name, tensor(p.Value).detach().clone().requires_grad_() ]

        let groups =
            [ for g in json.GetProperty("groups").EnumerateArray() ->
                  group
                      [ for name in g.GetProperty("params").EnumerateArray() -> named[string (name.GetString())] ]
                      (options given (g.GetProperty "options")) ]

        let optimizer = make (string (json.GetProperty("op").GetString())) groups (keywords given json)
        let losses, ws, bs = List<torch.Tensor>(), List<torch.Tensor>(), List<torch.Tensor>()

        let closure () =
            optimizer.zero_grad ()
            let error = torch.sub (torch.add (torch.tanh (torch.matmul (x, named["w"])), named["b"]), y)
            let loss = torch.mean (torch.square error)
            loss.backward ()
            loss

        for _ in 1 .. json.GetProperty("steps").GetInt32() do
            let loss = optimizer.step (System.Func<_> closure) |> Unchecked.nonNull
            losses.Add(loss.detach().reshape([||]))
            ws.Add(named["w"].detach().clone())
            bs.Add(named["b"].detach().clone())

        [ for series in [ losses; ws; bs ] -> Value.tensor (torch.stack series) ]

    let scheduler (given: JsonElement -> Value) (json: JsonElement) : Value list =
        let description = json.GetProperty "optimizer"

        let groups =
            [ for g in description.GetProperty("groups").EnumerateArray() ->
                  group [ torch.zeros(1L).requires_grad_() ] (options given g) ]

        let optimizer = make (string (description.GetProperty("op").GetString())) groups (keywords given description)
        let operation = string (json.GetProperty("op").GetString())

        let scheduler =
            match json.TryGetProperty "schedulers" with
            | true, children ->
                let made =
                    [ for child in children.EnumerateArray() ->
                          Calling.call (string (child.GetProperty("op").GetString())) [ Thing optimizer ] (keywords given child) ]

                let first =
                    if operation.EndsWith "ChainedScheduler" then
                        [ Sequence made ]
                    else
                        [ Thing optimizer; Sequence made ]

                Calling.call operation first (keywords given json)
            | _ -> Calling.call operation [ Thing optimizer ] (keywords given json)

        let metrics =
            match json.TryGetProperty "metrics" with
            | true, found -> [ for m in found.EnumerateArray() -> given m ]
            | _ -> []

        let rates, momenta = List<torch.Tensor>(), List<torch.Tensor>()

        let table (settings: torch.optim.ParamGroup -> float) = torch.tensor [| for g in optimizer.param_groups -> settings g |]

        for round in 0 .. json.GetProperty("steps").GetInt32() - 1 do
            rates.Add(table (fun g -> g.LearningRate))

            momenta.Add(
                table (fun g ->
                    match g.TryGet "momentum", g.TryGet "betas" with
                    | (:? float as m), _ -> m
                    | _, (:? (float[]) as betas) -> betas[0]
                    | _ -> 0.0)
            )

            optimizer.step () |> ignore

            Calling.call
                "step"
                (Thing(
                    match scheduler with
                    | Thing s -> s
                    | other -> raise (Mismatch $"{operation} gave {Value.show other}")
                 )
                 :: (if metrics.IsEmpty then [] else [ metrics[round] ]))
                []
            |> ignore

        [ Value.tensor (torch.stack rates); Value.tensor (torch.stack momenta) ]
