/// Deferral changes when work is done, and nothing else.
module Functional.Laws.DeferralTests

open System
open System.Threading
open Expecto
open FsCheck
open FsCheck.FSharp
open Functional
open Functional.Contract
open Functional.Laws.CountingBackend

// ---- values and their bytes ----

/// Elements that include the awkward ones.
let private sample (dtype: Dtype) i =
    let numbers = [| 0.5; -1.25; 3.0; 0.0; -0.0; nan; infinity; -infinity; 1e-3; 77.7; -2.5; 0.1 |]

    match dtype with
    | Bool -> Boolean(i % 3 = 0)
    | other when Dtype.isInteger other -> Integer(int64 (i % 7 - 3))
    | _ -> Real(numbers[i % numbers.Length] + float (i / numbers.Length))

let private ofSamples (backend: IBackend) (dtype: Dtype) (shape: Shape) seed =
    let count = Shape.count shape
    let bytes: byte[] = Array.zeroCreate (count * Dtype.size dtype)

    for i in 0 .. count - 1 do
        Element.write dtype (bytes.AsSpan()) i (sample dtype (i + seed))

    let buffer = backend.Allocate(dtype, count)
    backend.Upload(ReadOnlySpan bytes, buffer)
    Value.ofView backend (View.contiguous shape buffer)

let private bytes (value: Value) =
    let view = Value.view value
    let target = value.Backend.Allocate(value.Dtype, value.Count) |> View.contiguous value.Shape
    value.Backend.Copy(view, target)
    let result: byte[] = Array.zeroCreate (value.Count * Dtype.size value.Dtype)
    value.Backend.Download(target.Buffer, 0, result.AsSpan())
    result

let private floats (backend: IBackend) (numbers: float seq) =
    let numbers = Array.ofSeq numbers
    let buffer = backend.Allocate(Float32, numbers.Length)
    let memory: byte[] = Array.zeroCreate (4 * numbers.Length)
    numbers |> Array.iteri (fun i x -> Element.write Float32 (memory.AsSpan()) i (Real x))
    backend.Upload(ReadOnlySpan memory, buffer)
    Value.ofView backend (View.contiguous [| numbers.Length |] buffer)

let private numbers (value: Value) =
    let memory = bytes value
    Array.init value.Count (fun i -> (Element.read value.Dtype (ReadOnlySpan memory) i).AsFloat)

let private f1 f a = Value.pointwise1 f a
let private f2 f a b = Value.pointwise2 f a b
let private ( +. ) a b = f2 Functions.add a b
let private ( *. ) a b = f2 Functions.mul a b
let private times (number: float) (value: Value) =
    f2 Functions.mul value (Value.constant value.Backend value.Dtype value.Shape (Real number))

// ---- random programs ----

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
    [| Functions.neg; Functions.exp; Functions.tanh; Functions.abs; Functions.square; Functions.relu; Functions.geluTanh; Functions.isNan |]

let private binaries =
    [| Functions.add; Functions.sub; Functions.mul; Functions.maximum; Functions.minimum; Functions.div; Functions.lt; Functions.eq |]

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
        let move (view: View) =
            { view with Offset = Shape.count shape - 1; Strides = view.Strides |> Array.map (~-) }
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
            (if sources |> List.exists (fun source -> isNull source.Value) then null
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
        | Apply(f, a, b, c) when usable [ a; b; c ] ->
            make [ at a; at b; at c ] (fun args -> apply f args[0] args[1] args[2])
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

            make [ at a ] (fun args ->
                args[0] |> Value.restructure (Array.rev shape) turn |> Value.restructure shape turn)
        | Donate a when usable [ a ] ->
            let value = values[at a].Value

            if isNull value || (Value.tryConstant value).IsNone then
                donated.Add(at a) |> ignore
                if donating && not (isNull value) then Value.donate value
        | _ -> ()

    values, donated, folded

/// A backend, and the shapes that its random programs have.
let private settings: (IBackend * Shape[]) list =
    let small: Shape[] = [| [| 3; 4 |]; [| 2; 1; 5 |]; [| 1; 1 |]; [| 0; 3 |]; [| 7; 2 |] |]
    [ Reference.backend, small; Functional.Cpu.CpuBackend.Instance, Array.append small [| [| 9; 17 |]; [| 3; 5; 64 |] |] ]

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

let private programs shapes donating =
    gen {
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
                  let shrink (shape, program) =
                      seq {
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
        Expect.sequenceEqual (bytes actual[i].Value) (bytes expected[i].Value) $"value {i} of {actual.Count}, {actual[i].Value.Dtype}"

    for i in 0 .. actualFolds.Count - 1 do
        Expect.sequenceEqual (bytes actualFolds[i].Value) (bytes expectedFolds[i].Value) $"reduction {i}"

let private donationKeepsTheRest immediate deferring shape program =
    let expected, _, expectedFolds = run immediate false shape program
    let actual, donated, actualFolds = run deferring true shape program

    let same name (found: Traced) (wanted: Traced) =
        match (if isNull found.Value then None else try Some(bytes found.Value) with :? DonationException -> None) with
        | Some bytesFound -> Expect.sequenceEqual bytesFound (bytes wanted.Value) name
        | None -> Expect.isTrue (found.From |> Set.exists donated.Contains) $"{name} was lost, but depends on nothing donated"

    for i in 0 .. actual.Count - 1 do
        if not (donated.Contains i) then
            same $"value {i}" actual[i] expected[i]
        elif not (isNull actual[i].Value) then
            Expect.throwsT<DonationException> (fun () -> bytes actual[i].Value |> ignore) $"donated value {i} was used"

    for i in 0 .. actualFolds.Count - 1 do
        same $"reduction {i}" actualFolds[i] expectedFolds[i]

// ---- how much work there is ----

let private chain length step (start: Value) = List.fold (fun value _ -> step value) start [ 1..length ]

/// One Adam step out of elementary operations: parameter, first and second moment.
let private adam (gradient: Value) (parameter: Value) (first: Value) (second: Value) =
    let m = times 0.9 first +. times 0.1 gradient
    let v = times 0.999 second +. times 0.001 (gradient *. gradient)
    let epsilon = Value.constant v.Backend v.Dtype v.Shape (Real 1e-8)
    let step = f2 Functions.div (times 10.0 m) (f1 Functions.sqrt (times 1000.0 v) +. epsilon)
    f2 Functions.sub parameter (times 0.001 step), m, v

let private workTests =
    testList
        "work"
        [ test "a chain of ten is one kernel" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0; 3.0 ]
              let y = chain 10 (fun v -> v +. x) x
              Expect.equal counting.Pointwise 0 "nothing before somebody looks"
              Expect.equal (numbers y |> List.ofArray) [ 11.0; 22.0; 33.0 ] "values"
              Expect.equal (counting.Pointwise, counting.Outputs) (1, 1) "kernels"
          }
          test "the sum of a chain is one reduction" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0; 3.0 ]
              let y = chain 10 (fun v -> v +. x) x
              let total = Value.reduce Sum [||] y
              Expect.equal (counting.Pointwise, counting.Reductions) (0, 1) "kernels"
              Expect.equal (numbers total) [| 66.0 |] "value"
              Expect.equal (numbers y |> List.ofArray) [ 11.0; 22.0; 33.0 ] "the chain can still be looked at"
          }
          test "a value that others wait for is stored before it is folded" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let y = f1 Functions.exp x
              let z = y *. x
              let total = Value.reduce Sum [||] y
              Expect.equal (counting.Pointwise, counting.Reductions) (1, 1) "kernels"
              Value.forceAll [| z; total |]
              Expect.equal counting.Pointwise 2 "z from the stored y"
          }
          test "a value that several operations are going to want is stored before it is folded" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let y = x +. x
              Value.share y
              let total = Value.reduce Sum [||] y
              Value.view y |> ignore
              Expect.equal (counting.Pointwise, counting.Reductions, numbers total) (1, 1, [| 6.0 |]) "kernels, value"
          }
          test "an Adam step is one kernel with three results" {
              let counting = deferring ()
              let leaf = floats counting
              let p, m, v = adam (leaf [ 1.0; -2.0 ]) (leaf [ 0.5; 0.5 ]) (leaf [ 0.0; 0.1 ]) (leaf [ 0.0; 0.2 ])
              Value.forceAll [| p; m; v |]
              Expect.equal (counting.Pointwise, counting.Outputs) (1, 3) "kernels"
          }
          test "a changed number needs no new program" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let programs = Collections.Generic.HashSet<int>()

              for rate in [ 0.1; 0.2; 0.3 ] do
                  let found = numbers (times rate (x +. x))
                  Expect.equal found[1] (float (float32 rate * 4.0f)) "value"
                  programs.Add counting.LastProgram |> ignore

              Expect.equal programs.Count 1 "programs"
          }
          test "unrelated values of one shape keep kernels of their own" {
              let counting = deferring ()
              let a, b = floats counting [ 1.0 ], floats counting [ 2.0 ]
              Value.forceAll [| a +. a; b +. b |]
              Expect.equal (counting.Pointwise, counting.Outputs) (2, 2) "kernels"
          }
          test "a shared intermediate that others want is written out on the way" {
              let counting = deferring ()
              let x = floats counting [ 0.1; 0.2; 0.3 ]
              let y = f1 Functions.geluTanh x
              let z = f1 Functions.geluTanh y
              let other = y *. x
              Value.view z |> ignore
              Expect.equal (counting.Pointwise, counting.Outputs) (1, 2) "y comes with z"
              Value.view other |> ignore
              Expect.equal (counting.Pointwise, counting.Outputs) (2, 3) "and is read by the other"
          }
          test "a long chain of gelus is cut where the intermediates are shared" {
              let counting = deferring ()
              let x = floats counting [ 0.1; 0.2; 0.3 ]
              let values = List.scan (fun v _ -> f1 Functions.geluTanh v) x [ 1..12 ]
              let last = List.last values
              // As a backward pass would: from the end, every step with the value that went into it.
              let gradient =
                  List.foldBack (fun (v: Value) g -> g *. (f1 Functions.tanh v +. v)) (List.take 12 values) last

              Value.forceAll [| gradient |]
              Expect.isLessThan counting.Pointwise 12 "kernels"
              Expect.isLessThan counting.Outputs 24 "arrays"
          }
          test "equal values of a common expression are computed once, however often they are shared" {
              let counting = deferring ()
              let x = floats counting [ 1.0 ]
              let y = chain 60 (fun v -> f2 Functions.maximum v v) x
              Expect.equal (numbers y) [| 1.0 |] "value"
              Expect.equal counting.Pointwise 1 "kernels"
          }
          test "a chain of 100,000 additions neither overflows nor takes for ever" {
              let counting = deferring ()
              let x = floats counting [ 0.0; 1.0 ]
              let y = chain 100_000 (fun v -> v +. x) x
              Expect.equal (numbers y) [| 0.0; 100_001.0 |] "values"
              Expect.isLessThan counting.Pointwise 1000 "kernels"
          }
          test "many inputs are split" {
              let counting = deferring ()
              let leaves = List.init 100 (fun i -> floats counting [ float i ])
              Expect.equal (numbers (List.reduce ( +. ) leaves)) [| 4950.0 |] "value"
              Expect.isLessThan counting.Pointwise 10 "kernels"
          }
          test "functions of numbers are numbers" {
              let counting = deferring ()
              let number x = Value.constant counting Float32 [| 1000 |] (Real x)
              let sum = number 1.5 +. number 2.0
              Expect.equal (Value.tryConstant sum) (ValueSome(Real 3.5)) "value"
              Expect.equal (Value.tryConstant (f1 Functions.sqrt sum)) (ValueSome(Real(float (sqrt 3.5f)))) "value"
              Expect.equal (numbers (Value.reduce Sum [||] sum)) [| 3500.0 |] "sum"
          } ]

// ---- donation ----

let private donationTests =
    let isRefused (value: Value) =
        Expect.throwsT<DonationException> (fun () -> Value.view value |> ignore) "use after donation"
        Expect.throwsT<DonationException> (fun () -> value +. value |> ignore) "use after donation"

    testList
        "donation"
        [ test "an Adam step writes into the memory of parameters and state" {
              let counting = deferring ()
              let leaf = floats counting
              let gradient, parameter = leaf [ 1.0; -2.0 ], leaf [ 0.5; 0.5 ]
              let first, second = leaf [ 0.0; 0.1 ], leaf [ 0.0; 0.2 ]
              let expected = (let p, m, v = adam gradient parameter first second in [ numbers p; numbers m; numbers v ])
              let p, m, v = adam gradient parameter first second
              counting.Reset()
              [ parameter; first; second ] |> List.iter Value.donate
              Value.forceAll [| p; m; v |]
              Expect.equal counting.Allocations 0 "allocations"
              Expect.equal [ numbers p; numbers m; numbers v ] expected "values"
              [ parameter; first; second ] |> List.iter isRefused
              Expect.equal (numbers gradient) [| 1.0; -2.0 |] "the gradient was not donated"
          }
          test "step after step in the same memory" {
              let counting = deferring ()
              let leaf = floats counting
              let gradient = leaf [ 1.0; -2.0 ]
              let mutable state = leaf [ 0.5; 0.5 ], leaf [ 0.0; 0.0 ], leaf [ 0.0; 0.0 ]
              counting.Reset()

              for _ in 1..5 do
                  let p, m, v = state
                  let p', m', v' = adam gradient p m v
                  [ p; m; v ] |> List.iter Value.donate
                  Value.forceAll [| p'; m'; v' |]
                  state <- p', m', v'

              Expect.equal (counting.Allocations, counting.Pointwise) (0, 5) "allocations, kernels"
          }
          test "memory that a view shows is left alone" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let view = Value.restructure [| 2; 1 |] (fun v -> { v with Shape = [| 2; 1 |]; Strides = [| 1; 1 |] }) x
              let y = x +. x
              Value.donate x
              Value.forceAll [| y |]
              Expect.equal (numbers view) [| 1.0; 2.0 |] "view"
              Expect.equal (numbers y) [| 2.0; 4.0 |] "result"
              isRefused x
          }
          test "memory that a pending value elsewhere reads is left alone" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let y, z = x +. x, x *. x
              Value.donate x
              Value.forceAll [| y |]
              Expect.equal (numbers z) [| 1.0; 4.0 |] "the other"
              isRefused x
          }
          test "what can only be computed from overwritten memory says so" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let inner = x +. x
              let outer = inner *. inner
              Value.donate x
              Value.forceAll [| outer |]
              Expect.equal (numbers outer) [| 4.0; 16.0 |] "result"
              isRefused inner
          }
          test "forced together, both are there" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let inner = x +. x
              let outer = inner *. inner
              Value.donate x
              Value.forceAll [| outer; inner |]
              Expect.equal (numbers outer, numbers inner) ([| 4.0; 16.0 |], [| 2.0; 4.0 |]) "results"
          }
          test "a pending value can be donated" {
              let counting = deferring ()
              let x = floats counting [ 1.0; 2.0 ]
              let inner = x +. x
              let outer = inner *. inner
              Value.donate inner
              Expect.equal (numbers outer) [| 4.0; 16.0 |] "result"
              Expect.equal (counting.Outputs, numbers x) (1, [| 1.0; 2.0 |]) "one array, and the leaf is alive"
              isRefused inner
          }
          test "a failed kernel leaves what it was given, unless that was donated" {
              let counting = deferring ()
              let x, y = floats counting [ 1.0; 2.0 ], floats counting [ 3.0; 4.0 ]
              let kept, lost = x +. x, y +. y
              Value.donate y
              counting.Fails <- true
              Expect.throwsT<OutOfMemoryException> (fun () -> Value.view kept |> ignore) "failure"
              Expect.throwsT<OutOfMemoryException> (fun () -> Value.view lost |> ignore) "failure"
              counting.Fails <- false
              Expect.equal (numbers kept) [| 2.0; 4.0 |] "second try"
              isRefused lost
          } ]

// ---- threads ----

let private together count (work: int -> 'T) : 'T[] =
    use start = new Barrier(count)
    let results: 'T[] = Array.zeroCreate count

    let threads =
        [ for i in 0 .. count - 1 ->
              Thread(fun () ->
                  start.SignalAndWait()
                  results[i] <- work i) ]

    threads |> List.iter _.Start()
    threads |> List.iter _.Join()
    results

let private threadTests =
    testList
        "threads"
        [ test "a pending value forced by several threads is computed once" {
              for _ in 1..200 do
                  let counting = deferring ()
                  let x = floats counting [ for i in 0..99 -> float i ]
                  let y = chain 20 (fun v -> v +. x) x
                  let seen = together 4 (fun _ -> (Value.view y).Buffer)
                  Expect.equal counting.Pointwise 1 "kernels"
                  Expect.isTrue (seen |> Array.forall (fun b -> obj.ReferenceEquals(b, seen[0]))) "one result"
          }
          test "expressions that share parts can be forced from several threads" {
              for round in 1..100 do
                  let counting = deferring ()
                  let x = floats counting [ for i in 0..49 -> float i ]
                  let shared = chain 10 (fun v -> f1 Functions.tanh v) x
                  let ends = Array.init 4 (fun i -> chain (5 + i) (fun v -> v +. shared) shared)
                  let found = together 4 (fun i -> numbers ends[(i + round) % 4])
                  let wanted = numbers shared

                  for i in 0..3 do
                      let n = 6 + (i + round) % 4
                      let value = Array.map (fun x -> Seq.fold (fun s _ -> float (float32 s + float32 x)) x [ 2..n ]) wanted
                      Expect.equal found[i] value "value"
          }
          test "building on one value from several threads loses no use" {
              let counting = deferring ()

              for _ in 1..50 do
                  let x = floats counting [ 1.0; 2.0 ]
                  let built = together 4 (fun _ -> Array.init 50 (fun _ -> x +. x))
                  Value.donate x
                  Value.forceAll [| built[0][0] |]

                  for value in Array.concat built do
                      Expect.equal (numbers value) [| 2.0; 4.0 |] "value"
          } ]

let tests =
    testList
        "deferral"
        [ forPrograms "fusing changes no bit" false 500 fusedIsUnfused
          forPrograms "donation changes no bit of what may still be used" true 500 donationKeepsTheRest
          workTests
          donationTests
          testSequenced threadTests ]
