namespace Functional.Golden

open System
open Functional.Torch

/// Numbers and nested lists of numbers as a C# programmer would write them down.
module Literals =
    /// A number of Python as the facade's scalar.
    let scalar (value: Value) : Scalar option =
        match value with
        | Whole i -> Some(Scalar.op_Implicit (i: int64))
        | Number x -> Some(Scalar.op_Implicit (x: float))
        | Truth b -> Some(Scalar.op_Implicit (b: bool))
        | Imaginary c -> Some(Scalar.op_Implicit c)
        | _ -> None

    /// All of them, or none if one is missing.
    let all (items: 'T option list) =
        if List.forall Option.isSome items then
            Some(List.map Option.get items)
        else
            None

    /// Sizes and leaves of nested lists of numbers.
    let rec nested (value: Value) : (int list * Value list) option =
        match value with
        | Sequence [] -> Some([ 0 ], [])
        | Sequence items ->
            match all (List.map nested items) with
            | Some parts when parts |> List.forall (fun (shape, _) -> shape = fst parts.Head) ->
                Some(items.Length :: fst parts.Head, List.collect snd parts)
            | _ -> None
        | Whole _
        | Number _
        | Imaginary _
        | Truth _ -> Some([], [ value ])
        | _ -> None

    /// The element type that leaves ask for.
    let kindOf leaves =
        let has f = List.exists f leaves

        if
            has (function
                | Imaginary _ -> true
                | _ -> false)
        then
            typeof<Numerics.Complex>
        elif
            has (function
                | Number _ -> true
                | _ -> false)
        then
            typeof<float>
        elif
            has (function
                | Whole _ -> true
                | _ -> false)
        then
            typeof<int64>
        elif List.isEmpty leaves then
            typeof<float>
        else
            typeof<bool>

    let private element (target: Type) (value: Value) : objnull option =
        match value with
        | Whole i when target = typeof<int64> -> Some(box i)
        | Truth b when target = typeof<bool> -> Some(box b)
        | Truth b when target = typeof<int64> -> Some(box (if b then 1L else 0L))
        | _ ->
            match scalar value with
            | Some s when target = typeof<float> -> Some(box (s.ToDouble()))
            | Some s when target = typeof<float32> -> Some(box (s.ToSingle()))
            | Some s when target = typeof<Numerics.Complex> ->
                match value with
                | Imaginary c -> Some(box c)
                | _ -> Some(box (Numerics.Complex(s.ToDouble(), 0.0)))
            | _ -> None

    /// Nested lists as an array of C#: floats are float32 there as in PyTorch, unless a wider dtype is asked for.
    let dataArray (wide: bool) (target: Type) (value: Value) : (objnull * int) option =
        match target.GetElementType(), nested value with
        | null, _
        | _, None -> None
        | item, Some(shape, leaves) when target.IsArray && shape.Length = target.GetArrayRank() ->
            let natural = kindOf leaves
            let wanted = if natural = typeof<float> && not wide then typeof<float32> else natural

            if item <> wanted then
                None
            else
                match all (leaves |> List.map (element item)) with
                | None -> None
                | Some items ->
                    let result = Array.CreateInstance(item, Array.ofList shape)
                    let mutable rest = items

                    let rec fill (position: int list) (shape: int list) =
                        match shape with
                        | [] ->
                            result.SetValue(rest.Head, Array.ofList (List.rev position))
                            rest <- rest.Tail
                        | size :: inner ->
                            for i in 0 .. size - 1 do
                                fill (i :: position) inner

                    fill [] shape
                    Some(box result, 3)
        | _ -> None
