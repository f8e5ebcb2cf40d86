namespace Functional

open System
open System.IO

/// Files that are whole at every moment: whoever opens the path sees the old content or the new one, never a part.
[<RequireQualifiedAccess>]
module AtomicFile =
    /// Where the new content of a path grows until it is complete. A file left there by a killed process
    /// is no danger: nobody reads it, and the next write begins it anew.
    let internal besidePath (path: string) = path + ".partial"

    /// A link stays a link: what it points to is replaced.
    let private target (path: string) =
        match File.ResolveLinkTarget(path, true) with
        | null -> Path.GetFullPath path
        | link -> link.FullName

    /// Writes beside the path, waits until the disk has it, and renames. If `write` raises, the old file stays.
    /// Two writers of one path at a time: the second gets an IOException.
    let write (path: string) (write: Stream -> unit) =
        let path = if File.Exists path then target path else Path.GetFullPath path
        let beside = besidePath path

        match Path.GetDirectoryName path with
        | null -> ()
        | folder -> Directory.CreateDirectory folder |> ignore

        let stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 <<< 16)

        try
            using stream (fun stream ->
                write stream
                // Renaming a file whose bytes are still on their way could outlive them in a power cut.
                stream.Flush true)

            File.Move(beside, path, true)
        with _ ->
            File.Delete beside
            reraise ()

    let writeBytes path (bytes: ReadOnlyMemory<byte>) = write path (fun stream -> stream.Write bytes.Span)

    /// UTF-8 without a byte order mark.
    let writeText path (text: string) = writeBytes path (ReadOnlyMemory(Text.Encoding.UTF8.GetBytes text))
