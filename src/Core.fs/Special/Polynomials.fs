namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// The classical orthogonal polynomials.
[<RequireQualifiedAccess>]
type PolynomialFamily =
    | ChebyshevT
    | ChebyshevU
    | ChebyshevV
    | ChebyshevW
    | Hermite
    /// The probabilists' Hermite polynomials.
    | HermiteE
    | Laguerre
    | Legendre

/// Orthogonal polynomials by their recurrences, one fused step for each degree: derivatives and batching follow.
[<RequireQualifiedAccess>]
module Polynomials =
    let private x, q, p = Arg 0, Arg 1, Arg 2
    let private k = Param 0

    /// The polynomial of degree 1, and that of degree k + 1 from those of degrees k (q) and k - 1 (p).
    let private recurrence family =
        let first, next =
            match family with
            | PolynomialFamily.ChebyshevT -> x, (x + x) * q - p
            | PolynomialFamily.ChebyshevU -> x + x, (x + x) * q - p
            | PolynomialFamily.ChebyshevV -> x + x - 1.0, (x + x) * q - p
            | PolynomialFamily.ChebyshevW -> x + x + 1.0, (x + x) * q - p
            | PolynomialFamily.Hermite -> x + x, (x + x) * q - (k + k) * p
            | PolynomialFamily.HermiteE -> x, x * q - k * p
            | PolynomialFamily.Laguerre -> 1.0 - x, ((k + k + (1.0 - x)) * q - k * p) / (k + 1.0)
            | PolynomialFamily.Legendre -> x, ((k + k + 1.0) * x * q - k * p) / (k + 1.0)

        struct (PointwiseFunction("polynomial", first), PointwiseFunction("polynomial", next))

    /// Chebyshev polynomials of degree n (argument 1) for |x| <= 1 in terms of the angle whose cosine is x.
    let private closed family =
        let n = Arg 1
        let unary op a = Unary(op, a)
        let angle = unary Acos x
        let real = ScalarExpr.real
        let atEnd (value: float) limit otherwise = ScalarExpr.select (ScalarExpr.eq x (real value)) limit otherwise
        // (-1)^n
        let sign = 1.0 - 2.0 * Binary(Remainder, n, real 2.0)
        let half = (n + 0.5) * angle

        match family with
        | PolynomialFamily.ChebyshevT -> ValueSome(unary Cos (n * angle))
        | PolynomialFamily.ChebyshevU ->
            let inside = unary Sin ((n + 1.0) * angle) / unary Sin angle
            ValueSome(atEnd 1.0 (n + 1.0) (atEnd -1.0 (sign * (n + 1.0)) inside))
        | PolynomialFamily.ChebyshevV -> ValueSome(atEnd -1.0 (sign * (n + n + 1.0)) (unary Cos half / unary Cos (angle * 0.5)))
        | PolynomialFamily.ChebyshevW -> ValueSome(atEnd 1.0 (n + n + 1.0) (unary Sin half / unary Sin (angle * 0.5)))
        | _ -> ValueNone
        |> ValueOption.map (fun formula -> PointwiseFunction("polynomial", formula))

    let private recurrences =
        [ PolynomialFamily.ChebyshevT
          PolynomialFamily.ChebyshevU
          PolynomialFamily.ChebyshevV
          PolynomialFamily.ChebyshevW
          PolynomialFamily.Hermite
          PolynomialFamily.HermiteE
          PolynomialFamily.Laguerre
          PolynomialFamily.Legendre ]
        |> List.map (fun family -> family, struct (recurrence family, lazy closed family))
        |> dict

    let private highest (degree: Tensor) =
        let data = Creation.toBytes (Structure.detach degree)
        let degrees = MemoryMarshal.Cast<byte, int64>(ReadOnlySpan data).ToArray()
        Array.fold max -1L degrees

    /// So many steps are taken between looks at what is still open.
    let private stride = 512L

    /// The family's polynomials of the given degrees (truncated; 0 below degree 0) at the elements of a tensor, which it broadcasts
    /// with. Takes as many passes as the highest degree that no formula and no overflow decides before.
    let evaluate family (degree: Tensor) (at: Tensor) : Tensor =
        let shape = Shape.broadcast at.Shape degree.Shape
        let at = Engine.expand shape at
        let degree = Engine.cast Int64 degree
        let top = highest degree
        let degree = Engine.expand shape degree
        let number (n: float) = Operands.number at at.Dtype shape (Real n)
        let isDegree (n: int64) = Operands.withRight Functions.eq degree (Integer n)
        let where condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]
        let both a b = Operands.binary Functions.bitwiseAnd a b
        let struct (struct (first, next), formula) = recurrences[family]
        let one = number 1.0
        let start = where (isDegree 0L) one (number 0.0)

        if top < 1L then
            start
        else
            let degreeOne = Engine.pointwise first [||] [| at |]

            let rec climb n previous current found =
                if n >= top then
                    found
                else
                    let parameters = Array.truncate next.Parameters [| Real(float n) |]
                    let following = Engine.pointwise next parameters [| at; current; previous |]
                    let found = where (isDegree (n + 1L)) following found

                    if (n + 1L) % stride = 0L then
                        skip (n + 1L) current following found
                    else
                        climb (n + 1L) current following found

            /// Past many degrees: what has overflowed to nan stays nan, and Chebyshev polynomials within [-1, 1] have a formula.
            and skip n previous current found =
                let above = Operands.withRight Functions.gt degree (Integer n)
                let lost = both above (Operands.unary Functions.isNan current)
                let found = where lost current found

                match formula.Value with
                | ValueSome formula ->
                    let within = both above (Operands.withRight Functions.le (Operands.unary Functions.abs at) (Real 1.0))
                    let found = where within (Engine.pointwise formula [||] [| at; Engine.cast at.Dtype degree |]) found

                    resume
                        n
                        previous
                        current
                        found
                        (both above (Operands.unary Functions.logicalNot (Operands.binary Functions.bitwiseOr lost within)))
                | ValueNone -> resume n previous current found (both above (Operands.unary Functions.logicalNot lost))

            and resume n previous current found isOpen =
                let isOpen = Creation.toBytes (Structure.detach isOpen)
                if Array.contains 1uy isOpen then climb n previous current found else found

            climb 1L one degreeOne (where (isDegree 1L) degreeOne start)
