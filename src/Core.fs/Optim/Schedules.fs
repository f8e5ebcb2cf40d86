namespace Functional

open System

/// How a rate moves from step to step, as PyTorch's schedulers do it.
type RateRule =
    {
        /// The first rate, the rate now, and the number of the step that it is for (from 0) to the rate there. Rules of this form
        /// can be chained: each changes what the others left.
        Next: float -> float -> int -> float
        /// The first rate and a step to the rate there, if this rule were alone.
        At: float -> int -> float
    }

/// The rules behind PyTorch's learning-rate schedulers.
[<RequireQualifiedAccess>]
module RateRule =
    let private factors (factor: int -> float) (total: int -> float) =
        { Next = fun _ now t -> now * factor t
          At = fun first t -> first * total t }

    /// The first rate times a function of the step.
    let lambda (f: int -> float) =
        { Next = fun first _ t -> first * f t
          At = fun first t -> first * f t }

    /// The rate times a function of the step, every step but the first.
    let multiplicative (f: int -> float) =
        factors (fun t -> if t = 0 then 1.0 else f t) (fun t -> Seq.init t (fun i -> f (i + 1)) |> Seq.fold (*) 1.0)

    /// Times gamma every `every` steps.
    let step (every: int) (gamma: float) =
        factors (fun t -> if t = 0 || t % every <> 0 then 1.0 else gamma) (fun t -> gamma ** float (t / every))

    /// Times gamma at each milestone, as often as it is named.
    let multiStep (milestones: int list) (gamma: float) =
        let count holds = milestones |> List.filter holds |> List.length |> float
        factors (fun t -> gamma ** count ((=) t)) (fun t -> gamma ** count (fun m -> m <= t))

    /// Times gamma every step.
    let exponential (gamma: float) = factors (fun t -> if t = 0 then 1.0 else gamma) (fun t -> gamma ** float t)

    /// A part of the rate for the first steps.
    let constant (factor: float) (steps: int) =
        factors
            (fun t ->
                if t = 0 then factor
                elif t = steps then 1.0 / factor
                else 1.0)
            (fun t -> if t >= steps then 1.0 else factor)

    /// The factor goes evenly from `first` to `last`.
    let linear (first: float) (last: float) (steps: int) =
        let at t = first + (last - first) * float (min t steps) / float steps

        factors
            (fun t ->
                if t = 0 then
                    first
                elif t > steps then
                    1.0
                else
                    1.0 + (last - first) / (float steps * first + float (t - 1) * (last - first)))
            at

    /// Down to 0 by a power of what is left.
    let polynomial (steps: int) (power: float) =
        let left t = 1.0 - float (min t steps) / float steps

        factors (fun t -> if t = 0 || t > steps then 1.0 else (left t / left (t - 1)) ** power) (fun t -> left t ** power)

    /// Down to `final` along half a cosine of `steps`, and up again (Loshchilov and Hutter 2017).
    let cosine (steps: int) (final: float) =
        let angle t = Math.PI * float t / float steps

        { Next =
            fun first now t ->
                if t = 0 then
                    now
                elif (t - 1 - steps) % (2 * steps) = 0 then
                    now + (first - final) * (1.0 - cos (Math.PI / float steps)) / 2.0
                else
                    (1.0 + cos (angle t)) / (1.0 + cos (angle (t - 1))) * (now - final) + final
          At = fun first t -> final + (first - final) * (1.0 + cos (angle t)) / 2.0 }

    /// From whatever rate there is to `target` over some steps, evenly or along half a cosine; constant from there.
    let towards (cosine: bool) (steps: int) (target: float) =
        let part t =
            let x = max 0.0 (min 1.0 (float t / float (max 1 steps)))
            if cosine then (1.0 - cos (Math.PI * x)) / 2.0 else x

        let at t = if steps = 0 then part (max 1 t) else part t

        { Next =
            fun _ now t ->
                let before, after = part ((if steps = 0 then max 1 t else t) - 1), at t
                let first = if before = 1.0 then target else (now - before * target) / (1.0 - before)
                target * after + first * (1.0 - after)
          At = fun first t -> target * at t + first * (1.0 - at t) }

    let private alone (at: float -> int -> float) = { Next = (fun first _ t -> at first t); At = at }

    /// Where a time (in steps, with parts) stands in cycles of growing length: how far into a cycle of what length.
    let private inCycles (first: int) (growth: int) (time: float) =
        let rec go (length: float) rest =
            if rest >= length then
                go (length * float growth) (rest - length)
            else
                rest, length

        if growth = 1 then
            time - float first * floor (time / float first), float first
        else
            go (float first) time

    /// The rate of `cosineRestarts` at a time with parts of steps.
    let cosineRestartsAt (steps: int) (growth: int) (final: float) (first: float) (time: float) =
        let into, length = inCycles steps growth time
        final + (first - final) * (1.0 + cos (Math.PI * into / length)) / 2.0

    /// Half a cosine down to `final`, then again from the first rate over `growth` times as many steps.
    let cosineRestarts (steps: int) (growth: int) (final: float) =
        alone (fun first t -> cosineRestartsAt steps growth final first (float t))

    /// How high a triangle wave of `up` and `down` steps stands (Smith 2017), times a scale of the cycle (from 1) and the step.
    let triangle (up: float) (down: float) (scale: float -> int -> float) (t: int) =
        let length, ratio = up + down, up / (up + down)
        let cycle = floor (1.0 + float t / length)
        let x = 1.0 + float t / length - cycle
        (if x <= ratio then x / ratio else (x - 1.0) / (ratio - 1.0)) * scale cycle t

    /// This far on the way from one value to another.
    let between (low: float) (high: float) (height: float) = low + (high - low) * height

    /// From one value to another: evenly, or along half a cosine.
    let anneal (cosine: bool) (first: float) (last: float) (part: float) =
        if cosine then
            last + (first - last) / 2.0 * (cos (Math.PI * part) + 1.0)
        else
            (last - first) * part + first

    /// Phases one after the other: (the step where it ends, from, to); the last one goes on.
    let rec phases (cosine: bool) (start: float) (parts: (float * float * float) list) (t: int) =
        match parts with
        | (stop, first, last) :: rest when rest.IsEmpty || float t <= stop ->
            anneal cosine first last ((float t - start) / (stop - start))
        | (stop, _, _) :: rest -> phases cosine stop rest t
        | [] -> raise (Contract.ArgumentValueException "phases: expected at least one phase")

    /// One cycle of `steps` (Smith and Topin 2019): from `start` to `peak` over a part of them, and down to `last`. In three phases it goes
    /// back to `start` as fast as it came, and then from `rest` to `last`.
    let oneCycle (cosine: bool) isThreePhased (steps: int) (part: float) start peak last rest (t: int) =
        if t > steps then
            raise (Contract.ArgumentValueException $"Tried to step {t + 1} times. The specified number of total steps is {steps}")

        let risen = part * float steps - 1.0

        if isThreePhased then
            [ risen, start, peak; 2.0 * part * float steps - 2.0, peak, start; float steps - 1.0, rest, last ]
        else
            [ risen, start, peak; float steps - 1.0, peak, last ]
        |> fun parts -> phases cosine 0.0 parts t

/// A rate as a function of the step, counted from 0.
type Schedule = int -> float

/// Rates that change with time.
[<RequireQualifiedAccess>]
module Schedule =
    let constant (rate: float) : Schedule = fun _ -> rate
    /// What a rule makes of a first rate.
    let ofRule (rule: RateRule) (rate: float) : Schedule = rule.At rate
    /// Multiplied by `factor` every `every` steps.
    let step (every: int) (factor: float) (rate: float) : Schedule = ofRule (RateRule.step every factor) rate
    let exponential (factor: float) (rate: float) : Schedule = ofRule (RateRule.exponential factor) rate

    /// From `rate` down to `final` along half a cosine (Loshchilov and Hutter 2017), and on at `final`.
    let cosine (steps: int) (final: float) (rate: float) : Schedule =
        let rule = RateRule.cosine (max 1 steps) final
        fun t -> rule.At rate (min t steps)

    /// From 0 up to the schedule's own rate over the first steps, and on from there.
    let warmup (steps: int) (schedule: Schedule) : Schedule =
        fun t ->
            if t < steps then
                schedule 0 * float (t + 1) / float steps
            else
                schedule (t - steps)

    /// Schedules one after the other: each but the last with the step at which the next begins, where it counts from 0.
    let sequence (parts: (int * Schedule) list) (last: Schedule) : Schedule =
        fun t ->
            let rec go start parts =
                match parts with
                | (stop, schedule: Schedule) :: _ when t < stop -> schedule (t - start)
                | (stop, _) :: rest -> go stop rest
                | [] -> last (t - start)

            go 0 parts

    /// Up from `low` to `high` in `up` steps and down again in `down`, over and over (Smith 2017). `scale` gets the number of the cycle (from 1)
    /// and the step, and shrinks the height.
    let cyclic (low: float) (high: float) (up: int) (down: int) (scale: float -> int -> float) : Schedule =
        fun t -> RateRule.between low high (RateRule.triangle (float up) (float down) scale t)

    /// One cycle of `steps` up from `peak` / `divide` to `peak`, over this part of the steps, and down to `divideAtEnd` times less than at first
    /// (Smith and Topin 2019), along half a cosine or evenly. Raises ArgumentValueException beyond the last step.
    let oneCycle (cosine: bool) (steps: int) (part: float) (divide: float) (divideAtEnd: float) (peak: float) : Schedule =
        let first = peak / divide
        RateRule.oneCycle cosine false steps part first peak (first / divideAtEnd) first

/// Watching a measure, to lower rates when it stops getting better.
type Plateau =
    {
        Best: float
        BadSteps: int
        /// Steps left in which nothing counts.
        Rest: int
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Plateau =
    let start lowerIsBetter = { Best = (if lowerIsBetter then infinity else -infinity); BadSteps = 0; Rest = 0 }

    /// The next state, and whether rates are to be lowered. What is better must be so by `threshold`, of the best (`relative`) or
    /// absolute.
    let next lowerIsBetter relative (threshold: float) (patience: int) (cooldown: int) (state: Plateau) (measure: float) =
        let sign = if lowerIsBetter then -1.0 else 1.0

        let bound =
            if relative then
                state.Best * (1.0 + sign * threshold)
            else
                state.Best + sign * threshold

        let isBetter = if lowerIsBetter then measure < bound else measure > bound

        let state =
            if isBetter then
                { state with Best = measure; BadSteps = 0 }
            else
                { state with BadSteps = state.BadSteps + 1 }

        let state =
            if state.Rest > 0 then
                { state with Rest = state.Rest - 1; BadSteps = 0 }
            else
                state

        if state.BadSteps > patience then
            struct ({ state with Rest = cooldown; BadSteps = 0 }, true)
        else
            struct (state, false)
