namespace Functional

open System
open System.IO
open System.Text
open Functional.Contract
open Functional.Serialize

/// Small coloured pictures with what they show.
[<ReferenceEquality; NoComparison>]
type LabelledPictures =
    {
        /// uint8 [n, 3, 32, 32].
        Pictures: StoredTensor
        /// One class number for each picture.
        Classes: int[]
    }

/// CIFAR-10 and CIFAR-100 (Krizhevsky): 32 x 32 coloured pictures, as Python's pickles or as plain records.
[<RequireQualifiedAccess>]
module Cifar =
    let private pixels = 3 * 32 * 32

    let private whole value =
        match value with
        | Pickled.Number n when n.Sign >= 0 && n < bigint 256 -> Some(int n)
        | _ -> None

    let private text value =
        match value with
        | Pickled.Text name -> Some name
        | Pickled.Raw name -> Some(Encoding.Latin1.GetString name.Span)
        | _ -> None

    /// Reads a batch as Python pickled it; `labels` names the list of class numbers. Raises FileFormatException, FileNotFoundException.
    let loadPickle (path: string) (labels: string) =
        let entries = NumpyPickle.load path
        let data = NumpyPickle.bytes path "data" entries
        let labels = NumpyPickle.list path labels whole entries

        match data.Shape with
        | [| n; row |] when n = labels.Length && row = pixels ->
            { Pictures = { data with Shape = [| n; 3; 32; 32 |] }; Classes = labels }
        | _ ->
            raise (
                FileFormatException
                    $"'{path}' has images {Shape.format data.Shape} and {labels.Length} labels; expected uint8 [n, {pixels}] and n"
            )

    /// A list of names in a pickled dict. Raises FileFormatException, FileNotFoundException.
    let loadNames (path: string) (name: string) = NumpyPickle.load path |> NumpyPickle.list path name text

    /// Reads plain records: `labels` bytes of class numbers, of which the last is taken, and the pixels.
    /// Raises FileFormatException, FileNotFoundException.
    let loadRecords (path: string) (labels: int) =
        ByteSource.requireFile path
        let bytes = File.ReadAllBytes path
        let record = labels + pixels

        if bytes.Length % record <> 0 then
            raise (FileFormatException $"'{path}' has {bytes.Length} bytes, which are no records of {record} bytes")

        let n = bytes.Length / record
        let data = Array.zeroCreate<byte>(n * pixels)

        for i in 0 .. n - 1 do
            Array.Copy(bytes, i * record + labels, data, i * pixels, pixels)

        { Pictures = { Dtype = UInt8; Shape = [| n; 3; 32; 32 |]; Data = ReadOnlyMemory data }
          Classes = Array.init n (fun i -> int bytes[i * record + labels - 1]) }
