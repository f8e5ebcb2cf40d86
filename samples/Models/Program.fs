/// Four models on real data:  dotnet run -c Release --project samples/Models -- MODEL [--data DIR]
module Functional.Models.Program

open System
open System.Diagnostics
open System.IO
open Functional
open Functional.Contract

type private Options = { Data: string; Length: int option; Seed: int }

let private usage =
    """usage: MODEL [--data DIR] [--length N] [--seed N]
  resnet20     the score of a trained ResNet-20 on 1,000 pictures of CIFAR-10
  lenet5       trains LeNet-5 on MNIST for N epochs (6)
  gpt          trains a small transformer on Shakespeare for N steps (2000), and lets it write
  names        trains a recurrent network on first names for N steps (4000), and lets it invent some
  --data DIR   the folder with mnist, cifar10, checkpoints, tinyshakespeare and names (../shared/data)"""

let private percent part = $"{100.0 * part:F2} %%"

/// Tells of a step now and then.
let private tell every (watch: Stopwatch) step (loss: float) =
    if step % every = 0 then
        printfn $"step {step}: loss {loss:F3}, {watch.Elapsed.TotalSeconds:F0} s"

let private resnet20 (options: Options) =
    let right, count = ResNet20.score options.Data
    printfn $"ResNet-20: {right} of {count} pictures right"

let private lenet5 (options: Options) =
    let training, test = Data.digits options.Data
    let watch = Stopwatch.StartNew()

    let report epoch (score: Score) =
        printfn $"epoch {epoch}: test loss {score.Loss:F4}, accuracy {percent score.Accuracy}, {watch.Elapsed.TotalSeconds:F0} s"

    let score = LeNet5.train training test (defaultArg options.Length 6) options.Seed report
    printfn $"LeNet-5: accuracy {percent score.Accuracy} on the test set"

let private gpt (options: Options) =
    let text, watch = Data.shakespeare options.Data, Stopwatch.StartNew()
    let trained = CharacterGpt.train text (defaultArg options.Length 2000) options.Seed (tell 100 watch)
    printfn $"GPT: validation loss {trained.Loss:F3} after {watch.Elapsed.TotalSeconds:F0} s. It writes:"
    printfn $"{CharacterGpt.write trained 500 options.Seed}"

let private names (options: Options) =
    let names, watch = Data.names options.Data, Stopwatch.StartNew()
    let parameters, loss = Names.train names (defaultArg options.Length 4000) options.Seed (tell 200 watch)
    printfn $"names: validation loss {loss:F3} after {watch.Elapsed.TotalSeconds:F0} s. It invents:"
    printfn $"""{String.Join(", ", Names.invent parameters 20 options.Seed)}"""

let rec private parse (options: Options) arguments =
    match arguments with
    | [] -> Ok options
    | "--data" :: folder :: rest -> parse { options with Data = folder } rest
    | ("--length" | "--seed" as name) :: text :: rest ->
        match Int32.TryParse text with
        | true, n when n > 0 && name = "--length" -> parse { options with Length = Some n } rest
        | true, n when name = "--seed" -> parse { options with Seed = n } rest
        | _ -> Error $"{name} needs a number, but got '{text}'"
    | other :: _ -> Error $"unknown argument '{other}'"

let private models = Map [ "resnet20", resnet20; "lenet5", lenet5; "gpt", gpt; "names", names ]

[<EntryPoint>]
let main arguments =
    let model = arguments |> Array.tryHead |> Option.bind models.TryFind
    let options = arguments |> Seq.skip (min 1 arguments.Length) |> List.ofSeq

    match model, parse { Data = Path.Combine("..", "shared", "data"); Length = None; Seed = 1 } options with
    | None, _ ->
        eprintfn $"{usage}"
        2
    | _, Error message ->
        eprintfn $"{message}\n{usage}"
        2
    | Some run, Ok options ->
        try
            run options
            0
        with
        | :? FunctionalException as error ->
            eprintfn $"{error.Message}"
            1
        | :? IOException as error ->
            eprintfn $"{error.Message}"
            1
