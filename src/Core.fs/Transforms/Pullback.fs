namespace Functional

open System.Collections.Generic
open Functional.Contract

/// Reverse mode: walking a tape backwards with cotangents.
[<RequireQualifiedAccess>]
module Pullback =
    let private isOf (level: Level) (tensor: Tensor) = obj.ReferenceEquals(tensor.Level, level)

    /// How many of the arguments want a share of the cotangent.
    let private takers level (arguments: Tensor[]) =
        let mutable count = 0

        for argument in arguments do
            if isOf level argument then
                count <- count + 1

        count

    /// Whether an argument is this very result.
    let private holds result argument =
        match result, argument with
        | Concrete a, Concrete b
        | Concrete a, Node(_, Concrete b, _) -> obj.ReferenceEquals(a, b)
        | _ -> false

    /// Cotangents by node, for every variable that the seeds depend on. The tape itself is only read, so it can be
    /// pulled back again. With `keepGraph` the cotangents are tensors of the level itself, to be differentiated again.
    /// `observe` sees every node with its whole cotangent before it is handed on, and may answer with another one;
    /// `spend` is told of every result and every cotangent that this tape needs no more.
    let private walk
        (observe: System.Func<TapeNode, Tensor, Tensor>)
        (spend: Tensor -> unit)
        (level: Level)
        (keepGraph: bool)
        (seeds: struct (Tensor * Tensor) seq)
        : Dictionary<TapeNode, Tensor> =
        let ledger = Dictionary<TapeNode, Tensor>()
        let variables = Dictionary<TapeNode, Tensor>()
        let waiting = PriorityQueue<TapeNode, int64>()

        let give (node: TapeNode) cotangent =
            match ledger.TryGetValue node with
            | true, sum -> ledger[node] <- Engine.add sum cotangent
            | _ ->
                ledger[node] <- cotangent
                waiting.Enqueue(node, -node.Id)

        for struct (tensor, cotangent) in seeds do
            match tensor with
            | Node(l, _, node) when obj.ReferenceEquals(l, level) -> give node cotangent
            | _ -> ()

        while waiting.Count > 0 do
            let node = waiting.Dequeue()
            let cotangent = observe.Invoke(node, ledger[node])
            ledger.Remove node |> ignore

            match node.Primitive with
            | ValueNone -> variables[node] <- cotangent
            | ValueSome primitive ->
                let args =
                    if keepGraph then
                        node.Arguments
                    else
                        node.Arguments |> Array.map (Engine.below level)

                let result = if keepGraph then Node(level, node.Result, node) else node.Result

                // A bias folds the cotangent that a matrix product needs whole.
                if takers level node.Arguments > 1 then
                    Value.share (Engine.concrete cotangent)

                for i in 0 .. node.Arguments.Length - 1 do
                    match node.Arguments[i] with
                    | Node(l, _, source) when obj.ReferenceEquals(l, level) ->
                        match primitive.Linearize args result i with
                        | ValueSome linear -> give source (linear.Transpose cotangent)
                        | ValueNone -> ()
                    | _ -> ()

                // A primitive may hand its argument on as it is.
                if not (node.Arguments |> Array.exists (holds node.Result)) then
                    spend node.Result

                spend cotangent

        variables

    let private unseen = System.Func<TapeNode, Tensor, Tensor>(fun _ cotangent -> cotangent)

    let runObserved observe level keepGraph seeds = walk observe ignore level keepGraph seeds

    let run (level: Level) (keepGraph: bool) (seeds: struct (Tensor * Tensor) seq) : Dictionary<TapeNode, Tensor> =
        walk unseen ignore level keepGraph seeds

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

            let found = walk unseen spend level false seeds

            for entry in found do
                pin entry.Key.Result
                pin entry.Value

            for result in results do
                pin (Engine.below level result)

            Value.reclaim spent
            found
