/// Functions of functions.
module Functional.Laws.TransformTests

open Expecto

let tests =
    testList
        "Transforms"
        [ NestingTests.tests
          DerivativeTests.tests
          TreeTests.tests
          VmapTests.tests
          CustomTests.tests
          OutsideTests.tests
          RandomTests.tests ]
