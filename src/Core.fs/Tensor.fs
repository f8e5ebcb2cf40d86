namespace Functional

open System.Diagnostics
open System.Threading
open Functional.Contract

// Longer than a file here should be: F# takes operators only in the file of their type, and they stand on what applies primitives.

/// An immutable tensor. What looks like one value may carry derivatives (`Dual`, `Node`) or a hidden batch axis.
[<CustomEquality; NoComparison>]
type Tensor =
    /// Elements, and nothing else.
    | Concrete of Value
    /// Forward mode: a value and its tangent.
    | Dual of level: Level * primal: Tensor * tangent: Tensor
    /// Reverse mode: a value and how it came about.
    | Node of level: Level * primal: Tensor * origin: TapeNode
    /// vmap: `tensor` has the examples along its first axis, which users of this level do not see.
    | Batched of level: Level * tensor: Tensor

    /// The tensor without its levels; for batched ones with the batch axis in front.
    member this.Inner =
        match this with
        | Concrete _ -> this
        | Dual(_, t, _)
        | Node(_, t, _)
        | Batched(_, t) -> t

    /// The level on top; null for a concrete tensor.
    member this.Level =
        match this with
        | Concrete _ -> null
        | Dual(level, _, _)
        | Node(level, _, _)
        | Batched(level, _) -> level

    /// Sizes, outermost first.
    member this.Shape: Shape =
        match this with
        | Concrete value -> value.Shape
        | Dual(_, t, _)
        | Node(_, t, _) -> t.Shape
        | Batched(_, t) -> Array.sub t.Shape 1 (t.Shape.Length - 1)

    member this.Dtype: Dtype =
        match this with
        | Concrete value -> value.Dtype
        | _ -> this.Inner.Dtype

    member this.Backend: IBackend =
        match this with
        | Concrete value -> value.Backend
        | _ -> this.Inner.Backend

    /// The number of dimensions.
    member this.Rank = this.Shape.Length
    member this.Spec = { Dtype = this.Dtype; Shape = this.Shape }

    override this.Equals other = obj.ReferenceEquals(this, other)
    override this.GetHashCode() = System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode this

/// A linear map and its transpose, both written in differentiable operations.
and [<NoEquality; NoComparison>] Linear = { Apply: Tensor -> Tensor; Transpose: Tensor -> Tensor }

/// An operation as one value. Everything else (forward mode, reverse mode, nesting, batching) is derived from it.
and [<ReferenceEquality>] Primitive =
    {
        Name: string
        /// Shape and dtype of the result, or a typed exception; runs before any work is done.
        Infer: Spec[] -> Spec
        /// The result on one backend; arguments are checked already.
        Eval: IBackend -> Value[] -> Value
        /// The linear map of the result in argument i at these arguments and this result; none where there is none.
        Linearize: Tensor[] -> Tensor -> int -> Linear voption
        /// The same operation on `size` examples: flagged arguments have them along axis 0, the result has them there too.
        Batch: int -> Tensor[] -> bool[] -> Tensor
    }

/// How a tensor of a reverse-mode level came about. Holds no adjoint: pulling back keeps its own ledger.
and [<Sealed>] TapeNode(id: int64, primitive: Primitive voption, arguments: Tensor[], result: Tensor) =
    let mutable arguments = arguments
    let mutable result = result
    let mutable remains: Remains[] = [||]
    let stack: StackTrace | null = if Anomaly.IsEnabled && primitive.IsSome then StackTrace true else null

    /// Rises along the tape, so that falling ids are an order for pulling back.
    member _.Id = id
    /// None for a variable.
    member _.Primitive = primitive

    /// What the operation was applied to. After `Release` only dtypes, shapes and places on the tape are left: operations that
    /// want the elements raise DifferentiationException.
    member _.Arguments =
        if remains.Length = 0 then
            arguments
        else
            remains |> Array.skip 1 |> Array.map _.Hollow

    member _.Result = if remains.Length = 0 then result else remains[0].Hollow
    member _.IsReleased = remains.Length > 0

    /// Lets go of the values that were kept for pulling back.
    member _.Release() =
        if remains.Length = 0 && primitive.IsSome then
            let left = Array.zeroCreate (arguments.Length + 1)
            left[0] <- Remains.Of result

            for i in 0 .. arguments.Length - 1 do
                left[i + 1] <- Remains.Of arguments[i]

            remains <- left
            arguments <- [||]
            result <- Unchecked.defaultof<Tensor>

    /// Where the operation was called, by code that is not the library's; empty unless anomalies were looked for.
    member _.Place =
        match stack with
        | null -> ""
        | stack -> Anomaly.Describe stack

    /// What PyTorch calls the step back through this operation, as in MulBackward0.
    member _.Name =
        match primitive with
        | ValueNone -> "AccumulateGrad"
        | ValueSome primitive ->
            let words = primitive.Name.Split('_', System.StringSplitOptions.RemoveEmptyEntries)
            let capital (word: string) = string (System.Char.ToUpperInvariant word[0]) + word.Substring 1
            (words |> Array.map capital |> String.concat "") + "Backward0"

    /// Whoever wants to know of cotangents that arrive here: a facade's mutable variable.
    member val Owner: obj | null = null with get, set

    // A ledger of nodes looks them up all the time; the id is a hash that is there already.
    override this.Equals other = obj.ReferenceEquals(this, other)
    override _.GetHashCode() = int id

/// What a tape keeps of a tensor whose elements it has let go of.
and [<Struct; NoEquality; NoComparison>] internal Remains =
    {
        Backend: IBackend
        Dtype: Dtype
        Shape: Shape
        /// Null for what was a constant of the level.
        Level: Level
        Origin: TapeNode voption
    }

    static member Of(tensor: Tensor) =
        let level, origin =
            match tensor with
            | Node(level, _, origin) -> level, ValueSome origin
            | _ -> null, ValueNone

        { Backend = tensor.Backend
          Dtype = tensor.Dtype
          Shape = tensor.Shape
          Level = level
          Origin = origin }

    /// A tensor of the same dtype, shape and place on the tape that no operation takes.
    member this.Hollow =
        let zeros = Concrete(Value.constant this.Backend this.Dtype this.Shape (Integer 0L))
        let hollow = Node(Level.Released, zeros, TapeNode(0L, ValueNone, [||], zeros))

        match this.Origin with
        | ValueSome origin -> Node(this.Level, hollow, origin)
        | ValueNone -> hollow

/// Applying primitives through the levels, with the few operations that this itself needs: pointwise functions
/// (adding tangents), and expanding and its transpose (broadcasting, batching).
[<RequireQualifiedAccess>]
module Engine =
    let mutable private nodes = 0L
    let private isOf (level: Level) (tensor: Tensor) = obj.ReferenceEquals(tensor.Level, level)

    /// The number of the youngest place on any tape.
    let lastPlace () = Volatile.Read &nodes

    /// What lies below `level` in a tensor that may or may not take part in it.
    let below (level: Level) (tensor: Tensor) = if isOf level tensor then tensor.Inner else tensor

    /// The elements under all levels; batch axes stand in front.
    let rec concrete tensor =
        match tensor with
        | Concrete value -> value
        | other -> concrete other.Inner

    /// A variable of a reverse-mode level.
    let variable (level: Level) (tensor: Tensor) =
        if obj.ReferenceEquals(level, Level.Outermost) then
            Level.RecordOutside()

        Node(level, tensor, TapeNode(Interlocked.Increment &nodes, ValueNone, [||], tensor))

    /// A tensor of the same dtype and shape that no operation takes, for a reason that the error gives.
    let refused (reason: string) (tensor: Tensor) =
        let zeros = Concrete(Value.constant tensor.Backend tensor.Dtype tensor.Shape (Integer 0L))
        Node(Level.Refusing reason, zeros, TapeNode(0L, ValueNone, [||], zeros))

    /// A linear map that is its own transpose.
    let symmetric f : Linear voption = ValueSome { Apply = f; Transpose = f }

    let linear apply transpose : Linear voption = ValueSome { Apply = apply; Transpose = transpose }

    /// The rule of operations without derivatives.
    let constant (_: Tensor[]) (_: Tensor) (_: int) : Linear voption = ValueNone

    /// The youngest level among tensors; null if all are concrete. Raises DifferentiationException if it has ended.
    let highest (args: Tensor[]) =
        let mutable top: Level = null

        for a in args do
            let level = a.Level

            if not (isNull level) && (isNull top || level.Id > top.Id) then
                top <- level

        if not (isNull top) && top.IsClosed then
            raise (DifferentiationException top.Refusal)

        top

    /// The error of an operation whose arguments live on two devices.
    let internal mixed name (a: IBackend) (b: IBackend) =
        DeviceException
            $"Expected all tensors to be on the same device, but found at least two devices, {a.Device} and {b.Device}! ({name}: move one of them with Tensor.toDevice, in C# with .to)"

    let private checkBackends name (values: Value[]) =
        for v in values do
            if not (Transfer.isSameDevice v.Backend values[0].Backend) then
                raise (mixed name values[0].Backend v.Backend)

    let rec bind (primitive: Primitive) (args: Tensor[]) : Tensor =
        let level = highest args

        if isNull level then
            let values = args |> Array.map concrete
            checkBackends primitive.Name values
            primitive.Infer(args |> Array.map _.Spec) |> ignore
            Concrete(primitive.Eval values[0].Backend values)
        elif level.Size >= 0 then
            // Errors speak of one example, as the function does that is being mapped.
            let spec = primitive.Infer(args |> Array.map _.Spec)

            if level.Size = 0 then
                // No example, no work: batching rules need not think of it.
                Batched(level, Concrete(Value.constant args[0].Backend spec.Dtype (Array.append [| 0 |] spec.Shape) (Integer 0L)))
            else
                Batched(level, primitive.Batch level.Size (args |> Array.map (below level)) (args |> Array.map (isOf level)))
        else
            let primals = Array.zeroCreate args.Length

            for i in 0 .. args.Length - 1 do
                primals[i] <- below level args[i]

            derive level primitive args primals (bind primitive primals)

    /// Gives the result of a primitive its tangent or its place on the tape.
    and internal derive level primitive args primals result =
        if not (Dtype.isDifferentiable result.Dtype) then
            result
        else
            let mutable taped = false
            let mutable tangent = ValueNone

            for i in 0 .. args.Length - 1 do
                match args[i] with
                | Node(l, _, _) when obj.ReferenceEquals(l, level) -> taped <- true
                | Dual(l, _, t) when obj.ReferenceEquals(l, level) ->
                    match primitive.Linearize primals result i with
                    | ValueSome linear ->
                        let moved = linear.Apply t

                        tangent <-
                            match tangent with
                            | ValueSome sum -> ValueSome(add sum moved)
                            | ValueNone -> ValueSome moved
                    | ValueNone -> ()
                | _ -> ()

            if taped then
                Node(level, result, TapeNode(Interlocked.Increment &nodes, ValueSome primitive, args, result))
            else
                match tangent with
                | ValueSome t -> Dual(level, result, t)
                | ValueNone -> result

    /// Applies a pointwise function to tensors of one shape.
    and pointwise (f: PointwiseFunction) (parameters: Scalar[]) (args: Tensor[]) : Tensor =
        let level = highest args

        if isNull level then
            let values = Array.zeroCreate args.Length

            for i in 0 .. args.Length - 1 do
                values[i] <- concrete args[i]

            checkBackends f.Name values
            Concrete(Value.pointwise f values parameters)
        elif level.Size >= 0 then
            bind (pointwisePrimitive f parameters) args
        else
            let primals = Array.zeroCreate args.Length

            for i in 0 .. args.Length - 1 do
                primals[i] <- below level args[i]

            derive level (pointwisePrimitive f parameters) args primals (pointwise f parameters primals)

    and pointwisePrimitive (f: PointwiseFunction) parameters : Primitive =
        match f.Primitive with
        | :? Primitive as known when parameters.Length = 0 -> known
        | _ ->
            let primitive =
                { Name = f.Name
                  Infer =
                    fun specs ->
                        let struct (_, dtype) = f.Lower(specs |> Array.map _.Dtype)
                        { Dtype = dtype; Shape = specs[0].Shape }
                  Eval = fun _ values -> Value.pointwise f values parameters
                  Linearize = slope f parameters
                  Batch = fun size args flags -> pointwise f parameters (leadAll size args flags) }

            if parameters.Length = 0 then
                f.Primitive <- primitive

            primitive

    and private slope f parameters args result i =
        let source, target = args[i].Dtype, result.Dtype

        if not (Dtype.isDifferentiable source) then
            ValueNone
        elif f.IsComplex || Dtype.isComplex source || Dtype.isComplex target then
            complexSlope f parameters args source target i
        else
            let map =
                match f.Derivative i with
                | ValueSome(Scaled(g, used)) ->
                    let rest = used |> Array.map (fun j -> args[j])
                    let parameters = Array.truncate g.Parameters parameters
                    ValueSome(fun t -> pointwise g parameters (Array.append [| t |] rest))
                | ValueSome _ -> ValueSome id
                | ValueNone -> ValueNone

            match map with
            | ValueNone -> ValueNone
            | ValueSome map when source = target -> symmetric map
            | ValueSome map -> linear (cast target >> map) (map >> cast source)

    /// Tangents and cotangents become complex on their way through, and real again where the argument or the result is.
    and private complexSlope f parameters args source target i =
        let wide = if Dtype.isComplex source then source else Dtype.toComplex target

        match f.ComplexDerivative i with
        | ValueSome(ComplexScaled(apply, transpose, used)) ->
            let rest = used |> Array.map (fun j -> args[j])

            let through (g: PointwiseFunction) result t =
                pointwise g (Array.truncate g.Parameters parameters) (Array.append [| cast wide t |] rest) |> cast result

            linear (through apply target) (through transpose source)
        | ValueSome _ -> linear (cast wide >> cast target) (cast wide >> cast source)
        | ValueNone -> ValueNone

    /// The complex conjugate; a real tensor itself.
    and conj (tensor: Tensor) : Tensor =
        if Dtype.isComplex tensor.Dtype then
            pointwise Functions.conj [||] [| tensor |]
        else
            tensor

    /// a + b of one shape and dtype.
    and add (a: Tensor) (b: Tensor) : Tensor = pointwise Functions.add [||] [| a; b |]

    /// The same numbers as another dtype; its transpose casts back.
    and cast (dtype: Dtype) (tensor: Tensor) : Tensor =
        if tensor.Dtype = dtype then
            tensor
        else
            let functions =
                if Dtype.isInteger dtype && Dtype.isFloating tensor.Dtype then
                    Functions.truncations
                else
                    Functions.casts

            pointwise functions[Dtype.index dtype] [||] [| tensor |]

    /// Repeats dimensions of size 1 (and adds ones in front) without copying. Raises ShapeException.
    and expand (shape: Shape) (tensor: Tensor) : Tensor =
        let source = tensor.Shape

        if Shape.equal source shape then
            tensor
        else
            Shape.expandStrides source (Shape.rowMajor source) shape |> ignore
            bind (expandPrimitive source shape) [| tensor |]

    and expandPrimitive source shape : Primitive =
        let move view = { view with Shape = shape; Strides = Shape.expandStrides view.Shape view.Strides shape }

        { Name = "expand"
          Infer = fun specs -> { specs[0] with Shape = shape }
          Eval = fun _ values -> Value.restructure shape move values[0]
          Linearize = fun _ _ _ -> linear (expand shape) (sumTo source)
          Batch =
            fun size args _ ->
                // Axes added by the expansion belong behind the batch axis.
                let ones = Array.create (shape.Length - source.Length) 1
                expand (Array.append [| size |] shape) (reshape (Array.concat [ [| size |]; ones; source ]) args[0]) }

    /// Adds up what `expand` repeats: the result has the given shape, which must broadcast to the tensor's.
    and sumTo (shape: Shape) (tensor: Tensor) : Tensor =
        let source = tensor.Shape

        if Shape.equal source shape then
            tensor
        else
            bind (sumToPrimitive source shape) [| tensor |]

    and sumToPrimitive source shape : Primitive =
        let ones = source.Length - shape.Length

        let axes =
            [| for i in 0 .. source.Length - 1 do
                   if i < ones || (shape[i - ones] = 1 && source[i] <> 1) then
                       i |]

        { Name = "sumTo"
          Infer = fun specs -> { specs[0] with Shape = shape }
          Eval =
            fun _ values ->
                let total = if axes.Length = 0 then values[0] else Value.reduce Sum axes values[0]
                Views.reshape shape total
          Linearize = fun _ _ _ -> linear (sumTo shape) (expand source)
          Batch =
            fun size args _ ->
                sumTo (Array.concat [ [| size |]; Array.create ones 1; shape ]) args[0]
                |> reshape (Array.append [| size |] shape) }

    /// The same elements in row-major order under another shape; a view where strides allow it. Raises ShapeException.
    and reshape (shape: Shape) (tensor: Tensor) : Tensor =
        let source = tensor.Shape

        if Shape.equal source shape then
            tensor
        else
            bind (reshapePrimitive source (Shape.infer (Shape.count source) shape)) [| tensor |]

    and reshapePrimitive source shape : Primitive =
        { Name = "reshape"
          Infer = fun specs -> { specs[0] with Shape = shape }
          Eval = fun _ values -> Views.reshape shape values[0]
          Linearize = fun _ _ _ -> linear (reshape shape) (reshape source)
          Batch = fun size args _ -> reshape (Array.append [| size |] shape) args[0] }

    /// The same elements on another device; the tensor itself where it is there already. Gradients go back the way it came.
    and move (target: IBackend) (tensor: Tensor) : Tensor =
        if obj.ReferenceEquals(tensor.Backend, target) then
            tensor
        else
            bind (movePrimitive tensor.Backend target) [| tensor |]

    and movePrimitive source target : Primitive =
        { Name = "to"
          Infer = fun specs -> specs[0]
          Eval = fun _ values -> Transfer.move target values[0]
          Linearize = fun _ _ _ -> linear (move target) (move source)
          Batch = fun _ args _ -> move target args[0] }

    /// A batch axis of `size` in front: the given one, or the same tensor for every example.
    and lead (size: int) (flag: bool) (tensor: Tensor) : Tensor =
        if flag then tensor else expand (Array.append [| size |] tensor.Shape) tensor

    and leadAll size (args: Tensor[]) (flags: bool[]) : Tensor[] = Array.map2 (lead size) flags args

/// Dtypes and shapes of operands that meet.
[<RequireQualifiedAccess>]
module Operands =
    /// The dtype in which a tensor meets a number: the number adapts unless it is of a higher category.
    let withNumber (dtype: Dtype) (number: Scalar) =
        let category = Dtype.category number.Dtype

        if category <= Dtype.category dtype then dtype
        elif category = 3 then Dtype.toComplex dtype
        else number.Dtype

    let private meet (x: Dtype) (rank: int) (y: Dtype) (other: int) =
        if x = y then
            x
        else
            match rank, other with
            | 0, n when n > 0 && Dtype.category x <= Dtype.category y -> y
            | n, 0 when n > 0 && Dtype.category y <= Dtype.category x -> x
            // A complex number without dimensions makes floating numbers complex, and not wider.
            | 0, n when n > 0 && Dtype.isFloating y -> Dtype.toComplex y
            | n, 0 when n > 0 && Dtype.isFloating x -> Dtype.toComplex x
            | _ -> Dtype.promote x y

    /// The dtype in which two tensors meet: one without dimensions adapts unless it is of a higher category.
    let promote (a: Tensor) (b: Tensor) = meet a.Dtype a.Rank b.Dtype b.Rank

    /// The dtype in which several tensors meet: those with dimensions first, then the others adapt to them.
    let promoteAll (tensors: Tensor list) =
        let lone, wide = tensors |> List.partition (fun t -> t.Rank = 0)

        let struct (dtype, _) =
            wide @ lone
            |> List.map (fun t -> struct (t.Dtype, t.Rank))
            |> List.reduce (fun (struct (x, m)) (struct (y, n)) -> struct (meet x m y n, max m n))

        dtype

    let private isLone (t: Tensor) = t.Rank = 0 && t.Backend.Device.Kind = "cpu"

    /// Operands on one device: a tensor without dimensions on the processor goes to where the others are. Raises DeviceException
    /// where tensors with dimensions, or those of two other devices, meet.
    let together name (tensors: Tensor[]) =
        let first = tensors[0].Backend

        if tensors |> Array.forall (fun t -> Transfer.isSameDevice t.Backend first) then
            tensors
        else
            let home =
                match tensors |> Array.tryFind (isLone >> not) with
                | Some t -> t.Backend
                | None -> first

            tensors
            |> Array.map (fun t ->
                if Transfer.isSameDevice t.Backend home then t
                elif isLone t then Engine.move home t
                else raise (Engine.mixed name home t.Backend))

    /// A number as a tensor that costs no memory.
    let number (like: Tensor) dtype shape (value: Scalar) = Concrete(Value.constant like.Backend dtype shape value)

    /// A binary function of two tensors after promotion and broadcasting.
    let binary (f: PointwiseFunction) (a: Tensor) (b: Tensor) =
        // The first case is only faster: small operations are most of what a program does.
        match a, b with
        | Concrete x, Concrete y when
            obj.ReferenceEquals(x.Dtype, y.Dtype)
            && obj.ReferenceEquals(x.Backend, y.Backend)
            && Shape.equal x.Shape y.Shape
            ->
            Concrete(Value.pointwise2 f x y)
        | _ ->
            let dtype = promote a b

            let a, b =
                if obj.ReferenceEquals(a.Backend, b.Backend) then
                    a, b
                else
                    let both = together f.Name [| a; b |]
                    both[0], both[1]

            let a, b = Engine.cast dtype a, Engine.cast dtype b
            let x, y = a.Shape, b.Shape

            if Shape.equal x y then
                Engine.pointwise f [||] [| a; b |]
            else
                let shape = Shape.broadcastFor f.Name x y
                Engine.pointwise f [||] [| Engine.expand shape a; Engine.expand shape b |]

    /// A binary function of a tensor and a number.
    let withRight f (a: Tensor) (b: Scalar) =
        let dtype = withNumber a.Dtype b
        binary f (Engine.cast dtype a) (number a dtype a.Shape b)

    /// A binary function of a number and a tensor.
    let withLeft f (a: Scalar) (b: Tensor) =
        let dtype = withNumber b.Dtype a
        binary f (number b dtype b.Shape a) (Engine.cast dtype b)

    /// Integers and bools as the default floating dtype, for functions that have no integer values.
    let floating (t: Tensor) = if Dtype.isDifferentiable t.Dtype then t else Engine.cast Float32 t

    /// A binary function that has no integer values: what integers and bools meet in is the default floating dtype.
    let floatingBinary (f: PointwiseFunction) (a: Tensor) (b: Tensor) =
        if Dtype.isDifferentiable (promote a b) then
            binary f a b
        else
            binary f (floating a) (floating b)

    let unary (f: PointwiseFunction) (t: Tensor) =
        match t with
        | Concrete value -> Concrete(Value.pointwise1 f value)
        | _ -> Engine.pointwise f [||] [| t |]

    /// A power with a fixed exponent; the usual ones need no logarithm, and their derivatives are exact at 0.
    let power (t: Tensor) (exponent: Scalar) =
        let isReal = exponent.AsComplex.Imaginary = 0.0

        match exponent.AsFloat, withNumber t.Dtype exponent with
        | 2.0, dtype when isReal && dtype <> Bool -> unary Functions.square (Engine.cast dtype t)
        | 0.5, dtype when isReal && Dtype.isDifferentiable dtype -> unary Functions.sqrt (Engine.cast dtype t)
        | -1.0, dtype when isReal && Dtype.isDifferentiable dtype -> unary Functions.reciprocal (Engine.cast dtype t)
        | _ -> withRight Functions.pow t exponent

type Tensor with
    static member (+)(a: Tensor, b: Tensor) = Operands.binary Functions.add a b
    static member (-)(a: Tensor, b: Tensor) = Operands.binary Functions.sub a b
    static member (*)(a: Tensor, b: Tensor) = Operands.binary Functions.mul a b
    static member (/)(a: Tensor, b: Tensor) = Operands.floatingBinary Functions.div a b
    static member (+)(a: Tensor, b: float) = Operands.withRight Functions.add a (Real b)
    static member (-)(a: Tensor, b: float) = Operands.withRight Functions.sub a (Real b)
    static member (*)(a: Tensor, b: float) = Operands.withRight Functions.mul a (Real b)
    static member (/)(a: Tensor, b: float) = Operands.withRight Functions.div (Operands.floating a) (Real b)
    static member (+)(a: float, b: Tensor) = Operands.withLeft Functions.add (Real a) b
    static member (-)(a: float, b: Tensor) = Operands.withLeft Functions.sub (Real a) b
    static member (*)(a: float, b: Tensor) = Operands.withLeft Functions.mul (Real a) b
    static member (/)(a: float, b: Tensor) = Operands.withLeft Functions.div (Real a) (Operands.floating b)
    static member (~-)(a: Tensor) = Operands.unary Functions.neg a
    static member Pow(a: Tensor, b: Tensor) = Operands.binary Functions.pow a b
    static member Pow(a: Tensor, b: float) = Operands.power a (Real b)
    static member Exp(a: Tensor) = Operands.unary Functions.exp (Operands.floating a)
    static member Log(a: Tensor) = Operands.unary Functions.log (Operands.floating a)
    static member Sqrt(a: Tensor) = Operands.unary Functions.sqrt (Operands.floating a)
    static member Sin(a: Tensor) = Operands.unary Functions.sin (Operands.floating a)
    static member Cos(a: Tensor) = Operands.unary Functions.cos (Operands.floating a)
    static member Tanh(a: Tensor) = Operands.unary Functions.tanh (Operands.floating a)
    static member Abs(a: Tensor) = Operands.unary Functions.abs a
