/// Data sets: the idx format, MNIST where it is at hand, and the digits that the library draws.
module Functional.Laws.DataTests

open System
open System.IO
open System.IO.Compression
open System.Net
open System.Security.Cryptography
open Expecto
open FsCheck.FSharp
open Functional
open Functional.Contract
open Functional.Laws.FileSamples

let private readIdx (bytes: byte[]) () =
    use stream = new MemoryStream(bytes)
    Idx.read "sample" stream

let private gzip (bytes: byte[]) =
    use target = new MemoryStream()

    using (new GZipStream(target, CompressionLevel.Fastest, true)) (fun stream -> stream.Write(ReadOnlySpan bytes))
    target.ToArray()

let private codes = Map [ UInt8, 8uy; Int8, 9uy; Int16, 11uy; Int32, 12uy; Float32, 13uy; Float64, 14uy ]

let private bigEndian (tensor: StoredTensor) =
    let size = Dtype.size tensor.Dtype
    tensor.Data.ToArray() |> Array.chunkBySize size |> Array.collect Array.rev

/// The bytes of an idx file.
let idxOf (tensor: StoredTensor) =
    let sizes =
        tensor.Shape |> Array.collect (fun n -> [| byte (n >>> 24); byte (n >>> 16); byte (n >>> 8); byte n |])

    Array.concat [ [| 0uy; 0uy; codes[tensor.Dtype]; byte tensor.Shape.Length |]; sizes; bigEndian tensor ]

let private idx =
    [ testProperty
          "idx files are read, plain and gzipped"
          (Prop.forAll (Arb.fromGen (storedTensor (codes.Keys |> Seq.toArray))) (fun tensor ->
              tensor.Shape.Length = 0
              || (let bytes = idxOf tensor
                  StoredTensor.equal tensor (readIdx bytes ()) && StoredTensor.equal tensor (readIdx (gzip bytes) ()))))

      test "headers that lie are refused, and cost no memory" {
          let huge = [| 0uy; 0uy; 8uy; 3uy; 0x7Fuy; 255uy; 255uy; 255uy; 0uy; 0uy; 0uy; 1uy; 0uy; 0uy; 0uy; 1uy |]
          let overflowing = [| 0uy; 0uy; 8uy; 2uy; 0x7Fuy; 255uy; 255uy; 255uy; 0x7Fuy; 255uy; 255uy; 255uy |]
          let negative = [| 0uy; 0uy; 8uy; 1uy; 255uy; 255uy; 255uy; 255uy |]

          let bytes =
              allocated (fun () ->
                  for header in [ huge; overflowing; negative ] do
                      refused [ "idx"; "sample" ] (readIdx header)
                      refused [ "idx"; "sample" ] (readIdx (gzip header)))

          Expect.isLessThan bytes 4_000_000L "allocated"
          refused [ "magic number 0x50030800" ] (readIdx [| 0x50uy; 3uy; 8uy; 0uy |])
          refused [ "element type 0x07" ] (readIdx [| 0uy; 0uy; 7uy; 1uy; 0uy; 0uy; 0uy; 0uy |])
          refused [ "magic number" ] (readIdx [| 0uy; 0uy; 8uy; 0uy |])
          refused [ "the header" ] (readIdx [| 0uy; 0uy; 8uy; 255uy; 0uy; 0uy |])
          refused [ "bytes follow" ] (readIdx [| 0uy; 0uy; 8uy; 1uy; 0uy; 0uy; 0uy; 1uy; 7uy; 7uy |])
          refused [ "only 1 are there" ] (readIdx [| 0uy; 0uy; 9uy; 1uy; 0uy; 0uy; 0uy; 2uy; 7uy |])
      }
      test "cut and bit-flipped copies are refused" {
          let path = real [ "mnist"; "t10k-labels-idx1-ubyte.gz" ]
          let bytes = File.ReadAllBytes path

          let whole = Idx.load path

          for what, copy in cutCopies bytes do
              refusedWithin copy.Length what (readIdx copy)

          for what, copy in flippedCopies 2 200 bytes do
              match readOrRefuseWithin copy.Length what (readIdx copy) with
              | Ok tensor -> Expect.isTrue (StoredTensor.equal whole tensor) what
              | Error _ -> ()

          for what, copy in cutCopies (idxOf whole) do
              refusedWithin copy.Length what (readIdx copy)
      } ]

let private drawn =
    [ test "the same seed draws the same pictures, and any part of them by itself" {
          let all = DrawnDigits.draw 5UL 0UL 20
          let part = DrawnDigits.draw 5UL 10UL 10
          Expect.isTrue (StoredTensor.equal all.Images (DrawnDigits.draw 5UL 0UL 20).Images) "again"
          Expect.equal (all.Images.Data.Slice(7840).ToArray()) (part.Images.Data.ToArray()) "a part"
          Expect.equal (all.Labels.Data.Slice(10).ToArray()) (part.Labels.Data.ToArray()) "its labels"
          Expect.isFalse (StoredTensor.equal all.Images (DrawnDigits.draw 6UL 0UL 20).Images) "another seed"
          Expect.equal (DrawnDigits.draw 5UL 0UL 0).Images.Shape [| 0; 28; 28 |] "none"
      }
      test "every digit is drawn about as often, and no picture is empty or drawn twice" {
          let set = DrawnDigits.set 1UL 1500 500
          let pictures (digits: Digits) = digits.Images.Data.ToArray() |> Array.chunkBySize 784
          let all = Array.append (pictures set.Train) (pictures set.Test)
          Expect.isTrue (all |> Array.forall (fun picture -> Array.max picture > 100uy)) "ink"
          Expect.equal (all |> Array.distinct).Length 2000 "distinct"

          for digit, count in set.Train.Labels.Data.ToArray() |> Array.countBy id do
              Expect.isTrue (digit <= 9uy && count > 90 && count < 220) $"{count} times {digit}"
      } ]

let private mnist =
    [ test "MNIST is found and whole" {
          let folder = real [ "mnist" ]
          Expect.equal (Mnist.tryFind (Some folder) false) (Some folder) "named"
          let set = Mnist.load folder
          Expect.equal set.Train.Images.Shape [| 60000; 28; 28 |] "training images"
          Expect.equal set.Test.Labels.Shape [| 10000 |] "test labels"
          Expect.equal (set.Test.Labels.Data.Slice(0, 5).ToArray()) [| 7uy; 2uy; 1uy; 0uy; 4uy |] "first labels"
          let mean = set.Train.Images.Data.ToArray() |> Array.averageBy float
          Expect.floatClose Accuracy.medium (mean / 255.0) 0.13066048 "mean"
      }
      test "Fashion-MNIST's test files are idx too" {
          let images = Idx.load (real [ "fashion-mnist"; "t10k-images-idx3-ubyte.gz" ])
          Expect.equal images.Shape [| 10000; 28; 28 |] "shape"
      }
      test "a folder without MNIST is named with what it lacks" {
          withFolder (fun folder ->
              Expect.throwsC (fun () -> Mnist.tryFind (Some folder) false |> ignore) (fun error ->
                  Expect.stringStarts error.Message "Dataset not found" "PyTorch's words"
                  Expect.stringContains error.Message folder "the folder"
                  Expect.stringContains error.Message "train-images-idx3-ubyte" "the file"))
      }
      test "labels and images that do not go together are refused" {
          withFolder (fun folder ->
              let write (name: string) tensor = File.WriteAllBytes(Path.Combine(folder, name), idxOf tensor)
              let zeros shape = StoredTensor.create UInt8 shape (ReadOnlyMemory(Array.zeroCreate (Shape.count shape)))

              for part in [ "train"; "t10k" ] do
                  write $"{part}-images-idx3-ubyte" (zeros [| 3; 28; 28 |])
                  write $"{part}-labels-idx1-ubyte" (zeros [| 3 |])

              Expect.equal (Mnist.load folder).Test.Labels.Shape [| 3 |] "plain files"
              write "t10k-labels-idx1-ubyte" (zeros [| 4 |])
              refused [ "t10k"; "[3, 28, 28]"; "[4]" ] (fun () -> Mnist.load folder)
              write "t10k-labels-idx1-ubyte" (StoredTensor.create UInt8 [| 3 |] (ReadOnlyMemory [| 1uy; 10uy; 2uy |]))
              refused [ "label 1 of t10k is 10" ] (fun () -> Mnist.load folder))
      } ]

/// Serves what `answer` has for a path on a port of this machine while `run` runs; what was asked for stands in the list.
let private serving (answer: string -> byte[] option) (run: string -> ResizeArray<string> -> unit) =
    let port =
        use probe = new Sockets.TcpListener(IPAddress.Loopback, 0)
        probe.Start()
        (probe.LocalEndpoint :?> IPEndPoint).Port

    use listener = new HttpListener()
    let address = $"http://localhost:{port}/"
    listener.Prefixes.Add address
    listener.Start()
    let asked = ResizeArray<string>()

    let rec serve () = task {
        let! context = listener.GetContextAsync()
        let path = context.Request.RawUrl |> Option.ofObj |> Option.defaultValue ""
        lock asked (fun () -> asked.Add path)

        match answer path with
        | Some bytes -> context.Response.OutputStream.Write(ReadOnlySpan bytes)
        | None -> context.Response.StatusCode <- 404

        context.Response.Close()
        return! serve ()
    }

    serve () |> ignore
    run address asked

let private sha256 (bytes: byte[]) = Convert.ToHexStringLower(SHA256.HashData bytes)

let private downloads =
    let content (name: string) = gzip (Array.init 3000 (fun i -> byte (i * name.Length)))
    let files = [ for name in [ "images"; "labels-of-them" ] -> name, sha256 (content name) ]
    let nameOf (path: string) = path.Substring(path.LastIndexOf '/' + 1).Replace(".gz", "")
    let right path = Some(content (nameOf path))
    let left folder = Directory.GetFileSystemEntries folder |> Array.map Path.GetFileName |> Array.sort

    [ test "files are fetched from the first mirror that has the right bytes, and kept" {
          let answer (path: string) =
              match path.Split('/')[1] with
              | "damaged" -> right path |> Option.map (Array.updateAt 100 77uy)
              | "whole" -> right path
              | _ -> None

          serving answer (fun address asked ->
              withFolder (fun folder ->
                  let mirrors = [ $"{address}missing/"; $"{address}damaged/"; $"{address}whole/"; $"{address}never/" ]
                  Expect.isTrue (Mnist.tryDownloadFrom mirrors files folder) "it says so"
                  Expect.equal (left folder) [| "images.gz"; "labels-of-them.gz" |] "both files, and nothing beside them"

                  for name, sum in files do
                      Expect.equal (sha256 (File.ReadAllBytes(Path.Combine(folder, name + ".gz")))) sum name

                  Expect.equal asked.Count 6 "three mirrors for each of two files"
                  Expect.isTrue (Mnist.tryDownloadFrom mirrors files folder) "again"
                  Expect.equal asked.Count 6 "what is there is not fetched"))
      }
      test "a file with a wrong checksum is refused, and nothing of it is kept" {
          let answer path =
              if nameOf path = "images" then
                  right path
              else
                  Some(content "what nobody asked for")

          serving answer (fun address _ ->
              withFolder (fun folder ->
                  refused [ "File not found or corrupted."; "labels-of-them.gz"; address; snd files[1] ] (fun () ->
                      Mnist.tryDownloadFrom [ address ] files folder)

                  Expect.equal (left folder) [| "images.gz" |] "only the right one"))
      }
      test "a download that breaks off leaves nothing, and no network is no error" {
          let broken (path: string) = if nameOf path = "images" then right path else None

          serving broken (fun address _ ->
              withFolder (fun folder ->
                  Expect.isFalse (Mnist.tryDownloadFrom [ address ] files folder) "a file that no mirror has"
                  Expect.equal (left folder) [| "images.gz" |] "the other one"))

          withFolder (fun folder ->
              Expect.isFalse (Mnist.tryDownloadFrom [ "http://localhost:1/" ] files folder) "nobody answers"
              Expect.isEmpty (left folder) "nothing is left")
      } ]

let tests = testList "Data" (idx @ drawn @ mnist @ downloads)
