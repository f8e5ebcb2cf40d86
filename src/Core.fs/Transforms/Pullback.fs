namespace Functional

open System.Collections.Generic
open Functional.Contract

/// How a tape is pulled back.
[<NoEquality; NoComparison>]
type Pulling =
    {
        /// Cotangents are tensors of the level itself, to be differentiated again.
        KeepsGraph: bool
        /// The tape lets go of its values on the way.
        Releases: bool
        /// Places whose cotangents are wanted, and nothing beyond them; none means every variable.
        Wanted: TapeNode[]
        /// A wanted place is not pulled through, though it may have come from another one: what it sends back is somebody else's to do.
        EndsAtWanted: bool
        /// Sees every place with its whole cotangent before it is handed on, and may answer with another one.
        Observe: TapeNode -> Tensor -> Tensor
        /// Why the elements of an argument of a place must not be read, if they must not.
        Refuses: TapeNode -> Tensor -> string voption
        /// Is told of every result and every cotangent that this tape needs no more.
        Spend: Tensor -> unit
    }

    static member Plain =
        { KeepsGraph = false
          Releases = false
          Wanted = [||]
          EndsAtWanted = false
          Observe = fun _ cotangent -> cotangent
          Refuses = fun _ _ -> ValueNone
          Spend = ignore }

/// Reverse mode: walking a tape backwards with cotangents.
[<RequireQualifiedAccess>]
module Pullback =
    let private origin (level: Level) (tensor: Tensor) =
        match tensor with
        | Node(l, _, node) when obj.ReferenceEquals(l, level) -> ValueSome node
        | _ -> ValueNone

    /// Whether an argument is this very result.
    let private holds result argument =
        match result, argument with
        | Concrete a, Concrete b
        | Concrete a, Node(_, Concrete b, _) -> obj.ReferenceEquals(a, b)
        | _ -> false

    let private sources level (node: TapeNode) = node.Arguments |> Array.choose (fun a -> origin level a |> ValueOption.toOption)

    /// The places from which a wanted one is reached. Ids rise along the tape, so what lies before the first wanted one matters
    /// not, and one look in rising order settles the rest.
    let private leading level (wanted: HashSet<TapeNode>) (starts: TapeNode seq) =
        let first = wanted |> Seq.map _.Id |> Seq.min
        let seen = HashSet<TapeNode>()
        let waiting = Stack<TapeNode> starts

        while waiting.Count > 0 do
            let node = waiting.Pop()

            if node.Id > first && seen.Add node then
                sources level node |> Array.iter waiting.Push

        let leading = HashSet<TapeNode>()

        for node in seen |> Seq.sortBy _.Id do
            if sources level node |> Array.exists (fun s -> wanted.Contains s || leading.Contains s) then
                leading.Add node |> ignore

        leading

    let private holdsNan (cotangent: Tensor) =
        let value = Concrete(Engine.concrete cotangent)
        let wrong = Engine.pointwise Functions.ne [||] [| value; value |] |> Engine.cast Int64 |> Engine.sumTo [||]
        Creation.toBytes wrong |> Array.exists ((<>) 0uy)

    let private refuseNan (node: TapeNode) index =
        raise (
            DifferentiationException
                $"Function '{node.Name}' returned nan values in its {index}th output. The operation {node.Primitive.Value.Name} of the forward pass was called here:\n{node.Place}"
        )

    /// Cotangents by node, for every variable (or every wanted place) that the seeds depend on. The tape is only read, unless it is
    /// to be released, so it can be pulled back again.
    let runWith (how: Pulling) (level: Level) (seeds: struct (Tensor * Tensor) seq) : Dictionary<TapeNode, Tensor> =
        let ledger = Dictionary<TapeNode, Tensor>()
        let found = Dictionary<TapeNode, Tensor>()
        let waiting = PriorityQueue<TapeNode, int64>()
        let wanted = HashSet<TapeNode>(how.Wanted)

        let everything = wanted.Count = 0

        let leading =
            if everything then
                wanted
            else
                leading level wanted (seeds |> Seq.choose (fun struct (t, _) -> origin level t |> ValueOption.toOption))

        let leads node = everything || leading.Contains node && not (how.EndsAtWanted && wanted.Contains node)

        let give (node: TapeNode) cotangent =
            if leads node || wanted.Contains node then
                match ledger.TryGetValue node with
                | true, sum -> ledger[node] <- Engine.add sum cotangent
                | _ ->
                    ledger[node] <- cotangent
                    waiting.Enqueue(node, -node.Id)

        let pull (node: TapeNode) (primitive: Primitive) cotangent =
            let arguments = node.Arguments

            let args =
                arguments
                |> Array.map (fun a ->
                    match how.Refuses node a with
                    | ValueSome reason -> Engine.refused reason a
                    | ValueNone when how.KeepsGraph -> a
                    | ValueNone -> Engine.below level a)

            let result = if how.KeepsGraph then Node(level, node.Result, node) else node.Result
            let mutable taking = 0

            for a in arguments do
                if (origin level a).IsSome then
                    taking <- taking + 1

            // A bias folds the cotangent that a matrix product needs whole.
            if taking > 1 then
                Value.share (Engine.concrete cotangent)

            for i in 0 .. arguments.Length - 1 do
                match origin level arguments[i] with
                | ValueSome source when leads source || wanted.Contains source ->
                    match primitive.Linearize args result i with
                    | ValueSome linear ->
                        let moved = linear.Transpose cotangent

                        // Null is a zero that nobody computed: functions of users' own may say so.
                        if isNull (box moved) then
                            ()
                        elif Anomaly.IsEnabled && Anomaly.ChecksNan && holdsNan moved then
                            refuseNan node i
                        else
                            give source moved
                    | ValueNone -> ()
                | _ -> ()

            // A primitive may hand its argument on as it is.
            if not (arguments |> Array.exists (holds node.Result)) then
                how.Spend node.Result

            how.Spend cotangent

        for struct (tensor, cotangent) in seeds do
            match origin level tensor with
            | ValueSome node -> give node cotangent
            | ValueNone -> ()

        while waiting.Count > 0 do
            let node = waiting.Dequeue()
            let cotangent = how.Observe node ledger[node]
            ledger.Remove node |> ignore

            match node.Primitive with
            | ValueNone when everything -> found[node] <- cotangent
            | _ when wanted.Contains node -> found[node] <- cotangent
            | _ -> ()

            match node.Primitive with
            | ValueSome primitive when leads node ->
                pull node primitive cotangent

                if how.Releases then
                    node.Release()
            | _ -> ()

        found

    let run (level: Level) (keepGraph: bool) (seeds: struct (Tensor * Tensor) seq) : Dictionary<TapeNode, Tensor> =
        runWith { Pulling.Plain with KeepsGraph = keepGraph } level seeds

    /// The last pullback of a closed level. Where no other transform can have seen what this one recorded, the memory of all
    /// that goes with its tape is taken back at once, so that the next step finds it still in the caches. `results` leave the
    /// level together with the cotangents.
    let consume (level: Level) (results: Tensor seq) (seeds: struct (Tensor * Tensor) seq) : Dictionary<TapeNode, Tensor> =
        if not Level.IsQuiet then
            run level false seeds
        else
            let spent = List<Value>()

            let pin tensor =
                match tensor with
                | Concrete value -> Value.pin value
                | _ -> ()

            let spend tensor =
                match tensor with
                | Concrete value -> spent.Add value
                | _ -> ()

            let found = runWith { Pulling.Plain with Spend = spend } level seeds

            for entry in found do
                pin entry.Key.Result
                pin entry.Value

            for result in results do
                pin (Engine.below level result)

            Value.reclaim spent
            found
