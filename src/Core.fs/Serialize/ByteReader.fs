namespace Functional.Serialize

open System
open Functional.Contract

/// Reads a source from front to back, a window at a time, so that a file of any size costs little memory.
[<Sealed>]
type internal ByteReader(source: ByteSource, start: int64) =
    let windowLength = 65536L
    let mutable window = ReadOnlyMemory<byte>.Empty
    let mutable windowStart = start
    let mutable position = start

    /// The next bytes, not passed over. Raises FileFormatException, naming `what`, where the source ends before.
    let peek what (length: int64) =
        if length < 0L || length > windowStart + int64 window.Length - position then
            let wanted =
                if length < 0L then
                    length
                else
                    max length (min windowLength (source.Length - position))

            window <- ByteSource.slice source what position wanted
            windowStart <- position

        window.Slice(int (position - windowStart), int length)

    member _.Source = source
    member _.Position = position

    /// The next bytes. Raises FileFormatException, naming `what`, where the source ends before.
    member _.Take(what: string, length: int64) =
        let bytes = peek what length
        position <- position + length
        bytes

    member reader.Byte what = reader.Take(what, 1L).Span[0]

    /// Passes over `count` elements of `size` bytes without reading them.
    member _.Skip(what: string, count: int64, size: int) =
        if count < 0L || count > (source.Length - position) / int64 size then
            raise (
                FileFormatException
                    $"unexpected end of file: {what} needs {count} elements of {size} bytes at {position}, but '{source.Name}' holds {source.Length}"
            )

        position <- position + count * int64 size

    /// The bytes up to the next line feed, which is passed over. A line is at most 64 KiB long.
    member _.Line(what: string) =
        let ahead = peek what (min windowLength (source.Length - position))

        match ahead.Span.IndexOf(byte '\n') with
        | -1 -> raise (FileFormatException $"unexpected end of file: {what} at {position} has no end (in '{source.Name}')")
        | length ->
            position <- position + int64 length + 1L
            ahead.Slice(0, length)
