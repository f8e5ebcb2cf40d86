namespace Functional

open System.Threading
open Functional.Contract

/// Which backend new tensors live on.
[<RequireQualifiedAccess>]
module Backend =
    /// The embedded CPU backend.
    let cpu: IBackend = Functional.Cpu.CpuBackend.Instance
    /// The plain backend that defines what the others must answer. Slow.
    let reference: IBackend = Functional.Contract.Reference.backend

    let mutable private everywhere = cpu
    let private here = AsyncLocal<IBackend>()

    /// The backend of new tensors: that of the innermost `using` scope, or the one set for the process.
    let current () =
        match here.Value with
        | null -> everywhere
        | scoped -> scoped

    /// Sets the backend of new tensors for the whole process.
    let setDefault backend = everywhere <- backend

    /// Runs a function with another backend for new tensors, on this thread and what it starts.
    let using (backend: IBackend) (f: unit -> 'R) : 'R =
        let before = here.Value
        here.Value <- backend

        try
            f ()
        finally
            here.Value <- before

/// How many threads take part in one operation on the processor. Results do not depend on it.
[<RequireQualifiedAccess>]
module Threads =
    let count () = Functional.Cpu.WorkerPool.Threads
    /// Raises ArgumentValueException for numbers that are not positive.
    let set count = Functional.Cpu.WorkerPool.Threads <- count
