namespace Functional

open System
open System.Text
open Functional.Contract
open Functional.Serialize

/// Dicts of names, numbers and numpy's byte arrays that Python 2 and 3 have pickled. Nothing else is made, whatever the file asks for.
[<RequireQualifiedAccess>]
module internal NumpyPickle =
    /// An array while it is read: first nothing is known of it.
    type private Bytes = { mutable Shape: int[]; mutable Data: ReadOnlyMemory<byte> }

    type private ByteType() = class end

    let private allowed =
        set
            [ "numpy.core.multiarray._reconstruct"
              "numpy._core.multiarray._reconstruct"
              "numpy.ndarray"
              "numpy.dtype"
              "_codecs.encode" ]

    let private call source name arguments =
        match name, arguments with
        | ("numpy.core.multiarray._reconstruct" | "numpy._core.multiarray._reconstruct"), _ ->
            Pickled.Made { Shape = [||]; Data = ReadOnlyMemory.Empty }
        | "numpy.dtype", [| Pickled.Text "u1"; _; _ |] -> Pickled.Made(ByteType())
        // How Python 3 writes bytes for Python 2.
        | "_codecs.encode", [| Pickled.Text text; Pickled.Text "latin1" |] ->
            Pickled.Raw(ReadOnlyMemory(Encoding.Latin1.GetBytes text))
        | _ -> Pickle.refuse source $"{name} is called with what is no array of bytes"

    let private restore source (target: obj) state =
        let refuse what = Pickle.refuse source what

        let size dimension =
            match dimension with
            | Pickled.Number n when n.Sign >= 0 && n <= bigint Array.MaxLength -> int n
            | _ -> refuse "an array has a dimension that is no size"

        match target, state with
        | :? ByteType, _ -> Pickled.Made target
        | :? Bytes as array, Pickled.Tuple [| _; Pickled.Tuple shape; Pickled.Made(:? ByteType); Pickled.Truth false; data |] ->
            array.Shape <- Array.map size shape

            array.Data <-
                match data with
                | Pickled.Raw bytes -> bytes
                | Pickled.Text text -> ReadOnlyMemory(Encoding.Latin1.GetBytes text)
                | _ -> refuse "an array's elements are no bytes"

            if array.Shape |> Array.fold (fun count size -> count * int64 size) 1L <> int64 array.Data.Length then
                refuse $"an array of shape {Shape.format array.Shape} holds {array.Data.Length} bytes"

            Pickled.Made target
        | _ -> refuse "an array is none of bytes, row by row"

    let private host source =
        { Allows = allowed.Contains
          Call = call source
          Persistent = fun _ -> Pickle.refuse source "the pickle asks for what lies outside"
          Restore = restore source }

    /// The dict that a file holds. Raises FileFormatException for anything else, FileNotFoundException.
    let load path =
        ByteSource.withFile path (fun source ->
            match PickleMachine(host source, ByteReader(source, 0L)).Run() with
            | Pickled.Table entries ->
                let named (struct (key, value)) =
                    match key with
                    | Pickled.Text name -> Some(name, value)
                    | Pickled.Raw name -> Some(Encoding.Latin1.GetString name.Span, value)
                    | _ -> None

                entries |> Seq.choose named |> Map.ofSeq
            | _ -> Pickle.refuse source "the pickle holds no dict")

    /// An entry that is an array of bytes.
    let bytes (path: string) name entries =
        match Map.tryFind name entries with
        | Some(Pickled.Made(:? Bytes as array)) -> { Dtype = UInt8; Shape = array.Shape; Data = array.Data }
        | _ -> raise (FileFormatException $"'{path}' has no array '{name}'")

    /// An entry that is a list, each item read.
    let list (path: string) name read entries =
        let item value =
            match read value with
            | Some found -> found
            | None -> raise (FileFormatException $"'{path}': an item of '{name}' is of another kind")

        match Map.tryFind name entries with
        | Some(Pickled.Sequence items) -> items |> Seq.map item |> Array.ofSeq
        | _ -> raise (FileFormatException $"'{path}' has no list '{name}'")
