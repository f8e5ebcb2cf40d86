namespace Functional

open Functional.Contract

/// A function whose derivative its author gives.
[<NoEquality; NoComparison>]
type CustomFunction =
    {
        Name: string
        /// The results at these arguments, which come without what is being differentiated.
        Forward: Tensor[] -> Tensor[]
        /// From arguments, results and cotangents of the results to cotangents of the arguments; none where there is no derivative.
        /// Linear in the cotangents, and written in differentiable operations if it is to be differentiated again.
        Backward: Tensor[] -> Tensor[] -> Tensor[] -> Tensor voption[]
    }

/// Applying custom functions through the levels. The one rule serves every transform: forward mode is its transpose, vmap maps it.
[<RequireQualifiedAccess>]
module Custom =
    let private zeros (t: Tensor) = Operands.number t t.Dtype t.Shape (Integer 0L)

    /// The function on many examples at once, along the first axis of every tensor.
    let private batched (f: CustomFunction) : CustomFunction =
        let backward args results cotangents =
            let mutable given = [||]

            let grads =
                vmap
                    (fun (a, r, c) ->
                        let all = f.Backward a r c
                        given <- all |> Array.map _.IsSome
                        all |> Array.choose ValueOption.toOption)
                    (args, results, cotangents)

            let mutable next = 0

            given
            |> Array.map (fun g ->
                if g then
                    next <- next + 1
                    ValueSome grads[next - 1]
                else
                    ValueNone)

        { f with Forward = vmap f.Forward; Backward = backward }

    // ---- several results as one, for a tape whose operations have one ----

    let private broadcasts (source: Shape) (target: Shape) =
        let added = target.Length - source.Length
        added >= 0 && source |> Array.indexed |> Array.forall (fun (i, s) -> s = 1 || s = target[i + added])

    /// The differentiable results side by side in one vector, or the only one as it is.
    let private pack (results: Tensor[]) =
        match results |> Array.filter (fun r -> Dtype.isDifferentiable r.Dtype) with
        | [| one |] -> one
        | several ->
            let dtype = several |> Array.map _.Dtype |> Array.reduce Dtype.promote
            several |> Array.map (Engine.cast dtype >> Engine.reshape [| -1 |]) |> Structure.concat 0

    /// Its inverse; results without derivatives are handed on.
    let private unpack (specs: Spec[]) (others: Tensor[]) (packed: Tensor) =
        if specs |> Array.filter (fun s -> Dtype.isDifferentiable s.Dtype) |> Array.length = 1 then
            Array.map2 (fun (s: Spec) other -> if Dtype.isDifferentiable s.Dtype then packed else other) specs others
        else
            let mutable start = 0

            Array.map2
                (fun (s: Spec) other ->
                    if Dtype.isDifferentiable s.Dtype then
                        let lattice: Structure.Lattice =
                            { Start = [| start |]; Step = [| 1 |]; Shape = [| Shape.count s.Shape |] }

                        start <- start + Shape.count s.Shape
                        Structure.slice lattice packed |> Engine.reshape s.Shape |> Engine.cast s.Dtype
                    else
                        other)
                specs
                others

    /// Users may keep what their functions give, and give what they kept: no tape may take its memory back.
    let private keep (t: Tensor) =
        Value.pin (Engine.concrete t)
        t

    let private check (f: CustomFunction) (args: Tensor[]) (grads: Tensor voption[]) =
        if grads.Length <> args.Length then
            raise (
                DifferentiationException
                    $"function {f.Name}Backward returned an incorrect number of gradients (expected {args.Length}, got {grads.Length})"
            )

        Array.mapi2
            (fun i (a: Tensor) grad ->
                match grad with
                | ValueSome(g: Tensor) when not (Shape.equal g.Shape a.Shape) ->
                    if not (broadcasts a.Shape g.Shape) then
                        raise (
                            ShapeException
                                $"Function {f.Name}Backward returned an invalid gradient at index {i} - got {Shape.format g.Shape} but expected shape compatible with {Shape.format a.Shape}"
                        )

                    ValueSome(Engine.cast a.Dtype (Engine.sumTo a.Shape (keep g)))
                | ValueSome g -> ValueSome(Engine.cast a.Dtype (keep g))
                | ValueNone -> ValueNone)
            args
            grads

    /// What the tape of `level` remembers of one application.
    let private recorded name forward backwardOf (level: Level) (args: Tensor[]) (results: Tensor[]) : Primitive =
        let f = { Name = name; Forward = forward; Backward = backwardOf }
        let specs = results |> Array.map _.Spec
        // No differentiable result is kept here: the tape has it, and may let go of it.
        let others = results |> Array.map (fun r -> if Dtype.isDifferentiable r.Dtype then zeros r else r)

        let last = args |> Array.tryFindIndexBack (fun a -> obj.ReferenceEquals(a.Level, level)) |> Option.defaultValue -1

        let backward args result cotangent =
            f.Backward args (unpack specs others result) (unpack specs (others |> Array.map zeros) cotangent)
            |> check f args

        // One call gives the cotangents of all arguments, which are asked for one by one.
        let answered: (Tensor[] * Tensor * Tensor voption[]) option ref = ref None

        let all args result cotangent i =
            let found =
                match answered.Value with
                | Some(forArgs, forCotangent, found) when
                    obj.ReferenceEquals(forArgs, args) && obj.ReferenceEquals(forCotangent, cotangent)
                    ->
                    found
                | _ -> backward args result cotangent

            answered.Value <- if i = last then None else Some(args, cotangent, found)
            found[i]

        let transpose args result i cotangent =
            match (all args result cotangent i: Tensor voption) with
            | ValueSome grad -> grad
            | ValueNone -> Unchecked.defaultof<Tensor>

        // The transpose of a linear map is its derivative's pullback.
        let apply (args: Tensor[]) result i (tangent: Tensor) =
            let linear c =
                match (backward args result c)[i] with
                | ValueSome grad -> grad
                | ValueNone -> zeros args[i]

            let _, pull = vjp linear (zeros result)
            pull tangent

        { Name = f.Name
          Infer = fun _ -> (pack results).Spec
          Eval = fun _ values -> Engine.concrete (pack (f.Forward(values |> Array.map Concrete)))
          Linearize =
            fun args result i ->
                if Dtype.isDifferentiable args[i].Dtype then
                    Engine.linear (apply args result i) (transpose args result i)
                else
                    ValueNone
          Batch =
            fun size args flags ->
                (batched f).Forward(Engine.leadAll size args flags) |> vmap (fun (examples: Tensor[]) -> pack examples) }

    /// Applies a function with a derivative of its own. Raises DifferentiationException where it uses tensors that are being
    /// differentiated without having them among its arguments.
    let rec apply (f: CustomFunction) (args: Tensor[]) : Tensor[] =
        let level = Engine.highest args

        if isNull level then
            f.Forward args
        elif level.Size >= 0 then
            let flags = args |> Array.map (fun a -> obj.ReferenceEquals(a.Level, level))
            let whole = args |> Array.map (Engine.below level)

            apply (batched f) (Engine.leadAll level.Size whole flags) |> Array.map (fun t -> Batched(level, t))
        else
            let primals = args |> Array.map (Engine.below level)
            let results = apply f primals |> Array.map keep

            if results |> Array.exists (fun r -> obj.ReferenceEquals(r.Level, level)) then
                raise (
                    DifferentiationException
                        $"{f.Name} uses a tensor that is being differentiated and is not among its arguments, so no derivative could reach it: hand it over as an argument"
                )

            if results |> Array.exists (fun r -> Dtype.isDifferentiable r.Dtype) then
                let specs = results |> Array.map _.Spec

                Engine.derive level (recorded f.Name f.Forward f.Backward level args results) args primals (pack results)
                |> unpack specs results
            else
                results

/// Derivatives by hand: functions that bring their own, and what can be built of them.
[<RequireQualifiedAccess>]
module Grad =
    /// A function with a derivative of its own: `backward x y cotangent` gives the cotangents of x, with y the result at x. It is linear
    /// in the cotangent and written in differentiable operations; then derivatives of any order, forward mode and vmap follow.
    /// x, y and the cotangents are tensors, tuples, lists or records of tensors. `name` is what errors call it.
    let custom (name: string) (forward: 'A -> 'R) (backward: 'A -> 'R -> 'R -> 'A) (x: 'A) : 'R =
        // What is no tensor in the result is the same in every run.
        let example = ref Unchecked.defaultof<'R>

        let run args =
            example.Value <- forward (Codec.rebuild x args)
            Codec.leaves example.Value

        let back args results cotangents =
            let result tensors = Codec.rebuild example.Value tensors
            backward (Codec.rebuild x args) (result results) (result cotangents) |> Codec.leaves |> Array.map ValueSome

        let results = Custom.apply { Name = name; Forward = run; Backward = back } (Codec.leaves x)
        Codec.rebuild example.Value results

    /// The same function, whose intermediate values are not kept for pulling back but computed again then: less memory for one more
    /// forward pass. Everything that is differentiated must be part of x. (Chen et al., Training Deep Nets with Sublinear Memory Cost)
    let checkpoint (f: 'A -> 'R) (x: 'A) : 'R = custom "checkpoint" f (fun x _ cotangent -> (snd (vjp f x)) cotangent) x

    /// The identity, whose derivative is an error with this message.
    let refuse (message: string) (t: Tensor) : Tensor =
        custom "refuse" id (fun _ _ _ -> raise (DifferentiationException message)) t

    /// Looks for nan on the way back while `body` runs: DifferentiationException then names the operation whose derivative gave the
    /// first one, and where it was called. Slow; for all threads.
    let detectAnomaly (body: unit -> 'R) : 'R =
        let before = Anomaly.IsEnabled
        Anomaly.IsEnabled <- true

        try
            body ()
        finally
            Anomaly.IsEnabled <- before
