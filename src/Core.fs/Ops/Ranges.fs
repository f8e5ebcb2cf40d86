namespace Functional

open Functional.Contract

/// Tensors of numbers in a row.
[<RequireQualifiedAccess>]
module Ranges =
    let private real number = Real number

    /// `count` evenly spaced numbers; the second half counts back from the end, so that both ends are exact.
    let linspace (backend: IBackend) dtype (start: float) (stop: float) count =
        let compute = if Dtype.isDifferentiable dtype then Dtype.compute dtype else Float64
        // Of integers only whole ends are taken.
        let start, stop =
            if Dtype.isDifferentiable dtype then
                start, stop
            else
                truncate start, truncate stop
        // float32 steps are float32 numbers in PyTorch, and so are ours.
        let round x = if compute = Float32 then float (float32 x) else x

        if count = 1 then
            Creation.full backend dtype [| 1 |] (Real start)
        else
            let step = if count > 1 then round ((stop - start) / float (count - 1)) else 0.0
            let index = Creation.arange backend Int64 count 0 1
            let position = Engine.cast compute index
            let before = Operands.withRight Functions.add (Operands.withRight Functions.mul position (real step)) (real start)
            let left = Operands.withLeft Functions.sub (real (float (count - 1))) position
            let after = Operands.withLeft Functions.sub (real stop) (Operands.withRight Functions.mul left (real step))
            let first = Operands.withRight Functions.lt index (Integer(int64 (count / 2)))
            Engine.pointwise Functions.where [||] [| first; before; after |] |> Engine.cast dtype

    /// Powers of a base with evenly spaced exponents.
    let logspace (backend: IBackend) dtype start stop count (number: float) =
        let compute = if Dtype.isDifferentiable dtype then Dtype.compute dtype else Float64
        // Of integers only whole exponents are taken.
        let start, stop =
            if Dtype.isDifferentiable dtype then
                start, stop
            else
                truncate start, truncate stop

        Operands.withLeft Functions.pow (real number) (linspace backend compute start stop count) |> Engine.cast dtype

    /// Ones on the diagonal.
    let eye (backend: IBackend) dtype rows columns =
        let position length shape =
            Creation.arange backend Int64 length 0 1 |> Engine.reshape shape |> Engine.expand [| rows; columns |]

        Engine.pointwise Functions.eq [||] [| position rows [| rows; 1 |]; position columns [| 1; columns |] |]
        |> Engine.cast dtype

    /// The int64 places offset + sum of index times stride of a strided block.
    let strided (backend: IBackend) (shape: Shape) (strides: int[]) (offset: int) : Tensor =
        let along axis =
            let column = Array.create shape.Length 1 |> Array.updateAt axis shape[axis]
            Creation.arange backend Int64 shape[axis] 0 strides[axis] |> Engine.reshape column

        [ 0 .. shape.Length - 1 ]
        |> List.fold
            (fun sum axis -> Operands.binary Functions.add sum (along axis))
            (Creation.full backend Int64 [||] (Integer(int64 offset)))
        |> Engine.expand shape
