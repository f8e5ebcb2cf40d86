namespace Functional.Golden

open System
open Functional.Torch

/// Whether what came out is what PyTorch gave.
module Comparing =
    type Rules = { Noise: float; Magnitudes: bool; Multiset: bool }

    let private fail reason = raise (Mismatch reason)

    let private tolerance rules (dtype: torch.ScalarType) =
        match dtype with
        | torch.ScalarType.Float64
        | torch.ScalarType.ComplexFloat64 -> 1e-7
        | torch.ScalarType.Float16
        | torch.ScalarType.BFloat16 -> 1e-2
        | _ -> max 1e-5 (8.0 * rules.Noise)

    /// `sizes` are the magnitudes of the numbers that the expected ones are, or are parts of.
    let private within what tolerance (sizes: float[]) (expected: float[]) (actual: float[]) =
        let agrees (size: float) (e: float) (a: float) =
            if Double.IsNaN e || Double.IsNaN a then
                Double.IsNaN e && Double.IsNaN a
            elif Double.IsInfinity e || Double.IsInfinity a then
                e = a
            else
                abs (e - a) <= tolerance * max 1.0 (if Double.IsFinite size then size else abs e)

        let wrong =
            [ for i in 0 .. expected.Length - 1 do
                  if not (agrees sizes[i] expected[i] actual[i]) then
                      i ]

        match wrong with
        | [] -> ()
        | i :: _ ->
            fail
                $"{what}: {wrong.Length} of {expected.Length} elements differ; element {i} is {actual[i]:R}, should be {expected[i]:R}"

    let private floats what tolerance (expected: float[]) actual = within what tolerance (Array.map abs expected) expected actual

    let private dims (t: torch.Tensor) = "[" + String.Join(", ", t.shape) + "]"

    /// Complex numbers have no order of their own: each expected one takes the nearest that is left.
    let private inOrderOf (expected: Numerics.Complex[]) (actual: Numerics.Complex[]) =
        let left = ResizeArray actual

        expected
        |> Array.map (fun e ->
            let nearest = left |> Seq.indexed |> Seq.minBy (fun (_, a) -> (a - e).Magnitude) |> fst
            let taken = left[nearest]
            left.RemoveAt nearest
            taken)

    /// Equal dtype and shape, and elements within the tolerance of the dtype.
    let tensors rules what (expected: torch.Tensor) (actual: torch.Tensor) =
        if actual.dtype <> expected.dtype then
            fail $"{what}: dtype {actual.dtype}, should be {expected.dtype}"

        if actual.shape <> expected.shape then
            fail $"{what}: shape {dims actual}, should be {dims expected}"

        let limit = tolerance rules expected.dtype

        if expected.is_complex () then
            let e, a = Numbers.complexes expected, Numbers.complexes actual
            let a = if rules.Multiset then inOrderOf e a else a

            if rules.Magnitudes then
                floats what limit (e |> Array.map _.Magnitude) (a |> Array.map _.Magnitude)
            else
                let sizes = e |> Array.map _.Magnitude
                within (what + " (real)") limit sizes (e |> Array.map _.Real) (a |> Array.map _.Real)
                within (what + " (imaginary)") limit sizes (e |> Array.map _.Imaginary) (a |> Array.map _.Imaginary)
        elif expected.is_floating_point () then
            let change = (if rules.Magnitudes then Array.map abs else id) >> (if rules.Multiset then Array.sort else id)
            floats what limit (change (Numbers.doubles expected)) (change (Numbers.doubles actual))
        elif expected.bytes () <> actual.bytes () then
            fail $"{what}: {Seq.toList (Numbers.doubles actual)}, should be {Seq.toList (Numbers.doubles expected)}"

    let rec values rules what (expected: Value) (actual: Value) =
        match expected, actual with
        | Thing(:? torch.Tensor as e), Thing(:? torch.Tensor as a) -> tensors rules what e a
        | (Number _ | Whole _), (Number _ | Whole _) ->
            let number v =
                match v with
                | Whole i -> float i
                | Number x -> x
                | _ -> nan

            floats what 1e-7 [| number expected |] [| number actual |]
        | Sequence e, Sequence a when e.Length = a.Length -> List.iteri2 (fun i x y -> values rules $"{what}[{i}]" x y) e a
        | Mapping e, Mapping a when e.Length = a.Length ->
            List.iter2
                (fun (k, x) (l, y) ->
                    values rules what k l
                    values rules $"{what}[{Value.show k}]" x y)
                e
                a
        | _ when expected = actual -> ()
        | Thing e, Thing a when e.Equals a -> ()
        | Thing d, Text _
        | Text _, Thing d when
            (d :? torch.Device)
            && string d =
                (match actual, expected with
                 | Text t, _
                 | _, Text t -> t
                 | _ -> "")
            ->
            ()
        | _ -> fail $"{what}: {Value.show actual}, should be {Value.show expected}"

    /// Only dtype and shape.
    let loosely what (expected: Value) (actual: Value) =
        match expected, actual with
        | Thing(:? torch.Tensor as e), Thing(:? torch.Tensor as a) ->
            if a.dtype <> e.dtype then
                fail $"{what}: dtype {a.dtype}, should be {e.dtype}"

            if a.shape <> e.shape then
                fail $"{what}: shape {dims a}, should be {dims e}"
        | _ -> ()

    /// A gradient; none is as good as zeros.
    let gradient rules what (expected: Value) (actual: torch.Tensor | null) =
        match actual with
        | null ->
            match expected with
            | Thing(:? torch.Tensor as e) -> tensors rules what e (torch.zeros_like e)
            | _ -> ()
        | found ->
            match expected with
            | Thing(:? torch.Tensor as e) -> tensors rules what e found
            | _ ->
                if (Numbers.doubles found) |> Array.exists (fun x -> x <> 0.0) then
                    fail $"{what}: should be none or zero"
