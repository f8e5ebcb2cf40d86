/// Everything about files and data.
module Functional.Laws.FilesTests

open Expecto

let tests =
    testList "Files" [ SafetensorsTests.tests; CheckpointTests.tests; DataTests.tests; PictureTests.tests; KillTests.tests ]
