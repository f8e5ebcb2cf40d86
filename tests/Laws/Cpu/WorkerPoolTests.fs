/// The worker pool: every chunk once, errors to the caller, any number of threads, runs inside and beside runs.
module Functional.Laws.Cpu.WorkerPoolTests

open System
open System.Threading
open Expecto
open Functional.Contract
open Functional.Cpu

/// Runs with so many threads, and leaves the pool as it was.
let private withThreads count action =
    let before = WorkerPool.Threads
    WorkerPool.Threads <- count

    try
        action ()
    finally
        WorkerPool.Threads <- before

let private everyChunkOnce chunks =
    let visits: int[] = Array.zeroCreate chunks
    WorkerPool.Run(chunks, (fun chunk -> Interlocked.Increment(&visits[chunk]) |> ignore))
    Expect.allEqual visits 1 $"each of {chunks} chunks runs once"

let private chunks =
    testCase "every chunk runs once, whatever their number and that of the threads" (fun () ->
        for threads in [ 1; 2; 3; 7 ] do
            withThreads threads (fun () -> List.iter everyChunkOnce [ 0; 1; 2; 3; 64; 1000 ]))

let private manyRuns =
    testCase "run after run, parked or spinning, loses no chunk" (fun () ->
        for i in 0..2000 do
            if i % 200 = 0 then
                Thread.Sleep 1

            everyChunkOnce (i % 9))

let private errors =
    testCase "an exception in a chunk reaches the caller, and the pool goes on" (fun () ->
        for threads in [ 1; 2; 4 ] do
            withThreads threads (fun () ->
                let failing () =
                    WorkerPool.Run(
                        50,
                        (fun chunk ->
                            if chunk = 17 then
                                raise (TimeoutException "chunk 17"))
                    )

                Expect.throwsT<TimeoutException> failing "the chunk's own exception"
                everyChunkOnce 50))

let private nested =
    testCase "a run inside a run is done by its caller" (fun () ->
        let count = ref 0

        WorkerPool.Run(
            8,
            fun _ -> WorkerPool.Run(8, (fun _ -> WorkerPool.Run(2, (fun _ -> Interlocked.Increment count |> ignore))))
        )

        Expect.equal count.Value 128 "all chunks of all levels")

let private beside =
    testCase "runs from several threads at once do not disturb each other" (fun () ->
        let run _ =
            for _ in 1..200 do
                everyChunkOnce 16

        Array.Parallel.iter run [| 1..6 |])

let private refused =
    testCase "a number of threads below one is refused" (fun () ->
        for count in [ 0; -3 ] do
            Expect.throwsT<ArgumentValueException> (fun () -> WorkerPool.Threads <- count) "set_num_threads")

let tests = testSequenced (testList "Worker pool" [ chunks; manyRuns; errors; nested; beside; refused ])
