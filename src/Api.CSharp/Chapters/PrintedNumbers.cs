using System.Globalization;
using System.Numerics;

namespace Functional.Torch;

/// <summary>How the numbers of one tensor are written: in whole numbers, with a fixed number of digits or with exponents, in columns.</summary>
internal sealed class PrintedNumbers
{
    readonly bool isFloating;
    readonly bool isWhole = true;
    readonly bool isScientific;
    readonly int precision;

    /// <summary>The width of the columns.</summary>
    public int Width { get; } = 1;

    /// <summary>For texts of integers and bools.</summary>
    public PrintedNumbers(IEnumerable<string> shown) => Width = shown.Select(t => t.Length).Append(1).Max();

    /// <summary>For real numbers. What is zero, infinite or nan has no say in it.</summary>
    public PrintedNumbers(IEnumerable<double> shown, int precision, bool? scientific)
    {
        (isFloating, this.precision) = (true, precision);
        double[] telling = [.. shown.Where(x => double.IsFinite(x) && x != 0)];
        if (telling.Length == 0) return;

        var (least, most) = (telling.Min(Math.Abs), telling.Max(Math.Abs));
        isWhole = telling.All(x => x == Math.Ceiling(x));
        isScientific = most / least > 1000 || most > 1e8 || (!isWhole && least < 1e-4);
        // The columns are measured before the option is looked at, as in PyTorch.
        Width = Math.Max(1, telling.Max(x => Bare(x).Length));
        isScientific = scientific ?? isScientific;
    }

    string Bare(double x) => isScientific ? Exponent(x) : isWhole ? Fixed(x, 0) + "." : Fixed(x, precision);

    /// <summary>A text in its column.</summary>
    public string Column(string text) => text.PadLeft(Width);

    /// <summary>A real number in its column.</summary>
    public string Column(double x) => Column(double.IsFinite(x) ? Bare(x) : double.IsNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");

    /// <summary>The decimal digits of |x| and the exponent of the first one: enough of them to know every tie.</summary>
    static (string digits, int exponent) Expand(double x, int wanted)
    {
        var text = Math.Abs(x).ToString("E" + Math.Max(40, wanted), CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E');
        return (text[0] + text[2..mark], int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }

    /// <summary>The number that the first `kept` digits make, rounded half to even.</summary>
    static BigInteger Round(string digits, int kept)
    {
        if (kept < 0) return 0;
        if (kept >= digits.Length) return BigInteger.Parse(digits + new string('0', kept - digits.Length), CultureInfo.InvariantCulture);
        var head = kept == 0 ? 0 : BigInteger.Parse(digits.AsSpan(0, kept), NumberStyles.None, CultureInfo.InvariantCulture);
        var rest = digits.AsSpan(kept);
        var half = rest[0].CompareTo('5');
        if (half == 0 && rest[1..].ContainsAnyExcept('0')) half = 1;
        return half > 0 || (half == 0 && !head.IsEven) ? head + 1 : head;
    }

    static string Signed(double x, string text) => double.IsNegative(x) ? "-" + text : text;

    static string Fixed(double x, int decimals)
    {
        var (digits, exponent) = Expand(x, 0);
        if (exponent + decimals > 38) (digits, exponent) = Expand(x, exponent + decimals + 2);
        var number = Round(digits, exponent + 1 + decimals).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return Signed(x, decimals == 0 ? number : number[..^decimals] + "." + number[^decimals..]);
    }

    string Exponent(double x)
    {
        var (digits, exponent) = Expand(x, precision + 2);
        var number = Round(digits, 1 + precision).ToString(CultureInfo.InvariantCulture).PadLeft(1 + precision, '0');
        if (number.Length > 1 + precision) (number, exponent) = (number[..^1], exponent + 1);
        var mantissa = precision == 0 ? number : number[..1] + "." + number[1..];
        return Signed(x, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }
}
