/// Hostile checkpoints are refused by name, with bounded memory.
module Functional.Laws.HostileTests

open System
open Expecto
open Functional
open Functional.Laws.FileSamples
open Functional.Laws.Forgery
open Functional.Laws.CheckpointSamples

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

let tests = testList "HostileCheckpoints" (hostile @ lies)
