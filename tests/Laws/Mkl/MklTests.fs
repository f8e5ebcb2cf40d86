/// A matrix library keeps the contract's laws of products and decompositions, where the machine has one.
module Functional.Laws.MklTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Contract
open Functional.Laws.Contract.Agreement

let private isThere = lazy (Backend.count "mkl" > 0)

/// A test that says so where there is no library.
let private where name test =
    if isThere.Value then
        test
    else
        testCase name (fun () -> skiptest (Backend.explanation ()))

let private subject =
    lazy
        [ { Backend = Backend.mkl ()
            SetThreads = fun count -> Functional.Cpu.WorkerPool.Threads <- count
            Lacks = [] } ]

let tests =
    testList
        "Mkl"
        [ where "products" (withSubjects subject 150 ProductLaws.matMul)

          test "what is not installed is told, not raised" {
              Expect.stringContains (Backend.explanation ()) "mkl" "the provider was asked"
              Expect.equal (Backend.count "nothing") 0 "of an unknown kind there is nothing"
              Expect.throwsT<DeviceException> (fun () -> Backend.ofDevice "nothing" 0 |> ignore) "asked for, it is an error"
          }

          where
              "one device with the processor"
              (test "tensors of both mix" {
                  let ours = Tensor.ofArray [ 2; 2 ] [| 1.0f; 2.0f; 3.0f; 4.0f |]
                  let theirs = Tensor.toDevice (Backend.mkl ()) ours
                  Expect.equal (Tensor.toArray (ours + theirs)) [| 2.0f; 4.0f; 6.0f; 8.0f |] "a sum"
                  Expect.equal (Tensor.toArray (Tensor.matmul theirs ours)) [| 7.0f; 10.0f; 15.0f; 22.0f |] "a product"
              }) ]
