namespace Functional.Cpu;

/// <summary>Cuts a length into near-equal parts.</summary>
internal static class Partition
{
    public static int Parts(int length, int largest) => (length + largest - 1) / largest;

    public static int RoundUp(int length, int multiple) => (length + multiple - 1) / multiple * multiple;

    /// <summary>The size of equal parts none of which exceeds <paramref name="largest"/>, rounded up to a multiple.</summary>
    public static int Even(int length, int largest, int multiple) =>
        length <= largest ? Math.Max(1, length) : RoundUp(Parts(length, Parts(length, largest)), multiple);
}
