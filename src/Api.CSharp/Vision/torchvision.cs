namespace Functional.Torch;

/// <summary>What torchvision has for images, under its names: networks, transforms, operations on boxes, data sets.</summary>
public static partial class torchvision
{
    /// <summary>Networks for images. Their parameters have torchvision's names, so that its weight files load.</summary>
    public static partial class models { }
}
