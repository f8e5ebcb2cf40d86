namespace Functional

open System
open System.IO
open System.Text
open Functional.Contract
open Functional.Serialize

/// Files in the zip format of torch.save, laid out as PyTorch's own writer does: nothing compressed, every record at a multiple
/// of 64 bytes so that it can be mapped into memory.
[<RequireQualifiedAccess>]
module TorchWriter =
    /// One record: name, checksum, length and where its header stands.
    [<NoComparison>]
    type private Entry = { Name: byte[]; Crc: uint32; Length: uint32; At: uint32 }

    let private alignment = 64L

    let private narrow what (length: int64) =
        if length > int64 UInt32.MaxValue then
            raise (UnsupportedException("torch.save", "cpu", $"{what} lies beyond 4 GB, which needs zip64: write several files"))

        uint32 length

    let private record (writer: BinaryWriter) (name: string) (content: ReadOnlyMemory<byte>) : Entry =
        let name = Encoding.UTF8.GetBytes name
        let at = writer.BaseStream.Position
        // An extra field fills up to where the content may begin.
        let behind = at + 30L + int64 name.Length + 4L
        let padding = int ((alignment - behind % alignment) % alignment)

        let entry =
            { Name = name
              Crc = Crc32.compute content.Span
              Length = narrow "a record" (int64 content.Length)
              At = narrow "a record" at }

        writer.Write 0x04034B50u
        writer.Write 0us // version
        writer.Write 0x0800us // names are UTF-8
        writer.Write 0us // stored
        writer.Write 0u // no time
        writer.Write entry.Crc
        writer.Write entry.Length
        writer.Write entry.Length
        writer.Write(uint16 name.Length)
        writer.Write(uint16 (padding + 4))
        writer.Write name
        writer.Write(ReadOnlySpan "FB"B)
        writer.Write(uint16 padding)
        writer.Write(Array.create padding (byte 'Z'))
        writer.Write content.Span
        entry

    let private directory (writer: BinaryWriter) (entries: Entry list) =
        let start = writer.BaseStream.Position

        for entry in entries do
            writer.Write 0x02014B50u
            writer.Write 0us
            writer.Write 0us
            writer.Write 0x0800us
            writer.Write 0us
            writer.Write 0u
            writer.Write entry.Crc
            writer.Write entry.Length
            writer.Write entry.Length
            writer.Write(uint16 entry.Name.Length)
            writer.Write 0us // extra
            writer.Write 0us // comment
            writer.Write 0us // disk
            writer.Write 0us // attributes
            writer.Write 0u
            writer.Write entry.At
            writer.Write entry.Name

        let size = writer.BaseStream.Position - start
        writer.Write 0x06054B50u
        writer.Write 0us
        writer.Write 0us
        writer.Write(uint16 entries.Length)
        writer.Write(uint16 entries.Length)
        writer.Write(narrow "the directory" size)
        writer.Write(narrow "the directory" start)
        writer.Write 0us

    /// Writes a value into a stream that knows its position. Raises UnsupportedException beyond 4 GB or 65,535 tensors.
    let write (stream: Stream) (value: CheckpointValue) =
        let pickle = new MemoryStream()
        let storages = PickleWriter(pickle).Write value

        if storages.Length > 65000 then
            raise (UnsupportedException("torch.save", "cpu", "more than 65,000 tensors need zip64: write several files"))

        use writer = new BinaryWriter(stream, Encoding.UTF8, true)
        let bytes (text: string) = ReadOnlyMemory(Encoding.ASCII.GetBytes text)

        let records =
            [ "data.pkl", ReadOnlyMemory(pickle.ToArray())
              "byteorder", bytes "little"
              for key, tensor in storages do
                  "data/" + key, tensor.Data
              "version", bytes "3\n" ]

        records |> List.map (fun (name, content) -> record writer ("archive/" + name) content) |> directory writer

    /// Writes a file, atomically.
    let save (path: string) (value: CheckpointValue) = AtomicFile.write path (fun stream -> write stream value)
