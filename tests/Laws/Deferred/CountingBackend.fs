/// A backend that counts what it is asked for and lets another do it.
module Functional.Laws.Deferred.CountingBackend

open System
open System.Threading
open Functional.Contract

type Counting(inner: IBackend, immediateLimit: int) =
    let mutable pointwise = 0
    let mutable outputs = 0
    let mutable allocations = 0
    let mutable reductions = 0
    let mutable last = 0
    let mutable fail = false

    /// Fused kernels run.
    member _.Pointwise = pointwise
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

    interface IBackend with
        member _.Name = "counting"
        member _.Device = inner.Device
        member _.ImmediateLimit = immediateLimit

        member _.Allocate(dtype, length) =
            Interlocked.Increment &allocations |> ignore
            inner.Allocate(dtype, length)

        member _.Upload(source, target) = inner.Upload(source, target)
        member _.Download(source, offset, target) = inner.Download(source, offset, target)
        member _.Copy(source, target) = inner.Copy(source, target)

        member _.Pointwise(program, shape, inputs, parameters, results) =
            if fail then
                raise (OutOfMemoryException "the counting backend was told to fail")

            last <- program.Id
            Interlocked.Increment &pointwise |> ignore
            Interlocked.Add(&outputs, results.Length) |> ignore
            inner.Pointwise(program, shape, inputs, parameters, results)

        member _.Reduce(reduction, program, shape, inputs, parameters, axes) =
            if fail then
                raise (OutOfMemoryException "the counting backend was told to fail")

            Interlocked.Increment &reductions |> ignore
            inner.Reduce(reduction, program, shape, inputs, parameters, axes)

        member _.Scan(kind, source, axis, reverse) = inner.Scan(kind, source, axis, reverse)
        member _.MatMul(a, b) = inner.MatMul(a, b)
        member _.Fourier(source, axis, inverse) = inner.Fourier(source, axis, inverse)
        member _.Convolve(pass, geometry, a, b) = inner.Convolve(pass, geometry, a, b)
        member _.Window(kind, geometry, source) = inner.Window(kind, geometry, source)
        member _.Gather(source, axis, index) = inner.Gather(source, axis, index)
        member _.Scatter(mode, target, axis, index, source) = inner.Scatter(mode, target, axis, index, source)
        member _.ArgSort(source, axis, descending, count) = inner.ArgSort(source, axis, descending, count)
        member _.Random(kind, key, dtype, length) = inner.Random(kind, key, dtype, length)
        member _.Arange(dtype, length, start, step) = inner.Arange(dtype, length, start, step)
        member _.Rows(kernel, source) = inner.Rows(kernel, source)

        member _.NormalizeRows(source, epsilon, weight, bias) = inner.NormalizeRows(source, epsilon, weight, bias)
        member _.RowsPullback(kernel, point, cotangent) = inner.RowsPullback(kernel, point, cotangent)

        member _.NormalizeRowsPullback(source, epsilon, weight, cotangent) =
            inner.NormalizeRowsPullback(source, epsilon, weight, cotangent)

        member _.Mix(matrix, source, axis) = inner.Mix(matrix, source, axis)
        member _.Decompose(kind, inputs) = inner.Decompose(kind, inputs)
        member _.Attend operands = inner.Attend operands
        member _.AttendPullback(operands, result, cotangent) = inner.AttendPullback(operands, result, cotangent)
        member _.Synchronize() = inner.Synchronize()

/// Counts on the reference backend; everything is deferred.
let deferring () = Counting(Reference.backend, -1)
