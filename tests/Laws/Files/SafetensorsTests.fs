/// The safetensors format: what is written is read back, what is damaged is refused, and no kill leaves half a file.
module Functional.Laws.SafetensorsTests

open System
open System.Buffers.Binary
open System.IO
open System.Text
open Expecto
open FsCheck
open FsCheck.FSharp
open Functional
open Functional.Contract
open Functional.Laws.FileSamples

let private dtypes = Dtype.all |> Array.except [ Complex128 ]

type private Content = Content of Map<string, string> * (string * StoredTensor) list

let private content = gen {
    let! pairs = Gen.zip name (storedTensor dtypes) |> Gen.listOf
    let! texts = Gen.zip name name |> Gen.listOf
    return Content(Map.ofList texts, pairs |> List.distinctBy fst)
}

/// A file with this header in front of so many zero bytes.
let private file (header: string) dataLength =
    let json = Encoding.UTF8.GetBytes header
    let length = Array.zeroCreate<byte> 8
    BinaryPrimitives.WriteInt64LittleEndian(Span length, int64 json.Length)
    Array.concat [ length; json; Array.zeroCreate dataLength ]

let private parse (bytes: byte[]) () = Safetensors.parse (ReadOnlyMemory bytes)
let private refusedFile parts header dataLength = refused parts (parse (file header dataLength))

/// A header of float32 tensors: name, shape and offsets of each.
let private header tensors =
    let entry (name, shape, offsets) = $"\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":{offsets}}}"

    "{" + String.Join(",", tensors |> List.map entry) + "}"

let private hostile =
    [ test "a header that is longer than the file, or than the format allows" {
          refused [ "header" ] (parse [||])
          refused [ "header" ] (parse [| 1uy; 2uy; 3uy |])
          refused [ "unexpected end of file" ] (parse [| 200uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; byte '{' |])
          refused [ "header too large" ] (parse (Array.create 16 255uy))
          refused [ "header too large" ] (parse [| 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 128uy; byte '{'; byte '}' |])
      }
      test "a header that is no JSON object of objects" {
          refusedFile [ "must begin with '{'" ] "" 0
          refusedFile [ "must begin with '{'" ] "[]" 0
          refusedFile [ "must begin with '{'" ] "  {}" 0
          refusedFile [ "invalid JSON" ] "{" 0
          refusedFile [ "invalid JSON" ] "{}{}" 0
          refusedFile [ "invalid JSON" ] ("{\"a\":" + String('[', 100_000)) 0
          refusedFile [ "'a'"; "object" ] """{"a":3}""" 0
          refusedFile [ "'a' lacks 'dtype'" ] """{"a":{"shape":[2],"data_offsets":[0,8]}}""" 8
          refusedFile [ "'a' lacks 'shape'" ] """{"a":{"dtype":"F32","data_offsets":[0,8]}}""" 8
          refusedFile [ "'a' lacks 'data_offsets'" ] """{"a":{"dtype":"F32","shape":[2]}}""" 8
      }
      test "a name that stands twice" {
          refusedFile [ "invalid JSON"; "uplicate" ] (header [ "a", "[2]", "[0,8]"; "a", "[2]", "[8,16]" ]) 16
      }
      test "text that is no Unicode" {
          refusedFile [ "in 'memory'" ] (header [ "\\ud800", "[2]", "[0,8]" ]) 8
          let bytes = file (header [ "?", "[2]", "[0,8]" ]) 8
          bytes[10] <- 0xFFuy
          refused [ "in 'memory'" ] (parse bytes)
      }
      test "metadata that is not text by name" {
          refusedFile [ "__metadata__" ] """{"__metadata__":3}""" 0
          refusedFile [ "__metadata__" ] """{"__metadata__":{"a":3}}""" 0
          Expect.equal (parse (file """{"__metadata__":{"a":"b"}}""" 0) ()).Metadata (Map [ "a", "b" ]) "texts"
      }
      test "dtypes and shapes that do not exist" {
          refusedFile [ "'a'"; "dtype 'F33'" ] """{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""" 8
          refusedFile [ "'a'"; "dtype" ] """{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""" 8
          refusedFile [ "-1" ] """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}""" 8
          refusedFile [ "1.5" ] """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""" 8
          refusedFile [ "array of integers" ] """{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""" 8
      }
      test "shapes whose product overflows" {
          for shape in [ "[4294967296,4294967296]"; "[65536,65536]"; "[2147483647,2]"; "[99999999999999999999]" ] do
              refusedFile [ "'a'" ] (header [ "a", shape, "[0,8]" ]) 8
      }
      test "offsets that overlap, leave holes, run backwards or past the end" {
          let two first second = header [ "a", "[2]", first; "b", "[2]", second ]
          refusedFile [ "invalid offset: 'b' starts at 4" ] (two "[0,8]" "[4,12]") 16
          refusedFile [ "invalid offset: 'b' starts at 0" ] (two "[0,8]" "[0,8]") 16
          refusedFile [ "invalid offset: 'b' starts at 12" ] (two "[0,8]" "[12,20]") 20
          refusedFile [ "invalid offset: 'a' starts at 8" ] (two "[8,16]" "[16,24]") 24
          refusedFile [ "invalid offset: 'a'" ] (two "[8,0]" "[8,16]") 16
          refusedFile [ "invalid offset: 'a'" ] (two "[0]" "[8,16]") 16
          refusedFile [ "tensor info invalid" ] (two "[0,16]" "[16,24]") 24
          refusedFile [ "not fully covered" ] (two "[0,8]" "[8,16]") 17
          refusedFile [ "not fully covered" ] (two "[0,8]" "[8,16]") 15
          refusedFile [ "not fully covered" ] "{}" 1
          Expect.hasLength (parse (file (two "[8,16]" "[0,8]") 16) ()).Tensors 2 "any order in the header"
      }
      test "no memory is taken for what is only claimed" {
          let claims = """{"a":{"dtype":"F64","shape":[250000000],"data_offsets":[0,2000000000]}}"""
          let bytes = allocated (fun () -> refusedFile [ "not fully covered" ] claims 8)
          Expect.isLessThan bytes 1_000_000L "allocated"
      } ]

let private roundTrips =
    [ testPropertyWithConfig
          { FsCheckConfig.defaultConfig with maxTest = 200 }
          "what is written is read back"
          (Prop.forAll (Arb.fromGen content) (fun (Content(metadata, tensors)) ->
              let read = Safetensors.parse (ReadOnlyMemory(Safetensors.toBytes metadata tensors))
              read.Metadata = metadata && sameTensors tensors read.Tensors))

      testProperty
          "every tensor is aligned to its element, and the order of writing does not matter"
          (Prop.forAll (Arb.fromGen content) (fun (Content(metadata, tensors)) ->
              let bytes = Safetensors.toBytes metadata tensors
              let dataStart = 8 + int (BinaryPrimitives.ReadInt64LittleEndian(ReadOnlySpan(bytes, 0, 8)))

              let aligned, _ =
                  ((true, dataStart), (Safetensors.parse (ReadOnlyMemory bytes)).Tensors)
                  ||> Array.fold (fun (aligned, offset) (_, tensor) ->
                      aligned && offset % min 8 (Dtype.size tensor.Dtype) = 0, offset + tensor.Data.Length)

              aligned && Safetensors.toBytes metadata (List.rev tensors) = bytes))

      testProperty
          "a file read where only some tensors are wanted gives just these"
          (Prop.forAll (Arb.fromGen content) (fun (Content(metadata, tensors)) ->
              withFolder (fun folder ->
                  let path = Path.Combine(folder, "some.safetensors")
                  Safetensors.save path metadata tensors
                  let wanted (name: string) = name.Length % 2 = 0
                  let read = Safetensors.loadWhere wanted path
                  sameTensors (tensors |> List.filter (fst >> wanted)) read.Tensors)))

      test "complex128 and names given twice are refused before anything is written" {
          let stored dtype = StoredTensor.create dtype [| 1 |] (ReadOnlyMemory(Array.zeroCreate (Dtype.size dtype)))

          withFolder (fun folder ->
              let path = Path.Combine(folder, "kept")
              File.WriteAllText(path, "old")
              let save tensors () = Safetensors.save path Map.empty tensors
              Expect.throwsT<DtypeException> (save [ "z", stored Complex128 ]) "complex128"
              Expect.throwsT<ArgumentValueException> (save [ "a", stored Int8; "a", stored Bool ]) "twice"
              Expect.throwsT<ArgumentValueException> (save [ "__metadata__", stored Int8 ]) "the format's own name"
              Expect.equal (File.ReadAllText path) "old" "the old file"
              Expect.equal (Directory.GetFiles folder) [| path |] "nothing beside it")
      }
      test "a missing file says so in Python's words" {
          let load () = Safetensors.load "/no/such/file" |> ignore

          Expect.throwsC load (fun error ->
              Expect.stringStarts error.Message "[Errno 2] No such file or directory: '/no/such/file'" "message")

          refused [ "[Errno 21] Is a directory" ] (fun () -> Safetensors.load (Path.GetTempPath()))
      } ]

let private realOnes =
    [ test "the real files load, and the reference writer's file is written again byte for byte" {
          for path in realFiles [ "checkpoints"; "safetensors" ] do
              let file = Safetensors.load path
              Expect.isNonEmpty file.Tensors path
              let again = Safetensors.toBytes file.Metadata file.Tensors
              Expect.isTrue (sameTensors file.Tensors (Safetensors.parse (ReadOnlyMemory again)).Tensors) path

              if Path.GetFileName path = "burn_mnist_cnn.safetensors" then
                  Expect.isTrue (again.AsSpan().SequenceEqual(ReadOnlySpan(File.ReadAllBytes path))) "byte for byte"
      }
      test "the golden files load" {
          let folder = Path.GetFullPath(Path.Combine(Repository.root, "..", "shared", "golden"))

          if not (Directory.Exists folder) then
              skiptest "absent: ../shared/golden"

          for path in Directory.GetFiles(folder, "*.safetensors") do
              Safetensors.load path |> ignore
      }
      test "cut and bit-flipped copies are refused or read, never anything else" {
          for path in realFiles [ "checkpoints"; "safetensors" ] do
              let bytes = File.ReadAllBytes path

              for what, copy in cutCopies bytes do
                  refusedWithin copy.Length $"{path}: {what}" (parse copy)

              let headerLength = 8 + int (BinaryPrimitives.ReadInt64LittleEndian(ReadOnlySpan(bytes, 0, 8)))

              for what, header in flippedCopies 1 300 bytes[.. headerLength - 1] do
                  let copy = Array.append header bytes[headerLength..]
                  readOrRefuseWithin copy.Length $"{path}: {what}" (parse copy) |> ignore
      } ]

let private checksums =
    [ test "a file with a checksum is whole or refused, whichever bit flips" {
          withFolder (fun folder ->
              let path = Path.Combine(folder, "checked")
              let tensor = StoredTensor.ofArray Float32 [| 2; 3 |] [| 1f; 2f; 3f; 4f; 5f; nanf |]
              let tensors = [ "a", tensor; "b", StoredTensor.ofArray Int64 [||] [| 7L |] ]
              let metadata = Map [ "epoch", "3" ]
              Safetensors.saveChecked path metadata tensors
              let read = Safetensors.load path
              Expect.equal read.Metadata metadata "the checksum is not shown"
              Expect.isTrue (sameTensors tensors read.Tensors) "content"
              let bytes = File.ReadAllBytes path

              for position in 0 .. bytes.Length - 1 do
                  for bit in 0..7 do
                      let copy = Array.copy bytes
                      copy[position] <- copy[position] ^^^ (1uy <<< bit)

                      match readOrRefuse "flipped" (parse copy) with
                      | Error _ -> ()
                      | Ok file ->
                          // The name of the checksum itself may have flipped: then it is one more text, and nothing is compared.
                          Expect.isTrue (sameTensors tensors file.Tensors) $"bit {bit} of byte {position}")
      } ]

let private kills =
    [ test "a write that fails half way leaves the old file" {
          withFolder (fun folder ->
              let path = Path.Combine(folder, "model")
              AtomicFile.writeText path "old"

              let failing (stream: Stream) =
                  stream.Write(ReadOnlySpan(Array.zeroCreate<byte> 100_000))
                  raise (IOException "disk full")

              Expect.throwsT<IOException> (fun () -> AtomicFile.write path failing) "raised"
              Expect.equal (File.ReadAllText path) "old" "content"
              Expect.equal (Directory.GetFiles folder) [| path |] "nothing beside it")
      }
      test "what a killed writer left beside is ignored and replaced" {
          withFolder (fun folder ->
              let path = Path.Combine(folder, "model")
              let tensor = StoredTensor.ofArray Float32 [| 2 |] [| 1f; 2f |]
              Safetensors.save path Map.empty [ "old", tensor ]
              File.WriteAllText(path + ".partial", "half a fi")
              Expect.equal (fst (Safetensors.load path).Tensors[0]) "old" "the old file is read"
              Safetensors.save path Map.empty [ "new", tensor ]
              Expect.equal (fst (Safetensors.load path).Tensors[0]) "new" "the new file"
              Expect.equal (Directory.GetFiles folder) [| path |] "nothing beside it")
      }
      test "a link stays a link" {
          withFolder (fun folder ->
              let path = Path.Combine(folder, "best")
              File.WriteAllText(Path.Combine(folder, "epoch-3"), "old")
              File.CreateSymbolicLink(path, Path.Combine(folder, "epoch-3")) |> ignore
              AtomicFile.writeText path "new"
              Expect.equal (File.ReadAllText(Path.Combine(folder, "epoch-3"))) "new" "what it points to"
              Expect.isNotNull (File.ResolveLinkTarget(path, false)) "still a link")
      } ]

let tests = testList "Safetensors" (hostile @ roundTrips @ realOnes @ checksums @ kills)
