/// Programs: each function alone, random compositions, donation, parameters.
module Functional.Laws.Contract.PointwiseLaws

open System
open Expecto
open FsCheck.FSharp
open Functional.Contract
open Functional.Laws.Contract.Samples
open Functional.Laws.Contract.Cases
open Functional.Laws.Contract.Agreement
open Functional.Laws.Contract.Programs

let private parametersOf (lowered: Lowered) (own: Scalar[]) =
    Array.append own lowered.Constants
    |> Array.mapi (fun i value -> Element.round lowered.Program.Parameters[i] value)

let private inputsOf (case: ProgramCase) = List.map2 (fun dtype look -> sample dtype case.Shape look) case.Inputs case.Looks

/// Runs a program on a backend, outputs in fresh buffers.
let private pointwise (lowered: Lowered) parameters shape inputs (backend: IBackend) =
    let outputs = lowered.Program.Results |> Array.map (fun dtype -> backend.Allocate(dtype, Shape.count shape))
    let views = inputs |> List.map (upload backend) |> List.toArray
    backend.Pointwise(lowered.Program, shape, views, parameters, outputs)
    Array.toList outputs

/// The reference's results with rounding noise, or none where noise led to an error.
let private noisy (lowered: Lowered) parameters shape inputs direction =
    let views = inputs |> List.map (upload Reference.backend)
    let program = lowered.Program
    let results = program.Results |> Array.map (fun _ -> ResizeArray<Scalar>())

    try
        Elements.iterate shape (fun _ index ->
            let elements = views |> List.map (fun view -> Elements.get view index) |> List.toArray
            let values = Interpreter.runWith (noise direction program) program elements parameters
            values |> Array.iteri (fun i value -> results[i].Add(Element.round program.Results[i] value)))

        Some results
    with :? ArgumentValueException ->
        None

let private same a b = a = b || (Arithmetic.isNan a && Arithmetic.isNan b) || (a.AsFloat = 0.0 && b.AsFloat = 0.0)

/// How far from the reference a result may be that these noisy results enclose, or none if anything may come out.
let private room dtype expected (noisy: Scalar list) =
    if noisy |> List.forall (same expected) then
        Some 0.0
    elif not (Dtype.isFloating dtype) then
        None
    else
        let values = expected :: noisy |> List.map (fun v -> v.AsFloat)

        if values |> List.forall Double.IsFinite then
            Some(4.0 * (List.max values - List.min values) + 2.0 * ulp dtype (values |> List.maxBy abs))
        else
            None

/// Every subject computes what the reference computes, give or take what rough functions leave open.
let private programAgrees (case: ProgramCase) =
    let lowered = lower case
    let inputs = inputsOf case
    let parameters = parametersOf lowered [||]
    let run = pointwise lowered parameters case.Shape inputs
    let clouds = directions |> List.map (noisy lowered parameters case.Shape inputs)

    let tolerances =
        try
            let clean = run Reference.backend |> List.map (fun b -> scalars b.Dtype (download Reference.backend b))

            clean
            |> List.mapi (fun output values ->
                values
                |> Array.mapi (fun i expected ->
                    if clouds |> List.forall Option.isSome then
                        room lowered.Program.Results[output] expected (clouds |> List.map (fun cloud -> cloud.Value[output][i]))
                    else
                        None))
            |> Some
        with :? ArgumentValueException ->
            None

    agreeElements run (fun output i ->
        match tolerances with
        | Some rooms -> rooms[output][i]
        | None -> Some 0.0)

let private programLaw name times generate = forEach times name generate smaller programAgrees

/// One function of dtypes that it takes, over everything that those can hold.
let private alone name times (operands: int) dtypes (expression: ScalarExpr) bool =
    let generate = gen {
        let! dtype = Gen.elements dtypes
        let! case = cases { wanted with Looks = operands; Values = [ Small; Tame; Wild ]; Choices = 0; Elements = 200 }

        return
            { Inputs = List.replicate operands dtype
              Outputs = [ expression, (if bool then Bool else dtype) ]
              Sizes = case.Sizes
              Looks = case.Looks }
    }

    programLaw name times generate

let private unaryAlone =
    [ for op in exactUnary @ roughUnary @ [ Unary.BitwiseNot; Unary.Not ] do
          let takes dtype = op = Unary.Not || List.contains op (unaries true (Dtype.compute dtype))
          alone $"{op}" 60 1 (realDtypes |> List.filter takes) (Unary(op, Arg 0)) (op = Unary.Not) ]

let private binaryAlone =
    [ for op in List.distinct (exactBinary @ roughBinary @ integerBinary) do
          let takes dtype = List.contains op (binaries true (Dtype.compute dtype))
          alone $"{op}" 60 2 (realDtypes |> List.filter takes) (Binary(op, Arg 0, Arg 1)) false ]

let private seriesAlone =
    // Large negative second arguments of zeta need as many terms as they are large; tame ones do.
    [ for op in [ Zeta; IncompleteGamma; IncompleteGammaComplement; NextAfter ] do
          let first = if op = NextAfter then Arg 0 else Unary(Abs, Arg 0)
          let second = if op = Zeta || op = NextAfter then Arg 1 else Unary(Abs, Arg 1)

          law
              $"{op}"
              { wanted with
                  Dtypes = [ Float32; Float64 ]
                  Values = [ Small; Tame ]
                  Looks = 2
                  Choices = 0
                  Elements = 100 }
              (fun case ->
                  programAgrees
                      { Inputs = [ case.Dtype; case.Dtype ]
                        Outputs = [ Binary(op, first, second), case.Dtype ]
                        Sizes = case.Sizes
                        Looks = case.Looks }) ]

let private compareAlone =
    [ for op in comparisons do
          alone $"{op}" 40 2 realDtypes (Compare(op, Arg 0, Arg 1)) true ]

let private casts =
    [ for source in realDtypes do
          for target in realDtypes do
              let generate = gen {
                  let! case = cases { wanted with Values = [ Small; Tame; Wild ]; Choices = 0; Elements = 100 }

                  return
                      { Inputs = [ source ]
                        Outputs = [ Cast(target, Arg 0), target ]
                        Sizes = case.Sizes
                        Looks = case.Looks }
              }

              programLaw $"{Dtype.name source} to {Dtype.name target}" 10 generate ]

let private select =
    law "Select leaks nothing from the branch not taken" { wanted with Looks = 3; Values = [ Wild ] } (fun case ->
        programAgrees
            { Inputs = [ Bool; case.Dtype; case.Dtype ]
              Outputs = [ Select(Arg 0, Arg 1, Arg 2), case.Dtype ]
              Sizes = case.Sizes
              Looks = case.Looks })

let private all = [ Bool; UInt8; Int32; Int64; Float16; BFloat16; Float32; Float64 ]

let private random =
    [ programLaw "random programs of exact functions" 400 (programs false all [ Small; Tame; Spiced; Wild ])
      programLaw "random programs of float32" 300 (programs true [ Float32 ] [ Tame; Spiced ])
      programLaw "random programs of every dtype" 300 (programs true realDtypes [ Small; Tame; Spiced; Wild ]) ]

let private parameters =
    law "parameters take part as numbers of the register's dtype" { wanted with Values = [ Small; Tame ] } (fun case ->
        let dtype = if case.Dtype = Bool then Int32 else case.Dtype
        let expression = Arg 0 * Param 0 + Param 1
        let lowered = Program.lower [| dtype |] dtype [| struct (expression, dtype) |]
        let own = [| Integer(int64 (case.Choices[0] - 500)); Real(float case.Choices[1] / 7.0) |]
        let input = sample dtype case.Shape case.Looks[0]
        agree exact (pointwise lowered (parametersOf lowered own) case.Shape [ input ]))

let private donation =
    law "an output may take over the memory of a row-major input" { wanted with Looks = 2 } (fun case ->
        let dtype = if case.Dtype = Bool then UInt8 else case.Dtype
        let donor = sample dtype case.Shape { plain with Values = case.Looks[0].Values; Seed = case.Looks[0].Seed }
        let other = sample dtype case.Shape case.Looks[1]
        let lowered = Program.lower [| dtype; dtype |] dtype [| struct (Arg 0 * Arg 1 - Arg 0, dtype) |]

        agree exact (fun backend ->
            let donated = upload backend donor

            let buffer =
                if donor.Length = Shape.count case.Shape then
                    donated.Buffer
                else
                    backend.Allocate(dtype, Shape.count case.Shape)

            backend.Pointwise(
                lowered.Program,
                case.Shape,
                [| donated; upload backend other |],
                parametersOf lowered [||],
                [| buffer |]
            )

            [ buffer ]))

let large =
    forEach
        12
        "large programs give the same bits for any number of threads"
        (programs true [ Float32; Float64; Int32 ] [ Tame ])
        smaller
        (fun case ->
            let lowered = lower case
            let shape = [| 300; 700 |]
            let inputs = List.map2 (fun dtype look -> sample dtype shape look) case.Inputs case.Looks
            sameForAnyThreads (pointwise lowered (parametersOf lowered [||]) shape inputs))

/// Programs of any functions, without each function alone.
let programs = testList "programs" (random @ [ select; parameters; donation ])

let tests =
    testList
        "Pointwise"
        [ testList "unary" unaryAlone
          testList "binary" (seriesAlone @ binaryAlone)
          testList "compare" compareAlone
          testList "cast" casts
          programs ]
