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

type private Tally = { Passed: int; Failed: string list; Skipped: Map<string, int> }

let private count tally (id: string) outcome =
    match outcome with
    | Passed -> { tally with Passed = tally.Passed + 1 }
    | Failed reason ->
        printfn $"FAILED {id}: {reason}"
        { tally with Failed = id :: tally.Failed }
    | Skipped reason -> { tally with Skipped = tally.Skipped |> Map.change reason (Option.defaultValue 0 >> (+) 1 >> Some) }

/// The cases that a page of the documentation names as open, one in backquotes at the start of an item.
let private openCases (page: string option) =
    match page with
    | None -> Set.empty
    | Some path ->
        File.ReadAllLines path
        |> Seq.choose (fun line -> if line.StartsWith "- `" then Some(line.Split('`')[1]) else None)
        |> Set.ofSeq

/// Success means that the failing cases are exactly those named as open: nothing new fails, and nothing mended stays listed.
let private verdict (failed: Set<string>) (known: Set<string>) (wholeFolder: bool) =
    let mended = if wholeFolder then known - failed else Set.empty

    for id in mended do
        printfn $"{id} is named as open, but does not fail: take it off the page"

    if (failed - known).IsEmpty && mended.IsEmpty then 0 else 1

let private run (folder: string) (only: string option) page listSkipped =
    let chosen =
        index folder
        |> List.filter (fun op ->
            match only with
            | None -> true
            | Some o -> op = o || op.StartsWith(o.TrimEnd '*') && o.EndsWith '*')

    let mutable tally = { Passed = 0; Failed = []; Skipped = Map.empty }

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
    let code = verdict (Set.ofList tally.Failed) (openCases page) only.IsNone
    printfn $"{tally.Passed} passed, {tally.Failed.Length} failed, {skipped} skipped"
    code

let private usage =
    "usage: dotnet run --project tests/Golden -c Release -- DIR [--only OPERATOR or PREFIX*] [--open PAGE] [--skipped]"

[<EntryPoint>]
let main arguments =
    let rec options args only page skipped =
        match args with
        | "--only" :: name :: rest -> options rest (Some name) page skipped
        | "--open" :: path :: rest when File.Exists path -> options rest only (Some path) skipped
        | "--skipped" :: rest -> options rest only page true
        | [] -> Some(only, page, skipped)
        | _ -> None

    match List.ofArray arguments with
    | folder :: rest when File.Exists(Path.Combine(folder, "index.json")) ->
        match options rest None None false with
        | Some(only, page, skipped) -> run folder only page skipped
        | None ->
            eprintfn $"{usage}"
            2
    | folder :: _ ->
        eprintfn $"No index.json in '{folder}': give a folder of golden cases."
        2
    | [] ->
        eprintfn $"{usage}"
        2
