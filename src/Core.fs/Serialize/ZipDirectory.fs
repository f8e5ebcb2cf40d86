namespace Functional.Serialize

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text
open Functional.Contract

/// One entry of a zip file: `Stored` bytes at `Start`, which are the content or, deflated, become it.
[<NoComparison; NoEquality>]
type internal ZipEntry = { Name: string; Start: int64; Length: int64; Stored: int64; IsDeflated: bool; Crc: uint32 }

/// The central directory of a zip file (PKWARE's APPNOTE 6.3), as far as PyTorch and NumPy write it: entries that are stored or
/// deflated, zip64 where needed.
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
    // What a byte can become at most (RFC 1951: 258 bytes in two bits), and a little for very short entries.
    let private mostInflation = 1040L

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

        let isDeflated =
            match u16 directory (at + 10) with
            | 0 -> false
            | 8 -> true
            | method -> refuse source $"'{name}' is compressed (method {method})"

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

        if length <> stored && not isDeflated then
            refuse source $"'{name}' claims {length} bytes but stores {stored}"

        let start = dataStart source name header

        if stored < 0L || start > source.Length || stored > source.Length - start then
            refuse source $"'{name}' claims {stored} bytes at {start}, but the file holds {source.Length}"

        if length < 0L || length / mostInflation > stored then
            refuse source $"'{name}' claims {length} bytes, which {stored} cannot hold"

        struct ({ Name = name
                  Start = start
                  Length = length
                  Stored = stored
                  IsDeflated = isDeflated
                  Crc = u32 directory (at + 16) },
                next)

    let private checkApart source (entries: ZipEntry[]) =
        for a, b in entries |> Array.sortBy (fun entry -> entry.Start) |> Array.pairwise do
            if a.Start + a.Stored > b.Start then
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

    let private inflate source (entry: ZipEntry) (stored: ReadOnlyMemory<byte>) =
        if entry.Length > int64 Array.MaxLength then
            refuse source $"'{entry.Name}' is larger than memory can hold in one piece"

        let target = GC.AllocateUninitializedArray<byte>(int entry.Length)

        try
            use inflated = new DeflateStream(new MemoryStream(stored.ToArray()), CompressionMode.Decompress)
            inflated.ReadExactly target

            if inflated.ReadByte() >= 0 then
                refuse source $"'{entry.Name}' holds more than the {entry.Length} bytes it claims"
        with
        | :? InvalidDataException
        | :? EndOfStreamException -> refuse source $"'{entry.Name}' is damaged: it does not inflate to {entry.Length} bytes"

        ReadOnlyMemory target

    /// The bytes of an entry, their checksum checked.
    let content (source: ByteSource) (entry: ZipEntry) =
        let stored = slice source $"'{entry.Name}'" entry.Start entry.Stored
        let bytes = if entry.IsDeflated then inflate source entry stored else stored

        if Crc32.compute bytes.Span <> entry.Crc then
            refuse source $"the checksum of '{entry.Name}' does not match its content: the file is damaged"

        bytes

    /// The bytes of an entry of PyTorch's, which compresses nothing.
    let storedContent source (entry: ZipEntry) =
        if entry.IsDeflated then
            refuse source $"'{entry.Name}' is compressed (method 8); PyTorch stores its entries as they are"

        content source entry
