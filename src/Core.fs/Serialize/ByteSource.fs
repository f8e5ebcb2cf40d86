namespace Functional.Serialize

open System
open System.Collections.Generic
open System.IO
open System.IO.MemoryMappedFiles
open Functional.Contract

/// Bytes to be read at any position: a file, or memory. Nothing is read, or allocated, that is not there.
[<ReferenceEquality; NoComparison>]
type internal ByteSource =
    {
        Name: string
        Length: int64
        /// Reads a range that is known to lie inside.
        Read: int64 -> int -> ReadOnlyMemory<byte>
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal ByteSource =
    let ofMemory name (bytes: ReadOnlyMemory<byte>) =
        { Name = name
          Length = int64 bytes.Length
          Read = fun offset length -> bytes.Slice(int offset, length) }

    let private readFully name handle offset (target: byte[]) =
        let rec go filled =
            if filled < target.Length then
                match RandomAccess.Read(handle, Span(target, filled, target.Length - filled), offset + int64 filled) with
                | 0 -> raise (FileFormatException $"unexpected end of file: '{name}' shrank while it was read")
                | count -> go (filled + count)

        go 0

    /// Raises FileNotFoundException in Python's words unless there is such a file; FileFormatException for a folder.
    let requireFile (path: string) =
        if Directory.Exists path then
            raise (FileFormatException $"[Errno 21] Is a directory: '{path}'")

        if not (File.Exists path) then
            raise (FileNotFoundException($"[Errno 2] No such file or directory: '{path}'", path))

    let private opened (path: string) (using': Microsoft.Win32.SafeHandles.SafeFileHandle -> ByteSource -> 'T) : 'T =
        requireFile path
        use handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read)

        let length =
            try
                RandomAccess.GetLength handle
            with :? NotSupportedException ->
                raise (FileFormatException $"'{path}' is not a regular file: it has no length and no positions")

        using'
            handle
            { Name = path
              Length = length
              Read =
                fun offset length ->
                    let target = GC.AllocateUninitializedArray<byte> length
                    readFully path handle offset target
                    ReadOnlyMemory target }

    /// Runs `read` on a file, which stays open for that long.
    /// Raises FileNotFoundException, or FileFormatException for what is no regular file.
    let withFile path (read: ByteSource -> 'T) : 'T = opened path (fun _ source -> read source)

    // Below this a read is cheaper than a mapping.
    let private smallestMapping = 1 <<< 16

    /// As `withFile`, but large ranges are mapped rather than read, so that what is made of them is the only copy. They are
    /// gone when `read` returns.
    let withMapped path (read: ByteSource -> 'T) : 'T =
        opened path (fun handle source ->
            if source.Length < int64 smallestMapping then
                read source
            else
                use file =
                    MemoryMappedFile.CreateFromFile(
                        handle,
                        null,
                        0L,
                        MemoryMappedFileAccess.Read,
                        HandleInheritability.None,
                        true
                    )

                let parts = List<IDisposable>()

                let readOrMap offset length =
                    if length < smallestMapping then
                        source.Read offset length
                    else
                        let part = new MappedPart(file, offset, length)
                        parts.Add part
                        Memory.op_Implicit part.Memory

                try
                    read { source with Read = readOrMap }
                finally
                    for part in parts do
                        part.Dispose())

    /// `length` bytes from `offset` on. Raises FileFormatException where `what` would reach past the end.
    let slice (source: ByteSource) what (offset: int64) (length: int64) =
        if offset < 0L || length < 0L || offset > source.Length || length > source.Length - offset then
            raise (
                FileFormatException
                    $"unexpected end of file: {what} needs {length} bytes at {offset}, but '{source.Name}' holds {source.Length}"
            )

        if length > int64 Array.MaxLength then
            raise (
                FileFormatException
                    $"{what} of '{source.Name}' holds {length} bytes; {Array.MaxLength} is the most that can be read in one piece"
            )

        source.Read offset (int length)
