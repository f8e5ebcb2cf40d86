/// Values to test deferral with, how to read them, and what to compute with them.
module Functional.Laws.Deferred.ValueSamples

open System
open Functional
open Functional.Contract

/// Elements that include the awkward ones.
let sample (dtype: Dtype) i =
    let numbers = [| 0.5; -1.25; 3.0; 0.0; -0.0; nan; infinity; -infinity; 1e-3; 77.7; -2.5; 0.1 |]

    match dtype with
    | Bool -> Boolean(i % 3 = 0)
    | other when Dtype.isInteger other -> Integer(int64 (i % 7 - 3))
    | _ -> Real(numbers[i % numbers.Length] + float (i / numbers.Length))

let ofSamples (backend: IBackend) (dtype: Dtype) (shape: Shape) seed =
    let count = Shape.count shape
    let bytes: byte[] = Array.zeroCreate (count * Dtype.size dtype)

    for i in 0 .. count - 1 do
        Element.write dtype (bytes.AsSpan()) i (sample dtype (i + seed))

    let buffer = backend.Allocate(dtype, count)
    backend.Upload(ReadOnlySpan bytes, buffer)
    Value.ofView backend (View.contiguous shape buffer)

/// A nan's sign and payload are nobody's business: which operand's nan a sum hands on is up to the code generator.
let private canonical (dtype: Dtype) (memory: byte[]) =
    if Dtype.isFloating dtype then
        for i in 0 .. memory.Length / Dtype.size dtype - 1 do
            if System.Double.IsNaN (Element.read dtype (ReadOnlySpan memory) i).AsFloat then
                Element.write dtype (memory.AsSpan()) i (Real nan)

/// The elements in row-major order.
let bytes (value: Value) =
    let view = Value.view value
    let target = value.Backend.Allocate(value.Dtype, value.Count) |> View.contiguous value.Shape
    value.Backend.Copy(view, target)
    let result: byte[] = Array.zeroCreate (value.Count * Dtype.size value.Dtype)
    value.Backend.Download(target.Buffer, 0, result.AsSpan())
    canonical value.Dtype result
    result

let floats (backend: IBackend) (numbers: float seq) =
    let numbers = Array.ofSeq numbers
    let buffer = backend.Allocate(Float32, numbers.Length)
    let memory: byte[] = Array.zeroCreate (4 * numbers.Length)
    numbers |> Array.iteri (fun i x -> Element.write Float32 (memory.AsSpan()) i (Real x))
    backend.Upload(ReadOnlySpan memory, buffer)
    Value.ofView backend (View.contiguous [| numbers.Length |] buffer)

let numbers (value: Value) =
    let memory = bytes value
    Array.init value.Count (fun i -> (Element.read value.Dtype (ReadOnlySpan memory) i).AsFloat)

let f1 f a = Value.pointwise1 f a
let f2 f a b = Value.pointwise2 f a b
let (+.) a b = f2 Functions.add a b
let ( *. ) a b = f2 Functions.mul a b

let times (number: float) (value: Value) =
    f2 Functions.mul value (Value.constant value.Backend value.Dtype value.Shape (Real number))

let chain length step (start: Value) = List.fold (fun value _ -> step value) start [ 1..length ]

/// One Adam step out of elementary operations: parameter, first and second moment.
let adam (gradient: Value) (parameter: Value) (first: Value) (second: Value) =
    let m = times 0.9 first +. times 0.1 gradient
    let v = times 0.999 second +. times 0.001 (gradient *. gradient)
    let epsilon = Value.constant v.Backend v.Dtype v.Shape (Real 1e-8)
    let step = f2 Functions.div (times 10.0 m) (f1 Functions.sqrt (times 1000.0 v) +. epsilon)
    f2 Functions.sub parameter (times 0.001 step), m, v
