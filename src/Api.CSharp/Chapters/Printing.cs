namespace Functional.Torch;
public static partial class torch
{
    public partial class Tensor
    {
        /// <inheritdoc/>
        public override string ToString() => $"tensor({ShapeModule.format(value.Shape)})";
    }
}
