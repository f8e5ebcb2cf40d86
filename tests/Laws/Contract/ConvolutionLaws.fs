/// Convolutions at sizes at which kernels block, pack, split and save multiplications, against plain loops over whole numbers.
module Functional.Laws.Contract.ConvolutionLaws

open Expecto
open FsCheck.FSharp
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement

/// Calls back for every pair of output and input element that a 2-d convolution joins, with the weight between them.
let private joined (g: ConvolutionGeometry) visit =
    let channels, outputs = g.Weight[1], g.Output[1] / g.Groups

    for n in 0 .. g.Output[0] - 1 do
        for o in 0 .. g.Output[1] - 1 do
            for c in 0 .. channels - 1 do
                for ky in 0 .. g.Weight[2] - 1 do
                    for kx in 0 .. g.Weight[3] - 1 do
                        let weight = ((o * channels + c) * g.Weight[2] + ky) * g.Weight[3] + kx
                        let plane = n * g.Input[1] + o / outputs * channels + c

                        for y in 0 .. g.Output[2] - 1 do
                            let row = y * g.Stride[0] - g.Padding[0] + ky * g.Dilation[0]

                            if row >= 0 && row < g.Input[2] then
                                for x in 0 .. g.Output[3] - 1 do
                                    let column = x * g.Stride[1] - g.Padding[1] + kx * g.Dilation[1]

                                    if column >= 0 && column < g.Input[3] then
                                        visit
                                            (((n * g.Output[1] + o) * g.Output[2] + y) * g.Output[3] + x)
                                            ((plane * g.Input[2] + row) * g.Input[3] + column)
                                            weight

let private convolve =
    let generate = gen {
        let! dtype = Gen.elements [ Float32; Float32; Float32; Float64 ]
        let! images = Gen.elements [ 1; 2; 5 ]
        let! groups = Gen.elements [ 1; 1; 1; 2; 4 ]
        let! channels = Gen.elements [ 1; 3; 4; 13; 16; 20 ]
        let! outputs = Gen.elements [ 1; 2; 5; 13; 16; 27 ]
        let! size = Gen.two (Gen.elements [ 1; 5; 7; 14; 17; 28; 33 ])
        let! kernel = Gen.two (Gen.elements [ 1; 1; 2; 3; 3; 5; 7 ])
        let! stride = Gen.two (Gen.elements [ 1; 1; 2; 3 ])
        let! padding = Gen.two (Gen.choose (0, 3))
        let! dilation = Gen.elements [ 1; 1; 1; 2 ]
        let reach (k: int) = dilation * (k - 1) + 1
        let fits s k p = max s (reach k - 2 * p)
        let height, width = fits (fst size) (fst kernel) (fst padding), fits (snd size) (snd kernel) (snd padding)
        let out s k p st = (s + 2 * p - reach k) / st + 1

        return
            dtype,
            { Input = [| images; groups * channels; height; width |]
              Weight = [| groups * outputs; channels; fst kernel; snd kernel |]
              Output =
                [| images
                   groups * outputs
                   out height (fst kernel) (fst padding) (fst stride)
                   out width (snd kernel) (snd padding) (snd stride) |]
              Stride = [| fst stride; snd stride |]
              Padding = [| fst padding; snd padding |]
              Dilation = [| dilation; dilation |]
              Groups = groups }
    }

    /// Work that a test can afford.
    let affordable (_, g: ConvolutionGeometry) =
        let taps = Shape.count g.Weight / g.Weight[0]
        int64 (Shape.count g.Output) * int64 taps < 4000000L

    forEach 60 "convolution, all three passes" (Gen.where affordable generate) (fun _ -> Seq.empty) (fun (dtype, g) ->
        let input, x = whole dtype g.Input 3
        let weight, w = whole dtype g.Weight 4
        let gradient, y = whole dtype g.Output 5
        let forward, toInput, toWeight = Array.zeroCreate y.Length, Array.zeroCreate x.Length, Array.zeroCreate w.Length

        joined g (fun o i k ->
            forward[o] <- forward[o] + x[i] * w[k]
            toInput[i] <- toInput[i] + y[o] * w[k]
            toWeight[k] <- toWeight[k] + x[i] * y[o])

        let run pass a b (backend: IBackend) = backend.Convolve(pass, g, upload backend a, upload backend b)
        gives forward dtype (run Forward input weight)
        gives toInput dtype (run InputGradient weight gradient)
        gives toWeight dtype (run WeightGradient input gradient))

/// Convolutions that are large enough for fewer multiplications than sums by taps have: no more than rounding errors away from
/// those, and not finite where those are not.
let private saving name cases most generate =
    let places =
        Gen.elements
            [ plain
              plain
              { plain with Layouts = [ Reversed; Dense; Stepped; Dense ]; Lead = 3 }
              { plain with Layouts = [ Dense; Dense; Reversed; Stepped ] }
              { plain with Turn = 2 } ]

    let generate =
        Gen.zip
            (Gen.zip3 (Gen.elements [ Float32; Float32; Float64 ]) (Gen.elements [ false; false; false; true ]) places)
            generate

    let affordable (_, g: ConvolutionGeometry) =
        let work = int64 (Shape.count g.Output) * int64 (Shape.count g.Weight / g.Weight[0])
        work >= 4200000L && work < most

    forEach cases name (Gen.where affordable generate) (fun _ -> Seq.empty) (fun ((dtype, spoiled, places), g) ->
        let size = Dtype.size dtype

        let draw shape seed =
            let sample, numbers = whole dtype shape seed
            let numbers = Array.map float numbers

            if spoiled then
                // An infinity somewhere; zeros, which would make it nan where they meet it, are as good a case.
                let at = numbers.Length / 3
                numbers[at] <- infinity

                let bytes =
                    if dtype = Float32 then
                        System.BitConverter.GetBytes infinityf
                    else
                        System.BitConverter.GetBytes infinity

                System.Array.Copy(bytes, 0, sample.Bytes, at * size, size)

            sample, numbers

        let input, x = draw g.Input 3
        let input = if places = plain then input else rearrange places input
        let weight, w = whole dtype g.Weight 4
        let gradient, y = whole dtype g.Output 5
        let forward, toInput, toWeight = Array.zeroCreate y.Length, Array.zeroCreate x.Length, Array.zeroCreate w.Length

        joined g (fun o i k ->
            forward[o] <- forward[o] + x[i] * float w[k]
            toInput[i] <- toInput[i] + float (y[o] * w[k])
            toWeight[k] <- toWeight[k] + x[i] * float y[o])

        // Every term is 9 at most.
        let near (expected: float[]) terms operation =
            for subject in current () do
                let actual = scalars dtype (download subject.Backend (operation subject.Backend))
                let tolerance = 8.0 * 9.0 * float terms * epsilon dtype

                for i in 0 .. expected.Length - 1 do
                    let found, right = actual[i].AsFloat, expected[i]

                    let isRight =
                        if System.Double.IsFinite right then abs (found - right) <= tolerance
                        elif System.Double.IsNaN right then System.Double.IsNaN found
                        else found = right

                    if not isRight then
                        failtestf
                            "%s: element %d is %g, rightly %g within %g\nin %A"
                            subject.Backend.Name
                            i
                            found
                            right
                            tolerance
                            g

        let run pass a b (backend: IBackend) = backend.Convolve(pass, g, upload backend a, upload backend b)
        near forward (Shape.count g.Weight / g.Weight[0]) (run Forward input weight)
        near toInput (Shape.count g.Weight / g.Weight[1]) (run InputGradient weight gradient)
        near toWeight (Shape.count g.Output / g.Output[1]) (run WeightGradient input gradient))

/// Filters of 3 x 3 and stride 1: tiles along both dimensions.
let private tiles = gen {
    let! images = Gen.choose (2, 12)
    let! channels, outputs = Gen.two (Gen.elements [ 16; 32; 45; 64 ])
    let! height, width = Gen.two (Gen.elements [ 8; 15; 20; 23; 32; 35 ])
    let! down, right = Gen.two (Gen.choose (0, 2))

    return
        { Input = [| images; channels; height; width |]
          Weight = [| outputs; channels; 3; 3 |]
          Output = [| images; outputs; height + 2 * down - 2; width + 2 * right - 2 |]
          Stride = [| 1; 1 |]
          Padding = [| down; right |]
          Dilation = [| 1; 1 |]
          Groups = 1 }
}

/// Filters of four taps to a phase, both ways: tiles of four by four results.
let private fourTaps = gen {
    let! stride = Gen.elements [ 1; 2; 2 ]
    let! channels = if stride = 1 then Gen.elements [ 8; 9 ] else Gen.elements [ 2; 3; 4 ]
    let! outputs = Gen.elements [ 16; 17; 29 ]
    let! images, (high, wide) = Gen.elements [ 1, (100, 95); 2, (63, 75); 4, (61, 47); 5, (44, 44); 12, (32, 28) ]
    let! kernel = if stride = 1 then Gen.constant (4, 4) else Gen.two (Gen.elements [ 7; 7; 8 ])
    let! down, right = Gen.two (Gen.choose (0, 3))
    // A row or column more than the last step takes, if there is such.
    let! more = Gen.two (Gen.choose (0, stride - 1))

    return
        { Input =
            [| images
               channels
               stride * (high - 1) + fst kernel - 2 * down + fst more
               stride * (wide - 1) + snd kernel - 2 * right + snd more |]
          Weight = [| outputs; channels; fst kernel; snd kernel |]
          Output = [| images; outputs; high; wide |]
          Stride = [| stride; stride |]
          Padding = [| down; right |]
          Dilation = [| 1; 1 |]
          Groups = 1 }
}

/// So many channels and filters that each point's product is work of its own.
let private wide = gen {
    let! images = Gen.choose (6, 7)
    let! channels = Gen.elements [ 127; 144 ]
    let! padding = Gen.two (Gen.choose (0, 2))
    let high, wide = 14 + 2 * fst padding, 14 + 2 * snd padding

    return
        { Input = [| images; channels; 16; 16 |]
          Weight = [| 140; channels; 3; 3 |]
          Output = [| images; 140; high; wide |]
          Stride = [| 1; 1 |]
          Padding = [| fst padding; snd padding |]
          Dilation = [| 1; 1 |]
          Groups = 1 }
}

/// Filters of many rows: tiles along the height.
let private columns = gen {
    let! images = Gen.choose (1, 4)
    let! channels = Gen.elements [ 3; 6; 17; 40 ]
    let! outputs = Gen.elements [ 16; 29; 64; 80 ]
    let! height, width = Gen.two (Gen.elements [ 9; 12; 15; 19; 32; 45; 63 ])
    let! down = Gen.choose (1, 2)
    let! right = Gen.choose (1, 2)
    let! rows = if down = 2 then Gen.choose (4, 9) else Gen.choose (3, 7)
    let! taps = Gen.elements [ 1; 3; 6; 7 ]
    let! padding = Gen.two (Gen.choose (0, 3))
    let! dilation = Gen.elements [ 1; 1; 2 ]
    let width = max width (dilation * (taps - 1) + 1)
    let high = (height + 2 * fst padding - rows) / down + 1
    let wide = (width + 2 * snd padding - dilation * (taps - 1) - 1) / right + 1

    return
        { Input = [| images; channels; height; width |]
          Weight = [| outputs; channels; rows; taps |]
          Output = [| images; outputs; high; wide |]
          Stride = [| down; right |]
          Padding = [| fst padding; snd padding |]
          Dilation = [| 1; dilation |]
          Groups = 1 }
}

let tests =
    testList
        "Convolutions"
        [ convolve
          saving "convolution by tiles, all three passes" 8 40000000L tiles
          saving "convolution by tiles, four taps to a phase" 6 70000000L fourTaps
          saving "convolution by tiles, many channels" 1 500000000L wide
          saving "convolution by columns, all three passes" 16 40000000L columns ]
