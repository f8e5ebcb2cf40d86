namespace Functional

open System.Collections.Concurrent
open Functional.Contract

/// Pointwise functions of tensors, broadcasting and promoting as PyTorch does.
[<AutoOpen>]
module PointwiseOperations =
    let private floating f t = Operands.unary f (Operands.floating t)
    let private comparison f a b = Operands.binary f a b

    /// Users' lambdas by structure, so that the same function written twice (or built in a loop) compiles once.
    /// Constants are lifted out first: functions that differ only in numbers are one function.
    let private interned = ConcurrentDictionary<string, PointwiseFunction>()

    let private intern (expr: ScalarExpr) : struct (PointwiseFunction * Scalar[]) =
        let struct (lifted, numbers) = ScalarExpr.lift expr
        let f = interned.GetOrAdd(ScalarExpr.key lifted, (fun _ -> PointwiseFunction("map", lifted)))
        struct (f, numbers)

    let private broadcastAll (tensors: Tensor[]) =
        let tensors = Operands.together "map" tensors

        let dtype =
            tensors
            |> Array.reduce (fun a b ->
                if Operands.promote a b = a.Dtype then
                    a
                else
                    Engine.cast (Operands.promote a b) a)

        let shape = tensors |> Array.fold (fun shape t -> Shape.broadcast shape t.Shape) Shape.scalar
        tensors |> Array.map (Engine.cast dtype.Dtype >> Engine.expand shape)

    [<RequireQualifiedAccess>]
    module Tensor =
        let add a b = Operands.binary Functions.add a b
        let sub a b = Operands.binary Functions.sub a b
        let mul a b = Operands.binary Functions.mul a b
        let div (a: Tensor) (b: Tensor) : Tensor = a / b
        let pow a b = Operands.binary Functions.pow a b
        let powScalar (exponent: float) t = Operands.power t (Real exponent)
        let maximum a b = Operands.binary Functions.maximum a b
        let minimum a b = Operands.binary Functions.minimum a b
        let neg t = Operands.unary Functions.neg t
        let abs t = Operands.unary Functions.abs t
        let sign t = Operands.unary Functions.sign t
        let square t = Operands.unary Functions.square t
        let exp t = floating Functions.exp t
        let expm1 t = floating Functions.expm1 t
        let log t = floating Functions.log t
        let log2 t = floating Functions.log2 t
        let log10 t = floating Functions.log10 t
        let log1p t = floating Functions.log1p t
        let sqrt t = floating Functions.sqrt t
        let rsqrt t = floating Functions.rsqrt t
        let reciprocal t = floating Functions.reciprocal t
        let sin t = floating Functions.sin t
        let cos t = floating Functions.cos t
        let tan t = floating Functions.tan t
        let tanh t = floating Functions.tanh t
        let sigmoid t = floating Functions.sigmoid t
        let erf t = floating Functions.erf t
        let floor t = Operands.unary Functions.floor t
        let ceil t = Operands.unary Functions.ceil t
        /// Halves go to the even neighbour.
        let round t = Operands.unary Functions.round t
        let trunc t = Operands.unary Functions.trunc t
        let relu t = Operands.unary Functions.relu t
        let gelu t = Operands.unary Functions.gelu t
        let geluTanh t = Operands.unary Functions.geluTanh t
        let silu t = Operands.unary Functions.silu t
        let softplus t = Operands.unary Functions.softplus t
        let leakyRelu (slope: float) t = Operands.withRight Functions.leakyRelu t (Real slope)
        let eq a b = comparison Functions.eq a b
        let ne a b = comparison Functions.ne a b
        let lt a b = comparison Functions.lt a b
        let le a b = comparison Functions.le a b
        let gt a b = comparison Functions.gt a b
        let ge a b = comparison Functions.ge a b
        let isNan t = Operands.unary Functions.isNan t

        /// Elements of a where the condition (bool) holds, of b elsewhere.
        let where (condition: Tensor) a b =
            let dtype = Operands.promote a b
            let shape = Shape.broadcast condition.Shape (Shape.broadcast a.Shape b.Shape)
            let fit dtype t = t |> Engine.cast dtype |> Engine.expand shape
            let operands = Operands.together "where" [| condition; a; b |]
            Engine.pointwise Functions.where [||] (Array.map2 fit [| Bool; dtype; dtype |] operands)

        /// Elements outside of [low, high] move to its ends.
        let clamp (low: float) (high: float) (t: Tensor) =
            let number x = Operands.number t t.Dtype t.Shape (Real x)
            Engine.pointwise Functions.clamp [||] [| t; number low; number high |]

        /// A function of one number, applied to every element: fused into one pass, differentiable to any order.
        let map (f: ScalarExpr -> ScalarExpr) (t: Tensor) =
            let struct (f, numbers) = intern (f (Arg 0))
            Engine.pointwise f numbers [| t |]

        /// A function of two numbers, applied elementwise after broadcasting.
        let map2 (f: ScalarExpr -> ScalarExpr -> ScalarExpr) (a: Tensor) (b: Tensor) =
            let struct (f, numbers) = intern (f (Arg 0) (Arg 1))
            Engine.pointwise f numbers (broadcastAll [| a; b |])

        /// A function of several numbers, applied elementwise after broadcasting.
        let mapMany (f: ScalarExpr[] -> ScalarExpr) (tensors: Tensor seq) =
            let tensors = Array.ofSeq tensors

            if tensors.Length = 0 then
                raise (ArgumentValueException "mapMany: expected a non-empty sequence of tensors")

            let struct (f, numbers) = intern (f (Array.init tensors.Length Arg))
            Engine.pointwise f numbers (broadcastAll tensors)
