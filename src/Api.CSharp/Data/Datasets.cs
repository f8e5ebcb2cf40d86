using System.Collections;
using Microsoft.FSharp.Collections;

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
                /// <summary>This data set and another one behind it.</summary>
                public static Modules.ConcatDataset<T> operator +(Dataset<T> left, Dataset<T> right) => new([left, right]);
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

            /// <summary>Examples one after the other, of which nobody knows how many there are.</summary>
            public abstract class IterableDataset<T> : IEnumerable<T>
            {
                /// <inheritdoc/>
                public abstract IEnumerator<T> GetEnumerator();
                IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
            }

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
                internal IList<Tensor> Batch(long[] places) => [.. tensors.Select(t => t.index_select(0, tensor(places)))];
            }

            /// <summary>Examples that are slices of tensors along their first dimension.</summary>
            public static TensorsDataset TensorDataset(params Tensor[] tensors) => new(tensors);
            /// <summary>Data sets one behind the other.</summary>
            public static Modules.ConcatDataset<T> ConcatDataset<T>(IEnumerable<Dataset<T>> datasets) => new(datasets);
            /// <summary>Data sets that nobody can count, one behind the other.</summary>
            public static Modules.ChainDataset<T> ChainDataset<T>(IEnumerable<IterableDataset<T>> datasets) => new(datasets);
            /// <summary>Some of the examples of a data set.</summary>
            public static Modules.Subset<T> Subset<T>(Dataset<T> dataset, IEnumerable<long> indices) => new(dataset, indices);

            /// <summary>Parts of a data set, of these sizes, with the examples shared out at random.</summary>
            public static Modules.Subset<T>[] random_split<T>(Dataset<T> dataset, long[] lengths, Generator? generator = null)
            {
                var order = Choosing.permutation(From(generator), Convert.Int(dataset.Count));
                return [.. DatasetModule.cut(Convert.List(lengths), order).Select(part => new Modules.Subset<T>(dataset, part))];
            }

            /// <summary>Parts of a data set, of these fractions, with the examples shared out at random; what remains goes round.</summary>
            public static Modules.Subset<T>[] random_split<T>(Dataset<T> dataset, double[] lengths, Generator? generator = null)
            {
                var sizes = DatasetModule.partSizes(ListModule.OfSeq(lengths), Convert.Int(dataset.Count));
                return random_split(dataset, [.. sizes.Select(size => (long)size)], generator);
            }
        }
    }
}
