using System.Text;

namespace Functional.Gpu;

/// <summary>What two programs have in common when one compiled form serves both.</summary>
internal static class ProgramKey
{
    /// <summary>The structure of a program as text: operations, operands and dtypes, but no numbers.</summary>
    public static string Of(Program program)
    {
        var text = new StringBuilder();
        Dtypes(program.Inputs);
        Dtypes(program.Parameters);
        Dtypes(program.Results);
        Dtypes(program.Types);
        foreach (int output in program.Outputs)
            text.Append(output).Append(',');
        foreach (Instruction step in program.Code)
        {
            text.Append(';').Append(step.Tag).Append(' ').Append(step switch
            {
                Instruction.Load load => $"{load.input}",
                Instruction.Parameter parameter => $"{parameter.index}",
                Instruction.Unary one => $"{one.unary.Tag} {one.a}",
                Instruction.Binary two => $"{two.binary.Tag} {two.a} {two.b}",
                Instruction.Compare compare => $"{compare.comparison.Tag} {compare.a} {compare.b}",
                Instruction.Select select => $"{select.condition} {select.whenTrue} {select.whenFalse}",
                Instruction.Cast cast => $"{cast.dtype.Tag} {cast.a}",
                _ => throw new InvalidOperationException("an instruction of another kind"),
            });
        }
        return text.ToString();

        void Dtypes(Dtype[] dtypes)
        {
            foreach (Dtype dtype in dtypes)
                text.Append((char)('a' + dtype.Tag));
            text.Append('|');
        }
    }
}
