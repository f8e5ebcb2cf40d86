/// What Core asks of a device is done there: nothing goes over or is waited for before somebody looks, wrong indices included.
module Functional.Laws.Gpu.SilenceTests

open Expecto
open Functional
open Functional.Contract
open Functional.Gpu
open Functional.Laws.Gpu.GpuSubjects

let private moved (gpu: GpuBackend) =
    let traffic = gpu.Context.Traffic
    traffic.Uploads, traffic.Downloads, traffic.Synchronizations

/// Makes inputs and works on them: once on the processor, twice on the device, where the second time must be silent. (The first may
/// bring constants over.) Both must come to the same.
let private silent name (inputs: unit -> Tensor list) (work: Tensor list -> Tensor list) (device: Lazy<GpuBackend option>) =
    test name {
        match device.Value with
        | None -> skiptest "no device here"
        | Some gpu ->
            let run () =
                let given = inputs ()
                Tensor.force given
                let before = moved gpu
                let results = work given
                Tensor.force results
                Expect.equal results[0].Backend.Device gpu.Device "it was computed there"
                before, moved gpu, results

            let _, _, first = Backend.using gpu run
            first |> List.iter (Tensor.toArray >> ignore)
            let before, after, results = Backend.using gpu run
            Expect.equal after before "uploads, downloads, waits before anybody looks"
            let expected = Backend.using Backend.cpu (fun () -> work (inputs ()))

            for there, here in List.zip results expected do
                Expect.sequenceEqual (Tensor.shape there) (Tensor.shape here) "shape"

                for x, y in Array.zip (Tensor.toArray there) (Tensor.toArray here) do
                    Expect.floatClose { absolute = 1e-5; relative = 1e-5 } (float x) (float y) "the processor's numbers"
    }

let private numbers shape seed =
    let count = List.fold (*) 1 shape
    Tensor.ofArray shape (Array.init count (fun i -> float32 ((i * 7 + seed) % 11) / 4.0f - 1.0f))

let private step (inputs: Tensor list) =
    let optimizer = Optim.adam 0.1
    let parameters = Branch [ "w", Leaf inputs[0]; "b", Leaf inputs[1] ]

    let loss (p: Tree) =
        let leaves = Tree.leaves p
        let scores = Tensor.matmul inputs[2] leaves[0] + leaves[1]
        Ops.crossEntropy ValueNone -100L 0.0 LossReduction.Mean inputs[3] scores

    let value, gradients = valueAndGrad loss parameters
    let struct (next, _) = Optim.step optimizer gradients (optimizer.Init parameters) parameters
    value :: List.ofArray (Tree.leaves next)

let private cases =
    [ silent
          "a training step with class numbers"
          (fun () -> [ numbers [ 4; 3 ] 1; numbers [ 3 ] 2; numbers [ 5; 4 ] 3; Tensor.ofInts [ 2; 0; 1; 1; 2 ] ])
          step
      silent "an embedding and its gradient" (fun () -> [ numbers [ 6; 3 ] 1 ]) (fun inputs ->
          let rows table = Tensor.embedding (Tensor.arange 0 6 2) table
          [ rows inputs[0]; grad (fun t -> Tensor.sum (Tensor.square (rows t))) inputs[0] ])
      silent "sorting" (fun () -> [ numbers [ 3; 5 ] 4 ]) (fun inputs ->
          let sorted, places = Tensor.sort 1 true inputs[0]

          [ sorted
            Tensor.cast Float32 places
            grad (fun t -> Tensor.sum (Tensor.square (fst (Tensor.sort 1 true t)))) inputs[0] ])
      silent "the largest few" (fun () -> [ numbers [ 3; 5 ] 4 ]) (fun inputs ->
          let largest, places = Tensor.topk 2 1 true inputs[0]
          [ largest; Tensor.cast Float32 places ])
      silent
          "places that integers name"
          (fun () -> [ numbers [ 3; 4 ] 4; Tensor.ofInts [ 2; -1; 0 ]; Tensor.ofInts [ -4; 3; 1 ] ])
          (fun inputs ->
              let picked t = Selection.take [| 0; 1 |] [| inputs[1]; inputs[2] |] t

              [ picked inputs[0]
                Selection.put ScatterAdd [| 0 |] [| inputs[1] |] inputs[0] inputs[0]
                grad (fun t -> Tensor.sum (Tensor.square (picked t))) inputs[0] ])
      silent
          "cross entropy of images, some of whose classes are ignored"
          (fun () -> [ numbers [ 2; 3; 2; 2 ] 1; Tensor.ofInts [ 2; 0; 1; -100; 2; 1; -100; 0 ] |> Tensor.reshape [ 2; 2; 2 ] ])
          (fun inputs ->
              let loss = Ops.crossEntropy ValueNone -100L 0.0 LossReduction.Mean inputs[1]
              [ loss inputs[0]; grad loss inputs[0] ])
      silent
          "what a mask fills"
          (fun () -> [ numbers [ 3; 4 ] 4; Tensor.ofInts [ 1; 0; 0; 1 ] |> Tensor.cast Bool; numbers [ 9 ] 1 ])
          (fun inputs ->
              let mask = inputs[1]
              let wide = Tensor.expand [ 3; 4 ] mask

              [ Tensor.maskedFill mask 7.0 inputs[0]
                Tensor.where mask inputs[0] (-inputs[0])
                Tensor.maskedScatter wide inputs[2] inputs[0]
                grad (fun t -> Tensor.sum (Tensor.square (Tensor.maskedFill mask 7.0 t))) inputs[0] ])
      silent "images of another size" (fun () -> [ numbers [ 1; 2; 3; 3 ] 5 ]) (fun inputs ->
          let how = { Filter = Filter.Linear; AlignCorners = false; Antialias = false }
          let larger t = Ops.interpolate how [ 5; 4 ] [] t
          [ larger inputs[0]; grad (fun t -> Tensor.sum (Tensor.square (larger t))) inputs[0] ]) ]

/// Where numbers decide about a shape, their count comes over, and nothing else.
let private counted name (inputs: unit -> Tensor list) (work: Tensor list -> Tensor) (device: Lazy<GpuBackend option>) = test name {
    match device.Value with
    | None -> skiptest "no device here"
    | Some gpu ->
        let result =
            Backend.using gpu (fun () ->
                let given = inputs ()
                Tensor.force given
                let uploads, downloads, waits = moved gpu
                let result = work given
                Tensor.force [ result ]
                Expect.equal (moved gpu) (uploads, downloads + 1L, waits + 1L) "one number comes over, which is waited for"
                Expect.equal result.Backend.Device gpu.Device "it was computed there"
                result)

        let expected = Backend.using Backend.cpu (fun () -> work (inputs ()))
        Expect.sequenceEqual (Tensor.shape result) (Tensor.shape expected) "shape"
        Expect.equal (Tensor.toArray result: float32[]) (Tensor.toArray expected) "the processor's numbers"
}

let private counts =
    [ counted "nonzero" (fun () -> [ numbers [ 3; 2; 5 ] 4 ]) (fun inputs ->
          Tensor.nonzero (Tensor.relu inputs[0]) |> Tensor.cast Float32)
      counted "nothing but zeros" (fun () -> [ Tensor.zeros [ 3; 4 ] ]) (fun inputs ->
          Tensor.nonzero inputs[0] |> Tensor.cast Float32)
      counted "what a mask selects" (fun () -> [ numbers [ 3; 5 ] 4 ]) (fun inputs ->
          Tensor.maskedSelect (Tensor.gt inputs[0] (inputs[0] * 0.0)) inputs[0]) ]

/// What several groups of threads share, or one in several rounds: too much for the emulator.
let private large =
    [ // The gradient runs from the end.
      silent "running along long lines" (fun () -> [ numbers [ 2; 5000 ] 3 ]) (fun inputs ->
          [ Tensor.cumsum 1 inputs[0]
            fst (Tensor.cummax 1 inputs[0])
            Tensor.cast Float32 (snd (Tensor.cummax 1 inputs[0]))
            grad (fun t -> Tensor.sum (Tensor.cumsum 1 t * t)) inputs[0] ])
      counted "nonzero among thousands" (fun () -> [ numbers [ 3; 4000 ] 4 ]) (fun inputs ->
          Tensor.nonzero (Tensor.relu inputs[0]) |> Tensor.cast Float32) ]

let private on name device cases = testList name (cases |> List.map (fun make -> make device))

/// Asks for work with a wrong index; the error comes when somebody looks, once, and then all goes on.
let private faulty name (words: string) (work: Tensor -> Tensor) (device: Lazy<GpuBackend option>) = test name {
    match device.Value with
    | None -> skiptest "no device here"
    | Some gpu ->
        Backend.using gpu (fun () ->
            let table = numbers [ 3; 4 ] 1
            let beside = numbers [ 3; 4 ] 2
            let before = Tensor.toArray table, Tensor.toArray beside
            let result = work table
            Tensor.force [ result ]

            Expect.throwsC (fun () -> Tensor.toArray result |> ignore) (fun error ->
                Expect.isTrue (error :? IndexException) $"{error}"
                Expect.stringStarts error.Message words "the words")

            Expect.equal (Tensor.toArray table, Tensor.toArray beside) before "nothing else was written"
            Expect.equal (Tensor.toArray (table + 1.0)) (Array.map ((+) 1.0f) (fst before)) "and all goes on")
}

let private faults =
    [ faulty "a gather" "index 7 is out of bounds for dimension 0 with size 3: gather takes indices from 0 to 2" (fun t ->
          Tensor.gather 0 (Tensor.unsqueeze 1 (Tensor.ofInts [ 1; 7; 2 ])) t)
      faulty "a negative index" "index -1 is out of bounds for dimension 1 with size 4" (fun t ->
          Tensor.gather 1 (Tensor.unsqueeze 1 (Tensor.ofInts [ 1; -1; 2 ])) t)
      faulty "an index beyond 32 bits" "index 4294967296 is out of bounds for dimension 0 with size 3" (fun t ->
          // Cut to 32 bits it would be 0.
          let large = Tensor.ofInts [ 0; 65536 ] * Tensor.ofInts [ 0; 65536 ]
          Tensor.gather 0 (Tensor.unsqueeze 1 large) t)
      faulty "a class number" "Target 7 is out of bounds. (index 7 is out of bounds for dimension 1 with size 4" (fun t ->
          Ops.crossEntropy ValueNone -100L 0.0 LossReduction.Mean (Tensor.ofInts [ 1; 7; 2 ]) t)
      faulty "an embedding" "index out of range in self: index 7 is out of bounds for dimension 0 with size 3" (fun t ->
          Tensor.embedding (Tensor.ofInts [ 1; 7; 2 ]) t)
      faulty "a place that integers name" "index -5 is out of bounds for dimension 1 with size 4" (fun t ->
          Selection.take [| 0; 1 |] [| Tensor.ofInts [ 0; 2 ]; Tensor.ofInts [ 1; -5 ] |] t)
      faulty "too few elements for a mask" "Number of elements of source < number of ones in mask" (fun t ->
          Tensor.maskedScatter (Tensor.gt (Tensor.expand [ 3; 4 ] (Tensor.ofArray [] [| 2.0f |])) t) (numbers [ 3 ] 1) t)
      faulty "a flat place" "out of range: tried to access index 12 on a tensor of 12 elements." (fun t ->
          Tensor.take (Tensor.ofInts [ 11; 12 ]) t)
      faulty "rows added" "index 7 is out of bounds for dimension 0 with size 3: scatter takes" (fun t ->
          Tensor.scatterAdd 0 (Tensor.expand [ 3; 4 ] (Tensor.unsqueeze 1 (Tensor.ofInts [ 1; 7; 2 ]))) t t)
      faulty "elements written" "index 7 is out of bounds for dimension 1 with size 4: scatter takes" (fun t ->
          Tensor.scatterAdd 1 (Tensor.ofInts [ 1; 7; 2; 0; 0; 1; 1; 3; 3 ] |> Tensor.reshape [ 3; 3 ]) (numbers [ 3; 3 ] 2) t) ]

let tests =
    testSequenced (
        testList
            "Silence"
            [ on "compiled" compiled cases
              on "emulated" emulated cases
              on "compiled, counts" compiled counts
              on "compiled, large" compiled large
              on "emulated, counts" emulated counts
              on "compiled, wrong indices" compiled faults
              on "emulated, wrong indices" emulated [ faults[0]; faults[3]; faults[8] ] ]
    )
