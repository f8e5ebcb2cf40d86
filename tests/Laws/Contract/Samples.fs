/// Tensors as plain data: what a generator draws, a shrinker makes smaller, and every backend is given alike.
module Functional.Laws.Contract.Samples

open System
open Functional.Contract

/// What the numbers of a sample are like.
type Values =
    /// Whole numbers from -3 to 3: many ties.
    | Small
    /// Between -4 and 4 (integers: -100 to 100).
    | Tame
    /// Tame with a nan, an infinity or a zero here and there.
    | Spiced
    /// Anything that the dtype can hold.
    | Wild

/// How one dimension lies in memory.
type Layout =
    | Dense
    /// Every second element.
    | Stepped
    | Reversed
    /// One element, read again and again.
    | Repeated

/// All that tells one sample from another, shape and dtype aside.
type Look =
    {
        Values: Values
        /// One for each dimension; dimensions beyond are dense.
        Layouts: Layout list
        /// Shuffles the order of the dimensions in memory; 0 keeps them row-major.
        Turn: int
        /// Elements before the first one.
        Lead: int
        Seed: int
    }

/// A tensor in plain memory.
type Sample = { Dtype: Dtype; Bytes: byte[]; Length: int; Offset: int; Shape: Shape; Strides: int[] }

let plain = { Values = Tame; Layouts = []; Turn = 0; Lead = 0; Seed = 1 }

let private pick (random: Random) (choices: 'T[]) = choices[random.Next choices.Length]

/// (largest, smallest normal, smallest subnormal) of a floating dtype.
let private extremes dtype =
    match dtype with
    | Float16 -> 65504.0, 6.103515625e-5, 5.9604644775390625e-8
    | BFloat16 -> 3.3895313892515355e38, 1.1754943508222875e-38, 9.183549615799121e-41
    | Float32 -> float Single.MaxValue, 1.1754943508222875e-38, float Single.Epsilon
    | _ -> Double.MaxValue, 2.2250738585072014e-308, Double.Epsilon

let private wildReal (random: Random) dtype =
    let largest, normal, subnormal = extremes dtype
    let sign = if random.Next 2 = 0 then 1.0 else -1.0

    match random.Next 8 with
    | 0 -> pick random [| nan; infinity; -infinity; 0.0; -0.0 |]
    | 1 -> sign * pick random [| largest; normal; subnormal; 3.0 * subnormal |]
    | 2 -> sign * pick random [| 0.5; 1.0; 1.5; 2.0; 2.5; 3.5; Math.PI; Math.PI / 2.0; 100.0; 1e4 |]
    | 3 -> sign * exp (log normal + random.NextDouble() * (log largest - log normal))
    | 4 -> sign * exp (-16.0 * random.NextDouble())
    | 5 -> sign * 100.0 * random.NextDouble()
    | _ -> sign * 4.0 * random.NextDouble()

let private wildInteger (random: Random) dtype =
    let bits = 8 * Dtype.size dtype

    match random.Next 4 with
    | 0 -> pick random [| 0L; 1L; -1L; 2L |]
    | 1 when dtype = UInt8 -> pick random [| 255L; 128L; 127L |]
    | 1 -> pick random [| Int64.MinValue >>> (64 - bits); Int64.MaxValue >>> (64 - bits); (Int64.MinValue >>> (64 - bits)) + 1L |]
    | 2 -> random.NextInt64(-20L, 20L)
    | _ -> random.NextInt64(Int64.MinValue, Int64.MaxValue)

let private real (random: Random) dtype values =
    match values with
    | Small -> float (random.Next(-3, 4))
    | Tame -> 8.0 * random.NextDouble() - 4.0
    | Spiced when random.Next 12 = 0 -> pick random [| nan; infinity; -infinity; 0.0; -0.0 |]
    | Spiced -> 8.0 * random.NextDouble() - 4.0
    | Wild -> wildReal random dtype

let private integer (random: Random) dtype values =
    match values with
    | Small -> random.NextInt64(-3L, 4L)
    | Tame
    | Spiced -> random.NextInt64(-100L, 101L)
    | Wild -> wildInteger random dtype

let private number (random: Random) values dtype =
    match Dtype.category dtype with
    | 0 -> Boolean(random.Next 2 = 0)
    | 1 -> Integer(integer random dtype values)
    | 2 -> Real(real random dtype values)
    | _ -> Complex(Numerics.Complex(real random dtype values, real random dtype values))

let private shuffled seed rank =
    let order = [| 0 .. rank - 1 |]

    if seed <> 0 then
        Random(seed).Shuffle order

    order

/// A sample whose memory is filled, gaps included, by a function.
let private lay dtype (shape: Shape) look (fill: unit -> Scalar) =
    let strides = Array.zeroCreate shape.Length
    let mutable extent = 1
    let mutable first = look.Lead

    for d in shuffled look.Turn shape.Length |> Array.rev do
        match List.tryItem d look.Layouts |> Option.defaultValue Dense with
        | Dense ->
            strides[d] <- extent
            extent <- extent * shape[d]
        | Stepped ->
            strides[d] <- 2 * extent
            extent <- extent * 2 * shape[d]
        | Reversed ->
            strides[d] <- -extent
            first <- first + extent * max 0 (shape[d] - 1)
            extent <- extent * shape[d]
        | Repeated -> strides[d] <- 0

    let length = look.Lead + extent
    let bytes = Array.zeroCreate (length * Dtype.size dtype)

    for i in 0 .. length - 1 do
        Element.write dtype (bytes.AsSpan()) i (fill () |> Element.round dtype)

    { Dtype = dtype
      Bytes = bytes
      Length = length
      Offset = (if Array.contains 0 shape then 0 else first)
      Shape = shape
      Strides = strides }

/// A sample of these looks.
let sample dtype shape look =
    let random = Random look.Seed
    lay dtype shape look (fun () -> number random look.Values dtype)

/// Int64 positions from 0 to size - 1.
let indices size shape look =
    let random = Random look.Seed
    lay Int64 shape look (fun () -> Integer(int64 (random.Next(max 1 size))))

/// A row-major sample of floating numbers in other places of memory, with nans between them that nobody should read.
let rearrange look (sample: Sample) =
    let other = lay sample.Dtype sample.Shape look (fun () -> Real nan)
    let elements, memory = Array.chunkBySize (Dtype.size sample.Dtype) sample.Bytes, other.Bytes

    for i in 0 .. elements.Length - 1 do
        let step (rest, place) d = rest / other.Shape[d], place + rest % other.Shape[d] * other.Strides[d]
        let _, place = Seq.fold step (i, other.Offset) (Seq.rev (seq { 0 .. other.Shape.Length - 1 }))
        elements[i].CopyTo(memory, place * elements[i].Length)

    other

/// The same tensor with every element changed.
let map change sample =
    let bytes = Array.copy sample.Bytes

    for i in 0 .. sample.Length - 1 do
        Element.write sample.Dtype (bytes.AsSpan()) i (change (Element.read sample.Dtype (ReadOnlySpan sample.Bytes) i))

    { sample with Bytes = bytes }

/// The absolute values of a sample.
let magnitudes sample =
    if Dtype.isFloating sample.Dtype then
        map (Arithmetic.unary sample.Dtype Abs) sample
    else
        sample

/// The sample as a view in a backend's memory.
let upload (backend: IBackend) sample =
    let buffer = backend.Allocate(sample.Dtype, sample.Length)
    backend.Upload(ReadOnlySpan sample.Bytes, buffer)

    { Buffer = buffer; Offset = sample.Offset; Shape = sample.Shape; Strides = sample.Strides }

/// The raw elements of a backend's buffer.
let download (backend: IBackend) (buffer: Functional.Contract.Buffer) =
    let bytes: byte[] = Array.zeroCreate (buffer.Length * Dtype.size buffer.Dtype)
    backend.Download(buffer, 0, bytes.AsSpan())
    bytes

let scalars dtype (bytes: byte[]) =
    Array.init (bytes.Length / Dtype.size dtype) (fun i -> Element.read dtype (ReadOnlySpan bytes) i)
