namespace Functional.Torch.Tests;

/// <summary>The assertions themselves: each must fail when what it claims is wrong.</summary>
public static class CheckTests
{
    static void Fails(Action action) => Check.Throws<CheckException>(action);

    public static void TrueFailsOnFalse()
    {
        Check.True(1 < 2);
        Fails(() => Check.True(2 < 1));
    }

    public static void EqualComparesValues()
    {
        Check.Equal("a", "a");
        Fails(() => Check.Equal(1, 2));
        Fails(() => Check.SequenceEqual([1, 2], [2, 1]));
    }

    public static void NearIsRelative()
    {
        Check.Near([1e-9, 0, -2], [1.0000001e-9, 0, -2], 1e-6);
        Fails(() => Check.Near([1e-9], [1.1e-9], 1e-6));
        Fails(() => Check.Near([0], [1e-300], 1e-6));
        Fails(() => Check.Near([1], [double.NaN], 1e-6));
        Fails(() => Check.Near([1], [1, 2], 1e-6));
    }

    public static void CloseKnowsSpecialValues()
    {
        Check.Close(double.NaN, double.NaN);
        Check.Close(double.PositiveInfinity, double.PositiveInfinity);
        Check.Close(1e9, 1e9 + 1);
        Fails(() => Check.Close(1, double.NaN));
        Fails(() => Check.Close(double.NaN, 1));
        Fails(() => Check.Close(double.PositiveInfinity, double.NegativeInfinity));
        Fails(() => Check.Close(double.PositiveInfinity, 1));
        Fails(() => Check.Close([1.0, 2.0], [1.0]));
        Fails(() => Check.Close([1.0, 2.0], [1.0, 2.1]));
    }

    public static void ThrowsLooksAtTypeAndMessage()
    {
        Check.Equal("boom", Check.Throws<InvalidOperationException>(() => throw new InvalidOperationException("boom"), "oo").Message);
        Fails(() => Check.Throws<InvalidOperationException>(() => { }));
        Fails(() => Check.Throws<InvalidOperationException>(() => throw new InvalidOperationException("boom"), "other"));
    }
}
