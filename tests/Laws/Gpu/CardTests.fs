/// What users do with a device, on a real one: choosing it, mixed precision, its memory, kernels that are kept.
module Functional.Laws.Gpu.CardTests

open System
open Expecto
open Functional
open Functional.Contract
open Functional.Gpu
open Functional.Torch
open Functional.Torch.Tests
open Functional.Laws.Gpu.GpuSubjects

let private here () = Backend.current().Device

let private choosing =
    testList
        "choosing"
        [ onCard "scopes nest, and give back what was before" (fun card ->
              let before = Backend.current ()
              let where () = (Tensor.zeros [ 2 ]).Backend.Device

              Backend.using card (fun () ->
                  Expect.equal (where ()) card.Device "inside"
                  Backend.using Backend.cpu (fun () -> Expect.equal (where ()) before.Device "further inside")
                  Expect.equal (where ()) card.Device "inside again"

                  Expect.throwsT<InvalidOperationException>
                      (fun () -> Backend.using Backend.cpu (fun () -> raise (InvalidOperationException "out of here")))
                      "what is raised goes on"

                  Expect.equal (where ()) card.Device "whatever happened"

                  Expect.equal
                      (System.Threading.Tasks.Task.Run(fun () -> here ()).Result)
                      card.Device
                      "what it starts has it too")

              Expect.equal (where ()) before.Device "outside")

          onCard "the default is for the whole process, and a scope goes before it" (fun card ->
              let before = Backend.current ()

              try
                  Backend.setDefault card
                  Expect.equal (here ()) card.Device "the default"
                  let elsewhere = Async.StartAsTask(async { return here () })
                  Expect.equal elsewhere.Result card.Device "on other threads too"
                  Backend.using Backend.cpu (fun () -> Expect.equal (here ()) before.Device "a scope")
                  Expect.equal (Backend.host().Device) before.Device "the processor is remembered"
              finally
                  Backend.setDefault before

              Expect.equal (here ()) before.Device "set back")

          onCard "cards are found by their number" (fun card ->
              Expect.isTrue (obj.ReferenceEquals(Backend.gpu 0, card)) "the first"
              Expect.isTrue (obj.ReferenceEquals(Backend.ofName "cuda", card)) "by its kind"
              Expect.isGreaterThanOrEqual (Backend.gpuCount ()) 1 "how many"
              let beyond = Backend.gpuCount ()
              let error = Expect.throwsC (fun () -> Backend.gpu beyond |> ignore) id
              Expect.isTrue (error :? DeviceException) $"{error}"
              Expect.stringContains (Backend.explanation ()) "cuda: 1 device" "explained")

          onCard "tensors go from device to device" (fun card ->
              match emulated.Value with
              | None -> skiptest "no emulator here"
              | Some other ->
                  let second = GpuBackend(other.Context, 1) :> IBackend
                  let numbers = [| 1.0f; -2.0f; 3.0f; 0.5f; 4.0f; 8.0f |]
                  let t = Tensor.ofArray [ 2; 3 ] numbers
                  let there = Tensor.toDevice card t
                  let further = Tensor.toDevice second (Tensor.transpose 0 1 there)
                  Expect.equal (string further.Backend.Device) "cuda:1" "the second one"
                  Expect.equal (Tensor.toArray further) (Tensor.toArray (Tensor.transpose 0 1 t)) "a view arrives whole"

                  Expect.equal
                      (Tensor.toArray (Tensor.toDevice Backend.cpu further + 1.0))
                      [| 2.0f; 1.5f; -1.0f; 5.0f; 4.0f; 9.0f |]
                      "and back"

                  Expect.isTrue (obj.ReferenceEquals(Tensor.toDevice card there, there)) "what is there stays"
                  let error = Expect.throwsC (fun () -> there + further |> ignore) id
                  Expect.stringContains error.Message "Expected all tensors to be on the same device" "they do not mix"
                  let gradient = grad (fun x -> Tensor.sum (Tensor.square (Tensor.toDevice card x))) t
                  Expect.equal gradient.Backend.Device t.Backend.Device "gradients come back"
                  Expect.equal (Tensor.toArray gradient) (Array.map ((*) 2.0f) numbers) "as they should")

          onCard "torch.backends chooses and explains" (fun _ -> AmpOnDevice.BackendsAreChosenByName "cuda:0") ]

let private precision =
    testList
        "mixed precision"
        [ onCard "autocast and GradScaler train in float16" (fun _ -> AmpOnDevice.TrainsInScaledFloat16 "cuda:0")
          onCard "autocast trains in bfloat16" (fun _ -> AmpOnDevice.TrainsInBFloat16 "cuda:0")
          onCard "an overflow on the device skips the step and lowers the scale" (fun _ ->
              AmpOnDevice.AnOverflowSkipsTheStep "cuda:0")

          onCard "Mixed of F# trains there" (fun card ->
              Backend.using card (fun () ->
                  let input = Tensor.ofArray [ 4; 3 ] (Array.init 12 (fun i -> float32 (i % 5) / 4.0f - 0.5f))
                  let target = Tensor.ones [ 4; 1 ]

                  for dtype, optimizer, scale in
                      [ BFloat16, Optim.sgd 0.1, (fun _ -> 1.0)
                        Float16, Mixed.scaled { Mixed.lossScale with Initial = 256.0 } (Optim.sgd 0.1), Mixed.scaleOf ] do
                      let layer = Mixed.layer (Mixed.policy dtype) (Nn.linear 3 1)
                      let start, state = layer.Init(Random.key 2)
                      let mutable parameters = start
                      let mutable memory = optimizer.Init parameters

                      let loss p =
                          let output, _ = layer.Apply Evaluate p state input
                          Expect.equal output.Dtype Float32 "outside"
                          Tensor.mean (Tensor.square (output - target))

                      let first = Tensor.item (loss parameters)

                      for _ in 1..3 do
                          let factor = scale memory
                          let gradients = grad (fun p -> loss p * factor) parameters
                          let struct (moved, next) = Optim.step optimizer gradients memory parameters
                          parameters <- moved
                          memory <- next

                      for leaf in Tree.leaves parameters do
                          Expect.equal (leaf.Dtype, leaf.Backend.Device) (Float32, card.Device) "parameters"

                      Expect.isLessThan (Tensor.item (loss parameters)) (first / 1.5) $"{dtype}")) ]

let private numbers count =
    let random = Random 5
    Array.init count (fun _ -> float32 (random.NextDouble()) * 3.0f - 1.0f)

let private kept =
    testList
        "kept"
        [ onCard "programs of one structure, made apart, are compiled once" (fun card ->
              let backend: IBackend = card

              // A structure that nothing else here has.
              let run () =
                  let e = ScalarExpr.Simple(Sub, ScalarExpr.Simple(Mul, Arg 0, Arg 0), Unary(Abs, Arg 0)) * 0.37
                  let lowered = Program.lower [| Float32 |] Float32 [| struct (e, Float32) |]
                  let source, target = backend.Allocate(Float32, 4), backend.Allocate(Float32, 4)
                  let bytes = Array.zeroCreate<byte> 16
                  backend.Upload(ReadOnlySpan bytes, source)

                  backend.Pointwise(
                      lowered.Program,
                      [| 4 |],
                      [| View.contiguous [| 4 |] source |],
                      lowered.Constants,
                      [| target |]
                  )

                  backend.Synchronize()
                  lowered.Program.Id

              let compilations () = card.Context.Traffic.Compilations
              let before = compilations ()
              let first = run ()
              let between = compilations ()
              Expect.isLessThanOrEqual between (before + 1L) "one kernel"
              Expect.notEqual (run ()) first "another program"
              Expect.equal (compilations ()) between "the same kernel")

          onCard "equal places get the same bits each time" (fun card ->
              Backend.using card (fun () ->
                  let bits (t: Tensor) = Tensor.toArray t |> Array.map BitConverter.SingleToInt32Bits
                  let target = Tensor.ofArray [ 3; 2 ] (numbers 6)
                  let source = Tensor.ofArray [ 60; 2 ] (numbers 120)
                  let rows = Tensor.ofInts (List.init 60 (fun i -> i * i % 3))
                  let byRows () = Tensor.scatterAdd 0 (Tensor.expand [ 60; 2 ] (Tensor.unsqueeze 1 rows)) source target
                  let single = Tensor.reshape [ 60; 2 ] (Tensor.ofInts (List.init 120 (fun i -> i * 7 % 3)))
                  let walking () = Tensor.scatterAdd 0 single source target

                  for what, add in [ "whole rows", byRows; "single elements", walking ] do
                      let once = bits (add ())
                      Expect.equal (bits (add ())) once what

                  let there = Tensor.toArray (byRows ())
                  let onHost (t: Tensor) = Tensor.toDevice Backend.cpu t
                  let index = Tensor.expand [ 60; 2 ] (Tensor.unsqueeze 1 (onHost rows))
                  let here = Tensor.toArray (Tensor.scatterAdd 0 index (onHost source) (onHost target))

                  for a, b in Array.zip there here do
                      Expect.floatClose Accuracy.medium (float a) (float b) "the processor's sums"))

          onCard "memory is counted, and what is free goes back" (fun card ->
              let backend: IBackend = card
              let device: IAccelerator = card
              device.ReleaseCache()
              device.ResetPeaks()
              let before = device.Memory
              let size = 3_000_000
              let first, second = backend.Allocate(Float32, size), backend.Allocate(Float32, size)
              let held = device.Memory
              Expect.isGreaterThanOrEqual (held.Allocated - before.Allocated) (8L * int64 size) "held"
              Expect.isGreaterThanOrEqual held.Reserved held.Allocated "reserved"
              first.Release()
              second.Release()
              let freed = device.Memory
              Expect.equal freed.Reserved held.Reserved "kept for later"
              Expect.isGreaterThanOrEqual freed.PeakAllocated held.Allocated "the peak stays"
              device.ReleaseCache()

              Expect.isLessThanOrEqual
                  (device.Memory.Reserved - before.Reserved)
                  (held.Reserved - before.Reserved - 8L * int64 size)
                  "given back"

              device.ResetPeaks()
              Expect.equal device.Memory.PeakAllocated device.Memory.Allocated "the peak begins anew"
              Expect.equal device.Memory.PeakReserved device.Memory.Reserved "that of what is reserved too"
              Expect.equal (torch.cuda.memory_reserved ()) device.Memory.Reserved "torch.cuda tells the same"
              torch.cuda.empty_cache ()) ]

let tests = testSequenced (testList "Card" [ choosing; precision; kept ])
