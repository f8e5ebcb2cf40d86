namespace Functional

open Functional.Contract

/// All first derivatives of functions of several tensors with several results.
[<RequireQualifiedAccess>]
module Jacobians =
    let private zeros (t: Tensor) = Operands.number t t.Dtype t.Shape (Integer 0L)
    let private only j (tensors: Tensor[]) direction = tensors |> Array.mapi (fun i t -> if i = j then direction else zeros t)

    /// A function of one direction, for all of them: each of its results with the directions stacked along a new first axis.
    let private along (f: Tensor -> Tensor[]) (directions: Tensor) : Tensor[] =
        vmap (fun (d: Tensor[]) -> f d[0]) [| directions |]

    /// The results, and for each result and each argument the derivatives, of shape [result..., argument...]. Reverse mode: one
    /// batched pull for each result.
    let reverse (f: Tensor[] -> Tensor[]) (x: Tensor[]) : Tensor[] * Tensor[][] =
        let results, pull = vjp f x

        results,
        results
        |> Array.mapi (fun j result ->
            let rows = along (fun direction -> pull (only j results direction)) (basis result)
            Array.map2 (fun (row: Tensor) (a: Tensor) -> Engine.reshape (Array.append result.Shape a.Shape) row) rows x)

    /// The same by forward mode, one batched push for each argument: for functions with fewer arguments than results.
    let forward (f: Tensor[] -> Tensor[]) (x: Tensor[]) : Tensor[] * Tensor[][] =
        let results = f x

        let columns = x |> Array.mapi (fun i a -> along (fun direction -> snd (jvp f x (only i x direction))) (basis a))

        results,
        results
        |> Array.mapi (fun j result ->
            Array.map2
                (fun (column: Tensor[]) (a: Tensor) ->
                    // [argument, result...] -> [result..., argument...]
                    Structure.moveAxis 0 result.Rank column[j] |> Engine.reshape (Array.append result.Shape a.Shape))
                columns
                x)

    /// For a function of one number: all second derivatives with respect to each pair of arguments, of shape [first..., second...].
    /// Forward over reverse.
    let hessian (f: Tensor[] -> Tensor) (x: Tensor[]) : Tensor[][] = snd (forward (grad f) x)

    /// Which results depend on which arguments.
    let dependencies (f: Tensor[] -> Tensor[]) (x: Tensor[]) : bool[][] =
        let level = Level.Open "dependencies"
        let variables = x |> Array.map (Engine.variable level)

        let results =
            try
                f variables
            finally
                level.Close()

        results
        |> Array.map (fun result ->
            let found = Pullback.run level false [ struct (result, zeros (Engine.below level result)) ]

            variables
            |> Array.map (fun variable ->
                match variable with
                | Node(_, _, origin) -> found.ContainsKey origin
                | _ -> false))
