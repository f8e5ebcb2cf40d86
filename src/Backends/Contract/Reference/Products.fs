namespace Functional.Contract

/// Sums of products: matrices, convolutions, windows. Sums run in the wide dtype and are rounded once.
[<RequireQualifiedAccess>]
module Products =
    let matMul (a: View) (b: View) =
        let dtype = Dtype.wide a.Dtype
        let rank = a.Shape.Length
        let inner = a.Shape[rank - 1]
        let shape = Elements.at (rank - 1) b.Shape[rank - 1] a.Shape

        Elements.build a.Dtype shape (fun index ->
            let product k =
                Arithmetic.binary
                    dtype
                    Mul
                    (Elements.get a (Elements.at (rank - 1) k index))
                    (Elements.get b (Elements.at (rank - 2) k index))

            Seq.init inner product |> Seq.fold (Arithmetic.binary dtype Add) (Element.round dtype Scalar.Zero))

    /// The discrete Fourier transform by its definition, unscaled.
    let fourier (source: View) axis inverse =
        let size = source.Shape[axis]
        let sign = if inverse then 1.0 else -1.0

        Elements.build source.Dtype source.Shape (fun index ->
            let term j =
                let turns = float (int64 j * int64 index[axis] % int64 size) / float size
                let root = System.Numerics.Complex.FromPolarCoordinates(1.0, sign * 2.0 * System.Math.PI * turns)
                (Elements.get source (Elements.at axis j index)).AsComplex * root

            Seq.init size term |> Seq.fold (+) System.Numerics.Complex.Zero |> Complex)

    /// Adds a value to an element, in a view of wide dtype.
    let private accumulate (target: View) index value =
        Elements.set target index (Arithmetic.binary target.Dtype Add (Elements.get target index) value)

    let private zeros dtype (shape: Shape) = View.contiguous shape (Elements.build dtype shape (fun _ -> Scalar.Zero))

    /// The buffer of a wide view, rounded to its final dtype.
    let private narrow dtype (view: View) = Elements.build dtype view.Shape (Elements.get view)

    /// The three products are the three ways to read one sum: every (image, output channel, input channel of its group,
    /// output position, kernel position) whose input position lies inside ties one element of each operand together.
    let convolve pass (geometry: ConvolutionGeometry) (a: View) (b: View) =
        let spatial = geometry.Stride.Length
        let outputs = geometry.Output[1] / geometry.Groups
        let channels = geometry.Weight[1]
        let wide = Dtype.wide a.Dtype

        let target =
            match pass with
            | Forward -> geometry.Output
            | InputGradient -> geometry.Input
            | WeightGradient -> geometry.Weight
            |> zeros wide

        let kernel = Array.sub geometry.Weight 2 spatial

        Elements.iterate geometry.Output (fun _ output ->
            for channel in 0 .. channels - 1 do
                Elements.iterate kernel (fun _ tap ->
                    let position =
                        Array.init spatial (fun d ->
                            output[d + 2] * geometry.Stride[d] - geometry.Padding[d] + tap[d] * geometry.Dilation[d])

                    if Array.forall2 (fun p size -> p >= 0 && p < size) position (Array.sub geometry.Input 2 spatial) then
                        let input = Array.append [| output[0]; output[1] / outputs * channels + channel |] position
                        let weight = Array.append [| output[1]; channel |] tap

                        let atTarget, atA, atB =
                            match pass with
                            | Forward -> output, input, weight
                            | InputGradient -> input, weight, output
                            | WeightGradient -> weight, input, output

                        accumulate target atTarget (Arithmetic.binary wide Mul (Elements.get a atA) (Elements.get b atB))))

        narrow a.Dtype target

    /// Sums, their transpose, or positions of maxima over sliding windows of the trailing dimensions.
    let window kind (geometry: WindowGeometry) (source: View) =
        let spatial = geometry.Kernel.Length
        let batch = Array.sub source.Shape 0 (source.Shape.Length - spatial)
        let inputShape = Array.append batch geometry.Input
        let outputShape = Array.append batch geometry.Output

        /// Every (output index, input index) that a window joins, in row-major order of outputs and then of taps.
        let each visit =
            Elements.iterate outputShape (fun _ output ->
                Elements.iterate geometry.Kernel (fun _ tap ->
                    let position =
                        Array.init spatial (fun d ->
                            output[batch.Length + d] * geometry.Stride[d] - geometry.Padding[d] + tap[d] * geometry.Dilation[d])

                    if Array.forall2 (fun p size -> p >= 0 && p < size) position geometry.Input then
                        visit output (Array.append (Array.sub output 0 batch.Length) position)))

        match kind with
        | WindowSum ->
            let target = zeros (Dtype.wide source.Dtype) outputShape
            each (fun output input -> accumulate target output (Elements.get source input))
            narrow source.Dtype target
        | WindowSumTranspose ->
            let target = zeros (Dtype.wide source.Dtype) inputShape
            each (fun output input -> accumulate target input (Elements.get source output))
            narrow source.Dtype target
        | WindowArgMaximum ->
            let plane = Shape.rowMajor geometry.Input
            let result = View.contiguous outputShape (Elements.build Int64 outputShape (fun _ -> Integer -1L))

            let input (index: int[]) (flat: int64) =
                Array.append
                    (Array.sub index 0 batch.Length)
                    (Array.map2 (fun step size -> int flat / step % size) plane geometry.Input)

            each (fun output position ->
                let best = (Elements.get result output).AsInteger

                if
                    best < 0L || Arithmetic.order (Elements.get source position) (Elements.get source (input output best)) > 0
                then
                    let flat = Array.fold2 (fun sum p step -> sum + p * step) 0 (Array.skip batch.Length position) plane
                    Elements.set result output (Integer(int64 flat)))

            result.Buffer
