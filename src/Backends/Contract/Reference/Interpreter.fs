namespace Functional.Contract

/// Programs and what folds their results, one element at a time.
[<RequireQualifiedAccess>]
module Interpreter =
    /// The values of a program's outputs in their registers, given its inputs' elements. Each step's value passes through
    /// `adjust` with the registers before it and its number; tests put rounding noise there.
    let runWith
        (adjust: Scalar[] -> int -> Scalar -> Scalar)
        (program: Program)
        (inputs: Scalar[])
        (parameters: Scalar[])
        : Scalar[] =
        let registers: Scalar[] = Array.zeroCreate program.Code.Length

        program.Code
        |> Array.iteri (fun step instruction ->
            let value i = registers[i]
            let dtype i = program.Types[i]

            let result =
                match instruction with
                | Instruction.Load i -> Element.round program.Types[step] inputs[i]
                | Instruction.Parameter i -> Element.round program.Types[step] parameters[i]
                | Instruction.Unary(op, a) -> Arithmetic.unary (dtype a) op (value a)
                | Instruction.Binary(op, a, b) -> Arithmetic.binary (dtype a) op (value a) (value b)
                | Instruction.Compare(op, a, b) -> Arithmetic.compare (dtype a) op (value a) (value b)
                | Instruction.Select(c, a, b) -> if value c = Boolean true then value a else value b
                | Instruction.Cast(target, a) -> Element.round target (value a)

            registers[step] <- adjust registers step result)

        program.Outputs |> Array.map (fun step -> registers[step])

    let run program inputs parameters = runWith (fun _ _ value -> value) program inputs parameters

    let private elements (inputs: View[]) index = inputs |> Array.map (fun view -> Elements.get view index)

    /// Runs a program at every position and stores what it gives.
    let pointwise (program: Program) (shape: Shape) (inputs: View[]) (parameters: Scalar[]) (outputs: Buffer[]) =
        let outputs = outputs |> Array.map Elements.ofBuffer

        Elements.iterate shape (fun position index ->
            let results = run program (elements inputs index) parameters
            Array.iter2 (fun (output: ManagedBuffer) result -> output[position] <- result) outputs results)

    /// A shape's sizes, or an index's entries, along `axes` only.
    let private along (axes: int[]) (index: int[]) = axes |> Array.map (fun a -> index[a])

    /// Refuses to look for an extremum among no elements.
    let private requireElements reduction (shape: Shape) (axes: int[]) =
        let name =
            match reduction with
            | ArgMaximum -> "argmax()"
            | ArgMinimum -> "argmin()"
            | Minimum -> "amin()"
            | _ -> "amax()"

        match axes |> Array.tryFind (fun a -> shape[a] = 0) with
        | Some axis when reduction <> Sum && reduction <> Product ->
            raise (
                IndexException
                    $"{name}: Expected reduction dim {axis} to have non-zero size. There is no extremum along it in a tensor of shape {Shape.format shape}"
            )
        | _ -> ()

    /// Folds values that stand at positions 0, 1, ...: sums and products in the wide dtype, extrema by order.
    let private fold reduction dtype (values: Scalar seq) =
        let wide = Dtype.wide dtype
        let best better = values |> Seq.indexed |> Seq.reduce (fun (i, a) (j, b) -> if better b a then (j, b) else (i, a))
        let above a b = Arithmetic.order a b > 0

        let below a b =
            if Arithmetic.isNan a then
                not (Arithmetic.isNan b)
            else
                not (Arithmetic.isNan b) && Arithmetic.order a b < 0

        match reduction with
        | Sum -> values |> Seq.fold (Arithmetic.binary wide Add) (Integer 0L |> Element.round wide)
        | Product -> values |> Seq.fold (Arithmetic.binary wide Mul) (Integer 1L |> Element.round wide)
        | Maximum -> best above |> snd
        | Minimum -> best below |> snd
        | ArgMaximum -> best above |> fst |> int64 |> Integer
        | ArgMinimum -> best below |> fst |> int64 |> Integer

    /// Folds the results of a program with one output along axes (all of them if none is named).
    let reduce reduction (program: Program) (shape: Shape) (inputs: View[]) (parameters: Scalar[]) (axes: int[]) =
        let axes = if axes.Length = 0 then [| 0 .. shape.Length - 1 |] else Array.sort axes
        let kept = [| 0 .. shape.Length - 1 |] |> Array.except axes
        requireElements reduction shape axes

        let dtype =
            match reduction with
            | ArgMaximum
            | ArgMinimum -> Int64
            | _ -> program.Results[0]

        let groups = Array.init (Shape.count (along kept shape)) (fun _ -> ResizeArray<Scalar>())

        Elements.iterate shape (fun _ index ->
            let group = Array.fold (fun at a -> at * shape[a] + index[a]) 0 kept
            groups[group].Add((run program (elements inputs index) parameters)[0]))

        let result = Elements.allocate dtype groups.Length
        groups |> Array.iteri (fun i values -> result[i] <- fold reduction program.Types[program.Outputs[0]] values)
        result :> Buffer

    /// Runs along one axis keeping a sum, a product, or the last best so far (a nan is never displaced but by a nan).
    let scan kind (source: View) axis reverse =
        let source = Elements.atLeastOneDimension source
        let wide = Dtype.wide source.Dtype
        let size = source.Shape[axis]
        let positions = if reverse then [ size - 1 .. -1 .. 0 ] else [ 0 .. size - 1 ]

        let noWorse sign (x: Scalar) best =
            Arithmetic.isNan x || (not (Arithmetic.isNan best) && sign * Arithmetic.order x best >= 0)

        let isArg, next =
            let running op = fun (best, _) (x, i) -> Arithmetic.binary wide op best x, i
            let extremum sign = fun (best, at) (x, i) -> if noWorse sign x best then x, i else best, at

            match kind with
            | CumulativeSum -> false, running Add
            | CumulativeProduct -> false, running Mul
            | CumulativeMaximum -> false, extremum 1
            | CumulativeMinimum -> false, extremum -1
            | CumulativeArgMaximum -> true, extremum 1
            | CumulativeArgMinimum -> true, extremum -1

        let dtype = if isArg then Int64 else source.Dtype
        let result = Elements.allocate dtype (Shape.count source.Shape)
        let target = View.contiguous source.Shape result

        Elements.iterate (Elements.at axis 1 source.Shape) (fun _ index ->
            if size > 0 then
                let values = positions |> List.map (fun i -> Elements.get source (Elements.at axis i index), i)
                let kept = List.scan next values.Head values.Tail

                List.iter2
                    (fun i (best, at) ->
                        Elements.set target (Elements.at axis i index) (if isArg then Integer(int64 at) else best))
                    positions
                    kept)

        result :> Buffer
