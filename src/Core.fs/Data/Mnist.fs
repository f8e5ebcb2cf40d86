namespace Functional

open System
open System.IO
open System.Net.Http
open System.Security.Cryptography
open Functional.Contract

/// Pictures of digits with what they show.
[<ReferenceEquality; NoComparison>]
type Digits =
    {
        /// uint8 [n, 28, 28]: 0 paper, 255 ink.
        Images: StoredTensor
        /// uint8 [n]: 0 to 9.
        Labels: StoredTensor
    }

/// A data set in two parts.
[<ReferenceEquality; NoComparison>]
type DigitSet = { Train: Digits; Test: Digits }

/// The MNIST database of handwritten digits (LeCun, Cortes, Burges): 60,000 pictures to learn from, 10,000 to test with.
[<RequireQualifiedAccess>]
module Mnist =
    let private files =
        [ "train-images-idx3-ubyte", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
          "train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
          "t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
          "t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6" ]

    let private mirrors =
        [ "https://ossci-datasets.s3.amazonaws.com/mnist/"; "https://storage.googleapis.com/cvdf-datasets/mnist/" ]

    /// The largest of the four has 9,912,422 bytes.
    let private mostBytes = 16_000_000L

    let private tryFile (folder: string) (name: string) =
        [ name + ".gz"; name; name.Replace("-idx", ".idx"); name.Replace("-idx", ".idx") + ".gz" ]
        |> List.map (fun file -> Path.Combine(folder, file))
        |> List.tryFind File.Exists

    let private isComplete folder = files |> List.forall (fun (name, _) -> (tryFile folder name).IsSome)

    /// Where downloads are kept, one folder per user.
    let cacheFolder =
        lazy
            (let home = Environment.GetFolderPath Environment.SpecialFolder.LocalApplicationData
             Path.Combine((if home = "" then Path.GetTempPath() else home), "Functional", "mnist"))

    let rec private upwards (folder: DirectoryInfo | null) =
        match folder with
        | null -> []
        | here -> here.FullName :: upwards here.Parent

    /// `../shared/data/mnist` of the working directory or the program's folder, or of any folder above them.
    let private shared () =
        [ Directory.GetCurrentDirectory(); AppContext.BaseDirectory ]
        |> Seq.collect (DirectoryInfo >> upwards)
        |> Seq.map (fun folder -> Path.GetFullPath(Path.Combine(folder, "..", "shared", "data", "mnist")))
        |> Seq.tryFind isComplete

    /// What the mirrors send for a file, each asked only if those before it did not have the right bytes.
    let private tryFetch (client: HttpClient) (mirrors: string list) name (sha256: string) =
        let ask (mirror: string) =
            try
                let bytes = client.GetByteArrayAsync($"{mirror}{name}.gz").GetAwaiter().GetResult()
                let isRight = Convert.ToHexStringLower(SHA256.HashData(ReadOnlySpan bytes)) = sha256
                Some(if isRight then Ok bytes else Error $"{mirror} sent {bytes.Length} bytes")
            with
            | :? HttpRequestException
            | :? OperationCanceledException -> None

        let answers = mirrors |> Seq.choose ask |> Seq.cache

        match answers |> Seq.tryPick Result.toOption, Seq.tryHead answers with
        | Some bytes, _ -> Some bytes
        | None, Some(Error what) ->
            raise (
                FileFormatException
                    $"File not found or corrupted. {name}.gz: {what} whose SHA-256 is not {sha256}. Nothing was kept; fetch the four files of MNIST by other means and name their folder"
            )
        | None, _ -> None

    /// Fills a folder from these mirrors with these files, named with their SHA-256.
    let internal tryDownloadFrom mirrors files (folder: string) =
        use handler = new SocketsHttpHandler(ConnectTimeout = TimeSpan.FromSeconds 3.0)

        use client =
            new HttpClient(handler, Timeout = TimeSpan.FromSeconds 60.0, MaxResponseContentBufferSize = mostBytes)

        try
            files
            |> List.forall (fun (name, sha256) ->
                (tryFile folder name).IsSome
                || match tryFetch client mirrors name sha256 with
                   | Some bytes ->
                       AtomicFile.writeBytes (Path.Combine(folder, name + ".gz")) (ReadOnlyMemory bytes)
                       true
                   | None -> false)
        with
        | :? IOException
        | :? UnauthorizedAccessException -> false

    /// Fills a folder with the four files, each checked by its SHA-256 and written atomically.
    /// False where there is no network, no mirror that answers in time, or no right to write.
    /// Raises FileFormatException where mirrors answer and none of them has the right bytes; nothing of these is kept.
    let tryDownload (folder: string) = tryDownloadFrom mirrors files folder

    /// The folder to read from: the one asked for, else `../shared/data/mnist` beside the checkout, else the per-user cache,
    /// filled by download if `download` allows it and there is a network. None where there is nothing.
    /// Raises ArgumentValueException when a folder is asked for that lacks one of the files, FileFormatException as `tryDownload` does.
    let tryFind (folder: string option) download =
        match folder with
        | Some folder ->
            match files |> List.tryFind (fun (name, _) -> (tryFile folder name).IsNone) with
            | None -> Some folder
            | Some(missing, _) ->
                raise (
                    ArgumentValueException
                        $"Dataset not found: '{folder}' holds neither {missing}.gz nor {missing}. Name a folder with the four files of MNIST"
                )
        | None ->
            let cached () =
                let folder = cacheFolder.Value

                if isComplete folder || (download && tryDownload folder) then
                    Some folder
                else
                    None

            shared () |> Option.orElseWith cached

    let private prefix isTrain = if isTrain then "train" else "t10k"

    /// What a folder lacks of one part, the one to learn from or the one to test with: names of files, gzipped or not.
    let missing (folder: string) isTrain =
        files
        |> List.map fst
        |> List.filter (fun name -> name.StartsWith(prefix isTrain, StringComparison.Ordinal) && (tryFile folder name).IsNone)

    /// Reads one part; pictures of other things in the same files are read as well. Raises FileFormatException for damaged files,
    /// FileNotFoundException.
    let loadPart folder isTrain =
        let load name = tryFile folder name |> Option.defaultValue (Path.Combine(folder, name + ".gz")) |> Idx.load

        let prefix = prefix isTrain
        let images = load $"{prefix}-images-idx3-ubyte"
        let labels = load $"{prefix}-labels-idx1-ubyte"

        match images.Shape, labels.Shape with
        | [| n; 28; 28 |], [| m |] when n = m && images.Dtype = UInt8 && labels.Dtype = UInt8 ->
            match labels.Data.ToArray() |> Array.tryFindIndex (fun label -> label > 9uy) with
            | Some i -> raise (FileFormatException $"'{folder}': label {i} of {prefix} is {labels.Data.Span[i]}, not a digit")
            | None -> { Images = images; Labels = labels }
        | _ ->
            raise (
                FileFormatException
                    $"'{folder}': {prefix} has images {Shape.format images.Shape} and labels {Shape.format labels.Shape}; expected uint8 [n, 28, 28] and [n]"
            )

    /// Reads both parts. Raises FileFormatException for damaged files.
    let load folder = { Train = loadPart folder true; Test = loadPart folder false }
