/// This program, started again: what is measured must not inherit memory, threads or compiled code from what was measured before.
module Functional.Bench.Self

open System
open System.Diagnostics
open System.IO
open System.Reflection

/// Runs this program with arguments and more environment; gives the lines it prints and its exit code.
let run environment (arguments: string list) =
    let host = Environment.ProcessPath |> string
    let isDotnet = Path.GetFileNameWithoutExtension host = "dotnet"
    let assembly = Assembly.GetExecutingAssembly().Location

    let start =
        ProcessStartInfo(host, (if isDotnet then [ assembly ] else []) @ arguments, RedirectStandardOutput = true)

    environment |> List.iter (fun (name, value: string) -> start.Environment[name] <- value)

    match Process.Start start with
    | null -> invalidOp $"{host} did not start"
    | running ->
        use running = running

        let printed =
            List.unfold (fun () -> running.StandardOutput.ReadLine() |> Option.ofObj |> Option.map (fun line -> line, ())) ()

        running.WaitForExit()
        printed, running.ExitCode

/// The lines of a run that must succeed.
let lines environment arguments =
    match run environment arguments with
    | printed, 0 -> printed
    | _, code ->
        let arguments = String.concat " " arguments
        invalidOp $"the benchmark with {arguments} ended with {code}"
