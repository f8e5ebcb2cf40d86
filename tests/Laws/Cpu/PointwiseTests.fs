/// Pointwise programs on the CPU: accuracy over all exponents, and the same bits whatever way a program is run.
module Functional.Laws.Cpu.PointwiseTests

open System
open System.Runtime.InteropServices
open Expecto
open Functional.Cpu
open Functional.Contract

let private cpu: IBackend = CpuBackend.Instance

let private upload dtype (values: 'T[]) =
    let buffer = cpu.Allocate(dtype, values.Length)
    cpu.Upload(MemoryMarshal.AsBytes(ReadOnlySpan values), buffer)
    buffer

let private bytes (buffer: Functional.Contract.Buffer) =
    let result: byte[] = Array.zeroCreate (buffer.Length * Dtype.size buffer.Dtype)
    cpu.Download(buffer, 0, result.AsSpan())
    result

let private single (buffer: Functional.Contract.Buffer) = MemoryMarshal.Cast<byte, float32>(ReadOnlySpan(bytes buffer)).ToArray()

/// How many steps of the result's precision an answer is away from the exact one; infinite where the kinds differ.
let private ulps (actual: float32) (exact: float) =
    let rounded = float32 exact

    if Single.IsNaN actual || Single.IsNaN rounded then
        if Single.IsNaN actual && Single.IsNaN rounded then 0.0 else infinity
    elif actual = rounded then
        0.0
    elif Single.IsInfinity actual || Single.IsInfinity rounded then
        // One step beyond the largest number is infinity.
        if max (abs exact) (abs (float actual)) > 3.4e38 then 1.0 else infinity
    else
        let size = abs rounded

        let step =
            if size > 1e38f then
                size - MathF.BitDecrement size
            else
                MathF.BitIncrement size - size

        abs (float actual - exact) / float step

/// Every so many-th bit pattern: all exponents, both signs, subnormals, infinities and nans.
let private patterns step =
    Array.init (int (4294967296L / int64 step)) (fun i -> BitConverter.UInt32BitsToSingle(uint32 (int64 i * int64 step)))

let private sweep op bound step (exact: float -> float) =
    testCase $"{op} stays within {bound} ulp over all exponents" (fun () ->
        let inputs = patterns step
        let lowered = Program.lower [| Float32 |] Float32 [| struct (Unary(op, Arg 0), Float32) |]
        let output = cpu.Allocate(Float32, inputs.Length)
        let view = View.contiguous [| inputs.Length |] (upload Float32 inputs)
        cpu.Pointwise(lowered.Program, [| inputs.Length |], [| view |], lowered.Constants, [| output |])
        let results = single output
        let worst = Array.init inputs.Length (fun i -> ulps results[i] (exact (float inputs[i])))
        let at = worst |> Array.mapi (fun i w -> w, i) |> Array.maxBy fst |> snd
        Expect.isLessThanOrEqual worst[at] bound $"{op} of {inputs[at]} is {results[at]}")

let private accuracy =
    let sigmoid x = if x < 0.0 then exp x / (1.0 + exp x) else 1.0 / (1.0 + exp -x)

    testList
        "accuracy"
        [ sweep Unary.Exp 1.0 4099 exp
          sweep Unary.Exp2 1.0 4099 (fun x -> Math.Pow(2.0, x))
          sweep Unary.Expm1 2.0 4099 SpecialFunctions.expm1
          sweep Unary.Log 1.0 4099 log
          sweep Unary.Log2 2.0 4099 Math.Log2
          sweep Unary.Log10 2.0 4099 log10
          sweep Unary.Log1p 2.0 4099 SpecialFunctions.log1p
          sweep Unary.Tanh 2.0 4099 tanh
          sweep Unary.Sigmoid 2.0 4099 sigmoid
          sweep Unary.Sinh 2.0 4099 sinh
          sweep Unary.Cosh 2.0 4099 cosh
          sweep Unary.Sin 2.0 4099 sin
          sweep Unary.Cos 2.0 4099 cos
          sweep Unary.Tan 2.0 4099 tan
          sweep Unary.Asinh 2.0 65537 Math.Asinh
          sweep Unary.Atan 2.0 65537 atan
          sweep Unary.Erf 4.0 262147 SpecialFunctions.erf
          sweep Unary.Erfc 4.0 262147 SpecialFunctions.erfc ]

let private power =
    testCase "Pow stays within 2 ulp, and keeps IEEE's special cases" (fun () ->
        let special = [| 0.0f; -0.0f; 1.0f; -1.0f; 2.0f; -3.0f; 0.5f; -2.5f; infinityf; -infinityf; nanf; 1e-40f; 3e38f |]
        let random = Random 5
        let count = 300000

        let draw i =
            if i < special.Length * special.Length then
                special[i / special.Length], special[i % special.Length]
            else
                float32 (exp ((random.NextDouble() - 0.5) * 40.0)), float32 ((random.NextDouble() - 0.5) * 20.0)

        let bases, exponents = Array.init count draw |> Array.unzip
        let lowered = Program.lower [| Float32; Float32 |] Float32 [| struct (Binary(Pow, Arg 0, Arg 1), Float32) |]
        let output = cpu.Allocate(Float32, count)

        let views =
            [| bases; exponents |] |> Array.map (fun values -> View.contiguous [| count |] (upload Float32 values))

        cpu.Pointwise(lowered.Program, [| count |], views, lowered.Constants, [| output |])
        let results = single output

        for i in 0 .. count - 1 do
            let off = ulps results[i] (Math.Pow(float bases[i], float exponents[i]))
            Expect.isLessThanOrEqual off 2.0 $"{bases[i]} ^ {exponents[i]} is {results[i]}")

/// A random program over a few inputs of one dtype, as an expression for each output.
let private randomProgram (random: Random) dtype inputs =
    let pick (choices: 'T[]) = choices[random.Next choices.Length]
    let numbers = ResizeArray<ScalarExpr>(List.init inputs Arg)
    numbers.Add(Constant(Integer 3L))
    let number () = numbers[random.Next numbers.Count]

    let unary =
        if Dtype.isFloating dtype then
            [| Unary.Exp
               Unary.Log
               Unary.Tanh
               Unary.Sigmoid
               Unary.Erf
               Unary.Sin
               Unary.Cos
               Unary.Sqrt
               Unary.Rsqrt
               Unary.Log1p
               Unary.Expm1
               Unary.Neg
               Unary.Abs
               Unary.Floor
               Unary.Round
               Unary.Tan
               Unary.Sinh
               Unary.Erfc
               Unary.Atan |]
        else
            [| Unary.Neg; Unary.Abs; Unary.Sign; Unary.BitwiseNot |]

    let binary =
        if Dtype.isFloating dtype then
            [| Add; Sub; Mul; Div; Max; Min; Pow; Remainder; Fmod; FloorDiv; CopySign |]
        else
            [| Add; Sub; Mul; Max; Min; And; Or; Xor; ShiftLeft; ShiftRight |]

    for _ in 0 .. random.Next 12 do
        let next =
            match random.Next 5 with
            | 0
            | 1 -> Unary(pick unary, number ())
            | 2
            | 3 -> Binary(pick binary, number (), number ())
            | _ -> Select(Compare(pick [| Eq; Ne; Lt; Le; Gt; Ge |], Arg 0, number ()), number (), number ())

        numbers.Add next

    let outputs = Array.init (1 + random.Next 3) (fun _ -> struct (number (), dtype))
    // The last expression is always one of them, or nothing would be computed.
    outputs[0] <- struct (numbers[numbers.Count - 1], dtype)
    Program.lower (Array.create inputs dtype) dtype outputs

let private randomView (random: Random) dtype (shape: Shape) mode =
    let rowMajor = Shape.rowMajor shape
    let last = shape.Length - 1

    let strides =
        match mode with
        | 1 -> Array.map (fun _ -> 0) rowMajor
        | 2 -> rowMajor |> Array.mapi (fun d s -> if d = last then s else 0)
        | 3 -> rowMajor |> Array.mapi (fun d s -> if d = last then 0 else s)
        | 4 -> rowMajor |> Array.map (fun s -> 2 * s)
        | _ -> rowMajor

    let length = 2 * Shape.count shape + 1

    let value () =
        match random.Next 12 with
        | 0 -> [| 0.0; -0.0; 1.0; infinity; -infinity; nan; 1e30; 40000.0 |][random.Next 8]
        | _ -> (random.NextDouble() - 0.5) * 20.0

    let buffer = cpu.Allocate(dtype, length)
    let raw: byte[] = Array.zeroCreate (length * Dtype.size dtype)

    for i in 0 .. length - 1 do
        Element.write
            dtype
            (raw.AsSpan())
            i
            (if Dtype.isFloating dtype then
                 Real(value ())
             else
                 Integer(random.NextInt64(-100L, 100L)))

    cpu.Upload(ReadOnlySpan raw, buffer)
    { Buffer = buffer; Offset = (if mode = 4 then 1 else 0); Shape = shape; Strides = strides }

/// Equal bits, but for nan, whose sign no operation promises.
let private sameBits dtype (a: byte[]) (b: byte[]) =
    a.AsSpan().SequenceEqual(ReadOnlySpan b)
    || (Dtype.isFloating dtype
        && Seq.forall
            (fun i ->
                let size = Dtype.size dtype
                let isNan (from: byte[]) = Double.IsNaN (Element.read dtype (ReadOnlySpan from) i).AsFloat
                a.AsSpan(i * size, size).SequenceEqual(ReadOnlySpan(b, i * size, size)) || (isNan a && isNan b))
            (seq { 0 .. a.Length / Dtype.size dtype - 1 }))

let private fresh (lowered: Lowered) shape =
    lowered.Program.Results |> Array.map (fun dtype -> cpu.Allocate(dtype, Shape.count shape))

let private tiers =
    testCase "a program that was compiled gives the interpreter's bits, with and without donation" (fun () ->
        for seed in 1..60 do
            let random = Random seed
            let dtype = [| Float32; Float32; Float64; Int32; Int64 |][random.Next 5]
            let inputs = 1 + random.Next 3
            let shape = [| [| 3001 |]; [| 7; 300 |]; [| 97; 31 |]; [| 5; 1; 129 |]; [| 16; 8; 9 |] |][random.Next 5]
            let lowered = randomProgram random dtype inputs
            let views = Array.init inputs (fun i -> randomView random dtype shape (if i = 0 then 0 else random.Next 5))
            let run outputs views = cpu.Pointwise(lowered.Program, shape, views, lowered.Constants, outputs)
            let interpreted = fresh lowered shape
            run interpreted views

            // More than enough work for it to be compiled by now.
            let compiled = fresh lowered shape

            for _ in 0 .. 12000000 / Shape.count shape / (lowered.Program.Code.Length + 1) do
                run compiled views

            let donated = cpu.Allocate(dtype, Shape.count shape)
            cpu.Copy(views[0], View.contiguous shape donated)
            let overwriting = fresh lowered shape
            overwriting[0] <- donated
            run overwriting (Array.append [| View.contiguous shape donated |] views[1..])

            for i in 0 .. interpreted.Length - 1 do
                let expected = bytes interpreted[i]
                let message = $"seed {seed}, output {i} of\n{lowered.Program}"
                Expect.isTrue (sameBits dtype expected (bytes compiled[i])) message
                Expect.isTrue (sameBits dtype expected (bytes overwriting[i])) ("donated: " + message))

let private narrow =
    testCase "narrow inputs and results of compiled programs are the interpreter's" (fun () ->
        let count = 4013
        let random = Random 11
        let real dtype (x: ScalarExpr) = Cast(dtype, x)

        for dtype in [ Bool; UInt8; Int8; Int16; Float16; BFloat16 ] do
            for compute in [ Float32; Int32 ] do
                let raw: byte[] = Array.zeroCreate (count * Dtype.size dtype)
                random.NextBytes raw

                if dtype = Bool then
                    raw |> Array.iteri (fun i b -> raw[i] <- b &&& 1uy)

                let x = real compute (Arg 0)
                let y = Binary(Max, Binary(Sub, Binary(Mul, x, x), Arg 1), x)

                let lowered =
                    Program.lower
                        [| dtype; compute |]
                        compute
                        [| struct (Cast(dtype, y), dtype); struct (Compare(Lt, y, x), Bool); struct (y, compute) |]

                let buffer = cpu.Allocate(dtype, count)
                cpu.Upload(ReadOnlySpan raw, buffer)
                let views = [| View.contiguous [| count |] buffer; randomView random compute [| count |] 0 |]
                let run outputs = cpu.Pointwise(lowered.Program, [| count |], views, lowered.Constants, outputs)
                let interpreted = fresh lowered [| count |]
                run interpreted
                let compiled = fresh lowered [| count |]

                for _ in 0..600 do
                    run compiled

                for i in 0..2 do
                    let result = lowered.Program.Results[i]

                    Expect.isTrue
                        (sameBits result (bytes interpreted[i]) (bytes compiled[i]))
                        $"{dtype} in {compute}, output {i}")

let private sizes =
    testCase "a result does not depend on how many others are computed with it" (fun () ->
        let random = Random 9
        let values = Array.init 4099 (fun _ -> float32 ((random.NextDouble() - 0.5) * 20.0))

        for op in [ Unary.Exp; Unary.Log; Unary.Tanh; Unary.Sin; Unary.Erf ] do
            let lowered = Program.lower [| Float32 |] Float32 [| struct (Unary(op, Arg 0), Float32) |]

            let run count =
                let output = cpu.Allocate(Float32, count)
                let view = View.contiguous [| count |] (upload Float32 values[.. count - 1])
                cpu.Pointwise(lowered.Program, [| count |], [| view |], lowered.Constants, [| output |])
                bytes output

            let all = run values.Length

            for count in [ 0; 1; 2; 7; 15; 16; 17; 63; 64; 65; 100; 1023; 1024; 1025; 4098 ] do
                Expect.isTrue (sameBits Float32 (run count) (Array.truncate (4 * count) all)) $"{op} of the first {count}")

let private threads =
    testCase "large programs give the same bits for any number of threads" (fun () ->
        let count = 300007
        let random = Random 4
        let values = Array.init count (fun _ -> float32 (random.NextDouble() * 4.0 - 2.0))
        let x = Arg 0

        let lowered =
            Program.lower [| Float32 |] Float32 [| struct (x * Unary(Unary.Tanh, Unary(Unary.Exp, x) + 1.0), Float32) |]

        let before = WorkerPool.Threads

        try
            let runs =
                [ for number in [ 1; 2; 5 ] do
                      WorkerPool.Threads <- number
                      let output = cpu.Allocate(Float32, count)
                      let view = View.contiguous [| count |] (upload Float32 values)
                      cpu.Pointwise(lowered.Program, [| count |], [| view |], lowered.Constants, [| output |])
                      bytes output ]

            Expect.allEqual (runs |> List.map (fun r -> sameBits Float32 runs.Head r)) true "bits"
        finally
            WorkerPool.Threads <- before)

let private zeroDivision =
    testCase "integers divided by zero raise an error, wherever the zero stands" (fun () ->
        for dtype in [ UInt8; Int8; Int16; Int32; Int64 ] do
            for op in [ Div; FloorDiv; Remainder; Fmod ] do
                let divisors = Array.create 2000 1uy
                divisors[1999] <- 0uy

                let lowered =
                    Program.lower [| UInt8 |] UInt8 [| struct (Binary(op, Cast(dtype, Arg 0), Cast(dtype, Arg 0)), dtype) |]

                let view = View.contiguous [| 2000 |] (upload UInt8 divisors)
                let output = cpu.Allocate(dtype, 2000)
                let run () = cpu.Pointwise(lowered.Program, [| 2000 |], [| view |], lowered.Constants, [| output |])
                Expect.throwsT<ArgumentValueException> run $"{op} of {Dtype.name dtype}")

let tests = testList "Pointwise" [ accuracy; power; tiers; narrow; sizes; threads; zeroDivision ]
