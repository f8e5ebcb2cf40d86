/// A generator for every primitive but the pointwise ones.
module Functional.Laws.Generators

open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Arguments
open Functional.Laws.Cases

let private generator name dtypes make = { Name = name; Dtypes = dtypes; Make = make }

/// A shape and a larger one that it broadcasts to.
let private broadcast (choices: Choices) =
    let source = Array.init (choices.Between 0 3) (fun _ -> if choices.Flip() then 1 else size choices)
    let grown = source |> Array.map (fun s -> if s = 1 && choices.Flip() then size choices else s)
    source, Array.append (shapeOf choices 0 2) grown

/// Another shape of as many elements.
let private regrouped (choices: Choices) (shape: Shape) =
    match choices.Below 5 with
    | 0 -> [| Shape.count shape |]
    | 1 -> Array.rev shape
    | 2 -> Array.append [| 1 |] shape
    | 3 when shape.Length > 1 -> Array.append [| shape[0] * shape[1] |] (Array.skip 2 shape)
    | 4 when Shape.count shape % 2 = 0 -> [| 2; Shape.count shape / 2 |]
    | _ -> Array.append shape [| 1 |]

/// A sublattice of a shape, forwards or backwards, possibly empty.
let private lattice (choices: Choices) (shape: Shape) : Structure.Lattice =
    let one n =
        let start = choices.Below(max 1 n)
        let step = choices.Pick [ 1; 2; -1; -2 ]

        let room =
            if n = 0 then 0
            elif step > 0 then (n - 1 - start) / step + 1
            else start / -step + 1

        struct (start, step, room - choices.Below(room + 1))

    let chosen = shape |> Array.map one

    { Start = chosen |> Array.map (fun struct (start, _, _) -> start)
      Step = chosen |> Array.map (fun struct (_, step, _) -> step)
      Shape = chosen |> Array.map (fun struct (_, _, size) -> size) }

let private movement =
    [ generator "expand" (anything @ complexes) (fun setting choices ->
          let source, target = broadcast choices
          case (Engine.expandPrimitive source target) [ smooth choices setting source ])

      generator "sumTo" smoothNumbers (fun setting choices ->
          let target, source = broadcast choices
          case (Engine.sumToPrimitive source target) [ smooth choices setting source ])

      generator "reshape" (anything @ complexes) (fun setting choices ->
          let source = shapeOf choices 0 3
          case (Engine.reshapePrimitive source (regrouped choices source)) [ smooth choices setting source ])

      generator "permute" (anything @ complexes) (fun setting choices ->
          let source = shapeOf choices 0 4
          let order = choices.Shuffle [ 0 .. source.Length - 1 ] |> Array.ofList
          case (Structure.permutePrimitive order) [ smooth choices setting source ])

      generator "share" (anything @ complexes) (fun setting choices ->
          case Structure.sharePrimitive [ smooth choices setting (shapeOf choices 0 3) ])

      generator "slice" (anything @ complexes) (fun setting choices ->
          let source = shapeOf choices 0 3
          case (Structure.slicePrimitive source (lattice choices source)) [ smooth choices setting source ])

      generator "place" (anything @ complexes) (fun setting choices ->
          let target = shapeOf choices 0 3
          let lattice = lattice choices target
          case (Structure.placePrimitive target lattice) [ smooth choices setting lattice.Shape ])

      generator "updateSlice" (anything @ complexes) (fun setting choices ->
          let target = shapeOf choices 0 3
          let lattice = lattice choices target

          case (Structure.updateSlicePrimitive lattice) [ smooth choices setting target; smooth choices setting lattice.Shape ])

      generator "concat" (anything @ complexes) (fun setting choices ->
          let shape = shapeOf choices 1 3
          let axis = choices.Below shape.Length
          let sizes = List.init (choices.Between 2 4) (fun _ -> size choices)
          let parts = sizes |> List.map (fun s -> smooth choices setting (Array.updateAt axis s shape))
          case (Structure.concatPrimitive axis (Array.ofList sizes)) parts) ]

/// A shape with some axes of it, none of which is empty.
let private foldable (choices: Choices) =
    let shape = shapeOf choices 0 3

    let axes =
        match shape.Length with
        | 0 -> [||]
        | rank -> choices.Shuffle [ 0 .. rank - 1 ] |> List.take (choices.Between 1 rank) |> List.sort |> Array.ofList

    axes |> Array.fold (fun shape axis -> Array.updateAt axis (max 1 shape[axis]) shape) shape, axes

let private extremum reduction =
    generator (string reduction) (numbers @ [ Bool ]) (fun setting choices ->
        let shape, axes = foldable choices
        case (Reductions.extremumPrimitive reduction axes) [ real choices setting true 0.0 shape ])

let private position reduction =
    generator (string reduction) (numbers @ [ Bool ]) (fun setting choices ->
        let shape = shapeOf choices 1 3
        let axis = choices.Below shape.Length
        let shape = Array.updateAt axis (max 1 shape[axis]) shape
        case (Reductions.positionPrimitive reduction axis) [ real choices setting true 0.0 shape ])

let private scan kind =
    let dtypes =
        match kind with
        | CumulativeSum
        | CumulativeProduct -> smoothNumbers
        | _ -> numbers

    generator (string kind) dtypes (fun setting choices ->
        let shape = shapeOf choices 1 3
        let axis = choices.Below shape.Length
        case (Reductions.scanPrimitive kind axis (choices.Flip())) [ real choices setting true 0.0 shape ])

let private matmul =
    generator "matmul" smoothNumbers (fun setting choices ->
        let batch = shapeOf choices 0 2
        let m, k, n = size choices, size choices, size choices
        let turnA, turnB = choices.Flip(), choices.Flip()
        let operand rows columns isTurned = Array.append batch (if isTurned then [| columns; rows |] else [| rows; columns |])

        case
            (Contraction.matmulPrimitive turnA turnB)
            [ smooth choices setting (operand m k turnA); smooth choices setting (operand k n turnB) ])

/// Everything about a convolution over one to three spatial dimensions.
let private convolution (choices: Choices) : ConvolutionGeometry =
    let spatial = choices.Pick [ 1; 2; 2; 3 ]
    let each low high = Array.init spatial (fun _ -> choices.Between low high)
    let groups = choices.Between 1 2
    let kernel = each 1 (if spatial = 3 then 2 else 3)
    let stride, padding, dilation = each 1 2, each 0 2, each 1 2
    let reach = Array.map2 (fun k d -> d * (k - 1) + 1) kernel dilation

    let sizes =
        Array.map2 (fun reach p -> max 1 (reach - 2 * p) + choices.Below(if spatial = 1 then 4 else 2)) reach padding

    let n = choices.Pick [ 1; 2; 0 ]
    let inputs, outputs = choices.Between 1 2, choices.Between 1 2

    { Input = Array.append [| n; groups * inputs |] sizes
      Weight = Array.append [| groups * outputs; inputs |] kernel
      Output = Array.append [| n; groups * outputs |] (Contraction.outputSizes sizes kernel stride padding dilation)
      Stride = stride
      Padding = padding
      Dilation = dilation
      Groups = groups }

let private convolve pass =
    generator $"convolve{pass}" numbers (fun setting choices ->
        let geometry = convolution choices

        let operand shape =
            // Zeros that pad meet infinities, or do not, as the backend likes.
            let isSmooth = Dtype.isFloating setting.Dtype && not setting.Wild
            let fill = if isSmooth then Fill.within -1.0 1.0 else Fill.finite setting.Dtype
            argument choices setting.Dtype shape (layout choices true shape) fill

        let first, second =
            match pass with
            | Forward -> geometry.Input, geometry.Weight
            | InputGradient -> geometry.Weight, geometry.Output
            | WeightGradient -> geometry.Input, geometry.Output

        case (Contraction.convolvePrimitive pass geometry) [ operand first; operand second ])

/// Windows over one to three spatial dimensions; the last may hang over the end.
let private windows (choices: Choices) : WindowGeometry =
    let spatial = choices.Pick [ 1; 2; 3 ]
    let each low high = Array.init spatial (fun _ -> choices.Between low high)
    let kernel, stride, dilation = each 1 3, each 1 3, each 1 2
    let padding = kernel |> Array.map (fun k -> choices.Below(k / 2 + 1))
    let reach = Array.map2 (fun k d -> d * (k - 1) + 1) kernel dilation

    let input =
        Array.map2 (fun reach p -> max 1 (reach - 2 * p) + choices.Below(if spatial = 1 then 5 else 2)) reach padding

    let whole = Contraction.outputSizes input kernel stride padding dilation

    let output =
        whole
        |> Array.mapi (fun i size ->
            // A window more, if it starts inside.
            if choices.Flip() && size * stride[i] < input[i] + padding[i] then
                size + 1
            else
                size)

    { Input = input
      Output = output
      Kernel = kernel
      Stride = stride
      Padding = padding
      Dilation = dilation }

let private window kind primitive sizes dtypes =
    generator (string kind) dtypes (fun setting choices ->
        let geometry = windows choices
        let shape = Array.append (shapeOf choices 0 2) (sizes geometry)
        case (primitive geometry) [ real choices setting true 0.0 shape ])

let private gather =
    generator "gather" (anything @ complexes) (fun setting choices ->
        let shape = shapeOf choices 1 3
        let axis = choices.Below shape.Length
        let shape = Array.updateAt axis (someSize choices) shape
        let index = Array.updateAt axis (size choices) shape
        case (GatherScatter.gatherPrimitive axis) [ smooth choices setting shape; indices choices shape[axis] index ])

let private scatter mode =
    let dtypes =
        match mode with
        | ScatterSet -> anything @ complexes
        | ScatterAdd -> smoothNumbers
        | _ -> numbers

    generator (string mode) dtypes (fun setting choices ->
        let shape = shapeOf choices 1 3
        let axis = choices.Below shape.Length
        let shape = Array.updateAt axis (someSize choices) shape
        // Where places are written twice, PyTorch's gradient is none of the laws' (tests/CSharp/RepeatedIndexTests.cs has it).
        let once = mode = ScatterSet
        let count = if once then min (size choices) shape[axis] else size choices
        let index = Array.updateAt axis count shape

        let places =
            if once then
                distinctIndices choices axis shape[axis] index
            else
                indices choices shape[axis] index

        case
            (GatherScatter.scatterPrimitive mode axis)
            [ real choices setting true 0.0 shape; places; real choices setting true 0.12 index ])

/// Rows that see a few places each, some of them none.
let private mix =
    generator "mix" floating (fun setting choices ->
        let shape = shapeOf choices 1 3
        let axis = choices.Below shape.Length
        let shape = Array.updateAt axis (someSize choices) shape
        let counts = Array.init (size choices) (fun _ -> choices.Below 4)
        let entries = Array.init (Array.sum counts) (fun _ -> choices.Below shape[axis])

        let matrix =
            { Columns = shape[axis]
              Starts = Array.scan (+) 0 counts
              Places = entries
              Weights = entries |> Array.mapi (fun k _ -> 0.25 * float (k % 7) - 0.5) }

        case (Mixing.mixPrimitive matrix axis) [ smooth choices setting shape ])

let private fourier inverse =
    generator (if inverse then "ifft" else "fft") complexes (fun setting choices ->
        // The settings of real numbers make complex ones here: there are no others. Long lines, whose rounding grows with
        // their sums rather than with each result, are in the laws of the contract.
        let setting =
            { setting with
                Dtype =
                    (if Dtype.isComplex setting.Dtype then
                         setting.Dtype
                     else
                         Dtype.toComplex setting.Dtype) }

        let shape = shapeOf choices 1 3
        let axis = choices.Below shape.Length
        let shape = Array.updateAt axis (choices.Pick [ 2; 1; 3; 4; 5; 6; 7; 8 ]) shape
        case (Fourier.transformPrimitive axis inverse) [ smooth choices setting shape ])

let private argsort =
    generator "argsort" numbers (fun setting choices ->
        let shape = shapeOf choices 1 3
        let axis = choices.Below shape.Length
        let count = if choices.Flip() then shape[axis] else choices.Below(shape[axis] + 1)
        case (GatherScatter.argSortPrimitive axis (choices.Flip()) count) [ real choices setting true 0.0 shape ])

let private row name kernel =
    generator name floating (fun setting choices ->
        let shape = shapeOf choices 1 3
        let fill = if setting.Wild then Fill.mixed setting.Dtype else Fill.distinct 0.0
        case (Rows.rowPrimitive kernel) [ argument choices setting.Dtype shape (layout choices setting.Wild shape) fill ])

let private layerNorm =
    generator "layer_norm" floating (fun setting choices ->
        let shape = shapeOf choices 1 3
        let columns = [| Array.last shape |]
        let fill = if setting.Wild then Fill.mixed setting.Dtype else Fill.distinct 0.0

        case
            (Rows.layerNormPrimitive 1e-2)
            [ argument choices setting.Dtype shape (layout choices setting.Wild shape) fill
              real choices setting true 0.0 columns
              real choices setting true 0.0 columns ])

let private crossEntropy =
    generator "cross_entropy" floating (fun setting choices ->
        let rows = shapeOf choices 0 2
        let classes = someSize choices
        let shape = Array.append rows [| classes |]
        let fill = if setting.Wild then Fill.mixed setting.Dtype else Fill.distinct 0.0

        case
            (CrossEntropy.primitive ())
            [ argument choices setting.Dtype shape (layout choices setting.Wild shape) fill
              indices choices classes rows ])

let private attention =
    generator "attention" floating (fun setting choices ->
        let batch = shapeOf choices 0 1
        let side () = someSize choices
        let queries, keys, width, depth = side (), side (), side (), side ()
        // What nobody looks at may be multiplied by 0 or left out: infinities would tell.
        let matrix offset rows columns =
            let shape = Array.append batch [| rows; columns |]
            argument choices setting.Dtype shape (layout choices setting.Wild shape) (Fill.distinct offset)

        let isCausal = choices.Flip()

        case
            (FusedAttention.attendPrimitive isCausal 0.7)
            [ matrix 0.0 queries width
              matrix 0.12 keys width
              matrix 0.05 keys depth
              if choices.Flip() then
                  matrix 0.2 queries keys ])

let private selfAttention =
    generator "self_attention" floating (fun setting choices ->
        let heads = choices.Pick [ 1; 2 ]
        let shape = [| someSize choices; someSize choices; 3 * heads * someSize choices |]
        // Hundreds of distinct numbers are large ones, and an exponential of their products is as wrong as those are large.
        let packed = argument choices setting.Dtype shape (layout choices setting.Wild shape) (Fill.within -1.5 1.5)
        case (PackedAttention.primitive (choices.Flip()) heads) [ packed ])

/// What is divided by a deviation of 0 is told by epsilon alone, so there is more than one element a channel.
let private batchNorm =
    generator "batch_norm" floating (fun setting choices ->
        let channels = someSize choices

        let shape =
            Array.append [| choices.Pick [ 2; 3; 4 ]; channels |] (Array.init (choices.Below 3) (fun _ -> someSize choices))

        let fill shift shape = argument choices setting.Dtype shape (layout choices setting.Wild shape) (Fill.distinct shift)
        case (Normalization.batchPrimitive 1e-2 ValueNone) [ fill 0.0 shape; fill 0.1 [| channels |]; fill 0.05 [| channels |] ])

let private groupNorm =
    generator "group_norm" floating (fun setting choices ->
        let groups = choices.Pick [ 1; 2; 3 ]
        let channels = groups * choices.Pick [ 1; 2 ]
        let shape = [| someSize choices; channels; choices.Pick [ 2; 3; 5 ] |]
        let fill shift shape = argument choices setting.Dtype shape (layout choices setting.Wild shape) (Fill.distinct shift)
        case (Normalization.groupPrimitive groups 1e-2) [ fill 0.0 shape; fill 0.1 [| channels |]; fill 0.05 [| channels |] ])

let private sweep name kind =
    generator name floating (fun setting choices ->
        let cell = RecurrentCell.ofKind kind
        let steps, rows, hidden = choices.Pick [ 1; 2; 3 ], choices.Pick [ 1; 2 ], choices.Pick [ 1; 2; 3 ]
        let gates = cell.Gates * hidden
        let fill shift shape = argument choices setting.Dtype shape (layout choices setting.Wild shape) (Fill.distinct shift)

        case
            (RecurrentSweep.primitive kind (choices.Flip()) false)
            [ fill 0.0 [| steps * rows; gates |]
              fill 0.07 [| gates; hidden |]
              for part in 1 .. cell.Parts do
                  fill (0.03 * float part) [| rows; hidden |]
              if cell.HasBias then
                  fill 0.11 [| hidden |] ])

let all =
    [ yield! movement
      generator "to" anything (fun setting choices ->
          case (Engine.movePrimitive Backend.cpu Backend.cpu) [ smooth choices setting (shapeOf choices 0 3) ])
      selfAttention
      batchNorm
      groupNorm
      sweep "rnn_tanh" TanhRnn
      sweep "rnn_relu" ReluRnn
      sweep "lstm" Lstm
      sweep "gru" Gru
      for reduction in [ Maximum; Minimum ] do
          extremum reduction
      for reduction in [ ArgMaximum; ArgMinimum ] do
          position reduction
      for kind in
          [ CumulativeSum
            CumulativeProduct
            CumulativeMaximum
            CumulativeMinimum
            CumulativeArgMaximum
            CumulativeArgMinimum ] do
          scan kind
      matmul
      for pass in [ Forward; InputGradient; WeightGradient ] do
          convolve pass
      window WindowArgMaximum Windows.argMaximumPrimitive _.Input floating
      window WindowSum Windows.sumPrimitive _.Input floating
      window WindowSumTranspose Windows.spreadPrimitive _.Output floating
      fourier false
      fourier true
      mix
      gather
      for mode in [ ScatterAdd; ScatterSet; ScatterMaximum; ScatterMinimum; ScatterProduct ] do
          scatter mode
      argsort
      row "softmax" Softmax
      row "log_softmax" LogSoftmax
      row "normalizeRow" (NormalizeRow 1e-3)
      layerNorm
      crossEntropy
      attention
      yield! MatrixGenerators.all ]
