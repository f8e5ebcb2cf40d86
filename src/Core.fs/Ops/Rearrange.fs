namespace Functional

open Functional.Contract

/// Repeating and rolling.
[<RequireQualifiedAccess>]
module Rearrange =
    /// The tensor side by side with itself, so many times along each dimension; more counts than dimensions add dimensions in front.
    let repeat (counts: int[]) (t: Tensor) : Tensor =
        let lead = counts.Length - t.Rank
        let shape = Array.append (Array.create lead 1) t.Shape
        // [1, s] expands to [count, s] for every dimension; the pairs then become one.
        let paired = shape |> Array.collect (fun s -> [| 1; s |])
        let wide = Array.map2 (fun count s -> [| count; s |]) counts shape |> Array.concat
        Engine.reshape paired t |> Engine.expand wide |> Engine.reshape (Array.map2 (*) counts shape)
