/// Writes pickles opcode by opcode, and zip files field by field, so that they may be right, unusual or a lie.
module Functional.Laws.Forgery

open System
open System.Buffers.Binary
open System.Text

let private little size (value: int64) = Array.init size (fun i -> byte (value >>> (8 * i)))

/// Opcodes of Python's pickle, by their names in pickletools.
module Op =
    let private code (c: char) = [| byte c |]
    let proto version = [| 0x80uy; byte (version: int) |]
    let stop = code '.'
    let mark = code '('
    let none = code 'N'
    let newTrue = [| 0x88uy |]
    let newFalse = [| 0x89uy |]
    let emptyList = code ']'
    let emptyDict = code '}'
    let emptyTuple = code ')'
    let tuple = code 't'
    let append = code 'a'
    let appends = code 'e'
    let setItem = code 's'
    let setItems = code 'u'
    let reduce = code 'R'
    let build = code 'b'
    let newObj = [| 0x81uy |]
    let stackGlobal = [| 0x93uy |]
    let memoize = [| 0x94uy |]
    let binPersId = code 'Q'
    let pop = code '0'
    let dup = code '2'
    let frame (length: int64) = Array.append [| 0x95uy |] (little 8 length)
    let binInt (value: int) = Array.append (code 'J') (little 4 (int64 value))
    let binFloat (value: float) = Array.append (code 'G') (little 8 (BitConverter.DoubleToInt64Bits value) |> Array.rev)

    let long1 (value: bigint) =
        let bytes = value.ToByteArray()
        Array.concat [ [| 0x8auy; byte bytes.Length |]; bytes ]

    let binPut (index: int) = Array.append (code 'r') (little 4 (int64 index))
    let binGet (index: int) = Array.append (code 'j') (little 4 (int64 index))

    let text (value: string) =
        let bytes = Encoding.UTF8.GetBytes value
        Array.concat [ code 'X'; little 4 (int64 bytes.Length); bytes ]

    let shortText (value: string) =
        let bytes = Encoding.UTF8.GetBytes value
        Array.concat [ [| 0x8cuy; byte bytes.Length |]; bytes ]

    let globalName (from: string) (name: string) = Encoding.UTF8.GetBytes $"c{from}\n{name}\n"
    /// An opcode with a length of eight bytes in front of nothing.
    let claims opcode (length: int64) = Array.append [| opcode |] (little 8 length)

    let tupleOf (items: byte[] list) = Array.concat [ mark; Array.concat items; tuple ]
    let call from name arguments = Array.concat [ globalName from name; tupleOf arguments; reduce ]

    let dict (pairs: (string * byte[]) list) =
        Array.concat
            [ emptyDict
              mark
              (pairs |> List.map (fun (key, value) -> Array.append (text key) value) |> Array.concat)
              setItems ]

    /// The reference to a storage as torch.save writes it.
    let storage kind key (count: byte[]) =
        Array.concat [ tupleOf [ text "storage"; globalName "torch" kind; text key; text "cpu"; count ]; binPersId ]

    let ints (values: int list) = tupleOf (values |> List.map binInt)

    let tensor storage offset size stride =
        call "torch._utils" "_rebuild_tensor_v2" [ storage; offset; size; stride; newFalse; call "collections" "OrderedDict" [] ]

    /// A whole pickle.
    let pickle body = Array.concat [ proto 2; body; stop ]

/// An entry of a zip file, and what is said about it.
type Entry =
    {
        Name: string
        Content: byte[]
        Method: int
        Flags: int
        ClaimedLength: int64
        /// Where the directory says that the entry begins; none: where it does.
        ClaimedStart: int64 option
    }

let entry name content =
    { Name = name
      Content = content
      Method = 0
      Flags = 0
      ClaimedLength = int64 (content: byte[]).Length
      ClaimedStart = None }

/// CRC-32, bit by bit: the plain definition.
let crc32 (bytes: byte[]) =
    let step (crc: uint32) = if crc &&& 1u = 1u then (crc >>> 1) ^^^ 0xEDB88320u else crc >>> 1

    ~~~((0xFFFFFFFFu, bytes)
        ||> Array.fold (fun crc b -> (crc ^^^ uint32 b, [ 1..8 ]) ||> List.fold (fun crc _ -> step crc)))

let private localHeader (entry: Entry) =
    let name = Encoding.UTF8.GetBytes entry.Name

    Array.concat
        [ "PK\003\004"B
          little 2 20L
          little 2 (int64 entry.Flags)
          little 2 (int64 entry.Method)
          little 4 0L
          little 4 (int64 (crc32 entry.Content))
          little 4 (int64 entry.Content.Length)
          little 4 (int64 entry.Content.Length)
          little 2 (int64 name.Length)
          little 2 0L
          name
          entry.Content ]

let private directoryEntry wide (entry: Entry) (start: int64) =
    let name = Encoding.UTF8.GetBytes entry.Name
    let start = defaultArg entry.ClaimedStart start
    let wide = wide || entry.ClaimedLength > 0xFFFFFFFEL

    let extra =
        if wide then
            Array.concat [ little 2 1L; little 2 24L; little 8 entry.ClaimedLength; little 8 entry.ClaimedLength; little 8 start ]
        else
            [||]

    let narrow value = little 4 (if wide then 0xFFFFFFFFL else value)

    Array.concat
        [ "PK\001\002"B
          little 2 20L
          little 2 20L
          little 2 (int64 entry.Flags)
          little 2 (int64 entry.Method)
          little 4 0L
          little 4 (int64 (crc32 entry.Content))
          narrow entry.ClaimedLength
          narrow entry.ClaimedLength
          little 2 (int64 name.Length)
          little 2 (int64 extra.Length)
          little 2 0L
          little 2 0L
          little 2 0L
          little 4 0L
          narrow start
          name
          extra ]

/// A zip file; `wide` writes it in the 64-bit way. `count`, `directoryStart`: what the end says, if not the truth.
let zipWith wide count directoryStart (entries: Entry list) =
    let locals = entries |> List.map localHeader
    let starts = locals |> List.scan (fun at (bytes: byte[]) -> at + int64 bytes.Length) 0L
    let directory = List.map2 (directoryEntry wide) entries (List.take entries.Length starts) |> Array.concat
    let start = List.last starts
    let claimedStart = defaultArg directoryStart start
    let claimedCount: int64 = defaultArg count (int64 entries.Length)
    let length = int64 directory.Length

    let wideEnd =
        if wide then
            Array.concat
                [ "PK\006\006"B
                  little 8 44L
                  little 2 45L
                  little 2 45L
                  little 4 0L
                  little 4 0L
                  little 8 claimedCount
                  little 8 claimedCount
                  little 8 length
                  little 8 claimedStart
                  "PK\006\007"B
                  little 4 0L
                  little 8 (start + length)
                  little 4 1L ]
        else
            [||]

    let narrow size value = little size (if wide then -1L else value)

    Array.concat
        [ Array.concat locals
          directory
          wideEnd
          "PK\005\006"B
          little 2 0L
          little 2 0L
          narrow 2 claimedCount
          narrow 2 claimedCount
          narrow 4 length
          narrow 4 claimedStart
          little 2 0L ]

let zip entries = zipWith false None None entries

/// What torch.save writes: a pickle and the storages that it refers to.
let checkpoint (pickle: byte[]) (storages: (string * byte[]) list) =
    entry "archive/data.pkl" pickle
    :: (storages |> List.map (fun (key, bytes) -> entry $"archive/data/{key}" bytes))
    |> zip

/// The bytes of float32 numbers, little-endian.
let floats (values: float32 list) =
    values
    |> List.map (fun value ->
        let bytes = Array.zeroCreate<byte> 4
        BinaryPrimitives.WriteSingleLittleEndian(Span bytes, value)
        bytes)
    |> Array.concat
