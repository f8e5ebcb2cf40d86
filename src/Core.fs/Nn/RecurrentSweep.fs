namespace Functional

open Functional.Contract

/// What a recurrent cell does with its gates.
type RecurrentKind =
    /// tanh(W x + U h) (Elman 1990).
    | TanhRnn
    /// relu(W x + U h).
    | ReluRnn
    /// Long short-term memory (Hochreiter and Schmidhuber 1997; projection: Sak, Senior and Beaufays 2014).
    | Lstm
    /// Gated recurrent units (Cho et al. 2014).
    | Gru

/// What a cell does at every place of its gates, as scalar expressions.
type internal RecurrentCell =
    {
        Gates: int
        /// The parts of the next state. Arguments: what the input contributes to each gate, what the state contributes, the bias of
        /// the last gate's product with the state where that stands apart, and the parts of the state that are `Carried`.
        Next: PointwiseFunction[]
        HasBias: bool
        /// The parts of the state that go on past the gates.
        Carried: int[]
        /// Gates where input and state do not just add up.
        Apart: int list
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal RecurrentCell =
    let private of' (f: PointwiseFunction) x = ScalarExpr.substitute (fun _ -> x) Param f.Expr
    let private sigmoid = of' Functions.sigmoid
    let private tanh = of' Functions.tanh

    let private plain name f =
        { Gates = 1
          Next = [| PointwiseFunction(name, of' f (Arg 0 + Arg 1)) |]
          HasBias = false
          Carried = [||]
          Apart = [] }

    let private tanhRnn = plain "rnn_tanh" Functions.tanh
    let private reluRnn = plain "rnn_relu" Functions.relu

    let private gru =
        let reset, update = sigmoid (Arg 0 + Arg 3), sigmoid (Arg 1 + Arg 4)
        let fresh = tanh (Arg 2 + reset * (Arg 5 + Arg 6))

        { Gates = 3
          Next = [| PointwiseFunction("gru", fresh + update * (Arg 7 - fresh)) |]
          HasBias = true
          Carried = [| 0 |]
          Apart = [ 2 ] }

    let private lstm =
        let gate i = Arg i + Arg(i + 4)
        let cell = sigmoid (gate 1) * Arg 8 + sigmoid (gate 0) * tanh (gate 2)

        { Gates = 4
          Next = [| PointwiseFunction("lstm", sigmoid (gate 3) * tanh cell); PointwiseFunction("lstm_cell", cell) |]
          HasBias = false
          Carried = [| 1 |]
          Apart = [] }

    let ofKind kind =
        match kind with
        | TanhRnn -> tanhRnn
        | ReluRnn -> reluRnn
        | Gru -> gru
        | Lstm -> lstm

/// One direction of one recurrent layer as one primitive: the steps leave no trace on a tape, and the way back does what is the same for
/// all steps at once, which are the products for the weights' cotangents. What the gates do, and how that moves, comes from the cell's
/// expressions. Derivatives of derivatives, tangents and vmap go through the composition.
[<RequireQualifiedAccess>]
module internal RecurrentSweep =
    // Arguments: projected inputs [steps * N, gates * hidden], the state's weight [gates * hidden, hidden], the parts of the first
    // state [N, hidden], and a bias [hidden] where the cell has one. Result: the parts of all states in order of time, the first
    // one included, [parts, steps + 1, N, hidden].

    let private isConcrete (t: Tensor) =
        match t with
        | Concrete _ -> true
        | _ -> false

    /// Memory that nobody else has seen goes back at once.
    let private giveBack (tensors: Tensor seq) =
        for t in tensors do
            (Value.view (Engine.concrete t)).Buffer.Release()

    let private states cell (args: Tensor[]) = Array.sub args 2 cell.Next.Length
    let private steps cell (args: Tensor[]) = args[0].Shape[0] / args[2].Shape[0]

    /// The block of a gate in the rows of a step.
    let private block (rows: int) (columns: int) step gate (t: Tensor) =
        Structure.slice { Start = [| step * rows; gate * columns |]; Step = [| 1; 1 |]; Shape = [| rows; columns |] } t

    /// What the cell's expressions are of: `recurrent` has the rows of this step from row `at * N` on.
    let private operands cell (args: Tensor[]) step (recurrent: Tensor) at (state: Tensor[]) =
        let shape = state[0].Shape

        [| for gate in 0 .. cell.Gates - 1 do
               block shape[0] shape[1] step gate args[0]

           for gate in 0 .. cell.Gates - 1 do
               block shape[0] shape[1] at gate recurrent

           if cell.HasBias then
               Engine.expand shape (Array.last args)

           for part in cell.Carried do
               state[part] |]

    let private compute cell isReversed (args: Tensor[]) : Tensor =
        let isPlain = args |> Array.forall isConcrete
        let first, count = states cell args, steps cell args
        let order = if isReversed then [| count - 1 .. -1 .. 0 |] else [| 0 .. count - 1 |]

        let advance (state: Tensor[]) step =
            let recurrent = Contraction.product false true state[0] args[1]
            let operands = operands cell args step recurrent 0 state
            let next = cell.Next |> Array.map (fun f -> Engine.pointwise f [||] operands)

            if isPlain then
                Tensor.force next
                giveBack [ recurrent ]

            next, next

        let visited, _ = Array.mapFold advance first order
        let inOrder = Array.append [| first |] visited
        let byTime = if isReversed then Array.rev inOrder else inOrder
        let shape = Array.append [| first.Length; count + 1 |] first[0].Shape
        let result = Structure.concat 0 (byTime |> Array.transpose |> Array.concat) |> Engine.reshape shape

        if isPlain then
            visited |> Seq.concat |> giveBack

        result

    /// A matrix that is filled block by block before anybody sees it.
    let private matrix (like: Tensor) rows columns =
        View.contiguous [| rows; columns |] (like.Backend.Allocate(like.Dtype, rows * columns))

    let private put (target: View) row column (piece: Tensor) =
        let place = { target with Offset = row * target.Shape[1] + column; Shape = piece.Shape }
        piece.Backend.Copy(Value.view (Engine.concrete piece), place)

    let private shown (like: Tensor) (view: View) = Concrete(Value.ofView like.Backend view)

    let private sum (tensors: Tensor list) = tensors |> List.reduce Engine.add

    /// The cotangents of all arguments at concrete ones.
    let private pullBack cell isReversed (args: Tensor[]) (result: Tensor) (cotangent: Tensor) : Tensor[] =
        let first, count, weight = states cell args, steps cell args, args[1]
        let size, hidden = first[0].Shape[0], first[0].Shape[1]
        let width = cell.Gates * hidden
        let at part time (t: Tensor) = t |> Tensor.select 0 part |> Tensor.select 0 time

        // Step t goes from the state at time `before t` to that at time `after t`.
        let before, after = if isReversed then (fun t -> t + 1), id else id, (fun t -> t + 1)

        let seen =
            result
            |> Tensor.select 0 0
            |> Structure.narrow 0 (before 0) count
            |> Engine.reshape [| count * size; hidden |]

        let recurrent = Contraction.product false true seen weight
        let byInput, byState = matrix weight (count * size) width, matrix weight (count * size) width

        let step (arrived: Tensor list[]) t =
            let state = first |> Array.mapi (fun part _ -> at part (before t) result)
            let operands = operands cell args t recurrent t state
            let moved = first |> Array.mapi (fun part _ -> sum (at part (after t) cotangent :: arrived[part]))

            // The cotangent of one operand, from all parts of the state that depend on it.
            let through operand =
                Array.map2
                    (fun f c ->
                        (Engine.pointwisePrimitive f [||]).Linearize operands state[0] operand
                        |> ValueOption.map (fun linear -> linear.Transpose c))
                    cell.Next
                    moved
                |> Seq.collect ValueOption.toList
                |> List.ofSeq
                |> sum

            let ofInput = [| for gate in 0 .. cell.Gates - 1 -> through gate |]
            let ofState = [ for gate in cell.Apart -> gate, through (cell.Gates + gate) ] |> Map.ofList
            let carriedFrom = cell.Gates * 2 + (if cell.HasBias then 1 else 0)
            let carried = cell.Carried |> Array.mapi (fun i part -> part, through (carriedFrom + i))
            let made = Seq.concat [ Seq.ofArray ofInput; ofState.Values; Seq.map snd carried ] |> Array.ofSeq
            Tensor.force made

            for gate in 0 .. cell.Gates - 1 do
                let ofGate = ofState |> Map.tryFind gate |> Option.defaultValue ofInput[gate]
                put byState (t * size) (gate * hidden) ofGate

                if not cell.Apart.IsEmpty then
                    put byInput (t * size) (gate * hidden) ofInput[gate]

            let rows = { byState with Offset = t * size * width; Shape = [| size; width |] }
            let back = Contraction.product false false (shown weight rows) weight
            giveBack (Seq.append ofInput ofState.Values)
            // What arrived here has been read.
            arrived |> Seq.concat |> giveBack

            first
            |> Array.mapi (fun part _ ->
                [ if part = 0 then
                      back

                  for other, c in carried do
                      if other = part then
                          c ])

        let backwards = if isReversed then [ 0 .. count - 1 ] else [ count - 1 .. -1 .. 0 ]
        let arrived = backwards |> List.fold step (first |> Array.map (fun _ -> []))
        let byState = shown weight byState
        let start = if isReversed then count else 0
        let byFirst = arrived |> Array.mapi (fun part found -> sum (at part start cotangent :: found))
        Tensor.force byFirst

        [| (if cell.Apart.IsEmpty then byState else shown weight byInput)
           Contraction.product true false byState seen
           yield! byFirst
           if cell.HasBias then
               byState |> Structure.narrow 1 (width - hidden) hidden |> Reductions.sum [| 0 |] |> Engine.reshape [| hidden |] |]

    let rec private sweep cell isReversed (args: Tensor[]) : Tensor = Engine.bind (primitive cell isReversed) args

    and private primitive cell isReversed : Primitive =
        let together = Together()

        { Name = cell.Next[0].Name
          Infer =
            fun specs ->
                let parts = cell.Next.Length

                { specs[0] with
                    Shape = Array.append [| parts; specs[0].Shape[0] / specs[2].Shape[0] + 1 |] specs[2].Shape }
          Eval = fun _ values -> compute cell isReversed (values |> Array.map Concrete) |> Engine.concrete
          Linearize =
            fun args result i ->
                let others t = compute cell isReversed (Array.updateAt i t args)

                let all c =
                    if isConcrete c && isConcrete result && Array.forall isConcrete args then
                        pullBack cell isReversed args result c
                    else
                        (vjp (compute cell isReversed) args |> snd) c

                Engine.linear (fun t -> jvp others args[i] t |> snd) (fun c -> (together.Of(args[0], c, (fun () -> all c)))[i])
          Batch = fun size args flags -> vmap (compute cell isReversed) (Engine.leadAll size args flags) }

    /// Whether a scan can go this way: all sequences of one length, everything of one floating dtype.
    let takes (sizes: int[]) (tensors: Tensor seq) =
        let dtype = (Seq.head tensors).Dtype

        sizes.Length > 0
        && sizes[0] > 0
        && sizes |> Array.forall ((=) sizes[0])
        && Dtype.isFloating dtype
        && tensors |> Seq.forall (fun t -> t.Dtype = dtype)

    /// Outputs [steps * N, hidden] in order of time, and the state at the end, from projected inputs that hold all biases but that of
    /// the state's product where the cell has it apart.
    let run kind isReversed (projected: Tensor) (weight: Tensor) (bias: Tensor voption) (first: Tensor[]) : Tensor * Tensor[] =
        let cell = RecurrentCell.ofKind kind
        let hidden = first[0].Shape[1]

        let args =
            [| projected
               weight
               yield! first
               if cell.HasBias then
                   bias |> ValueOption.defaultValue (Structure.zeros weight [| hidden |]) |]

        let all = sweep cell isReversed args
        let count = steps cell args
        let part i = Tensor.select 0 i all
        let outputs = part 0 |> Structure.narrow 0 (if isReversed then 0 else 1) count |> Structure.merge 0 2
        outputs, first |> Array.mapi (fun i _ -> part i |> Tensor.select 0 (if isReversed then 0 else count))
