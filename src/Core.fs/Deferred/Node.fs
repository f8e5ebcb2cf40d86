namespace Functional

open System.Threading
open Functional.Contract

/// Where the elements of a value are. Immutable, so that a value moves from one state to the next in a single write
/// that other threads see whole or not at all.
[<RequireQualifiedAccess; NoComparison; ReferenceEquality>]
type internal ValueState =
    /// One number everywhere. `memory` is null until somebody asks for a view.
    | Constant of number: Scalar * memory: Buffer
    | Stored of view: View
    /// A pointwise function of values of the same shape, not computed yet. Arguments past the third are in `more`.
    /// `work` and `inputs` are upper bounds (exact where sharing made the bounds too wide) for the expression down to
    /// what was stored when it was built.
    | Pending of
        f: TypedFunction *
        a: Value *
        b: Value *
        c: Value *
        more: Value[] *
        parameters: Scalar[] *
        work: int *
        inputs: int
    /// A pending value that some thread is computing right now.
    | Computing of before: ValueState
    /// Given up by `donate`, but still readable by the pending values that were built on it before.
    | Donated of before: ValueState
    /// No longer there; the reason is the message for whoever asks.
    | Gone of reason: string

/// The elements of a tensor below all levels of differentiation: a number repeated, memory, or work not done yet.
/// A value is immutable to the outside. Inside, this and the evaluator are the one place in Core that mutates:
/// a pending value turns into a stored one, and counts its pending consumers.
and [<Sealed; AllowNullLiteral>] Value internal (backend: IBackend, dtype: Dtype, shape: Shape, count: int, initial: ValueState) =
    let mutable state = initial

    /// How many arguments of pending values are this value. Only ever changed atomically.
    [<DefaultValue>]
    val mutable internal Uses: int

    /// The place in the trace walked last; means something only under the evaluator's lock.
    [<DefaultValue>]
    val mutable internal Slot: int

    /// Whether more than one operation is known to want this value.
    [<DefaultValue>]
    val mutable internal IsShared: bool

    /// Whether somebody besides the tape that recorded it may look at this value: its memory is not taken back with the tape.
    [<DefaultValue>]
    val mutable internal IsPinned: bool

    member _.Backend = backend
    member _.Dtype = dtype
    member _.Shape = shape
    /// The number of elements.
    member _.Count = count

    member internal _.State
        with get () = Volatile.Read &state
        and set next = Volatile.Write(&state, next)

/// What the engine does with single values.
[<RequireQualifiedAccess>]
module internal Node =
    /// A value over memory; one more owner of it.
    let stored (backend: IBackend) count (view: View) =
        view.Buffer.AddOwner()
        Value(backend, view.Dtype, view.Shape, count, ValueState.Stored view)

    /// What pending values built on a value see: the state it had before it was donated.
    let rec held (state: ValueState) =
        match state with
        | ValueState.Donated before -> held before
        | other -> other

    let donated =
        "this tensor was donated to an operation that may have taken over its memory; use the operation's result, keep a copy, or do not donate it"

    let dependsOnDonated =
        "this tensor was still to be computed when a tensor that it depends on was donated and overwritten; force it before that (Tensor.force), together with the results if you like"

    let spent =
        "this tensor was computed inside grad, which has returned and taken its memory back: return it from the function (in a tuple, list or record) or detach it inside, instead of storing it elsewhere"

    /// The error for a value that cannot be used any more.
    let refuse reason : 'T = raise (DonationException reason)

    let inline private each ([<InlineIfLambda>] visit: Value -> unit) (f: TypedFunction) a b c (more: Value[]) =
        visit a

        if f.Arity > 1 then
            visit b

            if f.Arity > 2 then
                visit c

                for next in more do
                    visit next

    /// The arguments of a pending state, in order; none for any other state.
    let inline iter ([<InlineIfLambda>] visit: Value -> unit) (state: ValueState) =
        match state with
        | ValueState.Pending(f = f; a = a; b = b; c = c; more = more) -> each visit f a b c more
        | _ -> ()

    // Uses of a pending value that was computed as a part of others, and that nobody waits for any more. Nobody may ever
    // look at it again, so it no longer counts as a use of its own arguments until somebody does.
    let private asleep = System.Int32.MinValue

    /// Counts a pending value's uses of its arguments; those that were asleep count theirs again.
    let rec hold (state: ValueState) = state |> iter acquire

    and private acquire (value: Value) : unit =
        let seen = Volatile.Read &value.Uses
        let next = if seen = asleep then 1 else seen + 1

        if Interlocked.CompareExchange(&value.Uses, next, seen) <> seen then
            acquire value
        elif seen = asleep then
            hold (held value.State)

    /// Takes the uses of a value's arguments back, when it needs them no more.
    let letGo (state: ValueState) = state |> iter (fun argument -> Interlocked.Decrement &argument.Uses |> ignore)

    /// Lets a pending value that nobody waits for count as no use of its arguments.
    let sleep (value: Value) =
        if Interlocked.CompareExchange(&value.Uses, asleep, 0) = 0 then
            letGo (held value.State)

    let isAsleep (value: Value) = Volatile.Read &value.Uses = asleep

    /// Lets it count again.
    let wake (value: Value) =
        if Interlocked.CompareExchange(&value.Uses, 0, asleep) = asleep then
            hold (held value.State)
