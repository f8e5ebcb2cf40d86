/// PyTorch's checkpoints: the real ones load, damaged and hostile ones are refused by name, with bounded memory.
module Functional.Laws.CheckpointTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.FileSamples
open Functional.Laws.Forgery

let private parse (bytes: byte[]) () = TorchCheckpoint.parse (ReadOnlyMemory bytes) |> CheckpointValue.tensors

/// Expects a checkpoint with this pickle and these storages to be refused, with little memory.
let private refusedWith parts storages body =
    let bytes = checkpoint (Op.pickle body) storages
    let used = allocated (fun () -> refused parts (parse bytes))
    Expect.isLessThan used (20_000_000L + 60L * int64 bytes.Length) "allocated"

let private refusedPickle parts body = refusedWith parts [] body

let private values (tensor: StoredTensor) = StoredTensor.toArray<float32> tensor |> Array.toList

let private numbers = "0", floats [ 0f; 1f; 2f; 3f; 4f; 5f ]
let private sixFloats = Op.storage "FloatStorage" "0" (Op.binInt 6)

/// The tensors of a checkpoint that holds one dict.
let private loaded storages pairs = parse (checkpoint (Op.pickle (Op.dict pairs)) storages) () |> Map.ofArray

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
      }
      test "cut copies are refused" {
          for folder in [ "zip"; "legacy" ] do
              for path in realFiles [ "checkpoints"; folder ] do
                  for _, copy in cutCopies (File.ReadAllBytes path) do
                      refused [] (parse copy)
      }
      test "bit-flipped zip files are refused or read as they were: every content has its checksum" {
          for path in realFiles [ "checkpoints"; "zip" ] do
              let bytes = File.ReadAllBytes path
              let whole = parse bytes ()

              for what, copy in flippedCopies 3 60 bytes do
                  match readOrRefuse $"{path}: {what}" (parse copy) with
                  | Ok tensors -> Expect.isTrue (sameTensors whole tensors) $"{path}: {what}"
                  | Error _ -> ()
      }
      test "bit-flipped files from before 1.6 are refused or read, never anything else" {
          for path in realFiles [ "checkpoints"; "legacy" ] do
              let bytes = File.ReadAllBytes path
              // Flips in the pickles matter most; they stand in front.
              let front = min bytes.Length 20_000

              for what, copy in flippedCopies 4 150 bytes[.. front - 1] do
                  readOrRefuse $"{path}: {what}" (parse (Array.append copy bytes[front..])) |> ignore
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

// ---- hostile pickles ----

/// A list that holds a list twice, that one another twice, and so on.
let private doubling levels =
    Array.concat
        [ Op.emptyList
          Op.binPut 0
          for level in 1..levels do
              Op.pop
              Op.emptyList
              Op.mark
              Op.binGet (level - 1)
              Op.binGet (level - 1)
              Op.appends
              Op.binPut level ]

let private hostile =
    [ test "callables are refused by name" {
          for from, name in
              [ "os", "system"
                "posix", "system"
                "builtins", "eval"
                "builtins", "exec"
                "__builtin__", "getattr"
                "subprocess", "Popen"
                "torch", "load"
                "torch.storage", "_load_from_bytes"
                "torch._utils", "_rebuild_tensor_v2.__globals__"
                "collections", "defaultdict"
                "__torch__", "Net" ] do
              let name' = $"Unsupported global: GLOBAL {from}.{name} was not an allowed global by default"
              refusedPickle [ "Weights only load failed"; name' ] (Op.call from name [ Op.text "echo owned" ])
              // Already for being named, called or not, and by whichever opcode.
              refusedPickle [ name' ] (Op.globalName from name)
              refusedPickle [ name' ] (Array.concat [ Op.text from; Op.text name; Op.stackGlobal ])
              refusedPickle [ name' ] (Array.concat [ Op.globalName from name; Op.emptyTuple; Op.newObj ])
      }
      test "allowed names with arguments that do not fit" {
          refusedPickle [ "_rebuild_tensor_v2" ] (Op.call "torch._utils" "_rebuild_tensor_v2" [])
          refusedPickle [ "torch.float32" ] (Op.call "torch" "float32" [ Op.none ])
          refusedPickle [ "torch.FloatStorage" ] (Op.call "torch" "FloatStorage" [ Op.binInt 1000000 ])
          refusedPickle [ "torch.FloatStorage" ] (Op.globalName "torch" "FloatStorage")

          refusedPickle
              [ "_rebuild_from_type_v2" ]
              (Op.call "torch._tensor" "_rebuild_from_type_v2" [ Op.none; Op.none; Op.none; Op.none ])

          refusedPickle
              [ "OrderedDict" ]
              (Op.call "collections" "OrderedDict" [ Array.concat [ Op.emptyList; Op.none; Op.append ] ])
      }
      test "a machine that is driven wrongly" {
          for wrong in
              [ [||]
                Op.pop
                Op.append
                Op.setItems
                Op.tuple
                Op.dup
                Op.reduce
                Op.build
                Op.stackGlobal
                Op.binPersId
                Op.binGet 3
                Array.concat [ Op.mark; Op.none; Op.none; Op.reduce ]
                Array.concat [ Op.none; Op.none; Op.append ]
                Array.concat [ Op.none; Op.none; Op.none; Op.setItem ]
                Array.concat [ Op.emptyDict; Op.mark; Op.none; Op.setItems ]
                Array.concat [ Op.none; Op.mark; Op.pop; Op.pop ]
                Array.concat [ Op.text "module"; Op.binPersId ]
                [| 0x82uy; 1uy |]
                [| byte 'i' |]
                [| byte 'P' |]
                [| 0uy |]
                [| 255uy |]
                [| byte 'X'; 1uy; 0uy; 0uy; 0uy; 0xFFuy |]
                Op.proto 6 ] do
              refusedPickle [ "Weights only load failed" ] wrong
      }
      test "lengths that are a lie" {
          for opcode in [ 0x8duy; 0x8euy; 0x96uy ] do
              for length in [ Int64.MaxValue; Int64.MinValue; -1L; 1L <<< 40 ] do
                  refusedPickle [ "unexpected end of file" ] (Op.claims opcode length)

          refusedPickle [ "number of" ] [| 0x8buy; 255uy; 255uy; 255uy; 127uy |]
          refusedPickle [ "unexpected end of file" ] [| 0x8buy; 255uy; 255uy; 255uy; 255uy |]
          refusedPickle [ "unexpected end of file" ] [| byte 'X'; 255uy; 255uy; 255uy; 255uy |]
          refusedPickle [ "unexpected end of file" ] [| byte 'T'; 255uy; 255uy; 255uy; 255uy |]
          refusedPickle [ "unexpected end of file" ] (Array.append [| byte 'c' |] (Array.create 100_000 (byte 'a')))
      }
      test "a large memo index costs nothing" {
          let body = Array.concat [ Op.emptyDict; Op.binPut -1 ]
          Expect.isEmpty (parse (checkpoint (Op.pickle body) []) ()) "tensors"
      }
      test "nesting too deep" {
          let lists = Array.concat [ Array.create 300_000 (byte ']'); Array.create 299_999 (byte 'a') ]
          refusedPickle [ "nested more than" ] lists
          refusedPickle [ "nested more than" ] (Array.concat [ Op.none; Array.create 300_000 0x85uy ])
          refusedPickle [] (Array.create 300_000 (byte '('))
      }
      test "lists that hold themselves" {
          refusedPickle [ "holds itself" ] (Array.concat [ Op.emptyList; Op.binPut 0; Op.binGet 0; Op.append ])

          refusedPickle
              [ "holds itself" ]
              (Array.concat [ Op.emptyDict; Op.binPut 0; Op.text "a"; Op.emptyList; Op.binGet 0; Op.append; Op.setItem ])
      }
      test "a memo bomb stays small until its tensors are asked for, and then is refused" {
          let body = Array.concat [ Op.emptyDict; Op.text "a"; doubling 100; Op.setItem ]
          let bytes = checkpoint (Op.pickle body) []
          let used = allocated (fun () -> TorchCheckpoint.parse (ReadOnlyMemory bytes) |> ignore)
          Expect.isLessThan used 10_000_000L "allocated"
          refused [ "hostile" ] (parse bytes)
      }
      test "a pickle of endless steps" {
          let body =
              Array.concat
                  [ Array.init 6_000_000 (fun i -> if i % 2 = 0 then byte 'N' else byte '0')
                    Array.init 6_000_000 (fun i -> if i % 2 = 0 then byte 'N' else byte '0')
                    Op.none ]

          refusedPickle [ "steps" ] body
      } ]

// ---- tensors and zip files that lie ----

let private lies =
    [ test "tensors that reach out of their storage" {
          let refusedTensor parts offset size stride =
              refusedWith parts [ numbers ] (Op.dict [ "x", Op.tensor sixFloats offset size stride ])

          refusedTensor [ "reaches element 7"; "which has 6" ] (Op.binInt 0) (Op.ints [ 7 ]) (Op.ints [ 1 ])
          refusedTensor [ "reaches element" ] (Op.binInt 1) (Op.ints [ 2; 3 ]) (Op.ints [ 3; 1 ])
          refusedTensor [ "reaches element" ] (Op.binInt 6) (Op.ints []) (Op.ints [])
          refusedTensor [ "whole number" ] (Op.binInt -1) (Op.ints [ 2 ]) (Op.ints [ 1 ])
          refusedTensor [ "whole number" ] (Op.binInt 5) (Op.ints [ 2 ]) (Op.ints [ -1 ])
          refusedTensor [ "whole number" ] (Op.binInt 0) (Op.ints [ -2 ]) (Op.ints [ 1 ])
          refusedTensor [ "2 strides" ] (Op.binInt 0) (Op.ints [ 2 ]) (Op.ints [ 1; 1 ])
          let huge = Op.long1 (1I <<< 62)
          refusedTensor [] huge (Op.ints [ 2 ]) (Op.ints [ 1 ])
          refusedTensor [ "overflow" ] (Op.binInt 0) (Op.ints [ 3; 3; 3 ]) (Op.tupleOf [ huge; huge; huge ])
          refusedTensor [] (Op.binInt 0) (Op.tupleOf [ huge ]) (Op.ints [ 0 ])
          refusedTensor [] (Op.binInt 0) (Op.ints [ 65536; 65536 ]) (Op.ints [ 0; 0 ])
          refusedTensor [] (Op.long1 (1I <<< 200)) (Op.ints [ 2 ]) (Op.ints [ 1 ])
      }
      test "much made of little: an expanded element, or one storage again and again" {
          let expanded = Op.tensor sixFloats (Op.binInt 0) (Op.ints [ 2000000000 ]) (Op.ints [ 0 ])
          refusedWith [ "bytes, made of a file of" ] [ numbers ] (Op.dict [ "x", expanded ])
          let large = "0", Array.zeroCreate<byte> 4_000_000
          let storage = Op.storage "FloatStorage" "0" (Op.binInt 1_000_000)

          let many =
              [ for i in 1..100 do
                    $"x{i}", Op.tensor storage (Op.binInt i) (Op.ints [ 999_000 ]) (Op.ints [ 1 ]) ]

          refusedWith [ "bytes, made of a file of" ] [ large ] (Op.dict many)
      }
      test "storages that are missing, longer or shorter than said, or described in two ways" {
          let tensor storage = Op.dict [ "x", Op.tensor storage (Op.binInt 0) (Op.ints [ 1 ]) (Op.ints [ 1 ]) ]
          refusedWith [ "data/7"; "not found" ] [ numbers ] (tensor (Op.storage "FloatStorage" "7" (Op.binInt 6)))
          refusedWith [ "has 24 bytes" ] [ numbers ] (tensor (Op.storage "FloatStorage" "0" (Op.binInt 5)))
          refusedWith [ "has 24 bytes" ] [ numbers ] (tensor (Op.storage "DoubleStorage" "0" (Op.binInt 6)))

          refusedWith
              [ "more than a buffer can hold" ]
              [ numbers ]
              (tensor (Op.storage "FloatStorage" "0" (Op.long1 (1I <<< 42))))

          refusedWith [ "Unsupported global" ] [ numbers ] (tensor (Op.storage "QInt8Storage" "0" (Op.binInt 6)))
          let again = Op.tensor (Op.storage "IntStorage" "0" (Op.binInt 6)) (Op.binInt 0) (Op.ints [ 1 ]) (Op.ints [ 1 ])
          let both = Op.dict [ "x", Op.tensor sixFloats (Op.binInt 0) (Op.ints [ 1 ]) (Op.ints [ 1 ]); "y", again ]
          refusedWith [ "described in two ways" ] [ numbers ] both
      }
      test "zip entries that claim terabytes, overlap, repeat, are compressed or encrypted" {
          let pickle = entry "a/data.pkl" (Op.pickle Op.emptyDict)
          let data = entry "a/data/0" (snd numbers)

          let refusedZip parts entries =
              let used = allocated (fun () -> refused ("PytorchStreamReader failed" :: parts) (parse (zip entries)))
              Expect.isLessThan used 1_000_000L "allocated"

          refusedZip [ "'a/data.pkl' claims 4398046511104 bytes" ] [ { pickle with ClaimedLength = 1L <<< 42 } ]
          refusedZip [ "'a/data/0' claims" ] [ pickle; { data with ClaimedLength = 4_000_000_000L } ]
          refusedZip [] [ { pickle with ClaimedLength = -1L } ]
          refusedZip [ "overlap" ] [ pickle; { data with Name = "a/data.pkl2"; ClaimedStart = Some 0L } ]
          refusedZip [] [ pickle; { data with ClaimedStart = Some 4_000_000L } ]
          refusedZip [ "two entries" ] [ pickle; data; data ]
          refusedZip [ "compressed (method 8)" ] [ { pickle with Method = 8 } ]
          refusedZip [ "encrypted" ] [ { pickle with Flags = 1 } ]
          refusedZip [ "checksum" ] [ { pickle with ClaimedLength = int64 (pickle.Content.Length - 1) } ]
          refusedZip [ "data.pkl: file not found" ] [ data ]
          refusedZip [ "more than one data.pkl" ] [ pickle; { pickle with Name = "b/data.pkl" } ]
          let beheaded = (zip [ pickle ])[.. pickle.Content.Length + 10]
          refused [ "PytorchStreamReader failed"; "central directory" ] (parse beheaded)
      }
      test "directories that lie" {
          let entries = [ entry "a/data.pkl" (Op.pickle Op.emptyDict) ]

          for wide in [ false; true ] do
              refused [ "PytorchStreamReader" ] (parse (zipWith wide (Some 60_000L) None entries))
              refused [ "PytorchStreamReader" ] (parse (zipWith wide None (Some 3L) entries))
              refused [ "PytorchStreamReader" ] (parse (zipWith wide None (Some 4_000_000L) entries))

          refused [ "PytorchStreamReader" ] (parse (zipWith true (Some Int64.MaxValue) None entries))
          refused [ "PytorchStreamReader" ] (parse (zipWith true (Some -1L) None entries))
          refused [ "PytorchStreamReader" ] (parse (zipWith true None (Some Int64.MinValue) entries))
      }
      test "files from before 1.6 that lie about their storages" {
          let magic = Op.pickle (Op.long1 119547037146038801333356I)
          let protocol = Op.pickle (Op.binInt 1001)
          let system = Op.pickle (Op.dict [ "little_endian", Op.newTrue ])

          let storage count =
              Array.concat
                  [ Op.tupleOf
                        [ Op.text "storage"; Op.globalName "torch" "FloatStorage"; Op.text "k"; Op.text "cpu"; count; Op.none ]
                    Op.binPersId ]

          let object count = Op.pickle (Op.dict [ "x", Op.tensor (storage count) (Op.binInt 0) (Op.ints [ 2 ]) (Op.ints [ 1 ]) ])

          let keys names =
              Op.pickle (Array.concat [ Op.emptyList; Op.mark; (names |> List.map Op.text |> Array.concat); Op.appends ])

          let length (count: int64) = BitConverter.GetBytes count

          let good =
              Array.concat [ magic; protocol; system; object (Op.binInt 2); keys [ "k" ]; length 2L; floats [ 1f; 2f ] ]

          Expect.equal (values (snd (parse good ()).[0])) [ 1f; 2f ] "the true one"
          let file parts = parse (Array.concat parts)
          refused [ "Invalid magic number" ] (file [ Op.pickle (Op.binInt 3) ])
          refused [ "Invalid protocol version: 1000" ] (file [ magic; Op.pickle (Op.binInt 1000) ])

          refused
              [ "expect 2" ]
              (file [ magic; protocol; system; object (Op.binInt 2); keys [ "k" ]; length (1L <<< 60); floats [ 1f ] ])

          refused
              [ "unexpected end" ]
              (file [ magic; protocol; system; object (Op.binInt 2000000); keys [ "k" ]; length 2000000L; floats [ 1f ] ])

          refused
              [ "belongs to no tensor" ]
              (file [ magic; protocol; system; object (Op.binInt 2); keys [ "z" ]; length 2L; floats [ 1f; 2f ] ])

          refused [ "is not in the file" ] (file [ magic; protocol; system; object (Op.binInt 2); keys [] ])
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

let tests = testList "Checkpoints" (stateDicts @ realOnes @ allowed @ hostile @ lies)
