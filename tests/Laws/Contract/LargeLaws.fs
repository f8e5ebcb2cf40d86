/// Sizes at which kernels block, pack and split, against plain loops over whole numbers, where every sum is exact.
module Functional.Laws.Contract.LargeLaws

open Expecto
open FsCheck.FSharp
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement

/// The same elements, stored transposed: a view whose last two strides are exchanged.
let private transposed (sample: Sample) =
    let size = Dtype.size sample.Dtype
    let rows, columns = sample.Shape[0], sample.Shape[1]
    let bytes = Array.zeroCreate<byte> sample.Bytes.Length

    for i in 0 .. rows - 1 do
        for j in 0 .. columns - 1 do
            System.Array.Copy(sample.Bytes, (i * columns + j) * size, bytes, (j * rows + i) * size, size)

    { sample with Bytes = bytes; Strides = [| 1; rows |] }

let private edges = [ 1; 2; 5; 8; 12; 13; 14; 16; 26; 27; 31; 32; 33; 63; 64; 65; 127; 129; 200; 257; 260; 300 ]

let private matMul =
    let generate = gen {
        let! dtype = Gen.elements [ Float32; Float32; Float32; Float64; Float64; BFloat16; Int32; Int8 ]
        let! m = Gen.elements edges
        let! k = Gen.elements (513 :: 600 :: edges)
        let! n = Gen.elements edges
        let! turned = Gen.two (Gen.elements [ false; true ])
        return dtype, m, k, n, turned
    }

    let smaller (dtype, m, k, n, turned) = seq {
        if m > 1 then
            dtype, m / 2, k, n, turned

        if k > 1 then
            dtype, m, k / 2, n, turned

        if n > 1 then
            dtype, m, k, n / 2, turned
    }

    forEach 60 "matmul" generate smaller (fun (dtype, m, k, n, (turnA, turnB)) ->
        let a, left = whole dtype [| m; k |] (m + k)
        let b, right = whole dtype [| k; n |] (k + n + 1)
        let turn yes sample = if yes then transposed sample else sample
        let expected = Array.zeroCreate (m * n)

        for i in 0 .. m - 1 do
            for p in 0 .. k - 1 do
                let x = left[i * k + p]

                for j in 0 .. n - 1 do
                    expected[i * n + j] <- expected[i * n + j] + x * right[p * n + j]

        gives expected dtype (fun backend -> backend.MatMul(upload backend (turn turnA a), upload backend (turn turnB b))))

/// Attention over several blocks of queries and of keys.
let private attentionOverBlocks =
    [ for isCausal in [ false; true ] do
          for isMasked in [ false; true ] do
              test $"attention over blocks, causal: {isCausal}, masked: {isMasked}" {
                  let draw shape seed = sample Float32 shape { plain with Values = Small; Seed = seed }
                  let query, key, values = draw [| 2; 150; 5 |] 1, draw [| 2; 600; 5 |] 2, draw [| 2; 600; 3 |] 3
                  let mask, cotangent = draw [| 2; 150; 600 |] 4, draw [| 2; 150; 3 |] 5

                  let run (backend: IBackend) =
                      let operands =
                          { Query = upload backend query
                            Key = upload backend key
                            Values = upload backend values
                            Mask = (if isMasked then ValueSome(upload backend mask) else ValueNone)
                            IsCausal = isCausal
                            Scale = 0.3 }

                      let result = backend.Attend operands

                      let back =
                          backend.AttendPullback(operands, View.contiguous [| 2; 150; 3 |] result, upload backend cotangent)

                      result :: List.ofArray back

                  agree (fun _ expected _ -> 1e-4 * max 1.0 (abs expected.AsFloat)) run
              } ]

let private sums =
    let generate =
        Gen.zip (Gen.elements [ Float32; Float64; Int32; UInt8; BFloat16 ]) (Gen.two (Gen.elements [ 1; 3; 64; 257; 1000; 5000 ]))

    let affordable (_, (rows, columns)) = rows * columns <= 1000000

    forEach
        40
        "sums and positions of maxima"
        (Gen.where affordable generate)
        (fun _ -> Seq.empty)
        (fun (dtype, (rows, columns)) ->
            let source, x = whole dtype [| rows; columns |] (rows + columns)
            let lowered = Program.lower [| dtype |] dtype [| struct (Arg 0, Dtype.sum dtype) |]

            let reduce reduction axes (backend: IBackend) =
                backend.Reduce(reduction, lowered.Program, source.Shape, [| upload backend source |], lowered.Constants, axes)

            let row i = Array.sub x (i * columns) columns
            let column j = Array.init rows (fun i -> x[i * columns + j])
            let rowsOf f = Array.init rows (row >> f)
            let columnsOf f = Array.init columns (column >> f)
            let first values = Array.findIndex ((=) (Array.max values)) values
            gives (rowsOf Array.sum) (Dtype.sum dtype) (reduce Sum [| 1 |])
            gives (columnsOf Array.sum) (Dtype.sum dtype) (reduce Sum [| 0 |])
            gives [| Array.sum x |] (Dtype.sum dtype) (reduce Sum [||])
            gives (rowsOf first) Int64 (reduce ArgMaximum [| 1 |])
            gives (columnsOf first) Int64 (reduce ArgMaximum [| 0 |]))

/// Sums of a tensor and of one that is contiguous from row to row, often enough for the programs to be compiled.
let private turned =
    let added =
        [ for dtype in [ Float32; Float64; Int32; UInt8; BFloat16 ] ->
              dtype, Program.lower [| dtype; dtype |] dtype [| struct (Arg 0 + Arg 1, dtype) |] ]

    // Enough work for a program to be compiled.
    let compiled =
        lazy
            (for dtype, lowered in added do
                let cpu = Functional.Cpu.CpuBackend.Instance :> IBackend
                let view = View.contiguous [| 1 <<< 22 |] (cpu.Allocate(dtype, 1 <<< 22))

                for _ in 1..3 do
                    let result = cpu.Allocate(dtype, 1 <<< 22)
                    cpu.Pointwise(lowered.Program, view.Shape, [| view; view |], lowered.Constants, [| result |]))

    let generate =
        Gen.zip
            (Gen.elements added)
            (Gen.zip (Gen.elements [ 1; 2; 3 ]) (Gen.two (Gen.elements [ 15; 16; 17; 40; 128; 257; 300; 1100 ])))

    let affordable (_, (planes, (rows, columns))) = planes * rows * columns <= 400000

    forEach
        60
        "sums of turned tensors"
        (Gen.where affordable generate)
        (fun _ -> Seq.empty)
        (fun ((dtype, lowered), (planes, (rows, columns))) ->
            compiled.Force()
            let shape = [| planes; rows; columns |]
            let a, x = whole dtype shape 3
            let b, y = whole dtype [| planes; columns; rows |] 4

            let expected =
                Array.init x.Length (fun i ->
                    let plane, row, column = i / (rows * columns), i / columns % rows, i % columns
                    x[i] + y[(plane * columns + column) * rows + row])

            gives expected dtype (fun backend ->
                let other = { upload backend b with Shape = shape; Strides = [| rows * columns; 1; rows |] }

                let result = backend.Allocate(dtype, expected.Length)
                backend.Pointwise(lowered.Program, shape, [| upload backend a; other |], lowered.Constants, [| result |])
                result))

/// What is only moved and is so large that it goes around the caches, to memory that is in none.
let private moved =
    let cold (backend: IBackend) =
        for _ in 1..3 do
            backend.Allocate(Float32, 1 <<< 22).Release()

    let shape = [| 3; 500; 401 |]
    let place = [| 1; 2; 3 |]
    let wide = [| 5; 502; 405 |]

    [ test "padding around the caches" {
          let a, x = whole Float32 shape 1

          let expected =
              Array.init (Shape.count wide) (fun i ->
                  let at = [| i / (502 * 405) - 1; i / 405 % 502 - 2; i % 405 - 3 |]

                  if Array.forall2 (fun i size -> i >= 0 && i < size) at shape then
                      x[(at[0] * 500 + at[1]) * 401 + at[2]]
                  else
                      7)

          gives expected Float32 (fun backend ->
              cold backend
              let value = backend.Allocate(Float32, 1)
              backend.Upload(System.BitConverter.GetBytes 7.0f, value)
              backend.Pad(upload backend a, wide, place, View.contiguous Shape.scalar value))
      }
      test "gathering and joining around the caches" {
          let a, x = whole Float32 [| 1500; 401 |] 1
          let rows = Array.init 1400 (fun i -> i * 7919 % 1500)

          let index (backend: IBackend) count strides shape =
              let memory = backend.Allocate(Int64, count)

              let bytes =
                  Array.init count (fun i -> int64 rows[i % rows.Length] % 401L) |> Array.collect System.BitConverter.GetBytes

              backend.Upload(System.ReadOnlySpan bytes, memory)
              { Buffer = memory; Offset = 0; Shape = shape; Strides = strides }

          gives (Array.init (1400 * 401) (fun i -> x[rows[i / 401] % 401 * 401 + i % 401])) Float32 (fun backend ->
              cold backend
              backend.Gather(upload backend a, 0, index backend 1400 [| 1; 0 |] [| 1400; 401 |]))

          gives (Array.init (1500 * 1400) (fun i -> x[i / 1400 * 401 + rows[i % 1400] % 401])) Float32 (fun backend ->
              cold backend
              backend.Gather(upload backend a, 1, index backend (1500 * 1400) [| 1400; 1 |] [| 1500; 1400 |]))

          gives (Array.init (1500 * 802) (fun i -> x[i / 802 * 401 + i % 401])) Float32 (fun backend ->
              cold backend
              let result = backend.Allocate(Float32, 1500 * 802)

              for part in 0..1 do
                  backend.Copy(
                      upload backend a,
                      { Buffer = result; Offset = 401 * part; Shape = [| 1500; 401 |]; Strides = [| 802; 1 |] }
                  )

              result)
      } ]

/// Attention alone.
let attention = testList "attention" attentionOverBlocks

/// Each kind of hiding once, where the blocks take long.
let someAttention = testList "attention" [ attentionOverBlocks[1]; attentionOverBlocks[2] ]

let tests = testList "Large" ([ matMul; sums; turned; attention ] @ moved)
