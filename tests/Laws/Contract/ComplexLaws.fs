/// Complex numbers at sizes where kernels take tiles, lines and threads: every backend against the reference.
module Functional.Laws.Contract.ComplexLaws

open System
open System.Numerics
open Expecto
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Agreement

let private complexes dtype (bytes: byte[]) = scalars dtype bytes |> Array.map _.AsComplex

/// Results are as far from the reference's as `room` times the precision of the dtype, for numbers around `scale`.
let private near what room dtype (expected: Complex[]) (actual: Complex[]) =
    let scale = expected |> Array.fold (fun most z -> max most (Complex.Abs z)) 1.0
    Expect.equal actual.Length expected.Length $"{what}: the number of elements"

    for i in 0 .. expected.Length - 1 do
        let allowed = room * epsilon (Dtype.toReal dtype) * scale

        if not (Complex.Abs(actual[i] - expected[i]) <= allowed) then
            failtest $"{what}: element {i} of {expected.Length} is {actual[i]}, the reference has {expected[i]} (room {allowed})"

/// Compares what an operation gives on every subject, as often as asked for: kernels are compiled when they repeat.
let private agrees what room times (operation: IBackend -> Functional.Contract.Buffer) =
    let expected = operation Reference.backend
    let wanted = complexes expected.Dtype (download Reference.backend expected)

    for subject in current () do
        for time in 1..times do
            let actual = operation subject.Backend
            Expect.equal actual.Dtype expected.Dtype $"{what}: dtype"

            near
                $"{what} on {subject.Backend.Name}, time {time}"
                room
                expected.Dtype
                wanted
                (complexes actual.Dtype (download subject.Backend actual))

let private both = [ Complex64; Complex128 ]

let private looks =
    [ plain
      { plain with Layouts = [ Dense; Stepped ]; Lead = 3 }
      { plain with Layouts = [ Reversed; Dense ]; Turn = 5 }
      { plain with Layouts = [ Repeated; Dense ] } ]

/// An expression of as many complex arguments, for rows long and short.
let private pointwise name room arguments (expression: ScalarExpr) =
    testList
        name
        [ for dtype in both do
              test (Dtype.name dtype) {
                  let lowered = Program.lower (Array.create arguments dtype) Float32 [| struct (expression, dtype) |]

                  for shape in [ [| 37; 41 |]; [| 3; 2500 |] ] do
                      for look in looks do
                          let inputs = List.init arguments (fun i -> sample dtype shape { look with Seed = 10 + i })

                          agrees name room 2 (fun backend ->
                              let output = backend.Allocate(dtype, Shape.count shape)
                              let views = inputs |> List.map (upload backend) |> Array.ofList
                              backend.Pointwise(lowered.Program, shape, views, lowered.Constants, [| output |])
                              output)
              } ]

let private unary name room op = pointwise name room 1 (Unary(op, Arg 0))
let private binary name room op = pointwise name room 2 (Binary(op, Arg 0, Arg 1))

let private functions =
    [ unary "exp" 64.0 Exp
      unary "log" 64.0 Log
      unary "sqrt" 64.0 Sqrt
      // The reference's formula loses digits near the poles.
      unary "tanh" 8192.0 Tanh
      unary "asin" 64.0 Asin
      unary "acosh" 64.0 Acosh
      unary "reciprocal" 64.0 Reciprocal
      unary "sigmoid" 64.0 Sigmoid
      unary "conj" 0.0 Conjugate
      binary "mul" 16.0 Mul
      binary "div" 64.0 Div
      binary "pow" 64.0 Pow
      // Several passes through registers of real and complex numbers.
      pointwise
          "mixed"
          64.0
          2
          (ScalarExpr.select (ScalarExpr.lt (Unary(Abs, Arg 0)) (Unary(RealPart, Arg 1))) (Arg 0 * Arg 1) (Arg 1)) ]

let private repeated = test "a compiled kernel gives what the interpreter gives" {
    let lowered = Program.lower [| Complex64; Complex64 |] Float32 [| struct (Arg 0 * Arg 1 + Arg 0, Complex64) |]
    let shape = [| 20011 |]
    let a, b = sample Complex64 shape plain, sample Complex64 shape { plain with Seed = 2 }

    agrees "mul add" 16.0 60 (fun backend ->
        let output = backend.Allocate(Complex64, 20011)

        backend.Pointwise(lowered.Program, shape, [| upload backend a; upload backend b |], lowered.Constants, [| output |])

        output)
}

let matMul = test "complex matmul" {
    for dtype in both do
        for batch, m, k, n in [ [||], 33, 47, 29; [| 3 |], 1, 40, 20; [| 2; 2 |], 17, 1, 5; [| 4 |], 8, 9, 1; [||], 5, 0, 4 ] do
            for look in looks do
                let a = sample dtype (Array.append batch [| m; k |]) look
                let b = sample dtype (Array.append batch [| k; n |]) { look with Seed = 5; Layouts = [ Repeated ] }
                let room = 8.0 * float (k + 1)
                agrees "matmul" room 1 (fun backend -> backend.MatMul(upload backend a, upload backend b))
}

let private folds = test "sums, products and scans" {
    let whole dtype = Program.lower [| dtype |] Float32 [| struct (Arg 0, dtype) |]

    for dtype in both do
        for look in looks do
            let shape = [| 13; 17; 5 |]
            let source = sample dtype shape look
            let lowered = whole dtype

            for axes in [ [||]; [| 0 |]; [| 2 |]; [| 0; 2 |] ] do
                // Products over more are out of range.
                for reduction, room in
                    [ (Sum, 512.0)
                      if axes.Length = 1 then
                          (Product, 4096.0) ] do
                    agrees $"{reduction} over {Shape.format axes}" room 1 (fun backend ->
                        backend.Reduce(reduction, lowered.Program, shape, [| upload backend source |], lowered.Constants, axes))

            for kind in [ CumulativeSum; CumulativeProduct ] do
                for reverse in [ false; true ] do
                    agrees $"{kind}" 512.0 1 (fun backend -> backend.Scan(kind, upload backend source, 1, reverse))
}

let private lengths = [ 1; 2; 3; 4; 5; 6; 7; 8; 12; 16; 31; 37; 60; 64; 74; 97; 121; 128; 210; 360; 509; 512 ]

let private fourier = test "Fourier transforms of every kind of length, along any axis" {
    for dtype in both do
        for n in lengths do
            for shape, axis in [ [| n |], 0; [| n; 5 |], 0; [| 3; n |], 1; [| 2; n; 19 |], 1 ] do
                if n < 200 || shape.Length < 3 then
                    for look in [ plain; { plain with Turn = 3; Lead = 1 } ] do
                        let source = sample dtype shape look

                        for inverse in [ false; true ] do
                            agrees $"transform of {n} in {Shape.format shape}" 64.0 1 (fun backend ->
                                backend.Fourier(upload backend source, axis, inverse))
}

let private longSums = test "sums of rows longer than a block" {
    for dtype in both do
        let shape = [| 3; 20011 |]
        let source = sample dtype shape plain
        let lowered = Program.lower [| dtype |] Float32 [| struct (Arg 0, dtype) |]

        for axes in [ [| 1 |]; [||] ] do
            agrees $"sum over {Shape.format axes}" 512.0 1 (fun backend ->
                backend.Reduce(Sum, lowered.Program, shape, [| upload backend source |], lowered.Constants, axes))
}

/// A transform and back, for lengths that the reference would take too long for.
let private there = test "a transform and its inverse give the signal back" {
    for dtype in both do
        for n in [ 4096; 6561; 10007; 1 <<< 17; 100000 ] do
            let source = sample dtype [| n |] plain
            let wanted = complexes dtype source.Bytes |> Array.map (fun z -> z * float n)

            for subject in current () do
                let spectrum = subject.Backend.Fourier(upload subject.Backend source, 0, false)
                let back = subject.Backend.Fourier(View.contiguous [| n |] spectrum, 0, true)
                near $"there and back {n}" 64.0 dtype wanted (complexes dtype (download subject.Backend back))
}

let large = test "complex kernels give the same bits for any number of threads" {
    let shape = [| 300; 350 |]
    let a, b = sample Complex64 shape plain, sample Complex64 shape { plain with Seed = 2 }

    let lowered =
        Program.lower [| Complex64; Complex64 |] Float32 [| struct (Unary(Tanh, Arg 0 / Arg 1), Complex64) |]

    sameForAnyThreads (fun backend ->
        let output = backend.Allocate(Complex64, Shape.count shape)
        let views = [| upload backend a; upload backend b |]
        backend.Pointwise(lowered.Program, shape, views, lowered.Constants, [| output |])
        [ output; backend.Fourier(views[0], 0, false); backend.Fourier(views[1], 1, true) ])
}

/// Fourier transforms alone.
let transforms = testList "transforms" [ fourier ]

let tests =
    testList "Complex numbers" [ testList "functions" functions; repeated; matMul; folds; longSums; transforms; there ]
