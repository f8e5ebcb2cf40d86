namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// Windows for `Spectra.stft`. A periodic window is that of one point more, without its last: it repeats without a seam.
[<RequireQualifiedAccess>]
module SignalWindows =
    /// A window whose point x runs from 0 to 1. Raises ShapeException and DtypeException as PyTorch does.
    let private make name (backend: IBackend) dtype length periodic (weight: float -> float) : Tensor =
        if not (Dtype.isFloating dtype) then
            raise (
                DtypeException
                    $"{name} expects floating point dtypes, got: TensorOptions(dtype={Dtype.name dtype}): windows are real numbers"
            )

        if length < 0 then
            raise (ShapeException $"{name} requires non-negative window_length, got window_length={length}")

        let last = float (if periodic then length else length - 1)
        let numbers = Array.init length (fun i -> if length = 1 then 1.0 else weight (float i / last))

        Creation.ofBytes backend Float64 [| length |] (MemoryMarshal.AsBytes(ReadOnlySpan numbers))
        |> Engine.cast dtype

    let private cosine (x: float) k = cos (2.0 * Math.PI * k * x)

    /// A triangle.
    let bartlett backend dtype length periodic =
        make "bartlett_window" backend dtype length periodic (fun x -> 1.0 - abs (2.0 * x - 1.0))

    /// 0.42 - 0.5 cos(2 pi x) + 0.08 cos(4 pi x)
    let blackman backend dtype length periodic =
        make "blackman_window" backend dtype length periodic (fun x -> 0.42 - 0.5 * cosine x 1.0 + 0.08 * cosine x 2.0)

    /// alpha - beta cos(2 pi x)
    let hamming backend dtype length periodic (alpha: float) (beta: float) =
        make "hamming_window" backend dtype length periodic (fun x -> alpha - beta * cosine x 1.0)

    /// 0.5 - 0.5 cos(2 pi x)
    let hann backend dtype length periodic = make "hann_window" backend dtype length periodic (fun x -> 0.5 - 0.5 * cosine x 1.0)

    /// The modified Bessel function of the first kind and order 0, by its series: all terms are positive. Infinite from about 713 on.
    let private bessel0 (x: float) =
        let rec add term k sum =
            if not (term >= 1e-18 * sum) || Double.IsInfinity sum then
                sum
            else
                add (term * (x / 2.0 / k) * (x / 2.0 / k)) (k + 1.0) (sum + term)

        add 1.0 1.0 0.0

    /// I0(beta sqrt(1 - (2x - 1)^2)) / I0(beta)
    let kaiser backend dtype length periodic (beta: float) =
        make "kaiser_window" backend dtype length periodic (fun x ->
            let across = 2.0 * x - 1.0
            bessel0 (beta * sqrt (max 0.0 (1.0 - across * across))) / bessel0 beta)
