using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>How the losses of single elements become one.</summary>
        public enum Reduction
        {
            /// <summary>They stay as they are.</summary>
            None,
            /// <summary>Their mean.</summary>
            Mean,
            /// <summary>Their sum.</summary>
            Sum,
        }

        static FSharpOption<CoreTensor>? Option(Tensor? tensor) => tensor is null ? null : FSharpOption<CoreTensor>.Some(tensor.Core);
        static FSharpValueOption<CoreTensor> Maybe(Tensor? tensor) => tensor is null ? FSharpValueOption<CoreTensor>.None : FSharpValueOption<CoreTensor>.Some(tensor.Core);

        /// <summary>The functions behind the layers.</summary>
        public static partial class functional
        {
            /// <summary>input times the transposed weight, plus the bias.</summary>
            [Forms(Forms.Out)]
            public static Tensor linear(Tensor input, Tensor weight, Tensor? bias = null) => new(Linears.linear(input.Core, weight.Core, Option(bias)));

            /// <summary>Rows of a table by number.</summary>
            public static Tensor embedding(Tensor input, Tensor weight, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false)
            {
                if (weight.dim() != 2) throw new ShapeException("'weight' must be 2-D");
                if (input.dtype is not (ScalarType.Int64 or ScalarType.Int32)) throw new DtypeException($"Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got {Named(input)} instead (while checking arguments for embedding)");
                if (max_norm is { } limit)
                    using (no_grad()) weight.Replace(Tables.limit(limit, norm_type, input.Core, weight.Core));
                var read = new Tensor(scale_grad_by_freq ? Tables.byFrequency(input.Core, weight.Core) : Linears.embedding(input.Core, weight.Core));
                if (padding_idx is not { } p) return read;
                if (p < 0) p += weight.size(0);
                if (p < 0 || p >= weight.size(0)) throw new ArgumentValueException("Padding_idx must be within num_embeddings");
                // The padding's row has its value and no gradient.
                var padding = unsqueeze(eq(input, p), -1);
                return where(padding, read.detach(), read);
            }

            /// <summary>1 at the position that each number names, 0 elsewhere, along a new last dimension.</summary>
            public static Tensor one_hot(Tensor tensor, long num_classes = -1)
            {
                if (tensor.dtype != ScalarType.Int64) throw new DtypeException("one_hot is only applicable to index tensor.");
                if (tensor.numel() == 0 && num_classes <= 0) throw new ShapeException("Can not infer total number of classes from empty tensor.");
                if (tensor.numel() > 0)
                {
                    if (min(tensor).ToInt64() < 0) throw new ArgumentValueException("Class values must be non-negative.");
                    var largest = max(tensor).ToInt64();
                    if (num_classes == -1) num_classes = largest + 1;
                    else if (largest >= num_classes) throw new ArgumentValueException("Class values must be smaller than num_classes.");
                }
                return new(Index.oneHot(Convert.Int(num_classes), tensor.Core));
            }

            /// <summary>Zeroes elements with probability p and scales the others up, while training.</summary>
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
            {
                if (p is < 0 or > 1 or double.NaN) throw new ArgumentValueException($"dropout probability has to be between 0 and 1, but got {p}");
                if (!training || p == 0 || input.numel() == 0) return input;
                if (p == 1) return inplace ? input.mul_(zeros_like(input)) : mul(input, zeros_like(input));
                var mask = new Tensor(Drawing.bernoulli(Generator.Default.Source, Backend.current(), input.Core.Dtype, input.Core.Shape, 1 - p));
                mask = div(mask, 1 - p);
                return inplace ? input.mul_(mask) : mul(input, mask);
            }
        }
    }
}
