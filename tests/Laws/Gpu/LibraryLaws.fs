/// The bindings of cuBLAS and cuDNN keep the contract with libraries that do by definition what the real ones do fast, and refuse what
/// they refuse. They run on the emulator, whose memory the processor sees.
module Functional.Laws.Gpu.LibraryLaws

open Expecto
open Functional.Contract
open Functional.Gpu
open Functional.Laws.Contract
open Functional.Laws.Contract.Agreement
open Functional.Laws.Contract.Samples
open Functional.Laws.Gpu.GpuSubjects

let private blas, private products = FakeBlas.make ()
let private dnn, private convolutions = FakeDnn.make ()

let private backend =
    lazy
        (emulated.Value
         |> Option.map (fun device ->
             let context = device.Context
             GpuBackend(context, 0, CuBlas.Open(context, blas), CuDnn.Open(context, dnn))))

let private subjects = lazy (backend.Value |> Option.map subject |> Option.toList)

let private against times laws = laws |> List.map (withSubjects subjects times)

/// The libraries did it, and had nothing to object to.
let private isUsed name (record: FakeBlas.Record) = test $"{name} was asked, and rightly" {
    Expect.isGreaterThan record.Calls 0 "calls"
    Expect.isEmpty record.Mistakes "what the library refuses"
}

let private product (backend: IBackend) dtype =
    let a = upload backend (sample dtype [| 3; 4 |] plain)
    let b = upload backend (sample dtype [| 4; 5 |] plain)
    backend.MatMul(a, b) |> ignore

/// Runs with a switch of Precision set, and sets it back.
let private during (get: unit -> 'T) (set: 'T -> unit) value work =
    let before = get ()
    set value

    try
        work ()
    finally
        set before

let private precision = test "Precision decides how products are computed" {
    let backend = Option.get backend.Value :> IBackend
    let half dtype = product backend dtype
    products.Computes.Clear()
    product backend Float32
    Expect.sequenceEqual products.Computes [ 68 ] "float32 at first"
    products.Computes.Clear()

    during (fun () -> MatrixPrecision.MatMulTf32) (fun allowed -> MatrixPrecision.MatMulTf32 <- allowed) true (fun () ->
        product backend Float32
        product backend Complex64)

    Expect.sequenceEqual products.Computes [ 77 ] "tf32 where it is allowed"
    products.Maths.Clear()
    half Float16
    half BFloat16
    Expect.sequenceEqual products.Maths [ 0 ] "partial sums of halves may be rounded"
    products.Maths.Clear()

    during
        (fun () -> MatrixPrecision.ReducedFloat16Sums)
        (fun allowed -> MatrixPrecision.ReducedFloat16Sums <- allowed)
        false
        (fun () -> half Float16)

    during
        (fun () -> MatrixPrecision.ReducedBFloat16Sums)
        (fun allowed -> MatrixPrecision.ReducedBFloat16Sums <- allowed)
        false
        (fun () -> half BFloat16)

    Expect.sequenceEqual products.Maths [ 16 ] "or not"
}

let private refused = test "a library that lacks a function, does not start or multiplies wrongly is left alone" {
    let context = emulated.Value.Value.Context
    let lacking name = CudaLibrary("old", fun wanted -> if wanted = name then 0n else blas.Find wanted)
    Expect.isNull (CuBlas.Open(context, lacking "cublasGemmStridedBatchedEx")) "an old one"
    Expect.isNull (CuDnn.Open(context, CudaLibrary("none", fun _ -> 0n))) "an empty one"

    let instead = [ FakeBlas.named "cublasCreate_v2" (FakeBlas.Create(fun _ -> 1)) ]
    let failing = FakeBlas.library "failing" instead

    let without =
        CudaLibrary(
            "failing",
            fun name ->
                match failing.Find name with
                | 0n -> blas.Find name
                | address -> address
        )

    Expect.isNull (CuBlas.Open(context, without)) "one that the driver is too old for"
    System.GC.KeepAlive instead
}

let private nothingSaid = test "other dtypes are not the library's" {
    let backend = Option.get backend.Value :> IBackend
    let before = products.Calls
    product backend Int64
    Expect.equal products.Calls before "integers are multiplied by kernels of ours"
}

let tests =
    testSequenced (
        testList
            "Libraries"
            (if emulated.Value.IsNone then
                 []
             else
                 [ testList "products" (against 25 [ ProductLaws.matMul ])
                   testList "convolutions" (against 20 ProductLaws.convolutions)
                   isUsed "cuBLAS" products
                   isUsed "cuDNN" convolutions
                   precision
                   refused
                   nothingSaid ])
    )
