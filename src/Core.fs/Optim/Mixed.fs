namespace Functional

open System
open Functional.Contract

/// Which dtypes a network's parameters, its computation and its results have.
type Precision = { Parameters: Dtype; Compute: Dtype; Output: Dtype }

/// How a loss is scaled so that small gradients do not vanish in float16: the scale grows after so many steps without
/// an overflow and shrinks after each one.
type LossScale = { Initial: float; Growth: float; Backoff: float; Interval: int }

/// Mixed precision: parameters and updates in float32, computing in a narrower dtype (Micikevicius et al. 2018).
[<RequireQualifiedAccess>]
module Mixed =
    /// Parameters and results in float32, computing in a narrower dtype: BFloat16, or Float16 with a scaled loss.
    let policy (compute: Dtype) : Precision = { Parameters = Float32; Compute = compute; Output = Float32 }

    let private castTensor dtype (t: Tensor) = if Dtype.isFloating t.Dtype then Engine.cast dtype t else t

    /// The floating leaves in another dtype; integers and bools as they are.
    let cast (dtype: Dtype) (tree: Tree) : Tree = Tree.map (castTensor dtype) tree

    /// A layer that keeps its parameters and computes as a policy says. Its state (running statistics) stays in the parameters' dtype.
    let layer (precision: Precision) (inner: Layer) : Layer =
        { Init =
            fun key ->
                let parameters, state = inner.Init key
                cast precision.Parameters parameters, cast precision.Parameters state
          Apply =
            fun mode parameters state x ->
                let output, next = inner.Apply mode (cast precision.Compute parameters) state (castTensor precision.Compute x)
                castTensor precision.Output output, cast precision.Parameters next }

    /// PyTorch's defaults.
    let lossScale: LossScale = { Initial = 65536.0; Growth = 2.0; Backoff = 0.5; Interval = 2000 }

    /// Whether all elements are finite. Looks at the tensors once, and waits for them.
    let isFinite (tensors: Tensor[]) : bool =
        let sizes =
            tensors
            |> Array.filter (fun t -> Shape.count t.Shape > 0)
            // nan and infinities survive a maximum, and every dtype's are float32's.
            |> Array.map (fun t -> Engine.cast Float32 (Tensor.max (Tensor.abs t)))

        sizes.Length = 0 || Double.IsFinite(Tensor.item (Array.reduce Tensor.maximum sizes))

    /// The scale and the number of steps since it last changed, after a step with or without an overflow.
    let nextScale (scaling: LossScale) (scale: float) (steps: int) (overflowed: bool) : struct (float * int) =
        if overflowed then struct (scale * scaling.Backoff, 0)
        elif steps + 1 >= scaling.Interval then struct (scale * scaling.Growth, 0)
        else struct (scale, steps + 1)

    let private number dtype value = Leaf(Creation.full Backend.cpu dtype [||] value)
    let private scaleName, stepsName, innerName = "scale", "growth_tracker", "inner"

    /// What the loss is to be multiplied by, from the state of a `scaled` optimizer.
    let scaleOf (state: Tree) : float = Tensor.item (Tree.tensor scaleName state)

    /// An optimizer of gradients of a loss that was multiplied by `scaleOf` its state: they are divided by the scale, in the
    /// parameters' dtype, and a step with gradients that are not finite changes nothing but the scale.
    let scaled (scaling: LossScale) (inner: Optimizer) : Optimizer =
        let state scale (steps: int) held =
            Branch [ scaleName, number Float32 (Real scale); stepsName, number Int32 (Integer(int64 steps)); innerName, held ]

        { Init = fun parameters -> state scaling.Initial 0 (inner.Init parameters)
          Update =
            fun gradients before parameters ->
                let scale = scaleOf before
                let steps = int (Tensor.item (Tree.tensor stepsName before))
                let held = Tree.find innerName before
                let unscaled = Tree.map2 (fun g (p: Tensor) -> Engine.cast p.Dtype g * (1.0 / scale)) gradients parameters
                let finite = isFinite (Tree.leaves unscaled)
                let struct (next, since) = nextScale scaling scale steps (not finite)

                if finite then
                    let struct (updates, held) = inner.Update unscaled held parameters
                    struct (updates, state next since held)
                else
                    // A value of its own: a step gives up the old state.
                    let same = Tree.map Structure.share held
                    struct (Tree.map Optim.zeroSlot parameters, state next since same) }
