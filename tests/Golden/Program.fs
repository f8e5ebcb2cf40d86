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

/// Which operators: by name or prefix, and every n-th from the i-th on.
type private Chosen =
    {
        Only: string option
        Slice: (int * int) option
        /// Pages of cases that are open.
        Pages: string list
        ListsLacking: bool
    }

    /// Whether everything that the pages name has run, on the device that they speak of.
    member this.IsWhole = this.Only.IsNone && this.Slice.IsNone && torch.get_default_device().``type`` = DeviceType.CPU

let private run (folder: string) chosen =
    let isNamed op =
        match chosen.Only with
        | None -> true
        | Some o -> op = o || op.StartsWith(o.TrimEnd '*') && o.EndsWith '*'

    let isInSlice place =
        match chosen.Slice with
        | None -> true
        | Some(i, n) -> place % n = i

    let operators =
        index folder |> List.indexed |> List.filter (fun (place, op) -> isInSlice place && isNamed op) |> List.map snd

    let mutable tally = { Passed = 0; Failed = []; Skipped = 0; Lacking = Map.empty }

    for operation in operators do
        let archive = Archive(Path.Combine(folder, operation + ".safetensors"))
        use cases = Path.Combine(folder, operation + ".json") |> File.ReadAllText |> JsonDocument.Parse

        for json in cases.RootElement.EnumerateArray() do
            tally <- count tally (Given(archive, json))

    if chosen.ListsLacking then
        for KeyValue(what, count) in tally.Lacking do
            printfn $"skipped {count}: {what}"
    elif not tally.Lacking.IsEmpty then
        printfn $"The facade lacks {tally.Lacking.Count} operations, other names or forms: --skipped lists them."

    let known = chosen.Pages |> List.map OpenCases.Read |> List.fold OpenCases.Union OpenCases.None
    let code = verdict tally.Failed known chosen.IsWhole
    printfn $"{tally.Passed} passed, {tally.Failed.Length} failed, {tally.Skipped} skipped"
    code

let private usage =
    "usage: dotnet run --project tests/Golden -c Release -- DIR [--only OPERATOR or PREFIX*] [--slice I/N] [--open PAGE] [--skipped] [--device NAME | --try-device NAME]"

[<EntryPoint>]
let main arguments =
    let rec options args chosen =
        match args with
        | "--only" :: name :: rest -> options rest { chosen with Only = Some name }
        | "--slice" :: slice :: rest ->
            match slice.Split '/' |> Array.map Int32.TryParse with
            | [| true, i; true, n |] when n > 0 -> options rest { chosen with Slice = Some(i, n) }
            | _ -> None
        | "--open" :: path :: rest when File.Exists path -> options rest { chosen with Pages = path :: chosen.Pages }
        | "--skipped" :: rest -> options rest { chosen with ListsLacking = true }
        | ("--device" | "--try-device") :: name :: rest ->
            torch.set_default_device (torch.device name)
            options rest chosen
        | [] -> Some chosen
        | _ -> None

    match List.ofArray arguments with
    | _ when Array.contains "--try-device" arguments && Functional.Backend.count "cuda" = 0 ->
        printfn "No GPU here, nor PoCL: the golden cases are not run on one."
        0
    | folder :: rest when File.Exists(Path.Combine(folder, "index.json")) ->
        match options rest { Only = None; Slice = None; Pages = []; ListsLacking = false } with
        | Some chosen -> run folder chosen
        | None ->
            eprintfn $"{usage}"
            2
    | folder :: _ ->
        eprintfn $"No index.json in '{folder}': give a folder of golden cases."
        2
    | [] ->
        eprintfn $"{usage}"
        2
