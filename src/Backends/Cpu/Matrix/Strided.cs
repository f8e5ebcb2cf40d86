namespace Functional.Cpu;

/// <summary>A matrix in memory: element (i, j) lies at <c>Data + i * Row + j * Column</c>.</summary>
internal readonly unsafe struct Strided<T>(T* data, nint row, nint column)
    where T : unmanaged
{
    public readonly T* Data = data;
    public readonly nint Row = row;
    public readonly nint Column = column;

    public T* At(nint i, nint j) => Data + i * Row + j * Column;

    public Strided<T> From(nint i, nint j) => new(At(i, j), Row, Column);

    public Strided<T> Transposed => new(Data, Column, Row);
}
