/// What holds of every primitive under vmap.
module Functional.Laws.BatchLaws

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Elements
open Functional.Laws.Arguments
open Functional.Laws.Cases
open Functional.Laws.DerivativeLaws

/// Every way to choose at least one of the first n numbers.
let private subsets n =
    [ for bits in 1 .. (1 <<< n) - 1 ->
          [ for i in 0 .. n - 1 do
                if bits &&& (1 <<< i) <> 0 then
                    i ] ]

let private count = 3

let private stack (tensors: Tensor list) = Tensor.stack 0 tensors

/// Arguments of which the chosen ones come one example after the other.
let private exampleOf (case: Case) chosen i =
    case.Arguments
    |> Array.mapi (fun place argument -> example case.Backend (if List.contains place chosen then i else 0) argument)

/// All examples of the chosen arguments, in one tensor each.
let private batches (case: Case) chosen examples =
    chosen |> List.map (fun i -> batch case.Backend examples case.Arguments[i]) |> Array.ofList

/// The arguments with others in some places.
let private replace (arguments: Tensor[]) places (items: Tensor[]) =
    let all = Array.copy arguments
    List.iteri (fun k place -> all[place] <- items[k]) places
    all

let private room (case: Case) result = 64.0 * coarsest case result

/// vmap = loop for every subset of the arguments, the others being one for all examples.
let loop (case: Case) =
    let one = exampleOf case [] 0

    for chosen in subsets case.Arguments.Length do
        let mapped =
            vmap (fun items -> Engine.bind case.Primitive (replace one chosen items)) (batches case chosen [ 0 .. count - 1 ])

        let looped =
            [ 0 .. count - 1 ] |> List.map (fun i -> Engine.bind case.Primitive (exampleOf case chosen i)) |> stack

        expectSame (room case looped) $"batched {chosen}" mapped looped

/// No example, and one; and examples along another axis of what goes in and comes out.
let edges (case: Case) =
    let arguments = exampleOf case [] 0
    let all = [ 0 .. case.Arguments.Length - 1 ]
    let result = Engine.bind case.Primitive arguments

    if not all.IsEmpty then
        let none = vmap (fun items -> Engine.bind case.Primitive items) (batches case all [])
        Expect.equal none.Spec { result.Spec with Shape = Array.append [| 0 |] result.Shape } "no example"
        let single = vmap (fun items -> Engine.bind case.Primitive items) (batches case all [ 0 ])
        expectSame (room case result) "one example" single (Tensor.unsqueeze 0 result)
        let last = batches case all [ 0; 1 ] |> Array.map (fun t -> Tensor.moveAxis 0 -1 t)
        let mapped = vmapAxes -1 -1 (fun items -> Engine.bind case.Primitive items) last
        let looped = [ 0; 1 ] |> List.map (fun i -> Engine.bind case.Primitive (exampleOf case all i)) |> Tensor.stack -1
        expectSame (room case result) "examples along the last axis" mapped looped

/// vmap of vmap = two loops, for arguments batched by either, both or none.
let nested (case: Case) =
    let n = case.Arguments.Length
    let one = exampleOf case [] 0
    let pairs = List.allPairs (subsets n) (subsets n)

    for outer, inner in pairs |> List.truncate 9 do
        // Example i + 2 j for outer i and inner j.
        let stored = List.distinct (outer @ inner) |> List.sort

        let tensor place =
            let argument = case.Arguments[place]
            let pick i j = (if List.contains place outer then i else 0) + (if List.contains place inner then 2 * j else 0)

            match List.contains place outer, List.contains place inner with
            | true, true -> stack [ for i in 0..1 -> batch case.Backend [ for j in 0..1 -> pick i j ] argument ]
            | true, false -> batch case.Backend [ for i in 0..1 -> pick i 0 ] argument
            | _ -> batch case.Backend [ for j in 0..1 -> pick 0 j ] argument

        let tensors = stored |> List.map tensor |> Array.ofList
        let at place = List.findIndex ((=) place) stored

        let mapped =
            vmap
                (fun (outers: Tensor[]) ->
                    let current = Array.copy tensors
                    outer |> List.iteri (fun k place -> current[at place] <- outers[k])

                    vmap
                        (fun (inners: Tensor[]) ->
                            let current = Array.copy current
                            inner |> List.iteri (fun k place -> current[at place] <- inners[k])
                            Engine.bind case.Primitive (replace one stored current))
                        (inner |> List.map (fun place -> current[at place]) |> Array.ofList))
                (outer |> List.map (fun place -> tensors[at place]) |> Array.ofList)

        let single i j =
            case.Arguments
            |> Array.mapi (fun place argument ->
                let i = if List.contains place outer then i else 0
                let j = if List.contains place inner then j else 0
                example case.Backend (i + 2 * j) argument)
            |> Engine.bind case.Primitive

        let looped = stack [ for i in 0..1 -> stack [ for j in 0..1 -> single i j ] ]
        expectSame (room case looped) $"outer {outer}, inner {inner}" mapped looped

let private weigh (t: Tensor) = dot (noiseLike 6 t) t + dot (noiseLike 7 t) (t * t) * 0.5

/// vmap of grad = loop of grad, grad of vmap = grads added up where an argument is shared, and jvp through vmap = loop of jvp,
/// for every subset of the arguments.
let derivatives (case: Case) =
    let one = exampleOf case [] 0
    let result = Engine.bind case.Primitive one

    if Dtype.isDifferentiable result.Dtype && not case.Moving.IsEmpty then
        let size = 1.0 + number (dot result result)
        let room = 1e3 * size * coarsest case result
        let moved (arguments: Tensor[]) = case.Moving |> List.map (fun i -> arguments[i]) |> Array.ofList
        let cost arguments x = weigh (flat (moving case arguments x))

        for chosen in subsets case.Arguments.Length do
            let items = batches case chosen [ 0 .. count - 1 ]
            let shared = case.Moving |> List.map (fun i -> not (List.contains i chosen))
            let each = [ for i in 0 .. count - 1 -> exampleOf case chosen i ]
            let gradients = each |> List.map (fun arguments -> grad (cost arguments) (moved arguments))

            let inside =
                vmap (fun items -> (let arguments = replace one chosen items in grad (cost arguments) (moved arguments))) items

            // The gradient of the sum of all costs by the batched and the shared arguments that move.
            let whole = replace one chosen items

            let costs (x: Tensor[]) =
                let current = replace whole case.Moving x
                let mapped = chosen |> List.map (fun i -> current[i]) |> Array.ofList

                vmap
                    (fun items -> (let all = replace current chosen items in weigh (flat (Engine.bind case.Primitive all))))
                    mapped

            let outside = grad (fun x -> Tensor.sum (costs x)) (moved whole)
            let tangents = moved whole |> Array.mapi (fun i t -> noiseLike (i + 80) t)
            let _, pushed = jvp costs (moved whole) tangents

            let slopes =
                each
                |> List.mapi (fun i arguments ->
                    let tangent =
                        Array.map2
                            (fun shared (t: Tensor) -> if shared then t else Tensor.select 0 i t)
                            (Array.ofList shared)
                            tangents

                    snd (jvp (cost arguments) (moved arguments) tangent))

            expectSame room $"jvp through vmap, batched {chosen}" pushed (stack slopes)

            shared
            |> List.iteri (fun k shared ->
                let looped = gradients |> List.map (Array.item k) |> stack
                expectSame room $"vmap of grad, batched {chosen}, argument {case.Moving[k]}" inside[k] looped

                let expected =
                    if shared then
                        Engine.sumTo (Array.append [| 1 |] outside[k].Shape) looped |> Engine.reshape outside[k].Shape
                    else
                        looped

                expectSame room $"grad of vmap, batched {chosen}, argument {case.Moving[k]}" outside[k] expected)
