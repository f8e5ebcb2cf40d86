namespace Functional.Golden

open System
open Functional.Contract
open Functional.Torch

/// Cases that call one function or method: its values, its derivatives, and its other names.
module Functions =
    let private inPlace (operation: string) = operation.EndsWith "_" && not (operation.EndsWith "__")

    /// In-place operations on what is differentiated work on a clone of it.
    let private cloned operation (positional: Value list) =
        match positional with
        | Thing(:? torch.Tensor as self) :: rest when inPlace operation && self.requires_grad ->
            Value.tensor (self.clone ()) :: rest
        | _ -> positional

    let private isTensor value =
        match value with
        | Thing(:? torch.Tensor) -> true
        | _ -> false

    /// Tensors in a value replaced.
    let rec private replace (f: torch.Tensor -> torch.Tensor) value =
        match value with
        | Thing(:? torch.Tensor as t) -> Value.tensor (f t)
        | Sequence items -> Sequence(List.map (replace f) items)
        | other -> other

    let private tangents (case: Given) operation =
        match case.Field "tangents" with
        | None -> ()
        | Some tangents ->
            case.Refresh()
            torch.manual_seed 1L |> ignore
            let positional, keywords = case.Arguments case.Json
            let inputs = case.Wanted |> List.map case.Tensor
            let mutable results = []

            let f (moving: torch.Tensor[]) =
                let place =
                    replace (fun t ->
                        match inputs |> List.tryFindIndex (fun x -> obj.ReferenceEquals(x, t)) with
                        | Some i -> moving[i]
                        | None -> t)

                let positional =
                    match List.map place positional with
                    | Thing(:? torch.Tensor as t) :: rest when inPlace operation -> Value.tensor (t.clone ()) :: rest
                    | others -> others

                results <- Calling.call operation positional (keywords |> List.map (fun (n, v) -> n, place v)) |> Value.flatten

                // Where only magnitudes are determined, it is they whose slopes are given.
                [| for r in results do
                       match r with
                       | Thing(:? torch.Tensor as t) when case.Rules.Magnitudes -> torch.abs t
                       | Thing(:? torch.Tensor as t) -> t
                       | _ -> () |]

            let struct (_, slopes) =
                torch.func.jvp (Func<_, _> f, [| for x in inputs -> x.detach () |], Array.ofList (Differentiating.weights inputs))

            let rest = Collections.Generic.Queue slopes

            [ for e in tangents.EnumerateArray() -> case.Expected e ]
            |> List.iteri (fun j e ->
                if isTensor results[j] then
                    let slope = rest.Dequeue()

                    if not (List.contains j case.Unspecified) then
                        Checking.tangent case j e slope)

    /// The call with `out` set to empty tensors, which must hold the outputs then.
    let private out (case: Given) operation positional keywords =
        let empty value =
            match value with
            | Thing(:? torch.Tensor as t) -> Value.tensor (torch.empty ([| 0L |], t.dtype))
            | other -> other

        let targets = case.Outputs |> List.map empty

        let target =
            match targets with
            | [ one ] -> one
            | many -> Sequence many

        try
            Calling.call operation positional (keywords @ [ "out", target ]) |> ignore
        with Calling.Unfitting _ ->
            raise (Lacking $"{operation} with out")

        Checking.outputs case "out" targets

    let private under (case: Given) name positional keywords =
        let positional =
            match positional with
            | Thing(:? torch.Tensor as self) :: rest when inPlace name -> Value.tensor (self.detach().clone()) :: rest
            | others -> others

        let results = Calling.call name positional keywords |> Value.flatten
        Checking.outputs case name (if inPlace name then [ positional.Head ] else results)

    /// Calls the operation by its other names and in its other forms; gives those that the facade lacks.
    let private also (case: Given) operation : string list =
        match case.Field "also" with
        | None -> []
        | Some names ->
            [ for name in names.EnumerateArray() do
                  let name = string (name.GetString())
                  case.Refresh()
                  let positional, keywords = case.Arguments case.Json
                  use _ = torch.no_grad ()

                  try
                      if name = "out" then
                          out case operation positional keywords
                      else
                          under case name positional keywords
                  with
                  | Lacking what -> what
                  | Calling.Unfitting reason -> raise (Mismatch $"as {name}: {reason}")
                  | Mismatch reason -> raise (Mismatch $"as {name}: {reason}")
                  | :? FunctionalException as e -> raise (Mismatch $"as {name}: {e.GetType().Name}: {e.Message}") ]

    /// Gives the names and forms that the facade lacks.
    let run (case: Given) : string list =
        let operation = case.Text "op"
        let positional, keywords = case.Arguments case.Json
        let results = Calling.call operation (cloned operation positional) keywords |> Value.flatten
        Checking.outputs case "output" results
        Checking.gradients case case.Tensor results
        Checking.afterwards case case.Tensor
        tangents case operation
        also case operation
