namespace Functional.Serialize

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.Numerics
open System.Text
open Functional.Contract

/// What a pickle builds. Lists and tables grow while it is read, so two places may hold the same one, or itself.
[<RequireQualifiedAccess; ReferenceEquality; NoComparison>]
type internal Pickled =
    | Nothing
    | Truth of bool
    | Number of BigInteger
    | Real of float
    | Text of string
    | Raw of ReadOnlyMemory<byte>
    | Sequence of ResizeArray<Pickled>
    | Table of ResizeArray<struct (Pickled * Pickled)>
    | Tuple of Pickled[]
    /// A global that the host allows.
    | Name of string
    /// Something of the host's own.
    | Made of obj

/// Who decides what a pickle may name and what calling it means. Nothing is ever looked up by reflection.
[<NoComparison; NoEquality>]
type internal PickleHost =
    {
        Allows: string -> bool
        /// Calls an allowed global.
        Call: string -> Pickled[] -> Pickled
        /// Stands for something kept outside the pickle.
        Persistent: Pickled -> Pickled
        /// Gives a state to something of the host's own.
        Restore: obj -> Pickled -> Pickled
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Pickle =
    /// Raises in PyTorch's words.
    let refuse (source: ByteSource) what = raise (FileFormatException $"Weights only load failed: {what} (in '{source.Name}')")

/// Python's pickle format, protocols 2 to 5 (https://github.com/python/cpython/blob/main/Lib/pickletools.py describes it),
/// read by a machine that can only build data: every callable must be one that the host allows.
[<Sealed>]
type internal PickleMachine(host: PickleHost, reader: ByteReader) =
    // Bounds memory to some hundred megabytes, whatever the file says; the state of a network with 100,000 tensors takes a third.
    let mostSteps = 10_000_000
    let strictUtf8 = UTF8Encoding(false, true)
    let stack = List<Pickled>()
    let marks = Stack<int>()
    let memo = Dictionary<int64, Pickled>()

    let refuse what : 'T = Pickle.refuse reader.Source $"{what}, at byte {reader.Position}"

    let floor () = if marks.Count > 0 then marks.Peek() else 0
    let push item = stack.Add item

    let top () =
        if stack.Count > floor () then
            stack[stack.Count - 1]
        else
            refuse "the pickle takes from an empty stack"

    let pop () =
        let item = top ()
        stack.RemoveAt(stack.Count - 1)
        item

    let popToMark () =
        if marks.Count = 0 then
            refuse "the pickle goes back to a mark that is not there"

        let first = marks.Pop()
        let items = Array.zeroCreate (stack.Count - first)
        stack.CopyTo(first, items, 0, items.Length)
        stack.RemoveRange(first, items.Length)
        items

    let popArray count =
        let items = Array.zeroCreate count

        for i in count - 1 .. -1 .. 0 do
            items[i] <- pop ()

        items

    let take length = reader.Take("the pickle", length)
    let byteArgument () = int64 (reader.Byte "the pickle")
    let u16 () = int64 (BinaryPrimitives.ReadUInt16LittleEndian (take 2L).Span)
    let i32 () = int64 (BinaryPrimitives.ReadInt32LittleEndian (take 4L).Span)
    let u32 () = int64 (BinaryPrimitives.ReadUInt32LittleEndian (take 4L).Span)
    let i64 () = BinaryPrimitives.ReadInt64LittleEndian (take 8L).Span

    let utf8 (bytes: ReadOnlyMemory<byte>) =
        try
            strictUtf8.GetString bytes.Span
        with :? ArgumentException ->
            refuse "the pickle holds text that is no UTF-8"

    let pushText length = push (Pickled.Text(utf8 (take length)))
    // Python 2 wrote its byte strings for names too.
    let pushBytesText length = push (Pickled.Text(Encoding.Latin1.GetString (take length).Span))
    let pushRaw length = push (Pickled.Raw(ReadOnlyMemory((take length).ToArray())))
    let number (value: int64) = Pickled.Number(BigInteger value)

    let pushLong length =
        if length > 1024L then
            refuse $"the pickle holds a number of {length} bytes"

        push (Pickled.Number(BigInteger (take length).Span))

    let put index = memo[index] <- top ()

    let get index =
        match memo.TryGetValue index with
        | true, item -> push item
        | _ -> refuse $"the pickle asks for memo {index}, which it never made"

    let named (name: string) =
        if not (host.Allows name) then
            refuse $"Unsupported global: GLOBAL {name} was not an allowed global by default"

        push (Pickled.Name name)

    let append (items: Pickled[]) =
        match top () with
        | Pickled.Sequence list -> list.AddRange items
        | _ -> refuse "the pickle appends to what is no list"

    let setItems (items: Pickled[]) =
        match top () with
        | Pickled.Table table when items.Length % 2 = 0 ->
            for pair in items |> Array.chunkBySize 2 do
                table.Add(struct (pair[0], pair[1]))
        | _ -> refuse "the pickle sets items of what is no dict"

    let pairs (items: Pickled[]) =
        push (Pickled.Table(ResizeArray()))
        setItems items

    let call () =
        match popArray 2 with
        | [| Pickled.Name name; Pickled.Tuple arguments |] -> push (host.Call name arguments)
        | _ -> refuse "the pickle calls what is no global"

    /// The state of an OrderedDict is its attributes (`_metadata`); everything else has none here.
    let build () =
        match popArray 2 with
        | [| Pickled.Table _ as target; Pickled.Table _ |] -> push target
        | [| Pickled.Made target; state |] -> push (host.Restore target state)
        | _ -> refuse "the pickle sets the state of what is no dict"

    let stackGlobal () =
        match popArray 2 with
        | [| Pickled.Text from; Pickled.Text name |] -> named $"{from}.{name}"
        | _ -> refuse "the pickle names a global by what is no text"

    let newWithKeywords () =
        match popArray 3 with
        | [| Pickled.Name name; Pickled.Tuple arguments; Pickled.Table keywords |] when keywords.Count = 0 ->
            push (host.Call name arguments)
        | _ -> refuse "the pickle makes an object with keyword arguments"

    let checkProtocol () =
        match reader.Byte "the pickle" with
        | version when version > 5uy -> refuse $"unsupported pickle protocol: {version}"
        | _ -> ()

    /// One opcode other than STOP.
    let step opcode =
        match char opcode with
        | '\u0080' -> checkProtocol ()
        | '\u0095' -> i64 () |> ignore
        // Numbers and the like.
        | 'N' -> push Pickled.Nothing
        | '\u0088' -> push (Pickled.Truth true)
        | '\u0089' -> push (Pickled.Truth false)
        | 'J' -> push (number (i32 ()))
        | 'K' -> push (number (byteArgument ()))
        | 'M' -> push (number (u16 ()))
        | '\u008a' -> pushLong (byteArgument ())
        | '\u008b' -> pushLong (i32 ())
        | 'G' -> push (Pickled.Real(BinaryPrimitives.ReadDoubleBigEndian (take 8L).Span))
        // Texts and bytes.
        | 'X' -> pushText (u32 ())
        | '\u008c' -> pushText (byteArgument ())
        | '\u008d' -> pushText (i64 ())
        | 'T' -> pushBytesText (i32 ())
        | 'U' -> pushBytesText (byteArgument ())
        | 'B' -> pushRaw (u32 ())
        | 'C' -> pushRaw (byteArgument ())
        | '\u008e'
        | '\u0096' -> pushRaw (i64 ())
        // Lists, dicts, tuples; sets are read as lists.
        | ']'
        | '\u008f' -> push (Pickled.Sequence(ResizeArray()))
        | 'l' -> push (Pickled.Sequence(ResizeArray(popToMark ())))
        | 'a' -> append (popArray 1)
        | 'e'
        | '\u0090' -> append (popToMark ())
        | '\u0091' -> push (Pickled.Tuple(popToMark ()))
        | '}' -> push (Pickled.Table(ResizeArray()))
        | 'd' -> pairs (popToMark ())
        | 's' -> setItems (popArray 2)
        | 'u' -> setItems (popToMark ())
        | ')' -> push (Pickled.Tuple [||])
        | 't' -> push (Pickled.Tuple(popToMark ()))
        | '\u0085' -> push (Pickled.Tuple(popArray 1))
        | '\u0086' -> push (Pickled.Tuple(popArray 2))
        | '\u0087' -> push (Pickled.Tuple(popArray 3))
        // The stack and the memo.
        | '(' -> marks.Push stack.Count
        | '0' -> (if stack.Count > floor () then pop () |> ignore else popToMark () |> ignore)
        | '1' -> popToMark () |> ignore
        | '2' -> push (top ())
        | 'q' -> put (byteArgument ())
        | 'r' -> put (u32 ())
        | '\u0094' -> put (int64 memo.Count)
        | 'h' -> get (byteArgument ())
        | 'j' -> get (u32 ())
        // What lies outside: the host answers.
        | 'c' -> named $"""{utf8 (reader.Line "a global")}.{utf8 (reader.Line "a global")}"""
        | '\u0093' -> stackGlobal ()
        | 'Q' -> push (host.Persistent(pop ()))
        | 'R'
        | '\u0081' -> call ()
        | '\u0092' -> newWithKeywords ()
        | 'b' -> build ()
        | _ -> refuse $"invalid load key, '\\x{opcode:x2}'"

    /// Reads one pickle and gives what it stands for. Raises FileFormatException.
    member _.Run() =
        let rec go steps =
            if steps > mostSteps then
                refuse $"the pickle takes more than {mostSteps} steps, far more than a checkpoint needs"

            match reader.Byte "the pickle" with
            | '.'B -> pop ()
            | opcode ->
                step opcode
                go (steps + 1)

        go 0
