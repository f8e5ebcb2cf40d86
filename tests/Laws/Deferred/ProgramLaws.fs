/// Random programs give the same bits whether their work is deferred or not, and whatever is donated on the way.
module Functional.Laws.Deferred.ProgramLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Functional
open Functional.Contract
open Functional.Laws.Deferred.CountingBackend
open Functional.Laws.Deferred.ValueSamples

/// One step of a random program on the values made so far; the numbers are taken modulo what there is.
type Step =
    | Apply of f: int * a: int * b: int * c: int
    | CastTo of dtype: int * a: int
    | Number of int
    | Leaf of kind: int * dtype: int
    | Fold of kind: int * a: int * axis: int
    | Look of a: int
    | LookAtAll of a: int * b: int * c: int
    | Move of a: int
    | Donate of a: int

/// A value of a program and the numbers of the values that it was computed from; null where donation made it impossible.
type private Traced = { Value: Value; From: Set<int> }

let private unaries =
    [| Functions.neg
       Functions.exp
       Functions.tanh
       Functions.abs
       Functions.square
       Functions.relu
       Functions.geluTanh
       Functions.isNan |]

let private binaries =
    [| Functions.add
       Functions.sub
       Functions.mul
       Functions.maximum
       Functions.minimum
       Functions.div
       Functions.lt
       Functions.eq |]

let private dtypes = [| Float32; Float64; Float16; BFloat16; Int32; Bool; Int64; UInt8 |]
let private pick (choices: 'T[]) i = choices[(abs (i % choices.Length))]

/// A leaf of the shape: row-major, transposed, a repeated row, a repeated number, every second element, or reversed.
let private leaf backend (shape: Shape) kind dtype seed =
    let expand (source: Shape) =
        let move (view: View) = { view with Shape = shape; Strides = Shape.expandStrides view.Shape view.Strides shape }
        ofSamples backend dtype source seed |> Value.restructure shape move

    match abs (kind % 6) with
    | 1 ->
        let move (view: View) = { view with Shape = shape; Strides = Array.rev view.Strides }
        ofSamples backend dtype (Array.rev shape) seed |> Value.restructure shape move
    | 2 -> expand (Array.append [| 1 |] shape[1..])
    | 3 -> expand [| 1 |]
    | 4 ->
        let wide = Array.append shape[.. shape.Length - 2] [| 2 * shape[shape.Length - 1] + 1 |]

        let move (view: View) =
            let strides = Array.copy view.Strides
            strides[shape.Length - 1] <- 2
            { view with Offset = (if Shape.count shape > 0 then 1 else 0); Shape = shape; Strides = strides }

        ofSamples backend dtype wide seed |> Value.restructure shape move
    | 5 when Shape.count shape > 0 ->
        let move (view: View) = { view with Offset = Shape.count shape - 1; Strides = view.Strides |> Array.map (~-) }
        ofSamples backend dtype shape seed |> Value.restructure shape move
    | _ -> ofSamples backend dtype shape seed

/// A new value even where the dtype stays.
let private castTo dtype (value: Value) = f1 Functions.casts[Dtype.index dtype] value

let private apply f (x: Value) (y: Value) (z: Value) =
    let floating (value: Value) = if Dtype.isFloating value.Dtype then value else castTo Float32 value

    match f % 3 with
    | 0 -> Value.pointwise (pick unaries (f / 3)) [| floating x |] [||]
    | 1 -> (let x = floating x in Value.pointwise (pick binaries (f / 3)) [| x; castTo x.Dtype y |] [||])
    | _ -> Value.pointwise Functions.where [| castTo Bool z; x; castTo x.Dtype y |] [||]

/// Runs a program: the values it makes in order, which of them were donated, and the results of its reductions.
/// `donating`: whether donated values are really given up, or only never used again.
let private run (backend: IBackend) donating (shape: Shape) (program: Step list) =
    let values = ResizeArray<Traced>()
    let folded = ResizeArray<Traced>()
    let donated = Collections.Generic.HashSet<int>()

    /// What a step computes from values; null if these, or the step itself, were lost to a donation.
    let attempt (sources: int list) (compute: Value list -> Value) =
        let sources = sources |> List.map (fun i -> values[i])

        { Value =
            (if sources |> List.exists (fun source -> isNull source.Value) then
                 null
             else
                 try
                     sources |> List.map _.Value |> compute
                 with :? DonationException ->
                     null)
          From = sources |> List.map _.From |> Set.unionMany }

    let add (made: Traced) = values.Add { made with From = Set.add values.Count made.From }
    let make sources compute = add (attempt sources compute)
    make [] (fun _ -> ofSamples backend Float32 shape 0)
    make [] (fun _ -> ofSamples backend Float32 shape 5)

    for step in program do
        let at i = i % values.Count
        let usable = List.forall (fun i -> not (donated.Contains(at i)))

        match step with
        | Apply(f, a, b, c) when usable [ a; b; c ] -> make [ at a; at b; at c ] (fun args -> apply f args[0] args[1] args[2])
        | CastTo(dtype, a) when usable [ a ] -> make [ at a ] (fun args -> castTo (pick dtypes dtype) args[0])
        | Number n -> make [] (fun _ -> Value.constant backend Float32 shape (sample Float32 n))
        | Leaf(kind, dtype) ->
            let seed = values.Count * 3
            make [] (fun _ -> leaf backend shape kind (pick dtypes dtype) seed)
        | Fold(kind, a, axis) when usable [ a ] && Shape.count shape > 0 ->
            let axes = if axis % 3 = 0 then [||] else [| axis % shape.Length |]
            let kind = pick [| Sum; Product; Maximum; ArgMinimum |] kind
            folded.Add(attempt [ at a ] (fun args -> Value.reduce kind axes args[0]))
        | Look a when usable [ a ] ->
            attempt [ at a ] (fun args ->
                Value.view args[0] |> ignore
                args[0])
            |> ignore
        | LookAtAll(a, b, c) when usable [ a; b; c ] ->
            attempt [ at a; at b; at c ] (fun args ->
                Value.forceAll (Array.ofList args)
                args[0])
            |> ignore
        | Move a when usable [ a ] ->
            let turn (view: View) = { view with Shape = Array.rev view.Shape; Strides = Array.rev view.Strides }

            make [ at a ] (fun args -> args[0] |> Value.restructure (Array.rev shape) turn |> Value.restructure shape turn)
        | Donate a when usable [ a ] ->
            let value = values[at a].Value

            if isNull value || (Value.tryConstant value).IsNone then
                donated.Add(at a) |> ignore

                if donating && not (isNull value) then
                    Value.donate value
        | _ -> ()

    values, donated, folded

/// A backend, and the shapes that its random programs have.
let private settings: (IBackend * Shape[]) list =
    let small: Shape[] = [| [| 3; 4 |]; [| 2; 1; 5 |]; [| 1; 1 |]; [| 0; 3 |]; [| 7; 2 |] |]

    [ Reference.backend, small
      Functional.Cpu.CpuBackend.Instance, Array.append small [| [| 9; 17 |]; [| 3; 5; 64 |] |] ]

let private steps donating =
    let small = Gen.choose (0, 1000)
    let map2 f = Gen.map2 f small small

    Gen.frequency
        [ 12, Gen.map4 (fun f a b c -> Apply(f, a, b, c)) small small small small
          2, map2 (fun d a -> CastTo(d, a))
          1, Gen.map Number small
          2, map2 (fun k d -> Leaf(k, d))
          1, Gen.map3 (fun k a x -> Fold(k, a, x)) small small small
          1, Gen.map Look small
          1, Gen.map3 (fun a b c -> LookAtAll(a, b, c)) small small small
          1, Gen.map Move small
          (if donating then 3 else 0), Gen.map Donate small ]

let private programs shapes donating = gen {
    let! length = Gen.choose (1, 60)
    let! program = Gen.listOfLength length (steps donating)
    let! shape = Gen.elements shapes
    return shape, program
}

/// A law of random programs on every backend; it takes the backend with nothing deferred and with everything deferred.
let private forPrograms name donating count law =
    testList
        name
        [ for backend, shapes in settings ->
              testCase backend.Name (fun () ->
                  let shrink (shape, program) = seq {
                      for i in 0 .. List.length program - 1 do
                          shape, List.removeAt i program
                  }

                  Check.One(
                      Config.QuickThrowOnFailure.WithMaxTest count,
                      Prop.forAll (Arb.fromGenShrink (programs shapes donating, shrink)) (fun (shape, program) ->
                          law (Counting(backend, Int32.MaxValue)) (Counting(backend, -1)) shape program)
                  )) ]

let private fusedIsUnfused immediate deferring shape program =
    let expected, _, expectedFolds = run immediate false shape program
    let actual, _, actualFolds = run deferring false shape program

    for i in actual.Count - 1 :: [ 0 .. actual.Count - 2 ] do
        Expect.sequenceEqual
            (bytes actual[i].Value)
            (bytes expected[i].Value)
            $"value {i} of {actual.Count}, {actual[i].Value.Dtype}"

    for i in 0 .. actualFolds.Count - 1 do
        Expect.sequenceEqual (bytes actualFolds[i].Value) (bytes expectedFolds[i].Value) $"reduction {i}"

let private donationKeepsTheRest immediate deferring shape program =
    let expected, _, expectedFolds = run immediate false shape program
    let actual, donated, actualFolds = run deferring true shape program

    let same name (found: Traced) (wanted: Traced) =
        match
            (if isNull found.Value then
                 None
             else
                 try
                     Some(bytes found.Value)
                 with :? DonationException ->
                     None)
        with
        | Some bytesFound -> Expect.sequenceEqual bytesFound (bytes wanted.Value) name
        | None -> Expect.isTrue (found.From |> Set.exists donated.Contains) $"{name} was lost, but depends on nothing donated"

    for i in 0 .. actual.Count - 1 do
        if not (donated.Contains i) then
            same $"value {i}" actual[i] expected[i]
        elif not (isNull actual[i].Value) then
            Expect.throwsT<DonationException> (fun () -> bytes actual[i].Value |> ignore) $"donated value {i} was used"

    for i in 0 .. actualFolds.Count - 1 do
        same $"reduction {i}" actualFolds[i] expectedFolds[i]

let tests =
    [ forPrograms "fusing changes no bit" false 500 fusedIsUnfused
      forPrograms "donation changes no bit of what may still be used" true 500 donationKeepsTheRest ]
