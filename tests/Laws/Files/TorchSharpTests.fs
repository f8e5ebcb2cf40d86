/// TorchSharp's own files: the real ones are read and written back byte by byte, and what lies is refused.
module Functional.Laws.TorchSharpTests

open System
open System.IO
open System.Text
open Expecto
open FsCheck.FSharp
open FsCheck
open Functional
open Functional.Contract
open Functional.Laws.FileSamples

let private real name = FileSamples.real [ "checkpoints"; "torchsharp_dat"; name + ".dat" ]

let private writtenAgain (save: string -> unit) =
    withFolder (fun folder ->
        let path = Path.Combine(folder, "again.dat")
        save path
        File.ReadAllBytes path)

/// .NET's own reader of the same parts.
let private secondReader (bytes: byte[]) =
    use reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8)

    [ for _ in 1 .. reader.Read7BitEncodedInt() do
          let name = reader.ReadString()
          let code = reader.Read7BitEncodedInt()
          let shape = [ for _ in 1 .. reader.Read7BitEncodedInt() -> reader.Read7BitEncodedInt() ]
          let width = Map [ 0, 1; 1, 1; 2, 2; 3, 4; 4, 8; 5, 2; 6, 4; 7, 8; 9, 8; 10, 16; 11, 1; 15, 2 ]
          name, shape, reader.ReadBytes(width[code] * List.fold (*) 1 shape) ]

let private tensors =
    [ test "the real state dict" {
          let tensors = TorchSharpTensors.load (real "bug510")
          let shapes = tensors |> Array.map (fun (name, tensor) -> name, tensor.Dtype, Array.toList tensor.Shape)
          Expect.contains shapes ("stack.0.weight", Float32, [ 32; 1; 3 ]) "the first one"
          Expect.equal (writtenAgain (fun path -> TorchSharpTensors.save path tensors)) (File.ReadAllBytes(real "bug510")) "again"
      }
      test "the real tensor" {
          let tensor = TorchSharpTensors.loadOne (real "tensor2345")
          Expect.equal (tensor.Dtype, tensor.Shape) (Float32, [| 2; 3; 4; 5 |]) "shape"

          Expect.equal
              (writtenAgain (fun path -> TorchSharpTensors.saveOne path tensor))
              (File.ReadAllBytes(real "tensor2345"))
              "again"
      }
      testProperty "what is written is read back, by a reader of another make too"
      <| Prop.forAll (Gen.zip name (storedTensor Dtype.all) |> Gen.listOf |> Arb.fromGen) (fun tensors ->
          let tensors = List.distinctBy fst tensors
          use stream = new MemoryStream()
          using (new BinaryWriter(stream, Encoding.UTF8, true)) (fun writer -> TorchSharpTensors.write writer tensors)
          let bytes = stream.ToArray()
          Expect.isTrue (sameTensors tensors (TorchSharpTensors.parse (ReadOnlyMemory bytes))) "ours"

          Expect.equal
              (secondReader bytes)
              [ for name, tensor in tensors -> name, Array.toList tensor.Shape, tensor.Data.ToArray() ]
              "the other")
      test "what lies is refused" {
          let parse (bytes: byte[]) () = TorchSharpTensors.parse (ReadOnlyMemory bytes)
          let name = [| 1uy; byte 'a' |]
          refused [ "unexpected end" ] (parse [||])
          refused [ "unexpected end" ] (parse [| 1uy |])
          refused [ "number beyond" ] (parse (Array.create 20 255uy))
          refused [ "dtype 8" ] (parse (Array.concat [ [| 1uy |]; name; [| 8uy; 0uy |] ]))
          refused [ "dimensions" ] (parse (Array.concat [ [| 1uy |]; name; [| 6uy; 100uy |] ]))
          refused [ "unexpected end" ] (parse (Array.concat [ [| 1uy |]; name; [| 6uy; 1uy; 3uy; 0uy |] ]))
          refused [ "left over" ] (parse [| 0uy; 0uy |])
          refused [ "no UTF-8" ] (parse [| 1uy; 1uy; 255uy; 6uy; 0uy |])
          let huge = [| 6uy; 2uy; 255uy; 255uy; 255uy; 255uy; 7uy; 255uy; 255uy; 255uy; 255uy; 7uy |]
          Expect.isLessThan (allocated (fun () -> refused [] (parse (Array.concat [ [| 1uy |]; name; huge ])))) 200_000L "memory"
          let bytes = File.ReadAllBytes(real "bug510")

          for _, copy in cutCopies bytes do
              refused [] (parse copy)

          for what, copy in flippedCopies 6 200 bytes do
              readOrRefuse what (parse copy) |> ignore
      } ]

let private numbers name (map: Map<string, CheckpointValue>) =
    match map[name] with
    | CheckpointValue.Real x -> [ x ]
    | CheckpointValue.Tuple parts ->
        [ for part in parts do
              match part with
              | CheckpointValue.Real x -> x
              | _ -> nan ]
    | other -> failtestf "%s is %A" name other

let private optimizers =
    [ test "the real optimizers are read, and written back byte by byte" {
          for file, name, groups, states in
              [ "sgd1", "SGD", 1, 2
                "adam1", "Adam", 2, 4
                "adamw1", "AdamW", 2, 4
                "nadam1", "NAdam", 2, 4
                "rmsprop1", "RMSprop", 2, 4
                "adagrad1", "Adagrad", 1, 2
                "adadelta1", "Adadelta", 2, 4 ] do
              let optimizer = TorchSharpOptimizers.load (real file)
              Expect.equal (optimizer.Name, optimizer.Groups.Length, optimizer.States.Length) (name, groups, states) file

              Expect.equal
                  (writtenAgain (fun path -> TorchSharpOptimizers.save path optimizer))
                  (File.ReadAllBytes(real file))
                  $"{file} again"
      }
      test "values stand under PyTorch's names" {
          let adam = TorchSharpOptimizers.load (real "adam1")
          Expect.equal (numbers "betas" adam.Groups[0]) [ 0.8; 0.9 ] "betas"
          Expect.equal (numbers "betas" adam.Groups[1]) [ 0.7; 0.79 ] "betas of the second group"
          Expect.equal (numbers "lr" adam.Groups[1]) [ 0.01 ] "rate"

          match adam.Groups[1].["amsgrad"], adam.States[0].["step"], adam.States[0].["exp_avg"] with
          | CheckpointValue.Truth true, CheckpointValue.Integer step, CheckpointValue.Tensor mean ->
              Expect.equal step 1I "step"
              Expect.equal mean.Shape [| 10; 10 |] "mean"
          | other -> failtest $"{other}"

          Expect.equal (numbers "momentum" (TorchSharpOptimizers.load (real "sgd1")).Groups[0]) [ 0.1 ] "momentum"
          Expect.equal (numbers "lr_decay" (TorchSharpOptimizers.load (real "adagrad1")).Groups[0]) [ 0.85 ] "lr_decay"
          Expect.equal (numbers "weight_decay" (TorchSharpOptimizers.load (real "adadelta1")).Groups[0]) [ 0.3 ] "weight decay"
      }
      test "an optimizer that lies is refused" {
          let bytes = File.ReadAllBytes(real "adam1")

          withFolder (fun folder ->
              let path = Path.Combine(folder, "cut.dat")

              let load (copy: byte[]) () =
                  File.WriteAllBytes(path, copy)
                  TorchSharpOptimizers.load path

              for _, copy in cutCopies bytes do
                  refused [] (load copy)

              refused [ "'Odam' is no optimizer" ] (load (Array.append [| 4uy; byte 'O' |] bytes[2..]))
              refused [ "left over" ] (load (Array.append bytes [| 0uy |])))

          Expect.throwsT<UnsupportedException>
              (fun () -> TorchSharpOptimizers.save "never" { Name = "LBFGS"; Groups = [||]; States = [||] })
              "LBFGS"
      } ]

let tests = testList "TorchSharp files" (tensors @ optimizers)
