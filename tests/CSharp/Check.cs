using System.Runtime.CompilerServices;

namespace Functional.Torch.Tests;

/// <summary>What a C# test says when something is not as it should be.</summary>
public sealed class CheckException(string message) : Exception(message);

/// <summary>What a C# test says when it cannot be made here.</summary>
public sealed class SkipException(string message) : Exception(message);

/// <summary>The assertions of the C# tests. Each names the expression that failed.</summary>
public static class Check
{
    /// <summary>Fails unless <paramref name="condition"/> holds.</summary>
    public static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        if (!condition) throw new CheckException($"expected to be true: {expression}");
    }

    /// <summary>Fails unless both are equal.</summary>
    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string expression = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new CheckException($"{expression}: expected {expected}, was {actual}");
    }

    /// <summary>Fails unless both hold the same elements in the same order.</summary>
    public static void SequenceEqual<T>(IEnumerable<T> expected, IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string expression = "")
    {
        var (wanted, found) = (expected.ToArray(), actual.ToArray());
        if (!wanted.SequenceEqual(found))
            throw new CheckException($"{expression}: expected [{string.Join(", ", wanted)}], was [{string.Join(", ", found)}]");
    }

    /// <summary>Fails unless the values agree within <paramref name="tolerance"/> times max(1, |expected|). nan equals nan, an infinity itself.</summary>
    public static void Close(double expected, double actual, double tolerance = 1e-6, [CallerArgumentExpression(nameof(actual))] string expression = "")
    {
        // Equals, not ==, so that nan agrees with nan; the difference of equal infinities would be nan.
        var agrees = expected.Equals(actual) || Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected));
        if (!agrees || (double.IsInfinity(expected) && !expected.Equals(actual)))
            throw new CheckException($"{expression}: expected {expected:R}, was {actual:R}");
    }

    /// <summary>Fails unless the sequences have equal length and agree element by element, as in <see cref="Close(double, double, double, string)"/>.</summary>
    public static void Close(IEnumerable<double> expected, IEnumerable<double> actual, double tolerance = 1e-6, [CallerArgumentExpression(nameof(actual))] string expression = "")
    {
        var (wanted, found) = (expected.ToArray(), actual.ToArray());
        Equal(wanted.Length, found.Length, $"length of {expression}");
        for (var i = 0; i < wanted.Length; i++) Close(wanted[i], found[i], tolerance, $"{expression}[{i}]");
    }

    /// <summary>Fails unless both have equal length and each value is within <paramref name="tolerance"/> times the expected one; 0 is 0.</summary>
    public static void Near(IEnumerable<double> expected, IEnumerable<double> actual, double tolerance, [CallerArgumentExpression(nameof(actual))] string expression = "")
    {
        var (wanted, found) = (expected.ToArray(), actual.ToArray());
        Equal(wanted.Length, found.Length, $"length of {expression}");
        for (var i = 0; i < wanted.Length; i++)
            if (!(Math.Abs(wanted[i] - found[i]) <= tolerance * Math.Abs(wanted[i])))
                throw new CheckException($"{expression}[{i}]: expected {wanted[i]:R}, was {found[i]:R}");
    }

    /// <summary>Fails unless <paramref name="action"/> throws a <typeparamref name="TException"/> whose message contains <paramref name="part"/>; returns it.</summary>
    public static TException Throws<TException>(Action action, string part = "", [CallerArgumentExpression(nameof(action))] string expression = "")
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (TException caught)
        {
            if (!caught.Message.Contains(part, StringComparison.Ordinal))
                throw new CheckException($"{expression}: expected a message with '{part}', was '{caught.Message}'");
            return caught;
        }
        throw new CheckException($"{expression}: expected {typeof(TException).Name}, nothing was thrown");
    }
}
