/// From the start of a process to its first gradient: loading, compiling and computing together.
module Functional.Bench.ColdStart

open System
open System.Diagnostics

/// Computes the gradient and prints the milliseconds since this process began.
let here (firstGradient: unit -> unit) =
    firstGradient ()
    use current = Process.GetCurrentProcess()
    printfn $"{(DateTime.Now - current.StartTime).TotalMilliseconds}"

let private starts = 11

/// The median over several processes.
let run () =
    let milliseconds = [ for _ in 1..starts -> Self.lines [] [ "--first-gradient" ] |> List.last |> float ]

    printfn
        $"first gradient after {Measure.median milliseconds:F0} ms (median of {starts} processes, {List.min milliseconds:F0} to {List.max milliseconds:F0})"
