namespace Functional

open System

/// The 32-bit Mersenne twister (Matsumoto and Nishimura 1998), and what PyTorch's CPU generator makes of its words, number
/// for number. It is the one source of randomness with a memory; pure code draws from keys (see Random).
[<Sealed>]
type MersenneTwister(seed: uint64) =
    let size, middle = 624, 397
    let state: uint32[] = Array.zeroCreate 624
    let mutable next = 624
    // Box and Muller give two numbers; the second waits here.
    let mutable waiting: float voption = ValueNone
    let mutable seed = seed

    let start (value: uint64) =
        seed <- value
        state[0] <- uint32 value

        for i in 1 .. size - 1 do
            state[i] <- 1812433253u * (state[i - 1] ^^^ (state[i - 1] >>> 30)) + uint32 i

        next <- size
        waiting <- ValueNone

    let refill () =
        for i in 0 .. size - 1 do
            let mixed = (state[i] &&& 0x80000000u) ||| (state[(i + 1) % size] &&& 0x7FFFFFFFu)
            let twist = if mixed &&& 1u = 0u then 0u else 0x9908B0DFu
            state[i] <- state[(i + middle) % size] ^^^ (mixed >>> 1) ^^^ twist

        next <- 0

    do start seed

    member _.Seed = seed
    /// Starts again from a seed, of which 32 bits count.
    member _.Restart(value: uint64) = start value

    /// 32 random bits.
    member _.Word() : uint32 =
        if next >= size then
            refill ()

        let y = state[next]
        next <- next + 1
        let y = y ^^^ (y >>> 11)
        let y = y ^^^ ((y <<< 7) &&& 0x9D2C5680u)
        let y = y ^^^ ((y <<< 15) &&& 0xEFC60000u)
        y ^^^ (y >>> 18)

    /// 64 random bits: the first word is the high one.
    member this.Long() : uint64 =
        let high = uint64 (this.Word())
        (high <<< 32) ||| uint64 (this.Word())

    /// A float32 number in [0, 1): 24 random bits.
    member this.Single() : float = float (this.Word() &&& 0xFFFFFFu) * (1.0 / 16777216.0)
    /// A float64 number in [0, 1): 53 random bits.
    member this.Double() : float = float (this.Long() &&& 0x1FFFFFFFFFFFFFUL) * (1.0 / 9007199254740992.0)

    /// A standard normal number in double precision.
    member this.Normal() : float =
        match waiting with
        | ValueSome number ->
            waiting <- ValueNone
            number
        | ValueNone ->
            let u = this.Double()
            let v = this.Double()
            let radius = sqrt (-2.0 * Math.Log(1.0 - v))
            let angle = 2.0 * Math.PI * u
            waiting <- ValueSome(radius * sin angle)
            radius * cos angle

    /// Everything that decides the numbers to come.
    member _.State: uint32[] * int * float voption * uint64 = Array.copy state, next, waiting, seed

    member _.Restore(words: uint32[], position: int, kept: float voption, from: uint64) =
        Array.blit words 0 state 0 size
        next <- position
        waiting <- kept
        seed <- from

/// Tensors of the twister's numbers, in the order in which PyTorch draws them.
[<RequireQualifiedAccess>]
module Drawing =
    open Functional.Contract
    open System.Runtime.InteropServices

    let private singles backend dtype (shape: Shape) (data: float32[]) =
        Creation.ofBytes backend Float32 shape (MemoryMarshal.AsBytes(ReadOnlySpan data)) |> Engine.cast dtype

    let private doubles backend (shape: Shape) (data: float[]) =
        Creation.ofBytes backend Float64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data))

    let private integers backend dtype (shape: Shape) (data: int64[]) =
        Creation.ofBytes backend Int64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data)) |> Engine.cast dtype

    let private real backend dtype shape (draw: unit -> float) =
        let count = Shape.count shape

        if dtype = Float64 then
            doubles backend shape (Array.init count (fun _ -> draw ()))
        else
            singles backend dtype shape (Array.init count (fun _ -> float32 (draw ())))

    /// To the nearest number of a narrow dtype, in which PyTorch draws and turns.
    let private rounding dtype : float -> float =
        match dtype with
        | Float64 -> id
        | Float16 -> fun x -> float (Half.op_Explicit (float32 x): Half)
        | BFloat16 ->
            fun x ->
                let bits = BitConverter.SingleToUInt32Bits(float32 x)
                float (BitConverter.UInt32BitsToSingle((bits + 0x7FFFu + ((bits >>> 16) &&& 1u)) &&& 0xFFFF0000u))
        | _ -> fun x -> float (float32 x)

    /// Uniform in [0, 1) with as many random bits as the dtype's numbers have.
    let private fraction (source: MersenneTwister) dtype : unit -> float =
        let bits n () = float (source.Word() &&& ((1u <<< n) - 1u)) / float (1u <<< n)

        match dtype with
        | Float64 -> source.Double
        | Float16 -> bits 11
        | BFloat16 -> bits 8
        | _ -> source.Single

    /// Whether numbers are drawn by a key that the twister gives: where memory is not the processor's nothing has to be uploaded.
    let private isThere (backend: IBackend) dtype =
        match box backend with
        | :? IAccelerator -> Dtype.isFloating dtype
        | _ -> false

    let private drawnThere (source: MersenneTwister) (backend: IBackend) kind dtype shape : Tensor =
        let wide = if dtype = Float64 then Float64 else Float32
        Creation.random backend kind (source.Long()) wide shape |> Engine.cast dtype

    let private scaled (factor: float) (shift: float) (t: Tensor) =
        Operands.withRight Functions.add (Operands.withRight Functions.mul t (Real factor)) (Real shift)

    /// Numbers in [low, high).
    let rec uniform (source: MersenneTwister) backend dtype shape (low: float) (high: float) : Tensor =
        if Dtype.isComplex dtype then
            uniform source backend (Dtype.toReal dtype) (Array.append shape [| 2 |]) low high |> Tensor.viewAsComplex
        elif isThere backend dtype then
            drawnThere source backend RandomUniform dtype shape |> scaled (high - low) low
        elif dtype = Float64 then
            real backend dtype shape (fun () -> source.Double() * (high - low) + low)
        else
            let low, high = float32 low, float32 high
            let range = float (high - low)
            let draw = fraction source dtype
            real backend dtype shape (fun () -> draw () * range + float low)

    /// Normal numbers, one drawn after the other.
    let normalOneByOne (source: MersenneTwister) backend dtype shape (mean: float) (std: float) : Tensor =
        real backend dtype shape (fun () -> source.Normal() * std + mean)

    /// Normal numbers. From 16 on PyTorch fills with uniform numbers first and turns them round eight by eight.
    /// The parts of complex numbers share the variance evenly.
    let rec normal (source: MersenneTwister) backend dtype shape (mean: float) (std: float) : Tensor =
        let count = Shape.count shape

        if Dtype.isComplex dtype then
            let pairs = normal source backend (Dtype.toReal dtype) (Array.append shape [| 2 |]) 0.0 (std / sqrt 2.0)
            Operands.withRight Functions.add (Tensor.viewAsComplex pairs) (Real mean)
        elif isThere backend dtype then
            drawnThere source backend RandomNormal dtype shape |> scaled std mean
        elif count < 16 then
            normalOneByOne source backend dtype shape mean std
        else
            let draw = fraction source dtype
            let data = Array.init count (fun _ -> draw ())
            // Narrow numbers are rounded at every step, as PyTorch rounds them; wide ones at the end.
            let step = if dtype = Float16 || dtype = BFloat16 then rounding dtype else id

            let turn start =
                for j in start .. start + 7 do
                    let u = step (1.0 - data[j])
                    let v = data[j + 8]
                    let radius = step (sqrt (step (-2.0 * step (Math.Log u))))
                    let angle = step (2.0 * Math.PI * v)
                    let placed x = step (step (step (radius * step x) * std) + mean)
                    data[j] <- placed (cos angle)
                    data[j + 8] <- placed (sin angle)

            for block in 0 .. count / 16 - 1 do
                turn (block * 16)

            if count % 16 <> 0 then
                for i in count - 16 .. count - 1 do
                    data[i] <- draw ()

                turn (count - 16)

            if dtype = Float64 then
                doubles backend shape data
            else
                singles backend dtype shape (Array.map float32 data)

    /// Integers in [low, high).
    let integersBetween (source: MersenneTwister) backend dtype shape (low: int64) (high: int64) : Tensor =
        let range = uint64 (high - low)

        let draw () =
            if range >= (1UL <<< 32) then
                source.Long() % range
            else
                uint64 (source.Word()) % range

        integers backend dtype shape (Array.init (Shape.count shape) (fun _ -> int64 (draw ()) + low))

    /// 0 .. n - 1 in random order.
    let permutation (source: MersenneTwister) backend dtype (n: int) : Tensor =
        let order = Array.init n int64

        for i in 0 .. n - 2 do
            let j = i + int (source.Word() % uint32 (n - i))
            let swapped = order[i]
            order[i] <- order[j]
            order[j] <- swapped

        integers backend dtype [| n |] order

    /// Ones with one probability, zeros else.
    let bernoulli (source: MersenneTwister) backend dtype shape (p: float) : Tensor =
        if isThere backend dtype then
            let drawn = drawnThere source backend RandomUniform Float32 shape
            Engine.cast dtype (Operands.withRight Functions.lt drawn (Real p))
        else
            real backend dtype shape (fun () -> if source.Double() < p then 1.0 else 0.0)

    /// Ones, each with its own probability, zeros else.
    let bernoulliOf (source: MersenneTwister) (p: Tensor) : Tensor =
        let probabilities =
            MemoryMarshal.Cast<byte, float>(ReadOnlySpan(Creation.toBytes (Engine.cast Float64 (Structure.detach p)))).ToArray()

        let draw q =
            if (if p.Dtype = Float64 then source.Double() else source.Single()) < q then
                1.0
            else
                0.0

        doubles p.Backend p.Shape (probabilities |> Array.map draw) |> Engine.cast p.Dtype

    /// Exponentially distributed numbers.
    let exponential (source: MersenneTwister) backend dtype shape (rate: float) : Tensor =
        real backend dtype shape (fun () -> -1.0 / rate * Math.Log(1.0 - source.Double()))

    /// Slopes for elements that are not above 0, drawn from [low, high), and 1 for the others, for which nothing is drawn.
    let slopes (source: MersenneTwister) (low: float) (high: float) (t: Tensor) : Tensor =
        let numbers =
            MemoryMarshal.Cast<byte, float>(ReadOnlySpan(Creation.toBytes (Engine.cast Float64 (Structure.detach t)))).ToArray()

        let draw x = if x <= 0.0 then source.Double() * (high - low) + low else 1.0
        doubles t.Backend t.Shape (numbers |> Array.map draw) |> Engine.cast t.Dtype
