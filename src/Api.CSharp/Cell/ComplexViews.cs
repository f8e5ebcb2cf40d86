namespace Functional.Torch;

/// <summary>One part of complex numbers.</summary>
internal sealed class PartOf(bool isReal) : View
{
    public override CoreTensor Read(CoreTensor source) => isReal ? Complexes.real(source) : Complexes.imag(source);

    public override CoreTensor Write(CoreTensor source, CoreTensor part) =>
        isReal ? Complexes.complex(part, Complexes.imag(source)) : Complexes.complex(Complexes.real(source), part);

    public override Layout? Place(Layout source) =>
        new Layout(source.Shape, [.. source.Strides.Select(s => 2 * s)], 2 * source.Offset + (isReal ? 0 : 1));
}

/// <summary>The conjugates of complex numbers.</summary>
internal sealed class Conjugated : View
{
    public override CoreTensor Read(CoreTensor source) => Complexes.conj(source);
    public override CoreTensor Write(CoreTensor source, CoreTensor part) => Complexes.conj(part);
    public override Layout? Place(Layout source) => source;
}

/// <summary>Complex numbers as pairs of real ones.</summary>
internal sealed class AsPairs : View
{
    public override CoreTensor Read(CoreTensor source) => Complexes.viewAsReal(source);
    public override CoreTensor Write(CoreTensor source, CoreTensor part) => Complexes.viewAsComplex(part);

    public override Layout? Place(Layout source) =>
        new Layout([.. source.Shape, 2], [.. source.Strides.Select(s => 2 * s), 1], 2 * source.Offset);
}

/// <summary>Pairs of real numbers as complex ones.</summary>
internal sealed class AsComplex : View
{
    public override CoreTensor Read(CoreTensor source) => Complexes.viewAsComplex(source);
    public override CoreTensor Write(CoreTensor source, CoreTensor part) => Complexes.viewAsReal(part);

    public override Layout? Place(Layout source) =>
        new Layout(source.Shape[..^1], [.. source.Strides[..^1].Select(s => s / 2)], source.Offset / 2);
}
