/// The core beside the facade: the same numbers in both, and checks that say what of PyTorch they are about.
module Functional.Laws.Beside

open System.Collections.Generic
open Expecto
open Functional
open Functional.Contract
open Functional.Torch

type Module = torch.nn.Module<torch.Tensor, torch.Tensor>

/// A check of an F# value, and PyTorch's names for what it is, without "torch." and "nn.", with blanks between them.
type Check = { Of: string; Name: string; Run: unit -> unit }

let noise seed shape = Random.normal (Random.key seed) shape

let facade (t: Tensor) =
    let shape = [| for size in t.Shape -> int64 size |]

    match t.Dtype with
    | Int64 -> torch.tensor (Tensor.toInt64s t, shape)
    | Float64 -> torch.tensor (Tensor.toFloat64s t, shape)
    | _ -> torch.tensor (Tensor.toArray t, shape)

let values (t: torch.Tensor) : float list = [ for x in t.detach().reshape(-1L).numpy() -> System.Convert.ToDouble x ]

/// A module gets parameters and state by name, and answers.
let loaded (parameters: Tree) (m: torch.nn.Module) =
    let named = Dictionary<string, torch.Tensor>()

    for name, t in Tree.named parameters do
        named[name] <- facade t

    m.load_state_dict named |> ignore
    m.eval () |> ignore

let near name (actual: Tensor) (expected: torch.Tensor) =
    Expect.sequenceEqual (actual.Shape |> Array.map int64) expected.shape $"{name}: shape"

    Seq.iter2
        (fun a b -> Expect.floatClose { absolute = 1e-5; relative = 1e-5 } a b name)
        (Tensor.toFloat64s actual)
        (values expected)

/// Parameters that scales of ones and shifts of zeros do not hide mistakes in, and the state.
let fresh seed (layer: Layer<'Input, 'Output>) =
    let parameters, state = layer.Init(Random.key seed)
    parameters |> Tree.map (fun t -> t + noise (seed + 1) (List.ofArray t.Shape) * 0.1), state

let evaluated (layer: Layer<'Input, 'Output>) parameters state input = layer.Apply Evaluate parameters state input |> fst

let tests checks = [ for check in checks -> testCase check.Name check.Run ]
