namespace Functional.Cpu;

/// <summary>
/// What every function of this backend is written in: a register of equal lanes, read as floating-point numbers or,
/// by the members named Integer, as integers of the same width. Vectors implement it, and so does the tracer of the
/// kernel compiler: one description of a function gives the helpers, the tile interpreter and the compiled kernels,
/// with the same bits in all of them.
/// </summary>
/// <typeparam name="TSelf">The register itself.</typeparam>
internal interface ILanes<TSelf> where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Whether lanes have 64 bits rather than 32; constant for the compiler.</summary>
    static abstract bool IsDouble { get; }

    /// <summary>The number in every lane, rounded to the lane's precision.</summary>
    static abstract TSelf Constant(double value);

    /// <summary>One of two numbers in every lane: the first in lanes of 32 bits, the second in lanes of 64.</summary>
    static abstract TSelf Constant(double single, double real);

    /// <summary>One of two functions: the first for lanes of 32 bits, the second for lanes of 64. The other is never compiled.</summary>
    static abstract TSelf ByPrecision<TSingle, TDouble>(TSelf x) where TSingle : struct, IUnaryFunction where TDouble : struct, IUnaryFunction;

    /// <summary>
    /// One of two functions, for lanes of 32 bits: the first where one instruction looks a register up in a table, the second elsewhere, and
    /// either for all registers of a machine. The other is never compiled.
    /// </summary>
    static abstract TSelf ByTables<TTables, TOther>(TSelf x) where TTables : struct, IUnaryFunction where TOther : struct, IUnaryFunction;

    /// <summary>The numbers of a table at the places that the low four bits of each lane tell; for lanes of 32 bits.</summary>
    static abstract TSelf Lookup<TTable>(TSelf index) where TTable : struct, ITable;

    /// <summary>The integer in every lane.</summary>
    static abstract TSelf Integer(long value);

    static abstract TSelf operator +(TSelf a, TSelf b);
    static abstract TSelf operator -(TSelf a, TSelf b);
    static abstract TSelf operator *(TSelf a, TSelf b);
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>The sign bit flipped.</summary>
    static abstract TSelf operator -(TSelf a);
    static abstract TSelf operator &(TSelf a, TSelf b);
    static abstract TSelf operator |(TSelf a, TSelf b);
    static abstract TSelf operator ^(TSelf a, TSelf b);
    static abstract TSelf operator ~(TSelf a);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf a, TSelf b, TSelf c);
    static abstract TSelf Sqrt(TSelf a);
    static abstract TSelf Floor(TSelf a);
    static abstract TSelf Ceiling(TSelf a);

    /// <summary>To the nearest integer, ties to the even one.</summary>
    static abstract TSelf Round(TSelf a);
    static abstract TSelf Truncate(TSelf a);

    /// <summary>The smaller number; which one is given for nan or for two zeros is up to the hardware, except that a nan in b is kept.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>The larger number; which one is given for nan or for two zeros is up to the hardware, except that a nan in b is kept.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>All bits where a is less than b; a nan is never.</summary>
    static abstract TSelf Less(TSelf a, TSelf b);

    /// <summary>All bits where a is at most b; a nan is never.</summary>
    static abstract TSelf LessOrEqual(TSelf a, TSelf b);

    /// <summary>All bits where a equals b; a nan never does.</summary>
    static abstract TSelf Equal(TSelf a, TSelf b);

    /// <summary>The first where the mask has all bits, the second where it has none.</summary>
    static abstract TSelf Select(TSelf mask, TSelf whenTrue, TSelf whenFalse);

    static abstract TSelf IntegerAdd(TSelf a, TSelf b);
    static abstract TSelf IntegerSubtract(TSelf a, TSelf b);
    static abstract TSelf IntegerMultiply(TSelf a, TSelf b);
    static abstract TSelf IntegerLess(TSelf a, TSelf b);
    static abstract TSelf IntegerEqual(TSelf a, TSelf b);
    static abstract TSelf ShiftLeft(TSelf a, int count);

    /// <summary>Shifts the sign in.</summary>
    static abstract TSelf ShiftRight(TSelf a, int count);

    /// <summary>Shifts zeros in.</summary>
    static abstract TSelf ShiftRightLogical(TSelf a, int count);

    /// <summary>The integer nearest to zero's side of a number in range; nan gives 0, what is out of range the nearest bound.</summary>
    static abstract TSelf ToInteger(TSelf a);

    /// <summary>The number nearest to an integer.</summary>
    static abstract TSelf FromInteger(TSelf a);

    /// <summary>x * 2^n for a whole n, rounded once.</summary>
    static abstract TSelf Scale(TSelf x, TSelf n);

    /// <summary>The exponent of a positive finite number as a number, subnormals included.</summary>
    static abstract TSelf Exponent(TSelf x);

    /// <summary>The significand of a positive finite number in [1, 2), subnormals included.</summary>
    static abstract TSelf Mantissa(TSelf x);

    /// <summary>The value, but where the mask has all bits what the function gives for x, lane by lane.</summary>
    static abstract TSelf Patch<TMap>(TSelf mask, TSelf value, TSelf x) where TMap : struct, ILaneMap;

    /// <summary>The value, but where the mask has all bits what the function gives for x and y, lane by lane.</summary>
    static abstract TSelf Patch2<TMap>(TSelf mask, TSelf value, TSelf x, TSelf y) where TMap : struct, ILaneMap2;

    /// <summary>A function computed lane by lane.</summary>
    static abstract TSelf Map<TMap>(TSelf x) where TMap : struct, ILaneMap;

    /// <summary>A function of two numbers computed lane by lane.</summary>
    static abstract TSelf Map2<TMap>(TSelf x, TSelf y) where TMap : struct, ILaneMap2;
}

/// <summary>Lanes that are a vector register: they can be loaded and stored.</summary>
/// <typeparam name="TSelf">The register itself.</typeparam>
internal unsafe interface IVector<TSelf> : ILanes<TSelf> where TSelf : struct, IVector<TSelf>
{
    /// <summary>The size of a register; constant for the compiler.</summary>
    static abstract int Bytes { get; }

    static abstract TSelf Load(byte* address);

    void Store(byte* address);
}
