namespace Functional

open System
open System.Diagnostics
open Spectre.Console

/// Shows how far long work has come: a bar with rate and time left on a terminal, a line now and then elsewhere.
[<RequireQualifiedAccess>]
module Progress =
    let private line (title: string) (total: int) (watch: Stopwatch) count (note: string) =
        let rate = float count / max 1e-9 watch.Elapsed.TotalSeconds
        Console.Out.WriteLine($"{title}  {count}/{total}  {note}  {rate:F0}/s  {watch.Elapsed.TotalSeconds:F1} s")

    /// A line every five seconds and one at the end, for what is not a terminal.
    let private plain title (total: int) (work: (int -> string -> unit) -> 'R) : 'R =
        let watch = Stopwatch.StartNew()
        let spoken = ref TimeSpan.Zero
        let last = ref (0, "")

        let report count note =
            last.Value <- count, note

            if watch.Elapsed - spoken.Value > TimeSpan.FromSeconds 5.0 then
                spoken.Value <- watch.Elapsed
                line title total watch count note

        let result = work report
        last.Value ||> line title total watch
        result

    /// Draws a bar on a console of Spectre's: title, note, rate, share and time left.
    let drawOn (console: IAnsiConsole) (title: string) (total: int) (work: (int -> string -> unit) -> 'R) : 'R =
        let columns: ProgressColumn[] =
            [| TaskDescriptionColumn(Alignment = Justify.Left)
               ProgressBarColumn()
               PercentageColumn()
               RemainingTimeColumn()
               SpinnerColumn() |]

        console
            .Progress()
            .Columns(columns)
            .Start(fun context ->
                let watch = Stopwatch.StartNew()
                let task = context.AddTask(Markup.Escape title, maxValue = float total)

                work (fun count note ->
                    task.Value <- float count
                    let rate = float count / max 1e-9 watch.Elapsed.TotalSeconds
                    task.Description <- Markup.Escape $"{title}  {note}  {rate:F0}/s"))

    /// Runs work that reports how many of `total` items are done, with a note such as the loss.
    let run (title: string) (total: int) (work: (int -> string -> unit) -> 'R) : 'R =
        if Console.IsOutputRedirected || not AnsiConsole.Profile.Capabilities.Interactive then
            plain title total work
        else
            drawOn AnsiConsole.Console title total work
