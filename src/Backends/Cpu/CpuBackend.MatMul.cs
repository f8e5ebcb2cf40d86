using System.Numerics;

namespace Functional.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public Buffer MatMul(View a, View b)
    {
        if (a.Dtype.IsBool)
            throw Elements.Missing("matmul", a.Dtype);
        View left = HalfPrecision.Widen(a, out CpuBuffer? widenedLeft);
        View right = HalfPrecision.Widen(b, out CpuBuffer? widenedRight);
        long length = b.Shape[^1];
        foreach (int size in a.Shape.AsSpan(0, a.Shape.Length - 1))
            length *= size;
        if (length > int.MaxValue)
            throw new ShapeException(
                $"matmul: the product of shapes {ShapeModule.format(a.Shape)} and {ShapeModule.format(b.Shape)} has {length} elements, "
                + "more than a buffer can hold (2147483647)");
        if (Pairs.Are(a.Dtype))
            return ComplexMatMul(a, b, (int)length);
        var result = new CpuBuffer(left.Dtype, (int)length);
        Elements.Invoke("matmul", left.Dtype, new MatMulWork(left, right, result));
        widenedLeft?.Release();
        widenedRight?.Release();
        return HalfPrecision.Narrow(result, a.Dtype);
    }

    /// <summary>A matrix product once its element type is known.</summary>
    private readonly struct MatMulWork(View a, View b, CpuBuffer result) : IElementAction
    {
        public void Invoke<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            CpuBuffer aBuffer = CpuBuffer.Of(a), bBuffer = CpuBuffer.Of(b);
            int rank = a.Shape.Length;
            int m = a.Shape[rank - 2], k = a.Shape[rank - 1], n = b.Shape[rank - 1];
            fixed (byte* aData = aBuffer, bData = bBuffer, c = result)
            {
                var left = new Strided<T>((T*)aData + a.Offset, a.Strides[rank - 2], a.Strides[rank - 1]);
                var right = new Strided<T>((T*)bData + b.Offset, b.Strides[rank - 2], b.Strides[rank - 1]);
                int batch = 1;
                for (int i = 0; i < rank - 2; i++)
                    batch *= a.Shape[i];
                if (IsOneProduct(out nint row))
                    BatchedProduct<T>.Run(batch * m, n, k, new(left.Data, row, left.Column), right, (T*)c);
                else
                {
                    nint* offsets = ThreadScratch.Rent<nint>(ScratchUse.Offsets, 2 * (nint)batch);
                    Offsets(batch, a.Strides, offsets);
                    Offsets(batch, b.Strides, offsets + batch);
                    BatchedProduct<T>.Run(batch, offsets, offsets + batch, m, n, k, left, right, (T*)c);
                }
            }
            GC.KeepAlive(aBuffer);
            GC.KeepAlive(bBuffer);
            GC.KeepAlive(result);
        }

        /// <summary>Whether all rows of the batch lie evenly apart and meet the same matrix: then they are one tall matrix.</summary>
        private bool IsOneProduct(out nint row)
        {
            int rank = a.Shape.Length;
            row = a.Strides[rank - 2];
            bool found = false;
            long next = 0;
            for (int i = rank - 2; i >= 0; i--)
            {
                if (a.Shape[i] == 1)
                    continue;
                if (i < rank - 2 && b.Strides[i] != 0 || found && a.Strides[i] != next)
                    return false;
                if (!found)
                    row = a.Strides[i];
                found = true;
                next = (long)a.Strides[i] * a.Shape[i];
            }
            return true;
        }

        /// <summary>Where each matrix of the batch begins, relative to the first.</summary>
        private void Offsets(int batch, int[] strides, nint* offsets)
        {
            for (int index = 0; index < batch; index++)
            {
                nint offset = 0;
                int rest = index;
                for (int i = a.Shape.Length - 3; i >= 0; i--)
                {
                    (rest, int position) = Math.DivRem(rest, a.Shape[i]);
                    offset += (nint)position * strides[i];
                }
                offsets[index] = offset;
            }
        }
    }
}
