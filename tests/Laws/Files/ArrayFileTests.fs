/// NumPy's files: what is written is read back, NumPy's own are read, and what lies is refused.
module Functional.Laws.ArrayFileTests

open System
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open FsCheck
open FsCheck.FSharp
open Functional
open Functional.Contract
open Functional.Laws.FileSamples

/// A file of this version with this text as its header.
let private file (major: int) (header: string) (data: byte[]) =
    let text = Encoding.UTF8.GetBytes header

    let length =
        if major = 1 then
            BitConverter.GetBytes(uint16 text.Length)
        else
            BitConverter.GetBytes(uint32 text.Length)

    Array.concat [ [| 0x93uy |]; "NUMPY"B; [| byte major; 0uy |]; length; text; data ]

let private parse (bytes: byte[]) () = Numpy.parse (ReadOnlyMemory bytes)
let private ints (values: int list) = values |> List.map BitConverter.GetBytes |> Array.concat
let private int32s (tensor: StoredTensor) = StoredTensor.toArray<int> tensor |> Array.toList

let private stored = storedTensor Dtype.all |> Arb.fromGen

let private written (tensor: StoredTensor) =
    use stream = new MemoryStream()
    Numpy.write stream tensor
    stream.ToArray()

let private roundTrips =
    [ testProperty "what is written is read back"
      <| Prop.forAll stored (fun tensor -> StoredTensor.equal tensor (parse (written tensor) ()))

      testProperty "the header says what another reader expects, and ends before a multiple of 64 bytes"
      <| Prop.forAll stored (fun tensor ->
          let bytes = written tensor
          let length = int (BitConverter.ToUInt16(bytes, 8))
          let text = Encoding.ASCII.GetString(bytes, 10, length)
          let shape = String.Join(", ", tensor.Shape) + (if tensor.Shape.Length = 1 then "," else "")
          Expect.equal ((10 + length) % 64) 0 "aligned"
          Expect.isTrue (text.EndsWith '\n') "ends a line"
          Expect.stringContains text $"'fortran_order': False, 'shape': ({shape})," "header"
          Expect.isTrue (bytes.AsSpan(10 + length).SequenceEqual tensor.Data.Span) "elements")

      testProperty "several by name"
      <| Prop.forAll (Gen.zip name (storedTensor Dtype.all) |> Gen.listOf |> Arb.fromGen) (fun tensors ->
          let tensors = List.distinctBy fst tensors |> List.filter (fun (name, _) -> name.Length < 20)
          use stream = new MemoryStream()
          Numpy.writeAll stream tensors
          sameTensors tensors (Numpy.parseAll (ReadOnlyMemory(stream.ToArray()))))

      testProperty "the first dimension innermost, and the other order of bytes"
      <| fun (PositiveInt rows) (PositiveInt columns) ->
          let rows, columns = 1 + rows % 5, 1 + columns % 5
          let element i j = 100 * i + j

          let expected =
              [ for i in 0 .. rows - 1 do
                    for j in 0 .. columns - 1 -> element i j ]

          let byColumns =
              [ for j in 0 .. columns - 1 do
                    for i in 0 .. rows - 1 -> element i j ]

          let header order fortran = $"{{'descr': '{order}i4', 'fortran_order': {fortran}, 'shape': ({rows}, {columns}), }}"
          let swap (bytes: byte[]) = bytes |> Array.chunkBySize 4 |> Array.collect Array.rev
          Expect.equal (int32s (parse (file 1 (header "<" "True") (ints byColumns)) ())) expected "Fortran"
          Expect.equal (int32s (parse (file 2 (header ">" "False") (swap (ints expected))) ())) expected "big endian"
          Expect.equal (int32s (parse (file 3 (header ">" "True") (swap (ints byColumns))) ())) expected "both" ]

let private real =
    [ test "the real files: a linear map and its result" {
          let load name = Tensor.ofStored (Numpy.load (FileSamples.real [ "checkpoints"; "npy"; name + ".npy" ]))
          let result = Tensor.linear (load "tch_linear_in") (load "tch_linear_ws") (Some(load "tch_linear_bs"))
          Elements.expectSame 1e-4 "in ws' + bs" result (load "tch_linear_out")
      }
      test "the real archive" {
          let tensors = Numpy.loadAll (FileSamples.real [ "checkpoints"; "npy"; "candle_test.npz" ])
          Expect.equal (tensors |> Array.map fst |> Array.sort) [| "x"; "x_plus_one" |] "names"
          let values name = StoredTensor.toArray<int64> (Map.ofArray tensors).[name] |> Array.toList
          Expect.equal (values "x" |> List.map ((+) 1L)) (values "x_plus_one") "one more"
      }
      test "a compressed archive, and one that inflates to more than it says" {
          let tensor = StoredTensor.ofArray Float32 [| 1000 |] (Array.create 1000 1f)

          let archive level =
              use stream = new MemoryStream()

              using (new ZipArchive(stream, ZipArchiveMode.Create, true)) (fun archive ->
                  use entry = archive.CreateEntry("ones.npy", level).Open()
                  entry.Write(ReadOnlySpan(written tensor)))

              stream.ToArray()

          for level in [ CompressionLevel.Optimal; CompressionLevel.NoCompression ] do
              let read = Numpy.parseAll (ReadOnlyMemory(archive level))
              Expect.isTrue (sameTensors [ "ones", tensor ] read) $"{level}"

          let bytes = archive CompressionLevel.Optimal
          // The directory's entry: its uncompressed length stands 24 bytes behind the signature.
          let at = bytes.AsSpan().LastIndexOf(ReadOnlySpan "PK\001\002"B) + 24

          for claimed in [ 10; 4000; 1_000_000_000 ] do
              let copy = Array.copy bytes
              BitConverter.TryWriteBytes(Span(copy, at, 4), claimed) |> ignore

              let used =
                  allocated (fun () -> refused [ "PytorchStreamReader" ] (fun () -> Numpy.parseAll (ReadOnlyMemory copy)))

              Expect.isLessThan used 1_000_000L "allocated"
      } ]

let private hostile =
    let header descr shape = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    let refusedFile parts version text data = refused parts (parse (file version text data))

    [ test "what is no header" {
          refused [ "unexpected end" ] (parse [||])
          refused [ "magic string" ] (parse "NUMPY, it says"B)
          refused [ "format version" ] (parse (file 4 (header "<i4" "()") (ints [ 1 ])))
          refusedFile [ "Cannot parse header" ] 1 "" [||]
          refusedFile [ "Cannot parse header" ] 1 "{'descr': '<i4', 'shape': ()}" (ints [ 1 ])
          refusedFile [ "Cannot parse header" ] 1 (header "<i4" "(__import__('os').system('echo owned'),)") [||]
          refusedFile [ "Cannot parse header" ] 1 (header "<i4" "()" + "; import os") (ints [ 1 ])
          refusedFile [ "Cannot parse header" ] 1 ("{" + String(' ', 60000) + "'") [||]
          refusedFile [ "Cannot parse header" ] 1 "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': ()}" (ints [ 1 ])
          refused [ "large" ] (parse (file 2 (String(' ', 100_000)) [||]))
          refused [ "large" ] (parse (Array.concat [ [| 0x93uy |]; "NUMPY"B; [| 2uy; 0uy |]; Array.create 4 255uy ]))
      }
      test "dtypes that we have not" {
          for descr in [ "<u2"; "<u8"; "<U10"; "<f16"; "<M8[ns]"; "|S3"; "i"; ""; "|V3" ] do
              refusedFile [ "none of ours" ] 1 (header descr "(0,)") [||]

          refusedFile [ "Object arrays cannot be loaded" ] 1 (header "|O" "(1,)") (ints [ 1; 1 ])
      }
      test "shapes that lie" {
          refusedFile [ "takes 12 bytes" ] 1 (header "<i4" "(3,)") (ints [ 1; 2 ])
          refusedFile [ "takes 4 bytes" ] 1 (header "<i4" "(1,)") (ints [ 1; 2 ])
          refusedFile [ "takes 4 bytes" ] 1 (header "<i4" "()") [||]
          let lie shape = allocated (fun () -> refusedFile [] 1 (header "<f8" shape) [||])

          for shape in [ "(1000000000,)"; "(65536, 65536)"; "(99999999999999999999,)"; "(3, , 4)"; "(L,)" ] do
              Expect.isLessThan (lie shape) 5_000_000L shape

          refusedFile [ "shape is not valid" ] 1 (header "<i4" "(99999999999,)") [||]
          Expect.equal (parse (file 1 (header "<i4" "(0, 7)") [||]) ()).Shape [| 0; 7 |] "empty"
      }
      test "cut and flipped copies are refused or read, never anything else" {
          let bytes = written (StoredTensor.ofArray Float32 [| 3; 4 |] (Array.init 12 float32))

          for what, copy in cutCopies bytes do
              refusedWithin copy.Length what (parse copy)

          for what, copy in flippedCopies 5 300 bytes do
              readOrRefuseWithin copy.Length what (parse copy) |> ignore
      } ]

let tests = testList "NumPy files" (roundTrips @ real @ hostile)
