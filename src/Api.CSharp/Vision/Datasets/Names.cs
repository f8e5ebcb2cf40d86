using System.Text.Json;

namespace Functional.Torch;

using Functional.Torch.Modules;

public static partial class torchvision
{
    /// <summary>Data sets of images. They are read from files; what is missing raises FileNotFoundException.</summary>
    public static partial class datasets
    {
        /// <summary>Handwritten digits: 60000 to learn from, 10000 to test with. `download` fetches what is missing.</summary>
        public static MNIST MNIST(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false) => new(root, train, transform, target_transform, download);
        /// <summary>Pieces of clothing, in the files of MNIST.</summary>
        public static FashionMNIST FashionMNIST(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false) => new(root, train, transform, target_transform, download);
        /// <summary>Coloured images of 32 x 32 of ten classes.</summary>
        public static CIFAR10 CIFAR10(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false) => new(root, train, transform, target_transform, download);
        /// <summary>Coloured images of 32 x 32 of a hundred classes.</summary>
        public static CIFAR100 CIFAR100(string root, bool train = true, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false) => new(root, train, transform, target_transform, download);
        /// <summary>Coloured images of 96 x 96: the split train, test, unlabeled or train+unlabeled.</summary>
        public static STL10 STL10(string root, string split = "train", long? folds = null, ITransform? transform = null, Func<long, object>? target_transform = null, bool download = false) => new(root, split, folds, transform, target_transform, download);
        /// <summary>Image files in one folder for each class.</summary>
        public static ImageFolder ImageFolder(string root, ITransform? transform = null, Func<long, object>? target_transform = null, Func<string, Image>? loader = null, Func<string, bool>? is_valid_file = null) => new(root, transform, target_transform, loader, is_valid_file);
        /// <summary>COCO's images with captions.</summary>
        public static CocoCaptions CocoCaptions(string root, string annFile, ITransform? transform = null, Func<IReadOnlyList<string>, object>? target_transform = null) => new(root, annFile, transform, target_transform);
        /// <summary>COCO's images with the objects in them.</summary>
        public static CocoDetection CocoDetection(string root, string annFile, ITransform? transform = null, Func<IReadOnlyList<JsonElement>, object>? target_transform = null) => new(root, annFile, transform, target_transform);
        /// <summary>Scenes in LMDB data bases, which are not read here: raises UnsupportedException.</summary>
        public static LSUN LSUN(string root, string classes = "train", ITransform? transform = null, Func<long, object>? target_transform = null) => new(root, classes, transform, target_transform);
        /// <summary>Scenes of named categories and parts, as bedroom_train.</summary>
        public static LSUN LSUN(string root, IEnumerable<string> classes, ITransform? transform = null, Func<long, object>? target_transform = null) => new(root, classes, transform, target_transform);
    }
}
