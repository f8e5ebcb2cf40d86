/// The contract: what its values mean, and that every backend means the same as the reference.
module Functional.Laws.Contract.ContractTests

open Expecto

let tests =
    testList
        "Contract"
        [ ShapeLaws.tests
          ExpressionLaws.tests
          MovementLaws.tests
          PointwiseLaws.tests
          FoldLaws.tests
          ProductLaws.tests
          AccuracyLaws.tests
          NanLaws.tests
          LargeLaws.tests
          ConvolutionLaws.tests
          ComplexLaws.tests
          testSequenced (
              testList
                  "Any number of threads"
                  (PointwiseLaws.large :: ComplexLaws.large :: MovementLaws.large @ FoldLaws.large @ ProductLaws.large)
          ) ]
