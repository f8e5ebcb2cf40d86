/// The models of the samples, from F# and from C#: the trained one scores what it scored where it was trained, the others learn in
/// a short run what no network knows that does not learn. The samples' own runs are longer; the README has their figures.
module Functional.Laws.ModelTests

open System.IO
open Expecto
open Functional
open Functional.Models
open Functional.Torch

type private CSharpGpt = ModelsCSharp.CharacterGpt
type private CSharpNames = ModelsCSharp.NameGenerator
type private CSharpLeNet = ModelsCSharp.LeNet5
type private CSharpResNet = ModelsCSharp.ResNet20

let private data = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "..", "..", "shared", "data"))

/// A test that needs files under the data folder.
let private onData name (files: string list) body = test name {
    for file in files do
        if not (Path.Exists(Path.Combine(data, file))) then
            skiptest $"{file} is not under {data}"

    body ()
}

let private silent = System.Action<int, float>(fun _ _ -> ())
let private seed () = torch.random.manual_seed 1L |> ignore

let private near915 (right: int64) count =
    Expect.equal count 1000L "pictures"
    Expect.isLessThanOrEqual (abs (right - 915L)) 2L $"{right} of 1,000 where 915 are right"

let private resnet = [ "checkpoints/legacy/akamaster_resnet20-12fca82f.th"; "cifar10" ]

/// The first part of Shakespeare, with its own alphabet.
let private text () = (Data.shakespeare data).Substring(0, 60_000)

/// One of 65 characters at random has a loss of 4.17, their frequencies alone come to 3.3.
let private learned what (loss: float) = Expect.isLessThan loss 3.1 $"the {what}'s loss on text that it did not see"

/// One of 27 letters at random has a loss of 3.3, their frequencies alone come to 2.8.
let private learnedNames what (loss: float) = Expect.isLessThan loss 2.6 $"the {what}'s loss on names that it did not see"

let private areNames (names: string seq) =
    Expect.hasLength names 5 "as many as asked for"
    Expect.all names (Seq.forall System.Char.IsAsciiLetterLower) "of letters only"

let private fewDigits () =
    let training, test = Data.digits data

    { Inputs = Tensor.narrow 0 0 6_000 training.Inputs
      Targets = Tensor.narrow 0 0 6_000 training.Targets },
    test

let private learnedDigits what (accuracy: float) = Expect.isGreaterThan accuracy 0.93 $"the {what}'s accuracy"

let tests =
    testSequenced (
        testList
            "Models"
            [ onData "ResNet-20 with PyTorch's weights scores 915 of 1,000" resnet (fun () ->
                  let right, count = ResNet20.score data
                  near915 (int64 right) (int64 count))

              onData "ResNet-20 from C# scores 915 of 1,000" resnet (fun () ->
                  let struct (right, count) = CSharpResNet.Score data
                  near915 right count)

              onData "LeNet-5 learns digits" [ "mnist" ] (fun () ->
                  let training, test = fewDigits ()
                  let score = LeNet5.train training test 2 1 (fun _ _ -> ())
                  learnedDigits "network" score.Accuracy)

              onData "LeNet-5 learns digits from C#" [ "mnist" ] (fun () ->
                  seed ()
                  let struct (images, labels) = ModelsCSharp.Data.Digits(data, true)
                  let few = struct (images.narrow (0L, 0L, 6_000L), labels.narrow (0L, 0L, 6_000L))
                  let test = ModelsCSharp.Data.Digits(data, false)
                  CSharpLeNet.Train(few, test, 2, silent) |> learnedDigits "network")

              onData "the character GPT learns and writes" [ "tinyshakespeare" ] (fun () ->
                  let trained = CharacterGpt.train (text ()) 60 1 (fun _ _ -> ())
                  learned "GPT" trained.Loss
                  Expect.equal (CharacterGpt.write trained 80 1).Length 81 "the first character and 80 more")

              onData "the character GPT learns and writes from C#" [ "tinyshakespeare" ] (fun () ->
                  seed ()
                  let text = text ()
                  let alphabet = Data.alphabet text
                  let numbers = torch.tensor (alphabet.Encode text |> Array.map int64)
                  let struct (network, loss) = CSharpGpt.Train(numbers, alphabet.Letters.Length, 60, silent)
                  learned "GPT" loss
                  Expect.equal (network.Write(torch.tensor [| 0L |], 80)).shape[0] 81L "the first character and 80 more")

              onData "the name generator learns and invents" [ "names" ] (fun () ->
                  let parameters, loss = Names.train (Data.names data) 100 1 (fun _ _ -> ())
                  learnedNames "generator" loss
                  areNames (Names.invent parameters 5 1))

              onData "the name generator learns and invents from C#" [ "names" ] (fun () ->
                  seed ()
                  let struct (network, loss) = CSharpNames.Train(Data.names data, 100, 1, silent)
                  learnedNames "generator" loss
                  areNames (network.Invent 5))

              test "where data are absent the samples say what is missing and what to do" {
                  let message =
                      try
                          Data.names "nowhere" |> ignore
                          ""
                      with :? FileNotFoundException as error ->
                          error.Message

                  Expect.stringContains message "--data" "the option"
                  Expect.stringContains message (Path.Combine("nowhere", "names", "names.txt")) "the file"
              } ]
    )
