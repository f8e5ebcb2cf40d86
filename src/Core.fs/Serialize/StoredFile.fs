namespace Functional

open System
open System.Buffers.Binary
open Functional.Contract
open Functional.Serialize

/// Any file of tensors, told apart by its content: PyTorch's, safetensors, NumPy's or TorchSharp's.
[<RequireQualifiedAccess>]
module StoredFile =
    [<RequireQualifiedAccess>]
    type private Kind =
        | Torch
        | Safetensors
        | Npy
        | Npz
        /// Or nothing that we know: the format begins with no sign of its own.
        | TorchSharp

    /// An entry, or the end at once: an archive of nothing.
    let private isZip (head: byte[]) = head.Length >= 4 && (head[..3] = "PK\003\004"B || head[..3] = "PK\005\006"B)

    /// A safetensors file begins with a small number and a brace; no zip file and no pickle does.
    let private isSafetensors (head: byte[]) =
        head.Length > 8
        && BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan head) <= uint64 SafetensorsHeader.maximumLength
        && head[8] = byte '{'

    /// Protocol 2 and a long number, or a later one and a frame.
    let private isPickle (head: byte[]) =
        head.Length > 2 && head[0] = 0x80uy && head[1] <= 5uy && (head[2] = 0x8Auy || head[2] = 0x95uy)

    let private kind (source: ByteSource) =
        let head = (ByteSource.slice source "the beginning" 0L (min 16L source.Length)).ToArray()
        let isNumpy (entry: ZipEntry) = entry.Name.EndsWith(".npy", StringComparison.Ordinal)

        if isSafetensors head then Kind.Safetensors
        elif isPickle head then Kind.Torch
        elif head.Length >= 6 && head[..5] = NumpyHeader.magic then Kind.Npy
        elif not (isZip head) then Kind.TorchSharp
        elif ZipDirectory.read source |> Array.forall isNumpy then Kind.Npz
        else Kind.Torch

    let private dict (tensors: (string * StoredTensor)[]) =
        CheckpointValue.Dict [| for name, tensor in tensors -> CheckpointValue.Text name, CheckpointValue.Tensor tensor |]

    let private attempt (read: unit -> 'T) =
        try
            Some(read ())
        with :? FileFormatException ->
            None

    /// A dict and a single tensor look alike at first; each has to fit to the last byte.
    let private readTorchSharp (source: ByteSource) =
        attempt (fun () -> dict (TorchSharpTensors.readDict source))
        |> Option.orElseWith (fun () -> attempt (fun () -> CheckpointValue.Tensor(TorchSharpTensors.readOne source)))
        // Says what is wrong with it in PyTorch's words.
        |> Option.defaultWith (fun () -> TorchCheckpoint.read source)

    let private read (source: ByteSource) =
        match kind source with
        | Kind.Torch -> TorchCheckpoint.read source
        | Kind.Safetensors -> dict (Safetensors.readFrom (fun _ -> true) source).Tensors
        | Kind.Npy -> CheckpointValue.Tensor(Numpy.read source)
        | Kind.Npz -> dict (Numpy.readAll source)
        | Kind.TorchSharp -> readTorchSharp source

    /// What a file holds. Raises FileFormatException, or FileNotFoundException.
    let load path = ByteSource.withFile path read

    /// What the bytes of a file hold.
    let parse (bytes: ReadOnlyMemory<byte>) = read (ByteSource.ofMemory "memory" bytes)

    /// What `make` makes of a file's content, large parts of which are mapped into memory rather than read: what it makes is the
    /// only copy. The content itself is gone afterwards; touching it raises ObjectDisposedException.
    let mapped path (make: CheckpointValue -> 'T) : 'T = ByteSource.withMapped path (read >> make)
