namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// Tensors from numbers, and numbers from tensors.
[<AutoOpen>]
module CreationOperations =
    let private bytesOf (data: 'T[]) = MemoryMarshal.AsBytes(ReadOnlySpan data)

    [<RequireQualifiedAccess>]
    module Tensor =
        /// One number everywhere, in a given dtype. Costs no memory until it is looked at.
        let fullOf dtype (shape: int list) (number: Scalar) = Creation.full (Backend.current ()) dtype (Array.ofList shape) number

        /// One float32 number everywhere.
        let full (shape: int list) (number: float) = fullOf Float32 shape (Real number)
        let zeros (shape: int list) = full shape 0.0
        let ones (shape: int list) = full shape 1.0
        /// A float32 number without dimensions.
        let scalar (number: float) = full [] number
        let fullLike (t: Tensor) (number: float) = Creation.full t.Backend t.Dtype t.Shape (Real number)
        let zerosLike t = fullLike t 0.0
        let onesLike t = fullLike t 1.0

        let private create dtype (shape: Shape) (data: 'T[]) = Creation.ofBytes (Backend.current ()) dtype shape (bytesOf data)

        /// A float32 tensor from row-major elements. Raises ShapeException where the count does not fit.
        let ofArray (shape: int list) (data: float32[]) = create Float32 (Array.ofList shape) data
        let ofFloat64s (shape: int list) (data: float[]) = create Float64 (Array.ofList shape) data
        let ofInt64s (shape: int list) (data: int64[]) = create Int64 (Array.ofList shape) data
        let ofInt32s (shape: int list) (data: int[]) = create Int32 (Array.ofList shape) data
        let ofBytes (shape: int list) (data: byte[]) = create UInt8 (Array.ofList shape) data

        let ofBools (shape: int list) (data: bool[]) =
            create Bool (Array.ofList shape) (data |> Array.map (fun b -> if b then 1uy else 0uy))

        /// A float32 vector.
        let ofSeq (data: float seq) =
            let data = data |> Seq.map float32 |> Array.ofSeq
            ofArray [ data.Length ] data

        /// An int64 vector.
        let ofInts (data: int seq) =
            let data = data |> Seq.map int64 |> Array.ofSeq
            ofInt64s [ data.Length ] data

        /// A float32 matrix from rows of equal length.
        let ofRows (rows: float list list) =
            match rows |> List.map List.length |> List.distinct with
            | [] -> zeros [ 0; 0 ]
            | [ width ] -> ofArray [ rows.Length; width ] (rows |> List.concat |> List.map float32 |> Array.ofList)
            | widths -> raise (ShapeException $"expected rows of equal length, but got lengths {widths}")

        /// start, start + step, ... below stop, as int64.
        let arange start stop step =
            if step = 0 then
                raise (
                    ArgumentValueException
                        $"step must be nonzero: arange from {start} to {stop} by 0 has no end; give a step above or below 0"
                )

            if (step > 0 && start > stop) || (step < 0 && start < stop) then
                raise (
                    ArgumentValueException
                        $"upper bound and larger bound inconsistent with step sign: arange({start}, {stop}, {step}); turn the step's sign or exchange start and stop"
                )

            let length = (int64 stop - int64 start + int64 step - int64 (sign step)) / int64 step

            if length > int64 Int32.MaxValue then
                raise (
                    ShapeException
                        $"a tensor of {length} elements is longer than a buffer can be (2147483647): arange({start}, {stop}, {step}); turn the step's sign or exchange start and stop"
                )

            Creation.arange (Backend.current ()) Int64 (int length) start step

        /// `count` evenly spaced float32 numbers from start to stop, both included.
        let linspace (start: float) (stop: float) count =
            if count < 0 then
                raise (ArgumentValueException $"number of steps must be non-negative, but got {count} (linspace)")

            let step = if count > 1 then (stop - start) / float (count - 1) else 0.0
            // The second half counts back from the end, so that both ends are exact.
            ofSeq (
                Seq.init count (fun i ->
                    if 2 * i < count then
                        start + step * float i
                    else
                        stop - step * float (count - 1 - i))
            )

        /// The identity matrix in float32.
        let eye n =
            if n < 0 then
                raise (ArgumentValueException $"n must be greater or equal to 0, got {n} (eye)")

            let position shape =
                Creation.arange (Backend.current ()) Int64 n 0 1 |> Engine.reshape shape |> Engine.expand [| n; n |]

            Engine.pointwise Functions.eq [||] [| position [| n; 1 |]; position [| 1; n |] |] |> Engine.cast Float32

        /// Under vmap a tensor has many values: which of them an array should hold nobody can say.
        let rec private requireOne what (t: Tensor) =
            match t with
            | Concrete _ -> ()
            | Batched _ ->
                raise (
                    DifferentiationException
                        $"vmap: It looks like you're calling .{what}() on a Tensor. We don't support vmap over calling .{what}() on a Tensor, please try to rewrite what you're doing with other operations: return the tensor from the mapped function, and read it outside"
                )
            | other -> requireOne what other.Inner

        let private read<'T when 'T: unmanaged and 'T: (new: unit -> 'T) and 'T: struct and 'T :> ValueType>
            dtype
            (t: Tensor)
            : 'T[] =
            requireOne (if Shape.count t.Shape = 1 then "item" else "tolist") t
            let bytes = Creation.toBytes (Engine.cast dtype (Structure.detach t))
            MemoryMarshal.Cast<byte, 'T>(ReadOnlySpan bytes).ToArray()

        /// The elements as float32, row-major. Computes what was put off.
        let toArray t : float32[] = read<float32> Float32 t
        let toFloat64s t : float[] = read<float> Float64 t
        let toInt64s t : int64[] = read<int64> Int64 t
        let toInt32s t : int[] = read<int> Int32 t
        let toBools t : bool[] = read<byte> UInt8 (Engine.cast Bool t) |> Array.map ((<>) 0uy)

        /// The number in a tensor of one element. Raises ShapeException for any other.
        let item (t: Tensor) : float =
            match Shape.count t.Shape with
            | 1 -> (toFloat64s t)[0]
            | n -> raise (ShapeException $"a Tensor with {n} elements cannot be converted to Scalar: item needs exactly one")

        /// Sizes, outermost first.
        let shape (t: Tensor) = List.ofArray t.Shape
        let dtype (t: Tensor) = t.Dtype
        let count (t: Tensor) = Shape.count t.Shape

        /// The same numbers in another dtype.
        let cast dtype t = Engine.cast dtype t

        /// Computes what was put off, for several tensors in as few passes as possible.
        let force (tensors: Tensor seq) = tensors |> Seq.map Engine.concrete |> Array.ofSeq |> Value.forceAll

        /// Allows the next evaluation to write into this tensor's memory. Using it afterwards raises an error.
        let donate (t: Tensor) = Value.donate (Engine.concrete t)

        /// The same elements where another backend works: `Tensor.toDevice (Backend.gpu 0) t`. The tensor itself where it is there
        /// already. Gradients come back to where the tensor was.
        let toDevice (backend: IBackend) (t: Tensor) = Engine.move backend t
