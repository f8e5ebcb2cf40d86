/// How long training steps wait for their batches, by the number of workers that make them.
module Functional.Bench.Waiting

open System.Diagnostics
open System.Threading
open Functional

let private steps = 300
let private warmUp = 30

/// Mean time from a step's wish to its batch, and of a step, in milliseconds.
let private measure workers (make: int -> unit) (step: unit -> unit) =
    let batches = Loader.prefetch workers (2 * workers) (fun _ i -> make i) (seq { 0 .. steps + warmUp - 1 })
    use reader = batches.GetEnumerator()
    let waited, whole = Stopwatch(), Stopwatch()

    for i in 0 .. steps + warmUp - 1 do
        if i = warmUp then
            waited.Reset()
            whole.Restart()

        waited.Start()
        reader.MoveNext() |> ignore
        waited.Stop()
        step ()

    struct (waited.Elapsed.TotalMilliseconds / float steps, whole.Elapsed.TotalMilliseconds / float steps)

/// Batches that wait for a disk, and batches that are computed, beside a training step.
let run (prepareStep: unit -> unit -> unit) =
    let step = prepareStep ()
    let reading (_: int) = Thread.Sleep 2

    let computing (i: int) =
        let watch = Stopwatch.StartNew()
        let mutable x = float i

        while watch.Elapsed.TotalMilliseconds < 1.0 do
            x <- sqrt (x + 1.0)

    for name, make in [ "nothing to make", ignore; "2 ms of reading", reading; "1 ms of computing", computing ] do
        for workers in [ 0; 1; 2 ] do
            let struct (waited, whole) = measure workers make step
            printfn $"batches of {name}, {workers} workers: a step waits {1000.0 * waited:F0} us of {1000.0 * whole:F0}"
