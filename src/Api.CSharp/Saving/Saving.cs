using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>
    /// Writes tensors, numbers, texts, lists and dictionaries of them as PyTorch does, so that it reads them: a zip file, or the
    /// format of before 1.6. Tensors that share memory share it in the file. A file is whole at every moment.
    /// </summary>
    public static void save(object? obj, string f, long pickle_protocol = TorchWriter.DefaultProtocol, bool _use_new_zipfile_serialization = true)
    {
        var value = new Freezing(obj).Value;
        AtomicFile.write(f, FuncConvert.FromAction<Stream>(stream => Write(value, stream, pickle_protocol, _use_new_zipfile_serialization)));
    }

    /// <summary>Writes into a stream that knows its position.</summary>
    public static void save(object? obj, Stream f, long pickle_protocol = TorchWriter.DefaultProtocol, bool _use_new_zipfile_serialization = true) =>
        Write(new Freezing(obj).Value, f, pickle_protocol, _use_new_zipfile_serialization);

    static void Write(CheckpointValue value, Stream stream, long protocol, bool zip)
    {
        if (zip) TorchWriter.write((int)protocol, stream, value);
        else TorchWriter.writeLegacy((int)protocol, stream, value);
    }

    /// <summary>
    /// Reads what torch.save wrote, and safetensors, .npy, .npz and TorchSharp's .dat files, without ever running anything: tensors,
    /// numbers, texts, lists, and dictionaries (of tensors by name where that is all that they hold), on the device `map_location` (the
    /// processor, if none is named). Large files are mapped into
    /// memory, so a tensor is the only copy. Raises FileFormatException for what is damaged or asks for code, whatever
    /// `weights_only` says.
    /// </summary>
    public static object? load(string f, Device? map_location = null, bool weights_only = true, bool mmap = false)
    {
        return StoredFile.mapped(f, FuncConvert.FromFunc((CheckpointValue value) => new Thawing(map_location).Of(value)));
    }

    /// <inheritdoc cref="load(string, Device, bool, bool)"/>
    public static object? load(Stream f, Device? map_location = null, bool weights_only = true)
    {
        using var copy = new MemoryStream();
        f.CopyTo(copy);
        return new Thawing(map_location).Of(StoredFile.parse(copy.ToArray()));
    }

    /// <summary>The named tensors of a file. Raises ArgumentValueException where it holds something else.</summary>
    internal static Dictionary<string, Tensor> LoadNamed(string location) =>
        load(location) as Dictionary<string, Tensor> ?? throw new ArgumentValueException($"'{location}' holds no state_dict: load it with torch.load and take the part that is one");
}
