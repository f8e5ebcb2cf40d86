namespace Functional.Serialize

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Text
open Functional
open Functional.Contract

/// Values as a pickle of protocol 2 that PyTorch reads; elements of tensors stay outside, under keys.
[<Sealed>]
type internal PickleWriter(stream: Stream) =
    // A tensor's place in the memo is also the key of its elements.
    let places = Dictionary<StoredTensor, int>(HashIdentity.Reference)
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

    /// torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks).
    let build key (stored: StoredTensor) =
        let storage () =
            tuple
                [ fun () -> text "storage"
                  fun () -> global' "torch" (Dtype.scalarTypeName stored.Dtype + "Storage")
                  fun () -> text key
                  fun () -> text "cpu"
                  whole (Shape.count stored.Shape) ]

            byte 'Q'

        let hooks () =
            global' "collections" "OrderedDict"
            byte ')'
            byte 'R'

        global' "torch._utils" "_rebuild_tensor_v2"

        tuple
            [ storage
              whole 0
              fun () -> tuple (stored.Shape |> Array.map whole |> List.ofArray)
              fun () -> tuple (Shape.rowMajor stored.Shape |> Array.map whole |> List.ofArray)
              fun () -> truth false
              hooks ]

        byte 'R'

    let tensor (stored: StoredTensor) =
        match places.TryGetValue stored with
        | true, place ->
            byte 'j'
            i32 place
        | _ ->
            let place = places.Count
            places[stored] <- place
            storages.Add(string place, stored)
            build (string place) stored
            byte 'r'
            i32 place

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
        | CheckpointValue.Tensor stored -> tensor stored
        | CheckpointValue.DtypeName dtype -> global' "torch" (Dtype.name dtype)

    /// Writes one value as a whole pickle; gives the keys of the tensors in it, each once.
    member _.Write(item: CheckpointValue) : (string * StoredTensor) list =
        raw [| 0x80uy; 2uy |]
        value item
        byte '.'
        List.ofSeq storages
