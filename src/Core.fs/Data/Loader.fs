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

/// Examples by number, from 0.
type Dataset<'T> = { Count: int; Example: int -> 'T }

/// Data sets and their parts.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Dataset =
    let ofArray (items: 'T[]) = { Count = items.Length; Example = fun i -> items[i] }

    /// Slices of tensors along their first dimension. Raises ShapeException for tensors that do not have the same size there.
    let ofTensors (tensors: Tensor list) : Dataset<Tensor list> =
        match tensors with
        | first :: _ when tensors |> List.forall (fun t -> t.Rank > 0 && first.Rank > 0 && t.Shape[0] = first.Shape[0]) ->
            { Count = first.Shape[0]; Example = fun i -> tensors |> List.map (Tensor.select 0 i) }
        | _ ->
            let shapes = tensors |> List.map (fun t -> Shape.format t.Shape) |> String.concat ", "

            raise (
                ShapeException
                    $"Size mismatch between tensors: all must have the same size in their first dimension, but got {shapes}"
            )

    /// A function of every example.
    let map (f: 'T -> 'R) (data: Dataset<'T>) : Dataset<'R> = { Count = data.Count; Example = data.Example >> f }

    /// The examples of these numbers, in this order. Raises IndexException for a number that has none.
    let subset (numbers: int seq) (data: Dataset<'T>) : Dataset<'T> =
        let numbers = Array.ofSeq numbers

        for i in numbers do
            if i < 0 || i >= data.Count then
                raise (IndexException $"index {i} is out of range for a data set of {data.Count} examples (subset)")

        { Count = numbers.Length; Example = fun i -> data.Example numbers[i] }

    /// Data sets one behind the other. Raises ArgumentValueException for none.
    let concat (parts: Dataset<'T> list) : Dataset<'T> =
        if parts.IsEmpty then
            raise (ArgumentValueException "datasets should not be an empty iterable")

        let parts = Array.ofList parts
        let ends = parts |> Array.map _.Count |> Array.scan (+) 0 |> Array.tail

        let example i =
            match Array.tryFindIndex (fun last -> i < last) ends with
            | Some part when i >= 0 -> parts[part].Example(if part = 0 then i else i - ends[part - 1])
            | _ -> raise (IndexException $"index {i} is out of range for a data set of {Array.last ends} examples")

        { Count = Array.last ends; Example = example }

    /// The sizes of parts that are fractions of a whole: rounded down, and what remains goes round. Raises ArgumentValueException for
    /// fractions that do not add up to 1.
    let partSizes (fractions: float list) (count: int) : int list =
        if not (abs (List.sum fractions - 1.0) <= 1e-9) then
            raise (ArgumentValueException "Sum of input lengths does not equal the length of the input dataset!")

        fractions
        |> List.iteri (fun i part ->
            if not (part >= 0.0 && part <= 1.0) then
                raise (ArgumentValueException $"Fraction at index {i} is not between 0 and 1"))

        let sizes = fractions |> List.map (fun part -> int (floor (float count * part)))
        let rest = count - List.sum sizes
        let each, more = rest / sizes.Length, rest % sizes.Length
        sizes |> List.mapi (fun i size -> size + each + (if i < more then 1 else 0))

    /// Numbers in parts of these sizes, one behind the other. Raises ArgumentValueException for sizes that do not add up to their count.
    let cut (sizes: int list) (numbers: 'N[]) : 'N[] list =
        if List.sum sizes <> numbers.Length || sizes |> List.exists (fun size -> size < 0) then
            raise (ArgumentValueException "Sum of input lengths does not equal the length of the input dataset!")

        sizes |> List.mapFold (fun start size -> Array.sub numbers start size, start + size) 0 |> fst

    /// Parts of these sizes, with the examples shared out at random. Raises ArgumentValueException for sizes that do not add up.
    let randomSplit (sizes: int list) key (data: Dataset<'T>) : Dataset<'T> list =
        Random.permutation data.Count key
        |> Tensor.toInt64s
        |> Array.map int
        |> cut sizes
        |> List.map (fun numbers -> subset numbers data)

    /// Parts that are these fractions of the whole, with the examples shared out at random.
    let randomSplitBy (fractions: float list) key (data: Dataset<'T>) : Dataset<'T> list =
        randomSplit (partSizes fractions data.Count) key data

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

    /// `count` numbers with probabilities in the ratio of their weights; each at most once unless `replacement`. Raises
    /// ArgumentValueException for weights that are negative, not finite or all 0, and for more numbers than there are without `replacement`.
    let weighted (weights: float[]) (count: int) replacement (key: Key) : int seq =
        if count <= 0 then
            raise (ArgumentValueException $"num_samples should be a positive integer value, but got num_samples={count}")

        let probabilities = Tensor.ofFloat64s [ weights.Length ] weights

        Distributions.multinomial (MersenneTwister key.Bits) count replacement probabilities
        |> Tensor.toInt64s
        |> Seq.map int

    /// Given numbers in random order.
    let shuffledOf (numbers: int[]) key : int seq = shuffled numbers.Length key |> Seq.map (fun i -> numbers[i])

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

    /// Batches of a data set's examples, in the order that a sequence of their numbers gives.
    let batchesOf workers (size: int) dropLast (collate: 'T[] -> 'B) (data: Dataset<'T>) (order: int seq) : 'B seq =
        batches size dropLast order |> load workers data.Example collate
