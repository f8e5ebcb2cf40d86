using System.Numerics;

namespace Functional.Cpu;

/// <summary>Folds over boxes as passes along depth, height and width; dimensions whose windows are single elements cost nothing.</summary>
internal static unsafe class WindowFold
{
    public static void Run<T, TFold>(T* source, T* result, in WindowLoops loops)
        where T : unmanaged, INumber<T>
        where TFold : struct, IFold<T> =>
        Widest.Invoke<T, Passes<T, TFold>>(new Passes<T, TFold>(source, result, loops, false));

    public static void RunTransposed<T, TFold>(T* source, T* result, in WindowLoops loops)
        where T : unmanaged, INumber<T>
        where TFold : struct, IFold<T> =>
        Widest.Invoke<T, Passes<T, TFold>>(new Passes<T, TFold>(source, result, loops, true));

    private readonly struct Passes<T, TFold>(T* source, T* result, WindowLoops loops, bool transposed) : IVectorAction<T>
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var (depth, height, width) = (loops.Depth, loops.Height, loops.Width);
            // What lies between two passes: the dimensions before are done, those behind are not.
            int afterDepth = depth.Output * height.Input * width.Input;
            int afterHeight = depth.Output * height.Output * width.Input;
            using var first = new Scratch<T>(afterDepth);
            using var second = new Scratch<T>(afterHeight);
            if (!transposed)
            {
                T* slices = Pass<S, V>(source, first.Pointer, depth, 1, height.Input * width.Input);
                T* rows = Pass<S, V>(slices, second.Pointer, height, depth.Output, width.Input);
                WindowPass<S, V, T, TFold>.Fold(rows, result, width, depth.Output * height.Output, 1);
            }
            else
            {
                WindowPass<S, V, T, TFold>.Spread(source, second.Pointer, width, depth.Output * height.Output, 1);
                T* target = depth.IsTrivial ? result : first.Pointer;
                WindowPass<S, V, T, TFold>.Spread(second.Pointer, target, height, depth.Output, width.Input);
                if (!depth.IsTrivial)
                    WindowPass<S, V, T, TFold>.Spread(target, result, depth, 1, height.Input * width.Input);
            }
        }

        private static T* Pass<S, V>(T* from, T* to, in WindowDimension dimension, int outer, int inner)
            where S : struct, ISimd<V, T>
            where V : struct
        {
            if (dimension.IsTrivial)
                return from;
            WindowPass<S, V, T, TFold>.Fold(from, to, dimension, outer, inner);
            return to;
        }
    }
}
