namespace Functional.Serialize

open System
open System.Buffers.Binary
open System.Text
open Functional.Contract

/// One stored entry of a zip file.
[<NoComparison; NoEquality>]
type internal ZipEntry = { Name: string; Start: int64; Length: int64; Crc: uint32 }

/// The central directory of a zip file (PKWARE's APPNOTE 6.3), as far as PyTorch writes it: stored entries, zip64 where needed.
/// .NET's own reader believes sizes and takes entries that overlap; this one takes nothing that the file cannot hold.
[<RequireQualifiedAccess>]
module internal ZipDirectory =
    let private refuse (source: ByteSource) what =
        raise (FileFormatException $"PytorchStreamReader failed reading zip archive: {what} (in '{source.Name}')")

    let private u16 (bytes: ReadOnlyMemory<byte>) offset = int (BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span.Slice offset))

    let private u32 (bytes: ReadOnlyMemory<byte>) offset = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span.Slice offset)

    let private i64 (bytes: ReadOnlyMemory<byte>) offset = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span.Slice offset)

    let private slice source what offset length =
        ByteSource.slice source $"PytorchStreamReader failed reading zip archive: {what}" offset length

    let private endLength = 22

    /// Position and content of the record that ends the file: a comment of up to 65,535 bytes may follow it.
    let private findEnd (source: ByteSource) =
        let length = min source.Length (int64 (endLength + 0xFFFF))
        let tail = slice source "the end" (source.Length - length) length

        let isEnd at = u32 tail at = 0x06054B50u && at + endLength + u16 tail (at + 20) = tail.Length

        match seq { tail.Length - endLength .. -1 .. 0 } |> Seq.tryFind isEnd with
        | Some at -> struct (source.Length - length + int64 at, tail.Slice(at, endLength))
        | None -> refuse source "failed finding central directory"

    /// Where the central directory lies, how long it is and how many entries it lists.
    let private locate (source: ByteSource) =
        let struct (position, record) = findEnd source
        let hasLocator = position >= 20L && u32 (slice source "the zip64 locator" (position - 20L) 4L) 0 = 0x07064B50u

        if hasLocator then
            let locator = slice source "the zip64 locator" (position - 20L) 20L
            let wide = slice source "the zip64 end record" (i64 locator 8) 56L

            if u32 wide 0 <> 0x06064B50u then
                refuse source "the zip64 end record is damaged"

            struct (i64 wide 48, i64 wide 40, i64 wide 32)
        else
            struct (int64 (u32 record 16), int64 (u32 record 12), int64 (u16 record 10))

    /// The 64-bit values in an entry's extra field, in the order of the 32-bit fields that are all ones.
    let rec private wideValues (extra: ReadOnlyMemory<byte>) =
        if extra.Length < 4 then
            [||]
        else
            let length = min (u16 extra 2) (extra.Length - 4)
            let body = extra.Slice(4, length)

            if u16 extra 0 = 1 then
                Array.init (length / 8) (fun i -> i64 body (8 * i))
            else
                wideValues (extra.Slice(4 + length))

    /// Where the bytes of an entry begin: behind the name and extra field that stand before them once more.
    let private dataStart source name headerOffset =
        let local = slice source $"the header of '{name}'" headerOffset 30L

        if u32 local 0 <> 0x04034B50u then
            refuse source $"the header of '{name}' is damaged"

        headerOffset + 30L + int64 (u16 local 26) + int64 (u16 local 28)

    let private readEntry source (directory: ReadOnlyMemory<byte>) at =
        if at + 46 > directory.Length || u32 directory at <> 0x02014B50u then
            refuse source "the central directory is damaged"

        let nameLength = u16 directory (at + 28)
        let extraLength = u16 directory (at + 30)
        let next = at + 46 + nameLength + extraLength + u16 directory (at + 32)

        if next > directory.Length then
            refuse source "the central directory is damaged"

        let name = Encoding.UTF8.GetString(directory.Slice(at + 46, nameLength).Span)

        if u16 directory (at + 8) &&& 1 = 1 then
            refuse source $"'{name}' is encrypted"

        match u16 directory (at + 10) with
        | 0 -> ()
        | method -> refuse source $"'{name}' is compressed (method {method}); PyTorch stores its entries as they are"

        let wide = wideValues (directory.Slice(at + 46 + nameLength, extraLength))
        let fields = [| u32 directory (at + 24); u32 directory (at + 20); u32 directory (at + 42) |]

        let field i =
            if fields[i] <> 0xFFFFFFFFu then
                int64 fields[i]
            else
                let skipped = fields |> Array.take i |> Array.filter (fun value -> value = 0xFFFFFFFFu) |> Array.length

                if skipped < wide.Length then
                    wide[skipped]
                else
                    refuse source $"'{name}' lacks its zip64 sizes"

        let length, stored, header = field 0, field 1, field 2

        if length <> stored then
            refuse source $"'{name}' claims {length} bytes but stores {stored}"

        let start = dataStart source name header

        if length < 0L || start > source.Length || length > source.Length - start then
            refuse source $"'{name}' claims {length} bytes at {start}, but the file holds {source.Length}"

        struct ({ Name = name; Start = start; Length = length; Crc = u32 directory (at + 16) }, next)

    let private checkApart source (entries: ZipEntry[]) =
        for a, b in entries |> Array.sortBy (fun entry -> entry.Start) |> Array.pairwise do
            if a.Start + a.Length > b.Start then
                refuse source $"'{a.Name}' and '{b.Name}' overlap"

        match entries |> Array.countBy (fun entry -> entry.Name) |> Array.tryFind (fun (_, count) -> count > 1) with
        | Some(name, _) -> refuse source $"two entries are named '{name}'"
        | None -> ()

    /// All entries. Raises FileFormatException for whatever is damaged, compressed, encrypted or claims more than there is.
    let read (source: ByteSource) =
        let struct (start, length, count) = locate source
        let directory = slice source "the central directory" start length

        let rec readAll at left entries =
            if left = 0L then
                List.rev entries
            else
                let struct (entry, next) = readEntry source directory at
                readAll next (left - 1L) (entry :: entries)

        let entries = readAll 0 count [] |> List.toArray
        checkApart source entries
        entries

    /// The bytes of an entry, their checksum checked.
    let content (source: ByteSource) (entry: ZipEntry) =
        let bytes = slice source $"'{entry.Name}'" entry.Start entry.Length

        if Crc32.compute bytes.Span <> entry.Crc then
            refuse source $"the checksum of '{entry.Name}' does not match its content: the file is damaged"

        bytes
