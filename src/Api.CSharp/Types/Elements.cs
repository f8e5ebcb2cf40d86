using System.Collections;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Functional.Torch;

/// <summary>Between elements in tensors and numbers of C#.</summary>
internal static class Elements
{
    static readonly Dictionary<Type, torch.ScalarType> types = new()
    {
        [typeof(byte)] = torch.ScalarType.Byte,
        [typeof(sbyte)] = torch.ScalarType.Int8,
        [typeof(short)] = torch.ScalarType.Int16,
        [typeof(int)] = torch.ScalarType.Int32,
        [typeof(long)] = torch.ScalarType.Int64,
        [typeof(Half)] = torch.ScalarType.Float16,
        [typeof(float)] = torch.ScalarType.Float32,
        [typeof(double)] = torch.ScalarType.Float64,
        [typeof(bool)] = torch.ScalarType.Bool,
        [typeof(Complex)] = torch.ScalarType.ComplexFloat64,
        [typeof((float, float))] = torch.ScalarType.ComplexFloat32,
    };

    public static torch.ScalarType TypeOf<T>() =>
        types.TryGetValue(typeof(T), out var type) ? type : throw new DtypeException($"no dtype holds elements of type {typeof(T).Name}");

    public static T[] Read<T>(CoreTensor tensor) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(Functional.Creation.toBytes(History.Without(tensor)).AsSpan()).ToArray();

    public static Complex[] Complexes(CoreTensor tensor) => Read<Complex>(Engine.cast(Dtype.Complex128, tensor));

    public static CoreTensor Tensor<T>(ReadOnlySpan<T> data, int[] shape, IBackend? backend = null) where T : unmanaged
    {
        var dtype = TypeOf<T>().Core();
        return Functional.Creation.ofBytes(backend ?? Backend.current(), dtype, shape, MemoryMarshal.AsBytes(data));
    }

    public static T As<T>(Scalar number) where T : unmanaged
    {
        object result = default(T) switch
        {
            float => number.ToSingle(),
            double => number.ToDouble(),
            int => number.ToInt32(),
            long => number.ToInt64(),
            short => (short)number.ToInt64(),
            byte => (byte)number.ToInt64(),
            sbyte => (sbyte)number.ToInt64(),
            bool => number.ToBoolean(),
            Half => (Half)number.ToDouble(),
            Complex => number.Value.AsComplex,
            _ => throw new DtypeException($"a number of a tensor cannot be of type {typeof(T).Name}"),
        };
        return (T)result;
    }
}

/// <summary>The elements of a tensor, row-major, read once.</summary>
public sealed class TensorAccessor<T> : IEnumerable<T> where T : unmanaged
{
    readonly T[] items;

    internal TensorAccessor(T[] items) => this.items = items;

    /// <summary>The number of elements.</summary>
    public long Count => items.Length;
    /// <summary>An element by its place in row-major order.</summary>
    public T this[long index] => items[index];
    /// <summary>The elements as an array of their own.</summary>
    public T[] ToArray() => (T[])items.Clone();
    /// <summary>Copies the elements.</summary>
    public void CopyTo(T[] array, int arrayIndex = 0) => items.CopyTo(array, arrayIndex);
    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();
}
