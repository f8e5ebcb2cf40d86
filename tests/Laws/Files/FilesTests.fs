/// Everything about files and data.
module Functional.Laws.FilesTests

open Expecto

let tests =
    testList
        "Files"
        [ SafetensorsTests.tests
          CheckpointTests.tests
          HostileTests.tests
          WriterTests.tests
          ArrayFileTests.tests
          TorchSharpTests.tests
          PyTorchTests.tests
          DataTests.tests
          PictureTests.tests
          KillTests.tests ]
