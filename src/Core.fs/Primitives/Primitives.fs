namespace Functional

open Functional.Contract

/// One kind of primitive: the function that makes it, and what its primitives call themselves.
type PrimitiveKind =
    {
        /// Module and function.
        Maker: string
        Names: string list
    }

/// The one list of primitives: what a law, a backend or a reader has to know of.
[<RequireQualifiedAccess>]
module Primitives =
    let private kind (``module``: string) (maker: string) names = { Maker = $"{``module``}.{maker}"; Names = names }

    /// Every kind of primitive. The pointwise ones are as many as there are pointwise functions: see `Functions`.
    let all: PrimitiveKind list =
        [ kind "Engine" (nameof Engine.pointwisePrimitive) []
          kind "Engine" (nameof Engine.expandPrimitive) [ "expand" ]
          kind "Engine" (nameof Engine.sumToPrimitive) [ "sumTo" ]
          kind "Engine" (nameof Engine.reshapePrimitive) [ "reshape" ]
          kind "Engine" (nameof Engine.movePrimitive) [ "to" ]
          kind "Structure" (nameof Structure.permutePrimitive) [ "permute" ]
          kind "Structure" (nameof Structure.slicePrimitive) [ "slice" ]
          kind "Structure" (nameof Structure.placePrimitive) [ "place" ]
          kind "Structure" (nameof Structure.updateSlicePrimitive) [ "updateSlice" ]
          kind "Structure" (nameof Structure.concatPrimitive) [ "concat" ]
          kind "Structure" (nameof Structure.sharePrimitive) [ "share" ]
          kind "Reductions" (nameof Reductions.extremumPrimitive) ([ Maximum; Minimum ] |> List.map string)
          kind "Reductions" (nameof Reductions.positionPrimitive) ([ ArgMaximum; ArgMinimum ] |> List.map string)
          kind
              "Reductions"
              (nameof Reductions.scanPrimitive)
              ([ CumulativeSum
                 CumulativeProduct
                 CumulativeMaximum
                 CumulativeMinimum
                 CumulativeArgMaximum
                 CumulativeArgMinimum ]
               |> List.map string)
          kind "Contraction" (nameof Contraction.matmulPrimitive) [ "matmul" ]
          kind
              "Contraction"
              (nameof Contraction.convolvePrimitive)
              ([ Forward; InputGradient; WeightGradient ] |> List.map (fun pass -> $"convolve{pass}"))
          kind "Fourier" (nameof Fourier.transformPrimitive) [ "fft"; "ifft" ]
          kind "Windows" (nameof Windows.argMaximumPrimitive) [ string WindowArgMaximum ]
          kind "Windows" (nameof Windows.sumPrimitive) [ string WindowSum ]
          kind "Windows" (nameof Windows.spreadPrimitive) [ string WindowSumTranspose ]
          kind "Mixing" (nameof Mixing.mixPrimitive) [ "mix" ]
          kind "GatherScatter" (nameof GatherScatter.gatherPrimitive) [ "gather" ]
          kind
              "GatherScatter"
              (nameof GatherScatter.scatterPrimitive)
              ([ ScatterAdd; ScatterSet; ScatterMaximum; ScatterMinimum; ScatterProduct ] |> List.map string)
          kind "GatherScatter" (nameof GatherScatter.argSortPrimitive) [ "argsort" ]
          kind "Rows" (nameof Rows.rowPrimitive) [ "softmax"; "log_softmax"; "normalizeRow" ]
          kind "Rows" (nameof Rows.layerNormPrimitive) [ "layer_norm" ]
          kind "CrossEntropy" (nameof CrossEntropy.primitive) [ "cross_entropy" ]
          kind "Factorizations" (nameof Factorizations.solveTriangularPrimitive) [ "linalg.solve_triangular" ]
          kind "Factorizations" (nameof Factorizations.solvePrimitive) [ "linalg.solve" ]
          kind "Factorizations" (nameof Factorizations.solveHermitianPrimitive) [ "cholesky_solve" ]
          kind "Factorizations" (nameof Factorizations.choleskyPrimitive) [ "linalg.cholesky" ]
          kind "Factorizations" (nameof Factorizations.permutationPrimitive) [ "permutation" ]
          kind "Factorizations" (nameof Factorizations.luPrimitive) [ "linalg.lu_factor" ]
          kind "Factorizations" (nameof Factorizations.householderPrimitive) [ "geqrf" ]
          kind "Factorizations" (nameof Factorizations.qrPrimitive) [ "linalg.qr" ]
          kind "IndefiniteFactors" (nameof IndefiniteFactors.factorPrimitive) [ "linalg.ldl_factor" ]
          kind "IndefiniteFactors" (nameof IndefiniteFactors.solvePrimitive) [ "linalg.ldl_solve" ]
          kind "SpectralFactors" (nameof SpectralFactors.svdPrimitive) [ "linalg.svd" ]
          kind "SpectralFactors" (nameof SpectralFactors.singularValuesPrimitive) [ "linalg.svdvals" ]
          kind "SpectralFactors" (nameof SpectralFactors.hermitianEigenPrimitive) [ "linalg.eigh" ]
          kind "SpectralFactors" (nameof SpectralFactors.hermitianEigenvaluesPrimitive) [ "linalg.eigvalsh" ]
          kind "SpectralFactors" (nameof SpectralFactors.eigenPrimitive) [ "linalg.eig" ]
          kind "SpectralFactors" (nameof SpectralFactors.eigenvaluesPrimitive) [ "linalg.eigvals" ]
          kind "SpectralFactors" (nameof SpectralFactors.pseudoInversePrimitive) [ "linalg.pinv" ]
          kind "Determinants" (nameof Determinants.detPrimitive) [ "linalg.det" ]
          kind "Determinants" (nameof Determinants.logAbsDetPrimitive) [ "linalg.slogdet" ]
          kind "Determinants" (nameof Determinants.signPrimitive) [ "linalg.slogdet.sign" ]
          kind "FusedAttention" (nameof FusedAttention.attendPrimitive) [ "attention" ]
          kind "PackedAttention" (nameof PackedAttention.primitive) [ "self_attention" ]
          kind "Normalization" (nameof Normalization.batchPrimitive) [ "batch_norm" ]
          kind "Normalization" (nameof Normalization.groupPrimitive) [ "group_norm" ]
          kind "RecurrentSweep" (nameof RecurrentSweep.primitive) [ "rnn_tanh"; "rnn_relu"; "lstm"; "gru" ] ]
