/// Runs a folder of golden cases (index.json, OP.json, OP.safetensors) against the facade.
module Functional.Golden.Program

open System
open System.IO
open System.Text.Json
open Functional.Torch

let private readable (element: JsonElement) = string (element.GetProperty("op").GetString())

/// The operators of a folder, with how many cases each has.
let private index (folder: string) =
    use index = Path.Combine(folder, "index.json") |> File.ReadAllText |> JsonDocument.Parse
    [ for entry in index.RootElement.EnumerateArray() -> readable entry ]

type private Tally =
    {
        Passed: int
        /// With their reasons.
        Failed: (string * string) list
        Skipped: int
        /// What the facade lacks, with how many cases want it.
        Lacking: Map<string, int>
    }

let private count tally (case: Given) =
    let id = case.Text "id"

    match Running.run case with
    | Passed -> { tally with Passed = tally.Passed + 1 }
    | Failed reason ->
        printfn $"FAILED {id}: {reason}"
        { tally with Failed = (id, reason) :: tally.Failed }
    | Skipped lacking ->
        let once found what = found |> Map.change what (Option.defaultValue 0 >> (+) 1 >> Some)
        { tally with Skipped = tally.Skipped + 1; Lacking = List.fold once tally.Lacking lacking }

/// Success means that the failing cases are exactly those named as open: nothing new fails, and nothing mended stays listed.
let private verdict failures (known: OpenCases) (wholeFolder: bool) =
    let mended = if wholeFolder then known.Mended failures else []

    for what in mended do
        printfn $"{what} is named as open, but does not fail: take it off the page"

    if mended.IsEmpty && failures |> List.forall known.Knows then 0 else 1

let private run (folder: string) (only: string option) page listLacking =
    let chosen =
        index folder
        |> List.filter (fun op ->
            match only with
            | None -> true
            | Some o -> op = o || op.StartsWith(o.TrimEnd '*') && o.EndsWith '*')

    let mutable tally = { Passed = 0; Failed = []; Skipped = 0; Lacking = Map.empty }

    for operation in chosen do
        let archive = Archive(Path.Combine(folder, operation + ".safetensors"))
        use cases = Path.Combine(folder, operation + ".json") |> File.ReadAllText |> JsonDocument.Parse

        for json in cases.RootElement.EnumerateArray() do
            tally <- count tally (Given(archive, json))

    if listLacking then
        for KeyValue(what, count) in tally.Lacking do
            printfn $"skipped {count}: {what}"
    elif not tally.Lacking.IsEmpty then
        printfn $"The facade lacks {tally.Lacking.Count} operations, other names or forms: --skipped lists them."

    let known = page |> Option.map OpenCases.Read |> Option.defaultValue OpenCases.None
    let code = verdict tally.Failed known only.IsNone
    printfn $"{tally.Passed} passed, {tally.Failed.Length} failed, {tally.Skipped} skipped"
    code

let private usage =
    "usage: dotnet run --project tests/Golden -c Release -- DIR [--only OPERATOR or PREFIX*] [--open PAGE] [--skipped] [--device NAME]"

[<EntryPoint>]
let main arguments =
    let rec options args only page skipped =
        match args with
        | "--only" :: name :: rest -> options rest (Some name) page skipped
        | "--open" :: path :: rest when File.Exists path -> options rest only (Some path) skipped
        | "--skipped" :: rest -> options rest only page true
        | "--device" :: name :: rest ->
            torch.set_default_device (torch.device name)
            options rest only page skipped
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
