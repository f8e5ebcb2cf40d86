/// Runs every test and closes with one line: N passed, N failed, N skipped.
module Functional.Laws.Program

open System
open System.IO
open Expecto
open Expecto.Impl

let private tests =
    testList
        "Functional"
        [ Architecture.tests
          PrimitiveTests.tests
          TransformTests.tests
          SpecialTests.tests
          WordingTests.tests
          MatrixTests.tests
          NetworkTests.tests
          Contract.ContractTests.tests
          CpuTests.tests
          MklTests.tests
          Gpu.PtxTests.tests
          Gpu.TrafficTests.tests
          Gpu.SilenceTests.tests
          Gpu.ExplainTests.tests
          Gpu.CardTests.tests
          Gpu.EmulatedTests.tests
          Gpu.LibraryLaws.tests
          Gpu.GpuLaws.tests
          FromCSharp.tests
          FacadeFuzzTests.tests
          FilesTests.tests
          Deferred.DeferralTests.tests
          ProofTests.tests
          ModelTests.tests
          Handbook.HandbookTests.tests
          Counterparts.CounterpartTests.tests
          DemoTests.tests
          Counterparts.HandbookCounterparts.tests
          TrainingTests.tests ]

let private closingLine (summary: TestRunSummary) =
    $"{summary.passed.Length} passed, {summary.failed.Length + summary.errored.Length} failed, {summary.ignored.Length} skipped"

/// A line to standard output itself: the test console pads what goes through it.
let private say (line: string) =
    use output = new StreamWriter(Console.OpenStandardOutput())
    output.Write $"\n{line}\n"

[<EntryPoint>]
let main arguments =
    let mutable closing = "0 passed, 0 failed, 0 skipped"

    let printer =
        { TestPrinters.defaultPrinter with
            summary =
                fun config summary ->
                    closing <- closingLine summary
                    TestPrinters.defaultPrinter.summary config summary }

    let colours = if Console.IsOutputRedirected then [ Colours 0 ] else []
    let code = runTestsWithCLIArgs ([ Printer printer; No_Spinner ] @ colours) arguments tests
    say closing
    code
