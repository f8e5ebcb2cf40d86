using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer Scatter(ScatterMode mode, View target, int axis, View index, View source)
    {
        CpuBuffer indices = CpuBuffer.Of(index);
        // Setting moves elements of any kind; the other modes compute.
        CpuBuffer? wideTarget = null;
        CpuBuffer? wideSource = null;
        View into = mode.IsScatterSet ? target : HalfPrecision.Widen(target, out wideTarget);
        View from = mode.IsScatterSet ? source : HalfPrecision.Widen(source, out wideSource);
        fixed (byte* at = indices)
        {
            long* first = (long*)at + index.Offset;
            IndexCheck.Run("scatter", index, first, axis, SizeAlong(target, axis));
            var result = new CpuBuffer(into.Dtype, ShapeModule.count(target.Shape));
            int[] strides = ShapeModule.rowMajor(target.Shape);
            Dtype element = into.Dtype;
            int[] inner = WithoutAxis(strides, axis);
            int along = strides.Length == 0 ? 0 : strides[axis];
            if (Pairs.Are(element))
            {
                if (!mode.IsScatterSet && !mode.IsScatterAdd)
                    throw Elements.Missing("scatter", element);
                (from, index, element) = (Pairs.Of(from), Pairs.Twice(index), DtypeModule.toReal(element));
                (inner, along) = (Pairs.Strides(inner), 2 * along);
            }
            LoopNest nest = LoopNest.Of(index.Shape, from.Shape.Length == 0 ? [] : from.Strides, index.Strides, inner);
            bool takesRows = axis == 0 && result.Length > 0 && !Pairs.Are(into.Dtype) && RowScatter<int>.Takes(nest, along);
            View? byRows = takesRows && RowScatter<int>.TakesTarget(into) ? into : null;
            if (byRows is null)
            {
                fixed (byte* to = result)
                    Gather(into, to);
            }
            var scattering = new Scattering(mode, from, first, result, along, nest, byRows);
            Elements.Invoke("scatter", mode.IsScatterSet ? SameSize(element) : element, scattering);
            wideTarget?.Release();
            wideSource?.Release();
            GC.KeepAlive(indices);
            return mode.IsScatterSet ? result : HalfPrecision.Narrow(result, target.Dtype);
        }
    }

    /// <summary>The integer dtype that moves elements of this one as they are.</summary>
    private static Dtype SameSize(Dtype dtype) => DtypeModule.size(dtype) switch
    {
        1 => Dtype.UInt8,
        2 => Dtype.Int16,
        4 => Dtype.Int32,
        8 => Dtype.Int64,
        _ => throw Elements.Missing("scatter", dtype),
    };

    /// <summary>A scatter once its elements are known.</summary>
    private readonly struct Scattering(
        ScatterMode mode, View source, long* index, CpuBuffer result, nint axisStride, LoopNest nest, View? target) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer buffer = CpuBuffer.Of(source);
            fixed (byte* from = buffer, to = result)
                Folds.Invoke<T, Folding<T>>(mode, new Folding<T>((T*)from + source.Offset, index, (T*)to, axisStride, nest, target, result.IsCold));
            GC.KeepAlive(buffer);
            GC.KeepAlive(result);
        }

        private readonly struct Folding<T>(T* source, long* index, T* result, nint axisStride, LoopNest nest, View? target, bool isCold)
            : IFoldAction<T>
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            public void Invoke<TFold>()
                where TFold : struct, IFold<T> =>
                Widest.Invoke<T, Vectors<TFold>>(new Vectors<TFold>(source, index, result, axisStride, nest, target, isCold));

            private readonly struct Vectors<TFold>(T* source, long* index, T* result, nint axisStride, LoopNest nest, View? target, bool isCold)
                : IVectorAction<T>
                where TFold : struct, IFold<T>
            {
                public void Invoke<S, V>()
                    where S : struct, ISimd<V, T>
                    where V : struct
                {
                    if (target is not { } rows)
                    {
                        ScatterKernel.Run<S, V, T, TFold>(source, index, result, axisStride, nest);
                        return;
                    }
                    CpuBuffer elements = CpuBuffer.Of(rows);
                    fixed (byte* first = elements)
                        new RowScatter<T>(source, index, result, nest, rows, (T*)first, isCold).Run<S, V, TFold>();
                    GC.KeepAlive(elements);
                }
            }
        }
    }
}
