namespace Functional

open Functional.Contract

/// How a table of vectors is read.
type EmbeddingOptions =
    {
        /// A row that begins as zeros and gets no gradient; negative numbers count from the end.
        PaddingIndex: int option
        /// Rows that are longer are read scaled down to this length. The table itself stays as it is: `Tables.limit` shortens it.
        MaxNorm: float option
        /// The order of the norm that measures lengths.
        NormType: float
        /// Whether gradients are divided by how often a batch names a row.
        ScaleGradByFrequency: bool
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module EmbeddingOptions =
    /// PyTorch's defaults.
    let standard = { PaddingIndex = None; MaxNorm = None; NormType = 2.0; ScaleGradByFrequency = false }

/// What a layer of bags reads.
type Bag =
    {
        /// Row numbers: a bag in each row of [B, L], or all bags one behind the other.
        Index: Tensor
        /// Where each bag begins, where they stand one behind the other.
        Offsets: Tensor option
        /// The weight of every element of a sum.
        Weights: Tensor option
    }

/// Tables of vectors as layers.
[<AutoOpen>]
module EmbeddingLayers =
    [<RequireQualifiedAccess>]
    module Nn =
        let private placeOf count (row: int) =
            if row >= count || row < -count then
                raise (
                    ArgumentValueException
                        $"Padding_idx must be within num_embeddings (embedding: padding index {row}, {count} rows)"
                )

            if row < 0 then row + count else row

        let private init (padding: int option) count width key =
            let table = Random.normal key [ count; width ]

            let table =
                match padding with
                | None -> table
                | Some row ->
                    let isPadding = Tensor.eq (Tensor.arange 0 count 1) (Tensor.scalar (float row)) |> Tensor.unsqueeze 1
                    Tensor.where isPadding (Tensor.zerosLike table) table

            Branch [ "weight", Leaf table ]

        let private tableOf (options: EmbeddingOptions) index p =
            let table = Tree.tensor "weight" p

            match options.MaxNorm with
            | Some longest -> Tables.limited longest options.NormType index table
            | None -> table

        /// Rows of a table [count, width], one for each integer of any shape: [..., width]. Raises ArgumentValueException for a padding
        /// index outside the table.
        let embeddingWith (options: EmbeddingOptions) count width =
            let padding = options.PaddingIndex |> Option.map (placeOf count)

            LayerParts.stateless (init padding count width) (fun _ p x ->
                Tables.read (Option.toValueOption padding) options.ScaleGradByFrequency x (tableOf options x p))

        /// Rows of a table [count, width], one for each integer.
        let embedding count width = embeddingWith EmbeddingOptions.standard count width

        /// Sums, means or maxima of bags of rows of a table [count, width]: [bags, width]. With `includeLast` the last offset is the end of the
        /// last bag. Elements numbered by the padding index do not count.
        let embeddingBagWith (options: EmbeddingOptions) (mode: BagMode) includeLast count width : Layer<Bag, Tensor> =
            let padding = options.PaddingIndex |> Option.map (placeOf count)

            if mode = BagMode.Maximum && options.ScaleGradByFrequency then
                raise (ArgumentValueException "max mode does not support scaling the gradient by the frequency")

            LayerParts.stateless (init padding count width) (fun _ p (bag: Bag) ->
                Bags.embed
                    mode
                    includeLast
                    (Option.toValueOption padding)
                    options.ScaleGradByFrequency
                    bag.Weights
                    bag.Offsets
                    bag.Index
                    (tableOf options bag.Index p))

        /// Means of rows of a table [count, width], one for each row of an index [B, L].
        let embeddingBag count width : Layer =
            embeddingBagWith EmbeddingOptions.standard BagMode.Mean false count width
            |> Nn.onInput (fun index -> { Index = index; Offsets = None; Weights = None })
