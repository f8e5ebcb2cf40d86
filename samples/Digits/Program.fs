/// The main job: a convolutional network learns handwritten digits, and shows what it learned and where it errs.
module Functional.Digits.Program

open System
open System.IO
open Functional
open Functional.Contract

type Options =
    {
        Data: string option
        /// Digits drawn here even where there is MNIST.
        Drawn: bool
        Out: string
        Epochs: int option
        Seed: int
        Resume: bool
    }

let private usage =
    """usage: demo [--data DIR | --drawn] [--epochs N] [--seed N] [--out DIR] [--resume]
  --data DIR   a folder with the four MNIST files; otherwise MNIST where it can be found, else digits drawn here
  --drawn      digits drawn here, even where MNIST is found
  --epochs N   passes over the training set (3 on MNIST, 2 on drawn digits)
  --out DIR    where checkpoint, learning curve and picture go (artifacts/digits)
  --resume     continue from the checkpoint in DIR"""

let rec private parse options arguments =
    match arguments with
    | [] -> Ok options
    | "--resume" :: rest -> parse { options with Resume = true } rest
    | "--drawn" :: rest -> parse { options with Drawn = true } rest
    | "--data" :: folder :: rest -> parse { options with Data = Some folder } rest
    | "--out" :: folder :: rest -> parse { options with Out = folder } rest
    | (("--epochs" | "--seed") as name) :: text :: rest ->
        match Int32.TryParse text with
        | true, n when n >= 0 && name = "--epochs" -> parse { options with Epochs = Some n } rest
        | true, n when name = "--seed" -> parse { options with Seed = n } rest
        | _ -> Error $"{name} needs a number, but got '{text}'"
    | other :: _ -> Error $"unknown argument '{other}'"

/// Two convolutions and two dense layers: 220,000 parameters.
let network =
    Nn.named
        [ "conv1", Nn.conv2dWith 1 2 true 1 16 5
          "relu1", Nn.relu
          "pool1", Nn.maxPool2d 2
          "conv2", Nn.conv2dWith 1 2 true 16 32 5
          "relu2", Nn.relu
          "pool2", Nn.maxPool2d 2
          "flatten", Nn.flatten
          "dense1", Nn.linear (32 * 7 * 7) 128
          "relu3", Nn.relu
          "dropout", Nn.dropout 0.25
          "dense2", Nn.linear 128 10 ]

let private batchSize = 64

let private examples (digits: Digits) : Examples =
    { Inputs = Tensor.ofStored digits.Images |> Tensor.unsqueeze 1
      Targets = Tensor.ofStored digits.Labels |> Tensor.cast Int64 }

/// Bytes to numbers of mean 0 and variance 1, by MNIST's own mean and deviation.
let private prepare (images: Tensor) = (Tensor.cast Float32 images / 255.0 - 0.1307) / 0.3081

let private percent (score: Score) = $"{100.0 * score.Accuracy:F2} %%"

let private train options source epochs (set: DigitSet) =
    let training, test = examples set.Train, examples set.Test
    let count = training.Inputs.Shape[0]
    let steps = (count + batchSize - 1) / batchSize
    let rate = Schedule.cosine (epochs * steps) 2e-5 2e-3 |> Schedule.warmup 100

    let learner = { Network = network; Loss = Loss.crossEntropy; Optimizer = Optim.adamScheduled rate }

    let checkpoint = Path.Combine(options.Out, "digits.safetensors")
    let fresh = Trainer.start learner (Random.key options.Seed)

    let run = $"{source}, {count} digits, {epochs} epochs, seed {options.Seed}"

    let start, before: Snapshot * Report.History =
        if options.Resume && File.Exists checkpoint then
            let snapshot = Checkpoint.load checkpoint fresh
            snapshot, Report.loadHistory options.Out run snapshot.Epoch
        else
            fresh, { Learned = []; Tested = [] }

    if start.Epoch > 0 then
        printfn $"continuing after epoch {start.Epoch} of {epochs}"

    let epoch (snapshot, history: Report.History) number =
        let moments = ResizeArray<Report.Moment>()

        let learn report =
            let tell done' (score: Score) =
                if done' % (50 * batchSize) = 0 then
                    moments.Add { Epoch = float (number - 1) + float done' / float count; Score = score }

                report done' $"loss {score.Loss:F4}  accuracy {percent score}"

            Trainer.epoch learner batchSize prepare training tell snapshot

        let next, learned = Progress.run $"epoch {number}/{epochs}" count learn
        let tested = Trainer.evaluate learner prepare test next
        printfn $"epoch {number}: training loss {learned.Loss:F4}, test loss {tested.Loss:F4}, test accuracy {percent tested}"

        let history: Report.History =
            { Learned = history.Learned @ List.ofSeq moments
              Tested = history.Tested @ [ { Epoch = float number; Score = tested } ] }

        // The history first: killed between the two, the run goes on from the older checkpoint and cuts the history to it.
        Report.saveHistory options.Out run history
        Checkpoint.save checkpoint next
        next, history

    let final, history = [ start.Epoch + 1 .. epochs ] |> List.fold epoch (start, before)
    Report.curve options.Out history
    learner, final, test

let private run options =
    Directory.CreateDirectory options.Out |> ignore

    let source, set, epochs =
        match (if options.Drawn then None else Mnist.tryFind options.Data true) with
        | Some folder -> "MNIST", Mnist.load folder, 3
        | None -> "digits drawn here", DrawnDigits.set 1UL 12_000 2_000, 2

    let epochs = defaultArg options.Epochs epochs
    let watch = Diagnostics.Stopwatch.StartNew()
    printfn $"{source}: {set.Train.Images.Shape[0]} to learn from, {set.Test.Images.Shape[0]} to test with"
    let learner, final, test = train options source epochs set
    let score = Trainer.evaluate learner prepare test final
    let answers = Trainer.predict network prepare test.Inputs final |> Tensor.argmaxDim 1 false |> Tensor.toInt32s
    let truth = Tensor.toInt32s test.Targets

    let wrong: Mistake[] =
        Array.zip truth answers
        |> Array.mapi (fun i (label, answer) -> { Index = i; Truth = label; Predicted = answer })
        |> Array.filter (fun m -> m.Truth <> m.Predicted)

    Report.mistakes options.Out set.Test.Images wrong
    printfn $"test accuracy {percent score} ({wrong.Length} of {truth.Length} wrong) after {watch.Elapsed.TotalSeconds:F1} s"
    printfn $"checkpoint, curve and picture of the errors are in {options.Out}"

[<EntryPoint>]
let main arguments =
    let defaults =
        { Data = None
          Drawn = false
          Out = Path.Combine("artifacts", "digits")
          Epochs = None
          Seed = 0
          Resume = false }

    match parse defaults (List.ofArray arguments) with
    | Error message ->
        eprintfn $"{message}\n{usage}"
        2
    | Ok options ->
        try
            run options
            0
        with
        | :? FunctionalException as error ->
            eprintfn $"{error.Message}"
            1
        | :? IOException as error ->
            eprintfn $"{error.Message}"
            1
