namespace Functional

open Functional.Contract

/// The discrete Fourier transform as a primitive; what is done with it is in `Fft`.
[<RequireQualifiedAccess>]
module Fourier =
    /// result[k] = sum over j of tensor[j] exp(-2 pi i j k / n) along an axis, with +2 pi i for the inverse; unscaled, complex.
    let rec transform (axis: int) (inverse: bool) (tensor: Tensor) : Tensor =
        Engine.bind (transformPrimitive axis inverse) [| tensor |]

    and transformPrimitive axis inverse : Primitive =
        let name = if inverse then "ifft" else "fft"

        { Name = name
          Infer =
            fun specs ->
                if not (Dtype.isComplex specs[0].Dtype) then
                    raise (
                        DtypeException
                            $"{name} expects a complex input tensor, but got {Dtype.scalarTypeName specs[0].Dtype}: use Tensor.cast"
                    )

                specs[0]
          Eval =
            fun backend values ->
                backend.Fourier(Value.view values[0], axis, inverse)
                |> View.contiguous values[0].Shape
                |> Value.ofView backend
          // The matrix is symmetric, so its adjoint is its conjugate: the transform in the other direction.
          Linearize = fun _ _ _ -> Engine.linear (transform axis inverse) (transform axis (not inverse))
          Batch = fun _ args _ -> transform (axis + 1) inverse args[0] }
