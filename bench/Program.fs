/// Functional against libtorch, in one process, row by row.
module Functional.Bench.Program

open Functional.Bench.Rows

let private rows =
    Matmul.rows
    @ Training.rows
    @ Convolution.rows
    @ Pointwise.rows
    @ Reduction.rows
    @ Operators.rows
    @ Layers.rows

/// Nothing measured is not a pass.
let private missing what =
    eprintfn $"bench/Rows/Lasting.fs names no {what} to measure"
    false

/// False when what must hold did not.
let private carryOut options =
    match options.Mode with
    | Help ->
        printfn $"{Options.usage}"
        true
    | Compare ->
        Comparison.run options
        true
    | Pass ->
        Comparison.pass options rows
        true
    | Memory when Lasting.endurance.IsEmpty -> missing "training step"
    | Memory -> Endure.run Lasting.endurance
    | MemoryOf name -> Endure.here Lasting.endurance name
    | Waiting ->
        Waiting.run Ours.mlp
        true
    | Cold ->
        match Lasting.firstGradient with
        | None -> missing "first gradient"
        | Some _ ->
            ColdStart.run ()
            true
    | FirstGradient ->
        match Lasting.firstGradient with
        | None -> missing "first gradient"
        | Some compute ->
            ColdStart.here compute
            true

[<EntryPoint>]
let main arguments =
    match Options.parse (List.ofArray arguments) with
    | Ok options -> if carryOut options then 0 else 1
    | Error problem ->
        eprintfn $"{problem}\n\n{Options.usage}"
        2
