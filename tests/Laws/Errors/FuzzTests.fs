/// Public functions under nonsense: whatever the arguments, they answer or raise an error of ours.
module Functional.Laws.FuzzTests

open System
open System.Reflection
open Expecto
open Microsoft.FSharp.Reflection
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Elements

/// Holders of public functions: the modules called Tensor, and those of networks, losses, randomness and training.
let private holders =
    let named = set [ "Tensor"; "TensorModule"; "Nn"; "Loss"; "Random"; "Optim"; "Schedule"; "Linalg" ]

    typeof<Tensor>.Assembly.GetExportedTypes()
    |> Array.filter (fun t -> FSharpType.IsModule t && named.Contains t.Name)
    |> List.ofArray

/// Functions that change the process or a file, and the one that gives memory away.
let private spared = set [ "setDefault"; "donate" ]

let private functions =
    [ for holder in holders do
          for method in holder.GetMethods(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly) do
              if not method.IsSpecialName && not method.IsGenericMethodDefinition && not (spared.Contains method.Name) then
                  holder, method ]

let private numbers = [ 1; 0; -1; 2; 3; -2; 5; -7; 100 ]
let private sizes (choices: Choices) = List.init (choices.Below 5) (fun _ -> choices.Pick [ 2; 3; 1; 0; 4 ])

let private tensor (choices: Choices) =
    let shape = sizes choices |> Array.ofList
    let dtype = choices.Pick [ Float32; Float64; Int64; Bool; UInt8; Int32; BFloat16 ]
    let random = choices.Seeded()

    let element () =
        if dtype = Bool || dtype = UInt8 then
            float (random.Next 3)
        else
            float (random.Next(-4, 7))

    write (Backend.current ()) dtype shape (Array.init (Shape.count shape) (fun _ -> element ()))

let rec private tree depth (choices: Choices) =
    match choices.Below(if depth = 0 then 1 else 3) with
    | 0 -> Leaf(tensor choices)
    | n -> Branch(List.init n (fun i -> choices.Pick [ "weight"; "bias"; "0"; "step"; string i ], tree (depth - 1) choices))

let private layer (choices: Choices) =
    choices.Pick
        [ Nn.relu
          Nn.identity
          Nn.linear 2 3
          Nn.layerNorm 2
          Nn.dropout 0.5
          Nn.batchNorm 3
          Nn.embedding 4 2
          Nn.flatten ]

let private optimizer (choices: Choices) = choices.Pick [ Optim.sgd 0.1; Optim.adam 0.1; Optim.momentum 0.1 0.9 ]

let private matrixOrder (choices: Choices) = choices.Pick [ Frobenius; Nuclear; Order 1.0; Order -2.0; Order infinity; Order 0.3 ]

/// Names of dimensions by number, and the ellipsis.
let private subscripts (choices: Choices) =
    List.init (choices.Below 4) (fun _ -> choices.Pick [ Some 0; Some 1; None; Some 60; Some -1 ])

let private border (choices: Choices) = choices.Pick [ Border.Constant 0.5; Border.Reflect; Border.Replicate; Border.Circular ]

let private transformer (choices: Choices) =
    { Width = choices.Pick numbers
      Heads = choices.Pick numbers
      FeedForward = choices.Pick numbers
      Dropout = choices.Pick [ 0.0; 0.5; nan; -1.0 ]
      Activation = Tensor.relu
      Epsilon = choices.Pick [ 1e-5; 0.0; nan ]
      NormFirst = choices.Flip()
      Causal = choices.Flip()
      BatchFirst = choices.Flip() }

let private masks (choices: Choices) : AttentionMasks =
    let mask () = if choices.Below 3 = 0 then Some(tensor choices) else None
    { Scores = mask (); Keys = mask () }

/// Something of a type, good or bad.
let rec private make (choices: Choices) (t: Type) : objnull =
    let list element count = List.init count (fun _ -> element ())

    if t = typeof<Tensor> then
        box (tensor choices)
    elif t = typeof<int> then
        box (choices.Pick numbers)
    elif t = typeof<float> then
        box (choices.Pick [ 0.5; 0.0; 1.0; -2.0; nan; infinity ])
    elif t = typeof<bool> then
        box (choices.Flip())
    elif t = typeof<string> then
        box (choices.Pick [ "weight"; "bias"; ""; "0" ])
    elif t = typeof<Dtype> then
        box (choices.Pick(List.ofArray Dtype.all))
    elif t = typeof<int64> then
        box (choices.Pick [ 0L; 3L; -2L; 100L ])
    elif t = typeof<PlaceReduction> then
        box (choices.Pick [ ReduceSum; ReduceProduct; ReduceMean; ReduceMaximum; ReduceMinimum ])
    elif t = typeof<QuantileInterpolation> then
        box (choices.Pick [ QuantileInterpolation.Linear; QuantileInterpolation.Nearest; QuantileInterpolation.Midpoint ])
    elif t = typeof<Spacing> then
        box (if choices.Flip() then Spacing.Even 0.5 else Spacing.Coordinates(tensor choices))
    elif t = typeof<(int * Spacing) list> then
        box (list (fun () -> choices.Pick numbers, Spacing.Even 2.0) (choices.Below 3))
    elif t = typeof<int -> int -> Tensor> then
        box (fun (rows: int) (columns: int) -> Tensor.ones [ rows; columns ])
    elif t = typeof<Scalar> then
        box (choices.Pick [ Real 0.5; Integer 3L; Boolean true; Integer -1L; Real nan ])
    elif t = typeof<Key> then
        box (Random.key (choices.Pick numbers))
    elif t = typeof<Mode> then
        box (choices.Pick [ Evaluate; Train(Random.key 1) ])
    elif t = typeof<StoredTensor> then
        box (StoredTensor.ofArray Float32 [| 2; 3 |] (Array.init 6 float32))
    elif t = typeof<unit> then
        null
    elif t = typeof<Tree> then
        box (tree 2 choices)
    elif t = typeof<Layer> then
        box (layer choices)
    elif t = typeof<Optimizer> then
        box (optimizer choices)
    elif t = typeof<IBackend> then
        box (choices.Pick [ Backend.cpu; Backend.reference ])
    elif t = typeof<IBackend list> then
        box (list (fun () -> choices.Pick [ Backend.cpu; Backend.reference ]) (choices.Below 4))
    elif t = typeof<int list> then
        box (
            if choices.Flip() then
                sizes choices
            else
                list (fun () -> choices.Pick numbers) (choices.Below 4)
        )
    elif t = typeof<(int * int) list> then
        box (list (fun () -> choices.Pick numbers, choices.Pick numbers) (choices.Below 4))
    elif t = typeof<float list list> then
        box (list (fun () -> list (fun () -> 1.5) (choices.Below 3)) (choices.Below 3))
    elif t = typeof<Tensor list> then
        box (list (fun () -> tensor choices) (choices.Below 4))
    elif t = typeof<Layer list> then
        box (list (fun () -> layer choices) (choices.Below 3))
    elif t = typeof<Optimizer list> then
        box (list (fun () -> optimizer choices) (choices.Below 3))
    elif t = typeof<(string * Layer) list> then
        box (list (fun () -> choices.Pick [ "a"; "b" ], layer choices) (choices.Below 3))
    elif t = typeof<Tensor seq> then
        box (list (fun () -> tensor choices) (choices.Below 4) |> Seq.ofList)
    elif t = typeof<float seq> then
        box (Seq.init (choices.Below 4) float)
    elif t = typeof<int seq> then
        box (Seq.init (choices.Below 4) id)
    elif t = typeof<float32[]> then
        box (Array.init (choices.Below 7) float32)
    elif t = typeof<float[]> then
        box (Array.init (choices.Below 7) float)
    elif t = typeof<int64[]> then
        box (Array.init (choices.Below 7) int64)
    elif t = typeof<int[]> then
        box (Array.init (choices.Below 7) id)
    elif t = typeof<byte[]> then
        box (Array.init (choices.Below 7) byte)
    elif t = typeof<bool[]> then
        box (Array.init (choices.Below 7) (fun i -> i % 2 = 0))
    elif t = typeof<Tensor option> then
        box (if choices.Flip() then Some(tensor choices) else None)
    elif t = typeof<int option> then
        box (if choices.Flip() then Some(choices.Pick numbers) else None)
    elif t = typeof<float option> then
        box (if choices.Flip() then Some(choices.Pick [ 0.5; 0.0; -1.0; nan ]) else None)
    elif t = typeof<(Tensor * int option list) list> then
        box (list (fun () -> tensor choices, subscripts choices) (choices.Below 3))
    elif t = typeof<int option list option> then
        box (if choices.Flip() then Some(subscripts choices) else None)
    elif t = typeof<MatrixOrder> then
        box (matrixOrder choices)
    elif t = typeof<MatrixOrder option> then
        box (if choices.Flip() then Some(matrixOrder choices) else None)
    elif t = typeof<LeastSquares> then
        box (choices.Pick [ Gelsy; Gels; Gelsd; Gelss ])
    elif t = typeof<ScalarExpr -> ScalarExpr> then
        box (fun (x: ScalarExpr) -> x * tanh x)
    elif t = typeof<ScalarExpr -> ScalarExpr -> ScalarExpr> then
        box (fun (x: ScalarExpr) (y: ScalarExpr) -> x * y + 1.0)
    elif t = typeof<ScalarExpr[] -> ScalarExpr> then
        box (fun (xs: ScalarExpr[]) -> Array.fold (+) (ScalarExpr.real 0.0) xs)
    elif t = typeof<Tensor -> Tensor> then
        box (fun (t: Tensor) -> t + 1.0)
    elif t = typeof<string -> bool> then
        box (fun (name: string) -> name <> "bias")
    elif t = typeof<(string -> float) -> Optimizer> then
        box (fun (value: string -> float) -> Optim.sgd (value "rate"))
    elif t = typeof<(string * float) list> then
        box (choices.Pick [ [ "rate", 0.5 ]; [ "rate", nan ]; []; [ "rate", 0.0; "other", 1.0 ] ])
    elif t = typeof<(string * (Tensor -> Tensor)) list> then
        box [ "slot", (fun (p: Tensor) -> p * 0.0) ]
    elif t = typeof<int -> Tensor[] -> Tensor -> Tensor -> struct (Tensor * Tensor[])> then
        box (fun (_: int) (slots: Tensor[]) (g: Tensor) (_: Tensor) -> struct (g, slots))
    elif t = typeof<RecurrentShape> then
        box
            { Kind = choices.Pick [ TanhRnn; ReluRnn; Lstm; Gru ]
              Inputs = choices.Pick numbers
              Hidden = choices.Pick numbers
              Layers = choices.Pick [ 1; 2; 0; -1 ]
              Bias = choices.Flip()
              Bidirectional = choices.Flip()
              Projection = choices.Pick [ 0; 1; -1; 3 ] }
    elif t = typeof<Border> then
        box (border choices)
    elif t = typeof<Margin> then
        let widths = list (fun () -> choices.Pick numbers) (choices.Below 4)
        box (choices.Pick [ Margin.Same; Margin.Zeros widths; Margin.Bordered(border choices, widths) ])
    elif t = typeof<Interpolation> then
        box
            { Filter = choices.Pick [ Filter.Nearest; Filter.NearestExact; Filter.Linear; Filter.Cubic; Filter.Area ]
              AlignCorners = choices.Flip()
              Antialias = choices.Flip() }
    elif t = typeof<Patches.Blocks> then
        let pair () = choices.Pick numbers, choices.Pick numbers
        box ({ Kernel = pair (); Dilation = pair (); Padding = pair (); Stride = pair () }: Patches.Blocks)
    elif t = typeof<TransformerForm> then
        box (transformer choices)
    elif t = typeof<AttentionForm> then
        let width () = if choices.Flip() then Some(choices.Pick numbers) else None

        box
            { Width = choices.Pick numbers
              Heads = choices.Pick numbers
              Dropout = choices.Pick [ 0.0; 0.5; nan; -1.0 ]
              Bias = choices.Flip()
              AddBiasKv = choices.Flip()
              AddZero = choices.Flip()
              KeyWidth = width ()
              ValueWidth = width ()
              BatchFirst = choices.Flip() }
    elif t = typeof<NormOptions> then
        box ({ Epsilon = choices.Pick [ 1e-5; 0.0; nan ]; Affine = choices.Flip() }: NormOptions)
    elif t = typeof<BatchNormOptions> then
        box
            { Epsilon = choices.Pick [ 1e-5; 0.0; nan ]
              Momentum = choices.Pick [ Some 0.1; None; Some nan ]
              Affine = choices.Flip()
              TrackRunningStats = choices.Flip() }
    elif t = typeof<EmbeddingOptions> then
        box
            { PaddingIndex = choices.Pick [ None; Some 0; Some -1; Some 7 ]
              MaxNorm = choices.Pick [ None; Some 1.0; Some nan ]
              NormType = choices.Pick [ 2.0; 1.0; infinity; -1.0 ]
              ScaleGradByFrequency = choices.Flip() }
    elif t = typeof<BagMode> then
        box (choices.Pick [ BagMode.Sum; BagMode.Mean; BagMode.Maximum ])
    elif t = typeof<AdaptiveSoftmaxForm> then
        box
            { Features = choices.Pick numbers
              Classes = choices.Pick numbers
              Cutoffs = choices.Pick [ [ 1; 3 ]; [ 2 ]; []; [ 3; 1 ]; [ -1 ] ]
              DivValue = choices.Pick [ 2.0; 1.0; 0.0; nan ]
              HeadBias = choices.Flip() }
    elif t = typeof<FractionalSize> then
        box (
            if choices.Flip() then
                FractionalSize.Sizes(sizes choices)
            else
                FractionalSize.Ratios(choices.Pick [ [ 0.5; 0.5 ]; []; [ 0.0; 2.0 ]; [ nan; 0.3 ] ])
        )
    elif t = typeof<RecurrentOptions> then
        box { Dropout = choices.Pick [ 0.0; 0.5; nan ]; BatchFirst = choices.Flip() }
    elif t = typeof<RecurrentKind> then
        box (choices.Pick [ TanhRnn; ReluRnn; Lstm; Gru ])
    elif t = typeof<int -> float> then
        box (Schedule.constant 0.1)
    else
        failtest $"the fuzzer cannot make a {t}: teach it"

let private apply (choices: Choices) (layer: Layer<'Input, 'Output>) (input: 'Input) : objnull =
    let parameters, state = layer.Init(Random.key 1)
    layer.Apply (choices.Pick [ Evaluate; Train(Random.key 2) ]) parameters state input |> box

/// What a layer makes of an input that it may not like; none for what is no layer.
let private used (choices: Choices) (result: objnull) : objnull voption =
    let some () = tensor choices
    let state () = if choices.Flip() then ValueNone else ValueSome [| some () |]

    match result with
    | :? Layer as layer -> ValueSome(apply choices layer (some ()))
    | :? Layer<Tensor, Tensor * Tensor> as layer -> ValueSome(apply choices layer (some ()))
    | :? Layer<Tensor * Tensor, Tensor> as layer -> ValueSome(apply choices layer (some (), some ()))
    | :? Layer<Tensor * Tensor, Tensor * Tensor> as layer -> ValueSome(apply choices layer (some (), some ()))
    | :? Layer<Tensor * (Tensor * Tensor), Tensor * Tensor> as layer ->
        ValueSome(apply choices layer (some (), (some (), some ())))
    | :? Layer<Tensor * Tensor[], Tensor[]> as layer -> ValueSome(apply choices layer (some (), [| some (); some () |]))
    | :? Layer<Tensor * Tensor[] voption, Tensor * Tensor[]> as layer -> ValueSome(apply choices layer (some (), state ()))
    | :? Layer<Packed * Tensor[] voption, Packed * Tensor[]> as layer ->
        ValueSome(apply choices layer (Packed.ofSequences false [ some (); some () ], state ()))
    | :? Layer<Bag, Tensor> as layer ->
        let offsets = if choices.Flip() then Some(some ()) else None
        ValueSome(apply choices layer { Index = some (); Offsets = offsets; Weights = None })
    | :? Layer<AttentionInput, Tensor> as layer ->
        ValueSome(apply choices layer { AttentionInput.across (some ()) (some ()) with Masks = masks choices })
    | :? Layer<AttentionInput, Tensor * Tensor> as layer ->
        ValueSome(apply choices layer { AttentionInput.across (some ()) (some ()) with Masks = masks choices })
    | :? Layer<MaskedSequence, Tensor> as layer -> ValueSome(apply choices layer { Sequence = some (); Masks = masks choices })
    | :? Layer<DecoderInput, Tensor> as layer ->
        ValueSome(
            apply choices layer { Target = some (); Memory = some (); TargetMasks = masks choices; MemoryMasks = masks choices }
        )
    | :? Layer<TransformerInput, Tensor> as layer ->
        ValueSome(
            apply
                choices
                layer
                { Source = some ()
                  Target = some ()
                  SourceMasks = masks choices
                  TargetMasks = masks choices
                  MemoryMasks = masks choices }
        )
    | _ -> ValueNone

/// Looks at everything in a result, and uses what is a function.
let rec private look (choices: Choices) (result: objnull) =
    match used choices result with
    | ValueSome made -> look choices made
    | ValueNone -> lookAt choices result

and private lookAt (choices: Choices) (result: objnull) =
    match result with
    | null -> ()
    | :? Packed as packed -> look choices packed.Data
    | :? Tensor as t -> read t |> ignore
    | :? Tree as tree -> Tree.leaves tree |> Array.iter (read >> ignore)
    | :? Optimizer as optimizer ->
        let parameters = tree 1 choices
        let struct (updates, state) = optimizer.Update parameters (optimizer.Init parameters) parameters
        look choices (box updates)
        look choices (box state)
    | :? (int -> float) as schedule -> [ 0; 1; 10 ] |> List.iter (schedule >> ignore)
    | :? string -> ()
    | :? Collections.IEnumerable as items ->
        for item in items do
            look choices item
    | other when FSharpType.IsTuple(other.GetType()) -> FSharpValue.GetTupleFields other |> Array.iter (look choices)
    | _ -> ()

let private show (x: objnull) =
    match x with
    | :? Tensor as t -> $"{Dtype.name t.Dtype} {Shape.format t.Shape}"
    | :? (Tensor list) as ts -> ts |> List.map (fun t -> Shape.format t.Shape) |> sprintf "%A"
    | other -> sprintf "%A" other

/// A call that prints.
[<StructuredFormatDisplay("{Shown}")>]
type private Call =
    { Method: MethodInfo
      Arguments: objnull[]
      Rest: Choices }

    member this.Shown = this.Method.Name + "(" + (this.Arguments |> Array.map show |> String.concat ", ") + ")"

let private call (method: MethodInfo) (choices: Choices) =
    { Method = method
      Arguments = method.GetParameters() |> Array.map (fun p -> make choices p.ParameterType)
      Rest = choices }

let private survives (call: Call) =
    try
        try
            call.Method.Invoke(null, call.Arguments) |> look call.Rest
        with :? TargetInvocationException as wrapped when not (isNull wrapped.InnerException) ->
            Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(Unchecked.nonNull wrapped.InnerException).Throw()
    with :? FunctionalException as error ->
        Expect.isGreaterThan error.Message.Length 15 "an error says something"

        if error.Message.Contains "{" || error.Message.Contains "FSharp" then
            failtest $"an unfinished message: {error.Message}"

let tests =
    testList
        "fuzz"
        [ test "the public functions are found" { Expect.isGreaterThan functions.Length 150 "functions" }

          for holder, method in functions do
              forAll $"{holder.Name}.{method.Name}" 60 (call method) survives ]
