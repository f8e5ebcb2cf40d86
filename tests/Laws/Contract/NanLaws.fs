/// What is no number, and what is infinite, comes out of every kernel where the reference has it: a comparison that a compiler turned
/// around would lose it.
module Functional.Laws.Contract.NanLaws

open Expecto
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement
open Functional.Laws.Contract.Programs

/// Tame numbers with nan, infinities and zeros in between, in changing company.
let private holed dtype shape seed =
    let strange = [| nan; infinity; -infinity; 0.0; -0.0; nan; 1.0 |]
    let place = ref seed

    sample dtype shape { plain with Seed = seed }
    |> map (fun value ->
        place.Value <- place.Value + 1

        if place.Value % 3 = 0 then
            Real strange[place.Value / 3 % strange.Length]
        else
            value)

/// The same with nan alone: what becomes of infinities depends on how a product is written.
let private punched dtype shape seed =
    holed dtype shape seed |> map (fun value -> if infinity = abs value.AsFloat then Real 1.0 else value)

/// Numbers may be any numbers; nan and infinities are where they are.
let private anyNumber (_: Dtype) : Tolerance = fun _ _ -> infinity

let private dtypes = [ Float32; BFloat16 ]

let private pointwise name operands result (expression: ScalarExpr) = test name {
    for dtype in [ Float32; Float64 ] do
        let inputs = [ for i in 1..operands -> holed dtype [| 210 |] i ]
        let result = result dtype
        let lowered = Program.lower (Array.create operands dtype) dtype [| struct (expression, result) |]

        agree anyNumber (fun backend ->
            let output = backend.Allocate(result, 210)
            let views = inputs |> List.map (upload backend) |> List.toArray
            backend.Pointwise(lowered.Program, [| 210 |], views, lowered.Constants, [| output |])
            [ output ])
}

let private unary op = pointwise $"{op}" 1 id (Unary(op, Arg 0))
let private binary op = pointwise $"{op}" 2 id (Binary(op, Arg 0, Arg 1))

let private functions =
    [ yield! exactUnary @ roughUnary |> List.map unary
      yield! exactBinary @ roughBinary |> List.map binary
      for op in comparisons do
          pointwise $"{op}" 2 (fun _ -> Bool) (Compare(op, Arg 0, Arg 1))
          // The same where something is chosen by it.
          pointwise $"select by {op}" 2 id (Select(Compare(op, Arg 0, Arg 1), Arg 0, Arg 1)) ]

let private casts = test "casts" {
    for source in floatingDtypes do
        for target in floatingDtypes @ [ Bool ] do
            let lowered = Program.lower [| source |] target [| struct (Cast(target, Arg 0), target) |]
            let input = holed source [| 210 |] 1

            agree anyNumber (fun backend ->
                let output = backend.Allocate(target, 210)
                backend.Pointwise(lowered.Program, [| 210 |], [| upload backend input |], lowered.Constants, [| output |])
                [ output ])
}

let private reductions =
    [ for reduction in [ Sum; Product; Maximum; Minimum; ArgMaximum; ArgMinimum ] do
          test $"{reduction}" {
              for dtype in [ Float32; Float64 ] do
                  for shape, axes in [ [| 9; 7 |], [| 0 |]; [| 2; 900 |], [| 1 |] ] do
                      let source = holed dtype shape 1
                      let lowered = Program.lower [| dtype |] dtype [| struct (Arg 0, dtype) |]

                      agree anyNumber (fun backend ->
                          [ backend.Reduce(
                                reduction,
                                lowered.Program,
                                shape,
                                [| upload backend source |],
                                lowered.Constants,
                                axes
                            ) ])
          } ]

let private scans =
    [ for kind in
          [ CumulativeSum
            CumulativeProduct
            CumulativeMaximum
            CumulativeMinimum
            CumulativeArgMaximum
            CumulativeArgMinimum ] do
          test $"{kind}" {
              for dtype in dtypes do
                  let source = holed dtype [| 8; 25 |] 1

                  for axis in [ 0; 1 ] do
                      agree anyNumber (fun backend -> [ backend.Scan(kind, upload backend source, axis, false) ])
          } ]

/// Rows of which some are whole, and some have nan or infinities.
let private rowsOf dtype =
    let place = ref 0

    sample dtype [| 12; 10 |] plain
    |> map (fun value ->
        place.Value <- place.Value + 1

        match (place.Value - 1) / 10, place.Value % 10 with
        | (2 | 5), 4 -> Real nan
        | (3 | 5), 1 -> Real infinity
        | (6 | 7), 0 -> Real -infinity
        | 8, _ -> Real -infinity
        | _ -> value)

let private rows =
    [ for kernel in [ Softmax; LogSoftmax; NormalizeRow 1e-5 ] do
          test $"{kernel} and its pullback" {
              for dtype in dtypes do
                  let source, cotangent = rowsOf dtype, sample dtype [| 12; 10 |] { plain with Seed = 2 }
                  agree anyNumber (fun backend -> [ backend.Rows(kernel, upload backend source) ])

                  agree anyNumber (fun backend ->
                      [ backend.RowsPullback(kernel, upload backend (punched dtype [| 12; 10 |] 1), upload backend cotangent) ])
          }

      test "cross entropy and its pullback" {
          for dtype in dtypes do
              let source, classes = rowsOf dtype, indices 10 [| 12 |] plain

              agree anyNumber (fun backend -> [ backend.CrossEntropyRows(upload backend source, upload backend classes) ])

              agree anyNumber (fun backend ->
                  let cotangent = upload backend (punched dtype [| 12 |] 1)
                  [ backend.CrossEntropyRowsPullback(upload backend source, upload backend classes, cotangent) ])
      }

      test "layer norm and its pullback" {
          for dtype in dtypes do
              let source = rowsOf dtype
              let weight, bias = sample dtype [| 10 |] plain, punched dtype [| 10 |] 4

              agree anyNumber (fun backend ->
                  [ backend.NormalizeRows(upload backend source, 1e-5, upload backend weight, upload backend bias) ])

              agree anyNumber (fun backend ->
                  backend.NormalizeRowsPullback(
                      upload backend (sample dtype [| 12; 10 |] plain),
                      1e-5,
                      upload backend weight,
                      upload backend (punched dtype [| 12; 10 |] 3)
                  )
                  |> List.ofArray)
      } ]

let private windows =
    let geometry: WindowGeometry =
        { Input = [| 9; 8 |]
          Output = [| 5; 4 |]
          Kernel = [| 3; 2 |]
          Stride = [| 2; 2 |]
          Padding = [| 1; 0 |]
          Dilation = [| 1; 1 |] }

    [ for kind in [ WindowArgMaximum; WindowSum; WindowSumTranspose ] do
          test $"{kind}" {
              for dtype in dtypes do
                  let source =
                      holed
                          dtype
                          (Array.append [| 2; 3 |] (if kind = WindowSumTranspose then geometry.Output else geometry.Input))
                          1

                  agree anyNumber (fun backend -> [ backend.Window(kind, geometry, upload backend source) ])
          } ]

let private scatters =
    [ for mode in [ ScatterAdd; ScatterSet; ScatterMaximum; ScatterMinimum; ScatterProduct ] do
          test $"{mode}" {
              for dtype in dtypes do
                  let target, source = holed dtype [| 4; 6 |] 1, holed dtype [| 9; 6 |] 2
                  let index = indices 4 [| 9; 6 |] plain

                  agree anyNumber (fun backend ->
                      [ backend.Scatter(mode, upload backend target, 0, upload backend index, upload backend source) ])
          } ]

let private products = test "products of matrices" {
    for dtype in dtypes do
        let left, right = sample dtype [| 20; 30 |] plain, sample dtype [| 30; 25 |] { plain with Seed = 2 }

        let one place (source: Sample) =
            let at = ref 0

            source
            |> map (fun value ->
                at.Value <- at.Value + 1
                if at.Value = place then Real nan else value)

        agree anyNumber (fun backend -> [ backend.MatMul(upload backend (one 47 left), upload backend right) ])
        agree anyNumber (fun backend -> [ backend.MatMul(upload backend left, upload backend (one 101 right)) ])
}

let private attention = test "attention" {
    for dtype in [ Float32; Float64 ] do
        for place in 0..2 do
            let holes i shape seed =
                let at = ref 0

                sample dtype shape { plain with Seed = seed }
                |> map (fun value ->
                    at.Value <- at.Value + 1
                    if i = place && at.Value = 8 then Real nan else value)

            let query, key, values = holes 0 [| 2; 9; 4 |] 1, holes 1 [| 2; 11; 4 |] 2, holes 2 [| 2; 11; 3 |] 3

            agree anyNumber (fun backend ->
                let operands =
                    { Query = upload backend query
                      Key = upload backend key
                      Values = upload backend values
                      Mask = ValueNone
                      IsCausal = false
                      Scale = 0.5 }

                [ backend.Attend operands ])
}

let private sorting = test "sorting" {
    for dtype in floatingDtypes do
        for descending in [ false; true ] do
            agree exact (fun backend -> [ backend.ArgSort(upload backend (holed dtype [| 3; 50 |] 1), 1, descending, 50) ])
}

let private kernels =
    [ testList "reductions" reductions
      testList "scans" scans
      testList "rows" rows
      testList "windows" windows
      testList "scatter" scatters
      products
      attention
      sorting ]

/// Where every function costs a kernel to compile: those alone whose code compares most.
let some =
    let functions =
        (List.map unary [ Unary.Exp; Unary.Tanh; Unary.Log; Unary.Erf; Unary.Round; Unary.Sigmoid ])
        @ (List.map binary [ Binary.Max; Binary.Min; Binary.Pow ])

    testList "Nan" (testList "functions" functions :: kernels)

let tests = testList "Nan" (testList "functions" functions :: casts :: kernels)
