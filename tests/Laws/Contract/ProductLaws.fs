/// Sums of products: matrices, convolutions and sliding windows.
module Functional.Laws.Contract.ProductLaws

open Expecto
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement

/// sizes: m, k, n, then batch dimensions.
let private matrices = { wanted with Rank = 3, 5; Looks = 2; Dtypes = numericDtypes; Elements = 4000 }

/// Looks whose first layouts are for the batch; repeated rows and columns are as good as any.
let private operands (case: Case) =
    match case.Sizes with
    | m :: k :: n :: batch -> List.toArray (batch @ [ m; k ]), List.toArray (batch @ [ k; n ]), k
    | _ -> [| 1; 1 |], [| 1; 1 |], 1

let matMul =
    law "matmul" matrices (fun case ->
        let left, right, inner = operands case
        let a = sample case.Dtype left case.Looks[0]
        let b = sample case.Dtype right case.Looks[1]
        let run change (backend: IBackend) = [ backend.MatMul(upload backend (change a), upload backend (change b)) ]
        agreeScaled (summing inner) (run magnitudes) (run id))

let private convolved =
    { wanted with
        Rank = 4, 10
        Looks = 2
        Dtypes = [ Float32; Float32; Float64; BFloat16; Float16; Int64; Int32; Int16; Int8; UInt8 ]
        Choices = 12
        Elements = 100000 }

/// A geometry from a case: one to three spatial dimensions, everything small.
let private geometry (case: Case) : ConvolutionGeometry =
    let spatial = 1 + case.Choices[0] % 3
    let groups = case.Choose(1, [ 1; 1; 2; 3 ])
    let images = case.Choices[2] % 3
    let channels = groups * (1 + case.Choices[3] % 3)
    let outputs = groups * (1 + case.Choices[4] % 4)
    let of' i d = case.Choices[i] / (1 + 7 * d)
    let kernel = Array.init spatial (fun d -> 1 + of' 5 d % 3)
    let stride = Array.init spatial (fun d -> 1 + of' 6 d % 3)
    let padding = Array.init spatial (fun d -> of' 7 d % 3)
    let dilation = Array.init spatial (fun d -> 1 + of' 8 d % 2)
    let reach d = dilation[d] * (kernel[d] - 1) + 1

    let input =
        Array.init spatial (fun d -> max 1 (reach d - 2 * padding[d]) + of' 9 d % (if spatial = 3 then 3 else 7))

    let output = Array.init spatial (fun d -> (input[d] + 2 * padding[d] - reach d) / stride[d] + 1)

    { Input = Array.append [| images; channels |] input
      Weight = Array.append [| outputs; channels / groups |] kernel
      Output = Array.append [| images; outputs |] output
      Stride = stride
      Padding = padding
      Dilation = dilation
      Groups = groups }

let private convolve pass =
    law $"convolution, {pass}" convolved (fun case ->
        let geometry = geometry case

        let left, right =
            match pass with
            | Forward -> geometry.Input, geometry.Weight
            | InputGradient -> geometry.Weight, geometry.Output
            | WeightGradient -> geometry.Input, geometry.Output

        let terms =
            match pass with
            | Forward -> Shape.count geometry.Weight / max 1 geometry.Weight[0]
            | InputGradient -> Shape.count geometry.Weight
            | WeightGradient -> Shape.count geometry.Output

        // Whether a zero of the padding meets an infinity of the other operand is the implementation's affair (0 * inf is nan):
        // only the operand that is padded may hold infinities.
        let tamed (look: Look) = { look with Values = (if look.Values = Spiced then Tame else look.Values) }

        let first, second =
            if pass = InputGradient then
                tamed case.Looks[0], case.Looks[1]
            else
                case.Looks[0], tamed case.Looks[1]

        let a = sample case.Dtype left first
        let b = sample case.Dtype right second

        let run change (backend: IBackend) =
            [ backend.Convolve(pass, geometry, upload backend (change a), upload backend (change b)) ]

        try
            agreeScaled (summing terms) (run magnitudes) (run id)
        with error ->
            raise (AssertException $"{error.Message}\nin %A{geometry}"))

let private windows =
    { wanted with
        Rank = 0, 2
        Elements = 6
        Choices = 7
        Dtypes = numericDtypes
        Values = [ Small; Tame; Spiced ] }

let private windowGeometry (case: Case) : WindowGeometry =
    let spatial = 1 + case.Choices[0] % 3
    let of' i d = case.Choices[i] / (1 + 7 * d)
    let kernel = Array.init spatial (fun d -> 1 + of' 1 d % 3)
    let dilation = Array.init spatial (fun d -> 1 + of' 2 d % 2)
    let padding = Array.init spatial (fun d -> of' 3 d % (kernel[d] / 2 + 1))
    let stride = Array.init spatial (fun d -> 1 + of' 4 d % 3)
    let reach d = dilation[d] * (kernel[d] - 1) + 1
    // Sometimes lines of more windows than a register has lanes.
    let more d = if d = spatial - 1 && case.Choices[6] % 3 = 0 then case.Choices[6] % 41 else 0
    let input = Array.init spatial (fun d -> max 1 (reach d - 2 * padding[d]) + of' 5 d % 6 + more d)

    // Rounded up, but no window may start beyond the input and its left padding: ceil mode.
    let output =
        Array.init spatial (fun d ->
            let room = input[d] + 2 * padding[d] - reach d
            let up = (room + stride[d] - 1) / stride[d] + 1
            let up = if (up - 1) * stride[d] >= input[d] + padding[d] then up - 1 else up
            if of' 5 (d + 1) % 2 = 0 then room / stride[d] + 1 else up)

    { Input = input
      Output = output
      Kernel = kernel
      Stride = stride
      Padding = padding
      Dilation = dilation }

let private window kind =
    law $"{kind}" windows (fun case ->
        let geometry = windowGeometry case
        let spatial = if kind = WindowSumTranspose then geometry.Output else geometry.Input
        let source = sample case.Dtype (Array.append case.Shape spatial) case.Looks[0]
        let run change (backend: IBackend) = [ backend.Window(kind, geometry, upload backend (change source)) ]

        try
            if kind = WindowArgMaximum then
                agree exact (run id)
            else
                agreeScaled (summing (Shape.count geometry.Kernel)) (run magnitudes) (run id)
        with error ->
            raise (AssertException $"{error.Message}\nin %A{geometry}"))

let convolutions = [ Forward; InputGradient; WeightGradient ] |> List.map convolve

let private crowd name operation = test name { sameForAnyThreads operation }

/// Images through square filters, as far around their middle as they reach.
let private convolutionOf images channels outputs size kernel stride : ConvolutionGeometry =
    let reached = (size + 2 * (kernel / 2) - kernel) / stride + 1

    { Input = [| images; channels; size; size |]
      Weight = [| outputs; channels; kernel; kernel |]
      Output = [| images; outputs; reached; reached |]
      Stride = [| stride; stride |]
      Padding = [| kernel / 2; kernel / 2 |]
      Dilation = [| 1; 1 |]
      Groups = 1 }

/// One for each way a convolution is computed: few images and many, by tiles of 3 x 3 taps and of 4 x 4, by columns, by taps.
let private geometries =
    [ convolutionOf 4 16 32 28 3 1
      convolutionOf 12 16 32 28 3 1
      convolutionOf 6 128 144 14 3 1
      convolutionOf 3 40 64 28 5 1
      convolutionOf 2 3 64 96 7 2
      convolutionOf 4 3 64 96 7 2
      convolutionOf 4 24 32 28 3 2 ]

/// What many threads share: these run by themselves.
let large =
    [ for m, k, n in [ 300, 200, 400; 7, 3000, 5; 1, 900, 1100; 129, 65, 1 ] do
          crowd $"matmul {m} x {k} x {n}" (fun backend ->
              [ backend.MatMul(
                    upload backend (sample Float32 [| m; k |] plain),
                    upload backend (sample Float32 [| k; n |] plain)
                ) ])
      for pass, geometry in List.allPairs [ Forward; InputGradient; WeightGradient ] geometries do
          crowd $"large convolution of {Shape.format geometry.Input} by {Shape.format geometry.Weight}, {pass}" (fun backend ->
              let input = upload backend (sample Float32 geometry.Input plain)
              let weight = upload backend (sample Float32 geometry.Weight plain)
              let gradient = upload backend (sample Float32 geometry.Output plain)

              match pass with
              | Forward -> [ backend.Convolve(pass, geometry, input, weight) ]
              | InputGradient -> [ backend.Convolve(pass, geometry, weight, gradient) ]
              | WeightGradient -> [ backend.Convolve(pass, geometry, input, gradient) ])
      for kind in [ WindowArgMaximum; WindowSum; WindowSumTranspose ] do
          crowd $"large {kind}" (fun backend ->
              let geometry: WindowGeometry =
                  { Input = [| 56; 56 |]
                    Output = [| 28; 28 |]
                    Kernel = [| 3; 3 |]
                    Stride = [| 2; 2 |]
                    Padding = [| 1; 1 |]
                    Dilation = [| 1; 1 |] }

              let spatial = if kind = WindowSumTranspose then geometry.Output else geometry.Input
              [ backend.Window(kind, geometry, upload backend (sample Float32 (Array.append [| 4; 32 |] spatial) plain)) ]) ]

let tests =
    testList
        "Products"
        [ matMul
          testList "convolution" convolutions
          testList "window" ([ WindowArgMaximum; WindowSum; WindowSumTranspose ] |> List.map window) ]
