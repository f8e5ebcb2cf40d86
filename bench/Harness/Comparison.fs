/// The comparison with libtorch: passes in processes of their own, then one table for each number of threads.
module Functional.Bench.Comparison

open System
open TorchSharp

/// An allocator setting, as environment.
type private Allocator = { Title: string; Environment: (string * string) list }

let private plain = { Title = "malloc as it comes"; Environment = [] }

/// libtorch allocates with malloc, which by default hands large blocks back to the system each time: most of a large
/// operation is then page faults. This is how a user would tune that away.
let private tuned =
    { Title = "malloc tuned"
      Environment = [ "GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=4294967296" ] }

let private wanted options (row: Row) =
    row.Topic.Contains(options.Only, StringComparison.OrdinalIgnoreCase)
    || row.Name.Contains(options.Only, StringComparison.OrdinalIgnoreCase)

let private setThreads threads =
    torch.set_num_threads threads
    Functional.Cpu.WorkerPool.Threads <- threads

// ---- one pass, in a process of its own ----

let private separator = '\t'

let private write (name: string) (result: Measure.Result) =
    let ours = result.Ours |> Option.map string |> Option.defaultValue ""
    printfn $"{name}{separator}{result.Torch}{separator}{ours}"

let private read (line: string) =
    match line.Split separator with
    | [| name; torch; ours |] ->
        let result: Measure.Result = { Torch = float torch; Ours = (if ours = "" then None else Some(float ours)) }
        Some(name, result)
    | _ -> None

/// Measures the rows and prints a line for each.
let pass options rows =
    for threads in options.Threads do
        setThreads threads
        let plan = Measure.plan threads options.Clock options.Quick

        for row in rows |> List.filter (wanted options) do
            write row.Name (Measure.run plan row)

// ---- the table ----

let private start options threads allocator =
    eprintfn $"measuring: threads {threads}, {allocator.Title}"

    [ "--pass"
      "--threads"
      string threads
      "--only"
      options.Only
      if options.Quick then
          "--quick"
      if options.Clock = Processor then
          "--cpu-time" ]
    |> Self.lines allocator.Environment
    |> List.choose read

let private ratio (result: Measure.Result) = result.Ours |> Option.map (fun ours -> result.Torch / ours)

let private geometricMean (ratios: float list) = ratios |> List.averageBy log |> exp

let private figure (number: float) =
    if number < 10.0 then $"{number:F3}"
    elif number < 1000.0 then $"{number:F1}"
    else $"{number:N0}"

let private missing = [ "-"; "-"; "-" ]

let private cells (result: Measure.Result) =
    let ours = result.Ours |> Option.map figure |> Option.defaultValue "-"
    let ratio = ratio result |> Option.map (fun r -> $"{r:F2}") |> Option.defaultValue "-"
    [ figure result.Torch; ours; ratio ]

let private meanCells results =
    match results |> List.choose (snd >> ratio) with
    | [] -> missing
    | ratios -> [ ""; ""; $"**{geometricMean ratios:F2}**" ]

let private line (cells: string list) =
    let cells = String.concat " | " cells
    printfn $"| {cells} |"

/// A table in Markdown, to be read as it is or pasted into a page.
let private table threads (passes: (Allocator * (string * Measure.Result) list) list) =
    let plural = if threads = 1 then "" else "s"
    printfn ""

    line (
        $"{threads} thread{plural}, µs"
        :: (passes |> List.collect (fun (allocator, _) -> [ $"libtorch, {allocator.Title}"; "ours"; "ratio" ]))
    )

    line ("---" :: (passes |> List.collect (fun _ -> [ "---:"; "---:"; "---:" ])))

    for name in passes |> List.collect (snd >> List.map fst) |> List.distinct do
        let of' results =
            results
            |> List.tryFind (fun (other, _) -> other = name)
            |> Option.map (snd >> cells)
            |> Option.defaultValue missing

        line (name :: (passes |> List.collect (snd >> of')))

    line ("**geometric mean**" :: (passes |> List.collect (snd >> meanCells)))

/// Runs every pass and prints the tables. A ratio is libtorch's time over ours: above 1 we are faster.
let run options =
    Machine.describe () |> List.iter (printfn "%s")

    let allocators =
        if options.Tuned && OperatingSystem.IsLinux() then
            [ plain; tuned ]
        else
            [ plain ]

    for threads in options.Threads do
        allocators |> List.map (fun allocator -> allocator, start options threads allocator) |> table threads
