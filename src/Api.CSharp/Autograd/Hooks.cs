namespace Functional.Torch;

public static partial class torch
{
    /// <summary>A registered hook: removed by remove(), or at the end of a using block.</summary>
    public sealed class HookHandle(Action remove) : IDisposable
    {
        /// <summary>Removes the hook.</summary>
        public void remove() => remove_();
        /// <summary>Removes the hook.</summary>
        public void Dispose() => remove_();
        readonly Action remove_ = remove;
    }

    public static partial class autograd
    {
        /// <summary>The step back through a recorded operation: a place in the graph that backward() walks.</summary>
        public sealed class GradientFunction : IEquatable<GradientFunction>
        {
            readonly TapeNode place;

            internal GradientFunction(TapeNode place) => this.place = place;

            /// <summary>What PyTorch calls this step, as in MulBackward0; AccumulateGrad for a leaf.</summary>
            public string name() => place.Name;

            /// <summary>The steps that follow, one for each argument of the operation; null for what needs no gradient.</summary>
            public IReadOnlyList<(GradientFunction? function, long index)> next_functions =>
                place.Primitive.IsValueNone ? [] : [.. place.Arguments.Select(a => (History.Of(a) is { } next ? new GradientFunction(next) : null, 0L))];

            /// <summary>The leaf that AccumulateGrad adds to; null elsewhere.</summary>
            public Tensor? variable => place.Primitive.IsValueNone ? place.Owner as Tensor : null;

            /// <summary>Whether both are the same place in the graph.</summary>
            public bool Equals(GradientFunction? other) => ReferenceEquals(place, other?.place);
            /// <inheritdoc/>
            public override bool Equals(object? obj) => Equals(obj as GradientFunction);
            /// <inheritdoc/>
            public override int GetHashCode() => RuntimeHelpers.GetHashCode(place);
            /// <inheritdoc/>
            public override string ToString() => $"<{name()}>";
        }
    }
}
