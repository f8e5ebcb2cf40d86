/// What torch.save's formats say when we write them: read by a reader of another make, and by our own.
module Functional.Laws.WriterTests

open System
open System.IO
open System.IO.Compression
open Expecto
open FsCheck
open FsCheck.FSharp
open Functional
open Functional.Contract
open Functional.Serialize
open Functional.Laws.FileSamples

let private text = Gen.elements [ ""; "weight"; "größer"; "神.経"; "a'b\"c\n" ]

let private integer =
    Gen.elements [ 0I; 1I; 255I; 256I; -1I; 2147483647I; 2147483648I; -2147483649I; 1I <<< 80; -(1I <<< 63) ]

let private key = Gen.oneof [ Gen.map CheckpointValue.Text text; Gen.map CheckpointValue.Integer integer ]

let private keyName value =
    match value with
    | CheckpointValue.Text text -> "t" + text
    | CheckpointValue.Integer number -> "n" + string number
    | _ -> ""

/// Two parts of one storage that may overlap, one of them turned over.
let private windows = gen {
    let! rows = Gen.choose (2, 4)
    let! columns = Gen.choose (2, 4)
    let numbers = Array.init (rows * columns) float32
    let storage = StoredTensor.ofArray Float32 [| numbers.Length |] numbers

    return
        CheckpointValue.List
            [| CheckpointValue.Window(StoredWindow(storage, 0, [| columns; rows |], [| 1; columns |]))
               CheckpointValue.Window(StoredWindow(storage, columns, [| columns |], [| 1 |])) |]
}

let private leaf =
    Gen.oneof
        [ Gen.constant CheckpointValue.Nothing
          Gen.elements [ true; false ] |> Gen.map CheckpointValue.Truth
          Gen.map CheckpointValue.Integer integer
          Gen.elements [ 0.0; -0.0; 1.5; nan; infinity; 1e-320 ] |> Gen.map CheckpointValue.Real
          Gen.map CheckpointValue.Text text
          Gen.arrayOf (Gen.choose (0, 255) |> Gen.map byte)
          |> Gen.map (fun bytes -> CheckpointValue.Bytes(ReadOnlyMemory bytes))
          Gen.elements Dtype.all |> Gen.map CheckpointValue.DtypeName
          storedTensor Dtype.all |> Gen.map CheckpointValue.Tensor
          windows ]

let rec private value depth =
    if depth = 0 then
        leaf
    else
        let inner = value (depth - 1)
        let few = Gen.choose (0, 4)

        Gen.oneof
            [ leaf
              Gen.bind (fun n -> Gen.arrayOfLength n inner) few |> Gen.map CheckpointValue.List
              Gen.bind (fun n -> Gen.arrayOfLength n inner) few |> Gen.map CheckpointValue.Tuple
              Gen.bind (fun n -> Gen.arrayOfLength n (Gen.zip key inner)) few
              |> Gen.map (Array.distinctBy (fst >> keyName) >> CheckpointValue.Dict) ]

type private Content = Content of CheckpointValue * protocol: int

let private contents =
    Gen.map2 (fun value protocol -> Content(value, protocol)) (value 3) (Gen.choose (2, 5)) |> Arb.fromGen

let private tensorOf (value: CheckpointValue) =
    match value with
    | CheckpointValue.Tensor tensor -> Some tensor
    | CheckpointValue.Window window -> Some(StoredWindow.elements window)
    | _ -> None

/// Whether our reader gives back what was written.
let rec private same (a: CheckpointValue) (b: CheckpointValue) =
    match a, b with
    | CheckpointValue.Nothing, CheckpointValue.Nothing -> true
    | CheckpointValue.Truth a, CheckpointValue.Truth b -> a = b
    | CheckpointValue.Integer a, CheckpointValue.Integer b -> a = b
    | CheckpointValue.Real a, CheckpointValue.Real b -> BitConverter.DoubleToInt64Bits a = BitConverter.DoubleToInt64Bits b
    | CheckpointValue.Text a, CheckpointValue.Text b -> a = b
    | CheckpointValue.Bytes a, CheckpointValue.Bytes b -> a.Span.SequenceEqual b.Span
    | CheckpointValue.DtypeName a, CheckpointValue.DtypeName b -> a = b
    | CheckpointValue.List a, CheckpointValue.List b
    | CheckpointValue.Tuple a, CheckpointValue.Tuple b -> a.Length = b.Length && Array.forall2 same a b
    | CheckpointValue.Dict a, CheckpointValue.Dict b ->
        a.Length = b.Length && Array.forall2 (fun (k, v) (l, w) -> same k l && same v w) a b
    | _ ->
        match tensorOf a, tensorOf b with
        | Some a, Some b -> StoredTensor.equal a b
        | _ -> false

/// Whether the other reader saw what was written.
let rec private saw storages (written: CheckpointValue) (read: SecondReader.Item) =
    match written, read with
    | CheckpointValue.Nothing, SecondReader.Nothing -> true
    | CheckpointValue.Truth a, SecondReader.Truth b -> a = b
    | CheckpointValue.Integer a, SecondReader.Whole b -> a = b
    | CheckpointValue.Real a, SecondReader.Real b -> BitConverter.DoubleToInt64Bits a = BitConverter.DoubleToInt64Bits b
    | CheckpointValue.Text a, SecondReader.Text b -> a = b
    | CheckpointValue.Bytes a, SecondReader.Raw b -> a.Span.SequenceEqual b
    | CheckpointValue.DtypeName a, SecondReader.Named b -> "torch." + Dtype.name a = b
    | CheckpointValue.List a, SecondReader.Listed b
    | CheckpointValue.Tuple a, SecondReader.Together b -> a.Length = b.Length && Seq.forall2 (saw storages) a b
    | CheckpointValue.Dict a, SecondReader.Pairs b ->
        a.Length = b.Length && Seq.forall2 (fun (k, v) (l, w) -> saw storages k l && saw storages v w) a b
    | _, SecondReader.Window(kind, key, _, offset, size, stride) ->
        match tensorOf written with
        | Some tensor ->
            kind = $"torch.{Dtype.scalarTypeName tensor.Dtype}Storage"
            && Array.toList tensor.Shape = size
            && tensor.Data.Span.SequenceEqual(SecondReader.elements storages kind key offset size stride)
        | None -> false
    | _ -> false

let private written write =
    use stream = new MemoryStream()
    write stream
    stream.ToArray()

let private formats =
    [ "zip", TorchWriter.write, SecondReader.readZip; "legacy", TorchWriter.writeLegacy, SecondReader.readLegacy ]

let private laws =
    [ for name, write, secondReader in formats do
          testProperty $"{name}: a reader of another make sees what was written, and so does ours"
          <| Prop.forAll contents (fun (Content(value, protocol)) ->
              let bytes = written (fun stream -> write protocol stream value)
              let item, storages = secondReader bytes
              Expect.isTrue (saw storages value item) "the other reader"
              Expect.isTrue (same value (TorchCheckpoint.parse (ReadOnlyMemory bytes))) "our reader")

          test $"{name}: one tensor twice is written once, a storage that two share is written once" {
              let tensor = StoredTensor.ofArray Float32 [| 3 |] [| 1f; 2f; 3f |]
              let storage = StoredTensor.ofArray Int64 [| 4 |] [| 0L .. 3L |]
              let window offset = CheckpointValue.Window(StoredWindow(storage, offset, [| 2 |], [| 1 |]))

              let value =
                  CheckpointValue.List [| CheckpointValue.Tensor tensor; CheckpointValue.Tensor tensor; window 0; window 2 |]

              let bytes = written (fun stream -> write TorchWriter.DefaultProtocol stream value)
              Expect.equal (snd (secondReader bytes)).Count 2 "storages"

              match TorchCheckpoint.parse (ReadOnlyMemory bytes) with
              | CheckpointValue.List [| CheckpointValue.Tensor a
                                        CheckpointValue.Tensor b
                                        CheckpointValue.Window c
                                        CheckpointValue.Window d |] ->
                  Expect.isTrue (obj.ReferenceEquals(a, b)) "one tensor"
                  Expect.isTrue (obj.ReferenceEquals(c.Storage, d.Storage)) "one storage"
                  Expect.equal (c.Offset, d.Offset) (0, 2) "two places in it"
              | other -> failtest $"{other}"
          }

      test "a protocol that PyTorch has not is refused" {
          for protocol in [ 1; 6 ] do
              Expect.throwsT<ArgumentValueException>
                  (fun () -> TorchWriter.write protocol Stream.Null CheckpointValue.Nothing)
                  "protocol"
      }

      test "more records than a small zip directory can count" {
          let one i = CheckpointValue.Tensor(StoredTensor.ofArray Int32 [| 1 |] [| i |])
          let value = CheckpointValue.List(Array.init 66_000 one)
          let bytes = written (fun stream -> TorchWriter.write TorchWriter.DefaultProtocol stream value)
          Expect.isTrue (same value (TorchCheckpoint.parse (ReadOnlyMemory bytes))) "our reader"
          use archive = new ZipArchive(new MemoryStream(bytes))
          Expect.equal archive.Entries.Count 66_003 "the other reader"
      }

      testProperty "checksums are those of .NET's archives, in one piece or two"
      <| Prop.forAll
          (Arb.fromGen (Gen.zip (Gen.frequency [ 1, Gen.choose (0, 40); 2, Gen.choose (4000, 20_000) ]) (Gen.choose (0, 1000))))
          (fun (size, seed) ->
              let bytes = Array.zeroCreate<byte> size
              Random(seed).NextBytes bytes

              let archived =
                  written (fun stream ->
                      use archive = new ZipArchive(stream, ZipArchiveMode.Create, true)
                      use entry = archive.CreateEntry("bytes", CompressionLevel.NoCompression).Open()
                      entry.Write(bytes, 0, size))

              use archive = new ZipArchive(new MemoryStream(archived))
              let expected = archive.Entries[0].Crc32
              let cut = seed % (size + 1)
              let behind = Crc32.append (Crc32.compute (ReadOnlySpan(bytes, 0, cut))) (ReadOnlySpan(bytes, cut, size - cut))
              Expect.equal (Crc32.compute (ReadOnlySpan bytes), behind) (expected, expected) "checksums")

      test "records begin at multiples of 64 bytes" {
          let tensors =
              [| for i in 1..5 -> CheckpointValue.Tensor(StoredTensor.ofArray Int64 [| i |] (Array.create i 0x0102030405060708L)) |]

          let bytes =
              written (fun stream -> TorchWriter.write TorchWriter.DefaultProtocol stream (CheckpointValue.List tensors))

          let pattern = BitConverter.GetBytes 0x0102030405060708L

          let starts =
              [ for at in 0..8 .. bytes.Length - 8 do
                    if
                        bytes.AsSpan(at, 8).SequenceEqual pattern && not (bytes.AsSpan(max 0 (at - 8), 8).SequenceEqual pattern)
                    then
                        at ]

          Expect.equal starts.Length 5 "all five"
          Expect.all starts (fun at -> at % 64 = 0) "aligned"
      } ]

let private mapping =
    [ test "a mapped file gives the same tensors, and none once it is closed" {
          withFolder (fun folder ->
              let path = Path.Combine(folder, "large.pt")
              let numbers = Array.init 100_000 float32
              let tensor = StoredTensor.ofArray Float32 [| 100; 1000 |] numbers
              TorchWriter.save path (CheckpointValue.Dict [| CheckpointValue.Text "x", CheckpointValue.Tensor tensor |])

              let kept =
                  StoredFile.mapped path (fun value ->
                      let _, found = CheckpointValue.tensors value |> Array.exactlyOne
                      Expect.isTrue (StoredTensor.equal tensor found) "elements"
                      found)

              Expect.throwsT<ObjectDisposedException> (fun () -> kept.Data.Span.Length |> ignore) "closed"
              Expect.equal (StateDict.load path |> List.map (fun (_, t) -> Tensor.toArray t)) [ numbers ] "as tensors"
              File.Delete path)
      }
      test "a file is told by its content, whatever its name" {
          withFolder (fun folder ->
              let path name = Path.Combine(folder, name + ".bin")

              let tensors =
                  [ "a", StoredTensor.ofArray Float32 [| 2 |] [| 1f; 2f |]; "b", StoredTensor.ofArray Int64 [||] [| 7L |] ]

              let dict =
                  CheckpointValue.Dict
                      [| for name, tensor in tensors -> CheckpointValue.Text name, CheckpointValue.Tensor tensor |]

              Safetensors.save (path "safetensors") Map.empty tensors
              TorchWriter.save (path "zip") dict

              File.WriteAllBytes(
                  path "legacy",
                  written (fun stream -> TorchWriter.writeLegacy TorchWriter.DefaultProtocol stream dict)
              )

              Numpy.saveAll (path "npz") tensors
              TorchSharpTensors.save (path "dat") tensors

              for kind in [ "safetensors"; "zip"; "legacy"; "npz"; "dat" ] do
                  let read = StoredFile.load (path kind) |> CheckpointValue.tensors
                  Expect.isTrue (sameTensors tensors read) kind

              Numpy.save (path "npy") (snd tensors[0])
              TorchSharpTensors.saveOne (path "one") (snd tensors[0])

              for kind in [ "npy"; "one" ] do
                  match StoredFile.load (path kind) with
                  | CheckpointValue.Tensor read -> Expect.isTrue (StoredTensor.equal (snd tensors[0]) read) kind
                  | other -> failtest $"{kind}: {other}"

              File.WriteAllBytes(path "nothing", "no such format"B)
              refused [ "Invalid magic number" ] (fun () -> StoredFile.load (path "nothing"))
              File.WriteAllBytes(path "empty", [||])
              refused [] (fun () -> StoredFile.load (path "empty")))
      } ]

let tests = testList "Writer" (laws @ mapping)
