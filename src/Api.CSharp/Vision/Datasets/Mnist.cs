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
        var raw = Path.Combine(root, name, "raw");
        string? Whole() => new[] { raw, root }.FirstOrDefault(folder => Mnist.missing(folder, train).IsEmpty);
        // Only the digits have a downloader, which checks what it fetches.
        var isFetched = name == "MNIST";
        if (download && isFetched && Whole() is null) Mnist.tryDownload(raw);
        var part = Mnist.loadPart(Whole() ?? throw Missing(raw, Mnist.missing(raw, train), isFetched ? download : null), train);
        (Bytes, Labels) = (part.Images.Data.ToArray(), [.. part.Labels.Data.ToArray().Select(b => (long)b)]);
    }

    /// <summary>Whether these are the examples to learn from.</summary>
    public bool train { get; }
}

/// <summary>Zalando's pieces of clothing, in the files of MNIST.</summary>
public sealed class FashionMNIST(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false)
    : MNIST("FashionMNIST", ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"], root, train, transform, target_transform, download);
