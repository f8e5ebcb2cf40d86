/// PyTorch's checkpoints: the real ones load, damaged ones are refused, and all that the format allows is read.
module Functional.Laws.CheckpointTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.FileSamples
open Functional.Laws.Forgery
open Functional.Laws.CheckpointSamples

// ---- real files ----

/// A line of the table in the collection's README: file, number of tensors, dtypes, and the first names with their shapes.
let private expectation (line: string) =
    let cells = line.Split '|' |> Array.map (fun cell -> cell.Trim())

    if cells.Length >= 6 && Regex.IsMatch(cells[1], "^`(zip|legacy)/") && Regex.IsMatch(cells[3], "^[0-9]+$") then
        let first =
            [ for part in cells[5].Split ';' do
                  let found = Regex.Match(part.Trim(), @"^(\S+) \[([0-9, ]*)\]$")

                  if found.Success then
                      found.Groups[1].Value, "[" + found.Groups[2].Value + "]" ]

        Some(cells[1].Trim '`', int cells[3], cells[4], first)
    else
        None

let private realOnes =
    [ test "the real files hold the tensors that are known of them" {
          let lines = File.ReadAllLines(real [ "README.md" ])
          let known = lines |> Array.choose expectation
          Expect.isGreaterThan known.Length 50 "files in the table"

          for file, count, dtypes, first in known do
              let tensors = TorchCheckpoint.loadTensors (real [ "checkpoints"; file ])
              Expect.equal tensors.Length count file

              let counted = tensors |> Array.countBy (fun (_, tensor) -> Dtype.scalarTypeName tensor.Dtype) |> set

              let expected =
                  dtypes.Split ',' |> Array.map (fun text -> let parts = text.Trim().Split '×' in parts[0], int parts[1]) |> set

              Expect.equal counted expected file
              let shapes = tensors |> Array.map (fun (name, tensor) -> name, Shape.format tensor.Shape) |> Map.ofArray

              for name, shape in first do
                  Expect.equal (shapes.TryFind name) (Some shape) $"{file}: {name}"
      }
      test "values: special numbers, strides, offsets into a shared storage, plain values" {
          let load file = TorchCheckpoint.loadTensors (real [ "checkpoints"; file ]) |> Map.ofArray
          let special = values (load "zip/burn_reader_special_values.pt").["tensor"]

          Expect.isTrue
              (List.exists Single.IsNaN special && List.contains infinityf special && List.contains -infinityf special)
              "special"

          let offsets = load "legacy/burn_reader_legacy_with_offsets.pt"
          Expect.equal (values offsets["tensor1"] |> List.take 3) [ 1f; 1.01f; 1.02f ] "from before 1.6"
          let fortran = (load "zip/candle_fortran_tensor_3d.pth").["tensor_fortran"]
          Expect.equal (StoredTensor.toArray<int64> fortran) [| 1L .. 24L |] "column-major"

          match
              TorchCheckpoint.load (real [ "checkpoints"; "zip/burn_reader_checkpoint.pt" ])
              |> CheckpointValue.tryItem "epoch"
          with
          | Some(CheckpointValue.Integer epoch) -> Expect.isGreaterThan epoch 0I "epoch"
          | other -> failtest $"epoch is {other}"
      }
      test "what is no checkpoint is refused" {
          for folder in [ "damaged"; "npy"; "torchsharp_dat" ] do
              for path in realFiles [ "checkpoints"; folder ] do
                  refused [ path ] (fun () -> TorchCheckpoint.load path)
                  refusedWithin (int (FileInfo(path).Length)) path (fun () -> TorchCheckpoint.load path)
      }
      test "cut copies are refused" {
          for folder in [ "zip"; "legacy" ] do
              for path in realFiles [ "checkpoints"; folder ] do
                  for what, copy in cutCopies (File.ReadAllBytes path) do
                      refusedWithin copy.Length $"{path}: {what}" (parse copy)
      }
      test "bit-flipped zip files are refused or read as they were: every content has its checksum" {
          for path in realFiles [ "checkpoints"; "zip" ] do
              let bytes = File.ReadAllBytes path
              let whole = parse bytes ()

              for what, copy in flippedCopies 3 60 bytes do
                  match readOrRefuseWithin bytes.Length $"{path}: {what}" (parse copy) with
                  | Ok tensors -> Expect.isTrue (sameTensors whole tensors) $"{path}: {what}"
                  | Error _ -> ()
      }
      test "bit-flipped files from before 1.6 are refused or read, never anything else" {
          for path in realFiles [ "checkpoints"; "legacy" ] do
              let bytes = File.ReadAllBytes path
              // Flips in the pickles matter most; they stand in front.
              let front = min bytes.Length 20_000

              for what, copy in flippedCopies 4 150 bytes[.. front - 1] do
                  let whole = Array.append copy bytes[front..]
                  readOrRefuseWithin bytes.Length $"{path}: {what}" (parse whole) |> ignore
      } ]

// ---- what the format allows ----

let private allowed =
    [ test "parameters, sizes, dtypes, devices, strides, offsets and shared storages" {
          let tensor = Op.tensor sixFloats

          let tensors =
              loaded
                  [ numbers ]
                  [ "whole", tensor (Op.binInt 0) (Op.ints [ 2; 3 ]) (Op.ints [ 3; 1 ])
                    "transposed", tensor (Op.binInt 0) (Op.ints [ 3; 2 ]) (Op.ints [ 1; 3 ])
                    "row", tensor (Op.binInt 3) (Op.ints [ 3 ]) (Op.ints [ 1 ])
                    "scalar", tensor (Op.binInt 5) (Op.ints []) (Op.ints [])
                    "expanded", tensor (Op.binInt 1) (Op.ints [ 2; 2 ]) (Op.ints [ 0; 1 ])
                    "empty", tensor (Op.binInt 6) (Op.ints [ 0; 7 ]) (Op.ints [ 7; 1 ])
                    "parameter",
                    Op.call
                        "torch._utils"
                        "_rebuild_parameter"
                        [ tensor (Op.binInt 0) (Op.ints [ 1 ]) (Op.ints [ 1 ]); Op.newTrue; Op.emptyDict ]
                    "size", Op.call "torch" "Size" [ Op.ints [ 2; 3 ] ]
                    "dtype", Op.globalName "torch" "float32"
                    "device", Op.call "torch" "device" [ Op.text "cpu" ] ]

          Expect.equal (values tensors["whole"]) [ 0f; 1f; 2f; 3f; 4f; 5f ] "whole"
          Expect.equal (values tensors["transposed"]) [ 0f; 3f; 1f; 4f; 2f; 5f ] "transposed"
          Expect.equal (values tensors["row"]) [ 3f; 4f; 5f ] "row"
          Expect.equal (values tensors["scalar"]) [ 5f ] "scalar"
          Expect.equal (values tensors["expanded"]) [ 1f; 2f; 1f; 2f ] "expanded"
          Expect.equal tensors["empty"].Shape [| 0; 7 |] "empty"
          Expect.equal (values tensors["parameter"]) [ 0f ] "parameter"
          Expect.equal tensors.Count 7 "no other tensor"
      }
      test "a storage without a type, with the dtype beside it" {
          let untyped =
              Array.concat
                  [ Op.tupleOf
                        [ Op.text "storage"
                          Op.globalName "torch.storage" "UntypedStorage"
                          Op.text "0"
                          Op.text "cpu"
                          Op.binInt 24 ]
                    Op.binPersId ]

          let body =
              Op.call
                  "torch._utils"
                  "_rebuild_tensor_v3"
                  [ untyped
                    Op.binInt 2
                    Op.ints [ 4 ]
                    Op.ints [ 1 ]
                    Op.newFalse
                    Op.call "collections" "OrderedDict" []
                    Op.globalName "torch" "float32" ]

          Expect.equal (values (loaded [ numbers ] [ "x", body ]).["x"]) [ 2f; 3f; 4f; 5f ] "values"
      }
      test "protocol 4: frames, short texts, memoized globals" {
          let body =
              Array.concat
                  [ Op.proto 4
                    Op.frame 100L
                    Op.emptyDict
                    Op.memoize
                    Op.mark
                    Op.shortText "a"
                    Op.memoize
                    Op.shortText "collections"
                    Op.shortText "OrderedDict"
                    Op.stackGlobal
                    Op.memoize
                    Op.emptyTuple
                    Op.reduce
                    Op.shortText "b"
                    Op.binGet 1
                    Op.setItems
                    Op.stop ]

          match TorchCheckpoint.parse (ReadOnlyMemory(checkpoint body [])) with
          | CheckpointValue.Dict [| CheckpointValue.Text "a", CheckpointValue.Dict [||]
                                    CheckpointValue.Text "b", CheckpointValue.Text "a" |] -> ()
          | other -> failtest $"{other}"
      }
      test "the 64-bit zip, a big-endian writer, and a key that is set twice" {
          let tensor = Op.tensor sixFloats (Op.binInt 0) (Op.ints [ 6 ]) (Op.ints [ 1 ])
          let pickle = Op.pickle (Op.dict [ "x", Op.none; "y", Op.none; "x", tensor ])
          let swapped = snd numbers |> Array.chunkBySize 4 |> Array.collect Array.rev

          let entries =
              [ entry "r/data.pkl" pickle; entry "r/byteorder" "big"B; entry "r/data/0" swapped; entry "r/version" "3\n"B ]

          let tensors = parse (zipWith true None None entries) ()

          Expect.equal
              (tensors |> Array.map (fun (name, tensor) -> name, values tensor))
              [| "x", [ 0f; 1f; 2f; 3f; 4f; 5f ] |]
              "values"
      }
      test "one tensor under two names is one object" {
          let body =
              Array.concat
                  [ Op.emptyDict
                    Op.mark
                    Op.text "a"
                    Op.tensor sixFloats (Op.binInt 0) (Op.ints [ 6 ]) (Op.ints [ 1 ])
                    Op.binPut 7
                    Op.text "b"
                    Op.binGet 7
                    Op.setItems ]

          match parse (checkpoint (Op.pickle body) [ numbers ]) () with
          | [| "a", a; "b", b |] -> Expect.isTrue (obj.ReferenceEquals(a, b)) "tied"
          | other -> failtest $"{other.Length} tensors"
      } ]

// ---- as tensors ----

let private stateDicts =
    [ test "a state dict is read from any format, and one from PyTorch is written as safetensors" {
          withFolder (fun folder ->
              let path = Path.Combine(folder, "model")

              let pickled =
                  Op.dict
                      [ "a", Op.dict [ "weight", Op.tensor sixFloats (Op.binInt 0) (Op.ints [ 3; 2 ]) (Op.ints [ 1; 3 ]) ]
                        "b", Op.tensor sixFloats (Op.binInt 5) (Op.ints []) (Op.ints []) ]

              File.WriteAllBytes(path, checkpoint (Op.pickle pickled) [ numbers ])
              let read = StateDict.load path
              StateDict.save path read

              for tensors in [ Map.ofList read; Map.ofList (StateDict.load path) ] do
                  Expect.equal (values (Tensor.toStored tensors["a.weight"])) [ 0f; 3f; 1f; 4f; 2f; 5f ] "transposed"
                  Expect.equal tensors["b"].Shape [||] "scalar"

              let template = Branch [ "b", Leaf(Tensor.full [] 0.0); "a", Branch [ "weight", Leaf(Tensor.full [ 3; 2 ] 0.0) ] ]

              Expect.equal (Tree.named (StateDict.into template read) |> List.map fst) [ "b"; "a.weight" ] "the template's order"

              let wrong = Branch [ "b", Leaf(Tensor.full [ 2 ] 0.0); "c", Leaf(Tensor.full [] 0.0) ]

              Expect.throwsC (fun () -> StateDict.into wrong read |> ignore) (fun error ->
                  for part in
                      [ "Error(s) in loading state_dict"
                        "Missing key(s) in state_dict: \"c\""
                        "Unexpected key(s) in state_dict: \"a.weight\""
                        "size mismatch for b: copying a param with shape [] (float32)" ] do
                      Expect.stringContains error.Message part "PyTorch's words"))
      } ]

let tests = testList "Checkpoints" (stateDicts @ realOnes @ allowed)
