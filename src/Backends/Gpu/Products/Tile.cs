using System.Numerics;

namespace Functional.Gpu;

/// <summary>Four neighbours in a row. Loads of it from shared memory are one instruction.</summary>
internal struct Quad<T>(T x, T y, T z, T w)
    where T : unmanaged, IAdditionOperators<T, T, T>, IMultiplyOperators<T, T, T>
{
    public T X = x;
    public T Y = y;
    public T Z = z;
    public T W = w;

    public readonly Quad<T> Plus(T factor, Quad<T> other) => new(X + factor * other.X, Y + factor * other.Y, Z + factor * other.Z, W + factor * other.W);

    public readonly Quad<T> Times(T factor) => new(X * factor, Y * factor, Z * factor, W * factor);
}

/// <summary>Four rows and four columns of a product, in registers: what one thread computes.</summary>
internal struct Tile<T>(Quad<T> first, Quad<T> second, Quad<T> third, Quad<T> fourth)
    where T : unmanaged, IAdditionOperators<T, T, T>, IMultiplyOperators<T, T, T>
{
    public Quad<T> First = first;
    public Quad<T> Second = second;
    public Quad<T> Third = third;
    public Quad<T> Fourth = fourth;

    /// <summary>Adds the product of a column of four and a row of four.</summary>
    public readonly Tile<T> Plus(Quad<T> column, Quad<T> row) =>
        new(First.Plus(column.X, row), Second.Plus(column.Y, row), Third.Plus(column.Z, row), Fourth.Plus(column.W, row));

    /// <summary>Every row times a factor of its own.</summary>
    public readonly Tile<T> Times(Quad<T> factors) =>
        new(First.Times(factors.X), Second.Times(factors.Y), Third.Times(factors.Z), Fourth.Times(factors.W));
}
