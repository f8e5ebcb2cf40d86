namespace Functional

open Functional.Contract

/// Operations that only move elements: permuting, slicing and its transpose, joining, writing into a slice.
[<RequireQualifiedAccess>]
module Structure =
    let private same: Spec[] -> Spec = fun specs -> specs[0]
    let private shaped shape (specs: Spec[]) = { specs[0] with Shape = shape }

    /// Zeros like a tensor in dtype and device; they cost no memory.
    let zeros (like: Tensor) shape = Operands.number like like.Dtype shape (Integer 0L)

    let private inverse (order: int[]) =
        let result = Array.zeroCreate order.Length
        order |> Array.iteri (fun i o -> result[o] <- i)
        result

    /// Dimension i of the result is dimension order[i] of the tensor. A view.
    let rec permute (order: int[]) (tensor: Tensor) : Tensor =
        if order |> Array.indexed |> Array.forall (fun (i, o) -> i = o) then
            tensor
        else
            Engine.bind (permutePrimitive order) [| tensor |]

    and permutePrimitive order : Primitive =
        let pick (items: int[]) = order |> Array.map (fun o -> items[o])

        { Name = "permute"
          Infer = fun specs -> { specs[0] with Shape = pick specs[0].Shape }
          Eval =
            fun _ values ->
                let move view = { view with Shape = pick view.Shape; Strides = pick view.Strides }
                Value.restructure (pick values[0].Shape) move values[0]
          Linearize = fun _ _ _ -> Engine.linear (permute order) (permute (inverse order))
          Batch = fun _ args _ -> permute (Array.append [| 0 |] (order |> Array.map ((+) 1))) args[0] }

    /// Moves one axis to another place. A view.
    let moveAxis source target (tensor: Tensor) =
        let rest = [ 0 .. tensor.Rank - 1 ] |> List.filter ((<>) source)
        permute (rest |> List.insertAt target source |> Array.ofList) tensor

    /// Swaps two axes. A view.
    let swapAxes a b (tensor: Tensor) =
        permute
            (Array.init tensor.Rank (fun i ->
                if i = a then b
                elif i = b then a
                else i))
            tensor

    /// `count` axes from `first` on become one, even where it is empty.
    let merge first count (tensor: Tensor) =
        let shape = tensor.Shape
        let size = Array.sub shape first count |> Array.fold (*) 1
        Engine.reshape (Array.concat [ Array.take first shape; [| size |]; Array.skip (first + count) shape ]) tensor

    /// A regular sublattice: element i of dimension d is element start[d] + i * step[d] of the source.
    [<NoComparison>]
    type Lattice = { Start: int[]; Step: int[]; Shape: Shape }

    let private view (lattice: Lattice) (view: View) =
        let mutable offset = view.Offset

        // Nothing starts nowhere: an empty slice must not point outside of its memory.
        if not (Array.contains 0 lattice.Shape) then
            for i in 0 .. view.Strides.Length - 1 do
                offset <- offset + lattice.Start[i] * view.Strides[i]

        { view with
            Offset = offset
            Shape = lattice.Shape
            Strides = Array.map2 (*) view.Strides lattice.Step }

    let private batchedLattice size lattice =
        { Start = Array.append [| 0 |] lattice.Start
          Step = Array.append [| 1 |] lattice.Step
          Shape = Array.append [| size |] lattice.Shape }

    /// A lattice's elements in place, and one number everywhere else, in one pass; none where the elements have gaps.
    let private padded (backend: IBackend) (source: Value) shape lattice number =
        if Array.forall2 (fun step size -> step = 1 || size <= 1) lattice.Step lattice.Shape then
            let around = Value.constant backend source.Dtype Shape.scalar number |> Value.view
            let buffer = backend.Pad(Value.view source, shape, lattice.Start, around)
            ValueSome(View.contiguous shape buffer |> Value.ofView backend)
        else
            ValueNone

    /// The elements of a sublattice. A view.
    let rec slice (lattice: Lattice) (tensor: Tensor) : Tensor = Engine.bind (slicePrimitive tensor.Shape lattice) [| tensor |]

    and slicePrimitive source lattice : Primitive =
        { Name = "slice"
          Infer = shaped lattice.Shape
          Eval = fun _ values -> Value.restructure lattice.Shape (view lattice) values[0]
          Linearize = fun _ _ _ -> Engine.linear (slice lattice) (place source lattice)
          Batch = fun size args _ -> slice (batchedLattice size lattice) args[0] }

    /// The transpose of `slice`: zeros of the given shape with the tensor's elements on the sublattice.
    and place (shape: Shape) (lattice: Lattice) (tensor: Tensor) : Tensor =
        Engine.bind (placePrimitive shape lattice) [| tensor |]

    and placePrimitive shape lattice : Primitive =
        { Name = "place"
          Infer = shaped shape
          Eval =
            fun backend values ->
                match padded backend values[0] shape lattice (Integer 0L) with
                | ValueSome result -> result
                | ValueNone ->
                    let target = Views.filled backend values[0].Dtype shape (Integer 0L)
                    backend.Copy(Value.view values[0], view lattice target)
                    Value.ofView backend target
          Linearize = fun _ _ _ -> Engine.linear (place shape lattice) (slice lattice)
          Batch = fun size args _ -> place (Array.append [| size |] shape) (batchedLattice size lattice) args[0] }

    /// The base with the elements of the patch on the sublattice. Never a product with a mask: nan elsewhere stays elsewhere.
    let rec updateSlice (lattice: Lattice) (target: Tensor) (patch: Tensor) : Tensor =
        Engine.bind (updateSlicePrimitive lattice) [| target; patch |]

    and updateSlicePrimitive lattice : Primitive =
        { Name = "updateSlice"
          Infer = same
          Eval =
            fun backend values ->
                let number = Value.tryConstant values[0]

                match number |> ValueOption.bind (padded backend values[1] values[0].Shape lattice) with
                | ValueSome result -> result
                | ValueNone ->
                    let target = Views.copyOf values[0]
                    backend.Copy(Value.view values[1], view lattice target)
                    Value.ofView backend target
          Linearize =
            fun args _ i ->
                if i = 0 then
                    Engine.symmetric (fun t -> updateSlice lattice t (zeros t lattice.Shape))
                else
                    Engine.linear (place args[0].Shape lattice) (slice lattice)
          Batch =
            fun size args flags ->
                let args = Engine.leadAll size args flags
                updateSlice (batchedLattice size lattice) args[0] args[1] }

    /// The whole of a shape, to narrow from.
    let everything (shape: Shape) : Lattice =
        { Start = Array.zeroCreate shape.Length; Step = Array.create shape.Length 1; Shape = shape }

    /// Restricts a lattice along one axis.
    let along axis start step size (lattice: Lattice) : Lattice =
        let put (items: int[]) value = items |> Array.updateAt axis value

        { Start = put lattice.Start (lattice.Start[axis] + start * lattice.Step[axis])
          Step = put lattice.Step (lattice.Step[axis] * step)
          Shape = put lattice.Shape size }

    /// `size` elements along an axis from `start` on. A view.
    let narrow axis start size (tensor: Tensor) =
        if start = 0 && size = tensor.Shape[axis] then
            tensor
        else
            slice (everything tensor.Shape |> along axis start 1 size) tensor

    /// The axis in reverse. A view.
    let flip axis (tensor: Tensor) =
        match tensor.Shape[axis] with
        | 0
        | 1 -> tensor
        | size -> slice (everything tensor.Shape |> along axis (size - 1) -1 size) tensor

    /// Tensors of one dtype side by side along an axis.
    let rec concat (axis: int) (tensors: Tensor[]) : Tensor =
        if tensors.Length = 1 then
            tensors[0]
        else
            Engine.bind (concatPrimitive axis (tensors |> Array.map (fun t -> t.Shape[axis]))) tensors

    and concatPrimitive axis (sizes: int[]) : Primitive =
        let starts = Array.scan (+) 0 sizes
        let whole (shape: Shape) = shape |> Array.updateAt axis (Array.last starts)

        { Name = "concat"
          Infer =
            fun specs ->
                // A piece of wider elements would be read beyond its end.
                for spec in specs do
                    if spec.Dtype <> specs[0].Dtype then
                        raise (
                            DtypeException
                                $"torch.cat(): expected tensors of one dtype, but got {Dtype.name specs[0].Dtype} and {Dtype.name spec.Dtype}: cast one of them"
                        )

                { specs[0] with Shape = whole specs[0].Shape }
          Eval =
            fun backend values ->
                let shape = whole values[0].Shape
                let target = View.contiguous shape (backend.Allocate(values[0].Dtype, Shape.count shape))

                values
                |> Array.iteri (fun i value ->
                    if sizes[i] > 0 then
                        backend.Copy(Value.view value, view (everything shape |> along axis starts[i] 1 sizes[i]) target))

                Value.ofView backend target
          Linearize =
            fun args result i ->
                let lattice = everything result.Shape |> along axis starts[i] 1 sizes[i]
                Engine.linear (place result.Shape lattice) (slice lattice)
          Batch = fun size args flags -> concat (axis + 1) (Engine.leadAll size args flags) }

    /// The same elements as a value of its own: donating one of the two leaves the other whole. Copies nothing.
    let rec share (tensor: Tensor) : Tensor = Engine.bind sharePrimitive [| tensor |]

    and sharePrimitive: Primitive =
        { Name = "share"
          Infer = same
          Eval = fun _ values -> Value.restructure values[0].Shape id values[0]
          Linearize = fun _ _ _ -> Engine.symmetric share
          Batch = fun _ args _ -> share args[0] }

    /// The tensor as a number that no transform differentiates.
    let rec detach (tensor: Tensor) : Tensor =
        match tensor with
        | Concrete _ -> tensor
        | Dual(_, primal, _) -> detach primal
        | Node(level, primal, _) ->
            let still = detach primal

            // It may outlive its tape, which takes its memory with it.
            match still with
            | Concrete value when not (obj.ReferenceEquals(level, Level.Outermost)) -> Value.settle value
            | _ -> ()

            still
        | Batched(level, inner) -> Batched(level, detach inner)
