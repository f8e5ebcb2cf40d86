/// Resident memory over many steps: it may not grow after the warm-up.
module Functional.Bench.Endure

open System.Diagnostics

/// The growth that counts as constant.
let private allowed = 0.05

let private resident () = float System.Environment.WorkingSet / 1048576.0

/// Runs one of them here and prints a line; false when memory grew.
let here (all: Endurance list) name =
    match all |> List.tryFind (fun endurance -> endurance.Name = name) with
    | None ->
        eprintfn $"there is no '{name}'"
        false
    | Some endurance ->
        let step = endurance.Prepare()

        // The warm-up reads memory as the rest does, so that reading it costs nothing new later.
        let readings steps =
            [ for n in 1..steps do
                  step ()

                  if n % max 1 (steps / 20) = 0 then
                      resident () ]

        let before = readings endurance.WarmUp |> List.last
        let watch = Stopwatch.StartNew()
        let readings = readings endurance.Steps
        let after = List.last readings
        let growth = after / before - 1.0
        let verdict = if growth <= allowed then "constant" else "GROWS"
        let each = watch.Elapsed.TotalMilliseconds / float endurance.Steps

        printfn
            $"{name}: {endurance.Steps} steps of {each:F2} ms, {before:F0} MB after warm-up, at most {List.max readings:F0}, {after:F0} at the end ({growth:P1}): {verdict}"

        growth <= allowed

/// Runs each in a process of its own and prints their lines; false when memory grew in any.
let run (all: Endurance list) =
    let codes =
        [ for endurance in all do
              let printed, code = Self.run [] [ "--memory-of"; endurance.Name ]
              printed |> List.iter (printfn "%s")
              code ]

    List.forall ((=) 0) codes
