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
          where "decompositions" (MatrixTests.testsOn Backend.mkl)

          where
              "decompositions in single precision"
              (test "as close as single precision is" {
                  let numbers = Random.normal (Random.key 3) [ 2; 30; 30 ]
                  let a = Tensor.toDevice (Backend.mkl ()) numbers

                  let close what (expected: Tensor) (actual: Tensor) =
                      let difference = Tensor.item (Tensor.max (Tensor.abs (expected - actual)))
                      Expect.isLessThan difference 2e-4 what

                  let u, s, vh = Linalg.svd false a
                  Expect.equal s.Dtype Float32 "single stays single"
                  close "U S V*" a (Tensor.matmul (u * Tensor.unsqueeze -2 s) vh)
                  let q, r = Linalg.qr false a
                  close "Q R" a (Tensor.matmul q r)
                  let b = Tensor.matmul a a
                  close "A X = B" b (Tensor.matmul a (Linalg.solve true a b))
                  let w, v = Linalg.eigh false (Tensor.matmul a (Tensor.transpose -1 -2 a))
                  close "V* V" (Matrices.identity a [| 2 |] 30) (Tensor.matmul (Tensor.transpose -1 -2 v) v)
                  Expect.isTrue (Tensor.toArray w |> Array.forall (fun x -> x > -1e-2f)) "no negative eigenvalues"
              })

          test "the faster of two backends is kept" {
              let folder = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName())
              let slow = Deferred.CountingBackend.Slow(Backend.cpu)
              let a = View.contiguous [| 4; 4 |] (Backend.cpu.Allocate(Float32, 16))

              let choosing () = ChoosingBackend(slow, Backend.cpu, MeasuredChoices(folder, "this machine")) :> IBackend

              try
                  choosing().MatMul(a, a) |> ignore
                  let measured = slow.Products
                  Expect.isGreaterThan measured 1 "it was measured"
                  choosing().MatMul(a, a) |> ignore
                  Expect.equal slow.Products measured "and is known from then on, to others too"
                  let other = ChoosingBackend(slow, Backend.cpu, MeasuredChoices(folder, "another machine")) :> IBackend
                  other.MatMul(a, a) |> ignore
                  Expect.isGreaterThan slow.Products measured "other machines measure for themselves"
              finally
                  System.IO.Directory.Delete(folder, true)
          }

          test "auto computes what the processor computes" {
              let a = Random.normal (Random.key 4) [ 20; 20 ]
              let there = Tensor.toDevice (Backend.auto ()) a
              let difference = Tensor.matmul there there - Tensor.matmul a a
              Expect.isLessThan (Tensor.item (Tensor.max (Tensor.abs difference))) 1e-4 "a product"
          }

          test "which library is exercised" {
              let found = Backend.explanation().Split '\n' |> Array.filter (fun line -> line.Contains "LAPACK")

              printfn
                  "Matrix library: %s"
                  (if found.Length = 0 then
                       "none here"
                   else
                       String.concat "; " (found |> Array.map _.Trim()))
          }

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
