/// The demo as its users meet it: a program with arguments, killed and continued, and what it leaves in its folder.
module Functional.Laws.DemoTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open Functional
open Functional.Laws.FileSamples

let private program =
    Path.Combine(Repository.root, "samples", "Digits", "bin", "Release", "net10.0", "Functional.Digits.dll")

let private startWith configure (arguments: string list) =
    let info = ProcessStartInfo("dotnet", arguments)
    info.RedirectStandardOutput <- true
    info.RedirectStandardError <- true
    configure info

    match Process.Start info with
    | null -> skiptest "dotnet does not start"
    | demo -> demo

let private start arguments = startWith ignore (program :: arguments)

/// Exit code and everything printed.
let private ended (demo: Process) =
    let error = demo.StandardError.ReadToEndAsync()
    let printed = demo.StandardOutput.ReadToEnd()
    demo.WaitForExit()
    demo.ExitCode, printed + error.Result

let private run arguments =
    use demo = start arguments
    ended demo

/// The four files of MNIST with so many drawn digits to learn from.
let private dataset folder count =
    let save name tensor = File.WriteAllBytes(Path.Combine(folder, name), DataTests.idxOf tensor)

    let set = DrawnDigits.set 3UL count 200
    save "train-images-idx3-ubyte" set.Train.Images
    save "train-labels-idx1-ubyte" set.Train.Labels
    save "t10k-images-idx3-ubyte" set.Test.Images
    save "t10k-labels-idx1-ubyte" set.Test.Labels

let private curvePoints folder =
    File.ReadAllLines(Path.Combine(folder, "curve.csv")) |> Array.filter _.StartsWith("test,") |> Array.length

let private resumed = test "killed after its first epoch and resumed, the demo leaves the same checkpoint, curve and picture" {
    withFolder (fun folder ->
        let at name = Path.Combine(folder, name)
        dataset folder 2000
        let arguments out = [ "--data"; folder; "--epochs"; "3"; "--out"; at out ]
        let code, printed = run (arguments "whole")
        Expect.equal code 0 printed
        Expect.isFalse (printed.Contains '\u001b') "plain lines where output is not a terminal"
        Expect.stringContains printed "accuracy" "a line tells how it goes"
        Expect.stringContains printed "/s" "and how fast"

        use demo = start (arguments "broken")
        let checkpoint = Path.Combine(at "broken", "digits.safetensors")
        let watch = Stopwatch.StartNew()

        while not (File.Exists checkpoint) && not demo.HasExited && watch.Elapsed < TimeSpan.FromMinutes 2.0 do
            Thread.Sleep 2

        demo.Kill()
        demo.WaitForExit()
        Expect.isFalse (File.Exists(Path.Combine(at "broken", "mistakes.png"))) "it was killed before its end"
        let code, printed = run (arguments "broken" @ [ "--resume" ])
        Expect.equal code 0 printed
        Expect.stringContains printed "continuing after epoch" "it went on"

        for file in [ "digits.safetensors"; "curve.svg"; "mistakes.png"; "curve.csv" ] do
            let bytes name = File.ReadAllBytes(Path.Combine(at name, file))
            Expect.equal (bytes "broken") (bytes "whole") $"{file}, byte for byte"

        Expect.stringStarts (File.ReadAllText(Path.Combine(at "whole", "curve.svg"))) "<svg" "the curve is an SVG"

        Expect.sequenceEqual
            (File.ReadAllBytes(Path.Combine(at "whole", "mistakes.png"))[..3])
            [ 0x89uy; byte 'P'; byte 'N'; byte 'G' ]
            "the picture is a PNG"

        Expect.equal (curvePoints (at "whole")) 3 "a point for each epoch"
        let code, printed = run (arguments "whole" @ [ "--resume" ])
        Expect.equal code 0 printed
        Expect.equal (curvePoints (at "whole")) 3 "a finished run that is resumed keeps its curve"

        let code, printed = run [ "--data"; folder; "--epochs"; "4"; "--out"; at "whole"; "--resume" ]

        Expect.equal code 1 "another run is refused"
        Expect.stringContains printed "is of another run" "and says so")
}

let private drawn = test "with no data at hand the demo draws digits and learns them" {
    withFolder (fun folder ->
        let code, printed = run [ "--drawn"; "--epochs"; "1"; "--out"; folder ]
        Expect.equal code 0 printed
        let line = printed.Split '\n' |> Array.find _.StartsWith("test accuracy")
        Expect.isGreaterThan (float (line.Split(' ')[2])) 95.0 line)
}

/// The demo in a place of its own, from where no shared data is seen, with a cache of its own and no way into the network.
let private startFrom (place: string) (folder: string) arguments =
    let at name = Path.Combine(place, name)

    let configure (info: ProcessStartInfo) =
        info.WorkingDirectory <- folder
        info.Environment["XDG_DATA_HOME"] <- at "cache"

        for name in [ "HTTPS_PROXY"; "https_proxy" ] do
            info.Environment[name] <- "http://localhost:1"

        for name in [ "NO_PROXY"; "no_proxy" ] do
            info.Environment.Remove name |> ignore

    startWith configure (at "program/Functional.Digits.dll" :: arguments)

let private found = test "the demo takes the folder it is told, else shared data, else the cache, else a download, and else draws" {
    // The cache of other systems cannot be put elsewhere.
    if not (OperatingSystem.IsLinux()) then
        skiptest "the place of the cache is set for Linux only"

    withFolder (fun place ->
        let make (parts: string list) count =
            let folder = Path.Combine(Array.ofList (place :: parts))
            Directory.CreateDirectory folder |> ignore

            if count > 0 then
                dataset folder count

            folder

        let target = make [ "program" ] 0

        for file in DirectoryInfo(Path.Combine(program, "..")).EnumerateFiles() do
            file.CopyTo(Path.Combine(target, file.Name)) |> ignore

        let named = make [ "named" ] 110
        let besideShared = make [ "a"; "checkout"; "deeper" ] 0
        make [ "a"; "shared"; "data"; "mnist" ] 120 |> ignore
        let alone = make [ "b"; "checkout" ] 0

        /// What the demo says of its digits, having learned for no epoch.
        let digits folder arguments =
            use demo = startFrom place folder (arguments @ [ "--epochs"; "0"; "--out"; Path.Combine(place, "out") ])
            let code, printed = ended demo
            Expect.equal code 0 printed
            printed.Split('\n')[0]

        Expect.stringStarts (digits alone []) "digits drawn here: 12000" "nothing anywhere, and nothing to download from"

        let cache = Path.Combine(place, "cache", "Functional", "mnist")
        let left = if Directory.Exists cache then Directory.GetFileSystemEntries cache else [||]
        Expect.isEmpty left "a download that fails leaves nothing in the cache"
        make [ "cache"; "Functional"; "mnist" ] 130 |> ignore
        Expect.stringStarts (digits alone []) "MNIST: 130" "the cache of this user"
        Expect.stringStarts (digits besideShared []) "MNIST: 120" "shared data beside a folder above comes before it"
        Expect.stringStarts (digits besideShared [ "--data"; named ]) "MNIST: 110" "a folder that is named comes first"
        Expect.stringStarts (digits besideShared [ "--drawn" ]) "digits drawn here" "no data is wanted")
}

let private refused = test "what the demo does not understand it refuses before any work" {
    for arguments in [ [ "--epochs"; "many" ]; [ "--what" ]; [ "--data" ] ] do
        let code, printed = run arguments
        Expect.equal code 2 "exit code"
        Expect.stringContains printed "usage" "and says how it is used"

    let code, printed = run [ "--data"; "/nowhere" ]
    Expect.equal code 1 "exit code"
    Expect.stringStarts printed "Dataset not found" "PyTorch's words"
}

let private progress = test "on a terminal a bar shows note, rate, share and time left" {
    use written = new StringWriter()

    let console =
        Spectre.Console.AnsiConsole.Create(
            Spectre.Console.AnsiConsoleSettings(
                Ansi = Spectre.Console.AnsiSupport.Yes,
                Interactive = Spectre.Console.InteractionSupport.Yes,
                Out = Spectre.Console.AnsiConsoleOutput written
            )
        )

    console.Profile.Width <- 120

    let result =
        Progress.drawOn console "epoch 1/1" 200 (fun report ->
            for i in 1..200 do
                report i $"loss {1.0 / float i:F4}  accuracy 50.00 %%"
                Thread.Sleep 5

            42)

    Expect.equal result 42 "the work's result"
    let text = written.ToString()

    for words in [ "epoch 1/1"; "loss 0.00"; "accuracy 50.00 %"; "/s"; "100%"; "00:00:0"; "\u001b[" ] do
        Expect.stringContains text words "what the bar shows"
}

let tests = testSequenced (testList "Demo" [ resumed; drawn; found; refused; progress ])
