/// Resident memory over many steps: it may not grow after the warm-up.
module Functional.Bench.Endure

open System.Diagnostics

/// The growth that counts as constant.
let private allowed = 0.05

let private resident () =
    use here = Process.GetCurrentProcess()
    float here.WorkingSet64 / 1048576.0

/// Runs one of them here and prints a line; false when memory grew.
let here (all: Endurance list) name =
    match all |> List.tryFind (fun endurance -> endurance.Name = name) with
    | None ->
        eprintfn $"there is no '{name}'"
        false
    | Some endurance ->
        let step = endurance.Prepare()

        for _ in 1 .. endurance.WarmUp do
            step ()

        let before = resident ()
        let watch = Stopwatch.StartNew()

        let readings =
            [ for n in 1 .. endurance.Steps do
                  step ()

                  if n % max 1 (endurance.Steps / 20) = 0 then
                      resident () ]

        let after = List.last readings
        let growth = after / before - 1.0
        let verdict = if growth <= allowed then "constant" else "GROWS"
        let each = watch.Elapsed.TotalMilliseconds / float endurance.Steps

        printfn
            $"{name}: {endurance.Steps} steps of {each:F2} ms, {before:F0} MB after warm-up, at most {List.max readings:F0}, {after:F0} at the end ({growth:P1}): {verdict}"

        growth <= allowed

/// Runs each in a process of its own.
let run (all: Endurance list) =
    for endurance in all do
        Self.lines [] [ "--memory-of"; endurance.Name ] |> List.iter (printfn "%s")
