using System.Text.Json;

namespace Functional.Torch.Modules;

using static Functional.Torch.torch;
using static Functional.Torch.torchvision;

/// <summary>Image files in one folder for each class: the classes are the folders' names in order.</summary>
public sealed class ImageFolder : VisionDataset
{
    static readonly string[] endings = [".jpg", ".jpeg", ".png", ".bmp", ".tga", ".gif"];
    readonly Func<string, Image> loader;

    /// <summary>`loader` reads a file, by default as RGB; `is_valid_file` says which files count, by default those that name a format of images. Raises FileNotFoundException where there are no classes, or one without files.</summary>
    public ImageFolder(string root, ITransform? transform = null, Func<long, object>? target_transform = null, Func<string, Image>? loader = null, Func<string, bool>? is_valid_file = null) : base(root, transform, target_transform)
    {
        this.loader = loader ?? (path => Image.open(path).convert("RGB"));
        is_valid_file ??= path => endings.Contains(Path.GetExtension(path).ToLowerInvariant());
        string[] names = Directory.Exists(root) ? [.. Directory.GetDirectories(root).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)] : [];
        if (names.Length == 0) throw new FileNotFoundException($"Couldn't find any class folder in {root}.");
        classes = names;
        samples = [.. names.SelectMany((name, i) => Files(Path.Combine(root, name)).Where(is_valid_file).Select(path => (path, (long)i)))];
        var empty = names.Where((_, i) => samples.All(s => s.label != i)).ToArray();
        if (empty.Length > 0) throw new FileNotFoundException($"Found no valid file for the classes {string.Join(", ", empty)}. Supported extensions are: {string.Join(", ", endings)}");
    }

    // Folder by folder in order, and the files of each in order.
    static IEnumerable<string> Files(string folder) =>
        Directory.GetDirectories(folder, "*", SearchOption.AllDirectories).Prepend(folder).Order(StringComparer.Ordinal)
            .SelectMany(d => Directory.GetFiles(d).Order(StringComparer.Ordinal));

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> classes { get; }
    /// <summary>Class numbers by name.</summary>
    public IReadOnlyDictionary<string, long> class_to_idx => classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => (long)c.i);
    /// <summary>All files with their class numbers.</summary>
    public IReadOnlyList<(string path, long label)> samples { get; }
    /// <inheritdoc cref="samples"/>
    public IReadOnlyList<(string path, long label)> imgs => samples;
    /// <summary>The class numbers of all files.</summary>
    public IReadOnlyList<long> targets => [.. samples.Select(s => s.label)];
    /// <inheritdoc/>
    public override long Count => samples.Count;
    private protected override (Image, long) Example(long index) => (loader(samples[(int)index].path), samples[(int)index].label);
}

/// <summary>Images of COCO with what is said of them: an image is a tensor as in other data sets, a target a list, or what `target_transform` makes of it.</summary>
public abstract class Coco<T> : torch.utils.data.Dataset<(Tensor image, object target)>
{
    readonly ITransform? transform;
    readonly Func<IReadOnlyList<T>, object>? target_transform;
    readonly string root;
    readonly Dictionary<long, string> files = [];
    readonly Dictionary<long, List<T>> annotations = [];

    /// <summary>Reads annotations. Raises FileNotFoundException, FileFormatException for what are none.</summary>
    private protected Coco(string root, string annFile, ITransform? transform, Func<IReadOnlyList<T>, object>? target_transform)
    {
        (this.root, this.transform, this.target_transform) = (root, transform, target_transform);
        if (!File.Exists(annFile)) throw new FileNotFoundException($"[Errno 2] No such file or directory: '{annFile}'", annFile);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(annFile));
            foreach (var image in json.RootElement.GetProperty("images").EnumerateArray())
                files[image.GetProperty("id").GetInt64()] = image.GetProperty("file_name").GetString()!;
            foreach (var annotation in json.RootElement.GetProperty("annotations").EnumerateArray())
            {
                var id = annotation.GetProperty("image_id").GetInt64();
                if (!annotations.TryGetValue(id, out var list)) annotations[id] = list = [];
                list.Add(Said(annotation));
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FileFormatException($"'{annFile}' holds no annotations of COCO: {error.Message}");
        }
        ids = [.. files.Keys.Order()];
    }

    private protected abstract T Said(JsonElement annotation);

    /// <summary>The numbers of the images in COCO, in order.</summary>
    public IReadOnlyList<long> ids { get; }
    /// <inheritdoc/>
    public override long Count => ids.Count;

    /// <summary>An image and what is said of it. Raises IndexException, FileNotFoundException where the image is missing.</summary>
    public override (Tensor image, object target) GetTensor(long index)
    {
        if (index < -Count || index >= Count) throw new IndexException($"list index out of range: {index} in a data set of {Count} examples");
        var id = ids[(int)(index < 0 ? index + Count : index)];
        IReadOnlyList<T> said = annotations.TryGetValue(id, out var list) ? list : [];
        var image = Image.open(Path.Combine(root, files[id])).convert("RGB");
        return (VisionDataset.Pixels(transform, image), target_transform is null ? said : target_transform(said));
    }
}

/// <summary>Images with captions: a target is a list of strings.</summary>
public sealed class CocoCaptions(string root, string annFile, ITransform? transform = null, Func<IReadOnlyList<string>, object>? target_transform = null)
    : Coco<string>(root, annFile, transform, target_transform)
{
    private protected override string Said(JsonElement annotation) => annotation.GetProperty("caption").GetString() ?? "";
}

/// <summary>Images with objects in them: a target is a list of annotations as they stand in the file (bbox, category_id, segmentation ...).</summary>
public sealed class CocoDetection(string root, string annFile, ITransform? transform = null, Func<IReadOnlyList<JsonElement>, object>? target_transform = null)
    : Coco<JsonElement>(root, annFile, transform, target_transform)
{
    private protected override JsonElement Said(JsonElement annotation) => annotation.Clone();
}

/// <summary>Scenes in LMDB data bases, which are not read here: making one says so.</summary>
public sealed class LSUN : VisionDataset
{
    static readonly string[] categories = ["bedroom", "bridge", "church_outdoor", "classroom", "conference_room", "dining_room", "kitchen", "living_room", "restaurant", "tower"];
    static readonly string[] parts = ["train", "val", "test"];

    /// <summary>`classes`: train, val or test. Raises as the constructor with a list.</summary>
    public LSUN(string root, string classes = "train", ITransform? transform = null, Func<long, object>? target_transform = null)
        : this(root, parts.Contains(classes) ? (classes == "test" ? ["test"] : [.. categories.Select(c => $"{c}_{classes}")]) : throw new ArgumentValueException($"Unknown value '{classes}' for argument classes. Valid values are {{'train', 'val', 'test'}}."), transform, target_transform) { }

    /// <summary>`classes`: categories with their part, as bedroom_train. Raises ArgumentValueException for others, FileNotFoundException where a data base is missing, UnsupportedException where it is there.</summary>
    public LSUN(string root, IEnumerable<string> classes, ITransform? transform = null, Func<long, object>? target_transform = null) : base(root, transform, target_transform)
    {
        this.classes = [.. classes];
        foreach (var name in this.classes.Where(c => c != "test"))
        {
            var end = Math.Max(name.LastIndexOf('_'), 0);
            var (category, part) = (name[..end], name[end..].TrimStart('_'));
            if (!categories.Contains(category)) throw new ArgumentValueException($"Unknown value '{category}' for LSUN class. Valid values are {{'{string.Join("', '", categories)}'}}.");
            if (!parts.Contains(part)) throw new ArgumentValueException($"Unknown value '{part}' for postfix. Valid values are {{'train', 'val', 'test'}}.");
        }
        string[] missing = [.. this.classes.Select(c => c + "_lmdb").Where(d => !Directory.Exists(Path.Combine(root, d)))];
        if (missing.Length > 0) throw Missing(root, missing);
        throw new UnsupportedException("torchvision.datasets.LSUN", "file", "its images lie in LMDB data bases; export them to folders and read those with ImageFolder");
    }

    /// <summary>The categories with their parts.</summary>
    public IReadOnlyList<string> classes { get; }
    /// <inheritdoc/>
    public override long Count => 0;
    private protected override (Image, long) Example(long index) => throw new IndexException($"list index out of range: {index}");
}
