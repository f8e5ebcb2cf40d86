using Microsoft.FSharp.Core;

namespace Functional.Torch;

/// <summary>NumPy's files.</summary>
public static class numpy
{
    static IEnumerable<Tuple<string, StoredTensor>> Stored(IEnumerable<KeyValuePair<string, torch.Tensor>> arrays) => arrays.Select(a => Tuple.Create(a.Key, a.Value.Stored()));

    /// <summary>Writes a tensor as an .npy file. bfloat16, which NumPy has not, becomes a nameless type of two bytes.</summary>
    public static void save(string file, torch.Tensor arr) => Numpy.save(file, arr.Stored());

    /// <summary>Writes tensors by name as an .npz file.</summary>
    public static void savez(string file, IEnumerable<KeyValuePair<string, torch.Tensor>> arrays) => Numpy.saveAll(file, Stored(arrays));

    /// <summary>Writes tensors as an .npz file, named arr_0, arr_1, ...</summary>
    public static void savez(string file, params torch.Tensor[] arrays) => savez(file, arrays.Select((a, i) => KeyValuePair.Create($"arr_{i}", a)));

    /// <summary>Reads an .npy file. Raises FileFormatException for what is damaged, or of a type that we have not.</summary>
    public static torch.Tensor load(string file) => Numpy.mapped(file, FuncConvert.FromFunc((StoredTensor a) => a.Made()));

    /// <summary>Reads an .npz file, compressed or not. Raises FileFormatException for what is damaged.</summary>
    public static Dictionary<string, torch.Tensor> load_npz(string file) =>
        Numpy.mappedAll(file, FuncConvert.FromFunc((Tuple<string, StoredTensor>[] all) => all.ToDictionary(a => a.Item1, a => a.Item2.Made())));
}

/// <summary>The safetensors format.</summary>
public static class safetensors
{
    /// <summary>Writes tensors by name, and texts beside them. Raises DtypeException for complex128, which the format has not.</summary>
    public static void save_file(IEnumerable<KeyValuePair<string, torch.Tensor>> tensors, string filename, IEnumerable<KeyValuePair<string, string>>? metadata = null) =>
        Safetensors.save(filename, new((metadata ?? []).Select(m => Tuple.Create(m.Key, m.Value))), tensors.Select(t => Tuple.Create(t.Key, t.Value.Stored())));

    /// <summary>Reads a file. Raises FileFormatException for what is damaged.</summary>
    public static Dictionary<string, torch.Tensor> load_file(string filename) =>
        Safetensors.mapped(filename, FuncConvert.FromFunc((SafetensorsFile file) => file.Tensors.ToDictionary(t => t.Item1, t => t.Item2.Made())));
}

internal static class StoredExtensions
{
    /// <summary>A tensor with the elements of a file.</summary>
    public static torch.Tensor Made(this StoredTensor stored) => new(FileOperations.Tensor.ofStored(stored));
}
