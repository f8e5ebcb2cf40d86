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
            public static Tensor linear(Tensor input, Tensor weight, Tensor? bias = null) => new(Linears.linear(Autocast.As(input).Core, Autocast.As(weight).Core, Option(Autocast.Maybe(bias))));

            /// <summary>Rows of a table by number.</summary>
            public static Tensor embedding(Tensor input, Tensor weight, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false)
            {
                if (weight.dim() != 2) throw new ShapeException("'weight' must be 2-D");
                if (input.dtype is not (ScalarType.Int64 or ScalarType.Int32)) throw new DtypeException($"Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got {Named(input)} instead (while checking arguments for embedding)");
                if (max_norm is { } limit)
                    weight.Refresh(Tables.limit(limit, norm_type, input.Core, weight.Core));
                if (padding_idx is not { } p) return new(Tables.read(FSharpValueOption<int>.None, scale_grad_by_freq, input.Core, weight.Core));
                if (p < 0) p += weight.size(0);
                if (p < 0 || p >= weight.size(0)) throw new ArgumentValueException("Padding_idx must be within num_embeddings");
                return new(Tables.read(FSharpValueOption<int>.Some(Convert.Int(p)), scale_grad_by_freq, input.Core, weight.Core));
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

            /// <summary>One vector for each bag of rows of a table: their sum, mean or maximum. Bags are rows of the input, or parts of it that begin at offsets.</summary>
            public static Tensor embedding_bag(Tensor input, Tensor weight, Tensor? offsets = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, Tensor? per_sample_weights = null, bool include_last_offset = false, long? padding_idx = null)
            {
                // The order of old, which PyTorch still takes.
                if (weight.dtype == ScalarType.Int64 && input.is_floating_point()) (input, weight) = (weight, input);
                if (input.dtype is not (ScalarType.Int64 or ScalarType.Int32)) throw new DtypeException($"Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got {Named(input)} instead (while checking arguments for embedding_bag)");
                if (!weight.is_floating_point()) throw new DtypeException($"Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, Float, Double; but got {Named(weight)} instead (while checking arguments for embedding_bag)");
                if (weight.dim() != 2) throw new ShapeException($"weight has to be a 2D Tensor, but got {ShapeModule.format(weight.Core.Shape)} (embedding_bag)");
                if (mode == EmbeddingBagMode.Max && scale_grad_by_freq) throw new ArgumentValueException("max mode does not support scaling the gradient by the frequency");
                if (max_norm is { } limit)
                    weight.Refresh(Tables.limit(limit, norm_type, input.Core, weight.Core));
                var rows = weight.size(0);
                if (padding_idx < -rows || padding_idx >= rows) throw new ArgumentValueException("padding_idx must be within the number of embeddings");
                var padding = padding_idx is { } p ? FSharpValueOption<int>.Some(Convert.Int(p < 0 ? p + rows : p)) : FSharpValueOption<int>.None;
                var how = mode switch { EmbeddingBagMode.Sum => BagMode.Sum, EmbeddingBagMode.Max => BagMode.Maximum, _ => BagMode.Mean };
                return new(Bags.embed(how, include_last_offset, padding, scale_grad_by_freq, Option(per_sample_weights), Option(offsets), input.Core, weight.Core));
            }
        }
    }
}

/// <summary>How the vectors of a bag become one.</summary>
public enum EmbeddingBagMode
{
    /// <summary>Their sum.</summary>
    Sum,
    /// <summary>Their mean.</summary>
    Mean,
    /// <summary>The largest of each column.</summary>
    Max,
}
