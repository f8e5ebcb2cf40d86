namespace Functional

open System.Collections.Generic
open Functional.Contract

/// Reverse mode: walking a tape backwards with cotangents.
[<RequireQualifiedAccess>]
module Pullback =
    let private isOf (level: Level) (tensor: Tensor) = obj.ReferenceEquals(tensor.Level, level)

    /// Cotangents by node, for every variable that the seeds depend on. The tape itself is only read, so it can be
    /// pulled back again. With `keepGraph` the cotangents are tensors of the level itself, to be differentiated again.
    /// `observe` sees every node with its whole cotangent before it is handed on, and may answer with another one.
    let runObserved
        (observe: System.Func<TapeNode, Tensor, Tensor>)
        (level: Level)
        (keepGraph: bool)
        (seeds: struct (Tensor * Tensor) seq)
        : Dictionary<TapeNode, Tensor> =
        let ledger = Dictionary<TapeNode, Tensor>(HashIdentity.Reference)
        let variables = Dictionary<TapeNode, Tensor>(HashIdentity.Reference)
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
                if node.Arguments |> Array.filter (isOf level) |> Array.length > 1 then
                    Value.share (Engine.concrete cotangent)

                for i in 0 .. node.Arguments.Length - 1 do
                    match node.Arguments[i] with
                    | Node(l, _, source) when obj.ReferenceEquals(l, level) ->
                        match primitive.Linearize args result i with
                        | ValueSome linear -> give source (linear.Transpose cotangent)
                        | ValueNone -> ()
                    | _ -> ()

        variables

    let private unseen = System.Func<TapeNode, Tensor, Tensor>(fun _ cotangent -> cotangent)

    let run (level: Level) (keepGraph: bool) (seeds: struct (Tensor * Tensor) seq) : Dictionary<TapeNode, Tensor> =
        runObserved unseen level keepGraph seeds
