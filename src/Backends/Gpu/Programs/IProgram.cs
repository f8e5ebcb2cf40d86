namespace Functional.Gpu;

/// <summary>A compiled program as a kernel's argument: views, strides and numbers are its fields.</summary>
/// <typeparam name="TSelf">The compiled struct.</typeparam>
internal interface IProgram<TSelf>
    where TSelf : struct, IProgram<TSelf>
{
    /// <summary>The struct for one call.</summary>
    static abstract TSelf Create(ProgramCall call);

    /// <summary>Computes and stores everything at a position.</summary>
    void Store(int index);
}

/// <summary>A compiled program whose only result is handed on instead of stored.</summary>
/// <typeparam name="TSelf">The compiled struct.</typeparam>
/// <typeparam name="TValue">The type of the result's register.</typeparam>
internal interface IValueProgram<TSelf, TValue>
    where TSelf : struct, IValueProgram<TSelf, TValue>
    where TValue : unmanaged
{
    /// <inheritdoc cref="IProgram{TSelf}.Create"/>
    static abstract TSelf Create(ProgramCall call);

    /// <summary>The result at a position, rounded to the dtype it would be stored in.</summary>
    TValue At(int index);
}
