/// What a run leaves behind for a person to look at.
module Functional.Digits.Report

open System.IO
open Functional

/// A score and when it was taken, in epochs.
type Moment = { Epoch: float; Score: Score }

/// Loss and accuracy over time, while learning and on the test set.
let curve (folder: string) (learned: Moment seq) (tested: Moment seq) =
    let panel label pick : Panel =
        let series name moments : Series =
            { Name = name; Points = moments |> Seq.map (fun m -> m.Epoch, pick m.Score) |> Array.ofSeq }

        { Label = label; Series = [ series "training" learned; series "test" tested ] }

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
