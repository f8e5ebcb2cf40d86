namespace Functional

open System
open Functional.Contract

/// Which number of connections keeps its variance.
type Fan =
    /// Forward.
    | FanIn
    /// Backward.
    | FanOut

/// What the deviation of He et al. 2015 depends on.
type KaimingOptions =
    {
        /// The slope of leaky_relu below 0.
        Slope: float
        Mode: Fan
        /// The function that follows, by PyTorch's name.
        Nonlinearity: string
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module KaimingOptions =
    /// PyTorch's defaults.
    let standard = { Slope = 0.0; Mode = FanIn; Nonlinearity = "leaky_relu" }

/// First values of parameters: the numbers behind PyTorch's nn.init. What is random comes in as numbers already drawn, or from
/// a key.
[<RequireQualifiedAccess>]
module Initial =
    /// How many numbers one output depends on, and how many outputs one input has part in.
    let fans (shape: Shape) : struct (int64 * int64) =
        if shape.Length < 2 then
            raise (ArgumentValueException "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")

        let field = shape[2..] |> Array.fold (fun n size -> n * int64 size) 1L
        struct (int64 shape[1] * field, int64 shape[0] * field)

    /// The factor that keeps the variance of a nonlinearity's results; `slope` is that of leaky_relu.
    let gain (nonlinearity: string) (slope: float) =
        match nonlinearity with
        | "linear"
        | "conv1d"
        | "conv2d"
        | "conv3d"
        | "conv_transpose1d"
        | "conv_transpose2d"
        | "conv_transpose3d"
        | "sigmoid" -> 1.0
        | "tanh" -> 5.0 / 3.0
        | "relu" -> sqrt 2.0
        | "leaky_relu" -> sqrt (2.0 / (1.0 + slope * slope))
        | "selu" -> 0.75
        | other -> raise (ArgumentValueException $"Unsupported nonlinearity {other}")

    /// The deviation of Glorot and Bengio 2010.
    let xavier (gain: float) (shape: Shape) =
        let struct (fanIn, fanOut) = fans shape
        gain * sqrt (2.0 / float (fanIn + fanOut))

    /// The deviation of He et al. 2015, by the connections in or out.
    let kaiming (gain: float) byInputs (shape: Shape) =
        let struct (fanIn, fanOut) = fans shape
        gain / sqrt (float (if byInputs then fanIn else fanOut))

    /// The bound of uniform numbers with this deviation.
    let bound (deviation: float) = sqrt 3.0 * deviation

    /// The range of uniform numbers that `truncated` makes normal numbers within [low, high] of.
    let truncatedRange (mean: float) (std: float) (low: float) (high: float) : struct (float * float) =
        let below x = SpecialFunctions.erf (x / sqrt 2.0)
        struct (below ((low - mean) / std), below ((high - mean) / std))

    /// Normal numbers within [low, high] from uniform ones in `truncatedRange`.
    let truncated (mean: float) (std: float) (low: float) (high: float) (uniform: Tensor) : Tensor =
        Operands.unary Functions.erfinv uniform * (std * sqrt 2.0) + mean |> Tensor.clamp low high

    /// 1 where channel i of each group passes through the middle of the kernel, 0 elsewhere: convolution as identity. Raises
    /// ArgumentValueException for a kernel that does not have 3 to 5 dimensions.
    let dirac groups (sizes: int list) : Tensor =
        let shape = Array.ofList sizes

        if shape.Length < 3 || shape.Length > 5 then
            raise (ArgumentValueException "Only tensors with 3, 4, or 5 dimensions are supported")

        if groups < 1 || shape[0] % groups <> 0 then
            raise (ArgumentValueException "dim 0 must be divisible by groups")

        let each = shape[0] / groups
        let middle = shape[2..] |> Array.map (fun size -> size / 2)
        let strides = Shape.rowMajor shape
        let place (position: int[]) = Array.map2 (*) position strides |> Array.sum

        let ones =
            [| for group in 0 .. groups - 1 do
                   for i in 0 .. min each shape[1] - 1 -> place (Array.append [| group * each + i; i |] middle) |]
            |> Set.ofArray

        let data = Array.init (Shape.count shape) (fun i -> if ones.Contains i then 1.0 else 0.0)
        Tensor.ofFloat64s sizes data |> Engine.cast Float32

    /// Vectors that are orthogonal to each other and of length 1, from others by Gram's and Schmidt's way, gone twice: the Q of a
    /// QR decomposition whose R has a positive diagonal.
    let private orthonormal (vectors: float[][]) =
        let dot a b = Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

        let without basis vector =
            basis
            |> List.fold (fun v unit -> (let part = dot unit v in Array.map2 (fun x u -> x - part * u) v unit)) vector

        let add basis vector =
            let rest = vector |> without basis |> without basis
            let length = sqrt (dot rest rest)
            Array.map (fun x -> x / length) rest :: basis

        vectors |> Array.fold add [] |> List.rev |> Array.ofList

    /// A matrix whose rows or columns, whichever are fewer, are orthogonal and of length `gain`, from a matrix of normal numbers
    /// (Saxe, McClelland and Ganguli 2014).
    let orthogonalized (gain: float) (normal: Tensor) : Tensor =
        let rows, columns = normal.Shape[0], normal.Shape[1]
        let numbers = Tensor.toFloat64s normal |> Array.chunkBySize (max 1 columns)
        // Of a square matrix it is the columns, as in PyTorch.
        let turned = rows >= columns
        let vectors = orthonormal (if turned then Array.transpose numbers else numbers)

        (if turned then Array.transpose vectors else vectors)
        |> Array.concat
        |> Array.map (fun x -> x * gain)
        |> Tensor.ofFloat64s [ rows; columns ]
        |> Engine.cast normal.Dtype

    /// Uniform numbers of Glorot and Bengio 2010.
    let xavierUniform gain key (shape: int list) =
        let limit = bound (xavier gain (Array.ofList shape))
        Random.uniformBetween -limit limit key shape

    /// Normal numbers of Glorot and Bengio 2010.
    let xavierNormal gain key (shape: int list) = Random.normal key shape * xavier gain (Array.ofList shape)

    let private deviation (options: KaimingOptions) (shape: int list) =
        kaiming (gain options.Nonlinearity options.Slope) (options.Mode = FanIn) (Array.ofList shape)

    /// Uniform numbers of He et al. 2015.
    let kaimingUniformWith (options: KaimingOptions) key (shape: int list) =
        let limit = bound (deviation options shape)
        Random.uniformBetween -limit limit key shape

    /// Normal numbers of He et al. 2015.
    let kaimingNormalWith (options: KaimingOptions) key (shape: int list) = Random.normal key shape * deviation options shape

    /// Uniform numbers of He et al. 2015 with this gain, by the connections in.
    let kaimingUniform gain key (shape: int list) =
        let limit = bound (kaiming gain true (Array.ofList shape))
        Random.uniformBetween -limit limit key shape

    /// Normal numbers of He et al. 2015 with this gain, by the connections in.
    let kaimingNormal gain key (shape: int list) = Random.normal key shape * kaiming gain true (Array.ofList shape)

    /// Normal numbers within [low, high].
    let truncatedNormal mean std low high key (shape: int list) =
        let struct (first, last) = truncatedRange mean std low high
        Random.uniformBetween first last key shape |> truncated mean std low high

    /// Uniform numbers in [low, high).
    let uniform low high key (shape: int list) = Random.uniformBetween low high key shape

    /// Normal numbers.
    let normal (mean: float) (deviation: float) key (shape: int list) = Random.normal key shape * deviation + mean

    /// One number.
    let constant (value: float) (shape: int list) = Tensor.full shape value

    let private requireMatrix (shape: int list) =
        match shape with
        | [ rows; columns ] -> struct (rows, columns)
        | _ -> raise (ArgumentValueException "Only tensors with 2 dimensions are supported")

    /// The identity matrix. Raises ArgumentValueException for a shape that is no matrix's.
    let eye (shape: int list) =
        let struct (rows, columns) = requireMatrix shape
        Ranges.eye (Backend.current ()) Float32 rows columns

    /// A matrix with orthogonal rows or columns (Saxe, McClelland and Ganguli 2014); dimensions behind the first count as one. Raises
    /// ArgumentValueException for fewer than two dimensions.
    let orthogonal (gain: float) key (shape: int list) =
        match shape with
        | []
        | [ _ ] -> raise (ArgumentValueException "Only tensors with 2 or more dimensions are supported")
        | shape when List.contains 0 shape -> Tensor.zeros shape
        | rows :: rest -> Random.normal key [ rows; List.fold (*) 1 rest ] |> orthogonalized gain |> Tensor.reshape shape

    /// How many of the rows are 0 in each column of a sparse matrix.
    let emptyRows (sparsity: float) (rows: int) = int (ceil (sparsity * float rows))

    /// Normal numbers around 0, with a part of each column set to 0 (Martens 2010). Raises ArgumentValueException for a shape that is no
    /// matrix's.
    let sparse (sparsity: float) (deviation: float) key (shape: int list) =
        let struct (rows, columns) = requireMatrix shape
        let struct (first, second) = Random.split2 key
        // The order of random numbers down each column: its first places are emptied.
        let places = Random.uniform second [ columns; rows ] |> Tensor.argsort -1 false |> Tensor.argsort -1 false
        let stays = Tensor.ge (Tensor.t places) (Tensor.scalar (float (emptyRows sparsity rows)))
        let values = normal 0.0 deviation first shape
        Tensor.where stays values (Tensor.zerosLike values)
