namespace Functional.Torch;

public static partial class torch
{
    /// <summary>What products of float32 matrices may round their factors to: "highest" (nothing), "high" (TF32) or "medium" (bfloat16).</summary>
    public static string get_float32_matmul_precision() => MatrixPrecision.Products.ToString().ToLowerInvariant();

    /// <summary>
    /// Lets products of float32 matrices round their factors, where that is faster: not at all ("highest"), to TF32 or as well ("high"), or to
    /// bfloat16 ("medium"). Raises ArgumentValueException for other words.
    /// </summary>
    public static void set_float32_matmul_precision(string precision) => MatrixPrecision.Products = precision switch
    {
        "highest" => Float32Products.Highest,
        "high" => Float32Products.High,
        "medium" => Float32Products.Medium,
        _ => throw new ArgumentValueException(
            $"Invalid set_float32_matmul_precision value: expected one of 'highest', 'high' or 'medium', got '{precision}'"),
    };

    /// <summary>What computes: the backends that there are, and which of them new tensors get.</summary>
    public static class backends
    {
        /// <summary>
        /// Lets a backend compute what happens to new tensors: "cpu" (ours), "mkl" (matrix work by MKL or OpenBLAS), "auto" (the faster
        /// of the two, as measured on this machine), or a device such as "cuda:0". Raises DeviceException where it is not there.
        /// </summary>
        public static void use(string name) => Backend.setDefault(name.Split(':') is [var kind, var index]
            ? Backend.ofDevice(kind, int.TryParse(index, out var number) ? number : throw new DeviceException($"Invalid device string: '{name}'"))
            : Backend.ofName(name));

        /// <summary>Makes the backends of a provider known, for programs whose assemblies do not lie side by side.</summary>
        public static void register(IBackendProvider provider) => Backend.register(provider);

        /// <summary>What was looked for on this machine, what was found in which version, and why not where not.</summary>
        public static string explanation() => Backend.explanation();

        /// <summary>Prints what was looked for on this machine, what was found in which version, and why not where not.</summary>
        public static void explain() => Backend.explain();

        /// <summary>MKL, or OpenBLAS where there is no MKL.</summary>
        public static class mkl
        {
            /// <summary>Whether there is such a library.</summary>
            public static bool is_available() => Backend.count("mkl") > 0;
        }

        /// <summary>Settings of CUDA.</summary>
        public static class cuda
        {
            /// <summary>Whether a backend for CUDA is part of the program.</summary>
            public static bool is_built() => Backend.isKnown("cuda");

            /// <summary>Matrix products.</summary>
            public static class matmul
            {
                /// <summary>Whether products of float32 may round their factors to TF32 (10 bits of mantissa). Not at first.</summary>
                public static bool allow_tf32
                {
                    get => MatrixPrecision.MatMulTf32;
                    set => MatrixPrecision.MatMulTf32 = value;
                }

                /// <summary>Whether parts of a float16 product may be rounded to float16 before they are summed.</summary>
                public static bool allow_fp16_reduced_precision_reduction
                {
                    get => MatrixPrecision.ReducedFloat16Sums;
                    set => MatrixPrecision.ReducedFloat16Sums = value;
                }

                /// <summary>Whether parts of a bfloat16 product may be rounded to bfloat16 before they are summed.</summary>
                public static bool allow_bf16_reduced_precision_reduction
                {
                    get => MatrixPrecision.ReducedBFloat16Sums;
                    set => MatrixPrecision.ReducedBFloat16Sums = value;
                }
            }
        }

        /// <summary>Settings of convolutions on cards.</summary>
        public static class cudnn
        {
            /// <summary>Whether convolutions of float32 may round their factors to TF32 (10 bits of mantissa). They may at first.</summary>
            public static bool allow_tf32
            {
                get => MatrixPrecision.ConvolutionTf32;
                set => MatrixPrecision.ConvolutionTf32 = value;
            }
        }
    }
}
