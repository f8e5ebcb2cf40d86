namespace Functional.Serialize

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Text
open Functional
open Functional.Contract

/// Values as a pickle that PyTorch reads; elements of tensors stay outside, under keys. The opcodes are those of protocol 2,
/// which the later ones have too. References to storages have a further part in files from before 1.6.
[<Sealed>]
type internal PickleWriter(stream: Stream, protocol: int, isLegacy: bool) =
    let places = Dictionary<obj, int>(HashIdentity.Reference)
    let keys = Dictionary<StoredTensor, string>(HashIdentity.Reference)
    let storages = List<string * StoredTensor>()

    let byte (b: char) = stream.WriteByte(byte b)
    let raw (bytes: byte[]) = stream.Write(bytes, 0, bytes.Length)

    let i32 (value: int) =
        let bytes = Array.zeroCreate<byte> 4
        BinaryPrimitives.WriteInt32LittleEndian(Span bytes, value)
        raw bytes

    let text (value: string) =
        let bytes = Encoding.UTF8.GetBytes value
        byte 'X'
        i32 bytes.Length
        raw bytes

    let integer (value: BigInteger) =
        if value >= BigInteger.Zero && value <= BigInteger 255 then
            byte 'K'
            stream.WriteByte(Convert.ToByte(int value))
        elif value >= BigInteger Int32.MinValue && value <= BigInteger Int32.MaxValue then
            byte 'J'
            i32 (int value)
        else
            let bytes = value.ToByteArray()
            byte '\u008a'
            stream.WriteByte(Convert.ToByte bytes.Length)
            raw bytes

    let real (value: float) =
        let bytes = Array.zeroCreate<byte> 8
        BinaryPrimitives.WriteDoubleBigEndian(Span bytes, value)
        byte 'G'
        raw bytes

    let truth value = byte (if value then '\u0088' else '\u0089')
    let global' (from: string) (name: string) = raw (Encoding.ASCII.GetBytes $"c{from}\n{name}\n")

    let tuple (items: (unit -> unit) list) =
        byte '('

        for item in items do
            item ()

        byte 't'

    let whole (n: int) () = integer (BigInteger n)

    let key (storage: StoredTensor) =
        match keys.TryGetValue storage with
        | true, key -> key
        | _ ->
            let key = string keys.Count
            keys[storage] <- key
            storages.Add(key, storage)
            key

    let sizes (numbers: int[]) () = tuple (numbers |> Array.map whole |> List.ofArray)

    /// torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks).
    let build (window: StoredWindow) =
        let storage () =
            tuple
                [ fun () -> text "storage"
                  fun () -> global' "torch" (Dtype.scalarTypeName window.Storage.Dtype + "Storage")
                  fun () -> text (key window.Storage)
                  fun () -> text "cpu"
                  whole (Shape.count window.Storage.Shape)
                  // No view of another storage.
                  if isLegacy then
                      fun () -> byte 'N' ]

            byte 'Q'

        let hooks () =
            global' "collections" "OrderedDict"
            byte ')'
            byte 'R'

        global' "torch._utils" "_rebuild_tensor_v2"

        tuple
            [ storage
              whole window.Offset
              sizes window.Shape
              sizes window.Strides
              fun () -> truth false
              hooks ]

        byte 'R'

    /// Builds what is met for the first time and refers to it afterwards.
    let remembered (item: obj) (window: unit -> StoredWindow) =
        match places.TryGetValue item with
        | true, place ->
            byte 'j'
            i32 place
        | _ ->
            let place = places.Count
            places[item] <- place
            build (window ())
            byte 'r'
            i32 place

    let whole' (stored: StoredTensor) = StoredWindow(stored, 0, stored.Shape, Shape.rowMajor stored.Shape)

    let rec value (item: CheckpointValue) =
        match item with
        | CheckpointValue.Nothing -> byte 'N'
        | CheckpointValue.Truth b -> truth b
        | CheckpointValue.Integer n -> integer n
        | CheckpointValue.Real x -> real x
        | CheckpointValue.Text s -> text s
        | CheckpointValue.Bytes bytes ->
            byte 'B'
            i32 bytes.Length
            stream.Write bytes.Span
        | CheckpointValue.List items ->
            byte ']'
            byte '('
            Array.iter value items
            byte 'e'
        | CheckpointValue.Tuple items -> tuple [ for part in items -> fun () -> value part ]
        | CheckpointValue.Dict pairs ->
            byte '}'
            byte '('

            for key, part in pairs do
                value key
                value part

            byte 'u'
        | CheckpointValue.Tensor stored -> remembered stored (fun () -> whole' stored)
        | CheckpointValue.Window window -> remembered window (fun () -> window)
        | CheckpointValue.DtypeName dtype -> global' "torch" (Dtype.name dtype)

    /// Writes one value as a whole pickle; gives the keys of the tensors in it, each once.
    member _.Write(item: CheckpointValue) : (string * StoredTensor) list =
        raw [| 0x80uy; Convert.ToByte protocol |]
        value item
        byte '.'
        List.ofSeq storages
