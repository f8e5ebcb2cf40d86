/// One tiny case of each family of kernels on ILGPU's emulator, which stops at races of barriers and at indices outside of memory.
module Functional.Laws.Gpu.EmulatedTests

open Expecto
open Functional
open Functional.Contract
open Functional.Laws.Gpu.GpuSubjects

let private numbers shape seed =
    let count = List.fold (*) 1 shape
    Tensor.ofArray shape (Array.init count (fun i -> float32 ((i * 7 + seed) % 11) / 4.0f - 1.0f))

/// The emulator's numbers are the processor's.
let private agrees name (work: unit -> Tensor list) = test name {
    match emulated.Value with
    | None -> skiptest "no emulator here"
    | Some gpu ->
        let there = Backend.using gpu (fun () -> work () |> List.map (fun t -> t.Backend.Device, Tensor.toFloat64s t))
        let here = Backend.using Backend.cpu (fun () -> work () |> List.map Tensor.toFloat64s)

        for (device, actual), expected in List.zip there here do
            Expect.equal device gpu.Device "computed there"
            Expect.hasLength actual expected.Length "elements"

            for x, y in Array.zip actual expected do
                Expect.floatClose { absolute = 1e-5; relative = 1e-5 } x y "the processor's numbers"
}

let tests =
    testSequenced (
        testList
            "Emulated"
            [ agrees "a product by tiles" (fun () -> [ Tensor.matmul (numbers [ 3; 4 ] 1) (numbers [ 4; 2 ] 2) ])
              agrees "a convolution" (fun () ->
                  let image, filter = numbers [ 1; 2; 4; 4 ] 1, numbers [ 2; 2; 3; 3 ] 2
                  [ Ops.conv [ 1; 1 ] [ 1; 1 ] [ 1; 1 ] 1 image filter None ])
              agrees "a pooling window" (fun () ->
                  [ Tensor.maxPool [ 2; 2 ] [ 2; 2 ] [ 0; 0 ] [ 1; 1 ] false (numbers [ 1; 1; 4; 4 ] 3) ])
              agrees "a reduction" (fun () -> [ Tensor.sumOver [ 1 ] false (numbers [ 2; 5 ] 4) ])
              agrees "a scan" (fun () -> [ Tensor.cumsum 1 (numbers [ 2; 5 ] 5) ])
              agrees "softmax" (fun () -> [ Tensor.softmax 1 (numbers [ 2; 5 ] 6) ])
              agrees "layer norm" (fun () -> [ Tensor.layerNorm 1e-5 (numbers [ 4 ] 8) (numbers [ 4 ] 9) (numbers [ 2; 4 ] 7) ])
              agrees "attention" (fun () ->
                  [ Ops.scaledDotProductAttention
                        None
                        false
                        None
                        (numbers [ 1; 3; 2 ] 1)
                        (numbers [ 1; 3; 2 ] 2)
                        (numbers [ 1; 3; 2 ] 3) ])
              agrees "a sort" (fun () -> [ Tensor.argsort 0 true (numbers [ 5 ] 4) ])
              agrees "a gather" (fun () -> [ Tensor.indexSelect 0 (Tensor.ofInts [ 2; 0; 2 ]) (numbers [ 3; 2 ] 5) ])
              agrees "a scatter" (fun () ->
                  [ Tensor.scatterAdd 0 (Tensor.ofInts [ 1; 1; 0 ]) (numbers [ 3 ] 5) (numbers [ 2 ] 6) ])
              agrees "random numbers" (fun () -> [ Random.normal (Random.key 5) [ 6 ]; Random.uniform (Random.key 6) [ 6 ] ])
              agrees "a fused program" (fun () ->
                  let x, y = numbers [ 2; 3 ] 1, numbers [ 3 ] 2
                  [ Tensor.tanh (x * y + 0.5) - Tensor.exp (Tensor.neg (Tensor.abs x)) ]) ]
    )
