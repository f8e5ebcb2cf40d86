namespace Functional

open Functional.Contract

/// The rest of nn.functional under its names. What PyTorch has for one, two and three dimensions is one function here.
[<AutoOpen>]
module LayerNames =
    [<RequireQualifiedAccess>]
    module Ops =
        let linear x weight bias = Tensor.linear x weight bias
        let bilinear x1 x2 weight bias = TransposedConvolution.bilinear x1 x2 weight bias
        /// Cross-correlation over one to three spatial dimensions.
        let conv stride padding dilation groups x weight bias = Tensor.conv stride padding dilation groups x weight bias

        let convTranspose stride padding outputPadding dilation groups x weight bias =
            TransposedConvolution.apply stride padding outputPadding dilation groups x weight bias

        let convTbc padding x weight bias = TransposedConvolution.timeBatchChannel padding x weight bias

        // Pooling
        let maxPool kernel stride padding dilation ceilMode t = Tensor.maxPool kernel stride padding dilation ceilMode t

        let maxPoolWithIndices kernel stride padding dilation ceilMode t =
            Tensor.maxPoolWithIndices kernel stride padding dilation ceilMode t

        let avgPool kernel stride padding ceilMode countPadding divisor t =
            Tensor.avgPool kernel stride padding ceilMode countPadding divisor t

        let lpPool p kernel stride ceilMode t = Pooling.power p kernel stride ceilMode t
        let adaptiveAvgPool sizes t = Resampling.adaptiveMean sizes t
        let adaptiveMaxPoolWithIndices sizes t = Pooling.adaptiveMaximum sizes t
        let adaptiveMaxPool sizes t = fst (Pooling.adaptiveMaximum sizes t)
        let fractionalMaxPoolWithIndices kernel sizes samples t = Pooling.fractionalMaximum kernel sizes samples t
        let fractionalMaxPool kernel sizes samples t = fst (Pooling.fractionalMaximum kernel sizes samples t)
        /// Elements back at the places that a pooling found them at, zeros elsewhere; `sizes` are those of the result.
        let maxUnpool sizes where t = Pooling.unpool sizes where t

        // Normalization
        /// By the batch's own statistics: the result, and the running statistics moved towards them.
        let batchNorm runningMean runningVariance momentum weight bias epsilon x =
            Normalization.byBatch runningMean runningVariance momentum weight bias epsilon x

        let layerNorm rank weight bias epsilon x = Normalization.byLayer rank weight bias epsilon x
        let groupNorm groups weight bias epsilon x = Normalization.byGroup groups weight bias epsilon x
        let instanceNorm weight bias epsilon x = Normalization.byInstance weight bias epsilon x
        let rmsNorm rank weight epsilon x = Normalization.byRootMeanSquare rank weight epsilon x
        let localResponseNorm size alpha beta k x = Normalization.byNeighbours size alpha beta k x
        let normalize p dim epsilon x = Norms.normalize p dim epsilon x

        // Distances
        let cosineSimilarity dim epsilon x y = Norms.cosineSimilarity dim epsilon x y
        let pairwiseDistance p epsilon keep x y = Norms.pairwiseDistance p epsilon keep x y

        // Images
        let pad border padding t = Padding.pad border padding t
        let interpolate how sizes scales t = Resampling.interpolate how sizes scales t
        let gridSample filter outside alignCorners grid t = GridSampling.sample filter outside alignCorners grid t
        let affineGrid sizes alignCorners theta = GridSampling.affine sizes alignCorners theta
        let unfold blocks t = Patches.unfold blocks t
        let fold (sizes: int * int) blocks t = Patches.fold sizes blocks t
        let pixelShuffle factor t = Patches.shuffle factor t
        let pixelUnshuffle factor t = Patches.unshuffle factor t
        let channelShuffle groups t = Patches.shuffleChannels groups t

        // Tables and attention
        let embedding index table = Tensor.embedding index table

        let embeddingBag mode includeLast padding byFrequency weights offsets index table =
            Bags.embed mode includeLast padding byFrequency weights offsets index table

        let oneHot classes index = Tensor.oneHot classes index

        let scaledDotProductAttention mask isCausal scale query key values =
            FusedAttention.attend mask isCausal scale query key values

        let multiHeadAttention heads addZero dropout masks weights query key value =
            Attention.multiHead heads addZero dropout masks weights query key value

        // One step of a recurrent network: state and weights in, the next state out
        let gruCell weights x state = (Recurrent.cell Gru weights x [| state |])[0]
        let rnnTanhCell weights x state = (Recurrent.cell TanhRnn weights x [| state |])[0]
        let rnnReluCell weights x state = (Recurrent.cell ReluRnn weights x [| state |])[0]

        let lstmCell weights x (hidden, cell) =
            let next = Recurrent.cell Lstm weights x [| hidden; cell |]
            next[0], next[1]
