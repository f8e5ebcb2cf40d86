namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Tools around training.</summary>
    public static partial class utils
    {
        /// <summary>Examples and how they come in batches.</summary>
        public static partial class data
        {
            /// <summary>Examples by number.</summary>
            public abstract class Dataset<T> : IDisposable
            {
                /// <summary>The number of examples.</summary>
                public abstract long Count { get; }
                /// <summary>One example.</summary>
                public abstract T GetTensor(long index);
                /// <summary>One example.</summary>
                public T this[long index] => GetTensor(index);
                /// <summary>Memory needs no Dispose here; it exists so that programs written for TorchSharp keep working.</summary>
                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }
                /// <inheritdoc cref="Dispose()"/>
                protected virtual void Dispose(bool disposing) { }
            }

            /// <summary>Examples made of named tensors.</summary>
            public abstract class Dataset : Dataset<Dictionary<string, Tensor>>;

            /// <summary>Examples that are slices of tensors along their first dimension.</summary>
            public sealed class TensorsDataset : Dataset<IList<Tensor>>
            {
                readonly Tensor[] tensors;

                internal TensorsDataset(Tensor[] tensors)
                {
                    if (tensors.Length == 0 || tensors.Any(t => t.dim() == 0 || t.size(0) != tensors[0].size(0)))
                        throw new ShapeException("Size mismatch between tensors: all must have the same size in their first dimension");
                    this.tensors = tensors;
                }

                /// <inheritdoc/>
                public override long Count => tensors[0].size(0);
                /// <inheritdoc/>
                public override IList<Tensor> GetTensor(long index) => [.. tensors.Select(t => t[index])];
                internal IList<Tensor> Batch(Tensor places) => [.. tensors.Select(t => t.index_select(0, places))];
            }

            /// <summary>Examples that are slices of tensors along their first dimension.</summary>
            public static TensorsDataset TensorDataset(params Tensor[] tensors) => new(tensors);
        }
    }
}
