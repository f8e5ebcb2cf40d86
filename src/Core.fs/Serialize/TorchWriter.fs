namespace Functional

open System
open System.Buffers.Binary
open System.IO
open System.Text
open Functional.Contract
open Functional.Serialize

/// Files of torch.save: the zip format of PyTorch 1.6 and later, and the row of pickles before it.
[<RequireQualifiedAccess>]
module TorchWriter =
    /// The protocol of a pickle that PyTorch itself writes.
    [<Literal>]
    let DefaultProtocol = 2

    let private checkProtocol protocol =
        if protocol < DefaultProtocol || protocol > 5 then
            raise (ArgumentValueException $"torch.save: pickle_protocol must be between {DefaultProtocol} and 5, got {protocol}")

    /// Writes a value into a stream that knows its position, with a pickle of protocol 2 to 5.
    let write (protocol: int) (stream: Stream) (value: CheckpointValue) =
        checkProtocol protocol
        use pickle = new MemoryStream()
        let storages = PickleWriter(pickle, protocol, false).Write value
        let bytes (text: string) = ReadOnlyMemory(Encoding.ASCII.GetBytes text)

        [ "data.pkl", ReadOnlyMemory(pickle.ToArray())
          "byteorder", bytes "little"
          for key, tensor in storages do
              "data/" + key, tensor.Data
          "version", bytes "3\n" ]
        |> List.map (fun (name, content) -> "archive/" + name, content)
        |> ZipWriter.write stream

    /// What the machine that wrote a file was like; PyTorch looks at the order of bytes alone.
    let private system =
        let sizes = [ "short", 2; "int", 4; "long", 4 ]
        let number (value: int) = CheckpointValue.Integer(Numerics.BigInteger value)
        let dict pairs = CheckpointValue.Dict [| for name: string, value in pairs -> CheckpointValue.Text name, value |]

        dict
            [ "protocol_version", number 1001
              "little_endian", CheckpointValue.Truth true
              "type_sizes", dict [ for name, size in sizes -> name, number size ] ]

    /// Writes a value in the format before 1.6: five pickles, then the storages one after the other.
    let writeLegacy (protocol: int) (stream: Stream) (value: CheckpointValue) =
        checkProtocol protocol
        let next item = PickleWriter(stream, protocol, true).Write item
        let plain item = next item |> ignore
        plain (CheckpointValue.Integer TorchCheckpoint.magicNumber)
        plain (CheckpointValue.Integer(Numerics.BigInteger 1001))
        plain system
        let storages = next value
        plain (CheckpointValue.List [| for key, _ in storages -> CheckpointValue.Text key |])

        for _, tensor in storages do
            let length = Array.zeroCreate<byte> 8
            BinaryPrimitives.WriteInt64LittleEndian(Span length, int64 (Shape.count tensor.Shape))
            stream.Write(ReadOnlySpan length)
            stream.Write tensor.Data.Span

    /// Writes a file, atomically.
    let save (path: string) (value: CheckpointValue) = AtomicFile.write path (fun stream -> write DefaultProtocol stream value)
