/// Readers of another make for what the library writes: .NET's zip archive, and Python's pickle read from the description of its
/// opcodes, of which only those that a writer of tensors needs are here.
module Functional.Laws.SecondReader

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Text

/// What a pickle of tensors says.
type Item =
    | Nothing
    | Truth of bool
    | Whole of bigint
    | Real of float
    | Text of string
    | Raw of byte[]
    | Listed of Item list
    | Pairs of (Item * Item) list
    | Together of Item list
    | Named of string
    | Kept of kind: string * key: string * count: int
    | Window of kind: string * key: string * count: int * offset: int * size: int list * stride: int list
    /// Where a mark was set.
    | Mark

let private whole item =
    match item with
    | Whole n -> int n
    | other -> failwithf "%A is no number" other

let private wholes item =
    match item with
    | Together items -> List.map whole items
    | other -> failwithf "%A is no tuple" other

let private call name arguments =
    match name, arguments with
    | "collections.OrderedDict", [] -> Pairs []
    | "torch._utils._rebuild_tensor_v2", [ Kept(kind, key, count); offset; size; stride; Truth false; Pairs [] ] ->
        Window(kind, key, count, whole offset, wholes size, wholes stride)
    | _ -> failwithf "%s is called with %A" name arguments

let private persistent isLegacy item =
    match item, isLegacy with
    | Together [ Text "storage"; Named kind; Text key; Text "cpu"; count ], false
    | Together [ Text "storage"; Named kind; Text key; Text "cpu"; count; Nothing ], true -> Kept(kind, key, whole count)
    | _ -> failwithf "%A is no storage" item

let private line (reader: BinaryReader) =
    let bytes = Seq.initInfinite (fun _ -> reader.ReadByte()) |> Seq.takeWhile ((<>) 10uy) |> Seq.toArray
    Encoding.ASCII.GetString bytes

/// The items above the last mark, in their order, and what lies below.
let private aboveMark stack =
    let above = stack |> List.takeWhile ((<>) Mark)
    List.rev above, stack |> List.skip (above.Length + 1)

let rec private pairUp items =
    match items with
    | key :: value :: rest -> (key, value) :: pairUp rest
    | _ -> []

let unpickle isLegacy (reader: BinaryReader) : Item =
    let memo = Dictionary<int, Item>()

    let rec run stack =
        let push item = run (item :: stack)

        match char (reader.ReadByte()), stack with
        | '\u0080', _ ->
            reader.ReadByte() |> ignore
            run stack
        | '.', [ result ] -> result
        | 'N', _ -> push Nothing
        | '\u0088', _ -> push (Truth true)
        | '\u0089', _ -> push (Truth false)
        | 'K', _ -> push (Whole(bigint (int (reader.ReadByte()))))
        | 'J', _ -> push (Whole(bigint (reader.ReadInt32())))
        | '\u008a', _ -> push (Whole(bigint (reader.ReadBytes(int (reader.ReadByte())))))
        | 'G', _ -> push (Real(BitConverter.ToDouble(Array.rev (reader.ReadBytes 8), 0)))
        | 'X', _ -> push (Text(Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()))))
        | 'B', _ -> push (Raw(reader.ReadBytes(reader.ReadInt32())))
        | ']', _ -> push (Listed [])
        | '}', _ -> push (Pairs [])
        | ')', _ -> push (Together [])
        | '(', _ -> push Mark
        | 'c', _ ->
            let from = line reader
            push (Named $"{from}.{line reader}")
        | 't', _ ->
            let items, below = aboveMark stack
            run (Together items :: below)
        | 'e', _ ->
            match aboveMark stack with
            | items, Listed [] :: below -> run (Listed items :: below)
            | _ -> failwith "appends to no list"
        | 'u', _ ->
            match aboveMark stack with
            | items, Pairs [] :: below -> run (Pairs(pairUp items) :: below)
            | _ -> failwith "sets items of no dict"
        | 'Q', id :: below -> run (persistent isLegacy id :: below)
        | 'R', Together arguments :: Named name :: below -> run (call name arguments :: below)
        | 'r', top :: _ ->
            memo[reader.ReadInt32()] <- top
            run stack
        | 'j', _ -> push memo[reader.ReadInt32()]
        | opcode, _ -> failwithf "opcode %x" (int opcode)

    run []

/// What a zip file of torch.save holds, and the bytes of its storages by key.
let readZip (bytes: byte[]) =
    use archive = new ZipArchive(new MemoryStream(bytes))

    let content (entry: ZipArchiveEntry) =
        use stream = entry.Open()
        use copy = new MemoryStream()
        stream.CopyTo copy
        copy.ToArray()

    let entries = [ for entry in archive.Entries -> entry.FullName, content entry ] |> Map.ofList
    use pickle = new BinaryReader(new MemoryStream(entries["archive/data.pkl"]))
    let item = unpickle false pickle
    let prefix = "archive/data/"

    let storages =
        [ for name, data in Map.toSeq entries do
              if name.StartsWith prefix then
                  name.Substring prefix.Length, data ]

    item, Map.ofList storages

let private elementSizes =
    Map
        [ for size, kinds in
              [ 1, [ "Bool"; "Byte"; "Char" ]
                2, [ "Short"; "Half"; "BFloat16" ]
                4, [ "Int"; "Float" ]
                8, [ "Long"; "Double"; "ComplexFloat" ]
                16, [ "ComplexDouble" ] ] do
              for kind in kinds do
                  $"torch.{kind}Storage", size ]

/// The kinds and lengths of all storages that a value names.
let rec private storagesIn item = seq {
    match item with
    | Window(kind, key, count, _, _, _) -> key, (kind, count)
    | Listed items
    | Together items -> yield! Seq.collect storagesIn items
    | Pairs pairs ->
        for key, value in pairs do
            yield! storagesIn key
            yield! storagesIn value
    | _ -> ()
}

/// The same of a file in the format before 1.6.
let readLegacy (bytes: byte[]) =
    use reader = new BinaryReader(new MemoryStream(bytes))
    let next () = unpickle true reader

    if next () <> Whole 119547037146038801333356I || next () <> Whole 1001I then
        failwith "no file of PyTorch"

    match next () with
    | Pairs pairs when List.contains (Text "little_endian", Truth true) pairs -> ()
    | other -> failwithf "%A says nothing of the order of bytes" other

    let item = next ()
    let kinds = storagesIn item |> Map.ofSeq

    let keys =
        match next () with
        | Listed keys ->
            keys
            |> List.map (function
                | Text key -> key
                | other -> failwithf "%A is no key" other)
        | other -> failwithf "%A are no keys" other

    let storages =
        [ for key in keys do
              let kind, count = kinds[key]

              if reader.ReadInt64() <> int64 count then
                  failwithf "storage %s has another length" key

              key, reader.ReadBytes(count * elementSizes[kind]) ]

    if reader.BaseStream.Position <> reader.BaseStream.Length then
        failwith "something is left over"

    item, Map.ofList storages

/// The elements that a window shows, by the definition of strides.
let elements (storages: Map<string, byte[]>) kind key offset (size: int list) (stride: int list) =
    let width = elementSizes[kind]

    let rec places size stride =
        match size, stride with
        | count :: size, step :: stride ->
            [ for i in 0 .. count - 1 do
                  for place in places size stride -> i * step + place ]
        | _ -> [ 0 ]

    places size stride
    |> List.map (fun place -> Array.sub storages[key] ((offset + place) * width) width)
    |> Array.concat
