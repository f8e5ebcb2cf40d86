/// Runs a folder of golden cases (index.json, OP.json, OP.safetensors) against the facade.
module Functional.Golden.Program

open System.IO
open System.Text.Json

/// The number of cases that the folder's index announces.
let private announced (folder: string) =
    use index = Path.Combine(folder, "index.json") |> File.ReadAllText |> JsonDocument.Parse

    index.RootElement.EnumerateArray() |> Seq.sumBy (fun entry -> entry.GetProperty("cases").GetInt32())

[<EntryPoint>]
let main arguments =
    match arguments with
    | [| folder |] when File.Exists(Path.Combine(folder, "index.json")) ->
        // The facade has no operation to bind a case to, so every case is one that was not run.
        printfn $"0 passed, 0 failed, {announced folder} skipped"
        0
    | [| folder |] ->
        eprintfn $"No index.json in '{folder}': give a folder of golden cases."
        2
    | _ ->
        eprintfn "usage: dotnet run --project tests/Golden -c Release -- DIR"
        2
