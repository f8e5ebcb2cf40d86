namespace Functional

open Functional.Contract

/// The rest of PyTorch's reductions, orders and counts, under their names. `dims` name what is folded (all dimensions, if none).
[<AutoOpen>]
module FoldingNames =
    let private withoutNan (t: Tensor) =
        if Dtype.isFloating t.Dtype then
            Tensor.where (Tensor.isNan t) (Operands.number t t.Dtype [||] (Real 0.0)) t
        else
            t

    /// A dimension that is there; a number without dimensions has none to go along.
    let private axisOf (t: Tensor) (dim: int option) =
        match dim with
        | Some _ when t.Rank = 0 -> raise (IndexException "a tensor without dimensions has none to go along")
        | Some d -> Some(Shape.dimension t.Rank d)
        | None -> None

    let private sorted (t: Tensor) =
        if t.Rank = 0 then
            raise (ShapeException "boundaries tensor should have at least 1 dimension, but got a number (searchsorted)")

        t

    [<RequireQualifiedAccess>]
    module Tensor =
        let logsumexp dims keep t = Tensor.logSumExpOver dims keep t
        let aminmax dims keep t = Tensor.amin dims keep t, Tensor.amax dims keep t
        let varMean dims correction keep t = Tensor.varOver dims correction keep t, Tensor.meanOver dims keep t
        let stdMean dims correction keep t = Tensor.stdOver dims correction keep t, Tensor.meanOver dims keep t
        /// The sum of what is not nan.
        let nansum dims keep t = Tensor.sumOver dims keep (withoutNan t)

        /// The mean of what is not nan.
        let nanmean dims keep (t: Tensor) : Tensor =
            let count = Tensor.sumOver dims keep (Tensor.logicalNot (Tensor.isNan t))
            Engine.cast t.Dtype (nansum dims keep t / count)

        let countNonzero dims t = Summaries.countNonzero dims t

        // Order
        /// The k-th smallest elements along a dimension (the first for k = 1), and where they are.
        let kthvalue k dim keep t = Ranking.kthValue k dim keep t
        /// The middle element (the lower of two) of all; nan if there is one.
        let median t = Ranking.median false t
        let nanmedian t = Ranking.median true t
        let medianDim dim keep t = Ranking.medianAlong false dim keep t
        let nanmedianDim dim keep t = Ranking.medianAlong true dim keep t
        /// The most frequent element along a dimension, and where it is.
        let mode dim keep t = Ranking.mode dim keep t
        let cummax dim t = Ranking.running CumulativeMaximum CumulativeArgMaximum dim t
        let cummin dim t = Ranking.running CumulativeMinimum CumulativeArgMinimum dim t
        let logcumsumexp dim t = Summaries.logCumulativeSumExp dim t
        /// Quantiles along a dimension, or of all elements; several fractions add a dimension in front.
        let quantile interpolation (fractions: Tensor) dim keep t = Quantiles.quantile false interpolation fractions dim keep t
        let nanquantile interpolation (fractions: Tensor) dim keep t = Quantiles.quantile true interpolation fractions dim keep t
        let msort t = Tensor.sort 0 false t |> fst

        // What is in a tensor
        /// The different elements in rising order (or slices along a dimension), where each element went, and how often it occurs.
        let unique dim t = Summaries.unique (axisOf t dim) t
        let uniqueConsecutive dim t = Summaries.uniqueConsecutive (axisOf t dim) t
        let bincount (weights: Tensor option) minimum t = Search.binCount weights minimum t
        /// Counts of elements in bins of one width between two bounds; between the extremes where both bounds are 0.
        let histc bins low high t = Search.counts bins low high t

        /// Counts between edges, weighted if asked for, or a density.
        let histogram (edges: Tensor) weights density (t: Tensor) =
            Search.histogram [ sorted edges ] weights density (Engine.reshape [| -1; 1 |] t)

        /// The same for points [N, D], with edges for each of the D coordinates.
        let histogramdd (edges: Tensor list) weights density (points: Tensor) =
            if points.Rank <> 2 || points.Shape[1] <> edges.Length || edges.IsEmpty then
                raise (
                    ShapeException
                        $"torch.histogramdd: expected points of shape [N, {edges.Length}], one column for each list of edges, but got {Shape.format points.Shape}"
                )

            Search.histogram edges weights density points

        let isin (elements: Tensor) (others: Tensor) = Search.isIn elements others
        /// Where values belong among sorted ones; behind equal ones if `right`.
        let searchsorted right sequence values = Search.sortedPlaces right (sorted sequence) values

        /// Between which boundaries values lie.
        let bucketize right (boundaries: Tensor) values =
            if boundaries.Rank <> 1 then
                raise (ShapeException $"boundaries tensor must be 1 dimension, but got dim({boundaries.Rank})")

            Search.sortedPlaces right boundaries values


        // Samples
        let cov correction (frequencies: Tensor option) (weights: Tensor option) t =
            Summaries.covariance correction frequencies weights t

        let corrcoef t = Summaries.correlation t
        /// The n-th differences along a dimension.
        let diff n dim t = Summaries.differences n dim t
        let trapezoid spacing dim t = Sampled.trapezoid spacing dim t
        let cumulativeTrapezoid spacing dim t = Sampled.cumulativeTrapezoid spacing dim t

        /// Derivatives of samples along dimensions, each with its spacing.
        let gradient edgeOrder spacings (t: Tensor) =
            let along (dim, spacing) = (axisOf t (Some dim)).Value, spacing
            Sampled.gradient edgeOrder (List.map along spacings) t
