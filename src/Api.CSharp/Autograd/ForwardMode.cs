namespace Functional.Torch;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>Forward mode: tensors that carry a direction with them.</summary>
        public static class forward_ad
        {
            [ThreadStatic] static DualLevel? current;

            /// <summary>The innermost level of this thread.</summary>
            internal static DualLevel? Current { get => current; set => current = value; }

            /// <summary>Tensors carry directions until it is disposed of.</summary>
            public sealed class DualLevel : IDisposable
            {
                internal Level Level { get; } = Level.Open("forward_ad", null!)!;
                readonly DualLevel? outer = current;

                internal DualLevel() => current = this;

                /// <summary>Ends the level; dual tensors that are used afterwards raise DifferentiationException.</summary>
                public void Dispose()
                {
                    Level.Close();
                    current = outer;
                }
            }

            /// <summary>Opens a level: <c>using (autograd.forward_ad.dual_level()) { ... }</c> Levels may be nested.</summary>
            public static DualLevel dual_level() => new();

            static Level Running(DualLevel? level) =>
                (level ?? current)?.Level ?? throw new DifferentiationException("Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first.");

            /// <summary>A tensor that moves in direction `tangent`, which has its shape and dtype.</summary>
            public static Tensor make_dual(Tensor tensor, Tensor tangent, DualLevel? level = null)
            {
                if (!tensor.is_floating_point() && !tensor.is_complex())
                    throw new DtypeException($"Expected primal to be floating point or complex, but got: {Named(tensor)}");
                if (tangent.dtype != tensor.dtype)
                    throw new DtypeException($"Expected tangent to have the same dtype as the primal, {Named(tensor)}, but got: {Named(tangent)}");
                if (!tensor.is_same_size(tangent))
                    throw new ShapeException($"Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size {ShapeModule.format(tensor.Core.Shape)} while the given forward gradient is of size {ShapeModule.format(tangent.Core.Shape)}.");
                return new(CoreTensor.NewDual(Running(level), tensor.Core, tangent.Core));
            }

            /// <summary>The value of a tensor and its direction: null where it has none.</summary>
            public static (Tensor primal, Tensor? tangent) unpack_dual(Tensor tensor, DualLevel? level = null) =>
                tensor.Recorded is CoreTensor.Dual dual && ReferenceEquals(dual.level, Running(level)) ? (new(dual.primal), new(dual.tangent)) : (tensor, null);
        }
    }
}
