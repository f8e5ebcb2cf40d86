/// Functional against libtorch, in one process, row by row.
module Functional.Bench.Program

open Functional.Bench.Rows

let private rows = Matmul.rows @ Training.rows @ Convolution.rows @ Pointwise.rows @ Reduction.rows

let private carryOut options =
    match options.Mode with
    | Help -> printfn $"{Options.usage}"
    | Compare -> Comparison.run options
    | Pass -> Comparison.pass options rows
    | Memory -> Endure.run Lasting.endurance
    | MemoryOf name ->
        if not (Endure.here Lasting.endurance name) then
            exit 1
    | Cold ->
        if Lasting.firstGradient.IsSome then
            ColdStart.run ()
    | FirstGradient -> Lasting.firstGradient |> Option.iter ColdStart.here

[<EntryPoint>]
let main arguments =
    match Options.parse (List.ofArray arguments) with
    | Ok options ->
        carryOut options
        0
    | Error problem ->
        eprintfn $"{problem}\n\n{Options.usage}"
        2
