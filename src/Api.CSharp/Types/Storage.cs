using System.Collections;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>The elements under a tensor and all its views, in a row.</summary>
    public sealed class Storage : IReadOnlyList<Scalar>
    {
        readonly Tensor elements;

        internal Storage(Tensor root) => elements = root.detach().view(-1);

        /// <summary>The number of elements.</summary>
        public int Count => Convert.Int(elements.numel());
        /// <summary>The number of elements.</summary>
        public long size() => Count;
        /// <summary>Bytes of all elements.</summary>
        public long nbytes() => elements.nbytes;
        /// <summary>The element type.</summary>
        public ScalarType dtype => elements.dtype;
        /// <summary>Where the elements are.</summary>
        public Device device => elements.device;

        /// <summary>One element. Setting it is seen by every tensor over this storage.</summary>
        public Scalar this[int index]
        {
            get => elements[index].item();
            set => elements[index].fill_(value);
        }

        /// <summary>The elements as numbers.</summary>
        public Scalar[] tolist() => [.. this];

        /// <inheritdoc/>
        public IEnumerator<Scalar> GetEnumerator()
        {
            for (var i = 0; i < Count; i++) yield return this[i];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public partial class Tensor
    {
        /// <summary>The elements under this tensor and all views of the same memory.</summary>
        public Storage storage() => new(root);
    }

    /// <summary>Whether an object is a storage.</summary>
    public static bool is_storage(object? obj) => obj is Storage;
}
