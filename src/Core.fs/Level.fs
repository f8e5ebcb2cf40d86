namespace Functional

open System.Diagnostics
open System.Threading
open Functional.Contract

/// The dtype and shape of a tensor.
[<Struct>]
type Spec = { Dtype: Dtype; Shape: Shape }

/// One running transform. Levels nest: the younger one (higher id) acts first.
[<Sealed; AllowNullLiteral>]
type Level private (id: int64, transform: string, size: int, refusal: string | null) =
    static let mutable counter = 0L
    static let mutable running = 0
    static let mutable recordsOutside = false
    static let outermost = Level(0L, "torch", -1, null)

    static let refusing (reason: string) = Level(System.Int64.MaxValue, "backward", -1, reason)

    static let released =
        refusing
            "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). The first backward() or autograd.grad() has freed the values that the graph had saved: pass retain_graph=True to it"

    let mutable closed = not (isNull refusal)
    member _.Id = id
    /// The transform's name, for the message when one of its tensors is used after it has ended.
    member _.Transform = transform
    /// The number of examples of a vmap; -1 elsewhere.
    member _.Size = size
    member _.IsClosed = closed

    /// Called when the transform returns; later use of a tensor of this level is an error.
    member _.Close() =
        if not closed then
            closed <- true
            Interlocked.Decrement &running |> ignore

    /// The one level that never closes and lies below all others: where a mutable facade records its derivatives.
    static member Outermost = outermost

    static member Open(transform: string, ?size: int) =
        Interlocked.Increment &running |> ignore
        Level(Interlocked.Increment &counter, transform, defaultArg size -1, null)

    /// From here on the outermost level records.
    static member RecordOutside() = recordsOutside <- true

    /// Whether no transform is running and nothing records outside of transforms: then what a tape recorded is its own.
    static member IsQuiet = Volatile.Read &running = 0 && not recordsOutside

    /// The level of what a tape has let go of: it lies above all others and is closed, so that no operation takes its tensors.
    static member Released = released
    /// A level like that, for another reason.
    static member Refusing(reason: string) = refusing reason

    /// Why tensors of this level, which is closed, cannot be used.
    member _.Refusal =
        match refusal with
        | null ->
            $"a tensor created inside {transform} is used after {transform} has returned: return it from the function (in a tuple, list or record) instead of storing it elsewhere"
        | reason -> reason

/// Looking for nan on the way back: which operation gave the first one, and where it was called. For all threads.
[<AbstractClass; Sealed>]
type Anomaly private () =
    [<DefaultValue>]
    static val mutable private enabled: bool

    [<DefaultValue>]
    static val mutable private ignoresNan: bool

    /// Whether tapes remember where operations were called.
    static member IsEnabled
        with get () = Anomaly.enabled
        and set (value: bool) = Anomaly.enabled <- value

    /// Whether pulling back stops at the first nan while anomalies are looked for.
    static member ChecksNan
        with get () = not Anomaly.ignoresNan
        and set (value: bool) = Anomaly.ignoresNan <- not value

    /// The calls of a stack from the first one on that is not of the library itself.
    static member Describe(stack: StackTrace) =
        let own = [ "Functional.Core"; "Functional.Torch"; "FSharp.Core"; "System.Private.CoreLib" ]

        let isOwn (frame: StackFrame) =
            match frame.GetMethod() with
            | null -> true
            | m -> List.contains (string (m.Module.Assembly.GetName().Name)) own

        stack.GetFrames()
        |> Seq.skipWhile isOwn
        |> Seq.truncate 8
        |> Seq.map (fun f -> StackTrace(f).ToString())
        |> String.concat ""
