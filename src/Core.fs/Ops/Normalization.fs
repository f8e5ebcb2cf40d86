namespace Functional

open Functional.Contract

/// Normalizing by statistics over some dimensions.
[<RequireQualifiedAccess>]
module Normalization =
    let private mul a b = Operands.binary Functions.mul a b

    let private column channels (like: Tensor) t =
        Engine.reshape (Array.append [| 1; channels |] (Array.create (like.Rank - 2) 1)) t

    let private scaled (shape: Tensor -> Tensor) (weight: Tensor voption) (bias: Tensor voption) (x: Tensor) =
        let scaled =
            match weight with
            | ValueSome w -> mul x (shape w)
            | ValueNone -> x

        match bias with
        | ValueSome b -> Operands.binary Functions.add scaled (shape b)
        | ValueNone -> scaled

    let private scaleAndShift channels weight bias x = scaled (column channels x) weight bias x

    /// Mean and (biased) variance along axes, which stay with size 1.
    let private statistics axes (x: Tensor) =
        let mean = Reductions.average axes x
        struct (mean, Reductions.average axes (Operands.unary Functions.square (Operands.binary Functions.sub x mean)))

    /// 1 / sqrt(variance + epsilon)
    let inverseDeviation (epsilon: float) (variance: Tensor) =
        Operands.unary Functions.rsqrt (Operands.withRight Functions.add variance (Real epsilon))

    /// A running statistic moved towards a new one, of which nothing is differentiated.
    let private moved (momentum: float) (running: Tensor) (now: Tensor) =
        let kept = Operands.withRight Functions.mul running (Real(1.0 - momentum))
        let came = Operands.withRight Functions.mul (Structure.detach now) (Real momentum)
        Operands.binary Functions.add kept (Engine.cast running.Dtype came)

    /// The variance of a sample from that of its elements.
    let private unbiased (count: int) variance =
        Operands.withRight Functions.mul variance (Real(float count / float (max 1 (count - 1))))

    /// Refuses an input without channels and what does not hold one number for each of them: the kernels read so many.
    let private requireChannels (x: Tensor) (numbers: (string * Tensor voption) list) =
        if x.Rank < 2 then
            raise (ShapeException $"batch_norm expects an input with channels, [N, C] at least, but got {Shape.format x.Shape}")

        for name, numbers in numbers do
            match numbers with
            | ValueSome t when Shape.count t.Shape <> x.Shape[1] ->
                raise (
                    ShapeException
                        $"{name} should contain {x.Shape[1]} elements not {Shape.count t.Shape}: batch_norm of shape {Shape.format x.Shape} has one for each channel of dimension 1"
                )
            | _ -> ()

    /// (x - mean) / sqrt(variance + epsilon) * weight + bias, by channel of [N, C, ...]. Raises ShapeException where there is not a number
    /// of each for every channel.
    let byChannel
        (mean: Tensor)
        (variance: Tensor)
        (weight: Tensor voption)
        (bias: Tensor voption)
        (epsilon: float)
        (x: Tensor)
        : Tensor =
        requireChannels x [ "running_mean", ValueSome mean; "running_var", ValueSome variance; "weight", weight; "bias", bias ]

        let channels = x.Shape[1]
        let centred = Operands.binary Functions.sub x (column channels x mean)
        let deviation = inverseDeviation epsilon variance

        // Small numbers for each channel are put together before the one pass over everything.
        match weight with
        | ValueSome w when w.Dtype = deviation.Dtype ->
            mul centred (column channels x (mul deviation w)) |> scaleAndShift channels ValueNone bias
        | _ -> mul centred (column channels x deviation) |> scaleAndShift channels weight bias

    let private besideChannels (x: Tensor) = [| 0 .. x.Rank - 1 |] |> Array.filter ((<>) 1)
    let private flat (t: Tensor) = Engine.reshape [| -1 |] t

    /// As [N, C, positions].
    let private byPosition (x: Tensor) = Engine.reshape [| x.Shape[0]; x.Shape[1]; Array.fold (*) 1 x.Shape[2..] |] x

    let private stored (like: Value) shape buffer = View.contiguous shape buffer |> Value.ofView like.Backend |> Concrete

    /// Mean and variance of every channel, [C].
    let private ofChannels (x: Tensor) =
        match x with
        | Concrete _ when Dtype.isFloating x.Dtype ->
            let value = Engine.concrete (byPosition x)
            let moments = value.Backend.ChannelMoments(Value.view value) |> Array.map (stored value [| x.Shape[1] |])
            struct (moments[0], moments[1])
        | _ ->
            let struct (mean, variance) = statistics (besideChannels x) x
            struct (flat mean, flat variance)

    /// Input, weight and bias: normalized by the input's own statistics.
    let private byOwn epsilon (args: Tensor[]) =
        let struct (mean, variance) = ofChannels args[0]
        byChannel mean variance (ValueSome args[1]) (ValueSome args[2]) epsilon args[0]

    /// The elements under the levels of derivatives. Not `detach`: what is made of them does not outlive this operation.
    let rec private still tensor =
        match tensor with
        | Concrete _ -> tensor
        | Dual(_, primal, _)
        | Node(_, primal, _) -> still primal
        | Batched(level, inner) -> Batched(level, still inner)

    /// The cotangents of input, weight and bias at concrete values.
    let private pullBack epsilon (x: Tensor) weight mean variance (cotangent: Tensor) =
        let view t = Value.view (Engine.concrete t)
        let value = Engine.concrete x
        let column = [| x.Shape[1] |]

        value.Backend.NormalizeChannelsPullback(
            view (byPosition x),
            view mean,
            view variance,
            epsilon,
            view weight,
            view (byPosition cotangent)
        )
        |> Array.mapi (fun i buffer -> stored value (if i = 0 then x.Shape else column) buffer)

    /// Arguments: input, weight and bias. The input's own statistics may be known already; that they move with the input is part of
    /// its linear map. Derivatives of derivatives, tangents and vmap go through the composition.
    let internal batchPrimitive epsilon (known: struct (Tensor * Tensor) voption) : Primitive =
        let together = Together()

        let isConcrete t =
            match t with
            | Concrete _ -> true
            | _ -> false

        let statistics x = known |> ValueOption.defaultWith (fun () -> ofChannels x)

        { Name = "batch_norm"
          Infer = fun specs -> specs[0]
          Eval =
            fun _ values ->
                let args = values |> Array.map Concrete
                let struct (mean, variance) = statistics args[0]
                byChannel mean variance (ValueSome args[1]) (ValueSome args[2]) epsilon args[0] |> Engine.concrete
          Linearize =
            fun args _ i ->
                let all c =
                    if isConcrete c && Array.forall isConcrete args then
                        let struct (mean, variance) = statistics args[0]
                        pullBack epsilon args[0] args[1] mean variance c
                    else
                        snd (vjp (byOwn epsilon) args) c

                Engine.linear (fun t -> jvp (fun a -> byOwn epsilon (Array.updateAt i a args)) args[i] t |> snd) (fun c ->
                    (together.Of(args[0], c, (fun () -> all c)))[i])
          Batch = fun size args flags -> Engine.leadAll size args flags |> vmap (byOwn epsilon) }

    /// What normalizing by a batch gives besides the result: the batch's statistics, and the running ones moved towards them.
    type Batch =
        { Result: Tensor
          Mean: Tensor
          Variance: Tensor
          RunningMean: Tensor voption
          RunningVariance: Tensor voption }

    /// Every channel of [N, C, ...] by its own mean and variance (Ioffe and Szegedy 2015). Running statistics move by `momentum`.
    let byBatch
        (runningMean: Tensor voption)
        (runningVariance: Tensor voption)
        (momentum: float)
        (weight: Tensor voption)
        (bias: Tensor voption)
        (epsilon: float)
        (x: Tensor)
        : Batch =
        requireChannels x [ "running_mean", runningMean; "running_var", runningVariance; "weight", weight; "bias", bias ]

        let count = besideChannels x |> Array.fold (fun n axis -> n * x.Shape[axis]) 1

        let struct (mean, variance, result) =
            match weight, bias with
            | ValueSome w, ValueSome b when
                Dtype.isFloating x.Dtype && w.Dtype = x.Dtype && b.Dtype = x.Dtype && w.Rank = 1 && b.Rank = 1
                ->
                let struct (mean, variance) = ofChannels (still x)
                let primitive = batchPrimitive epsilon (ValueSome(struct (mean, variance)))
                struct (mean, variance, Engine.bind primitive [| x; w; b |])
            | _ ->
                let struct (mean, variance) = ofChannels x
                struct (mean, variance, byChannel mean variance weight bias epsilon x)

        { Result = result
          Mean = mean
          Variance = variance
          RunningMean = runningMean |> ValueOption.map (fun r -> moved momentum r mean)
          RunningVariance = runningVariance |> ValueOption.map (fun r -> moved momentum r (unbiased count variance)) }

    /// (x - mean) / sqrt(variance + epsilon) over the last `rank` dimensions, scaled and shifted by tensors of their shape.
    let byLayer rank (weight: Tensor voption) (bias: Tensor voption) (epsilon: float) (x: Tensor) : Tensor =
        match weight, bias with
        | ValueSome w, ValueSome b when rank >= 1 && rank <= x.Rank ->
            // As one dimension, which the fused kernel takes.
            let flat (t: Tensor) = Engine.reshape [| -1 |] t
            let rows = Structure.merge (x.Rank - rank) rank x
            Tensor.layerNorm epsilon (flat w) (flat b) rows |> Engine.reshape x.Shape
        | _ -> Tensor.normalizeLast rank epsilon x |> scaled id weight bias

    let private ofGroups groups (shape: Shape) = [| shape[0]; groups; Array.fold (*) (shape[1] / groups) shape[2..] |]

    /// Group norm as its parts: rows normalized, then channels scaled.
    let private byGroupParts groups epsilon weight bias (x: Tensor) =
        Engine.reshape (ofGroups groups x.Shape) x
        |> Rows.normalize epsilon
        |> Engine.reshape x.Shape
        |> scaleAndShift x.Shape[1] weight bias

    /// Arguments: input [N, C, positions], weight and bias [C]. Derivatives of derivatives, tangents and vmap go through the parts.
    let internal groupPrimitive groups epsilon : Primitive =
        let together = Together()

        let composed (args: Tensor[]) = byGroupParts groups epsilon (ValueSome args[1]) (ValueSome args[2]) args[0]

        let pullback (args: Tensor[]) cotangent =
            match args, cotangent with
            | [| Concrete x; Concrete weight; _ |], Concrete along ->
                x.Backend.NormalizeGroupsPullback(Value.view x, groups, epsilon, Value.view weight, Value.view along)
                |> Array.mapi (fun i buffer ->
                    View.contiguous (if i = 0 then x.Shape else weight.Shape) buffer |> Value.ofView x.Backend |> Concrete)
            | _ -> snd (vjp composed args) cotangent

        { Name = "group_norm"
          Infer =
            fun specs ->
                for spec in specs[1..] do
                    if spec.Dtype <> specs[0].Dtype then
                        raise (
                            DtypeException
                                $"expected scalar type {Dtype.scalarTypeName specs[0].Dtype} but found {Dtype.scalarTypeName spec.Dtype} (group_norm: input, weight and bias have one dtype)"
                        )

                    if not (Shape.equal spec.Shape [| specs[0].Shape[1] |]) then
                        raise (
                            ShapeException
                                $"Expected weight and bias to be vectors of size equal to the number of channels in input, but got weight of shape {Shape.format specs[1].Shape}, bias of shape {Shape.format specs[2].Shape} and input of shape {Shape.format specs[0].Shape} (group_norm)"
                        )

                specs[0]
          Eval =
            fun backend values ->
                backend.NormalizeGroups(Value.view values[0], groups, epsilon, Value.view values[1], Value.view values[2])
                |> View.contiguous values[0].Shape
                |> Value.ofView backend
          Linearize =
            fun args _ i ->
                Engine.linear (fun t -> jvp (fun a -> composed (Array.updateAt i a args)) args[i] t |> snd) (fun c ->
                    (together.Of(args[0], c, (fun () -> pullback args c)))[i])
          Batch = fun size args flags -> Engine.leadAll size args flags |> vmap composed }

    /// The same over groups of channels of [N, C, ...], scaled and shifted by channel (Wu and He 2018).
    let byGroup groups (weight: Tensor voption) (bias: Tensor voption) (epsilon: float) (x: Tensor) : Tensor =
        if x.Rank < 2 then
            raise (
                ShapeException $"Expected at least 2 dimensions for input tensor but received {x.Rank}: [N, C, ...] is normalized"
            )

        let channels = x.Shape[1]

        if groups < 1 || channels % groups <> 0 then
            raise (
                ShapeException
                    $"Expected number of channels in input to be divisible by num_groups, but got input of shape {Shape.format x.Shape} and num_groups={groups}"
            )

        match weight, bias with
        | ValueSome w, ValueSome b when Dtype.isFloating x.Dtype && w.Dtype = x.Dtype && b.Dtype = x.Dtype ->
            let flat = Engine.reshape [| x.Shape[0]; channels; Array.fold (*) 1 x.Shape[2..] |] x
            Engine.bind (groupPrimitive groups epsilon) [| flat; w; b |] |> Engine.reshape x.Shape
        | _ -> byGroupParts groups epsilon weight bias x

    /// Every channel of every example by its own mean and variance (Ulyanov et al. 2016): groups of one channel.
    let byInstance weight bias epsilon (x: Tensor) : Tensor = byGroup x.Shape[1] weight bias epsilon x

    /// Running statistics of channels, moved by `momentum` towards the mean of the instances' statistics.
    let runByInstance (momentum: float) (runningMean: Tensor) (runningVariance: Tensor) (x: Tensor) : struct (Tensor * Tensor) =
        let axes = [| 2 .. x.Rank - 1 |]
        let count = axes |> Array.fold (fun n axis -> n * x.Shape[axis]) 1
        let struct (mean, variance) = statistics axes (Structure.detach x)
        let overBatch t = Reductions.average [| 0 |] t |> Engine.reshape [| x.Shape[1] |]

        struct (moved momentum runningMean (overBatch mean), moved momentum runningVariance (overBatch (unbiased count variance)))

    /// The distance from 1 to the next number of a dtype: what keeps a root from being 0 where nothing else is said.
    let precision dtype =
        if dtype = Float64 then 2.0 ** -52.0
        elif dtype = Float16 then 2.0 ** -10.0
        elif dtype = BFloat16 then 2.0 ** -7.0
        else 2.0 ** -23.0

    /// x / sqrt(mean(x^2) + epsilon) over the last `rank` dimensions, scaled (Zhang and Sennrich 2019).
    let byRootMeanSquare rank (weight: Tensor voption) (epsilon: float) (x: Tensor) : Tensor =
        if rank < 1 || rank > x.Rank then
            raise (
                ShapeException
                    $"Given normalized_shape of {rank} dimensions, expected input with at least as many, but got input of size {Shape.format x.Shape}"
            )

        let axes = [| x.Rank - rank .. x.Rank - 1 |]
        let squares = Reductions.average axes (Operands.unary Functions.square x)
        mul x (inverseDeviation epsilon squares) |> scaled id weight ValueNone

    /// x / (k + alpha * mean of the squares of `size` neighbouring channels)^beta (Krizhevsky et al. 2012).
    let byNeighbours size (alpha: float) (beta: float) (k: float) (x: Tensor) : Tensor =
        if x.Rank < 3 then
            raise (ShapeException $"Expected 3D or higher dimensionality input (got {x.Rank} dimensions)")

        let n, channels = x.Shape[0], x.Shape[1]

        if Shape.count x.Shape = 0 then
            x
        else
            let squares =
                Operands.unary Functions.square x |> Engine.reshape [| n; 1; channels; Array.fold (*) 1 x.Shape[2..] |]

            let around = Tensor.padConstant 0.0 [ 0, 0; size / 2, (size - 1) / 2 ] squares
            let means = Tensor.avgPool [ size; 1 ] [ 1 ] [ 0 ] false true None around |> Engine.reshape x.Shape
            let scale = Operands.withRight Functions.add (Operands.withRight Functions.mul means (Real alpha)) (Real k)
            Operands.binary Functions.div x (Operands.power scale (Real beta))
