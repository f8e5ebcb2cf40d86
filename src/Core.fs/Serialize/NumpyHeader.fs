namespace Functional.Serialize

open System
open System.Buffers.Binary
open System.Globalization
open System.Text
open System.Text.RegularExpressions
open Functional
open Functional.Contract

/// What stands before the elements of an .npy file.
[<NoComparison; NoEquality>]
type internal NumpyHeader =
    {
        Dtype: Dtype
        IsBigEndian: bool
        /// First dimension innermost.
        IsFortran: bool
        Shape: Shape
        /// Where the elements begin.
        Length: int64
    }

/// The header of NumPy's format, versions 1 to 3: a length and the text of a Python dict, of which nothing is evaluated.
[<RequireQualifiedAccess>]
module internal NumpyHeader =
    let magic = Array.append [| 0x93uy |] "NUMPY"B

    // NumPy takes 10,000 unless told otherwise.
    let private mostText = 65536L

    let private refuse (source: ByteSource) what = raise (FileFormatException $"{what} (in '{source.Name}')")

    // bfloat16 has no letter of its own; its owners write a nameless type of two bytes.
    let private types =
        [ "b1", Bool
          "u1", UInt8
          "i1", Int8
          "i2", Int16
          "i4", Int32
          "i8", Int64
          "f2", Float16
          "V2", BFloat16
          "f4", Float32
          "f8", Float64
          "c8", Complex64
          "c16", Complex128 ]

    // Without backtracking no text takes long; of a repeated part it keeps the last, so each entry has a pattern of its own.
    let private pattern text = Regex(text, RegexOptions.NonBacktracking ||| RegexOptions.CultureInvariant)
    let private entry (name: string) value = $"""['"]{name}['"]\s*:\s*{value}"""
    let private descr = entry "descr" """['"](?<value>[^'"]*)['"]"""
    let private order = entry "fortran_order" "(?<value>True|False)"
    let private sizes = entry "shape" @"\((?<value>[0-9L,\s]*)\)"
    let private form = pattern $"""^\s*\{{(?:\s*(?:{descr}|{order}|{sizes})\s*,?)*\s*\}}\s*$"""

    let private entries = Map [ for entry in [ descr; order; sizes ] -> entry, pattern entry ]

    let private dtype source (descr: string) =
        match descr.Length >= 2, types |> List.tryFind (fun (name, _) -> name = descr.Substring(min 1 descr.Length)) with
        | true, Some(_, dtype) when "<>=|".Contains descr[0] -> struct (dtype, descr[0] = '>')
        | true, _ when descr[1] = 'O' ->
            refuse source "Object arrays cannot be loaded when allow_pickle=False: their pickle would have to be run"
        | _ -> refuse source $"dtype '{descr}' of NumPy is none of ours: convert the array before it is saved"

    let private shape source (text: string) : Shape =
        let size (part: string) =
            match Int32.TryParse(part.Trim().TrimEnd 'L', NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, size -> size
            | _ -> refuse source $"shape is not valid: ({text})"

        let parts = text.TrimEnd().TrimEnd(',').Split ','
        let shape = if String.IsNullOrWhiteSpace text then [||] else Array.map size parts

        try
            Shape.count shape |> ignore
            shape
        with :? ShapeException as error ->
            refuse source error.Message

    let private ofText source length (text: string) =
        let isForm = form.IsMatch text

        let part (entry: string) =
            let found = entries[entry].Match text

            if isForm && found.Success then
                found.Groups["value"].Value
            else
                refuse source $"Cannot parse header: {text.Trim()} (expected a dict with descr, fortran_order and shape)"

        let struct (dtype, isBigEndian) = dtype source (part descr)

        { Dtype = dtype
          IsBigEndian = isBigEndian
          IsFortran = part order = "True"
          Shape = shape source (part sizes)
          Length = length }

    /// Reads a header. Raises FileFormatException for whatever is not what NumPy writes, or of a type that we have not.
    let read (source: ByteSource) =
        let slice = ByteSource.slice source "the header"
        let start = (slice 0L 8L).Span

        if not (start.Slice(0, 6).SequenceEqual(ReadOnlySpan magic)) then
            refuse source "the magic string is not correct; expected b'\\x93NUMPY'"

        let struct (from, length) =
            match start[6], start[7] with
            | 1uy, 0uy -> struct (10L, int64 (BinaryPrimitives.ReadUInt16LittleEndian (slice 8L 2L).Span))
            | (2uy | 3uy), 0uy -> struct (12L, int64 (BinaryPrimitives.ReadUInt32LittleEndian (slice 8L 4L).Span))
            | major, minor -> refuse source $"we only support format version (1,0), (2,0), and (3,0), not ({major}, {minor})"

        if length > mostText then
            refuse source $"Header info length ({length}) is large and may not be safe to load"

        ofText source (from + length) (Encoding.UTF8.GetString (slice from length).Span)

    /// The header of a row-major tensor, of a length that keeps its elements aligned.
    let format dtype (shape: Shape) =
        let name = types |> List.find (fun (_, known) -> known = dtype) |> fst
        let order = if Dtype.size dtype = 1 then "|" else "<"
        let sizes = String.Join(", ", shape) + (if shape.Length = 1 then "," else "")
        let text = $"{{'descr': '{order}{name}', 'fortran_order': False, 'shape': ({sizes}), }}"
        let padded = (10 + text.Length + 1 + 63) / 64 * 64
        let bytes = Encoding.ASCII.GetBytes(text.PadRight(padded - 11) + "\n")
        let length = Array.zeroCreate<byte> 2
        BinaryPrimitives.WriteUInt16LittleEndian(Span length, uint16 bytes.Length)
        Array.concat [ magic; [| 1uy; 0uy |]; length; bytes ]
