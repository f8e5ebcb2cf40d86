namespace Functional

open Functional.Contract

/// The softmax over very many classes by clusters (Grave et al. 2017).
[<RequireQualifiedAccess>]
module AdaptiveSoftmax =
    /// What scores classes. The head scores those below the first cutoff and after them the clusters; each cluster's tail scores the
    /// classes from its cutoff to the next; the last cutoff is the number of classes.
    type Scores = { Head: Tensor -> Tensor; Tails: (Tensor -> Tensor) list; Cutoffs: int list }

    /// Raises ArgumentValueException for cutoffs that do not rise from 1 to fewer than all classes.
    let requireCutoffs (cutoffs: int list) (classes: int) =
        let rises = cutoffs |> List.pairwise |> List.forall (fun (a, b) -> a < b)

        if cutoffs.IsEmpty || not rises || List.min cutoffs <= 0 || List.max cutoffs > classes - 1 then
            raise (
                ArgumentValueException
                    "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1"
            )

    /// The width in which cluster i (from 0) scores its classes: rarer classes get narrower networks.
    let tailWidth (features: int) (divValue: float) (i: int) = int (floor (float features / divValue ** float (i + 1)))

    let private requireRows (x: Tensor) =
        if x.Rank <> 2 then
            raise (
                ShapeException
                    $"expected input of shape [N, features], but got {Shape.format x.Shape} (adaptive_log_softmax_with_loss)"
            )

    /// The log probabilities of all classes: [N, features] to [N, classes].
    let ofAll (scores: Scores) (x: Tensor) : Tensor =
        requireRows x
        let head = Rows.logSoftmax (scores.Head x)
        let shortlist = scores.Cutoffs.Head

        let cluster i tail = Operands.binary Functions.add (Rows.logSoftmax (tail x)) (Structure.narrow 1 (shortlist + i) 1 head)

        Structure.concat 1 [| Structure.narrow 1 0 shortlist head; yield! List.mapi cluster scores.Tails |]

    /// The log probability of each row's target. Tails see only the rows whose targets are theirs.
    let ofTargets (scores: Scores) (target: Tensor) (x: Tensor) : Tensor =
        requireRows x
        let count = x.Shape[0]

        if target.Rank <> 1 || target.Shape[0] <> count then
            raise (ShapeException "Input and target should have the same size in the batch dimension.")

        let targets = Constants.readIntegers target
        let cutoffs = Array.ofList scores.Cutoffs
        let shortlist = cutoffs[0]
        let classes = int64 (Array.last cutoffs)

        if targets |> Array.exists (fun t -> t < 0L || t >= classes) then
            raise (
                IndexException
                    $"Target values should be in [0, {classes - 1L}], but values in range [{Array.min targets}, {Array.max targets}] were found. "
            )

        let clusterOf t = Array.findIndex (fun cutoff -> t < int64 cutoff) cutoffs - 1
        let places = targets |> Array.map (fun t -> (let c = clusterOf t in if c < 0 then t else int64 (shortlist + c)))
        let column (data: int64[]) = Constants.integers x [| data.Length; 1 |] data
        let head = GatherScatter.gather 1 (Rows.logSoftmax (scores.Head x)) (column places)

        let addCluster (sum: Tensor) (i, tail) =
            match
                [| for row in 0 .. count - 1 do
                       if clusterOf targets[row] = i then
                           row |]
            with
            | [||] -> sum
            | rows ->
                let index = Constants.integers x [| rows.Length |] (Array.map int64 rows)
                let own = rows |> Array.map (fun row -> targets[row] - int64 cutoffs[i])
                let logs = GatherScatter.gather 1 (Rows.logSoftmax (tail (GatherScatter.select 0 x index))) (column own)
                GatherScatter.scatter ScatterAdd 0 sum (Engine.reshape [| rows.Length; 1 |] index) logs

        scores.Tails |> List.indexed |> List.fold addCluster head |> Engine.reshape [| count |]
