/// A process that is killed while it writes a checkpoint leaves the old file or the new one whole: shown by killing one.
module Functional.Laws.KillTests

open System
open System.Diagnostics
open System.IO
open System.Reflection
open System.Threading
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.FileSamples

/// Names the file in the environment of the process that is to be killed.
let private variable = "FUNCTIONAL_TESTS_WRITE_UNTIL_KILLED"

let private size = 4_000_000

/// Generation n has a metadata entry that says so, and every byte is n.
let private write path generation =
    let tensor = StoredTensor.create UInt8 [| size |] (ReadOnlyMemory(Array.create size (byte generation)))
    Safetensors.save path (Map [ "generation", string generation ]) [ "filled", tensor ]

let private writeUntilKilled path = Seq.initInfinite (fun i -> i % 200) |> Seq.iter (write path)

let private startWriter path =
    let program =
        match Assembly.GetEntryAssembly() with
        | null -> skiptest "no program to start again"
        | assembly -> assembly.Location

    let info = ProcessStartInfo("dotnet", [ program; "--filter-test-case"; "until killed" ])
    info.Environment[variable] <- path
    info.RedirectStandardOutput <- true

    match Process.Start info with
    | null -> skiptest "dotnet does not start"
    | writer -> writer

let private waitFor path (writer: Process) =
    let watch = Stopwatch.StartNew()

    while not (File.Exists path) && not writer.HasExited && watch.Elapsed < TimeSpan.FromMinutes 2.0 do
        Thread.Sleep 5

    Expect.isTrue (File.Exists path) "the writer wrote"

let private checkWhole path =
    let file = Safetensors.load path
    let generation = byte file.Metadata["generation"]
    let _, tensor = file.Tensors |> Array.exactlyOne
    Expect.equal tensor.Data.Length size "length"
    Expect.isFalse (tensor.Data.Span.ContainsAnyExcept generation) "every byte is of one generation"

let private killed =
    testSequenced
    <| test "a writer killed at any moment leaves a whole file" {
        withFolder (fun folder ->
            let random = Random 7
            let path = Path.Combine(folder, "checkpoint")

            for _ in 1..4 do
                use writer = startWriter path
                waitFor path writer
                Thread.Sleep(random.Next(5, 120))
                writer.Kill()
                writer.WaitForExit()
                checkWhole path
                File.Delete path)
    }

let tests =
    match Environment.GetEnvironmentVariable variable with
    | null -> killed
    | path -> test "until killed" { writeUntilKilled path }
