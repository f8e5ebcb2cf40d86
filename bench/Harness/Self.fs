/// This program, started again: what is measured must not inherit memory, threads or compiled code from what was measured before.
module Functional.Bench.Self

open System
open System.Diagnostics
open System.IO
open System.Reflection

/// Runs this program with arguments and more environment; gives the lines it prints.
let lines environment (arguments: string list) =
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

        if running.ExitCode <> 0 then
            let arguments = String.concat " " arguments
            invalidOp $"the benchmark with {arguments} ended with {running.ExitCode}"

        printed
