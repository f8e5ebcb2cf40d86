using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Functional.Forms;

/// <summary>A row of a table of operations, in texts, and the functions it stands for.</summary>
sealed record Row(string Holder, string Family, string Function, string Name, string Parameter, string Forms, string Summary, string Also)
{
    /// <summary>Reads the rows of one table: the attributes of a class.</summary>
    public static EquatableRows Of(GeneratorAttributeSyntaxContext context, CancellationToken _)
    {
        var node = (ClassDeclarationSyntax)context.TargetNode;
        var holder = string.Join(".", node.AncestorsAndSelf().OfType<ClassDeclarationSyntax>().Select(h => h.Identifier.Text).Reverse());
        return new EquatableRows([.. context.Attributes.Select(a => Of(holder, a))]);
    }

    static Row Of(string holder, AttributeData attribute)
    {
        var given = attribute.ConstructorArguments;
        string Text(int i) => given[i].Value?.ToString() ?? "";
        string? Named(string name) => attribute.NamedArguments.FirstOrDefault(p => p.Key == name).Value.Value?.ToString();
        var family = given[0].Type!.GetMembers().OfType<IFieldSymbol>().First(f => f.HasConstantValue && Equals(f.ConstantValue, given[0].Value)).Name;
        var sentence = Text(4).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
        return new Row(
            holder, family, $"{Text(1)}.{Text(2)}", Named("Name") ?? Text(2), Named("Parameter") ?? "input", Text(3),
            $"/// <summary>{sentence}</summary>", string.Join(" ", given[5].Values.Select(v => v.Value)));
    }

    /// <summary>The functions of the row with their bodies: one, or one for each place where a number may stand.</summary>
    public IEnumerable<(Operation Operation, string Body)> Functions()
    {
        var x = Parameter;
        Operation Taking(params (string Type, string Name)[] parameters) => Operation.Written(Holder, Name, parameters, Forms, Also, Summary);
        (Operation, string) One(string body) => (Taking(("Tensor", x)), body);
        (Operation, string) Two(string left, string right, string body) => (Taking((left, x), (right, "other")), body);

        switch (Family)
        {
            case "Pair":
                yield return Two("Tensor", "Tensor", $"Binary({Function}, {x}, other)");
                break;
            case "PairOrNumber":
                yield return Two("Tensor", "Tensor", $"Binary({Function}, {x}, other)");
                yield return Two("Tensor", "Scalar", $"Binary({Function}, {x}, other)");
                break;
            case "Bits":
                yield return Two("Tensor", "Tensor", $"Binary({Function}, Bits(\"{Name}\", {x}), Bits(\"{Name}\", other))");
                yield return Two("Tensor", "Scalar", $"Binary({Function}, Bits(\"{Name}\", {x}), other)");
                // A number has no methods, and nothing can be written into it.
                yield return (Taking(("Scalar", x), ("Tensor", "other")) with { Forms = "0" }, $"Binary({Function}, {x}, Bits(\"{Name}\", other))");
                break;
            case "Degree" or "ShiftedDegree":
                yield return (Taking(("Tensor", x), ("Tensor", "n")), $"Degree({Function}, {x}, n, {(Family == "Degree" ? "false" : "true")})");
                break;
            default:
                yield return One($"{Family}({Function}, {x})");
                break;
        }
    }
}

/// <summary>Rows that compare by their contents, so that an unchanged table is not written again.</summary>
sealed class EquatableRows(Row[] rows) : IEquatable<EquatableRows>
{
    public Row[] Rows => rows;
    public bool Equals(EquatableRows? other) => other is not null && rows.SequenceEqual(other.Rows);
    public override bool Equals(object? obj) => Equals(obj as EquatableRows);
    public override int GetHashCode() => rows.Length;
}
