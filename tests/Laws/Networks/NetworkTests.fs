/// Networks, optimizers and what they learn.
module Functional.Laws.NetworkTests

open Expecto

let tests =
    testList
        "Networks"
        [ LayerTests.tests
          OptimTests.tests
          OptimizerTransformTests.tests
          RecurrentTests.tests
          FusedLayerTests.tests
          ModuleLaws.tests
          InitialTests.tests
          PyTorchNumbers.tests
          LoaderTests.tests
          LearningTests.tests
          MixedTests.tests ]
