/// A matrix library keeps the contract's laws of products and decompositions, where the machine has one.
module Functional.Laws.MklTests

open System
open System.Runtime.InteropServices
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

type private Asking = delegate of unit -> int

/// What the library itself says of its number of threads, if it can be asked.
let private libraryThreads () =
    let ask (file: string) (name: string) =
        match NativeLibrary.TryLoad file with
        | true, handle ->
            match NativeLibrary.TryGetExport(handle, name) with
            | true, address -> Some(Marshal.GetDelegateForFunctionPointer<Asking>(address).Invoke())
            | _ -> None
        | _ -> None

    Backend.explanation().Split '\n'
    |> Array.tryPick (fun line ->
        match line.Trim().Split(": found, ") with
        | [| file; what |] when what.Contains "LAPACK" ->
            [ "openblas_get_num_threads"; "MKL_Get_Max_Threads" ] |> List.tryPick (ask file)
        | _ -> None)

/// A test with a number of threads of its own, which is the process's: they run by themselves.
let private withThreads count work =
    let before = Threads.count ()
    Threads.set count

    try
        work ()
    finally
        Threads.set before

let private threads =
    testSequenced (
        testList
            "threads"
            [ where
                  "the library takes as many as we do"
                  (test "the library takes as many as we do, and computes the same but for rounding" {
                      let a, b = Random.normal (Random.key 5) [ 129; 257 ], Random.normal (Random.key 6) [ 257; 65 ]
                      let expected = Tensor.matmul a b

                      for count in [ 1; 2; 3; 1 ] do
                          withThreads count (fun () ->
                              let product = Tensor.matmul (Tensor.toDevice (Backend.mkl ()) a) b
                              Tensor.force [ product ]

                              match libraryThreads () with
                              | Some told -> Expect.equal told count "what the library says"
                              | None -> skiptest "the library does not tell its number of threads"

                              let difference = Tensor.item (Tensor.max (Tensor.abs (product - expected)))
                              Expect.isLessThan difference 2e-4 $"{count} threads")
                  })
              where
                  "what it inherits has the same bits for any number"
                  (testList "bits" (List.map (withSubjects subject 1) (FoldLaws.large @ MovementLaws.large))) ]
    )

/// Answers as the processor does, at once or after a while.
let private choosing ours theirs =
    let folder = System.IO.Directory.CreateTempSubdirectory "functional-choices"
    ChoosingBackend(ours, theirs, MeasuredChoices(folder.FullName, "this machine")) :> IBackend, folder

let private product (backend: IBackend) m k n =
    let matrix rows columns = View.contiguous [| rows; columns |] (Backend.cpu.Allocate(Float32, rows * columns))
    backend.MatMul(matrix m k, matrix k n) |> ignore

let private choices =
    testList
        "choices"
        [ test "ours stays where ours is the faster one, theirs where theirs is" {
              for oursIsSlow in [ false; true ] do
                  let slow = Deferred.CountingBackend.Slow Backend.cpu

                  let backend, folder = if oursIsSlow then choosing slow Backend.cpu else choosing Backend.cpu slow

                  try
                      product backend 6 5 4
                      let measured = slow.Products
                      Expect.isGreaterThan measured 1 "both were measured"
                      product backend 6 5 4
                      Expect.equal slow.Products measured "the slow one is left"
                  finally
                      folder.Delete true
          }

          test "sizes up to the same powers of two are one class, others and other dtypes are not" {
              let slow = Deferred.CountingBackend.Slow Backend.cpu
              let backend, folder = choosing Backend.cpu slow

              try
                  product backend 8 8 8
                  let measured = slow.Products
                  product backend 5 7 6
                  Expect.equal slow.Products measured "the same class"
                  product backend 9 8 8
                  let again = slow.Products
                  Expect.isGreaterThan again measured "more rows are measured anew"
                  let doubles () = View.contiguous [| 8; 8 |] (Backend.cpu.Allocate(Float64, 64))
                  backend.MatMul(doubles (), doubles ()) |> ignore
                  Expect.isGreaterThan slow.Products again "so is another dtype"
              finally
                  folder.Delete true
          } ]

let tests =
    testList
        "Mkl"
        [ where "products" (withSubjects subject 150 ProductLaws.matMul)
          where "complex products" (withSubjects subject 1 ComplexLaws.matMul)
          threads
          choices
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
