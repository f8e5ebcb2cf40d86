namespace Functional

open Functional.Contract

/// Tables of vectors read by number, with the extras of embeddings.
[<RequireQualifiedAccess>]
module Tables =
    let private ones (like: Tensor) dtype shape = Operands.number like dtype shape (Integer 1L)

    /// How often each row of the table is named.
    let private frequencies (index: Tensor) (table: Tensor) =
        let flat = Engine.reshape [| -1 |] (Engine.cast Int64 index)
        GatherScatter.scatter ScatterAdd 0 (Structure.zeros table [| table.Shape[0] |]) flat (ones flat table.Dtype flat.Shape)

    /// Rows by number, whose gradients are divided by how often each row is named.
    let byFrequency (index: Tensor) (table: Tensor) : Tensor =
        let rows = Tensor.embedding index table
        let counts = Tensor.embedding index (Engine.reshape [| -1; 1 |] (frequencies index (Structure.detach table)))
        let still = Structure.detach rows
        let moving = Operands.binary Functions.div (Operands.binary Functions.sub rows still) counts
        Operands.binary Functions.add still moving

    /// The table with those named rows scaled down whose norm exceeds the limit.
    let limit (limit: float) (norm: float) (index: Tensor) (table: Tensor) : Tensor =
        let size = Tensor.powScalar (1.0 / norm) (Tensor.sumOver [ 1 ] true (Tensor.powScalar norm (Tensor.abs table)))
        let named = Operands.withRight Functions.gt (Engine.reshape [| -1; 1 |] (frequencies index table)) (Integer 0L)
        let large = Operands.binary Functions.bitwiseAnd named (Operands.withRight Functions.gt size (Real limit))
        let factor = Operands.withLeft Functions.div (Real limit) (Operands.withRight Functions.add size (Real 1e-7))
        Tensor.where large (Operands.binary Functions.mul table factor) table

    /// What `limit` makes of the table's values, with the table's own gradients: PyTorch limits in place and then reads.
    let limited (longest: float) (norm: float) (index: Tensor) (table: Tensor) : Tensor =
        let still = Structure.detach table
        Operands.binary Functions.add (limit longest norm index still) (Operands.binary Functions.sub table still)

    /// Rows by number. Those numbered `padding` have their values and no gradient; `isByFrequency` divides gradients by how often each row
    /// is named.
    let read (padding: int voption) isByFrequency (index: Tensor) (table: Tensor) : Tensor =
        let rows = if isByFrequency then byFrequency index table else Tensor.embedding index table

        match padding with
        | ValueNone -> rows
        | ValueSome row ->
            let isPadding = Operands.withRight Functions.eq index (Integer(int64 row)) |> Tensor.unsqueeze -1
            Tensor.where isPadding (Structure.detach rows) rows
