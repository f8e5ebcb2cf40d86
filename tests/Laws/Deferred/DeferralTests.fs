/// Deferral changes when work is done, and nothing else.
module Functional.Laws.Deferred.DeferralTests

open Expecto

let tests =
    testList
        "deferral"
        (ProgramLaws.tests @ [ WorkTests.tests; DonationTests.tests; ViewTests.tests; testSequenced ThreadTests.tests ])
