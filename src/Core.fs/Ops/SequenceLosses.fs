namespace Functional

open Functional.Contract

/// The loss of sequences whose labels are not aligned with their times.
[<RequireQualifiedAccess>]
module SequenceLosses =
    let private infinite (like: Tensor) shape = Operands.number like like.Dtype shape (Real -infinity)

    let private check name (limit: int) what (lengths: int[]) count =
        if lengths.Length <> count then
            raise (ShapeException $"{name} must be of size batch_size ({count}, but got {lengths.Length} in ctc_loss)")

        for length in lengths do
            if length < 0 then
                raise (
                    ArgumentValueException
                        $"Expected {name} to have value at least 0, but got value {length} (while checking arguments for ctc_loss)"
                )

            if length > limit then
                raise (
                    ArgumentValueException
                        $"Expected {name} to have value at most {limit}, but got value {length} (while checking arguments for ctc_loss: {what})"
                )

    /// Connectionist temporal classification (Graves et al. 2006): minus the logarithm of the probability of each target, summed over all
    /// ways to spread it over the times with repetitions and blanks. `logProbabilities` is [T, N, C] (or [T, C]), targets are [N, S], or
    /// one after the other in one vector. The slope is PyTorch's, which is right where the input comes from logSoftmax.
    let connectionist
        blank
        zeroInfinity
        reduction
        (inputLengths: int list)
        (targetLengths: int list)
        (targets: Tensor)
        (logProbabilities: Tensor)
        : Tensor =
        if logProbabilities.Rank <> 2 && logProbabilities.Rank <> 3 then
            raise (
                ShapeException
                    $"ctc_loss: expected log_probs of shape [T, N, C] or [T, C], but got {Shape.format logProbabilities.Shape}"
            )

        let isBatch = logProbabilities.Rank = 3

        let logs =
            if isBatch then
                logProbabilities
            else
                Engine.reshape [| logProbabilities.Shape[0]; 1; logProbabilities.Shape[1] |] logProbabilities

        let times, n, classes = logs.Shape[0], logs.Shape[1], logs.Shape[2]
        let inputs, labels = Array.ofList inputLengths, Array.ofList targetLengths

        if blank < 0 || blank >= classes then
            raise (ArgumentValueException $"blank must be in label range (got {blank} for {classes} labels in ctc_loss)")

        check "input_lengths" times "log_probs has no more times" inputs n
        check "target_lengths" System.Int32.MaxValue "" labels n
        let longest = Array.fold max 0 labels
        let given = Constants.readIntegers targets
        let isPadded = targets.Rank = 2 || not isBatch && targets.Rank = 1 && given.Length >= labels[0]

        if isPadded && targets.Rank = 2 && targets.Shape[1] < longest then
            raise (
                ShapeException
                    $"Expected tensor to have size at least {longest} at dimension 1, but got size {targets.Shape[1]} for argument #2 'targets' (while checking arguments for ctc_loss)"
            )

        if not isPadded && given.Length <> Array.sum labels then
            raise (
                ShapeException
                    $"Expected tensor to have size {Array.sum labels} at dimension 0, but got size {given.Length} for argument #2 'targets' (while checking arguments for ctc_loss)"
            )

        let starts =
            if isPadded then
                Array.init n (fun i -> i * (given.Length / max 1 n))
            else
                Array.scan (+) 0 labels

        // Labels with a blank before, between and behind them.
        let states = 2 * longest + 1

        let label i s =
            if s % 2 = 0 || s / 2 >= labels[i] then
                int64 blank
            else
                given[starts[i] + s / 2]

        let perState (f: int -> int -> 'T) = Array.init (n * states) (fun k -> f (k / states) (k % states))

        let truths (data: bool[]) =
            Constants.integers logs [| n; states |] (data |> Array.map (fun b -> if b then 1L else 0L))
            |> Engine.cast Bool

        let index = Constants.integers logs [| 1; n; states |] (perState label)
        let skips = truths (perState (fun i s -> s >= 2 && s % 2 = 1 && label i s <> label i (s - 2)))
        let begins = truths (perState (fun i s -> s = 0 || s = 1 && labels[i] > 0))
        let emissions = GatherScatter.gather 2 logs (Engine.expand [| times; n; states |] index)
        let emission t = Structure.narrow 0 t 1 emissions |> Engine.reshape [| n; states |]
        let nowhere = infinite logs [| n; states |]
        let choose condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]
        let margin = infinite logs [| n; 2 |]

        let step alpha t =
            // Two impossible states in front stand for what comes before the first.
            let wide = Structure.concat 1 [| margin; alpha |]
            let skipped = choose skips (Structure.narrow 1 0 states wide) nowhere

            let reached =
                Engine.pointwise LayerFormulas.logAddThree [||] [| alpha; Structure.narrow 1 1 states wide; skipped |]

            let next = Operands.binary Functions.add reached (emission t)

            if inputs |> Array.forall (fun length -> t < length) then
                next
            else
                choose (truths (perState (fun i _ -> t < inputs[i]))) next alpha

        let final =
            if times = 0 then
                choose (truths (perState (fun i s -> s = 0))) (Structure.zeros logs [| n; states |]) nowhere
            else
                List.fold step (choose begins (emission 0) nowhere) [ 1 .. times - 1 ]

        let ending offset =
            let place = Array.init n (fun i -> int64 (max 0 (2 * labels[i] - offset)))
            let ended = GatherScatter.gather 1 final (Constants.integers logs [| n; 1 |] place) |> Engine.reshape [| n |]

            if offset = 0 then
                ended
            else
                let real =
                    Constants.integers logs [| n |] (labels |> Array.map (fun l -> if l > 0 then 1L else 0L)) |> Engine.cast Bool

                choose real ended (infinite logs [| n |])

        let likelihood = Engine.pointwise LayerFormulas.logAddThree [||] [| ending 0; ending 1; infinite logs [| n |] |]

        // What PyTorch adds to the slope is the slope of the probabilities' sum, which is 1 after logSoftmax.
        let probabilities = Operands.unary Functions.exp logs
        let still = Operands.binary Functions.sub probabilities (Structure.detach probabilities)

        let runs =
            Constants.reals logs [| times; n; 1 |] (Array.init (times * n) (fun k -> if k / n < inputs[k % n] then 1.0 else 0.0))

        let drift = Reductions.sum [| 0; 2 |] (Operands.binary Functions.mul still runs) |> Engine.reshape [| n |]
        let losses = Operands.binary Functions.sub drift likelihood

        let losses =
            if zeroInfinity then
                choose (Operands.unary Functions.isFinite likelihood) losses (Structure.zeros losses [| n |])
            else
                losses

        match reduction with
        | Mean ->
            let divisors = Constants.reals logs [| n |] (labels |> Array.map (fun l -> float (max 1 l)))
            Losses.reduce Mean (Operands.binary Functions.div losses divisors)
        | other -> Losses.reduce other (if isBatch then losses else Engine.reshape [||] losses)
