/// Backends under test, and what it means that one agrees with the reference.
module Functional.Laws.Contract.Agreement

open System
open Expecto
open Functional.Contract
open Functional.Laws.Contract.Samples

/// A backend under test and how its number of threads is set.
type Subject =
    {
        Backend: IBackend
        SetThreads: int -> unit
        /// The operations that it may say it lacks.
        Lacks: string list
    }

/// Every backend that is compared with the reference.
let subjects =
    [ { Backend = Functional.Cpu.CpuBackend.Instance
        SetThreads = fun count -> Functional.Cpu.WorkerPool.Threads <- count
        Lacks = [] } ]

let private chosen = Threading.AsyncLocal<Subject list>()

/// The backends that the running law compares with the reference.
let current () =
    match box chosen.Value with
    | null -> subjects
    | _ -> chosen.Value

/// The same tests about other backends, each property on at most so many cases; skipped where there is none of them.
let rec withSubjects (others: Lazy<Subject list>) times (test: Test) : Test =
    let choose () =
        match others.Value with
        | [] -> skiptest "no such backend here"
        | there -> chosen.Value <- there

    let fewer = Option.map (fun (config: FsCheckConfig) -> { config with maxTest = min times config.maxTest })

    match test with
    | TestList(tests, focus) -> TestList(tests |> List.map (withSubjects others times), focus)
    | TestLabel(label, test, focus) -> TestLabel(label, withSubjects others times test, focus)
    | Test.Sequenced(how, test) -> Test.Sequenced(how, withSubjects others times test)
    | TestCase(code, focus) ->
        let code =
            match code with
            | Sync run ->
                Sync(fun () ->
                    choose ()
                    run ())
            | AsyncFsCheck(config, stress, run) ->
                AsyncFsCheck(
                    fewer config,
                    stress,
                    fun config -> async {
                        choose ()
                        do! run config
                    }
                )
            | other -> other

        TestCase(code, focus)

/// How far a result may be from the reference's, given the reference's value and its magnitude.
type Tolerance = Scalar -> Scalar -> float

/// The distance between 1 and the next number.
let epsilon dtype =
    match dtype with
    | Float16 -> Math.Pow(2.0, -10.0)
    | BFloat16 -> Math.Pow(2.0, -7.0)
    | Float32 -> Math.Pow(2.0, -23.0)
    | _ -> Math.Pow(2.0, -52.0)

let private smallest dtype =
    match dtype with
    | Float16 -> Math.Pow(2.0, -24.0)
    | BFloat16 -> Math.Pow(2.0, -133.0)
    | Float32 -> float Single.Epsilon
    | _ -> Double.Epsilon

/// The step from a number of a dtype to its neighbour.
let ulp dtype (value: float) = max (smallest dtype) (epsilon dtype * abs value)

let exact (_: Dtype) : Tolerance = fun _ _ -> 0.0

/// So many neighbours away.
let ulps count dtype : Tolerance = fun expected _ -> count * ulp dtype expected.AsFloat

/// What summing `terms` numbers of the given magnitude may lose, in the compute dtype, and the rounding to the dtype itself.
let summing terms dtype : Tolerance =
    fun expected magnitude ->
        let compute = epsilon (Dtype.compute dtype)
        ulp dtype expected.AsFloat + compute * (4.0 + float terms) * abs magnitude.AsFloat

/// Equal, both nan, or no further apart than the room there is (none: anything goes).
let private close room expected actual =
    match room, expected, actual with
    | None, _, _ -> true
    | Some room, Real e, Real a ->
        (Double.IsNaN e && Double.IsNaN a)
        || e = a
        // The difference to an infinity is no more than an infinite room.
        || (Double.IsFinite e && Double.IsFinite a && abs (e - a) <= room)
    | _ -> expected = actual

/// What came of an operation.
type Outcome =
    /// The raw memory of its results.
    | Results of (Dtype * byte[]) list
    /// The kind of error.
    | Refused of string
    /// The backend has no such operation, and need not have it.
    | Lacking

let private outcome lacks (backend: IBackend) (operation: IBackend -> Functional.Contract.Buffer list) =
    try
        operation backend |> List.map (fun buffer -> buffer.Dtype, download backend buffer) |> Results
    with
    | :? UnsupportedException as error when List.contains error.Operation lacks -> Lacking
    | :? FunctionalException as error -> Refused(error.GetType().Name)

/// Compares elements; `room` tells for output and position how far apart they may be.
let private compareResults subject room expected actual =
    List.zip expected actual
    |> List.iteri (fun output ((dtype, expected), (actualDtype, actual)) ->
        Expect.equal actualDtype dtype $"{subject}: the dtype of the result"
        let expected, actual = scalars dtype expected, scalars dtype actual
        Expect.equal actual.Length expected.Length $"{subject}: the number of elements"

        for i in 0 .. expected.Length - 1 do
            let room = room output i

            if not (close room expected[i] actual[i]) then
                failtestf
                    "%s: element %d of %d is %A, the reference has %A (room %A)"
                    subject
                    i
                    expected.Length
                    actual[i]
                    expected[i]
                    room)

/// Shows that every subject gives the reference's results.
/// `room` tells for output and position how far from the reference a result may be; none if anything goes.
let agreeElements (operation: IBackend -> Functional.Contract.Buffer list) (room: int -> int -> float option) =
    let expected = outcome [] Reference.backend operation

    for subject in current () do
        let name = subject.Backend.Name

        match expected, outcome subject.Lacks subject.Backend operation with
        | _, Lacking -> ()
        | Results expected, Results actual -> compareResults name room expected actual
        | Refused expected, Refused actual -> Expect.equal actual expected $"{name}: the kind of error"
        | Refused expected, _ -> failtest $"{name} gives a result where the reference raises {expected}"
        | _, Refused actual -> failtest $"{name} raises {actual} where the reference gives a result"
        | Lacking, _ -> failtest "the reference lacks nothing"

/// The same with one tolerance for all; `magnitude` is the operation on absolute values, for tolerances that go by what was summed.
let agreeScaled (tolerance: Dtype -> Tolerance) (magnitude: IBackend -> Functional.Contract.Buffer list) operation =
    let results operation =
        match outcome [] Reference.backend operation with
        | Results results -> results |> List.map (fun (dtype, bytes) -> dtype, scalars dtype bytes)
        | _ -> []

    let expected = results operation
    let magnitude = results magnitude

    agreeElements operation (fun output i ->
        let dtype, values = expected[output]
        let scale = snd magnitude[output]
        Some(tolerance dtype values[i] scale[i]))

let agree tolerance operation = agreeScaled tolerance operation operation

/// The bits that an operation gives do not depend on the number of threads.
/// Only for tests that run by themselves: the number of threads is the process's.
let sameForAnyThreads operation =
    for subject in current () do
        let withThreads count =
            subject.SetThreads count

            try
                outcome subject.Lacks subject.Backend operation
            finally
                subject.SetThreads Environment.ProcessorCount

        let alone = withThreads 1

        for count in [ 2; 3 ] do
            Expect.isTrue (withThreads count = alone) $"{subject.Backend.Name}: {count} threads give other bits than one"

/// A row-major sample of whole numbers from -3 to 3, as that sample and as numbers.
let whole dtype shape seed =
    let drawn = sample dtype shape { plain with Values = Small; Seed = seed }
    drawn, scalars dtype drawn.Bytes |> Array.map (fun x -> int x.AsFloat)

/// What every subject computes is these whole numbers, rounded to the dtype.
let gives (expected: int[]) dtype operation =
    for subject in current () do
        let actual = scalars dtype (download subject.Backend (operation subject.Backend))
        Expect.equal actual.Length expected.Length "the number of elements"

        for i in 0 .. expected.Length - 1 do
            let right = Element.round dtype (Integer(int64 expected[i]))

            if actual[i].AsFloat <> right.AsFloat then
                failtestf "%s: element %d of %d is %A, rightly %A" subject.Backend.Name i expected.Length actual[i] right
