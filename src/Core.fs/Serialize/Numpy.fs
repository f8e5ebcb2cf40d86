namespace Functional

open System
open System.IO
open Functional.Contract
open Functional.Serialize

/// NumPy's files: one array (.npy), or several by name in a zip file (.npz). A file is believed nothing: lengths, shapes and
/// dtypes are checked before memory is taken, and whatever does not hold raises FileFormatException.
[<RequireQualifiedAccess>]
module Numpy =
    let internal read (source: ByteSource) : StoredTensor =
        let header = NumpyHeader.read source
        let count = Shape.count header.Shape
        let expected = int64 count * int64 (Dtype.size header.Dtype)

        if source.Length - header.Length <> expected then
            raise (
                FileFormatException
                    $"cannot reshape array: shape {Shape.format header.Shape} of {Dtype.name header.Dtype} takes {expected} bytes, but '{source.Name}' holds {source.Length - header.Length}"
            )

        let bytes = ByteSource.slice source "the elements" header.Length expected
        let bytes = if header.IsBigEndian then ByteOrder.swapped header.Dtype bytes else bytes
        let reversed = Array.rev header.Shape

        if header.IsFortran then
            // Row-major the other way around.
            let row: StoredTensor = { Dtype = header.Dtype; Shape = [| count |]; Data = bytes }
            StoredWindow.elements (StoredWindow(row, 0, header.Shape, Array.rev (Shape.rowMajor reversed)))
        else
            { Dtype = header.Dtype; Shape = header.Shape; Data = bytes }

    let private extension = ".npy"

    let internal readAll (source: ByteSource) =
        [| for entry in ZipDirectory.read source do
               let what = $"{source.Name}: {entry.Name}"

               let name =
                   if entry.Name.EndsWith(extension, StringComparison.Ordinal) then
                       entry.Name.Substring(0, entry.Name.Length - extension.Length)
                   else
                       raise (FileFormatException $"'{entry.Name}' is no {extension} file (in '{source.Name}')")

               name, read (ByteSource.ofMemory what (ZipDirectory.content source entry)) |]

    /// Reads an .npy file. Raises FileFormatException, or FileNotFoundException.
    let load path = ByteSource.withFile path read

    /// Reads an .npz file, compressed or not; names without `.npy`. Raises FileFormatException, or FileNotFoundException.
    let loadAll path = ByteSource.withFile path readAll

    /// What `make` makes of an .npy file that is mapped into memory rather than read; its elements are gone afterwards.
    let mapped path (make: StoredTensor -> 'T) : 'T = ByteSource.withMapped path (read >> make)

    /// What `make` makes of an .npz file that is mapped into memory rather than read; its elements are gone afterwards.
    let mappedAll path (make: (string * StoredTensor)[] -> 'T) : 'T = ByteSource.withMapped path (readAll >> make)

    /// What the bytes of an .npy file hold.
    let parse (bytes: ReadOnlyMemory<byte>) = read (ByteSource.ofMemory "memory" bytes)

    /// What the bytes of an .npz file hold.
    let parseAll (bytes: ReadOnlyMemory<byte>) = readAll (ByteSource.ofMemory "memory" bytes)

    /// Writes an array to a stream.
    let write (stream: Stream) (tensor: StoredTensor) =
        stream.Write(ReadOnlySpan(NumpyHeader.format tensor.Dtype tensor.Shape))
        stream.Write tensor.Data.Span

    /// Writes arrays by name to a stream that knows its position.
    /// Raises ArgumentValueException for a name given twice.
    let writeAll (stream: Stream) (tensors: (string * StoredTensor) seq) =
        let tensors = Seq.toArray tensors

        match tensors |> Array.countBy fst |> Array.tryFind (fun (_, count) -> count > 1) with
        | Some(name, _) -> raise (ArgumentValueException $"savez: two arrays are named '{name}'")
        | None -> ()

        let bytes tensor =
            use stream = new MemoryStream()
            write stream tensor
            ReadOnlyMemory(stream.ToArray())

        tensors |> Seq.map (fun (name, tensor) -> name + extension, bytes tensor) |> ZipWriter.write stream

    /// Writes an .npy file, atomically.
    let save (path: string) (tensor: StoredTensor) = AtomicFile.write path (fun stream -> write stream tensor)

    /// Writes an .npz file, atomically. Raises ArgumentValueException for a name given twice.
    let saveAll (path: string) (tensors: (string * StoredTensor) seq) =
        AtomicFile.write path (fun stream -> writeAll stream tensors)
