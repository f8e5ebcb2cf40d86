/// Folding: reductions, scans, row kernels.
module Functional.Laws.Contract.FoldLaws

open System
open Expecto
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement

let private identity dtype result = Program.lower [| dtype |] dtype [| struct (Arg 0, result) |]

/// Some of the axes of a shape, chosen by bits.
let private someAxes rank (bits: int) =
    [| for d in 0 .. rank - 1 do
           if bits >>> d &&& 1 = 1 then
               d |]

/// Maxima of zeros of either sign are either zero; everything else is the reference's own.
let private extremum = exact

let private folded (axes: int[]) (shape: Shape) =
    let axes = if axes.Length = 0 then [| 0 .. shape.Length - 1 |] else axes
    axes |> Array.fold (fun n a -> n * shape[a]) 1

/// A reduction of a program over inputs, along axes.
let private reduce reduction (lowered: Lowered) (shape: Shape) axes inputs (backend: IBackend) =
    let parameters =
        lowered.Constants |> Array.mapi (fun i value -> Element.round lowered.Program.Parameters[i] value)

    [ backend.Reduce(reduction, lowered.Program, shape, inputs |> List.map (upload backend) |> List.toArray, parameters, axes) ]

let private sums =
    law "sums" { wanted with Elements = 2000 } (fun case ->
        let axes = someAxes case.Sizes.Length case.Choices[0]
        let result = Dtype.sum case.Dtype
        let lowered = identity case.Dtype result
        let input = sample case.Dtype case.Shape case.Looks[0]
        let run change = reduce Sum lowered case.Shape axes [ change input ]
        agreeScaled (summing (folded axes case.Shape)) (run magnitudes) (run id))

let private narrowSums =
    law
        "integer sums wrap in the dtype of the program"
        { wanted with Dtypes = numericDtypes |> List.filter Dtype.isInteger; Values = [ Wild ] }
        (fun case ->
            let lowered = identity case.Dtype case.Dtype
            let input = sample case.Dtype case.Shape case.Looks[0]
            let axes = someAxes case.Sizes.Length case.Choices[0]

            for reduction in [ Sum; Product ] do
                agree exact (reduce reduction lowered case.Shape axes [ input ]))

let private products =
    law
        "products"
        { wanted with
            Elements = 60
            Values = [ Tame; Spiced ]
            Dtypes = [ Float32; Float64; Int64; BFloat16 ] }
        (fun case ->
            let axes = someAxes case.Sizes.Length case.Choices[0]
            // A product may pass through values that float32 cannot hold while the reference's double can: keep them near 1.
            let near (value: Scalar) = if Dtype.isFloating case.Dtype then Real(1.0 + value.AsFloat / 8.0) else value
            let input = sample case.Dtype case.Shape case.Looks[0] |> map near
            let run change = reduce Product (identity case.Dtype case.Dtype) case.Shape axes [ change input ]
            agreeScaled (summing (folded axes case.Shape)) (run magnitudes) (run id))

let private extrema =
    [ for reduction in [ Maximum; Minimum; ArgMaximum; ArgMinimum ] do
          law $"{reduction}" { wanted with Values = [ Small; Spiced; Wild ]; Elements = 1000 } (fun case ->
              let rank = case.Sizes.Length

              let axes =
                  match reduction with
                  | ArgMaximum
                  | ArgMinimum when rank > 0 && case.Choices[1] % 4 > 0 -> [| case.Choices[0] % rank |]
                  | ArgMaximum
                  | ArgMinimum -> [||]
                  | _ -> someAxes rank case.Choices[0]

              agree
                  extremum
                  (reduce
                      reduction
                      (identity case.Dtype case.Dtype)
                      case.Shape
                      axes
                      [ sample case.Dtype case.Shape case.Looks[0] ])) ]

let private programs =
    law
        "what is folded may be computed on the way"
        { wanted with Dtypes = [ Float32; Float64; Int32; Int64; BFloat16; Float16 ]; Looks = 2 }
        (fun case ->
            let axes = someAxes case.Sizes.Length case.Choices[0]
            let difference = Arg 0 - Arg 1

            let expression =
                case.Choose(
                    1,
                    [ difference * difference
                      Arg 0 * Arg 1 + 2.0
                      ScalarExpr.select (ScalarExpr.gt (Arg 0) (Arg 1)) (Arg 0) (Arg 1 * 3.0) ]
                )

            let lowered = Program.lower [| case.Dtype; case.Dtype |] case.Dtype [| struct (expression, case.Dtype) |]
            let inputs = case.Looks |> List.map (sample case.Dtype case.Shape)
            let run change reduction = reduce reduction lowered case.Shape axes (inputs |> List.map change)
            // |a - b| is no larger than |a| + |b|, nor is its square larger than twice their squares: the factor covers it.
            let tolerance dtype : Tolerance =
                fun value magnitude ->
                    4.0 * summing (4 * folded axes case.Shape) dtype value magnitude
                    + 100.0 * epsilon dtype * float (folded axes case.Shape)

            agreeScaled tolerance (run magnitudes Sum) (run id Sum)

            agreeScaled
                (fun dtype -> fun value _ -> if Dtype.isFloating dtype then 8.0 * ulp dtype value.AsFloat else 0.0)
                (run id Maximum)
                (run id Maximum))

let private empty =
    testList
        "nothing"
        [ for reduction, expected in [ Sum, Some 0.0; Product, Some 1.0; Maximum, None; ArgMinimum, None ] do
              test $"{reduction} of no elements" {
                  let run = reduce reduction (identity Float32 Float32) [| 2; 0 |] [| 1 |] [ sample Float32 [| 2; 0 |] plain ]

                  match expected with
                  | Some value ->
                      agree exact run
                      let buffer = (run Reference.backend).Head

                      Expect.equal
                          (scalars Float32 (download Reference.backend buffer))
                          [| Real value; Real value |]
                          "the neutral element"
                  | None -> Expect.throwsT<IndexException> (fun () -> run Reference.backend |> ignore) "there is no extremum"

                  agree exact run
              } ]

let private scans =
    [ for kind in
          [ CumulativeSum
            CumulativeProduct
            CumulativeMaximum
            CumulativeMinimum
            CumulativeArgMaximum
            CumulativeArgMinimum ] do
          let folds = kind = CumulativeSum || kind = CumulativeProduct
          let dtypes = if folds then numericDtypes else realDtypes

          law $"{kind}" { wanted with Rank = 1, 4; Dtypes = dtypes; Values = [ Small; Spiced ] } (fun case ->
              let axis = case.Choose(0, [ 0 .. case.Sizes.Length - 1 ])
              let reverse = case.Choose(1, [ true; false ])

              let near (value: Scalar) =
                  if kind = CumulativeProduct && Dtype.isFloating case.Dtype then
                      Real(1.0 + value.AsFloat / 16.0)
                  else
                      value

              let source = sample case.Dtype case.Shape case.Looks[0] |> map near
              let run change (backend: IBackend) = [ backend.Scan(kind, upload backend (change source), axis, reverse) ]

              if folds then
                  // Half precision may keep its running value in float32 or in more.
                  agreeScaled (summing case.Sizes[axis]) (run magnitudes) (run id)
              else
                  agree exact (run id)) ]

let private rows =
    [ for kernel in [ Softmax; LogSoftmax; NormalizeRow 1e-5; NormalizeRow 0.1 ] do
          law $"{kernel}" { wanted with Dtypes = floatingDtypes; Values = [ Small; Tame; Spiced ]; Elements = 1000 } (fun case ->
              let source = sample case.Dtype case.Shape case.Looks[0]
              let compute = Dtype.compute case.Dtype

              let tolerance dtype : Tolerance =
                  fun value _ ->
                      let size = if case.Sizes.IsEmpty then 1 else List.last case.Sizes
                      // A row of equal elements has no spread but its rounding errors, which 1/sqrt(epsilon) makes larger.
                      let absolute =
                          match kernel with
                          | Softmax -> 0.0
                          | LogSoftmax -> 16.0 * epsilon compute
                          | NormalizeRow e -> 16.0 * epsilon compute * (1.0 + 1.0 / sqrt e)

                      2.0 * ulp dtype value.AsFloat + (8.0 + float size) * ulp compute value.AsFloat + absolute

              agree tolerance (fun backend -> [ backend.Rows(kernel, upload backend source) ])) ]

let private layerNorm =
    law
        "NormalizeRows is NormalizeRow, scaled and shifted"
        { wanted with Dtypes = floatingDtypes; Rank = 1, 4; Looks = 3; Values = [ Tame ]; Elements = 1000 }
        (fun case ->
            let columns = [| List.last case.Sizes |]
            let source = sample case.Dtype case.Shape case.Looks[0]
            let weight = sample case.Dtype columns case.Looks[1]
            let bias = sample case.Dtype columns case.Looks[2]

            let tolerance dtype : Tolerance =
                fun value _ ->
                    2.0 * ulp dtype value.AsFloat
                    + 4.0 * (32.0 + float columns[0]) * epsilon (Dtype.compute dtype) * (4.0 + abs value.AsFloat)

            agree tolerance (fun backend ->
                [ backend.NormalizeRows(upload backend source, 0.1, upload backend weight, upload backend bias) ]))

let private pullbacks =
    [ for kernel in [ Softmax; LogSoftmax; NormalizeRow 0.1 ] do
          law
              $"RowsPullback of {kernel}"
              { wanted with Dtypes = floatingDtypes; Rank = 1, 4; Looks = 3; Values = [ Tame ]; Elements = 1000 }
              (fun case ->
                  let point = sample case.Dtype case.Shape case.Looks[0]
                  let cotangent = sample case.Dtype case.Shape case.Looks[1]
                  let columns = List.last case.Sizes

                  let pullback (cotangent: Sample) (backend: IBackend) =
                      [ backend.RowsPullback(kernel, upload backend point, upload backend cotangent) ]

                  match kernel with
                  // The sum of n numbers, in whatever order, is off by n epsilon times the sum of their absolute values at most. It meets an
                  // exponential, and both count for as much as the result would come to if nothing cancelled.
                  | LogSoftmax ->
                      let tolerance dtype : Tolerance =
                          fun value scale ->
                              2.0 * ulp dtype value.AsFloat
                              + (8.0 + float columns) * epsilon (Dtype.compute dtype) * (8.0 + abs scale.AsFloat)

                      agreeScaled tolerance (pullback (magnitudes cotangent)) (pullback cotangent)
                  // Sums of a row of products of numbers up to 4, and then times such a number.
                  | Softmax
                  | NormalizeRow _ ->
                      let tolerance dtype : Tolerance =
                          fun value _ ->
                              2.0 * ulp dtype value.AsFloat
                              + (16.0 + 4.0 * sqrt (float columns)) * 64.0 * epsilon (Dtype.compute dtype)

                      agree tolerance (pullback cotangent)) ]

/// Losses of rows, and the cotangent of these. A row of no elements has no class.
let private crossEntropy =
    let wanted = { wanted with Dtypes = floatingDtypes; Rank = 1, 4; Looks = 3; Values = [ Tame ]; Elements = 1000 }

    // The logarithm of a sum of exponentials of numbers up to 8 apart, or such a share of a cotangent up to 4.
    let tolerance columns dtype : Tolerance =
        fun value _ ->
            2.0 * ulp dtype value.AsFloat
            + (16.0 + float columns) * epsilon (Dtype.compute dtype) * (8.0 + abs value.AsFloat)

    let check name run =
        law name wanted (fun case ->
            let columns = List.last case.Sizes
            let rows = Array.truncate (case.Shape.Length - 1) case.Shape

            if columns > 0 || Shape.count rows = 0 then
                let source = sample case.Dtype case.Shape case.Looks[0]
                let classes = indices columns rows case.Looks[1]
                let cotangent = sample case.Dtype rows case.Looks[2]

                agree (tolerance columns) (fun backend ->
                    [ run backend (upload backend source) (upload backend classes) (upload backend cotangent) ]))

    [ check "CrossEntropyRows" (fun (backend: IBackend) source classes _ -> backend.CrossEntropyRows(source, classes))
      check "CrossEntropyRowsPullback" (fun (backend: IBackend) source classes cotangent ->
          backend.CrossEntropyRowsPullback(source, classes, cotangent)) ]

let private layerNormPullback =
    law
        "NormalizeRowsPullback gives three cotangents"
        { wanted with Dtypes = floatingDtypes; Rank = 1, 4; Looks = 3; Values = [ Tame ]; Elements = 3000 }
        (fun case ->
            let columns = [| List.last case.Sizes |]
            let source = sample case.Dtype case.Shape case.Looks[0]
            let cotangent = sample case.Dtype case.Shape case.Looks[1]
            let weight = sample case.Dtype columns case.Looks[2]
            let rows = if columns[0] = 0 then 0 else Shape.count case.Shape / columns[0]

            // Sums of a row or of a column of products of numbers up to 4, in an order of the backend's own: partial sums of n terms up
            // to 16 reach 16 n, and n roundings of them take 16 n^2 epsilon at most; those that fall as they like take 16 n sqrt n.
            let terms = float (max columns[0] rows)

            let tolerance dtype : Tolerance =
                fun value _ ->
                    2.0 * ulp dtype value.AsFloat + (64.0 + 16.0 * terms) * (4.0 + sqrt terms) * epsilon (Dtype.compute dtype)

            agree tolerance (fun backend ->
                backend.NormalizeRowsPullback(upload backend source, 0.1, upload backend weight, upload backend cotangent)
                |> Array.toList))

/// Both members of batch norm; every channel has moments of its own.
let private channelNorm =
    let wanted = { wanted with Dtypes = floatingDtypes; Rank = 3, 3; Values = [ Tame ]; Elements = 6000 }

    // Sums of products of numbers up to 4, each rounded as often as there are terms at most.
    let tolerance (case: Case) dtype : Tolerance =
        let terms = float (case.Shape[0] * case.Shape[2])
        fun value _ -> 2.0 * ulp dtype value.AsFloat + (64.0 + 16.0 * terms) * (4.0 + sqrt terms) * epsilon (Dtype.compute dtype)

    [ law "ChannelMoments gives means and variances" { wanted with Looks = 1 } (fun case ->
          let source = sample case.Dtype case.Shape case.Looks[0]
          agree (tolerance case) (fun backend -> backend.ChannelMoments(upload backend source) |> Array.toList))
      law "NormalizeChannelsPullback gives three cotangents" { wanted with Looks = 5 } (fun case ->
          let column = [| case.Shape[1] |]
          let source = sample case.Dtype case.Shape case.Looks[0]
          let cotangent = sample case.Dtype case.Shape case.Looks[1]
          let weight = sample case.Dtype column case.Looks[2]
          let mean, variance = sample case.Dtype column case.Looks[3], sample case.Dtype column case.Looks[4]

          // 20 keeps any number up to 4 from being a root's.
          agree (tolerance case) (fun backend ->
              let up = upload backend

              backend.NormalizeChannelsPullback(up source, up mean, up variance, 20.0, up weight, up cotangent)
              |> Array.toList)) ]

let private groupNorm =
    [ for name in [ "NormalizeGroups"; "NormalizeGroupsPullback" ] do
          law
              name
              { wanted with
                  Dtypes = floatingDtypes
                  Rank = 3, 3
                  Looks = 3
                  Choices = 1
                  Values = [ Tame ]
                  Elements = 3000 }
              (fun case ->
                  let channels = case.Sizes[1]
                  let groups = case.Choose(0, [ 1 .. max 1 channels ] |> List.filter (fun g -> channels % g = 0))
                  let source = sample case.Dtype case.Shape case.Looks[0]
                  let weight = sample case.Dtype [| channels |] case.Looks[1]
                  let other shape = sample case.Dtype shape case.Looks[2]
                  // As of layer norm: a group's sums and those of a channel.
                  let terms = float (max (channels / groups * case.Sizes[2]) (case.Sizes[0] * case.Sizes[2]))

                  let tolerance dtype : Tolerance =
                      fun value _ ->
                          2.0 * ulp dtype value.AsFloat
                          + (64.0 + 16.0 * terms) * (4.0 + sqrt terms) * epsilon (Dtype.compute dtype)

                  agree tolerance (fun backend ->
                      let source, weight = upload backend source, upload backend weight

                      if name = "NormalizeGroups" then
                          [ backend.NormalizeGroups(source, groups, 0.1, weight, upload backend (other [| channels |])) ]
                      else
                          backend.NormalizeGroupsPullback(source, groups, 0.1, weight, upload backend (other case.Shape))
                          |> Array.toList)) ]

/// A matrix whose rows see places that lie near each other, or anywhere; some rows see none, or one place twice.
let private matrix (case: Case) columns : SparseMatrix =
    let bits = System.Random(case.Choices[1])
    let rows = case.Choose(2, [ columns; 1; 2 * columns + 1; 17; 40; 0 ])
    let deepest = if columns = 0 then 0 else case.Choose(3, [ 1; 2; 4; 20 ])
    let isNear = case.Choose(4, [ true; false ])
    let counts = Array.init rows (fun _ -> bits.Next(deepest + 1))

    let entries =
        counts
        |> Array.mapi (fun row count ->
            let middle = if isNear then row * columns / rows else bits.Next(max 1 columns)
            Array.init count (fun _ -> System.Math.Clamp(middle + bits.Next(-3, 4), 0, columns - 1)))
        |> Array.concat

    { Columns = columns
      Starts = Array.scan (+) 0 counts
      Places = entries
      Weights = entries |> Array.map (fun _ -> float (float32 (bits.NextDouble() * 2.0 - 1.0))) }

let private mixing =
    law
        "Mix is a sparse matrix along an axis"
        { wanted with
            Dtypes = floatingDtypes
            Rank = 1, 4
            Choices = 5
            Values = [ Small; Spiced ]
            Elements = 600 }
        (fun case ->
            let axis = case.Choose(0, [ 0 .. case.Sizes.Length - 1 ])
            let matrix = matrix case case.Sizes[axis]
            let source = sample case.Dtype case.Shape case.Looks[0]

            let run change (weights: float[]) (backend: IBackend) =
                [ backend.Mix({ matrix with Weights = weights }, upload backend (change source), axis) ]

            agreeScaled (summing 24) (run magnitudes (Array.map abs matrix.Weights)) (run id matrix.Weights))

let private transposes =
    law "a sparse matrix transposed" { wanted with Dtypes = [ Float64 ]; Rank = 1, 1; Choices = 5; Elements = 40 } (fun case ->
        let matrix = matrix case case.Sizes[0]

        let dense (m: SparseMatrix) =
            let table = Array2D.zeroCreate m.Rows m.Columns

            for row in 0 .. m.Rows - 1 do
                for k in m.Starts[row] .. m.Starts[row + 1] - 1 do
                    table[row, m.Places[k]] <- table[row, m.Places[k]] + m.Weights[k]

            table

        let there, back = dense matrix, dense matrix.Transpose
        Expect.equal (Array2D.length1 back, Array2D.length2 back) (matrix.Columns, matrix.Rows) "rows and columns"
        Array2D.iteri (fun i j value -> Expect.floatClose Accuracy.high back[j, i] value $"{i}, {j}") there)

/// Mean and variance of rows that lie far from 0, or begin with something far from the rest: where squares cancel.
let private farRows =
    law
        "NormalizeRow far from zero"
        { wanted with Dtypes = [ Float32; Float64 ]; Values = [ Tame ]; Rank = 1, 2; Elements = 3000 }
        (fun case ->
            let offset = case.Choose(0, [ 0.0; 100.0; 1000.0; -5000.0 ])
            let outlier = case.Choose(1, [ 0.0; 0.0; 1000.0; -30000.0 ])
            let columns = List.last case.Sizes

            let moved =
                sample case.Dtype case.Shape { plain with Seed = case.Looks[0].Seed }
                |> map (fun x -> Real(x.AsFloat + offset))

            let bytes = Array.copy moved.Bytes

            for i in 0 .. moved.Length / max 1 columns - 1 do
                Element.write case.Dtype (bytes.AsSpan()) (i * columns) (Real(offset + outlier))

            // What is subtracted is known to a unit in its last place at best.
            let tolerance dtype : Tolerance = fun _ _ -> epsilon dtype * (64.0 + abs offset)
            agree tolerance (fun backend -> [ backend.Rows(NormalizeRow 1.0, upload backend { moved with Bytes = bytes }) ]))

let private crowd name dtype (shape: Shape) operation = test name {
    let source = sample dtype shape { plain with Values = Tame }
    sameForAnyThreads (operation source)
}

/// What many threads share: these run by themselves.
let large =
    [ for shape in [ [| 500; 700 |]; [| 3; 120000 |]; [| 120000; 3 |] ] do
          for axes in [ [| 0 |]; [| 1 |]; [||] ] do
              crowd $"large folds of {Shape.format shape} along %A{axes}" Float32 shape (fun source backend ->
                  [ for reduction in [ Sum; Maximum; ArgMaximum ] do
                        yield! reduce reduction (identity Float32 Float32) shape axes [ source ] backend ])

          crowd $"large scans of {Shape.format shape}" Float32 shape (fun source backend ->
              [ for axis in 0..1 -> backend.Scan(CumulativeSum, upload backend source, axis, false) ])

          crowd $"large rows of {Shape.format shape}" Float32 shape (fun source backend ->
              [ for kernel in [ Softmax; LogSoftmax; NormalizeRow 1e-5 ] -> backend.Rows(kernel, upload backend source) ]) ]

let tests =
    testList
        "Folds"
        [ sums
          narrowSums
          products
          testList "extrema" extrema
          programs
          empty
          testList "scan" scans
          testList "rows" (layerNorm :: layerNormPullback :: farRows :: groupNorm @ pullbacks @ crossEntropy @ rows)
          testList "channels" channelNorm
          testList "mixing" [ mixing; transposes ] ]
