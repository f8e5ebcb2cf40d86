using System.Collections;
using System.Numerics;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Writes tensors, numbers, texts, lists and dictionaries of them as PyTorch does, so that it reads them.</summary>
    public static void save(object? obj, string f) => TorchWriter.save(f, new Checkpoints().Of(obj));

    /// <summary>Writes into a stream that knows its position.</summary>
    public static void save(object? obj, Stream f) => TorchWriter.write(f, new Checkpoints().Of(obj));

    /// <summary>
    /// Reads what torch.save wrote, without running anything, onto the device `map_location` (the processor, if none is named): tensors, numbers, texts, lists, and dictionaries (of tensors by
    /// name where that is all that they hold). Raises FileFormatException for what is damaged or asks for code.
    /// </summary>
    public static object? load(string f, Device? map_location = null, bool weights_only = true)
    {
        return new Checkpoints(map_location).From(TorchCheckpoint.load(f));
    }

    /// <inheritdoc cref="load(string, Device, bool)"/>
    public static object? load(Stream f, Device? map_location = null, bool weights_only = true)
    {
        using var copy = new MemoryStream();
        f.CopyTo(copy);
        return new Checkpoints(map_location).From(TorchCheckpoint.parse(copy.ToArray()));
    }

    /// <summary>Between objects of C# and the values of a checkpoint; what stands in several places stays one.</summary>
    sealed class Checkpoints(Device? location = null)
    {
        // Files say that their tensors were the processor's.
        readonly IBackend backend = (location ?? CPU).Backend;
        readonly Dictionary<Tensor, CheckpointValue> written = new(ReferenceEqualityComparer.Instance as IEqualityComparer<Tensor>);
        readonly Dictionary<StoredTensor, Tensor> read = new(ReferenceEqualityComparer.Instance as IEqualityComparer<StoredTensor>);

        public CheckpointValue Of(object? value) => value switch
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
            Tensor tensor => written.TryGetValue(tensor, out var known) ? known : written[tensor] = CheckpointValue.NewTensor(FileOperations.Tensor.toStored(tensor.detach().Core)),
            IDictionary map => CheckpointValue.NewDict([.. Saved.Items(map).Select(i => Tuple.Create(Of(i.Key), Of(i.Value)))]),
            ITuple tuple => CheckpointValue.NewTuple([.. Enumerable.Range(0, tuple.Length).Select(i => Of(tuple[i]))]),
            nn.Module module => throw new ArgumentValueException($"a module cannot be saved as a whole, because its class would have to be run to read it again: save {module.GetName()}'s state_dict()"),
            IEnumerable items => CheckpointValue.NewList([.. items.Cast<object?>().Select(Of)]),
            _ => throw new ArgumentValueException($"torch.save writes tensors, numbers, texts, lists and dictionaries, but got {value.GetType().Name}"),
        };

        public object? From(CheckpointValue value) => value switch
        {
            CheckpointValue.Truth v => v.Item,
            CheckpointValue.Integer v => v.Item >= long.MinValue && v.Item <= long.MaxValue ? (object)(long)v.Item : v.Item,
            CheckpointValue.Real v => v.Item,
            CheckpointValue.Text v => v.Item,
            CheckpointValue.Bytes v => v.Item.ToArray(),
            CheckpointValue.List v => v.Item.Select(From).ToList(),
            CheckpointValue.Tuple v => v.Item.Select(From).ToArray(),
            CheckpointValue.DtypeName v => v.Item.Facade(),
            CheckpointValue.Tensor v => read.TryGetValue(v.Item, out var known) ? known : read[v.Item] = new Tensor(Functional.Creation.ofBytes(backend, v.Item.Dtype, v.Item.Shape, v.Item.Data.Span)),
            CheckpointValue.Dict v => Map([.. v.Item.Select(i => (From(i.Item1), From(i.Item2)))]),
            _ => null,
        };

        static object Map((object? Key, object? Value)[] items)
        {
            if (items.All(i => i is (string, Tensor))) return items.ToDictionary(i => (string)i.Key!, i => (Tensor)i.Value!);
            if (items.All(i => i.Key is string)) return items.ToDictionary(i => (string)i.Key!, i => i.Value!);
            return items.ToDictionary(i => i.Key!, i => i.Value);
        }
    }
}

/// <summary>Modules and their files.</summary>
public static class SavingExtensions
{
    /// <summary>Writes the module's state_dict as torch.save does.</summary>
    public static T save<T>(this T module, string location) where T : torch.nn.Module
    {
        torch.save(module.state_dict(), location);
        return module;
    }

    /// <summary>Loads a state_dict that torch.save wrote.</summary>
    public static T load<T>(this T module, string location, bool strict = true) where T : torch.nn.Module
    {
        module.load_state_dict(torch.load(location) as Dictionary<string, torch.Tensor> ?? throw new ArgumentValueException($"'{location}' holds no state_dict: load it with torch.load and take the part that is one"), strict);
        return module;
    }
}
