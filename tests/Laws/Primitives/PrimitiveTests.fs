/// The laws of every primitive, and that none is without a generator.
module Functional.Laws.PrimitiveTests

open System
open System.Reflection
open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Choices
open Functional.Laws.Elements
open Functional.Laws.Arguments
open Functional.Laws.Cases

/// What the laws compare with the reference.
let private backends = [ Backend.cpu; deferring; Backend.reference ]

/// What is inferred before any work is what comes out, down to the memory.
let private inferred (case: Case) =
    for backend in backends do
        let arguments = case.Arguments |> Array.map (example backend 0)
        let spec = case.Primitive.Infer(arguments |> Array.map _.Spec)
        let result = Engine.bind case.Primitive arguments
        Expect.equal result.Spec spec $"inferred on {backend.Name}"
        let view = Value.view (Engine.concrete result)
        Expect.equal view.Dtype spec.Dtype "the dtype in memory"
        Expect.equal view.Shape spec.Shape "the shape in memory"

        Expect.equal
            (read result).Length
            (Shape.count spec.Shape * (if Dtype.isComplex spec.Dtype then 2 else 1))
            "the number of elements"

/// Backends give what the reference gives for the same elements laid out plainly.
let private agreementOf (backends: IBackend list) (case: Case) =
    let plain (a: Argument) = lay Backend.reference Plain a.Dtype a.Shape a.Examples[0]
    let expected = Engine.bind case.Primitive (case.Arguments |> Array.map plain)

    for backend in backends do
        let actual = Engine.bind case.Primitive (case.Arguments |> Array.map (example backend 0))
        expectSame (64.0 * epsilon expected.Dtype) $"on {backend.Name}" actual expected

/// Every backend does.
let private agreement = agreementOf backends

let private setting dtype wild : Setting = { Dtype = dtype; Wild = wild }

/// At once or put off.
let private on (make: Choices -> Case) (choices: Choices) =
    let among = choices.Below 2
    let case = make choices
    { case with Backend = backends[among] }

/// Any setting of a generator; only the laws of values hold for all of them.
let private anySetting (generator: Generator) (choices: Choices) =
    let dtype = choices.Pick generator.Dtypes
    on (generator.Make(setting dtype true)) choices

let private smoothly dtype (generator: Generator) = on (generator.Make(setting dtype false))

let private laws scale (generator: Generator) =
    let isFloating = generator.Dtypes |> List.exists Dtype.isFloating
    let isComplex = generator.Dtypes |> List.contains Complex128
    let law name count make check = forAll name (max 2 (count * scale / 10)) make check

    testList
        generator.Name
        [ law "inferred = actual" 30 (anySetting generator) inferred
          law "every backend = reference" 60 (anySetting generator) agreement
          law "vmap = loop" 40 (anySetting generator) BatchLaws.loop
          law "vmap over nothing, one, another axis" 10 (anySetting generator) BatchLaws.edges
          law "vmap of vmap = two loops" 15 (anySetting generator) BatchLaws.nested

          if isFloating then
              law "transpose is the adjoint" 40 (smoothly Float64 generator) DerivativeLaws.adjoint
              law "transpose is the adjoint in float32" 20 (smoothly Float32 generator) DerivativeLaws.adjoint
              law "tangent = differences" 40 (smoothly Float64 generator) DerivativeLaws.differences
              law "second derivatives in all four modes" 30 (smoothly Float64 generator) DerivativeLaws.second
              law "third derivatives" 10 (smoothly Float64 generator) DerivativeLaws.third
              law "derivatives and vmap" 15 (smoothly Float64 generator) BatchLaws.derivatives

          if isComplex then
              law "transpose is the adjoint of complex numbers" 40 (smoothly Complex128 generator) DerivativeLaws.adjoint
              law "transpose is the adjoint in complex64" 15 (smoothly Complex64 generator) DerivativeLaws.adjoint
              law "tangent = differences in complex directions" 40 (smoothly Complex128 generator) DerivativeLaws.differences
              law "second derivatives of complex numbers" 20 (smoothly Complex128 generator) DerivativeLaws.second
              law "third derivatives of complex numbers" 5 (smoothly Complex128 generator) DerivativeLaws.third
              law "complex derivatives and vmap" 10 (smoothly Complex128 generator) BatchLaws.derivatives ]

/// Values of every primitive on a backend of a device, if it is there, and where there is time vmap and derivatives: few cases each, for
/// every one costs kernels.
let onDevice (backend: Lazy<IBackend option>) isWhole times =
    let laws (generator: Generator) =
        let law name make check =
            forAll name times make (fun (case: Case) ->
                let backend = Option.get backend.Value
                check backend { case with Backend = backend })

        let isFloating = generator.Dtypes |> List.exists Dtype.isFloating

        testList
            generator.Name
            [ law "as the reference" (anySetting generator) (fun backend -> agreementOf [ backend ])

              if isWhole then
                  law "vmap = loop" (anySetting generator) (fun _ -> BatchLaws.loop)

              if isWhole && isFloating then
                  law "transpose is the adjoint" (smoothly Float32 generator) (fun _ -> DerivativeLaws.adjoint)
                  law "second derivatives in all four modes" (smoothly Float64 generator) (fun _ -> DerivativeLaws.second) ]

    // What moves to another device is not on this one any more.
    testList "primitives" (Generators.all |> List.filter (fun generator -> generator.Name <> "to") |> List.map laws)
    |> skippedUnless "no device here" (fun () -> backend.Value.IsSome)

/// Functions and values of Core whose result is a primitive. Those that are given a linear map are moulds, not primitives.
let private makers =
    let everything =
        BindingFlags.Public ||| BindingFlags.NonPublic ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

    [ for holder in typeof<Tensor>.Assembly.GetTypes() do
          for method in holder.GetMethods everything do
              let isMould =
                  method.GetParameters() |> Array.exists (fun p -> FSharp.Reflection.FSharpType.IsFunction p.ParameterType)

              if method.ReturnType = typeof<Primitive> && not isMould then
                  holder.Name + "." + method.Name.Replace("get_", "") ]
    |> List.distinct

let private completeness =
    testList
        "completeness"
        [ test "every maker of primitives is in the list" {
              let listed = Primitives.all |> List.map _.Maker |> List.distinct
              Expect.isNonEmpty makers "makers are found"
              Expect.equal (List.sort listed) (List.sort makers) "Primitives.all and what Core makes"
          }

          test "every primitive in the list has a generator" {
              let generated =
                  [ for generator in Generators.all do
                        for choices in [ [||]; Array.create 60 300000; Array.create 60 900000 ] do
                            (generator.Make (setting Float64 false) (Choices choices)).Primitive.Name ]
                  |> List.distinct

              let listed = Primitives.all |> List.collect _.Names
              Expect.equal (List.sort generated) (List.sort listed) "generators and Primitives.all"

              Expect.equal
                  (generated |> List.sort)
                  (Generators.all |> List.map _.Name |> List.sort)
                  "generators under their own names"
          }

          test "every pointwise function of the catalogue has a generator" {
              let covered = Catalogue.generators |> List.map fst

              let missing =
                  Catalogue.catalogue
                  |> List.filter (fun (_, f) -> not (List.exists (fun g -> obj.ReferenceEquals(f, g)) covered))

              Expect.isGreaterThan Catalogue.catalogue.Length 80 "the catalogue is found"
              Expect.isGreaterThan Catalogue.formulas.Length 40 "the formulas are found"
              Expect.isEmpty (List.map fst missing) "functions without a generator"
          } ]

/// By themselves: where other transforms run beside it, a gradient takes nothing back.
let private reclaiming =
    Generators.all
    |> List.filter (fun generator -> generator.Dtypes |> List.exists Dtype.isFloating)
    |> List.map (fun generator -> forAll generator.Name 10 (smoothly Float64 generator) DerivativeLaws.reclaimed)
    |> testList "what a gradient takes back"
    |> testSequenced

let tests =
    testList
        "Primitives"
        [ completeness
          reclaiming
          yield! Generators.all |> List.map (laws 20)
          testList "pointwise" (Catalogue.generators |> List.map (fun (_, generator) -> laws 6 generator)) ]
