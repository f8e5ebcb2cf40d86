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

/// What a cell does at every place of its gates.
type internal RecurrentCell =
    {
        Gates: int
        /// The parts of the next state. Arguments: what the input contributes to each gate, what the state contributes, the bias of
        /// the last gate's product with the state where that stands apart, and the part of the state that is `Carried`.
        Next: Tensor[] -> Tensor[]
        Parts: int
        HasBias: bool
        /// The part of the state that goes on past the gates.
        Carried: int option
        /// Whether the last gate does not just add up input and state.
        IsApart: bool
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal RecurrentCell =
    let private sigmoid = Operands.unary Functions.sigmoid
    let private tanh = Operands.unary Functions.tanh

    let private plain f =
        { Gates = 1
          Next = fun a -> [| f (a[0] + a[1]) |]
          Parts = 1
          HasBias = false
          Carried = None
          IsApart = false }

    let private gru (a: Tensor[]) =
        let reset, update = sigmoid (a[0] + a[3]), sigmoid (a[1] + a[4])
        let fresh = tanh (a[2] + reset * (a[5] + a[6]))
        [| fresh + update * (a[7] - fresh) |]

    let private lstm (a: Tensor[]) =
        let gate i = a[i] + a[i + 4]
        let cell = sigmoid (gate 1) * a[8] + sigmoid (gate 0) * tanh (gate 2)
        [| sigmoid (gate 3) * tanh cell; cell |]

    let ofKind kind =
        match kind with
        | TanhRnn -> plain tanh
        | ReluRnn -> plain (Operands.unary Functions.relu)
        | Gru -> { Gates = 3; Next = gru; Parts = 1; HasBias = true; Carried = Some 0; IsApart = true }
        | Lstm -> { Gates = 4; Next = lstm; Parts = 2; HasBias = false; Carried = Some 1; IsApart = false }

    // A gate's columns in some rows.
    let private block first rows columns gate (t: Tensor) =
        Structure.slice { Start = [| first; gate * columns |]; Step = [| 1; 1 |]; Shape = [| rows; columns |] } t

    /// What a cell is a function of, in some rows: of the projected inputs from row `first` on, of all rows of the state's products.
    let operands cell (projected: Tensor) first (recurrent: Tensor) (bias: Tensor voption) (state: Tensor[]) =
        let rows, hidden = recurrent.Shape[0], recurrent.Shape[1] / cell.Gates

        [| for gate in 0 .. cell.Gates - 1 do
               block first rows hidden gate projected

           for gate in 0 .. cell.Gates - 1 do
               block 0 rows hidden gate recurrent

           if cell.HasBias then
               match bias with
               | ValueSome b -> Engine.expand [| rows; hidden |] b
               | ValueNone -> Structure.zeros recurrent [| rows; hidden |]

           for part in Option.toList cell.Carried do
               state[part] |]

/// One direction of one recurrent layer as one primitive: the steps leave no trace on a tape, and the way back does at once for all
/// steps what is the same for all: how the gates move the state, and the products for the weights' cotangents. Derivatives of
/// derivatives, tangents and vmap go through the composition.
[<RequireQualifiedAccess>]
module internal RecurrentSweep =
    // Arguments: projected inputs [steps * N, gates * hidden], the state's weight [gates * hidden, hidden], the parts of the first
    // state [N, hidden], and a bias [hidden] where the cell has one. Result: the parts of all states in order of time, the first
    // one included, [parts, steps + 1, N, hidden].

    let private isConcrete (t: Tensor) =
        match t with
        | Concrete _ -> true
        | _ -> false

    /// Memory that nobody else has seen goes back at once. What was never computed has none.
    let private giveBack (tensors: Tensor seq) =
        for t in tensors do
            match (Engine.concrete t).State with
            | ValueState.Stored view -> view.Buffer.Release()
            | _ -> ()

    let private bias cell (args: Tensor[]) = if cell.HasBias then ValueSome(Array.last args) else ValueNone
    let private states cell (args: Tensor[]) = Array.sub args 2 cell.Parts
    let private steps cell (args: Tensor[]) = args[0].Shape[0] / args[2].Shape[0]

    /// Copies some rows into rows of memory of the sweep's own.
    let private put (target: View) row (piece: Tensor) =
        let place = { target with Offset = row * target.Shape[1]; Shape = piece.Shape }
        piece.Backend.Copy(Value.view (Engine.concrete piece), place)

    let private rowsOf (like: Tensor) rows columns =
        View.contiguous [| rows; columns |] (like.Backend.Allocate(like.Dtype, rows * columns))

    /// `keep` hears of the products of all states with the weight, [steps * N, gates * hidden], where there is somebody to hear.
    let private compute cell isReversed (keep: (Tensor -> unit) voption) (args: Tensor[]) : Tensor =
        let isPlain = args |> Array.forall isConcrete
        let first, count = states cell args, steps cell args
        let size = first[0].Shape[0]

        let kept =
            match keep with
            | ValueSome _ when isPlain -> ValueSome(rowsOf first[0] (count * size) args[1].Shape[0])
            | _ -> ValueNone

        let order = if isReversed then [| count - 1 .. -1 .. 0 |] else [| 0 .. count - 1 |]

        let advance (state: Tensor[]) step =
            let recurrent = Contraction.product false true state[0] args[1]
            let next = cell.Next(RecurrentCell.operands cell args[0] (step * size) recurrent (bias cell args) state)

            if isPlain then
                Tensor.force next
                kept |> ValueOption.iter (fun rows -> put rows (step * size) recurrent)
                giveBack [ recurrent ]

            next, next

        let visited, _ = Array.mapFold advance first order
        let inOrder = Array.append [| first |] visited
        let byTime = if isReversed then Array.rev inOrder else inOrder
        let shape = Array.append [| first.Length; count + 1 |] first[0].Shape
        let result = Structure.concat 0 (byTime |> Array.transpose |> Array.concat) |> Engine.reshape shape

        if isPlain then
            visited |> Seq.concat |> giveBack

        match keep, kept with
        | ValueSome keep, ValueSome rows -> keep (Concrete(Value.ofView result.Backend rows))
        | _ -> ()

        result

    /// How much each part of the next state moves with each operand, at every place: by operand, then by part.
    let private slopes cell (operands: Tensor[]) : Tensor[][] =
        Array.init cell.Parts (fun part ->
            let next, pull = vjp (fun operands -> (cell.Next operands)[part]) operands
            pull (Operands.number next next.Dtype next.Shape (Real 1.0)))
        |> Array.transpose

    let private isZero (t: Tensor) =
        match Value.tryConstant (Engine.concrete t) with
        | ValueSome(Real 0.0)
        | ValueSome(Integer 0L) -> true
        | _ -> false

    /// Products of what belongs together, added up; products with 0 are left out.
    let private combine (cotangents: Tensor[]) (slopes: Tensor[]) =
        Array.zip cotangents slopes
        |> Array.filter (snd >> isZero >> not)
        |> Array.map (fun (c, slope) -> Operands.binary Functions.mul c slope)
        |> Array.reduce Engine.add

    /// The cotangents of all arguments at concrete ones. The products of all states with the weight are made again where nobody kept them.
    let private pullBack cell isReversed (kept: Tensor voption) (args: Tensor[]) (result: Tensor) (cotangent: Tensor) : Tensor[] =
        let first, count, weight = states cell args, steps cell args, args[1]
        let size, hidden = first[0].Shape[0], first[0].Shape[1]
        let rows, width = count * size, cell.Gates * hidden
        let at part time (t: Tensor) = t |> Tensor.select 0 part |> Tensor.select 0 time

        // Step t goes from the state at time `before t` to that at time `after t`.
        let before, after = if isReversed then (fun t -> t + 1), id else id, (fun t -> t + 1)

        let seen part = result |> Tensor.select 0 part |> Structure.narrow 0 (before 0) count |> Engine.reshape [| rows; hidden |]

        let recurrent = kept |> ValueOption.defaultWith (fun () -> Contraction.product false true (seen 0) weight)

        let slopes =
            Array.init cell.Parts seen |> RecurrentCell.operands cell args[0] 0 recurrent (bias cell args) |> slopes cell

        let isCarried part = cell.Carried = Some part
        let carriedSlopes = if cell.Carried.IsSome then Array.last slopes else [||]

        // The slopes of all gates side by side, [rows, gates, hidden], for each part.
        let wide operand =
            Array.init cell.Parts (fun part ->
                let ofGates = Array.init cell.Gates (fun gate -> slopes[operand + gate][part])

                if Array.forall isZero ofGates then
                    ofGates[0] |> Engine.reshape [| rows; 1; hidden |] |> Engine.expand [| rows; cell.Gates; hidden |]
                else
                    Structure.concat 1 ofGates |> Engine.reshape [| rows; cell.Gates; hidden |])

        let byState = wide cell.Gates
        Tensor.force (Seq.append carriedSlopes byState)

        let spread (t: Tensor) =
            Engine.reshape [| t.Shape[0]; 1; hidden |] t |> Engine.expand [| t.Shape[0]; cell.Gates; hidden |]

        let arriving = first |> Array.map (fun state -> rowsOf state rows hidden)

        // What comes back to each part of the state from the steps behind.
        let step (arrived: Tensor list[]) t =
            let here = Structure.narrow 0 (t * size) size
            let moved = arrived |> Array.mapi (fun part found -> List.fold Engine.add (at part (after t) cotangent) found)
            Tensor.force moved
            Array.iter2 (fun target piece -> put target (t * size) piece) arriving moved
            let ofGates = combine (Array.map spread moved) (Array.map here byState) |> Engine.reshape [| size; width |]
            let back = Contraction.product false false ofGates weight

            let next =
                Array.init cell.Parts (fun part ->
                    [ if part = 0 then
                          back

                      if isCarried part then
                          combine moved (Array.map here carriedSlopes) ])

            Tensor.force (Seq.concat next)
            giveBack [ ofGates ]
            // Without anything that arrived, what moved is the cotangent itself.
            Array.iter2
                (fun found piece ->
                    if not (List.isEmpty found) then
                        giveBack [ piece ])
                arrived
                moved

            arrived |> Seq.concat |> giveBack
            next

        let backwards = if isReversed then [ 0 .. count - 1 ] else [ count - 1 .. -1 .. 0 ]
        let arrived = backwards |> List.fold step (Array.create cell.Parts [])
        let start = if isReversed then count else 0
        let byFirst = arrived |> Array.mapi (fun part found -> List.fold Engine.add (at part start cotangent) found)

        let all = arriving |> Array.map (fun view -> Concrete(Value.ofView weight.Backend view) |> spread)

        let gates slopes = combine all slopes |> Engine.reshape [| rows; width |]
        let ofState = gates byState
        let byInput = if cell.IsApart then wide 0 else [||]
        let ofInput = if cell.IsApart then gates byInput else ofState
        Tensor.force (Seq.append [ ofState; ofInput ] byFirst)

        let ofWeight = Contraction.product true false ofState (seen 0)

        let ofBias =
            if cell.HasBias then
                [ ofState |> Structure.narrow 1 (width - hidden) hidden |> Reductions.sum [| 0 |] |> Engine.reshape [| hidden |] ]
            else
                []

        for spent in [ [| recurrent |]; byState; byInput; Array.concat slopes; all ] do
            giveBack spent

        // The sum of one row is a view of it.
        if cell.IsApart && rows > 1 then
            giveBack [ ofState ]

        [| ofInput; ofWeight; yield! byFirst; yield! ofBias |]

    let private name kind =
        match kind with
        | TanhRnn -> "rnn_tanh"
        | ReluRnn -> "rnn_relu"
        | Lstm -> "lstm"
        | Gru -> "gru"

    /// The products of a sweep's states with the weight, until its pullback takes them: they are of use once.
    [<Sealed>]
    type private Products() =
        let mutable kept: Tensor voption = ValueNone
        member _.Keep(products: Tensor) = kept <- ValueSome products

        member _.Take() =
            let found = kept
            kept <- ValueNone
            found

    /// A direction of a layer: the primitive of one place on a tape if it is recorded, which keeps what that place's pullback needs.
    let primitive kind isReversed isRecorded : Primitive =
        let cell = RecurrentCell.ofKind kind
        let together = Together()
        let products = Products()
        let keep = if isRecorded then ValueSome products.Keep else ValueNone
        let compute = compute cell isReversed

        { Name = name kind
          Infer =
            fun specs ->
                let parts = cell.Parts

                { specs[0] with
                    Shape = Array.append [| parts; specs[0].Shape[0] / specs[2].Shape[0] + 1 |] specs[2].Shape }
          Eval = fun _ values -> compute keep (values |> Array.map Concrete) |> Engine.concrete
          Linearize =
            fun args result i ->
                let others t = compute ValueNone (Array.updateAt i t args)

                let all c =
                    if isConcrete c && isConcrete result && Array.forall isConcrete args then
                        pullBack cell isReversed (products.Take()) args result c
                    else
                        (vjp (compute ValueNone) args |> snd) c

                Engine.linear (fun t -> jvp others args[i] t |> snd) (fun c -> (together.Of(args[0], c, (fun () -> all c)))[i])
          Batch = fun size args flags -> vmap (compute ValueNone) (Engine.leadAll size args flags) }


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

        let isRecorded = args |> Array.exists (isConcrete >> not)
        let all = Engine.bind (primitive kind isReversed isRecorded) args
        let count = steps cell args
        let part i = Tensor.select 0 i all
        let outputs = part 0 |> Structure.narrow 0 (if isReversed then 0 else 1) count |> Structure.merge 0 2
        outputs, first |> Array.mapi (fun i _ -> part i |> Tensor.select 0 (if isReversed then 0 else count))
