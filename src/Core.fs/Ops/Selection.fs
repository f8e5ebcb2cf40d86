namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// Reading and writing at places that tensors name, along several axes at once.
[<RequireQualifiedAccess>]
module Selection =
    let private int64s (t: Tensor) =
        MemoryMarshal.Cast<byte, int64>(ReadOnlySpan(Creation.toBytes (Engine.cast Int64 (Structure.detach t)))).ToArray()

    let private vectorOf (like: Tensor) (shape: Shape) (data: int64[]) =
        Creation.ofBytes like.Backend Int64 shape (MemoryMarshal.AsBytes(ReadOnlySpan data))

    /// The positions of the elements that are not zero, in row-major order: [count, rank].
    let nonzero (t: Tensor) : Tensor =
        let truths = Engine.concrete (Engine.cast Bool (Structure.detach t))
        let found = truths.Backend.TruePositions(Value.view truths)
        let count, rank = found.Length, t.Rank
        let flat = View.contiguous [| count; 1 |] found |> Value.ofView truths.Backend |> Concrete

        if rank = 1 then
            flat
        elif rank = 0 || count = 0 then
            Structure.zeros flat [| count; rank |]
        else
            let strides = Shape.rowMajor t.Shape
            let by f (number: int) (places: Tensor) = Operands.withRight f places (Integer(int64 number))

            Array.init rank (fun d ->
                let whole = if d = rank - 1 then flat else by Functions.floorDivide strides[d] flat
                if d = 0 then whole else by Functions.remainder t.Shape[d] whole)
            |> Structure.concat 1

    /// Positions counted from the front, where the processor cannot read without waiting. A table of all positions refuses what lies
    /// outside when somebody looks.
    let private normalizeThere (words: string) size (index: Tensor) : Tensor =
        let index = Engine.cast Int64 index
        let holds comparison (bound: int) = Operands.withRight comparison index (Integer(int64 bound))
        let fromTheEnd = Operands.binary Functions.bitwiseAnd (holds Functions.lt 0) (holds Functions.ge -size)
        let wrapped = Operands.withRight Functions.add index (Integer(int64 size))
        let counted = Engine.pointwise Functions.where [||] [| fromTheEnd; wrapped; index |]
        let table = Creation.arange index.Backend Int64 size 0 1

        IndexWords.Within(words, (fun () -> GatherScatter.gather 0 table (Engine.reshape [| -1 |] counted)))
        |> Engine.reshape index.Shape

    /// The same where it can.
    let private normalizeHere (words: string) size (index: Tensor) : Tensor =
        let positions = int64s index
        let mutable negative = false

        for p in positions do
            if p < -(int64 size) || p >= int64 size then
                raise (IndexException(words.Replace("{index}", string p)))

            if p < 0L then
                negative <- true

        let index = Engine.cast Int64 index

        if negative then
            let wrapped = Operands.withRight Functions.add index (Integer(int64 size))
            let below = Operands.withRight Functions.lt index (Integer 0L)
            Engine.pointwise Functions.where [||] [| below; wrapped; index |]
        else
            index

    let private normalizeIn words size (index: Tensor) : Tensor =
        if index.Backend.Device.Kind = "cpu" then
            normalizeHere words size index
        else
            normalizeThere words size index

    /// Positions counted from the front. Raises IndexException for those outside of [-size, size); a device, when somebody looks.
    let normalize axis size (index: Tensor) : Tensor =
        normalizeIn $"index {{index}} is out of bounds for dimension {axis} with size {size}" size index

    /// Axes that are read at places: the source with these axes in front and as one, the place of every element of the result
    /// along that one axis, and where the axes of the places belong in the result.
    type private Plan = { Order: int[]; Rest: Shape; Size: int; Places: Tensor; Broadcast: Shape; Position: int }

    let private plan (shape: Shape) (axes: int[]) (indices: Tensor[]) =
        let broadcast =
            try
                indices |> Array.fold (fun s i -> Shape.broadcast s i.Shape) Shape.scalar
            with :? ShapeException ->
                let shapes = indices |> Array.map (fun i -> Shape.format i.Shape) |> String.concat ", "
                raise (IndexException $"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}")

        let rest =
            [| for i in 0 .. shape.Length - 1 do
                   if not (Array.contains i axes) then
                       i |]

        let sizes = axes |> Array.map (fun a -> shape[a])
        let strides = Shape.rowMajor sizes

        let places =
            Array.map3
                (fun axis (stride: int) index ->
                    let index = normalize axis shape[axis] index

                    let index =
                        if stride = 1 then
                            index
                        else
                            Operands.withRight Functions.mul index (Integer(int64 stride))

                    Engine.expand broadcast index)
                axes
                strides
                indices
            |> Array.reduce Engine.add

        let adjacent = axes |> Array.pairwise |> Array.forall (fun (a, b) -> b = a + 1)

        { Order = Array.append axes rest
          Rest = rest |> Array.map (fun i -> shape[i])
          Size = Shape.count sizes
          Places = Engine.reshape [| -1 |] places
          Broadcast = broadcast
          Position = if adjacent then axes[0] else 0 }

    /// Moves the leading `count` axes to stand from `position` on; `back` is the inverse.
    let private settle count position back (t: Tensor) =
        if position = 0 then
            t
        else
            let before = [| count .. count + position - 1 |]
            let order = Array.concat [ before; [| 0 .. count - 1 |]; [| count + position .. t.Rank - 1 |] ]

            if back then
                let inverse = Array.zeroCreate order.Length
                order |> Array.iteri (fun i o -> inverse[o] <- i)
                Structure.permute inverse t
            else
                Structure.permute order t

    let private rows (p: Plan) (t: Tensor) = Structure.permute p.Order t |> Engine.reshape [| p.Size; Shape.count p.Rest |]

    let private column (p: Plan) =
        let count = p.Places.Shape[0]
        p.Places |> Engine.reshape [| count; 1 |] |> Engine.expand [| count; Shape.count p.Rest |]

    /// t[.., i1, .., i2, ..]: index tensors (which broadcast together) along the given axes, whole axes elsewhere. Where the
    /// indexed axes are neighbours the places' axes stand in their stead, else in front.
    let take (axes: int[]) (indices: Tensor[]) (t: Tensor) : Tensor =
        let p = plan t.Shape axes indices

        GatherScatter.gather 0 (rows p t) (column p)
        |> Engine.reshape (Array.append p.Broadcast p.Rest)
        |> settle p.Broadcast.Length p.Position false

    /// The shape that `take` would give.
    let shapeOf (axes: int[]) (indices: Tensor[]) (t: Tensor) : Shape =
        let p = plan t.Shape axes indices
        Array.concat [ Array.take p.Position p.Rest; p.Broadcast; Array.skip p.Position p.Rest ]

    /// t with the values written (or added, ...) at the places that `take` would read; values broadcast to its result.
    let put (mode: ScatterMode) (axes: int[]) (indices: Tensor[]) (values: Tensor) (t: Tensor) : Tensor =
        let p = plan t.Shape axes indices
        let shape = Array.concat [ Array.take p.Position p.Rest; p.Broadcast; Array.skip p.Position p.Rest ]
        let values = Engine.expand shape (Engine.cast t.Dtype values) |> settle p.Broadcast.Length p.Position true
        let values = Engine.reshape [| p.Places.Shape[0]; Shape.count p.Rest |] values
        // The sum of truths is whether there is one.
        let mode = if mode = ScatterAdd && t.Dtype = Bool then ScatterMaximum else mode
        let written = GatherScatter.scatter mode 0 (rows p t) (column p) values
        let moved = p.Order |> Array.map (fun o -> t.Shape[o])
        let inverse = Array.zeroCreate p.Order.Length
        p.Order |> Array.iteri (fun i o -> inverse[o] <- i)
        Engine.reshape moved written |> Structure.permute inverse

    /// The elements at flat row-major places of any shape.
    let takeFlat (index: Tensor) (t: Tensor) : Tensor =
        let flat = Engine.reshape [| -1 |] t
        let count = flat.Shape[0]

        let places =
            normalizeIn
                $"out of range: tried to access index {{index}} on a tensor of {count} elements. take counts through the flattened tensor, from 0 to {count - 1} or from the end by -1 and below"
                count
                index

        GatherScatter.gather 0 flat (Engine.reshape [| -1 |] places) |> Engine.reshape index.Shape

    /// A vector of int64 positions, on the device of another tensor.
    let positions (like: Tensor) (data: int64[]) : Tensor = vectorOf like [| data.Length |] data
