namespace Functional

open Functional.Contract

/// Functions of functions. Parameters and results may be tensors, trees, records, anonymous records, tuples, lists,
/// arrays and maps of tensors; what is no tensor in them is passed through.
[<AutoOpen>]
module Transforms =
    let private closing (level: Level) (body: unit -> 'R) =
        try
            body ()
        finally
            level.Close()

    let private ones (t: Tensor) = Operands.number t t.Dtype t.Shape (Integer 1L)
    let private zeros (t: Tensor) = Operands.number t t.Dtype t.Shape (Integer 0L)

    let private requireFloating name (t: Tensor) =
        if not (Dtype.isDifferentiable t.Dtype) then
            raise (
                DtypeException
                    $"{name} requires real- or complex-valued inputs (only Tensors of floating point and complex dtype can require gradients), but got {Dtype.name t.Dtype}"
            )

    let private requireScalar name (t: Tensor) =
        if Shape.count t.Shape <> 1 then
            raise (
                ShapeException
                    $"grad can be implicitly created only for scalar outputs: {name} needs a function that returns one number, but it returned shape {Shape.format t.Shape}"
            )

    /// Directions have the structure, the shapes and the dtypes of what they are directions of.
    let private requireLike transform (points: Tensor[]) (directions: Tensor[]) =
        if points.Length <> directions.Length then
            raise (
                ArgumentValueException
                    $"{transform}: expected {points.Length} tensors, one for each of the primal values, but got {directions.Length}"
            )

        Array.iteri2
            (fun i (p: Tensor) (d: Tensor) ->
                if not (Shape.equal p.Shape d.Shape) then
                    raise (
                        ShapeException
                            $"{transform}: expected a tensor of the same shape as the primal value, {Shape.format p.Shape}, but got {Shape.format d.Shape} (tensor {i})"
                    )

                if p.Dtype <> d.Dtype && Dtype.isDifferentiable p.Dtype then
                    raise (
                        DtypeException
                            $"{transform}: expected a tensor of the same dtype as the primal value, {Dtype.name p.Dtype}, but got {Dtype.name d.Dtype} (tensor {i}): use Tensor.cast"
                    ))
            points
            directions

    /// The value of f at x and its pullback: a function from cotangents of the result to cotangents of x.
    /// The pullback may be called any number of times.
    let vjp (f: 'A -> 'R) (x: 'A) : 'R * ('R -> 'A) =
        let inputs = Codec.leaves x
        let level = Level.Open "vjp"

        let variables =
            inputs |> Array.map (fun t -> if Dtype.isDifferentiable t.Dtype then Engine.variable level t else t)

        let traced = closing level (fun () -> f (Codec.rebuild x variables))
        let outputs = Codec.leaves traced

        let pullback (cotangents: 'R) =
            let cotangents = Codec.leaves cotangents
            requireLike "vjp" outputs cotangents
            let seeds = Array.map2 (fun output c -> struct (output, c)) outputs cotangents
            let found = Pullback.run level false seeds

            variables
            |> Array.mapi (fun i variable ->
                match variable with
                | Node(_, _, node) when found.ContainsKey node -> found[node]
                | _ -> zeros inputs[i])
            |> Codec.rebuild x

        Codec.rebuild traced (outputs |> Array.map (Engine.below level)), pullback

    /// The value of f at x and its derivative in direction `tangent`.
    let jvp (f: 'A -> 'R) (x: 'A) (tangent: 'A) : 'R * 'R =
        requireLike "jvp" (Codec.leaves x) (Codec.leaves tangent)
        let level = Level.Open "jvp"

        let moving =
            Array.map2
                (fun p t -> if Dtype.isDifferentiable (p: Tensor).Dtype then Dual(level, p, t) else p)
                (Codec.leaves x)
                (Codec.leaves tangent)

        let traced = closing level (fun () -> f (Codec.rebuild x moving))
        let outputs = Codec.leaves traced

        let slope t =
            match t with
            | Dual(l, _, d) when obj.ReferenceEquals(l, level) -> d
            | other -> zeros other

        Codec.rebuild traced (outputs |> Array.map (Engine.below level)), Codec.rebuild traced (outputs |> Array.map slope)

    /// The value of a scalar function with something else that it returns beside it, and the gradient of the first.
    let valueAndGradWith (f: 'P -> Tensor * 'S) (x: 'P) : (Tensor * 'S) * 'P =
        let inputs = Codec.leaves x

        if inputs.Length = 1 then
            requireFloating "grad" inputs[0]

        let level = Level.Open "grad"

        let variables =
            inputs |> Array.map (fun t -> if Dtype.isDifferentiable t.Dtype then Engine.variable level t else t)

        let value, extra = closing level (fun () -> f (Codec.rebuild x variables))
        requireScalar "grad" value

        let found =
            Pullback.consume
                level
                (Seq.concat [ inputs; [| value |]; Codec.leaves extra ])
                [ struct (value, ones (Engine.below level value)) ]

        let gradient =
            variables
            |> Array.mapi (fun i variable ->
                match variable with
                | Node(_, _, node) when found.ContainsKey node -> found[node]
                | _ -> zeros inputs[i])
            |> Codec.rebuild x

        (Engine.below level value, Codec.map (Engine.below level) extra), gradient

    /// The value of a scalar function and its gradient.
    let valueAndGrad (f: 'P -> Tensor) (x: 'P) : Tensor * 'P =
        let (value, ()), gradient = valueAndGradWith (fun p -> f p, ()) x
        value, gradient

    /// The gradient of a scalar function.
    let grad (f: 'P -> Tensor) (x: 'P) : 'P = snd (valueAndGrad f x)

    /// The derivative of a function of one number (or, elementwise, of many) by forward mode.
    let diff (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        requireFloating "diff" x
        snd (jvp f x (ones x))

    /// The product of the Hessian of a scalar function with a direction: forward mode over reverse mode.
    let hvp (f: 'P -> Tensor) (x: 'P) (direction: 'P) : 'P = snd (jvp (grad f) x direction)

    /// Turns a function of one example into one of many, stacked along axis `input` of every tensor that goes in
    /// and along axis `output` of every tensor that comes out. Nothing is looped: each primitive gets one more axis.
    let vmapAxes (input: int) (output: int) (f: 'A -> 'R) (x: 'A) : 'R =
        let tensors = Codec.leaves x

        let front (t: Tensor) =
            if t.Rank = 0 then
                raise (
                    ShapeException
                        "vmap: got an input without dimensions, which has no examples to map over; give it an axis or close over it"
                )

            Structure.moveAxis (Shape.dimension t.Rank input) 0 t

        let fronted = tensors |> Array.map front

        let size =
            match fronted |> Array.map (fun t -> t.Shape[0]) |> Array.distinct with
            | [| size |] -> size
            | [||] ->
                raise (
                    ArgumentValueException
                        "vmap: got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs: the argument holds no tensor"
                )
            | sizes ->
                raise (
                    ShapeException
                        $"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {Shape.format sizes} for the mapped dimension"
                )

        let level = Level.Open("vmap", size)
        let traced = closing level (fun () -> f (Codec.rebuild x (fronted |> Array.map (fun t -> Batched(level, t)))))

        let back (t: Tensor) =
            let whole =
                match t with
                | Batched(l, inner) when obj.ReferenceEquals(l, level) -> inner
                | other -> Engine.lead size false other

            Structure.moveAxis 0 (Shape.dimension whole.Rank output) whole

        Codec.map back traced

    /// Turns a function of one example into one of many, stacked along the first axis.
    let vmap (f: 'A -> 'R) (x: 'A) : 'R = vmapAxes 0 0 f x

    /// The unit vectors of a shape, stacked along a new first axis.
    let internal basis (t: Tensor) =
        let n = Shape.count t.Shape
        let column = Creation.arange t.Backend Int64 n 0 1 |> Engine.reshape [| n; 1 |] |> Engine.expand [| n; n |]
        let row = Creation.arange t.Backend Int64 n 0 1 |> Engine.reshape [| 1; n |] |> Engine.expand [| n; n |]

        Engine.pointwise Functions.eq [||] [| column; row |]
        |> Engine.cast t.Dtype
        |> Engine.reshape (Array.append [| n |] t.Shape)

    /// All first derivatives: shape [f(x)..., x...]. Reverse mode, one batched pull for all outputs.
    let jacobian (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        requireFloating "jacobian" x
        let value, pullback = vjp f x
        vmap pullback (basis value) |> Engine.reshape (Array.append value.Shape x.Shape)

    /// All first derivatives by forward mode, one batched push for all inputs: for functions with few inputs.
    let jacobianForward (f: Tensor -> Tensor) (x: Tensor) : Tensor =
        requireFloating "jacobian" x
        let pushed = vmap (fun direction -> snd (jvp f x direction)) (basis x)
        let rank = pushed.Rank - 1
        // [x, f(x)...] -> [f(x)..., x...]
        let shape = Array.append (Array.skip 1 pushed.Shape) x.Shape
        Structure.moveAxis 0 rank pushed |> Engine.reshape shape

    /// All second derivatives of a scalar function: shape [x..., x...]. Forward over reverse.
    let hessian (f: Tensor -> Tensor) (x: Tensor) : Tensor = jacobianForward (grad f) x

    /// The same tensor as a constant of every transform.
    let stopGradient (t: Tensor) : Tensor = Structure.detach t
