/// A process that is killed while it writes a checkpoint leaves the old file or the new one whole: shown by killing one.
module Functional.Laws.KillTests

open System
open System.Diagnostics
open System.IO
open System.Reflection
open System.Threading
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.FileSamples

/// Names the file in the environment of the process that is to be killed.
let private variable = "FUNCTIONAL_TESTS_WRITE_UNTIL_KILLED"

let private size = 4_000_000

let private filled (generation: int) = StoredTensor.create UInt8 [| size |] (ReadOnlyMemory(Array.create size (byte generation)))

let private snapshot generation : Snapshot =
    { Parameters = Tensor.ofStored (filled generation) |> Leaf
      State = Tree.empty
      OptimizerState = Tree.empty
      Key = Random.key generation
      Epoch = generation }

/// A way to write generation n, in which every byte is n, and to read which generations are in a file: its own word for it, if it has
/// one, and its bytes.
type private Format = { Extension: string; Write: string -> int -> unit; Read: string -> string * ReadOnlyMemory<byte> }

let private formats =
    [ { Extension = ".safetensors"
        Write = fun path n -> Safetensors.save path (Map [ "generation", string n ]) [ "filled", filled n ]
        Read =
          fun path ->
              let file = Safetensors.load path
              file.Metadata["generation"], (snd (Array.exactlyOne file.Tensors)).Data }
      { Extension = ".pt"
        Write =
          fun path n ->
              let text, number = CheckpointValue.Text, CheckpointValue.Text(string n)

              TorchWriter.save
                  path
                  (CheckpointValue.Dict [| text "generation", number; text "filled", CheckpointValue.Tensor(filled n) |])
        Read =
          fun path ->
              let value = TorchCheckpoint.load path

              match CheckpointValue.tryItem "generation" value with
              | Some(CheckpointValue.Text number) ->
                  number, (TorchCheckpoint.loadTensors path |> Seq.exactlyOne |> snd: StoredTensor).Data
              | _ -> failtest "no generation" }
      { Extension = ".npz"
        Write =
          fun path n ->
              let number = StoredTensor.create UInt8 [| 1 |] (ReadOnlyMemory [| byte n |])
              Numpy.saveAll path [ "filled", filled n; "generation", number ]
        Read =
          fun path ->
              let arrays = Map.ofSeq (Numpy.loadAll path)
              string arrays["generation"].Data.Span[0], arrays["filled"].Data }
      { Extension = ".checkpoint"
        Write = fun path n -> Checkpoint.save path (snapshot n)
        Read =
          fun path ->
              let read = Checkpoint.load path (snapshot 0)
              let bytes = (Tree.leaves read.Parameters |> Seq.exactlyOne |> Tensor.toStored).Data
              Expect.equal read.Key (Random.key read.Epoch) "the key is of the same generation"
              string read.Epoch, bytes } ]

let private formatOf (path: string) =
    formats |> List.find (fun format -> path.EndsWith(format.Extension, StringComparison.Ordinal))

let private write (path: string) = (formatOf path).Write path

let private writeUntilKilled path = Seq.initInfinite (fun i -> i % 200) |> Seq.iter (write path)

let private startWriter path =
    let program =
        match Assembly.GetEntryAssembly() with
        | null -> skiptest "no program to start again"
        | assembly -> assembly.Location

    let info = ProcessStartInfo("dotnet", [ program; "--filter-test-case"; "until killed" ])
    info.Environment[variable] <- path
    info.RedirectStandardOutput <- true

    match Process.Start info with
    | null -> skiptest "dotnet does not start"
    | writer -> writer

let private waitFor path (writer: Process) =
    let watch = Stopwatch.StartNew()

    while not (File.Exists path) && not writer.HasExited && watch.Elapsed < TimeSpan.FromMinutes 2.0 do
        Thread.Sleep 5

    Expect.isTrue (File.Exists path) "the writer wrote"

let private checkWhole path =
    let generation, bytes = (formatOf path).Read path
    Expect.equal bytes.Length size "length"
    Expect.isFalse (bytes.Span.ContainsAnyExcept(byte generation)) "every byte is of one generation"

let private killed =
    testSequenced
    <| testList
        "Killed"
        [ for format in formats do
              test $"a writer killed at any moment leaves a whole file, {format.Extension}" {
                  withFolder (fun folder ->
                      let random = Random 7
                      let path = Path.Combine(folder, "checkpoint" + format.Extension)

                      for _ in 1..2 do
                          use writer = startWriter path
                          waitFor path writer
                          Thread.Sleep(random.Next(5, 120))
                          writer.Kill()
                          writer.WaitForExit()
                          checkWhole path
                          File.Delete path)
              } ]

let tests =
    match Environment.GetEnvironmentVariable variable with
    | null -> killed
    | path -> test "until killed" { writeUntilKilled path }
