namespace Functional.Torch.Modules;

using static Functional.Torch.torchvision;

/// <summary>Grey images of 28 x 28 in the files of MNIST, gzipped or not, in root/NAME/raw as torchvision has them or in root itself.</summary>
public class MNIST : StoredImages
{
    static readonly string[] digits = ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine"];

    /// <summary>Handwritten digits. `download` fetches what is missing into root/MNIST/raw. Raises FileNotFoundException where files are missing, FileFormatException for damaged ones.</summary>
    public MNIST(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false)
        : this("MNIST", digits, root, train, transform, target_transform, download) { }

    private protected MNIST(string name, string[] names, string root, bool train, ITransform? transform, Func<long, object>? target_transform, bool download) : base(root, transform, target_transform)
    {
        (this.train, classes, Channels, Side) = (train, names, 1, 28);
        var part = train ? "train" : "t10k";
        string[] wanted = [$"{part}-images-idx3-ubyte", $"{part}-labels-idx1-ubyte"];
        var raw = Path.Combine(root, name, "raw");
        string[] folders = [raw, root];
        string? Find(string file) => folders.SelectMany(f => new[] { Path.Combine(f, file), Path.Combine(f, file + ".gz") }).FirstOrDefault(File.Exists);
        // Only the digits have a downloader, which checks what it fetches.
        if (download && name == "MNIST" && wanted.Any(w => Find(w) is null)) Mnist.tryDownload(raw);
        if (wanted.Any(w => Find(w) is null)) throw Missing(raw, download, wanted.Where(w => Find(w) is null));

        var (images, labels) = (Idx.load(Find(wanted[0])!), Idx.load(Find(wanted[1])!));
        if (images.Shape is not [var n, 28, 28] || labels.Shape is not [var m] || n != m || !images.Dtype.IsUInt8 || !labels.Dtype.IsUInt8)
            throw new FileFormatException($"'{root}': {part} has images {ShapeModule.format(images.Shape)} and labels {ShapeModule.format(labels.Shape)}; expected uint8 [n, 28, 28] and [n]");
        (Bytes, Labels) = (images.Data.ToArray(), [.. labels.Data.ToArray().Select(b => (long)b)]);
    }

    /// <summary>Whether these are the examples to learn from.</summary>
    public bool train { get; }
}

/// <summary>Zalando's pieces of clothing, in the files of MNIST.</summary>
public sealed class FashionMNIST(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false)
    : MNIST("FashionMNIST", ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"], root, train, transform, target_transform, download);
