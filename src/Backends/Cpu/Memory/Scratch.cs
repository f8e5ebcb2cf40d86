namespace Functional.Cpu;

/// <summary>Room for the temporaries of one kernel, taken from the pool and given back at the end of the scope.</summary>
internal readonly unsafe ref struct Scratch<T> : IDisposable
    where T : unmanaged
{
    private readonly int sizeClass;

    /// <summary>Room for <paramref name="count"/> elements, 64-byte aligned, with undefined content.</summary>
    public Scratch(long count)
    {
        sizeClass = SizeClass.Of(count * sizeof(T));
        Pointer = (T*)CpuMemory.Take(sizeClass);
    }

    public T* Pointer { get; }

    public void Dispose() => CpuMemory.Return((nint)Pointer, sizeClass);
}
