using System.Numerics;

namespace Functional.Cpu;

/// <summary>Folds over boxes as passes along depth, height and width; dimensions whose windows are single elements cost nothing.</summary>
internal static unsafe class WindowFold
{
    /// <summary>Elements of room that the passes of one plane take.</summary>
    public static long Room(in WindowLoops loops) => AfterDepth(loops) + AfterHeight(loops);

    public static void Run<T, TFold>(T* source, T* result, in WindowLoops loops, T* room)
        where T : unmanaged, INumber<T>
        where TFold : struct, IFold<T> =>
        Widest.Invoke<T, Passes<T, TFold>>(new Passes<T, TFold>(source, result, loops, room, false));

    public static void RunTransposed<T, TFold>(T* source, T* result, in WindowLoops loops, T* room)
        where T : unmanaged, INumber<T>
        where TFold : struct, IFold<T> =>
        Widest.Invoke<T, Passes<T, TFold>>(new Passes<T, TFold>(source, result, loops, room, true));

    // What lies between two passes: the dimensions before are done, those behind are not.
    private static long AfterDepth(in WindowLoops loops) => (long)loops.Depth.Output * loops.Height.Input * loops.Width.Input;

    private static long AfterHeight(in WindowLoops loops) => (long)loops.Depth.Output * loops.Height.Output * loops.Width.Input;

    private readonly struct Passes<T, TFold>(T* source, T* result, WindowLoops loops, T* room, bool transposed) : IVectorAction<T>
        where T : unmanaged
        where TFold : struct, IFold<T>
    {
        public void Invoke<S, V>()
            where S : struct, ISimd<V, T>
            where V : struct
        {
            var (depth, height, width) = (loops.Depth, loops.Height, loops.Width);
            T* first = room;
            T* second = room + AfterDepth(loops);
            if (!transposed)
            {
                T* slices = Pass<S, V>(source, first, depth, 1, height.Input * width.Input);
                T* rows = Pass<S, V>(slices, second, height, depth.Output, width.Input);
                WindowPass<S, V, T, TFold>.Fold(rows, result, width, depth.Output * height.Output, 1);
            }
            else
            {
                if (loops.Lines is { } lines)
                    lines.Run((float*)source, (float*)second, 0, depth.Output * height.Output);
                else
                    WindowPass<S, V, T, TFold>.Spread(source, second, width, depth.Output * height.Output, 1);
                T* target = depth.IsTrivial ? result : first;
                WindowPass<S, V, T, TFold>.Spread(second, target, height, depth.Output, width.Input);
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
