using System.IO.Compression;
using Functional.Torch;
using static Functional.Torch.torch;

namespace ModelsCSharp;

/// <summary>The files that the models learn from, read where they lie.</summary>
public static class Data
{
    /// <summary>A file under the data folder. Raises FileNotFoundException, saying what to do.</summary>
    public static string File(string folder, params string[] parts)
    {
        string path = Path.Combine([folder, .. parts]);
        if (!System.IO.File.Exists(path)) throw new FileNotFoundException($"'{path}' is not here: name the folder that holds it with --data DIR");
        return path;
    }

    /// <summary>Digits of MNIST as bytes [n, 1, 28, 28], and what they are.</summary>
    public static (Tensor Images, Tensor Labels) Digits(string folder, bool train)
    {
        string part = train ? "train" : "t10k";
        byte[] images = Unpacked(File(folder, "mnist", $"{part}-images-idx3-ubyte.gz"));
        byte[] labels = Unpacked(File(folder, "mnist", $"{part}-labels-idx1-ubyte.gz"));
        // Both files begin with their kind and sizes.
        return (tensor(images[16..]).view(-1, 1, 28, 28), tensor(labels[8..]).to(ScalarType.Int64));
    }

    /// <summary>The first 1,000 pictures of CIFAR-10's test set as bytes [1000, 3, 32, 32], and what they show.</summary>
    public static (Tensor Pictures, Tensor Labels) Pictures(string folder)
    {
        // A record is a label and the three planes of a picture.
        Tensor records = tensor(Unpacked(File(folder, "cifar10", "test_batch_first1000.bin.gz"))).view(-1, 3073);
        return (records[.., 1..].reshape(-1, 3, 32, 32), records[.., 0].to(ScalarType.Int64));
    }

    static byte[] Unpacked(string path)
    {
        using var packed = new GZipStream(System.IO.File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }
}
