/// A backend that counts what it is asked for and lets another do it.
module Functional.Laws.Deferred.CountingBackend

open System
open System.Threading
open Functional.Contract

type Counting(inner: IBackend, immediateLimit: int) =
    inherit ForwardingBackend(inner)
    let mutable pointwise = 0
    let mutable outputs = 0
    let mutable allocations = 0
    let mutable reductions = 0
    let mutable last = 0
    let mutable fail = false

    /// Fused kernels run.
    member _.Kernels = pointwise
    /// The number of the program that ran last.
    member _.LastProgram = last
    /// Arrays written by fused kernels.
    member _.Outputs = outputs
    member _.Allocations = allocations
    member _.Reductions = reductions

    /// While set, kernels fail.
    member _.Fails
        with get () = fail
        and set next = fail <- next

    member _.Reset() =
        pointwise <- 0
        outputs <- 0
        allocations <- 0
        reductions <- 0

    override _.Name = "counting"
    override _.ImmediateLimit = immediateLimit

    override _.Allocate(dtype, length) =
        Interlocked.Increment &allocations |> ignore
        inner.Allocate(dtype, length)

    override _.Pointwise(program, shape, inputs, parameters, results) =
        if fail then
            raise (OutOfMemoryException "the counting backend was told to fail")

        last <- program.Id
        Interlocked.Increment &pointwise |> ignore
        Interlocked.Add(&outputs, results.Length) |> ignore
        inner.Pointwise(program, shape, inputs, parameters, results)

    override _.Reduce(reduction, program, shape, inputs, parameters, axes) =
        if fail then
            raise (OutOfMemoryException "the counting backend was told to fail")

        Interlocked.Increment &reductions |> ignore
        inner.Reduce(reduction, program, shape, inputs, parameters, axes)

/// Counts on the reference backend; everything is deferred.
let deferring () = Counting(Reference.backend, -1)

/// Products that take a while.
type Slow(inner: IBackend) =
    inherit ForwardingBackend(inner)
    let mutable products = 0
    member _.Products = products
    override _.Name = "slow"

    override _.MatMul(a, b) =
        products <- products + 1
        Thread.Sleep 2
        inner.MatMul(a, b)
