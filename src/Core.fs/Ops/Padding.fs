namespace Functional

open Functional.Contract

/// What stands around a tensor.
type Border =
    /// One number.
    | Constant of number: float
    /// The tensor mirrored at its edge, which is not repeated.
    | Reflect
    /// Its edge.
    | Replicate
    /// Its opposite edge.
    | Circular

/// Widening tensors at both ends of their last dimensions.
[<RequireQualifiedAccess>]
module Padding =
    let private crop axis before after (t: Tensor) =
        if before = 0 && after = 0 then
            t
        else
            let size = t.Shape[axis] - before - after

            if size < 0 then
                raise (
                    ShapeException
                        $"start ({before}) + length ({size}) exceeds dimension size ({t.Shape[axis]}): padding takes more than all of dimension {axis} of {Shape.format t.Shape}"
                )

            Structure.narrow axis before size t

    let private join axis (parts: Tensor list) =
        match parts |> List.filter (fun (p: Tensor) -> p.Shape[axis] > 0) with
        | [] -> parts.Head
        | parts -> Structure.concat axis (Array.ofList parts)

    let private edge axis place count (t: Tensor) =
        let one = Structure.narrow axis place 1 t
        Engine.expand (one.Shape |> Array.updateAt axis count) one

    /// Pads one axis with at least 0 elements at both ends.
    let private widen border axis before after (t: Tensor) =
        let size = t.Shape[axis]

        match border with
        | _ when before = 0 && after = 0 -> t
        | Reflect ->
            if before >= size || after >= size then
                raise (
                    ShapeException
                        $"Argument #4: Padding size should be less than the corresponding input dimension, but got: padding ({before}, {after}) at dimension {axis} of input {Shape.format t.Shape}"
                )

            let mirrored start count = Structure.narrow axis start count t |> Structure.flip axis
            join axis [ mirrored 1 before; t; mirrored (size - 1 - after) after ]
        | Replicate ->
            if size = 0 then
                raise (
                    ShapeException $"Expected a non-empty dimension {axis} to repeat the edge of, but got {Shape.format t.Shape}"
                )

            join axis [ edge axis 0 before t; t; edge axis (size - 1) after t ]
        | _ ->
            if before > size || after > size then
                raise (
                    ShapeException
                        $"Padding value causes wrapping around more than once. (padding ({before}, {after}) at dimension {axis} of {Shape.format t.Shape})"
                )

            join axis [ Structure.narrow axis (size - before) before t; t; Structure.narrow axis 0 after t ]

    /// Pads the last dimensions; pairs (before, after) from the last dimension on; negative numbers crop. Any number of dimensions
    /// with a constant; otherwise the tensor has one or two dimensions more than are padded (up to three).
    let pad (border: Border) (padding: (int * int) list) (t: Tensor) : Tensor =
        match border with
        | Constant number -> Tensor.padConstant number padding t
        | _ ->
            let count = padding.Length

            if count < 1 || count > 3 || (t.Rank <> count + 1 && t.Rank <> count + 2) then
                raise (
                    ShapeException
                        $"Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now: {count} padded dimensions need a tensor of {count + 1} or {count + 2} dimensions, but got {Shape.format t.Shape}"
                )

            let axes = padding |> List.mapi (fun i (before, after) -> t.Rank - 1 - i, before, after)

            (t, axes)
            ||> List.fold (fun t (axis, before, after) ->
                let cropped t = crop axis (max 0 -before) (max 0 -after) t
                let widened t = widen border axis (max 0 before) (max 0 after) t
                // What wraps around is what is left; mirrors and edges see the whole.
                if border = Circular then widened (cropped t) else cropped (widened t))
