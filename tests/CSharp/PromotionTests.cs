namespace Functional.Torch.Tests;

using static Functional.Torch.torch;

/// <summary>The dtypes that operands meet in, and signs of division, as PyTorch 1.13 answers: a letter for each pair, - for an error.</summary>
public static class PromotionTests
{
    const string Letters = "buasilhgfdcz";

    static readonly ScalarType[] dtypes =
    [
        ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64,
        ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64, ScalarType.ComplexFloat32, ScalarType.ComplexFloat64,
    ];

    static char Letter(Func<torch.Tensor> f)
    {
        try { return Letters[Array.IndexOf(dtypes, f().dtype)]; }
        catch (Functional.Contract.DtypeException) { return '-'; }
    }

    /// <summary>Rows are the dtypes of a vector, columns those of a second vector, or of a tensor without dimensions.</summary>
    static void Table(Func<torch.Tensor, torch.Tensor, torch.Tensor> f, bool isVector, string expected, string except = "")
    {
        long[] second = isVector ? [2] : [];
        var rows = expected.Split(' ');
        for (var a = 0; a < dtypes.Length; a++)
            for (var b = 0; b < dtypes.Length; b++)
                // What only half of a complex number could hold: PyTorch has no arithmetic for it, here it is complex64.
                if (rows[a][b] != '-' || !except.Contains(Letters[a]))
                {
                    Check.Equal(rows[a][b], Letter(() => f(ones([2], dtypes[a]), ones(second, dtypes[b]))), $"{dtypes[a]} with {dtypes[b]}");
                    if (isVector) continue;
                    Check.Equal(rows[a][b], Letter(() => f(ones(second, dtypes[b]), ones([2], dtypes[a]))), $"{dtypes[b]} with {dtypes[a]}");
                }
    }

    public static void SumsAndProducts()
    {
        const string vectors = "buasilhgfdcz uussilhgfdcz asasilhgfdcz ssssilhgfdcz iiiiilhgfdcz llllllhgfdcz hhhhhhhffdcz ggggggfgfdcz fffffffffdcz ddddddddddzz ccccccccczcz zzzzzzzzzzzz";
        const string lone = "buasilhgfdcz uuuuuuhgfdcz aaaaaahgfdcz sssssshgfdcz iiiiiihgfdcz llllllhgfdcz hhhhhhhhhh-- ggggggggggcc ffffffffffcc ddddddddddzz cccccccccccc zzzzzzzzzzzz";
        Table((a, b) => add(a, b), true, vectors);
        Table((a, b) => mul(a, b), true, vectors);
        Table((a, b) => add(a, b), false, lone, "h");
        Table((a, b) => mul(a, b), false, lone, "h");
    }

    public static void Quotients()
    {
        Table((a, b) => div(a, b), true, "ffffffhgfdcz ffffffhgfdcz ffffffhgfdcz ffffffhgfdcz ffffffhgfdcz ffffffhgfdcz hhhhhhhffdcz ggggggfgfdcz fffffffffdcz ddddddddddzz ccccccccczcz zzzzzzzzzzzz");
        Table((a, b) => div(a, b), false, "ffffffhgfdcz ffffffhgfdcz ffffffhgfdcz ffffffhgfdcz ffffffhgfdcz ffffffhgfdcz hhhhhhhhhh-- ggggggggggcc ffffffffffcc ddddddddddzz cccccccccccc zzzzzzzzzzzz", "h");
    }

    public static void WhatHasNoComplexValues()
    {
        const string maxima = "buasilhgfd-- uussilhgfd-- asasilhgfd-- ssssilhgfd-- iiiiilhgfd-- llllllhgfd-- hhhhhhhffd-- ggggggfgfd-- fffffffffd-- dddddddddd-- ------------ ------------";
        Table(maximum, true, maxima);
        Table((a, b) => floor_divide(a, b), true, maxima.Replace("bu", "-u"));
        Table((a, b) => remainder(a, b), true, maxima.Replace("bu", "-u"));
        Check.Throws<Functional.Contract.DtypeException>(() => maximum(ones([2], complex64), ones([2], complex64)), "maximum not implemented for complex tensors.");
        Check.Throws<Functional.Contract.DtypeException>(() => lt(ones([2], complex64), ones([2])), "\"lt_cpu\" not implemented for 'ComplexFloat'");
        Check.Throws<Functional.Contract.DtypeException>(() => floor_divide(ones([2], @bool), ones([2], @bool)), "\"div_floor_cpu\" not implemented for 'Bool'");
        Check.Throws<Functional.Contract.DtypeException>(() => logaddexp(ones([2], int64), ones([2], int64)), "\"logaddexp_cpu\" not implemented for 'Long'");
    }

    /// <summary>Columns: true, 3, 2.5 and the imaginary unit.</summary>
    static void Numbers(Func<torch.Tensor, Scalar, torch.Tensor> f, string expected, string except = "")
    {
        Scalar[] numbers = [true, 3, 2.5, new System.Numerics.Complex(0, 1)];
        var rows = expected.Split(' ');
        for (var a = 0; a < dtypes.Length; a++)
            for (var i = 0; i < numbers.Length; i++)
                if (rows[a][i] != '-' || !except.Contains(Letters[a]))
                    Check.Equal(rows[a][i], Letter(() => f(ones([2], dtypes[a]), numbers[i])), $"{dtypes[a]} with number {i}");
    }

    public static void NumbersAdapt()
    {
        Numbers((a, s) => mul(a, s), "blfc uufc aafc ssfc iifc llfc hhh- gggc fffc dddz cccc zzzz", "h");
        Numbers((a, s) => div(a, s), "fffc fffc fffc fffc fffc fffc hhh- gggc fffc dddz cccc zzzz", "h");
        Numbers((a, s) => remainder(a, s), "-lf- uuf- aaf- ssf- iif- llf- hhh- ggg- fff- ddd- ---- ----");
        // A number over bytes is not a byte.
        Check.Close(-0.5, div(-2, tensor(new byte[] { 4 })).ToDouble());
    }

    public static void SignsOfDivision()
    {
        var (a, b) = (tensor(new long[] { 7, -7, 7, -7, 0, 1, -1, long.MinValue }), tensor(new long[] { 3, 3, -3, -3, 5, 2, 2, 2 }));
        void Whole(torch.Tensor quotient, params long[] expected) => Check.SequenceEqual(expected, quotient.data<long>().ToArray());
        Whole(floor_divide(a, b), 2, -3, -3, 2, 0, 0, -1, long.MinValue / 2);
        Whole(div(a, b, "floor"), 2, -3, -3, 2, 0, 0, -1, long.MinValue / 2);
        Whole(div(a, b, "trunc"), 2, -2, -2, 2, 0, 0, 0, long.MinValue / 2);
        Whole(remainder(a, b), 1, 2, -2, -1, 0, 1, 1, 0);
        Whole(fmod(a, b), 1, -1, 1, -1, 0, 1, -1, 0);

        const double inf = double.PositiveInfinity, nan = double.NaN;
        var (x, y) = (tensor(new[] { 7.5, -7.5, 7.5, -7.5, 0, -0.0, inf, nan, 1, -1, 5 }), tensor(new[] { 2, 2, -2, -2, 5, 5, 2, 1, 0, 0, inf }));
        void Broken(torch.Tensor quotient, params double[] expected) => Check.SequenceEqual(expected, quotient.data<double>().ToArray());
        Broken(floor_divide(x, y), 3, -4, -4, 3, 0, -0.0, nan, nan, inf, -inf, 0);
        Broken(div(x, y, "floor"), 3, -4, -4, 3, 0, -0.0, nan, nan, inf, -inf, 0);
        Broken(div(x, y, "trunc"), 3, -3, -3, 3, 0, -0.0, inf, nan, inf, -inf, 0);
        Broken(remainder(x, y), 1.5, 0.5, -0.5, -1.5, 0, -0.0, nan, nan, nan, nan, 5);
        Broken(fmod(x, y), 1.5, -1.5, 1.5, -1.5, 0, -0.0, nan, nan, nan, nan, 5);
    }
}
