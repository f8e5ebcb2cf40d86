using System.Collections;
using System.Numerics;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>An object of C# as the value of a checkpoint. What stands in several places stays one, and so does shared memory.</summary>
    sealed class Freezing
    {
        readonly Dictionary<(Tensor Root, string Place), CheckpointValue> written = [];
        readonly Dictionary<Tensor, StoredTensor> storages = new(ReferenceEqualityComparer.Instance as IEqualityComparer<Tensor>);
        readonly HashSet<Tensor> shared;

        public Freezing(object? value)
        {
            // Memory that is seen in several ways is written as a whole, with windows on it.
            shared = TensorsIn(value).GroupBy(t => t.Root, ReferenceEqualityComparer.Instance as IEqualityComparer<Tensor>)
                .Where(g => g.Select(Place).Distinct().Count() > 1 && g.All(t => t.Place is not null)).Select(g => g.Key)
                .ToHashSet(ReferenceEqualityComparer.Instance as IEqualityComparer<Tensor>);
            Value = Of(value);
        }

        public CheckpointValue Value { get; }

        static string Place(Tensor tensor) => tensor.Place is { } place ? $"{place.Offset} {string.Join(',', place.Shape)} {string.Join(',', place.Strides)}" : "";

        static IEnumerable<Tensor> TensorsIn(object? value) => value switch
        {
            Tensor tensor => [tensor],
            null or string or Array or nn.Module => [],
            IDictionary map => Saved.Items(map).SelectMany(i => TensorsIn(i.Value)),
            ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => TensorsIn(tuple[i])),
            IEnumerable items => items.Cast<object?>().SelectMany(TensorsIn),
            _ => [],
        };

        CheckpointValue Of(object? value) => value switch
        {
            null => CheckpointValue.Nothing,
            bool truth => CheckpointValue.NewTruth(truth),
            byte or sbyte or short or int or long => CheckpointValue.NewInteger(System.Convert.ToInt64(value)),
            BigInteger number => CheckpointValue.NewInteger(number),
            float or double => CheckpointValue.NewReal(System.Convert.ToDouble(value)),
            string text => CheckpointValue.NewText(text),
            byte[] bytes => CheckpointValue.NewBytes(bytes),
            // Options of optimizers, which are tuples in Python.
            double[] numbers => CheckpointValue.NewTuple([.. numbers.Select(x => CheckpointValue.NewReal(x))]),
            ScalarType dtype => CheckpointValue.NewDtypeName(dtype.Core()),
            Tensor tensor => Of(tensor),
            IDictionary map => CheckpointValue.NewDict([.. Saved.Items(map).Select(i => Tuple.Create(Of(i.Key), Of(i.Value)))]),
            ITuple tuple => CheckpointValue.NewTuple([.. Enumerable.Range(0, tuple.Length).Select(i => Of(tuple[i]))]),
            nn.Module module => throw new ArgumentValueException($"a module cannot be saved as a whole, because its class would have to be run to read it again: save {module.GetName()}'s state_dict()"),
            IEnumerable items => CheckpointValue.NewList([.. items.Cast<object?>().Select(Of)]),
            _ => throw new ArgumentValueException($"torch.save writes tensors, numbers, texts, lists and dictionaries, but got {value.GetType().Name}"),
        };

        CheckpointValue Of(Tensor tensor)
        {
            // A view that no strides can describe stands for itself.
            var key = (tensor.Place is null ? tensor : tensor.Root, Place(tensor));
            if (!written.TryGetValue(key, out var known)) written[key] = known = shared.Contains(tensor.Root) ? Window(tensor) : CheckpointValue.NewTensor(tensor.Stored());
            return known;
        }

        CheckpointValue Window(Tensor tensor)
        {
            if (!storages.TryGetValue(tensor.Root, out var storage)) storages[tensor.Root] = storage = tensor.Root.detach().reshape(-1).Stored();
            var place = tensor.Place!.Value;
            return CheckpointValue.NewWindow(new StoredWindow(storage, place.Offset, place.Shape, place.Strides));
        }
    }

    /// <summary>The value of a checkpoint as objects of C#.</summary>
    sealed class Thawing(Device? location = null)
    {
        // Files say that their tensors were the processor's.
        readonly IBackend backend = (location ?? CPU).Backend;
        readonly Dictionary<object, Tensor> read = new(ReferenceEqualityComparer.Instance);

        public object? Of(CheckpointValue value) => value switch
        {
            CheckpointValue.Truth v => v.Item,
            CheckpointValue.Integer v => v.Item >= long.MinValue && v.Item <= long.MaxValue ? (object)(long)v.Item : v.Item,
            CheckpointValue.Real v => v.Item,
            CheckpointValue.Text v => v.Item,
            CheckpointValue.Bytes v => v.Item.ToArray(),
            CheckpointValue.List v => v.Item.Select(Of).ToList(),
            CheckpointValue.Tuple v => v.Item.Select(Of).ToArray(),
            CheckpointValue.DtypeName v => v.Item.Facade(),
            CheckpointValue.Tensor v => Once(v.Item, () => Made(v.Item)),
            CheckpointValue.Window v => Once(v.Item, () => Of(v.Item)),
            CheckpointValue.Dict v => Map([.. v.Item.Select(i => (Of(i.Item1), Of(i.Item2)))]),
            _ => null,
        };

        Tensor Once(object key, Func<Tensor> make) => read.TryGetValue(key, out var known) ? known : read[key] = make();

        Tensor Made(StoredTensor stored) => new(Functional.Creation.ofBytes(backend, stored.Dtype, stored.Shape, stored.Data.Span));

        /// <summary>A view of a tensor that all windows on its storage share.</summary>
        Tensor Of(StoredWindow window)
        {
            var memory = Once(window.Storage, () => Made(window.Storage));
            var shape = Convert.Longs(window.Shape);
            return ShapeModule.isContiguous(window.Shape, window.Strides)
                ? memory.narrow(0, window.Offset, ShapeModule.count(window.Shape)).view(shape)
                : as_strided(memory, shape, Convert.Longs(window.Strides), window.Offset);
        }

        static object Map((object? Key, object? Value)[] items)
        {
            if (items.All(i => i is (string, Tensor))) return items.ToDictionary(i => (string)i.Key!, i => (Tensor)i.Value!);
            if (items.All(i => i.Key is string)) return items.ToDictionary(i => (string)i.Key!, i => i.Value!);
            return items.ToDictionary(i => i.Key!, i => i.Value);
        }
    }

    public partial class Tensor
    {
        /// <summary>The cell that this tensor is, or is a view of.</summary>
        internal Tensor Root => root;

        /// <summary>The elements as files hold them.</summary>
        internal StoredTensor Stored() => FileOperations.Tensor.toStored(History.Without(Recorded));
    }
}
