/// The files that the models learn from, read where they lie.
module Functional.Models.Data

open System.IO
open System.IO.Compression
open Functional
open Functional.Contract

/// A file under the data folder. Raises FileNotFoundException, saying what to do.
let file (folder: string) (parts: string list) =
    let path = Path.Combine(Array.ofList (folder :: parts))

    if not (File.Exists path) then
        raise (FileNotFoundException($"'{path}' is not here: name the folder that holds it with --data DIR"))

    path

/// The 60,000 and 10,000 digits of MNIST as images [n, 1, 28, 28] and labels [n], bytes both.
let digits folder =
    file folder [ "mnist"; "train-images-idx3-ubyte.gz" ] |> ignore
    let set = Mnist.load (Path.Combine(folder, "mnist"))

    let examples (digits: Digits) : Examples =
        { Inputs = Tensor.ofStored digits.Images |> Tensor.unsqueeze 1
          Targets = Tensor.ofStored digits.Labels |> Tensor.cast Int64 }

    examples set.Train, examples set.Test

/// The first 1,000 pictures of CIFAR-10's test set: bytes [1000, 3, 32, 32], and what they show.
let pictures folder : Examples =
    let path = file folder [ "cifar10"; "test_batch_first1000.bin.gz" ]
    use unpacked = new GZipStream(File.OpenRead path, CompressionMode.Decompress)
    use memory = new MemoryStream()
    unpacked.CopyTo memory

    // A record is a label and the three planes of a picture.
    let records = memory.ToArray() |> Tensor.ofBytes [ int memory.Length / 3073; 3073 ]

    { Inputs = records |> Tensor.narrow 1 1 3072 |> Tensor.reshape [ -1; 3; 32; 32 ]
      Targets = records |> Tensor.select 1 0 |> Tensor.cast Int64 }

/// Characters as numbers: the letters of a text in their order, and each letter's place.
type Alphabet =
    { Letters: char[] }

    member this.Encode(text: string) = text |> Seq.map (fun c -> System.Array.BinarySearch(this.Letters, c)) |> Array.ofSeq

    member this.Decode(numbers: int seq) = numbers |> Seq.map (fun n -> this.Letters[n]) |> Array.ofSeq |> System.String

/// The alphabet of a text.
let alphabet (text: string) = { Letters = text |> Seq.distinct |> Seq.sort |> Array.ofSeq }

/// Shakespeare's text, 1,115,394 characters.
let shakespeare folder = File.ReadAllText(file folder [ "tinyshakespeare"; "input.txt" ])

/// 32,033 first names.
let names folder = File.ReadAllLines(file folder [ "names"; "names.txt" ])
