namespace Functional.Torch.Modules;

using static Functional.Torch.torch;
using static Functional.Torch.torchvision;

/// <summary>
/// Images with labels, by number: an image is a tensor, what `transform` makes of it or its bytes [C, H, W]; a label is what
/// `target_transform` makes of the class number (a number or a tensor), or the number itself, int64.
/// </summary>
public abstract class VisionDataset(string root, ITransform? transform, Func<long, object>? target_transform) : torch.utils.data.Dataset<IList<Tensor>>
{
    /// <summary>The folder that the data set was looked for in.</summary>
    public string root { get; } = root;
    /// <summary>What becomes of images.</summary>
    public ITransform? transform { get; } = transform;
    /// <summary>What becomes of class numbers.</summary>
    public Func<long, object>? target_transform { get; } = target_transform;

    private protected abstract (Image Image, long Label) Example(long index);

    /// <summary>An image and its label. Raises IndexException where there is none of this number; negative ones count from the end.</summary>
    public override IList<Tensor> GetTensor(long index)
    {
        if (index < -Count || index >= Count) throw new IndexException($"list index out of range: {index} in a data set of {Count} examples");
        var (image, label) = Example(index < 0 ? index + Count : index);
        return [Pixels(transform, image), Target(target_transform is null ? label : target_transform(label))];
    }

    /// <summary>What a transform makes of an image, as a tensor.</summary>
    internal static Tensor Pixels(ITransform? transform, Image image) => (transform is null ? image : transform.call(image)) switch
    {
        Tensor tensor => tensor,
        Image plain => transforms.functional.pil_to_tensor(plain),
        var other => throw new ArgumentValueException($"default_collate: batch must contain tensors, but the transform gave {other.GetType().Name}"),
    };

    static Tensor Target(object target) => target switch
    {
        Tensor tensor => tensor,
        long or int or byte or bool => torch.tensor(System.Convert.ToInt64(target)),
        double or float => torch.tensor(System.Convert.ToDouble(target), get_default_dtype()),
        var other => throw new ArgumentValueException($"default_collate: batch must contain tensors or numbers, but target_transform gave {other.GetType().Name}"),
    };

    /// <summary>What is said where files are missing of a data set that can be downloaded (`download` is whether that was asked for) or cannot.</summary>
    internal static Exception Missing(string folder, IEnumerable<string> files, bool? download = null)
    {
        var advice = download switch
        {
            null => ", and this data set is not downloaded here: put its files in place",
            false => ". You can use download=True to download it",
            true => ", and it could not be downloaded",
        };
        return new FileNotFoundException($"Dataset not found{advice}: '{folder}' lacks {string.Join(", ", files)}");
    }
}

/// <summary>Images of one size that lie in memory, with class numbers.</summary>
public abstract class StoredImages : VisionDataset
{
    /// <summary>Images uint8 [n, ...] and class numbers, once they are read.</summary>
    private protected StoredImages(string root, ITransform? transform, Func<long, object>? target_transform) : base(root, transform, target_transform) { }

    private protected byte[] Bytes { get; set; } = [];
    /// <summary>The bytes of one image, channel by channel, as they are stored.</summary>
    private protected virtual void Fetch(long index, Span<byte> target) => Bytes.AsSpan(checked((int)(index * target.Length)), target.Length).CopyTo(target);
    private protected long[] Labels { get; set; } = [];
    private protected int Channels { get; init; } = 3;
    private protected int Side { get; init; }
    /// <summary>Whether the bytes of a channel go down its columns.</summary>
    private protected bool IsColumnwise { get; init; }

    /// <summary>The class numbers of all images.</summary>
    public IReadOnlyList<long> targets => Labels;
    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> classes { get; private protected set; } = [];
    /// <summary>Class numbers by name.</summary>
    public IReadOnlyDictionary<string, long> class_to_idx => classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => (long)c.i);
    /// <inheritdoc/>
    public override long Count => Labels.Length;

    private protected override (Image, long) Example(long index)
    {
        var size = Side * Side;
        var (from, pixels) = (new byte[Channels * size], new byte[Channels * size]);
        Fetch(index, from);
        for (var c = 0; c < Channels; c++)
            for (var i = 0; i < size; i++)
                pixels[(IsColumnwise ? i % Side * Side + i / Side : i) * Channels + c] = from[c * size + i];
        return (new Image(Side, Side, Channels == 1 ? "L" : "RGB", pixels), Labels[index]);
    }
}
