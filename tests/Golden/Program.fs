/// Runs a folder of golden cases (index.json, OP.json, OP.safetensors) against the facade.
module Functional.Golden.Program

open System
open System.IO
open System.Text.Json

let private readable (element: JsonElement) = string (element.GetProperty("op").GetString())

/// The operators of a folder, with how many cases each has.
let private index (folder: string) =
    use index = Path.Combine(folder, "index.json") |> File.ReadAllText |> JsonDocument.Parse
    [ for entry in index.RootElement.EnumerateArray() -> readable entry ]

type private Tally =
    { Passed: int
      Failed: int
      Skipped: Map<string, int> }

let private count tally (id: string) outcome =
    match outcome with
    | Passed -> { tally with Passed = tally.Passed + 1 }
    | Failed reason ->
        printfn $"FAILED {id}: {reason}"
        { tally with Failed = tally.Failed + 1 }
    | Skipped reason -> { tally with Skipped = tally.Skipped |> Map.change reason (Option.defaultValue 0 >> (+) 1 >> Some) }

let private run (folder: string) (only: string option) listSkipped =
    let chosen = index folder |> List.filter (fun op -> match only with None -> true | Some o -> op = o || op.StartsWith(o.TrimEnd '*') && o.EndsWith '*')
    let mutable tally = { Passed = 0; Failed = 0; Skipped = Map.empty }

    for operation in chosen do
        let archive = Archive(Path.Combine(folder, operation + ".safetensors"))
        use cases = Path.Combine(folder, operation + ".json") |> File.ReadAllText |> JsonDocument.Parse

        for json in cases.RootElement.EnumerateArray() do
            let case = Case(archive, json)
            tally <- count tally case.Id (case.Run())

    if listSkipped then
        for KeyValue(reason, count) in tally.Skipped do
            printfn $"skipped {count}: {reason}"

    let skipped = tally.Skipped |> Map.toSeq |> Seq.sumBy snd
    printfn $"{tally.Passed} passed, {tally.Failed} failed, {skipped} skipped"
    if tally.Failed > 0 then 1 else 0

[<EntryPoint>]
let main arguments =
    let rec options args only skipped =
        match args with
        | "--only" :: name :: rest -> options rest (Some name) skipped
        | "--skipped" :: rest -> options rest only true
        | [] -> Some(only, skipped)
        | _ -> None

    match List.ofArray arguments with
    | folder :: rest when File.Exists(Path.Combine(folder, "index.json")) ->
        match options rest None false with
        | Some(only, skipped) -> run folder only skipped
        | None ->
            eprintfn "usage: dotnet run --project tests/Golden -c Release -- DIR [--only OPERATOR or PREFIX*] [--skipped]"
            2
    | folder :: _ ->
        eprintfn $"No index.json in '{folder}': give a folder of golden cases."
        2
    | [] ->
        eprintfn "usage: dotnet run --project tests/Golden -c Release -- DIR [--only OPERATOR or PREFIX*] [--skipped]"
        2
