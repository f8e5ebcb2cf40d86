using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Functional.Cpu;

/// <summary>The matrix kernels of one element type at one vector width. The runtime compiles each on its first call.</summary>
internal sealed unsafe class KernelSet<T>
    where T : unmanaged, INumberBase<T>
{
    private const int MaximalRows = 13;
    private readonly delegate*<nint, T*, nint, nint, T*, nint, T*, nint, bool, void>* tiles;

    private readonly delegate*<int, int*, T*, nint*, T*, nint, T*, nint, nint*, bool, void>* narrow;

    private readonly delegate*<int, int, T*, int*, nint*, T*, nint, nint*, T*, void>* narrowGradient;

    private KernelSet()
    {
        narrowGradient = (delegate*<int, int, T*, int*, nint*, T*, nint, nint*, T*, void>*)
            NativeMemory.AllocZeroed(NarrowProduct<T>.LargestRows, (nuint)sizeof(nint));
        narrow = (delegate*<int, int*, T*, nint*, T*, nint, T*, nint, nint*, bool, void>*)
            NativeMemory.AllocZeroed(NarrowProduct<T>.LargestRows, (nuint)sizeof(nint));
        tiles = (delegate*<nint, T*, nint, nint, T*, nint, T*, nint, bool, void>*)
            NativeMemory.AllocZeroed(2 * MaximalRows, (nuint)sizeof(nint));
    }

    /// <summary>For the widest vectors that this machine runs at full speed.</summary>
    public static KernelSet<T> Best { get; } =
        Vector512.IsHardwareAccelerated ? Create<Vector512<T>, Tile512<T>>()
        : Vector256.IsHardwareAccelerated ? Create<Vector256<T>, Tile256<T>>()
        : Create<Vector<T>, TilePortable<T>>();

    /// <summary>Rows of the largest tile.</summary>
    public int Rows { get; private init; }

    /// <summary>Elements in a vector.</summary>
    public int Lanes { get; private init; }

    /// <summary>Columns of the largest tile: two vectors.</summary>
    public int Columns => 2 * Lanes;

    /// <summary>Vectors that a narrow kernel works on at once.</summary>
    public int NarrowVectors => Rows > 6 ? 4 : 2;

    /// <inheritdoc cref="Packing{T, TVector, TLanes}.Rows"/>
    public delegate*<int, int, T*, nint, T*, void> PackRows { get; private init; }

    /// <inheritdoc cref="Packing{T, TVector, TLanes}.Columns"/>
    public delegate*<int, int, T*, nint, T*, void> PackColumns { get; private init; }

    /// <inheritdoc cref="Packing{T, TVector, TLanes}.LeftPanel"/>
    public delegate*<int, int, T*, nint, T*, void> PackLeftPanel { get; private init; }

    /// <inheritdoc cref="Packing{T, TVector, TLanes}.LeftRows"/>
    public delegate*<int, int, T*, nint, T*, void> PackLeftRows { get; private init; }

    /// <inheritdoc cref="Packing{T, TVector, TLanes}.ColumnsPart"/>
    public delegate*<int, int, T*, nint, T*, int, int, void> PackColumnsPart { get; private init; }

    /// <inheritdoc cref="Packing{T, TVector, TLanes}.Transpose"/>
    public delegate*<int, int, T*, nint, T*, nint, void> Transpose { get; private init; }

    /// <inheritdoc cref="PixelPacking{T, TVector, TLanes}.PackLines"/>
    public delegate*<int, int, int*, T*, nint*, int, int, T*, nint, void> PackLines { get; private init; }

    /// <inheritdoc cref="VectorProduct{T, TVector, TLanes}.TimesRows"/>
    public delegate*<int, int, T*, nint, T*, nint, T*, void> RowTimesRows { get; private init; }

    /// <inheritdoc cref="VectorProduct{T, TVector, TLanes}.TimesColumns"/>
    public delegate*<int, int, T*, T*, nint, T*, void> RowTimesColumns { get; private init; }

    /// <inheritdoc cref="VectorProduct{T, TVector, TLanes}.Sum"/>
    public delegate*<int, T*, T*, void> SumLanes { get; private init; }

    /// <inheritdoc cref="PixelPacking{T, TVector, TLanes}.PadLines"/>
    public delegate*<int, T*, nint, int, int, int, T*, void> PadLines { get; private init; }

    /// <inheritdoc cref="PixelPacking{T, TVector, TLanes}.SwapRuns"/>
    public delegate*<int, int, int, T*, nint, T*, nint, void> SwapRuns { get; private init; }

    /// <inheritdoc cref="PixelPacking{T, TVector, TLanes}.Pack"/>
    public delegate*<int, int*, T*, nint*, int, int, int, T*, void> PackPixels { get; private init; }

    /// <summary>All kernels for one vector type. Only <see cref="Best"/> is wanted outside of tests.</summary>
    public static KernelSet<T> Create<TVector, TLanes>()
        where TVector : struct
        where TLanes : ITileLanes<TVector, T>
    {
        var set = new KernelSet<T>
        {
            Rows = TLanes.TileRows,
            Lanes = TLanes.Count,
            PackRows = &Packing<T, TVector, TLanes>.Rows,
            PackColumns = &Packing<T, TVector, TLanes>.Columns,
            RowTimesRows = &VectorProduct<T, TVector, TLanes>.TimesRows,
            RowTimesColumns = &VectorProduct<T, TVector, TLanes>.TimesColumns,
            PackLeftPanel = &Packing<T, TVector, TLanes>.LeftPanel,
            PackLeftRows = &Packing<T, TVector, TLanes>.LeftRows,
            PackColumnsPart = &Packing<T, TVector, TLanes>.ColumnsPart,
            Transpose = &Packing<T, TVector, TLanes>.Transpose,
            PackLines = &PixelPacking<T, TVector, TLanes>.PackLines,
            SumLanes = &VectorProduct<T, TVector, TLanes>.Sum,
            PadLines = &PixelPacking<T, TVector, TLanes>.PadLines,
            SwapRuns = &PixelPacking<T, TVector, TLanes>.SwapRuns,
            PackPixels = &PixelPacking<T, TVector, TLanes>.Pack,
        };
        set.Add<TVector, TLanes, One>();
        set.Add<TVector, TLanes, Two>();
        set.Add<TVector, TLanes, Three>();
        set.Add<TVector, TLanes, Four>();
        set.Add<TVector, TLanes, Five>();
        set.Add<TVector, TLanes, Six>();
        set.Add<TVector, TLanes, Seven>();
        set.Add<TVector, TLanes, Eight>();
        set.Add<TVector, TLanes, Nine>();
        set.Add<TVector, TLanes, Ten>();
        set.Add<TVector, TLanes, Eleven>();
        set.Add<TVector, TLanes, Twelve>();
        set.Add<TVector, TLanes, Thirteen>();
        return set;
    }

    /// <summary>The kernels for tiles of one or two vectors, by rows - 1.</summary>
    public delegate*<nint, T*, nint, nint, T*, nint, T*, nint, bool, void>* Tiles(int vectors) =>
        tiles + (vectors - 1) * MaximalRows;

    /// <inheritdoc cref="NarrowKernel{T, TVector, TLanes, TRows}.Run"/>
    public delegate*<int, int*, T*, nint*, T*, nint, T*, nint, nint*, bool, void> Narrow(int rows) => narrow[rows - 1];

    /// <inheritdoc cref="NarrowGradientKernel{T, TVector, TLanes, TFilters}.Run"/>
    public delegate*<int, int, T*, int*, nint*, T*, nint, nint*, T*, void> NarrowGradient(int filters) => narrowGradient[filters - 1];

    private void Add<TVector, TLanes, TRows>()
        where TVector : struct
        where TLanes : ITileLanes<TVector, T>
        where TRows : unmanaged, ICount
    {
        if (sizeof(TRows) <= NarrowProduct<T>.LargestRows)
        {
            narrow[sizeof(TRows) - 1] = &NarrowKernel<T, TVector, TLanes, TRows>.Run;
            narrowGradient[sizeof(TRows) - 1] = &NarrowGradientKernel<T, TVector, TLanes, TRows>.Run;
        }
        tiles[sizeof(TRows) - 1] = &TileKernel<T, TVector, TLanes, TRows, One>.Run;
        tiles[MaximalRows + sizeof(TRows) - 1] = &TileKernel<T, TVector, TLanes, TRows, Two>.Run;
    }
}
