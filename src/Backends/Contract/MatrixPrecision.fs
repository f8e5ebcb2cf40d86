namespace Functional.Contract

/// What a backend may round the factors of float32 products to, where its hardware is faster for it.
[<RequireQualifiedAccess>]
type Float32Products =
    /// Nothing: float32.
    | Highest
    /// TF32, 10 bits of mantissa, or as good.
    | High
    /// bfloat16, 7 bits.
    | Medium

/// Where backends may trade digits for speed: PyTorch's switches, for the whole process. They permit and never oblige; a backend that
/// gains nothing by them does not read them.
[<AbstractClass; Sealed>]
type MatrixPrecision private () =
    /// Products of float32 matrices: torch.set_float32_matmul_precision.
    static member val Products = Float32Products.Highest with get, set

    /// Products of float32 matrices in TF32: torch.backends.cuda.matmul.allow_tf32.
    static member MatMulTf32
        with get () = MatrixPrecision.Products <> Float32Products.Highest
        and set allowed = MatrixPrecision.Products <- if allowed then Float32Products.High else Float32Products.Highest

    /// The same for convolutions, which may from the beginning: torch.backends.cudnn.allow_tf32.
    static member val ConvolutionTf32 = true with get, set

    /// Whether parts of a float16 product may be rounded before they are summed: allow_fp16_reduced_precision_reduction.
    static member val ReducedFloat16Sums = true with get, set

    /// The same for bfloat16: allow_bf16_reduced_precision_reduction.
    static member val ReducedBFloat16Sums = true with get, set
