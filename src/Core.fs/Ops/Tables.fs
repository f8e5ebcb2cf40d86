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
