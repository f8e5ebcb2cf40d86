namespace Functional

open System
open Functional.Contract

/// Scalar expressions that approximate functions given by integrals or series. Nothing here is a table: the coefficients are
/// worked out from the definitions when they are first needed.
[<RequireQualifiedAccess>]
module internal Approximation =
    /// A polynomial by Horner's scheme, constant first.
    let polynomial (coefficients: float[]) (x: ScalarExpr) : ScalarExpr =
        Array.foldBack
            (fun (c: float) sum ->
                match sum with
                | ValueNone -> ValueSome(ScalarExpr.real c)
                | ValueSome s -> ValueSome(s * x + c))
            coefficients
            ValueNone
        |> ValueOption.defaultValue (ScalarExpr.real 0.0)

    /// The power series whose n-th coefficient is the one before times ratio n.
    let series count first (ratio: int -> float) =
        Array.unfold
            (fun struct (n, c) -> if n > count then None else Some(c, struct (n + 1, c * ratio (n + 1))))
            struct (0, first)

    /// A function on [low, high] by its Chebyshev series, which ends where its terms no longer count.
    let chebyshev low high (f: float -> float) : ScalarExpr -> ScalarExpr =
        let count = 64
        let angle j = Math.PI * (float j + 0.5) / float count
        let at t = f (0.5 * (low + high) + 0.5 * (high - low) * t)
        let values = Array.init count (angle >> cos >> at)

        let coefficient k =
            let sum = values |> Array.mapi (fun j v -> v * cos (float k * angle j)) |> Array.sum
            sum * (if k = 0 then 1.0 else 2.0) / float count

        let all = Array.init count coefficient
        let noise = 4e-17 * (all |> Array.map abs |> Array.max)
        let kept = Array.take (1 + Array.findIndexBack (fun c -> abs c > noise) all) all

        // Clenshaw's recurrence.
        fun x ->
            let t = (x - 0.5 * (low + high)) * (2.0 / (high - low))
            let twice = t * 2.0

            let rec down k (next: ScalarExpr) (afterNext: ScalarExpr) =
                if k = 0 then
                    next * t - afterNext + kept[0]
                else
                    down (k - 1) (twice * next - afterNext + kept[k]) next

            let last = kept.Length - 1

            match last with
            | 0 -> ScalarExpr.real kept[0]
            | 1 -> t * kept[1] + kept[0]
            | _ -> down (last - 2) (twice * kept[last] + kept[last - 1]) (ScalarExpr.real kept[last]) |> fun sum -> sum

    /// The mean over half a turn of a function that is even and periodic: trapezoids are exact for it, as good as.
    let turn (f: float -> float) =
        let count = 240
        let inner = Seq.init (count - 1) (fun j -> f (Math.PI * float (j + 1) / float count)) |> Seq.sum
        (0.5 * (f 0.0 + f Math.PI) + inner) / float count

    /// The integral over the positive numbers of an even function that falls like exp(-s^2).
    let half (f: float -> float) =
        let step = 0.05
        step * (0.5 * f 0.0 + (Seq.init 200 (fun j -> f (step * float (j + 1))) |> Seq.sum))
