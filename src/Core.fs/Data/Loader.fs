namespace Functional

open System
open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Functional.Contract

/// What went wrong while a worker made a batch: the error itself is inside.
type WorkerException(batch: int, inner: exn) =
    inherit FunctionalException($"Caught {inner.GetType().Name} in DataLoader worker while making batch {batch}: {inner.Message}")

    /// The number of the batch, from 0.
    member _.Batch = batch

    /// The error, with the place where it arose.
    member _.Cause = inner

/// A worker did not finish a batch in the time that it was given.
type LoaderTimeoutException(batch: int, timeout: TimeSpan) =
    inherit
        FunctionalException(
            $"DataLoader timed out after {timeout.TotalSeconds} seconds waiting for batch {batch}: give workers more time, or find out what holds them up"
        )

    /// The number of the batch, from 0.
    member _.Batch = batch

/// Data as lazy sequences: which examples come in what order, batches of them, and workers that make batches ahead of time.
[<RequireQualifiedAccess>]
module Loader =
    /// 0 .. n - 1.
    let inOrder (n: int) : int seq = seq { 0 .. n - 1 }

    /// 0 .. n - 1 in random order.
    let shuffled (n: int) key : int seq = Random.permutation n key |> Tensor.toInt64s |> Seq.map int

    /// `count` numbers below n, each as likely as any other.
    let anywhere (n: int) (count: int) key : int seq =
        Random.uniform key [ count ] |> Tensor.toFloat64s |> Seq.map (fun u -> min (n - 1) (int (u * float n)))

    /// Batches of `size`; a smaller one at the end is dropped if asked for.
    let batches (size: int) dropLast (items: 'T seq) : 'T[] seq =
        if size <= 0 then
            raise (ArgumentValueException $"batch_size should be a positive integer value, but got batch_size={size}")

        Seq.chunkBySize size items |> Seq.filter (fun batch -> not dropLast || batch.Length = size)

    /// The results of a function, in order, made ahead of their reader by `workers` threads, `ahead` at most. An error arises
    /// where its result is read, as a WorkerException. Whoever stops reading early (and disposes of the enumerator, as `for` does)
    /// waits for what is being made and leaves nothing running. Without workers everything happens when it is read.
    /// Nobody waits for a result longer than `timeout`: then a LoaderTimeoutException is raised, and the worker is left alone.
    let prefetchWithin (timeout: TimeSpan voption) (workers: int) (ahead: int) (make: int -> 'T -> 'R) (source: 'T seq) : 'R seq =
        if workers <= 0 then
            Seq.mapi make source
        else
            seq {
                let scheduler = ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, workers).ConcurrentScheduler

                use cancel = new CancellationTokenSource()
                use items = source.GetEnumerator()
                let waiting = Queue<Task<'R>>()

                let finishes (task: Task<'R>) =
                    match timeout with
                    | ValueSome time -> task.Wait time
                    | ValueNone ->
                        task.Wait()
                        true

                let start number item =
                    Task.Factory.StartNew((fun () -> make number item), cancel.Token, TaskCreationOptions.None, scheduler)
                    |> waiting.Enqueue

                // Gives the number of the next item, or none when there are no more.
                let rec fill next =
                    if next >= 0 && waiting.Count < max 1 ahead then
                        if items.MoveNext() then
                            start next items.Current
                            fill (next + 1)
                        else
                            -1
                    else
                        next

                let rec read number next = seq {
                    let next = fill next

                    if waiting.Count > 0 then
                        let task = waiting.Peek()

                        try
                            if not (finishes task) then
                                waiting.Clear()
                                raise (LoaderTimeoutException(number, timeout.Value))
                        with :? AggregateException as failed ->
                            waiting.Dequeue() |> ignore
                            let cause = failed.Flatten().InnerExceptions[0]
                            raise (WorkerException(number, ExceptionDispatchInfo.Capture(cause).SourceException))

                        waiting.Dequeue() |> ignore
                        yield task.Result
                        yield! read (number + 1) next
                }

                try
                    yield! read 0 0
                finally
                    cancel.Cancel()
                    // Results nobody reads any more; their errors too.
                    for task in waiting do
                        (task :> IAsyncResult).AsyncWaitHandle.WaitOne() |> ignore
            }

    /// The same without a limit of time.
    let prefetch (workers: int) (ahead: int) (make: int -> 'T -> 'R) (source: 'T seq) : 'R seq =
        prefetchWithin ValueNone workers ahead make source

    /// Batches of examples: `example` gives one by its number, `collate` puts a batch together. Order and numbers are the same for
    /// any number of workers.
    let load workers (example: int -> 'T) (collate: 'T[] -> 'B) (order: int[] seq) : 'B seq =
        order |> prefetch workers (2 * workers) (fun _ places -> places |> Array.map example |> collate)
