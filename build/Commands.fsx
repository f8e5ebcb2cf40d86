/// Starting programs, and the parts of the build that others are made of.
module Commands

open System
open System.Diagnostics
open System.IO

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, ".."))
let under parts = Path.Combine(Array.ofList (root :: parts))

/// A command that did not succeed, and what it said with its exit code.
exception CommandFailed of command: string * code: int

let private start environment configure (program: string) (arguments: string list) =
    let info = ProcessStartInfo(program, arguments, WorkingDirectory = root)
    environment |> List.iter (fun (name, value: string) -> info.Environment[name] <- value)
    configure info

    match Process.Start info with
    | null -> raise (CommandFailed(program, 127))
    | running -> running

let private finish (program: string) (arguments: string list) (running: Process) =
    running.WaitForExit()

    if running.ExitCode <> 0 then
        raise (CommandFailed(String.concat " " (program :: arguments), running.ExitCode))

/// Runs a program in the root with more environment; its output is ours.
let runWith environment program arguments =
    use running = start environment ignore program arguments
    finish program arguments running

let run program arguments = runWith [] program arguments

/// Runs a program with more environment and keeps its output: shown only when it fails.
let quietlyWith environment program arguments =
    use running = start environment (fun info -> info.RedirectStandardOutput <- true) program arguments

    let output = running.StandardOutput.ReadToEnd()

    try
        finish program arguments running
    with CommandFailed _ ->
        printfn $"{output}"
        reraise ()

    output

let quietly program arguments = quietlyWith [] program arguments
let dotnet arguments = run "dotnet" arguments
let say (what: string) = printfn $"--- {what}"

/// The tools and packages that the lock file names. The benchmarks' own packages are not among them.
let restore () =
    quietly "dotnet" [ "tool"; "restore" ] |> ignore
    quietly "dotnet" [ "paket"; "restore" ] |> ignore

let build project =
    restore ()
    dotnet [ "build"; project; "-c"; "Release"; "--nologo"; "-v"; "quiet"; "-nodeReuse:false"; "-clp:NoSummary" ]

/// The built program of a project.
let program folder name = under [ folder; "bin"; "Release"; "net10.0"; $"{name}.dll" ]

/// A folder that may lie beside the checkout.
let beside parts =
    let path = Path.GetFullPath(under (".." :: "shared" :: parts))
    if Directory.Exists path || File.Exists path then Some path else None

let rec copyFolder (source: string) (target: string) =
    Directory.CreateDirectory target |> ignore

    for file in Directory.EnumerateFiles source do
        File.Copy(file, Path.Combine(target, Path.GetFileName file), true)

    for folder in Directory.EnumerateDirectories source do
        copyFolder folder (Path.Combine(target, Path.GetFileName folder))
