/// What size and accuracy ask of the CPU kernels beyond agreeing with the reference on small cases.
module Functional.Laws.Cpu.KernelTests

open System
open System.Runtime.InteropServices
open Expecto
open Functional.Contract
open Functional.Cpu

let private cpu: IBackend = CpuBackend.Instance

let private ofArray dtype (values: 'T[]) (shape: Shape) =
    let buffer = cpu.Allocate(dtype, values.Length)
    cpu.Upload(MemoryMarshal.AsBytes(ReadOnlySpan values), buffer)
    View.contiguous shape buffer

let private toArray<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType> (buffer: Functional.Contract.Buffer) =
    let values: 'T[] = Array.zeroCreate buffer.Length
    cpu.Download(buffer, 0, MemoryMarshal.AsBytes(values.AsSpan()))
    values

let private transposed (view: View) = { view with Shape = Array.rev view.Shape; Strides = Array.rev view.Strides }

let private reduce reduction dtype (view: View) axes =
    let lowered = Program.lower [| dtype |] dtype [| struct (Arg 0, dtype) |]
    cpu.Reduce(reduction, lowered.Program, view.Shape, [| view |], [||], axes)

let private noise seed count =
    let random = Random(seed: int)
    Array.init count (fun _ -> float32 (random.NextDouble() * 2.0 - 1.0))

/// Sizes around the edges of registers, leaves, segments and chunks.
let private edges = [ 1; 2; 15; 16; 17; 31; 127; 128; 129; 1021; 2047; 2049; 32767; 32769; 100003 ]

let private accuracy =
    testCase "float32 sums of many like numbers are exact to a few units in the last place" (fun () ->
        for count in [ 1000; 100003; 3000017 ] do
            let values = Array.create count 0.1f
            let exact = float count * float 0.1f
            let sum = (reduce Reduction.Sum Float32 (ofArray Float32 values [| count |]) [||] |> toArray<float32>)[0]
            Expect.isLessThan (abs (float sum - exact) / exact) 3e-7 $"sum of {count}"

        // Down the rows: a plain running sum of 300,000 tenths is off by 1e-3.
        let rows, columns = 300001, 17

        let sums =
            reduce Reduction.Sum Float32 (ofArray Float32 (Array.create (rows * columns) 0.1f) [| rows; columns |]) [| 0 |]
            |> toArray<float32>

        let exact = float rows * float 0.1f
        Expect.all sums (fun sum -> abs (float sum - exact) / exact < 1e-6) "every column")

let private lengths =
    testCase "sums, extrema and positions at every length around the kernels' edges, forwards and across" (fun () ->
        for count in edges do
            let values = noise count (3 * count)
            let view = ofArray Float32 values [| 3; count |]

            for source, axis in [ view, 1; transposed view, 0 ] do
                let folded reduction = reduce reduction Float32 source [| axis |]
                let rows = values |> Array.chunkBySize count
                let sums = folded Reduction.Sum |> toArray<float32>
                Expect.equal (folded Reduction.Maximum |> toArray<float32>) (Array.map Array.max rows) $"max of {count}"
                Expect.equal (folded Reduction.Minimum |> toArray<float32>) (Array.map Array.min rows) $"min of {count}"
                let first best (row: float32[]) = Array.IndexOf(row, best row) |> int64

                Expect.equal
                    (folded Reduction.ArgMaximum |> toArray<int64>)
                    (Array.map (first Array.max) rows)
                    $"argmax of {count}"

                Expect.equal
                    (folded Reduction.ArgMinimum |> toArray<int64>)
                    (Array.map (first Array.min) rows)
                    $"argmin of {count}"

                Array.iter2
                    (fun sum row ->
                        Expect.isLessThan
                            (abs (float sum - Array.sumBy float row))
                            (1e-6 * float count + 1e-6)
                            $"sum of {count}")
                    sums
                    rows)

let private nanAnywhere =
    testCase "a nan at any place of a long row is the extremum, and its position" (fun () ->
        let count = 1000

        for place in [ 0; 1; 15; 16; 500; 983; 984; 998; 999 ] do
            let values = noise place count
            values[place] <- nanf
            let view = ofArray Float32 values [| count |]

            for reduction in [ Reduction.Maximum; Reduction.Minimum ] do
                let extremum = reduce reduction Float32 view [||] |> toArray<float32>
                Expect.isTrue (Single.IsNaN extremum[0]) $"{reduction} with nan at {place}"

            for reduction in [ Reduction.ArgMaximum; Reduction.ArgMinimum ] do
                Expect.equal
                    (reduce reduction Float32 view [||] |> toArray<int64>)
                    [| int64 place |]
                    $"{reduction} with nan at {place}")

let private onTheWay =
    testCase "large reductions of computed values agree with those of stored ones, along any axes" (fun () ->
        let square = Program.lower [| Float32 |] Float32 [| struct (Arg 0 * Arg 0, Float32) |]

        for shape in [ [| 200001 |]; [| 300; 401 |]; [| 3; 5; 7001 |]; [| 7; 130; 129 |]; [| 2; 1; 90000 |]; [| 90000; 3 |] ] do
            let values = noise shape.Length (Array.reduce (*) shape)
            let whole = ofArray Float32 values shape
            let squares = ofArray Float32 (values |> Array.map (fun x -> x * x)) shape

            for chosen in 1 .. (1 <<< shape.Length) - 1 do
                let axes =
                    [| for d in 0 .. shape.Length - 1 do
                           if chosen >>> d &&& 1 = 1 then
                               d |]

                for reduction in [ Reduction.Sum; Reduction.Maximum ] do
                    let computed = cpu.Reduce(reduction, square.Program, shape, [| whole |], [||], axes) |> toArray<float32>
                    let stored = reduce reduction Float32 squares axes |> toArray<float32>
                    let pairs = Array.zip computed stored

                    Expect.all
                        pairs
                        (fun (a, b) -> abs (a - b) <= 3e-6f * abs b)
                        $"{reduction} of {Shape.format shape} along %A{axes}")

let private copies =
    testCase "transposed copies of every size around a tile" (fun () ->
        for dtype in [ UInt8; Int16; Float32; Float64; Complex128 ] do
            let size = Dtype.size dtype

            for rows, columns in [ 1, 7; 7, 1; 8, 8; 15, 17; 31, 33; 64, 64; 100, 257 ] do
                let bytes = Array.zeroCreate (rows * columns * size)
                Random(rows).NextBytes bytes
                let buffer = cpu.Allocate(dtype, rows * columns)
                cpu.Upload(ReadOnlySpan bytes, buffer)
                let target = View.contiguous [| columns; rows |] (cpu.Allocate(dtype, rows * columns))
                cpu.Copy(View.contiguous [| rows; columns |] buffer |> transposed, target)
                let copied: byte[] = Array.zeroCreate bytes.Length
                cpu.Download(target.Buffer, 0, copied.AsSpan())

                let expected =
                    Array.init bytes.Length (fun i -> bytes[((i / size % rows) * columns + i / size / rows) * size + i % size])

                Expect.equal copied expected $"{dtype} {rows} x {columns}")

let private sorts =
    testCase "sorting is stable at every length, up and down, with ties, nan and signed zeros" (fun () ->
        for count in edges do
            let random = Random count
            let special = [| nanf; infinityf; -infinityf; 0.0f; -0.0f |]

            let values =
                Array.init count (fun _ ->
                    if random.Next 6 = 0 then
                        special[random.Next 5]
                    else
                        float32 (random.Next(-20, 20)))

            let order (a: float32) (b: float32) =
                if Single.IsNaN a || Single.IsNaN b then
                    compare (Single.IsNaN a) (Single.IsNaN b)
                elif a < b then
                    -1
                elif a > b then
                    1
                else
                    0

            for descending, sign in [ false, 1; true, -1 ] do
                let expected =
                    List.init count id
                    |> List.sortWith (fun i j -> sign * order values[i] values[j])
                    |> List.map int64
                    |> List.toArray

                let sorted = cpu.ArgSort(ofArray Float32 values [| count |], 0, descending, count) |> toArray<int64>
                Expect.equal sorted expected $"{count}, descending {descending}")

let private embeddingGradient =
    testCase "scattered rows add up in order, whatever their width" (fun () ->
        let rows, classes = 500, 7

        for width in [ 1; 3; 16; 127; 128; 129; 400 ] do
            let random = Random width
            let at = Array.init rows (fun _ -> int64 (random.Next classes))
            let values = noise width (rows * width)
            let expected: float32[] = Array.zeroCreate (classes * width)

            for i in 0 .. rows - 1 do
                for j in 0 .. width - 1 do
                    let place = int at[i] * width + j
                    expected[place] <- expected[place] + values[i * width + j]

            let zeros = { ofArray Float32 [| 0.0f |] [||] with Shape = [| classes; width |]; Strides = [| 0; 0 |] }
            let index = { ofArray Int64 at [| rows |] with Shape = [| rows; width |]; Strides = [| 1; 0 |] }
            let sums = cpu.Scatter(ScatterAdd, zeros, 0, index, ofArray Float32 values [| rows; width |])
            Expect.equal (toArray<float32> sums) expected $"width {width}")

let private softmaxRows =
    testCase "softmax of every row length sums to one, beside rows of huge and of equal numbers" (fun () ->
        for count in [ 1; 2; 3; 10; 15; 16; 17; 33; 100; 1000; 5000 ] do
            let values = noise count (4 * count)

            for i in 0 .. count - 1 do
                values[count + i] <- values[count + i] + 3e4f
                values[2 * count + i] <- -3e4f
                values[3 * count + i] <- 40.0f * values[3 * count + i]

            let rows = cpu.Rows(Softmax, ofArray Float32 values [| 4; count |]) |> toArray<float32> |> Array.chunkBySize count
            Expect.all rows (fun row -> abs (Array.sumBy float row - 1.0) < 1e-6) $"sums of {count}"
            Expect.all rows[2] (fun p -> abs (float p * float count - 1.0) < 1e-5) $"equal shares of {count}")

let tests =
    testList "Cpu kernels" [ accuracy; lengths; nanAnywhere; onTheWay; copies; sorts; embeddingGradient; softmaxRows ]
