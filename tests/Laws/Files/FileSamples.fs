/// Files to read: real ones beside the checkout, damaged copies of them, and generated content.
module Functional.Laws.FileSamples

open System
open System.IO
open Expecto
open FsCheck.FSharp
open Functional
open Functional.Contract

/// A folder of the collection of real files that may lie beside the checkout.
let private sharedFolder parts =
    Path.GetFullPath(Path.Combine(Array.ofList (Repository.root :: ".." :: "shared" :: "data" :: parts)))

/// The path of a real file or folder; the test is skipped, saying so, where it is absent.
let real parts =
    let path = sharedFolder parts

    if not (File.Exists path || Directory.Exists path) then
        Tests.skiptest ("absent: ../shared/data/" + String.concat "/" parts)

    path

let realFiles parts = Directory.GetFiles(real parts) |> Array.sort

/// Runs on a path in a fresh folder, which is gone afterwards.
let withFolder (run: string -> 'T) =
    let folder = Directory.CreateTempSubdirectory "functional-files-"

    try
        run folder.FullName
    finally
        folder.Delete true

/// Memory that a call asked for in all, in bytes.
let allocated (call: unit -> unit) =
    let before = GC.GetAllocatedBytesForCurrentThread()
    call ()
    GC.GetAllocatedBytesForCurrentThread() - before

/// What a reader may say about a file that may be damaged: its content, or FileFormatException. Anything else fails the test.
let readOrRefuse what (read: unit -> 'T) =
    try
        Ok(read ())
    with
    | :? FileFormatException as error -> Error error.Message
    | other -> failtestf "%s: %s instead of FileFormatException: %s" what (other.GetType().Name) other.Message

/// Expects FileFormatException, with a message that contains every one of the `parts`.
let refused (parts: string list) (read: unit -> 'T) =
    match readOrRefuse "the reader" read with
    | Ok _ -> failtest "a damaged file was accepted"
    | Error message ->
        for part in parts do
            Expect.stringContains message part "the message"

/// The same of a file of so many bytes, with memory in proportion to it: what a damaged file claims is not believed.
let readOrRefuseWithin (size: int) what (read: unit -> 'T) =
    let mutable result = Error ""
    let used = allocated (fun () -> result <- readOrRefuse what read)
    Expect.isLessThan used (64L * int64 size + (16L <<< 20)) $"{what}: memory for a file of {size} bytes"
    result

/// Expects FileFormatException that says what is wrong, with memory in proportion to the file.
let refusedWithin size what (read: unit -> 'T) =
    match readOrRefuseWithin size what read with
    | Ok _ -> failtest $"{what}: a damaged file was accepted"
    | Error message -> Expect.isGreaterThan message.Length 20 $"{what}: what is wrong, in words: {message}"

/// Copies cut short: at every length for small files, at some forty lengths for larger ones.
let cutCopies (bytes: byte[]) = seq {
    let step = max 1 (bytes.Length / 40)

    for length in 0..step .. bytes.Length - 1 do
        $"cut to {length}", bytes[.. length - 1]

    if bytes.Length > 0 then
        "cut by one", bytes[.. bytes.Length - 2]
}

/// Copies with one bit flipped, at `count` positions that the seed decides.
let flippedCopies (seed: int) count (bytes: byte[]) = seq {
    let random = Random seed

    for _ in 1..count do
        let position = random.Next bytes.Length
        let bit = random.Next 8
        let copy = Array.copy bytes
        copy[position] <- copy[position] ^^^ (1uy <<< bit)
        $"bit {bit} of byte {position} flipped", copy
}

/// Stored tensors of every dtype among `dtypes`, of rank 0 to 4, sizes 0 to 4, with any bits.
let storedTensor (dtypes: Dtype[]) = gen {
    let! dtype = Gen.elements dtypes
    let! rank = Gen.choose (0, 4)
    let! shape = Gen.arrayOfLength rank (Gen.choose (0, 4))
    let! bytes = Gen.arrayOfLength (Shape.count shape * Dtype.size dtype) (Gen.choose (0, 255) |> Gen.map byte)
    return StoredTensor.create dtype shape (ReadOnlyMemory bytes)
}

let private letters = [| 'a'; 'Z'; '.'; '"'; '\\'; '\n'; '\t'; ' '; '\u0000'; 'é'; '神'; '<'; '/' |]

/// Names with all that JSON must escape.
let name = Gen.elements letters |> Gen.listOf |> Gen.map (fun letters -> String(Array.ofList letters))

/// Both lists name by name, bit by bit; the order may differ.
let sameTensors (expected: (string * StoredTensor) seq) (actual: (string * StoredTensor) seq) =
    let byName tensors = tensors |> Seq.sortWith (fun (a, _) (b, _) -> String.CompareOrdinal(a, b)) |> Seq.toList
    let expected, actual = byName expected, byName actual

    expected.Length = actual.Length
    && List.forall2 (fun (a, x) (b, y) -> a = b && StoredTensor.equal x y) expected actual
