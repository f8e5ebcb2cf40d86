namespace Functional.Torch.Modules;

using static Functional.Torch.torchvision;

/// <summary>Coloured images of 32 x 32: Python's pickles (root/cifar-10-batches-py) or the plain records (root/cifar-10-batches-bin).</summary>
public class CIFAR10 : StoredImages
{
    static readonly string[] batches = ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"];

    /// <summary>Images of ten classes. Raises FileNotFoundException where files are missing, FileFormatException for damaged ones.</summary>
    public CIFAR10(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false)
        : this("cifar-10-batches-py", "cifar-10-batches-bin", train ? batches : ["test_batch"], "labels", "batches.meta", "label_names", 1, root, train, transform, target_transform, download) { }

    private protected CIFAR10(string folder, string records, string[] files, string labels, string meta, string names, int labelBytes, string root, bool train, ITransform? transform, Func<long, object>? target_transform, bool download) : base(root, transform, target_transform)
    {
        (this.train, Side) = (train, 32);
        var (pickles, plain) = (Path.Combine(root, folder), Path.Combine(root, records));
        var isPickled = Directory.Exists(pickles) || !Directory.Exists(plain);
        var place = isPickled ? pickles : plain;
        string[] wanted = isPickled ? [.. files, meta] : [.. files.Select(f => f + ".bin")];
        string[] missing = [.. wanted.Where(f => !File.Exists(Path.Combine(place, f)))];
        if (missing.Length > 0) throw Missing(place, missing);

        LabelledPictures[] parts = [.. files.Select(f => isPickled ? Cifar.loadPickle(Path.Combine(place, f), labels) : Cifar.loadRecords(Path.Combine(place, f + ".bin"), labelBytes))];
        (Bytes, Labels) = (new byte[parts.Sum(p => p.Pictures.Data.Length)], [.. parts.SelectMany(p => p.Classes).Select(c => (long)c)]);
        var at = 0;
        foreach (var part in parts)
        {
            part.Pictures.Data.CopyTo(Bytes.AsMemory(at));
            at += part.Pictures.Data.Length;
        }
        classes = isPickled ? Cifar.loadNames(Path.Combine(place, meta), names) : Names(plain);
    }

    // The plain records come with lists of names, one a line.
    static string[] Names(string folder)
    {
        string[] files = ["batches.meta.txt", "fine_label_names.txt"];
        var found = files.Select(f => Path.Combine(folder, f)).FirstOrDefault(File.Exists);
        return found is null ? [] : [.. File.ReadAllLines(found).Where(line => line.Length > 0)];
    }

    /// <summary>Whether these are the examples to learn from.</summary>
    public bool train { get; }
}

/// <summary>Coloured images of 32 x 32 of a hundred classes (the fine ones).</summary>
public sealed class CIFAR100(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false)
    : CIFAR10("cifar-100-python", "cifar-100-binary", [train ? "train" : "test"], "fine_labels", "meta", "fine_label_names", 2, root, train, transform, target_transform, download);
