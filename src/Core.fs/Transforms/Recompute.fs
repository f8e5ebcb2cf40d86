namespace Functional

open System.Collections.Generic

/// Recomputation on the outermost tape, for functions that use what they like: arguments, parameters, anything recorded.
[<RequireQualifiedAccess>]
module Recompute =
    let private level = Level.Outermost

    let private originOf tensor =
        match tensor with
        | Node(l, _, origin) when obj.ReferenceEquals(l, level) -> ValueSome origin
        | _ -> ValueNone

    /// The recorded tensors that the results come from and that were there before `start`: each place once.
    let private frontier (start: int64) (results: Tensor[]) : Tensor[] =
        let seen = HashSet<TapeNode>(HashIdentity.Reference)
        let found = List<Tensor>()
        let waiting = Stack<Tensor> results

        while waiting.Count > 0 do
            let tensor = waiting.Pop()

            match originOf tensor with
            | ValueSome origin when seen.Add origin ->
                if origin.Id <= start || origin.Primitive.IsNone then
                    found.Add tensor
                else
                    origin.Arguments |> Array.iter waiting.Push
            | _ -> ()

        found.ToArray()

    /// Runs `f`, records its results as one operation on whatever recorded tensors it used, and forgets how it came to them: pulling
    /// back runs it again. Both runs must do the same. `record` runs a function with recording switched on.
    let run (record: System.Func<System.Func<Tensor[]>, Tensor[]>) (f: System.Func<Tensor[]>) : Tensor[] =
        let start = Engine.lastPlace ()
        let results = f.Invoke()
        let used = frontier start results

        if used.Length = 0 then
            results
        else
            // The tape must not hold on to values through this: only to their places.
            let places = used |> Array.map (originOf >> ValueOption.get)
            let taken = results |> Array.map (fun r -> (originOf r).IsSome)

            let backward (args: Tensor[]) (_: Tensor[]) (cotangents: Tensor[]) =
                let again = record.Invoke f
                let keeps = args |> Array.exists (fun a -> (originOf a).IsSome)

                let found =
                    Array.zip again cotangents
                    |> Array.map (fun (result, cotangent) -> struct (result, cotangent))
                    |> Pullback.runWith
                        { Pulling.Plain with
                            KeepsGraph = keeps
                            Releases = not keeps
                            Wanted = places
                            EndsAtWanted = true }
                        level

                places
                |> Array.map (fun place ->
                    match found.TryGetValue place with
                    | true, cotangent -> ValueSome cotangent
                    | _ -> ValueNone)

            let values = results |> Array.map (Engine.below level)
            let once = ref values

            let whole = Custom.apply { Name = "checkpoint"; Forward = (fun _ -> once.Value); Backward = backward } used

            once.Value <- [||]
            Array.map3 (fun isTaken w v -> if isTaken then w else v) taken whole values
