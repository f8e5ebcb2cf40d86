namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// Which of the two transforms bears the factor 1/n that makes them each other's inverse.
[<RequireQualifiedAccess>]
type FourierNorm =
    /// The inverse.
    | Backward
    /// Both, 1/sqrt(n) each.
    | Ortho
    /// The forward transform.
    | Forward

/// The family of torch.fft. `n` pads with zeros or cuts a dimension first; `s` and `dim` say the same of several dimensions:
/// without `dim` the last ones that `s` speaks of, without either all, and -1 in `s` leaves a size as it is. Real tensors of
/// float32 or float64 (integers become float32) give complex64 or complex128.
/// Raises ShapeException, IndexException, DtypeException (float16, bfloat16) and ArgumentValueException as torch.fft raises errors.
[<RequireQualifiedAccess>]
module Fft =
    /// A norm by PyTorch's name. Raises ArgumentValueException.
    let norm name =
        match name with
        | "backward" -> FourierNorm.Backward
        | "ortho" -> FourierNorm.Ortho
        | "forward" -> FourierNorm.Forward
        | other ->
            raise (
                ArgumentValueException
                    $"Invalid normalization mode: \"{other}\": expected \"backward\", \"ortho\" or \"forward\" (torch.fft)"
            )

    let private floating (t: Tensor) =
        if t.Dtype = Float16 || t.Dtype = BFloat16 then
            raise (DtypeException $"Unsupported dtype {Dtype.scalarTypeName t.Dtype}: cast to float32 first (torch.fft)")

        Operands.floating t

    let private complexOf (t: Tensor) =
        let t = floating t
        Engine.cast (Dtype.toComplex t.Dtype) t

    let private realOf name (t: Tensor) =
        if Dtype.isComplex t.Dtype then
            raise (
                DtypeException
                    $"{name} expects a real input tensor, but got {Dtype.scalarTypeName t.Dtype}: take its real part, or use the complex transform"
            )

        floating t

    let private checkPoints n =
        if n < 1 then
            raise (
                ArgumentValueException $"Invalid number of data points ({n}) specified (torch.fft: transforms take at least one)"
            )

    /// A dimension and its length of a transform of one.
    let private single (n: int option) (dim: int) (t: Tensor) =
        if t.Rank = 0 then
            checkPoints 0

        let axis = Shape.dimension t.Rank dim
        let size = n |> Option.defaultValue t.Shape[axis]
        checkPoints size
        struct (axis, size)

    /// Dimensions and their lengths of a transform of several. Of the last of a half spectrum the default length is that of the whole.
    let private several isHalf (s: int[] option) (dim: int[] option) (t: Tensor) =
        let axes =
            match dim, s with
            | Some dims, _ -> dims |> Array.map (Shape.ownDimension t.Rank)
            | None, Some s ->
                if s.Length > t.Rank then
                    raise (
                        ShapeException
                            $"Got shape with {s.Length} values but input tensor only has {t.Rank} dimensions. (torch.fft: s names more dimensions than {Shape.format t.Shape} has)"
                    )

                Array.init s.Length (fun i -> t.Rank - s.Length + i)
            | None, None -> Array.init t.Rank id

        if (Array.distinct axes).Length <> axes.Length then
            raise (ArgumentValueException $"FFT dims must be unique: got {Shape.format axes} (torch.fft)")

        match s with
        | Some s when s.Length <> axes.Length ->
            raise (
                ArgumentValueException
                    $"When given, dim and shape arguments must have the same length: got {axes.Length} dimensions and {s.Length} sizes (torch.fft)"
            )
        | _ -> ()

        let own i =
            let size = t.Shape[axes[i]]
            if isHalf && i = axes.Length - 1 then 2 * (size - 1) else size

        let sizes =
            match s with
            | Some s -> s |> Array.mapi (fun i size -> if size = -1 then own i else size)
            | None -> Array.init axes.Length own

        Array.iter checkPoints sizes
        struct (axes, sizes)

    let private atLeastOne name (axes: int[]) =
        if axes.Length = 0 then
            raise (ArgumentValueException $"{name} must transform at least one axis")

    /// Zeros behind a dimension, or its front only.
    let private resize axis size (t: Tensor) =
        let old = t.Shape[axis]

        if size <= old then
            Structure.narrow axis 0 size t
        else
            Structure.place (t.Shape |> Array.updateAt axis size) (Structure.everything t.Shape) t

    let private resizeAll axes sizes t = Array.fold2 (fun t axis size -> resize axis size t) t axes sizes

    let private scale inverse norm (points: float) (t: Tensor) =
        let factor =
            match norm, inverse with
            | FourierNorm.Ortho, _ -> 1.0 / sqrt points
            | FourierNorm.Backward, true
            | FourierNorm.Forward, false -> 1.0 / points
            | _ -> 1.0

        if factor = 1.0 then t else Operands.withRight Functions.mul t (Real factor)

    let private points (sizes: int[]) = sizes |> Array.fold (fun n size -> n * float size) 1.0

    /// Complex to complex.
    let private whole inverse norm (axes: int[]) (sizes: int[]) (t: Tensor) =
        resizeAll axes sizes t
        |> Array.foldBack (fun axis t -> Fourier.transform axis inverse t) axes
        |> scale inverse norm (points sizes)

    /// Real to the half of the spectrum that says all, in the last of the dimensions.
    let private half inverse norm (axes: int[]) (sizes: int[]) (t: Tensor) =
        let last = axes.Length - 1
        let t = resizeAll axes sizes t |> complexOf |> Fourier.transform axes[last] inverse
        let t = Structure.narrow axes[last] 0 (sizes[last] / 2 + 1) t

        Array.foldBack (fun axis t -> Fourier.transform axis inverse t) (Array.take last axes) t
        |> scale inverse norm (points sizes)

    /// The half of a spectrum to the real signal: all but the first (and, of an even length, the last) frequency count twice.
    let private fromHalf inverse norm (axes: int[]) (sizes: int[]) (t: Tensor) =
        let last = axes.Length - 1
        let axis, size = axes[last], sizes[last]
        let kept = size / 2 + 1
        let t = resizeAll axes (Array.updateAt last kept sizes) t
        let t = Array.foldBack (fun axis t -> Fourier.transform axis inverse t) (Array.take last axes) t
        let weight = Array.init kept (fun k -> if k = 0 || 2 * k = size then 1.0 else 2.0)

        let weights =
            Creation.ofBytes
                t.Backend
                Float64
                (Array.create t.Rank 1 |> Array.updateAt axis kept)
                (MemoryMarshal.AsBytes(ReadOnlySpan weight))

        Operands.binary Functions.mul t (Engine.cast t.Dtype weights)
        |> resize axis size
        |> Fourier.transform axis inverse
        |> Tensor.real
        |> scale inverse norm (points sizes)

    /// The transform along one dimension.
    let fft n dim norm (t: Tensor) =
        let struct (axis, size) = single n dim t
        complexOf t |> whole false norm [| axis |] [| size |]

    /// Its inverse.
    let ifft n dim norm (t: Tensor) =
        let struct (axis, size) = single n dim t
        complexOf t |> whole true norm [| axis |] [| size |]

    /// The transform of a real tensor: the frequencies from 0 to n / 2, the others being their conjugates.
    let rfft n dim norm (t: Tensor) =
        let t = realOf "rfft" t
        let struct (axis, size) = single n dim t
        half false norm [| axis |] [| size |] t

    /// The real tensor of which this is the `rfft`; n is 2 (size - 1) if not given.
    let irfft (n: int option) dim norm (t: Tensor) =
        let t = complexOf t
        let struct (axis, _) = single (Some 1) dim t
        let size = n |> Option.defaultValue (2 * (t.Shape[axis] - 1))
        checkPoints size
        fromHalf true norm [| axis |] [| size |] t

    /// The transform of a signal with Hermitian symmetry, of which this is one half: a real tensor.
    let hfft (n: int option) dim norm (t: Tensor) =
        let t = complexOf t
        let struct (axis, _) = single (Some 1) dim t
        let size = n |> Option.defaultValue (2 * (t.Shape[axis] - 1))
        checkPoints size
        fromHalf false norm [| axis |] [| size |] t

    /// The half of the signal of which this real tensor is the `hfft`.
    let ihfft n dim norm (t: Tensor) =
        let t = realOf "ihfft" t
        let struct (axis, size) = single n dim t
        half true norm [| axis |] [| size |] t

    /// The transform along several dimensions.
    let fftn s dim norm (t: Tensor) =
        let struct (axes, sizes) = several false s dim t
        complexOf t |> whole false norm axes sizes

    /// Its inverse.
    let ifftn s dim norm (t: Tensor) =
        let struct (axes, sizes) = several false s dim t
        complexOf t |> whole true norm axes sizes

    /// `rfft` along the last of several dimensions, `fft` along the others.
    let rfftn s dim norm (t: Tensor) =
        let t = realOf "rfftn" t
        let struct (axes, sizes) = several false s dim t
        atLeastOne "rfftn" axes
        half false norm axes sizes t

    /// The real tensor of which this is the `rfftn`.
    let irfftn s dim norm (t: Tensor) =
        let struct (axes, sizes) = several true s dim t
        atLeastOne "irfftn" axes
        complexOf t |> fromHalf true norm axes sizes

    /// `hfft` along the last of several dimensions, `fft` along the others.
    let hfftn s dim norm (t: Tensor) =
        let struct (axes, sizes) = several true s dim t
        atLeastOne "hfftn" axes
        complexOf t |> fromHalf false norm axes sizes

    /// The half of the signal of which this real tensor is the `hfftn`.
    let ihfftn s dim norm (t: Tensor) =
        let t = realOf "ihfftn" t
        let struct (axes, sizes) = several false s dim t
        atLeastOne "ihfftn" axes
        half true norm axes sizes t

    let private frequencies (backend: IBackend) dtype n (d: float) (positions: float[]) =
        if n < 0 then
            raise (ShapeException $"Trying to create tensor with negative dimension {n}: [{n}]")

        if not (Dtype.isFloating dtype) then
            raise (
                DtypeException $"\"arange_cpu\" not implemented for '{Dtype.scalarTypeName dtype}': frequencies are real numbers"
            )

        let step = 1.0 / (float n * d)
        let numbers = positions |> Array.map (fun k -> k * step)

        Creation.ofBytes backend Float64 [| numbers.Length |] (MemoryMarshal.AsBytes(ReadOnlySpan numbers))
        |> Engine.cast dtype

    /// The frequencies of `fft` for samples `d` apart: 0, 1, ..., then the negative ones.
    let fftfreq backend dtype n (d: float) =
        Array.init (max 0 n) (fun k -> float (if k < (n + 1) / 2 then k else k - n)) |> frequencies backend dtype n d

    /// The frequencies of `rfft`.
    let rfftfreq backend dtype n (d: float) = Array.init (if n < 0 then 0 else n / 2 + 1) float |> frequencies backend dtype n d

    /// Moves the elements of a dimension on, those at its end to its beginning.
    let private roll steps axis (t: Tensor) =
        let size = t.Shape[axis]

        match if size = 0 then 0 else steps % size with
        | 0 -> t
        | steps ->
            Structure.concat axis [| Structure.narrow axis (size - steps) steps t; Structure.narrow axis 0 (size - steps) t |]

    let private shift steps (dim: int[] option) (t: Tensor) =
        match dim with
        | Some dims -> dims |> Array.map (Shape.ownDimension t.Rank)
        | None -> Array.init t.Rank id
        |> Array.fold (fun t axis -> roll (steps t.Shape[axis]) axis t) t

    /// Frequency 0 to the middle of the dimensions (all, if none is named).
    let fftshift dim (t: Tensor) = shift (fun size -> size / 2) dim t
    /// Undoes `fftshift`.
    let ifftshift dim (t: Tensor) = shift (fun size -> (size + 1) / 2) dim t
