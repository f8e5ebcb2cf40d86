/// What a run leaves behind for a person to look at.
module Functional.Digits.Report

open System
open System.Globalization
open System.IO
open Functional
open Functional.Contract

/// A score and when it was taken, in epochs.
type Moment = { Epoch: float; Score: Score }

/// What a run has shown so far: while learning and on the test set.
type History = { Learned: Moment list; Tested: Moment list }

let private historyFile (folder: string) = Path.Combine(folder, "curve.csv")

/// Keeps the history beside the checkpoint, with what the run is: a run that goes on draws the whole curve.
let saveHistory (folder: string) (run: string) (history: History) =
    let text (number: float) = number.ToString("R", CultureInfo.InvariantCulture)
    let line kind (m: Moment) = $"{kind},{text m.Epoch},{text m.Score.Loss},{text m.Score.Accuracy}"

    let lines = List.map (line "training") history.Learned @ List.map (line "test") history.Tested
    AtomicFile.writeBytes (historyFile folder) (ReadOnlyMemory(Text.Encoding.UTF8.GetBytes(String.Join('\n', run :: lines))))

/// The history up to an epoch. Raises ArgumentValueException where it is that of another run, FileFormatException where it is damaged.
let loadHistory (folder: string) (run: string) (epoch: int) : History =
    let number (text: string) = Double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)

    let moment (line: string) =
        match line.Split ',' with
        | [| kind; at; loss; accuracy |] ->
            try
                kind, ({ Epoch = number at; Score = { Loss = number loss; Accuracy = number accuracy } }: Moment)
            with :? FormatException ->
                raise (FileFormatException $"'{historyFile folder}' is damaged: {line}")
        | _ -> raise (FileFormatException $"'{historyFile folder}' is damaged: {line}")

    let lines =
        if File.Exists(historyFile folder) then
            List.ofArray (File.ReadAllLines(historyFile folder))
        else
            [ run ]

    match lines with
    | found :: lines when found = run ->
        let moments = lines |> List.map moment |> List.filter (fun (_, m) -> m.Epoch <= float epoch)
        let only kind = moments |> List.filter (fst >> (=) kind) |> List.map snd
        { Learned = only "training"; Tested = only "test" }
    | found ->
        let other = List.tryHead found |> Option.defaultValue "an empty file"

        raise (
            ArgumentValueException
                $"the checkpoint in '{folder}' is of another run ({other} rather than {run}): give the same data, --epochs and --seed, or another --out"
        )

/// Loss and accuracy over time, while learning and on the test set.
let curve (folder: string) (history: History) =
    let panel label pick : Panel =
        let series name moments : Series =
            { Name = name; Points = moments |> Seq.map (fun m -> m.Epoch, pick m.Score) |> Array.ofSeq }

        { Label = label; Series = [ series "training" history.Learned; series "test" history.Tested ] }

    Curve.saveSvg
        (Path.Combine(folder, "curve.svg"))
        "Handwritten digits"
        "epoch"
        [ panel "loss" _.Loss; panel "accuracy, %" (fun s -> 100.0 * s.Accuracy) ]

/// At most this many mistakes are drawn.
let private most = 120

/// The test digits that were taken for others.
let mistakes (folder: string) (images: StoredTensor) (wrong: Mistake[]) =
    Picture.mistakes 12 images (Array.truncate most wrong)
    |> Picture.savePng (Path.Combine(folder, "mistakes.png"))
