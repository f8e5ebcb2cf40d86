using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Functional.Torch.Tests;

using Functional.Contract;
using static Functional.Torch.torch;
using D = Functional.Torch.torchvision.datasets;
using F = Functional.Torch.torchvision.transforms.functional;
using Image = Functional.Torch.torchvision.Image;
using T = Functional.Torch.torchvision.transforms;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Data sets of images (H561 to H575), read from real files beside the checkout, or from small ones that are written here.</summary>
public static class VisionDatasetTests
{
    /// <summary>A folder of the real data beside the checkout; without it the test is skipped.</summary>
    static string Shared(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "shared", "data", name))) return Path.Combine(folder.FullName, "shared", "data", name);
        throw new SkipException($"shared/data/{name} is not beside the checkout");
    }

    static long Sum(Tensor t) => sum(t.to(int64)).ToInt64();

    /// <summary>H561, H569, H570, H571, H572</summary>
    public static void Mnist()
    {
        var digits = D.MNIST(Shared("mnist"), train: false, transform: T.Compose(T.ToTensor(), T.Normalize(0.1307, 0.3081)), target_transform: t => t + 1);
        Check.Equal(10000L, digits.Count);
        Check.Equal("7 - seven", digits.classes[7]);
        Check.SequenceEqual([7L, 2, 1, 0, 4], digits.targets.Take(5));
        var example = digits[0];
        Check.SequenceEqual([1L, 28, 28], example[0].shape);
        Check.Equal(8L, example[1].ToInt64());
        Check.Close((18454 / 255.0 - 784 * 0.1307) / 0.3081, sum(example[0]).ToDouble(), 1e-4);

        var raw = D.MNIST(Shared("mnist"), train: true);
        Check.Equal(60000L, raw.Count);
        Check.True(raw[0][0].dtype == uint8);
        var batch = utils.data.DataLoader(digits, batch_size: 32).First();
        Check.SequenceEqual([32L, 1, 28, 28], batch[0].shape);
        Check.SequenceEqual([8L, 3, 2, 1, 5], batch[1].data<long>().Take(5));
        Check.Throws<IndexException>(() => digits.GetTensor(10000), "list index out of range");
    }

    public static void Fashion_mnist()
    {
        var clothes = D.FashionMNIST(Shared("fashion-mnist"), train: false);
        Check.SequenceEqual([9L, 2, 1, 1, 6], clothes.targets.Take(5));
        Check.Equal(33456L, Sum(clothes[0][0]));
        Check.Equal(9L, clothes.class_to_idx["Ankle boot"]);
        Check.Throws<FileNotFoundException>(() => D.FashionMNIST(Shared("fashion-mnist"), train: true, download: true), "Dataset not found");
    }

    /// <summary>H572: nothing is fetched unless it is asked for.</summary>
    public static void Missing_files() => TemporaryFolder.Use(folder =>
    {
        foreach (Action make in new Action[] { () => D.MNIST(folder), () => D.CIFAR10(folder), () => D.CIFAR100(folder, train: false), () => D.STL10(folder), () => D.CIFAR10(folder, download: true) })
            Check.Throws<FileNotFoundException>(make, "Dataset not found");
        Check.Throws<FileNotFoundException>(() => D.ImageFolder(folder), "Couldn't find any class folder in");
        Check.Throws<FileNotFoundException>(() => D.CocoCaptions(folder, Path.Combine(folder, "none.json")), "No such file or directory");
    });

    /// <summary>H566: real images as plain records.</summary>
    public static void Cifar10_records()
    {
        var file = Path.Combine(Shared("cifar10"), "test_batch_first1000.bin.gz");
        TemporaryFolder.Use(folder =>
        {
            Directory.CreateDirectory(Path.Combine(folder, "cifar-10-batches-bin"));
            using (var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress))
            using (var plain = File.Create(Path.Combine(folder, "cifar-10-batches-bin", "test_batch.bin")))
                packed.CopyTo(plain);
            var images = D.CIFAR10(folder, train: false, transform: T.PILToTensor());
            Check.Equal(1000L, images.Count);
            var example = images[0];
            Check.Equal(3L, example[1].ToInt64());
            Check.Equal(332962L, Sum(example[0]));
            Check.SequenceEqual([158L, 159, 165, 166], example[0].flatten().to(int64).data<long>().Take(4));
        });
    }

    // A pickle as Python 2 wrote the batches: a dict of numpy's bytes [n, 3072] and a list of labels.
    static byte[] Batch(byte[][] images, byte[] labels, string name)
    {
        using var stream = new MemoryStream();
        void Put(string text) => stream.Write(Encoding.Latin1.GetBytes(text));
        void Key(string text) => Put("U" + (char)text.Length + text);
        Put("\u0080\u0002}(");
        Key("data");
        Put("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\u0085U\u0001btR(K\u0001(K" + (char)images.Length + "M\0\u000c" + "tcnumpy\ndtype\nU\u0002u1K\0K\u0001\u0087R(K\u0003U\u0001|NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tb\u0089T");
        stream.Write(BitConverter.GetBytes(images.Sum(i => i.Length)));
        foreach (var image in images) stream.Write(image);
        Put("tb");
        Key(name);
        Put("](" + string.Concat(labels.Select(l => "K" + (char)l)) + "eu.");
        return stream.ToArray();
    }

    static byte[] Names(string key, params string[] names) =>
        Encoding.Latin1.GetBytes("\u0080\u0002}U" + (char)key.Length + key + "](" + string.Concat(names.Select(n => "U" + (char)n.Length + n)) + "es.");

    static byte[] Picture(int seed) => [.. Enumerable.Range(0, 3072).Select(i => (byte)(i * 7 + seed))];

    /// <summary>H566, H567</summary>
    public static void Cifar_pickles() => TemporaryFolder.Use(folder =>
    {
        void Write(string name, byte[] content)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
        for (var i = 1; i <= 5; i++) Write($"cifar-10-batches-py/data_batch_{i}", Batch([Picture(i), Picture(10 + i)], [(byte)i, 9], "labels"));
        Write("cifar-10-batches-py/batches.meta", Names("label_names", "airplane", "automobile"));
        var ten = D.CIFAR10(folder);
        Check.Equal(10L, ten.Count);
        Check.SequenceEqual([1L, 9, 2, 9, 3, 9, 4, 9, 5, 9], ten.targets);
        Check.SequenceEqual(["airplane", "automobile"], ten.classes);
        Check.SequenceEqual(Picture(12), ten[3][0].flatten().data<byte>());

        Write("cifar-100-python/test", Batch([Picture(3)], [99], "fine_labels"));
        Write("cifar-100-python/meta", Names("fine_label_names", "apple"));
        Check.Equal(99L, D.CIFAR100(folder, train: false)[0][1].ToInt64());
        // What is no array of bytes is refused, whatever it names.
        Write("cifar-100-python/test", Encoding.Latin1.GetBytes("\u0080\u0002cos\nsystem\nU\u0004true\u0085R."));
        Check.Throws<FileFormatException>(() => D.CIFAR100(folder, train: false), "os.system");
        Write("cifar-100-python/test", Batch([Picture(3)], [1, 2], "fine_labels"));
        Check.Throws<FileFormatException>(() => D.CIFAR100(folder, train: false), "expected uint8 [n, 3072] and n");
    });

    /// <summary>H568, H575: channels are stored column by column; without labels there is -1.</summary>
    public static void Stl10() => TemporaryFolder.Use(folder =>
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, "stl10_binary")).FullName;
        byte[] Shifted(int by) => [.. Enumerable.Range(0, 3 * 96 * 96).Select(i => (byte)(i * 5 + i / 96 + by))];
        File.WriteAllBytes(Path.Combine(place, "train_X.bin"), [.. Shifted(0), .. Shifted(1), .. Shifted(2)]);
        File.WriteAllBytes(Path.Combine(place, "train_y.bin"), [3, 1, 10]);
        File.WriteAllBytes(Path.Combine(place, "unlabeled_X.bin"), Shifted(9));
        File.WriteAllText(Path.Combine(place, "fold_indices.txt"), "2 0\n1\n");
        File.WriteAllText(Path.Combine(place, "class_names.txt"), "airplane\nbird\n");
        var all = D.STL10(folder, "train+unlabeled");
        Check.SequenceEqual([2L, 0, 9, -1], all.targets);
        Check.SequenceEqual(["airplane", "bird"], all.classes);
        var stored = tensor(Shifted(1)).reshape(3, 96, 96);
        Check.True(equal(stored.transpose(1, 2), all[1][0]));
        Check.True(equal(tensor(Shifted(9)).reshape(3, 96, 96).transpose(1, 2), all[-1][0]));
        var fold = D.STL10(folder, folds: 0);
        Check.SequenceEqual([9L, 2], fold.targets);
        Check.True(equal(tensor(Shifted(2)).reshape(3, 96, 96).transpose(1, 2), fold[0][0]));
        Check.Throws<ArgumentValueException>(() => D.STL10(folder, "all"), "Unknown value 'all' for argument split.");
    });

    /// <summary>H565</summary>
    public static void Folders() => TemporaryFolder.Use(folder =>
    {
        foreach (var (name, grey) in new[] { ("cats/b.png", 10), ("cats/deep/a.png", 20), ("ants/c.png", 30) })
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            new Image(2, 3, "L", [.. Enumerable.Repeat((byte)grey, 6)]).save(path);
        }
        File.WriteAllText(Path.Combine(folder, "cats", "notes.txt"), "");
        var images = D.ImageFolder(folder, transform: T.ToTensor());
        Check.SequenceEqual(["ants", "cats"], images.classes);
        Check.Equal(1L, images.class_to_idx["cats"]);
        Check.SequenceEqual(["c.png", "b.png", "a.png"], images.samples.Select(s => Path.GetFileName(s.path)));
        Check.SequenceEqual([0L, 1, 1], images.targets);
        Check.SequenceEqual([3L, 3, 2], images[2][0].shape);
        Check.Close(20 / 255.0, images[2][0][0, 0, 0].ToDouble());
        Directory.CreateDirectory(Path.Combine(folder, "bees"));
        Check.Throws<FileNotFoundException>(() => D.ImageFolder(folder), "Found no valid file for the classes bees.");
        File.WriteAllBytes(Path.Combine(folder, "bees", "x.png"), [1, 2, 3]);
        Check.Throws<FileFormatException>(() => D.ImageFolder(folder).GetTensor(1), "cannot identify image file");
    });

    public static void Photographs()
    {
        var photo = Image.open(Path.Combine(Shared("images"), "natural", "grace_hopper_517x606.jpg"));
        Check.Equal((517, 606, "RGB"), (photo.Width, photo.Height, photo.Mode));
        Check.Equal("L", photo.convert("L").Mode);
    }

    /// <summary>A damaged file gives an image, as far as it can be read, or the typed error, and the reader comes to an end.</summary>
    public static void Damaged_images()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Shared("images"), "damaged")))
        {
            try
            {
                var image = Image.open(file);
                Check.Equal(image.Width * image.Height * image.Channels, image.Pixels.Length);
            }
            catch (FileFormatException error)
            {
                Check.True(error.Message.StartsWith("cannot identify image file"));
            }
        }
    }

    /// <summary>H563, H570, H571, H573</summary>
    public static void Coco_detection()
    {
        var (root, file) = (Path.Combine(Shared("coco"), "image_folder_coco"), Path.Combine(Shared("coco"), "burn_dataset_coco.json"));
        var images = D.CocoDetection(root, annFile: file, transform: T.ToTensor());
        Check.SequenceEqual([0L, 1, 2], images.ids);
        var (image, target) = images[0];
        Check.SequenceEqual([3L, 32, 32], image.shape);
        var objects = (IReadOnlyList<JsonElement>)target;
        Check.Close(3.1251719394773056, objects[0].GetProperty("bbox")[0].GetDouble());
        var boxes = D.CocoDetection(root, file, target_transform: all => tensor(all.Select(a => a.GetProperty("area").GetDouble()).ToArray()));
        Check.Close(117.711883, ((Tensor)boxes[0].target)[0].ToDouble());
    }

    /// <summary>H562</summary>
    public static void Coco_captions() => TemporaryFolder.Use(folder =>
    {
        new Image(2, 2, "L", [1, 2, 3, 4]).save(Path.Combine(folder, "one.png"));
        var file = Path.Combine(folder, "captions.json");
        File.WriteAllText(file, """{"images":[{"id":7,"file_name":"one.png"}],"annotations":[{"id":1,"image_id":7,"caption":"four dots"},{"id":2,"image_id":7,"caption":"a square"}]}""");
        var captions = D.CocoCaptions(folder, file);
        Check.SequenceEqual(["four dots", "a square"], (IReadOnlyList<string>)captions[0].target);
        Check.SequenceEqual([1L, 2, 3, 4], captions[0].image[0].flatten().to(int64).data<long>());
        var loader = utils.data.DataLoader(captions, batch => batch.Select(b => ((IReadOnlyList<string>)b.target).Count).Sum());
        Check.Equal(2, loader.Single());
        File.WriteAllText(file, "[]");
        Check.Throws<FileFormatException>(() => D.CocoCaptions(folder, file), "holds no annotations of COCO");
    });

    /// <summary>H564, H574: LMDB is not read, and that is said.</summary>
    public static void Lsun() => TemporaryFolder.Use(folder =>
    {
        Check.Throws<ArgumentValueException>(() => D.LSUN(folder, "all"), "Unknown value 'all' for argument classes.");
        Check.Throws<ArgumentValueException>(() => D.LSUN(folder, classes: new[] { "garden_train" }), "Unknown value 'garden' for LSUN class.");
        Check.Throws<FileNotFoundException>(() => D.LSUN(folder, classes: new[] { "bedroom_train" }), "bedroom_train_lmdb");
        Directory.CreateDirectory(Path.Combine(folder, "bedroom_train_lmdb"));
        Check.Throws<UnsupportedException>(() => D.LSUN(folder, classes: new[] { "bedroom_train" }), "LMDB");
    });
}
