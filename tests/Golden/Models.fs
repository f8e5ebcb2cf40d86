namespace Functional.Golden

open System.Text.Json
open Functional.Torch

/// Cases that build a known network, whose parameters are numbers that a formula scatters.
module Models =
    /// Number i of sequence p, in [0, 1).
    let private scattered (p: uint64) (i: uint64) =
        let z = (i + (p <<< 32)) * 0x9E3779B97F4A7C15UL
        let z = (z ^^^ (z >>> 29)) * 0xBF58476D1CE4E5B9UL
        let z = z ^^^ (z >>> 32)
        float (z >>> 11) * 2.0 ** -53.0

    let private numbers p low high (shape: int64[]) =
        let count = Array.fold (*) 1L shape
        let data = Array.init (int count) (fun i -> float32 (low + scattered p (uint64 i) * (high - low)))
        torch.tensor (data, shape)

    let private range (name: string) (t: torch.Tensor) =
        if t.dim () >= 2L then
            let high = sqrt (6.0 * float (t.size 0L) / float (t.numel ()))
            -high, high
        elif name.EndsWith "running_var" then
            1.0, 1.5
        elif name.EndsWith "weight" then
            0.9, 1.1
        else
            -0.1, 0.1

    let private fill (case: Given) (m: torch.nn.Module) =
        let state = m.state_dict ()

        let expected =
            [ for entry in case.Json.GetProperty("names").EnumerateArray() ->
                  string (entry[0].GetString()), [ for size in entry[1].EnumerateArray() -> size.GetInt64() ] ]

        let actual = [ for KeyValue(name, t) in state -> name, List.ofSeq t.shape ]

        if actual <> expected then
            let i = Seq.zip actual expected |> Seq.takeWhile (fun (a, e) -> a = e) |> Seq.length
            raise (Mismatch $"entry {i} of the state_dict is {List.tryItem i actual}, should be {List.tryItem i expected}")

        use _ = torch.no_grad ()

        state
        |> Seq.iteri (fun p (KeyValue(name, t)) ->
            if not (name.EndsWith "num_batches_tracked") then
                let low, high = range name t
                t.copy_ (numbers (uint64 p) low high t.shape) |> ignore)

    let run (case: Given) =
        let m = Modules.build case (case.Json.GetProperty "module")

        m.train (case.Field "training" |> Option.map _.GetBoolean() |> Option.defaultValue true)
        fill case m
        let shape = [| for size in case.Json.GetProperty("input_shape").EnumerateArray() -> size.GetInt64() |]
        let input = numbers (1UL <<< 20) -1.0 1.0 shape
        let results = Calling.call "torch.nn.Module.__call__" [ Thing(box m); Value.tensor input ] [] |> Value.flatten

        let norms =
            [ for gradient in
                  Differentiating.gradients
                      false
                      (Differentiating.loss false [] results)
                      [ for p in m.parameters () -> p :> torch.Tensor ] ->
                  match gradient with
                  | null -> torch.tensor 0.0f
                  | g -> torch.sqrt (torch.sum (torch.square g)) ]

        Checking.outputs case "output" (results @ [ Value.tensor (torch.stack norms) ])
