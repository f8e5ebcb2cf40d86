namespace Functional

open System
open System.IO
open System.Text
open Functional.Contract
open Functional.Serialize

/// The parts of TorchSharp's own files: whole numbers of seven bits a byte, texts behind their length, tensors as dtype, sizes
/// and elements.
[<RequireQualifiedAccess>]
module internal TorchSharpParts =
    let refuse (source: ByteSource) what = raise (FileFormatException $"{what} (in '{source.Name}')")

    /// The numbers of dtypes are those of PyTorch's C++ side.
    let private codes =
        [ UInt8, 0
          Int8, 1
          Int16, 2
          Int32, 3
          Int64, 4
          Float16, 5
          Float32, 6
          Float64, 7
          Complex64, 9
          Complex128, 10
          Bool, 11
          BFloat16, 15 ]

    let readNumber (reader: ByteReader) what =
        let rec go shift value =
            let next = reader.Byte what
            let value = value ||| (int64 (next &&& 0x7Fuy) <<< shift)

            if value > int64 Int32.MaxValue || shift > 28 then
                refuse reader.Source $"{what} is a number beyond {Int32.MaxValue}"

            if next >= 0x80uy then go (shift + 7) value else int value

        go 0 0L

    let readText (reader: ByteReader) what =
        let bytes = reader.Take(what, int64 (readNumber reader what))

        try
            UTF8Encoding(false, true).GetString bytes.Span
        with :? ArgumentException ->
            refuse reader.Source $"{what} is no UTF-8"

    let readTensor (reader: ByteReader) name : StoredTensor =
        let code = readNumber reader $"the dtype of {name}"

        let dtype =
            match codes |> List.tryFind (fun (_, known) -> known = code) with
            | Some(dtype, _) -> dtype
            | None -> refuse reader.Source $"{name} has the dtype {code}, which is none"

        let rank = readNumber reader $"the rank of {name}"

        if rank > 64 then
            refuse reader.Source $"{name} has {rank} dimensions"

        let shape: Shape = Array.init rank (fun _ -> readNumber reader $"the shape of {name}")

        let count =
            try
                Shape.count shape
            with :? ShapeException as error ->
                refuse reader.Source error.Message

        { Dtype = dtype
          Shape = shape
          Data = reader.Take($"the elements of {name}", int64 count * int64 (Dtype.size dtype)) }

    let readReal (reader: ByteReader) what = BitConverter.ToDouble (reader.Take(what, 8L)).Span

    let readLong (reader: ByteReader) what = BitConverter.ToInt64 (reader.Take(what, 8L)).Span

    let readTruth (reader: ByteReader) what =
        match reader.Byte what with
        | 0uy -> false
        | 1uy -> true
        | other -> refuse reader.Source $"{what} is {other}, neither true nor false"

    /// What a file holds from front to end. Raises FileFormatException where something is left over.
    let whole (read: ByteReader -> 'T) (source: ByteSource) =
        let reader = ByteReader(source, 0L)
        let value = read reader

        if reader.Position <> source.Length then
            refuse source $"{source.Length - reader.Position} bytes are left over at {reader.Position}"

        value

    let writeText (writer: BinaryWriter) (text: string) =
        let bytes = Encoding.UTF8.GetBytes text
        writer.Write7BitEncodedInt bytes.Length
        writer.Write bytes

    let writeTensor (writer: BinaryWriter) (tensor: StoredTensor) =
        writer.Write7BitEncodedInt(codes |> List.find (fun (dtype, _) -> dtype = tensor.Dtype) |> snd)
        writer.Write7BitEncodedInt tensor.Shape.Length
        tensor.Shape |> Array.iter writer.Write7BitEncodedInt
        writer.Write tensor.Data.Span

    let save (path: string) (write: BinaryWriter -> unit) =
        AtomicFile.write path (fun stream ->
            use writer = new BinaryWriter(stream, Encoding.UTF8, true)
            write writer)

/// TorchSharp's files of tensors (`.dat`): the state dict of a module, or a single tensor.
[<RequireQualifiedAccess>]
module TorchSharpTensors =
    let internal readDict (source: ByteSource) =
        source
        |> TorchSharpParts.whole (fun reader ->
            let count = TorchSharpParts.readNumber reader "the number of tensors"

            [| for _ in 1..count do
                   let name = TorchSharpParts.readText reader "the name of a tensor"
                   name, TorchSharpParts.readTensor reader $"'{name}'" |])

    let internal readOne (source: ByteSource) =
        source |> TorchSharpParts.whole (fun reader -> TorchSharpParts.readTensor reader "the tensor")

    /// Reads what TorchSharp's `Module.save` wrote. Raises FileFormatException, or FileNotFoundException.
    let load path = ByteSource.withFile path readDict

    /// Reads what TorchSharp's `Tensor.save` wrote. Raises FileFormatException, or FileNotFoundException.
    let loadOne path = ByteSource.withFile path readOne

    /// What the bytes of a state dict hold.
    let parse (bytes: ReadOnlyMemory<byte>) = readDict (ByteSource.ofMemory "memory" bytes)

    /// Writes named tensors.
    let write (writer: BinaryWriter) (tensors: (string * StoredTensor) seq) =
        let tensors = Seq.toArray tensors
        writer.Write7BitEncodedInt tensors.Length

        for name, tensor in tensors do
            TorchSharpParts.writeText writer name
            TorchSharpParts.writeTensor writer tensor

    /// Writes a file that TorchSharp's `Module.load` reads, atomically.
    let save path (tensors: (string * StoredTensor) seq) = TorchSharpParts.save path (fun writer -> write writer tensors)

    /// Writes a file that TorchSharp's `Tensor.load` reads, atomically.
    let saveOne path (tensor: StoredTensor) = TorchSharpParts.save path (fun writer -> TorchSharpParts.writeTensor writer tensor)
