/// Arguments of primitives as plain data, and the ways in which a tensor may lie in memory.
module Functional.Laws.Arguments

open System
open Functional
open Functional.Contract
open Functional.Laws.Choices

/// How the elements come to be where they are.
type Layout =
    | Plain
    /// Dimensions lie in memory in another order.
    | Permuted of int list
    /// Read backwards along a dimension.
    | Flipped of int
    /// Every second element of what is in memory; the others are nan.
    | Stepped of int
    /// One slice, read again and again.
    | Repeated of int
    /// One number and no memory.
    | Constant
    /// Negated twice: where the library puts work off, it still has to be done.
    | PutOff

/// Examples of one argument: several, so that a batch can be made of them.
type Argument = { Dtype: Dtype; Shape: Shape; Layout: Layout; Examples: float[][] }

let private position (shape: Shape) (flat: int) =
    let strides = Shape.rowMajor shape
    Array.init shape.Length (fun i -> flat / strides[i] % max 1 shape[i])

/// The elements that `source` names for every position of a shape.
let private fill (shape: Shape) (source: int[] -> float) = Array.init (Shape.count shape) (position shape >> source)

let private at (shape: Shape) (elements: float[]) (index: int[]) =
    elements[Array.fold2 (fun sum i stride -> sum + i * stride) 0 index (Shape.rowMajor shape)]

let private holes dtype = if Dtype.isFloating dtype then nan else 1.0

/// A number as an element of a dtype.
let private element dtype (x: float) =
    if Dtype.isComplex dtype then
        Complex(Numerics.Complex(x, Elements.imaginary x))
    else
        Real x

/// A tensor of these elements, laid out so.
let lay backend layout dtype (shape: Shape) (elements: float[]) : Tensor =
    let write = Elements.write backend dtype
    let source = at shape elements
    let put axis value (index: int[]) = Array.updateAt axis value index

    match layout with
    | Permuted order when order.Length = shape.Length ->
        let order = Array.ofList order
        let place = Array.init order.Length (fun i -> Array.IndexOf(order, i))
        let base' = place |> Array.map (fun p -> shape[p])

        fill base' (fun index -> source (order |> Array.map (fun o -> index[o])))
        |> write base'
        |> Structure.permute order
    | Flipped axis when axis < shape.Length ->
        let last = shape[axis] - 1
        fill shape (fun index -> source (put axis (last - index[axis]) index)) |> write shape |> Structure.flip axis
    | Stepped axis when axis < shape.Length ->
        let size = shape[axis]
        let wide = put axis (2 * size + 1) shape

        let element (index: int[]) =
            if index[axis] % 2 = 0 then
                holes dtype
            else
                source (put axis (index[axis] / 2) index)

        let lattice = Structure.everything wide |> Structure.along axis 1 2 size
        fill wide element |> write wide |> Structure.slice lattice
    | Repeated axis when axis < shape.Length && shape[axis] > 0 ->
        let narrow = put axis 1 shape
        fill narrow source |> write narrow |> Engine.expand shape
    | Constant when elements.Length > 0 -> Creation.full backend dtype shape (element dtype elements[0])
    | PutOff when Dtype.isDifferentiable dtype ->
        let negate t = Engine.pointwise Functions.neg [||] [| t |]
        write shape elements |> negate |> negate
    | _ -> write shape elements

/// What the elements become where the layout repeats some.
let private settle layout (shape: Shape) (elements: float[]) =
    match layout with
    | Repeated axis when axis < shape.Length -> fill shape (fun index -> at shape elements (Array.updateAt axis 0 index))
    | Constant -> Array.map (fun _ -> elements[0]) elements
    | _ -> elements

/// How many examples every argument has.
let examples = 4

/// An argument whose examples are filled by a function of a random source and a count.
let argument (choices: Choices) dtype (shape: Shape) (layout: Layout) (elements: Random -> int -> float[]) =
    let random = choices.Seeded()
    let count = Shape.count shape

    { Dtype = dtype
      Shape = shape
      Layout = layout
      Examples = Array.init examples (fun _ -> elements random count |> settle layout shape) }

/// Any layout; `ties` allows those in which elements repeat.
let layout (choices: Choices) ties (shape: Shape) =
    let axis () = choices.Below(max 1 shape.Length)

    match choices.Below(if ties then 8 else 6) with
    | 1 -> Permuted(choices.Shuffle [ 0 .. shape.Length - 1 ])
    | 2 -> Flipped(axis ())
    | 3 -> Stepped(axis ())
    | 4 -> PutOff
    | 6 -> Repeated(axis ())
    | 7 -> Constant
    | _ -> Plain

/// One example as a tensor.
let example backend i (argument: Argument) = lay backend argument.Layout argument.Dtype argument.Shape argument.Examples[i]

/// The layout one axis further in; a permuted batch lies innermost in memory.
let private behindBatch layout =
    match layout with
    | Permuted order -> Permuted(List.length order :: order)
    | Flipped axis -> Flipped(axis + 1)
    | Stepped axis -> Stepped(axis + 1)
    | Repeated axis -> Repeated(axis + 1)
    | Constant -> Plain
    | Plain
    | PutOff -> layout

/// The chosen examples, stacked along a new first axis.
let batch backend (chosen: int list) (argument: Argument) =
    let elements = chosen |> List.map (fun i -> argument.Examples[i]) |> Array.concat
    let shape = Array.append [| chosen.Length |] argument.Shape
    lay backend (behindBatch argument.Layout) argument.Dtype shape elements
