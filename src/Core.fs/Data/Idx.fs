namespace Functional

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open Functional.Contract
open Functional.Serialize

/// The idx format of MNIST (http://yann.lecun.com/exdb/mnist): big-endian numbers behind a header of sizes, plain or gzipped.
[<RequireQualifiedAccess>]
module Idx =
    let private refuse name what = raise (FileFormatException $"idx: {what} (in '{name}')")

    let private dtype name code =
        match code with
        | 0x08uy -> UInt8
        | 0x09uy -> Int8
        | 0x0Buy -> Int16
        | 0x0Cuy -> Int32
        | 0x0Duy -> Float32
        | 0x0Euy -> Float64
        | _ -> refuse name $"unknown element type 0x{code:X2}"

    let private readExactly name what (stream: Stream) (target: Span<byte>) =
        let count = stream.ReadAtLeast(target, target.Length, false)

        if count < target.Length then
            refuse name $"unexpected end of file: {what} takes {target.Length} bytes, only {count} are there"

    let private header name (stream: Stream) =
        let magic = Array.zeroCreate<byte> 4
        readExactly name "the magic number" stream (Span magic)

        if magic[0] <> 0uy || magic[1] <> 0uy || magic[3] = 0uy then
            refuse name $"invalid magic number 0x{BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan magic):X8}"

        let sizes = Array.zeroCreate<byte>(4 * int magic[3])
        readExactly name "the header" stream (Span sizes)

        let shape =
            Array.init (int magic[3]) (fun i -> BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(sizes, 4 * i, 4)))

        dtype name magic[2], shape

    // deflate makes at most 1032 bytes of one, so a header that claims more lies, and nothing need be allocated to see it.
    let private mostBytesPerByte = 1032L

    /// Memory grows with what really comes out of the stream, not with what the header claims.
    let private readGrowing name (stream: Stream) (length: int64) (likely: int64) =
        let mutable data = GC.AllocateUninitializedArray<byte>(int (min length (max likely 65536L)))
        let mutable filled = 0
        let mutable ended = false

        while not ended do
            filled <- filled + stream.ReadAtLeast(Span(data, filled, data.Length - filled), data.Length - filled, false)

            if filled < data.Length then
                refuse name $"unexpected end of file: the data takes {length} bytes, only {filled} are there"
            elif int64 filled < length then
                Array.Resize(&data, int (min length (2L * int64 filled)))
            else
                ended <- true

        data

    let private toLittleEndian (size: int) (data: byte[]) =
        if size > 1 then
            for start in 0..size .. data.Length - size do
                Array.Reverse(data, start, size)

        data

    let private readPlain name (fileBytes: int64) (mostBytesPerByte: int64) (stream: Stream) =
        let dtype, shape = header name stream

        let bytes =
            try
                int64 (Shape.count shape) * int64 (Dtype.size dtype)
            with :? ShapeException as error ->
                refuse name error.Message

        if bytes > fileBytes * mostBytesPerByte || bytes > int64 Array.MaxLength then
            refuse name $"the header claims {Shape.format shape}, {bytes} bytes, more than the file can hold"

        let data = readGrowing name stream bytes (8L * fileBytes)

        if stream.ReadByte() >= 0 then
            refuse name $"bytes follow after the {bytes} that the header claims"

        { Dtype = dtype; Shape = shape; Data = ReadOnlyMemory(toLittleEndian (Dtype.size dtype) data) }

    let private isGzip (stream: Stream) =
        let first = stream.ReadByte()
        let second = stream.ReadByte()
        stream.Position <- 0L
        first = 0x1F && second = 0x8B

    /// A gzip file ends with the length of what it holds, modulo 2^32; .NET does not mind when that end is missing.
    let private checkGzipEnd name (stream: Stream) (tensor: StoredTensor) =
        let length = 4L + 4L * int64 tensor.Shape.Length + int64 tensor.Data.Length
        let trailer = Array.zeroCreate<byte> 4
        stream.Position <- max 0L (stream.Length - 4L)
        readExactly name "the end of the gzip data" stream (Span trailer)

        if BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan trailer) <> uint32 length then
            refuse name "damaged gzip data: its end is missing"

    let private readGzip name (stream: Stream) =
        try
            use unpacked = new GZipStream(stream, CompressionMode.Decompress, true)
            let tensor = readPlain name stream.Length mostBytesPerByte unpacked
            checkGzipEnd name stream tensor
            tensor
        with :? InvalidDataException as error ->
            refuse name $"damaged gzip data: {error.Message}"

    /// Reads from a stream that can seek, plain or gzipped. `name` is for messages. Raises FileFormatException.
    let read name (stream: Stream) =
        if isGzip stream then
            readGzip name stream
        else
            readPlain name stream.Length 1L stream

    /// Reads a file, plain or gzipped. Raises FileFormatException for what is damaged or lies about its size.
    let load (path: string) =
        ByteSource.requireFile path
        use stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 <<< 16)
        read path stream
