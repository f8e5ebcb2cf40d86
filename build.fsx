/// The one build script: dotnet fsi build.fsx TARGET [ARGUMENTS]. It needs the .NET SDK and git, nothing else.
#load "build/Commands.fsx"
#load "build/Packages.fsx"

open System
open System.IO
open Commands

// ---- what the targets are made of ----

let demo arguments =
    restore ()
    dotnet ([ "run"; "-c"; "Release"; "--project"; "samples/Digits"; "--" ] @ arguments)

/// Processors of other users: .NET leaves out instructions that it is told to, and kernels take the next narrower ones.
/// What is told, and the laws that are worth their time there.
let private narrower =
    [ "vectors of 256 bits", ("DOTNET_EnableAVX512", "0"), [ "Contract"; "Cpu" ]
      "vectors of 128 bits", ("DOTNET_EnableAVX2", "0"), [ "Products"; "Cpu" ] ]

let test arguments =
    build "Functional.sln"
    say "laws"
    let laws = program "tests/Laws" "Functional.Laws"
    dotnet (laws :: arguments)

    if List.isEmpty arguments then
        for width, setting, lists in narrower do
            say $"laws of the kernels on {width}"

            for list in lists do
                runWith [ setting ] "dotnet" [ laws; "--filter-test-list"; list ]

        say "the tour, a script over the packed packages"
        Packages.tour ()

    match beside [ "golden"; "index.json" ], arguments with
    | Some index, [] ->
        say "golden cases"

        let golden = [ program "tests/Golden" "Functional.Golden"; Path.GetDirectoryName index ]
        let openOn page = [ "--open"; under [ "docs"; page ] ]
        dotnet (golden @ openOn "golden-open.md")
        // A card where there is one, else OpenCL on the processor, which compiles too slowly for all of them.
        say "some golden cases on a GPU"

        runWith
            (List.singleton ("FUNCTIONAL_GPU_PROCESSOR", "1"))
            "dotnet"
            (golden
             @ openOn "golden-open.md"
             @ openOn "golden-open-gpu.md"
             @ [ "--try-device"; "cuda:0"; "--slice"; "7/60" ])
    | _ -> ()

let sources =
    [ "src"; "tests"; "samples"; "bench"; "build"; "build.fsx" ]
    |> List.filter (fun path -> Path.Exists(under [ path ]))

/// The C# projects that restore with the solution.
let private csharpProjects () =
    [ "src"; "tests"; "samples" ]
    |> List.filter (fun folder -> Directory.Exists(under [ folder ]))
    |> List.collect (fun folder ->
        Directory.EnumerateFiles(under [ folder ], "*.csproj", SearchOption.AllDirectories) |> Seq.sort |> Seq.toList)

/// Formats or, with the options that say so, only looks.
let private formatters fantomasOptions formatOptions =
    restore ()
    quietly "dotnet" [ "restore"; "Functional.sln" ] |> ignore
    dotnet ([ "fantomas" ] @ fantomasOptions @ sources)
    dotnet ([ "format"; "whitespace"; "--folder"; "." ] @ formatOptions)

    for project in csharpProjects () do
        dotnet ([ "format"; "style"; project; "--no-restore" ] @ formatOptions)

let format _ = formatters [] []
let check _ = formatters [ "--check" ] [ "--verify-no-changes" ]

/// The environment in which the benchmark's peer loads. On a system whose C++ library is older than the peer's, a script beside
/// the checkout mends the built copy and prints what to preload.
let private peerEnvironment () =
    match beside [ "peers"; "torchsharp-on-debian12" ] with
    | Some script when OperatingSystem.IsLinux() ->
        (quietly script [ under [ "bench"; "bin"; "Release" ] ]).Trim().Split '='
        |> function
            | [| name; value |] -> [ (name, value) ]
            | _ -> []
    | _ -> []

let bench arguments =
    build "bench"
    runWith (peerEnvironment ()) "dotnet" (program "bench" "Functional.Bench" :: arguments)

/// The .NET that runs this script: its folder, and the version of the shared framework.
let private runtime () =
    let framework =
        Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory().TrimEnd(Path.DirectorySeparatorChar)

    Path.GetFullPath(Path.Combine(framework, "..", "..", "..")), Path.GetFileName framework

/// What the unpacked archive's one command does. PyTorch's own CUDA libraries serve where the system has none.
let private gpuRun =
    """#!/usr/bin/env bash
# The contract laws, the golden cases and the benchmark on this machine's GPU, each whatever came of the others; what they say is also
# in results/. Arguments go to the benchmark (--tiny, --seconds S, --only TEXT). Without a GPU FUNCTIONAL_GPU_PROCESSOR=1 tries it on PoCL,
# with a slice of the laws and cases, as a processor compiles kernels slowly.
cd "$(dirname "$0")" || exit 1
# The machine may have no ICU either.
slice=()
[ "$FUNCTIONAL_GPU_PROCESSOR" = 1 ] && slice=(--slice 7/60) || export FUNCTIONAL_GPU_WHOLE=1
export DOTNET_ROOT="$PWD/runtime" DOTNET_gcServer=0 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
libraries=$(python3 - 2>/dev/null <<'END'
import glob, os, torch
home = os.path.dirname(torch.__file__)
print(":".join(glob.glob(os.path.join(os.path.dirname(home), "nvidia", "*", "lib")) + [os.path.join(home, "lib")]))
END
)
[ -n "$libraries" ] && export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
mkdir -p results
summary=()
code=0

# part NAME COMMAND...: runs it, keeps what it says, and goes on.
part() {
    local name=$1 file="results/${1// /-}.txt" began=$SECONDS status
    shift
    echo "--- $name"
    "$@" 2>&1 | tee "$file"
    status=${PIPESTATUS[0]}
    [ "$status" = 0 ] || code=1
    summary+=("$name: $([ "$status" = 0 ] && echo passed || echo "ended with $status") after $((SECONDS - began)) s, $(grep -E '^[0-9,]+ passed, ' "$file" | tail -1)")
    return "$status"
}

dotnet="$PWD/runtime/dotnet"
part "traffic" "$dotnet" app/Functional.Laws.dll --filter-test-list Traffic
part "contract laws" "$dotnet" app/Functional.Laws.dll --filter-test-list Gpu
# Ended by a signal: NVIDIA's libraries may be to blame, and the rest is worth knowing.
if [ $? -ge 128 ]; then
    export FUNCTIONAL_GPU_LIBRARIES=0
    part "contract laws without libraries" "$dotnet" app/Functional.Laws.dll --filter-test-list Gpu
fi
if [ -f golden/index.json ]; then
    part "golden cases" "$dotnet" app/Functional.Golden.dll golden --open app/golden-open.md --open app/golden-open-gpu.md --device cuda:0 "${slice[@]}"
fi
part "benchmark" "$dotnet" app/Functional.GpuBench.dll "$@"
echo "--- summary"
printf '%s\n' "${summary[@]}" | tee results/summary.txt
exit $code
"""

/// One archive for a machine with a GPU that need not have .NET: runtime, laws, golden cases, benchmark, and ./run.
let gpuPack _ =
    build "tests/Laws"
    build "tests/Golden"
    build "bench/Gpu"
    let folder = under [ "artifacts"; "functional-gpu" ]

    if Directory.Exists folder then
        Directory.Delete(folder, true)

    let app = Path.Combine(folder, "app")

    for project in [ "tests/Laws"; "tests/Golden"; "bench/Gpu" ] do
        copyFolder (under [ project; "bin"; "Release"; "net10.0" ]) app

    for page in [ "golden-open.md"; "golden-open-gpu.md" ] do
        File.Copy(under [ "docs"; page ], Path.Combine(app, page))

    // The laws look for it to know where they are.
    File.Copy(under [ "Functional.sln" ], Path.Combine(folder, "Functional.sln"))
    let home, version = runtime ()

    for parts in [ [ "shared"; "Microsoft.NETCore.App"; version ]; [ "host"; "fxr"; version ] ] do
        copyFolder (Path.Combine(Array.ofList (home :: parts))) (Path.Combine(Array.ofList (folder :: "runtime" :: parts)))

    // What only debuggers and readers need makes room for the rest.
    for unneeded in [ "createdump*"; "*mscordaccore*"; "*mscordbi*"; "*.xml" ] do
        for file in Directory.EnumerateFiles(folder, unneeded, SearchOption.AllDirectories) |> Seq.toList do
            File.Delete file

    File.Copy(Path.Combine(home, "dotnet"), Path.Combine(folder, "runtime", "dotnet"))

    match beside [ "golden"; "index.json" ] with
    | Some index -> copyFolder (Path.GetDirectoryName index) (Path.Combine(folder, "golden"))
    | None -> say "no golden cases beside the checkout: the archive goes without them"

    let script = Path.Combine(folder, "run")
    File.WriteAllText(script, gpuRun)
    run "chmod" [ "+x"; script ]
    let archive = under [ "artifacts"; "functional-gpu.tar.gz" ]
    run "tar" [ "-C"; under [ "artifacts" ]; "-czf"; archive; "functional-gpu" ]
    let size = float (FileInfo archive).Length / 1e6
    printfn $"artifacts/functional-gpu.tar.gz: %.1f{size} MB; unpack it on the machine with the GPU and start ./run"

    if size > 50.0 then
        raise (CommandFailed("gpu-pack: the archive is larger than 50 MB", 1))

/// Who refers to whom, from the project files, as the lines of a mermaid graph.
let private dependencyGraph () =
    [ for project in Packages.shipping () do
          let uses =
              Xml.Linq.XDocument.Load(project).Descendants(Xml.Linq.XName.Get "ProjectReference")
              |> Seq.map (fun reference -> reference.Attribute(Xml.Linq.XName.Get "Include").Value)

          for used in uses do
              $"    {Path.GetFileNameWithoutExtension project} --> {Path.GetFileNameWithoutExtension used}" ]

/// Writes the graph into the page about the architecture, between its marks.
let private drawDependencies () =
    let page = under [ "docs"; "architecture.md" ]
    let first, last = "```mermaid", "```"
    let lines = File.ReadAllLines page |> Array.toList
    let before = lines |> List.takeWhile ((<>) first)
    let after = lines |> List.skip before.Length |> List.skipWhile ((<>) last)
    File.WriteAllLines(page, before @ [ first; "graph BT" ] @ dependencyGraph () @ after)

let docs _ =
    drawDependencies ()
    build "Functional.sln"

    quietly
        "dotnet"
        ([ "fsdocs"; "build"; "--clean"; "--input"; "docs"; "--output"; "artifacts/docs" ]
         @ [ "--properties"
             "Configuration=Release"
             "--parameters"
             "fsdocs-collection-name"
             "Functional"
             "--projects" ]
         @ Packages.shipping ())
    |> ignore

    printfn "artifacts/docs/reference/index.html"

let clean _ =
    // Only what git ignores: a new file that is not added yet stays.
    run "git" [ "clean"; "-Xdfq"; "-e"; "!.vs"; "-e"; "!.idea"; "-e"; "!*.user" ]

// ---- the targets ----

type Target = { Name: string; Does: string; Run: string list -> unit }

let targets =
    [ { Name = "demo"
        Does = "train a network on handwritten digits; further arguments go to it (--data DIR, --resume, ...)"
        Run = demo }
      { Name = "test"
        Does = "build everything in Release, run all tests; further arguments go to the runner"
        Run = test }
      { Name = "bench"
        Does = "compare with libtorch; 'bench help' lists its options (downloads libtorch once)"
        Run = bench }
      { Name = "gpu-pack"
        Does = "make one archive that tests and times the GPU backend on a machine without .NET"
        Run = gpuPack }
      { Name = "format"; Does = "format the sources"; Run = format }
      { Name = "check"; Does = "fail where a source is not formatted"; Run = check }
      { Name = "pack"
        Does = "build the packages into artifacts/packages; --portable leaves out images compiled ahead of time"
        Run = Packages.pack }
      { Name = "docs"
        Does = "write the API reference and the dependency picture to artifacts/docs"
        Run = docs }
      { Name = "clean"; Does = "remove what builds leave behind"; Run = clean } ]

let main arguments =
    match arguments with
    | [] ->
        printfn "dotnet fsi build.fsx TARGET [ARGUMENTS]\n"
        targets |> List.iter (fun target -> printfn $"  %-10s{target.Name}{target.Does}")
        0
    | name :: rest ->
        match targets |> List.tryFind (fun target -> target.Name = name) with
        | None ->
            let names = targets |> List.map _.Name |> String.concat ", "
            eprintfn $"No target '{name}'. There are: {names}."
            2
        | Some target ->
            try
                target.Run rest
                0
            with CommandFailed(command, code) ->
                eprintfn $"{target.Name} failed: {command} ended with {code}"
                1

fsi.CommandLineArgs |> Array.toList |> List.tail |> main |> exit
