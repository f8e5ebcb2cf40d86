namespace Functional.Torch.Modules;

using static Functional.Torch.torchvision;

/// <summary>Coloured images of 96 x 96 of ten classes, and many without labels, in root/stl10_binary.</summary>
public sealed class STL10 : StoredImages
{
    const int size = 3 * 96 * 96;
    // The images without labels are more than one array holds, so all stay in their files.
    readonly List<(string File, long Position)> places = [];
    static readonly string[] splits = ["train", "train+unlabeled", "unlabeled", "test"];

    /// <summary>
    /// `split`: train, test, unlabeled or train+unlabeled; images without labels have -1. `folds`, 0 to 9, keeps one of the ten parts of train.
    /// Raises ArgumentValueException for others, FileNotFoundException where files are missing, FileFormatException for damaged ones.
    /// </summary>
    public STL10(string root, string split = "train", long? folds = null, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false) : base(root, transform, target_transform)
    {
        if (!splits.Contains(split)) throw new ArgumentValueException($"Unknown value '{split}' for argument split. Valid values are {{'{string.Join("', '", splits)}'}}.");
        if (folds is < 0 or > 9) throw new ArgumentValueException($"Value for argument folds should be in the range [0, 10), but got {folds}.");
        (this.split, Side, IsColumnwise) = (split, 96, true);
        var folder = Path.Combine(root, "stl10_binary");
        string[] parts = split.Split('+');
        string[] missing = [.. parts.SelectMany(p => p == "unlabeled" ? new[] { "unlabeled_X.bin" } : [p + "_X.bin", p + "_y.bin"]).Where(f => !File.Exists(Path.Combine(folder, f)))];
        if (missing.Length > 0) throw Missing(folder, missing);

        foreach (var part in parts)
        {
            var file = Path.Combine(folder, part + "_X.bin");
            var (bytes, count) = (new FileInfo(file).Length, new FileInfo(file).Length / size);
            long[] labels = part == "unlabeled" ? [.. Enumerable.Repeat(-1L, (int)count)] : [.. File.ReadAllBytes(Path.Combine(folder, part + "_y.bin")).Select(b => b - 1L)];
            if (bytes != count * size || labels.Length != count) throw new FileFormatException($"'{folder}': {part} has {bytes} bytes of images and {labels.Length} labels; expected {size} bytes for each label");
            var kept = part == "train" && folds is { } fold ? Fold(folder, fold, (int)count) : [.. Enumerable.Range(0, (int)count)];
            places.AddRange(kept.Select(i => (file, (long)i * size)));
            Labels = [.. Labels, .. kept.Select(i => labels[i])];
        }
        var names = Path.Combine(folder, "class_names.txt");
        if (File.Exists(names)) classes = File.ReadAllLines(names);
    }

    static int[] Fold(string folder, long fold, int count)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "fold_indices.txt"));
        int[] kept = lines.Length <= fold ? [] : [.. lines[fold].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => int.TryParse(w, out var i) ? i : -1)];
        return kept.Length > 0 && kept.All(i => i >= 0 && i < count) ? kept : throw new FileFormatException($"'{folder}': fold_indices.txt has no fold {fold} of images that are there");
    }

    private protected override void Fetch(long index, Span<byte> target)
    {
        var (file, position) = places[(int)index];
        using var handle = File.OpenHandle(file);
        for (int filled = 0, got; filled < target.Length; filled += got)
            if ((got = RandomAccess.Read(handle, target[filled..], position + filled)) == 0)
                throw new FileFormatException($"unexpected end of file: '{file}' shrank while it was read");
    }

    /// <summary>Which part of the data set this is.</summary>
    public string split { get; }
}
