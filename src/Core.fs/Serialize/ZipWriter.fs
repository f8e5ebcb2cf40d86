namespace Functional.Serialize

open System
open System.IO
open System.Text

/// Zip files as PyTorch lays them out: nothing compressed, every record at a multiple of 64 bytes so that it can be mapped
/// into memory, and the 64-bit fields of PKWARE's APPNOTE 4.5.3 once something lies beyond 4 GB.
[<RequireQualifiedAccess>]
module internal ZipWriter =
    /// One record: name, checksum, length and where its header stands.
    [<NoComparison>]
    type private Entry = { Name: byte[]; Crc: uint32; Length: uint32; At: int64 }

    let private alignment = 64L

    let private record (writer: BinaryWriter) start (name: string) (content: ReadOnlyMemory<byte>) : Entry =
        let name = Encoding.UTF8.GetBytes name
        let at = writer.BaseStream.Position - start
        // An extra field fills up to where the content may begin.
        let behind = at + 30L + int64 name.Length + 4L
        let padding = int ((alignment - behind % alignment) % alignment)
        // An array of .NET holds less than 4 GB, so a length always fits.
        let entry = { Name = name; Crc = Crc32.compute content.Span; Length = uint32 content.Length; At = at }

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

    let private isWide (at: int64) = at >= int64 UInt32.MaxValue

    let private narrow (at: int64) = if isWide at then UInt32.MaxValue else uint32 at

    let private listed (writer: BinaryWriter) (entry: Entry) =
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
        writer.Write(if isWide entry.At then 12us else 0us) // extra
        writer.Write 0us // comment
        writer.Write 0us // disk
        writer.Write 0us // internal attributes
        writer.Write 0u // external attributes
        writer.Write(narrow entry.At)
        writer.Write entry.Name

        if isWide entry.At then
            writer.Write 1us
            writer.Write 8us
            writer.Write entry.At

    /// The 64-bit end of the directory, and the place where it is found.
    let private wideEnd (writer: BinaryWriter) start (count: int64) (size: int64) (directory: int64) =
        let at = writer.BaseStream.Position - start
        writer.Write 0x06064B50u
        writer.Write 44L
        writer.Write 45us
        writer.Write 45us
        writer.Write 0u
        writer.Write 0u
        writer.Write count
        writer.Write count
        writer.Write size
        writer.Write directory
        writer.Write 0x07064B50u
        writer.Write 0u
        writer.Write at
        writer.Write 1u

    /// Writes records by name, in their order, into a stream that knows its position.
    let write (stream: Stream) (records: (string * ReadOnlyMemory<byte>) seq) =
        use writer = new BinaryWriter(stream, Encoding.UTF8, true)
        let start = stream.Position
        let entries = [| for name, content in records -> record writer start name content |]
        let directory = stream.Position - start
        Array.iter (listed writer) entries
        let size = stream.Position - start - directory

        if entries.Length >= int UInt16.MaxValue || isWide directory || isWide size then
            wideEnd writer start entries.Length size directory

        let count = uint16 (min entries.Length (int UInt16.MaxValue))
        writer.Write 0x06054B50u
        writer.Write 0us
        writer.Write 0us
        writer.Write count
        writer.Write count
        writer.Write(narrow size)
        writer.Write(narrow directory)
        writer.Write 0us
