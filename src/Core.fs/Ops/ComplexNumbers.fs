namespace Functional

open Functional.Contract

/// Complex tensors and their parts.
[<AutoOpen>]
module ComplexOperations =
    let private joined (f: PointwiseFunction) name (a: Tensor) (b: Tensor) =
        let isPart dtype = dtype = Float32 || dtype = Float64

        if not (isPart a.Dtype && isPart b.Dtype) then
            raise (
                DtypeException
                    $"Expected both inputs to be Half, Float or Double tensors but got {Dtype.scalarTypeName a.Dtype} and {Dtype.scalarTypeName b.Dtype} ({name}: use Tensor.cast)"
            )

        if a.Dtype <> b.Dtype then
            raise (
                DtypeException
                    $"Expected object of scalar type {Dtype.scalarTypeName a.Dtype} but got scalar type {Dtype.scalarTypeName b.Dtype} for second argument ({name}: use Tensor.cast)"
            )

        Operands.binary f a b

    [<RequireQualifiedAccess>]
    module Tensor =
        let isComplex (t: Tensor) = Dtype.isComplex t.Dtype

        /// The complex conjugate; a real tensor itself.
        let conj (t: Tensor) : Tensor = Engine.conj t

        /// The real part; a real tensor itself.
        let real (t: Tensor) : Tensor = if isComplex t then Operands.unary Functions.realPart t else t

        /// The imaginary part. Raises DtypeException for a real tensor.
        let imag (t: Tensor) : Tensor =
            if not (isComplex t) then
                raise (DtypeException "imag is not implemented for tensors with non-complex dtypes.")

            Operands.unary Functions.imaginaryPart t

        /// The angle in radians, between -pi and pi; 0 or pi for real numbers, nan for nan.
        let angle (t: Tensor) : Tensor =
            Operands.unary (if isComplex t then Functions.angle else Functions.angleOfReal) (Operands.floating t)

        /// z / |z|, and 0 at 0; the sign of real numbers.
        let sgn (t: Tensor) : Tensor = Operands.unary Functions.sign t

        /// Complex numbers of real and imaginary parts, both float32 or both float64. Raises DtypeException.
        let complex (re: Tensor) (im: Tensor) : Tensor = joined Functions.complex "complex" re im

        /// Complex numbers of absolute values and angles, both float32 or both float64. Raises DtypeException.
        let polar (size: Tensor) (angle: Tensor) : Tensor = joined Functions.polar "polar" size angle

        /// [..., 2]: the real and the imaginary parts side by side. Raises DtypeException for a real tensor.
        let viewAsReal (t: Tensor) : Tensor =
            if not (isComplex t) then
                raise (DtypeException "view_as_real is only supported for complex tensors")

            let column part = Engine.reshape (Array.append t.Shape [| 1 |]) (Operands.unary part t)
            Structure.concat t.Rank [| column Functions.realPart; column Functions.imaginaryPart |]

        /// The complex numbers of a real tensor of shape [..., 2]. Raises DtypeException or ShapeException.
        let viewAsComplex (t: Tensor) : Tensor =
            if t.Dtype <> Float32 && t.Dtype <> Float64 then
                raise (
                    DtypeException
                        $"view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: {Dtype.scalarTypeName t.Dtype}"
                )

            if t.Rank = 0 then
                raise (ShapeException "Input tensor must have one or more dimensions")

            if t.Shape[t.Rank - 1] <> 2 then
                raise (
                    ShapeException
                        $"Tensor must have a last dimension of size 2, but got {Shape.format t.Shape}: the real and the imaginary part of each number"
                )

            let part i = Structure.narrow (t.Rank - 1) i 1 t |> Engine.reshape (Array.take (t.Rank - 1) t.Shape)
            Operands.binary Functions.complex (part 0) (part 1)

        /// The conjugate of the last two dimensions' transpose. Raises ShapeException below two dimensions.
        let adjoint (t: Tensor) : Tensor =
            if t.Rank < 2 then
                raise (
                    ShapeException
                        $"tensor.adjoint() is only supported on matrices or batches of matrices. Got {t.Rank}-D tensor."
                )

            Engine.conj (Structure.swapAxes (t.Rank - 2) (t.Rank - 1) t)
