namespace Functional.Torch.Modules;

using static Functional.Torch.torch;
using static Functional.Torch.torchvision;
using F = Functional.Torch.torchvision.transforms.functional;

/// <summary>A transform of images as tensors [..., C, H, W], or as Images, which stay Images.</summary>
public abstract class ImageTransform : nn.Module<Tensor, Tensor>, ITransform
{
    /// <summary>What becomes of an image.</summary>
    public virtual Image call(Image img) => F.to_pil_image(OfPixels(F.pil_to_tensor(img)));

    /// <summary>What becomes of an Image's bytes [C, H, W].</summary>
    private protected virtual Tensor OfPixels(Tensor pixels) => call(pixels);

    object ITransform.call(object img) => img switch
    {
        Tensor tensor => call(tensor),
        Image image => call(image),
        _ => throw new ArgumentValueException($"img should be PIL Image or Tensor. Got {img.GetType().Name}"),
    };
}

/// <summary>A transform of an image into several.</summary>
public abstract class ManyCrops : nn.Module<Tensor, Tensor[]>, ITransform
{
    /// <summary>What becomes of an image.</summary>
    public Image[] call(Image img) => [.. call(F.pil_to_tensor(img)).Select(crop => F.to_pil_image(crop))];

    object ITransform.call(object img) => img switch
    {
        Tensor tensor => call(tensor),
        Image image => call(image),
        _ => throw new ArgumentValueException($"img should be PIL Image or Tensor. Got {img.GetType().Name}"),
    };
}

/// <summary>A transform made of others, whatever these take and give.</summary>
public abstract class Combined : ITransform
{
    /// <summary>What becomes of an image.</summary>
    public abstract object apply(object img);

    object ITransform.call(object img) => apply(img);

    /// <summary>What becomes of an image, which must be a tensor. Raises ArgumentValueException where it is none.</summary>
    public Tensor call(Tensor img) => Expect(apply(img));
    /// <inheritdoc cref="call(Tensor)"/>
    public Tensor call(Image img) => Expect(apply(img));
    /// <inheritdoc cref="call(Tensor)"/>
    public Tensor call(Array pic) => Expect(apply(pic));

    static Tensor Expect(object result) =>
        result as Tensor ?? throw new ArgumentValueException($"the transforms gave no tensor but {result.GetType().Name}: ask for it with apply, or end with ToTensor");

    private protected static object Through(IEnumerable<ITransform> transforms, object img) => transforms.Aggregate(img, (x, t) => t.call(x));
}

/// <summary>Transforms one after the other.</summary>
public sealed class Compose(IEnumerable<ITransform> transforms) : Combined
{
    /// <summary>The transforms in order.</summary>
    public IReadOnlyList<ITransform> transforms { get; } = [.. transforms];
    /// <inheritdoc/>
    public override object apply(object img) => Through(transforms, img);
}

/// <summary>A function as a transform.</summary>
public sealed class Lambda : Combined
{
    readonly Func<object, object> lambd;

    /// <summary>A function of whatever the transform before gives.</summary>
    public Lambda(Func<object, object> lambd) => this.lambd = lambd;

    /// <inheritdoc/>
    public override object apply(object img) => lambd(img);
}

/// <summary>An Image or an array [H, W, C] of bytes as a float tensor [C, H, W] from 0 to 1; arrays of other elements stay as they are.</summary>
public sealed class ToTensor : ITransform
{
    /// <summary>The image as a tensor.</summary>
    public Tensor call(Image pic) => F.to_tensor(pic);
    /// <summary>The array as a tensor.</summary>
    public Tensor call(Array pic) => F.to_tensor(pic);
    object ITransform.call(object img) => img switch
    {
        Image image => call(image),
        Array array => call(array),
        _ => throw new ArgumentValueException($"pic should be PIL Image or ndarray. Got {img.GetType().Name}"),
    };
}

/// <summary>An Image as a tensor uint8 [C, H, W].</summary>
public sealed class PILToTensor : ITransform
{
    /// <summary>The image as a tensor.</summary>
    public Tensor call(Image pic) => F.pil_to_tensor(pic);
    object ITransform.call(object img) => call(img as Image ?? throw new ArgumentValueException($"pic should be PIL Image. Got {img.GetType().Name}"));
}

/// <summary>A tensor [C, H, W] or an array [H, W, C] as an Image; floats are multiplied by 255.</summary>
public sealed class ToPILImage(string? mode = null) : ITransform
{
    /// <summary>The mode that images must have, if one was asked for.</summary>
    public string? mode { get; } = mode;
    /// <summary>The tensor as an image.</summary>
    public Image call(Tensor pic) => F.to_pil_image(pic, mode);
    /// <summary>The array as an image.</summary>
    public Image call(Array pic) => F.to_pil_image(pic, mode);
    object ITransform.call(object img) => img switch
    {
        Tensor tensor => call(tensor),
        Array array => call(array),
        _ => throw new ArgumentValueException($"pic should be Tensor or ndarray. Got {img.GetType().Name}."),
    };
}
