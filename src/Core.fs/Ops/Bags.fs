namespace Functional

open Functional.Contract

/// How the vectors of a bag become one.
[<RequireQualifiedAccess>]
type BagMode =
    | Sum
    | Mean
    | Maximum

/// Bags of rows of a table.
[<RequireQualifiedAccess>]
module Bags =
    let private mul a b = Operands.binary Functions.mul a b
    let private choose condition a b = Engine.pointwise Functions.where [||] [| condition; a; b |]

    /// Where each bag starts, and the number of all elements at the end. Raises ArgumentValueException.
    let private starts includeLast (index: Tensor) (offsets: Tensor option) : int[] =
        let count = Shape.count index.Shape

        match index.Rank, offsets with
        | 2, Some _ ->
            raise (
                ArgumentValueException
                    "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. (embedding_bag)"
            )
        | 2, None -> Array.init (index.Shape[0] + 1) (fun i -> i * index.Shape[1])
        | 1, Some offsets ->
            if offsets.Rank <> 1 then
                raise (ShapeException $"offsets has to be a 1D Tensor (embedding_bag got {Shape.format offsets.Shape})")

            let given = Constants.readIntegers offsets |> Array.map int

            if includeLast && given.Length = 0 then
                raise (ArgumentValueException "include_last_offset: numBags should be at least 1 (embedding_bag)")

            if given.Length > 0 && given[0] <> 0 then
                raise (
                    ArgumentValueException
                        $"offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got {given[0]} (embedding_bag)"
                )

            if given.Length > 0 && Array.last given > count then
                raise (
                    ArgumentValueException
                        $"offsets[-1] can not be greater than input's length {count} but got offsets[-1] of {Array.last given} (embedding_bag)"
                )

            if includeLast then given else Array.append given [| count |]
        | 1, None -> raise (ArgumentValueException "offsets has to be a 1D Tensor but got None (embedding_bag)")
        | rank, _ -> raise (ShapeException $"input has to be 1D or 2D Tensor, but got Tensor of dimension {rank} (embedding_bag)")

    /// The largest of each bag's rows by column; the slope goes to the first among equals, and what is in no bag counts as 0.
    let private largest (starts: int[]) (counts: Tensor) (rows: Tensor) =
        let bags, width = starts.Length - 1, rows.Shape[1]
        let longest = Array.pairwise starts |> Array.fold (fun n (a, b) -> max n (b - a)) 0

        if longest = 0 then
            Structure.zeros rows [| bags; width |]
        else
            let place k = starts[k / longest] + k % longest
            let within k = place k < starts[k / longest + 1]
            let last = rows.Shape[0] - 1
            let cells = bags * longest
            let index = Constants.integers rows [| cells |] (Array.init cells (fun k -> int64 (min last (place k))))

            let valid =
                Constants.integers rows [| cells |] (Array.init cells (fun k -> if within k then 1L else 0L))
                |> Engine.cast Bool

            let valid = Operands.binary Functions.bitwiseAnd valid (GatherScatter.select 0 counts index)
            let seen = GatherScatter.select 0 rows index
            let hidden = Operands.number seen seen.Dtype seen.Shape (Real -infinity)
            let wide t = Engine.expand [| cells; width |] (Engine.reshape [| cells; 1 |] t)
            let seen = choose (wide valid) seen hidden |> Engine.reshape [| bags; longest; width |]
            let values, _ = Tensor.maxDim 1 false seen

            let isFull =
                Tensor.anyOver [ 1 ] true (Engine.reshape [| bags; longest |] valid) |> Engine.expand [| bags; width |]

            choose isFull values (Structure.zeros values values.Shape)

    /// One vector for each bag of rows of a table [V, D]: the rows' sum, mean or maximum. Bags are the rows of an index [B, L], or parts of
    /// a vector from each offset to the next (to the end; or, with `includeLast`, the last offset is the end). Rows numbered
    /// `padding` do not count. Sums may weigh every element. `byFrequency` divides gradients by how often a row is named.
    let embed
        (mode: BagMode)
        includeLast
        (padding: int voption)
        byFrequency
        (weights: Tensor option)
        (offsets: Tensor option)
        (index: Tensor)
        (table: Tensor)
        : Tensor =
        let starts = starts includeLast index offsets
        let bags = starts.Length - 1
        let flat = Engine.reshape [| -1 |] index

        let rows = Tables.read ValueNone byFrequency flat table

        let flat = Engine.cast Int64 flat
        let count, width = flat.Shape[0], table.Shape[1]

        let rows =
            match weights with
            | Some _ when mode <> BagMode.Sum ->
                raise (
                    ArgumentValueException
                        $"embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='{mode}')."
                )
            | Some w when not (Shape.equal w.Shape index.Shape) ->
                raise (
                    ShapeException
                        $"embedding_bag: If per_sample_weights ({Shape.format w.Shape}) is not None, then it must have the same shape as the input ({Shape.format index.Shape})"
                )
            | Some w -> mul rows (Engine.reshape [| count; 1 |] w)
            | None -> rows

        let counts =
            match padding with
            | ValueSome p -> Operands.withRight Functions.ne flat (Integer(int64 p))
            | ValueNone -> Operands.number flat Bool flat.Shape (Boolean true)

        if mode = BagMode.Maximum then
            largest starts counts rows
        else
            let rows =
                match padding with
                | ValueSome _ ->
                    let wide = Engine.expand rows.Shape (Engine.reshape [| count; 1 |] counts)
                    choose wide rows (Structure.zeros rows rows.Shape)
                | ValueNone -> rows

            let owners = Array.zeroCreate<int64> count

            for bag in 0 .. bags - 1 do
                for i in starts[bag] .. starts[bag + 1] - 1 do
                    owners[i] <- int64 bag

            // What lies behind the last offset is in no bag.
            let used = if bags = 0 then 0 else starts[bags]
            let owners = Constants.integers rows [| used; 1 |] owners[.. used - 1]

            let addUp width t =
                let t = Structure.narrow 0 0 used t

                GatherScatter.scatter
                    ScatterAdd
                    0
                    (Structure.zeros t [| bags; width |])
                    (Engine.expand [| used; width |] owners)
                    t

            let sums = addUp width rows

            if mode = BagMode.Mean then
                let sizes = addUp 1 (Engine.reshape [| count; 1 |] (Engine.cast rows.Dtype counts))
                Operands.binary Functions.div sums (Operands.withRight Functions.maximum sizes (Real 1.0))
            else
                sums
