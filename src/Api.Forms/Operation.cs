using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Functional.Forms;

/// <summary>One parameter of a function, as its author wrote it.</summary>
/// <param name="Declaration">Modifiers, type and name, without the default.</param>
sealed record Parameter(string Type, string Name, string Declaration, string? Default, bool IsParams)
{
    public string Full => Default is null ? Declaration : $"{Declaration} = {Default}";
}

/// <summary>A function of the facade that asked for more forms, in texts: values compare, so unchanged functions are not written again.</summary>
sealed record Operation(string Holder, string Name, string Result, string Parameters, string Forms, string Also, string Summary, string Taken)
{
    const char Between = '\u0001';
    const char Within = '\u0002';

    /// <summary>Reads a function from its syntax.</summary>
    public static Operation Of(GeneratorAttributeSyntaxContext context, CancellationToken _)
    {
        var method = (MethodDeclarationSyntax)context.TargetNode;
        var holders = method.Ancestors().OfType<ClassDeclarationSyntax>().Select(h => h.Identifier.Text).Reverse();
        var (forms, also) = ("", "");

        foreach (var argument in context.Attributes[0].ConstructorArguments)
        {
            if (argument.Kind == TypedConstantKind.Array)
                also = string.Join(" ", argument.Values.Select(v => v.Value));
            else
                forms = argument.Value?.ToString() ?? "";
        }

        return new Operation(
            string.Join(".", holders),
            method.Identifier.Text,
            method.ReturnType.ToString(),
            string.Join(Between, method.ParameterList.Parameters.Select(Text)),
            forms,
            also,
            Documentation(method),
            string.Join(Between, Siblings(context)));
    }

    /// <summary>A function that a row of a table stands for.</summary>
    public static Operation Written(string holder, string name, (string Type, string Name)[] parameters, string forms, string also, string summary) =>
        new(holder, name, "Tensor", string.Join(Between, parameters.Select(p => string.Join(Within, p.Type, p.Name, $"{p.Type} {p.Name}", "", ""))), forms, also, summary, "");

    static string Text(ParameterSyntax parameter)
    {
        var modifiers = parameter.Modifiers.ToString();
        var type = parameter.Type!.ToString();
        var declaration = $"{(modifiers.Length > 0 ? modifiers + " " : "")}{type} {parameter.Identifier.Text}";
        return string.Join(Within, type, parameter.Identifier.Text, declaration, parameter.Default?.Value.ToString() ?? "", modifiers.Contains("params") ? "1" : "");
    }

    /// <summary>The signatures that functions of this name have already, so that no form repeats one.</summary>
    static IEnumerable<string> Siblings(GeneratorAttributeSyntaxContext context) =>
        context.TargetSymbol.ContainingType.GetMembers(context.TargetSymbol.Name)
            .OfType<IMethodSymbol>()
            .Select(m => string.Join(",", m.Parameters.Select(p => p.Type.Name)));

    static string Documentation(MethodDeclarationSyntax method) =>
        string.Join("\n", method.GetLeadingTrivia().ToFullString().Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("///")));

    public Parameter[] Read() =>
        Parameters.Length == 0
            ? []
            : Parameters.Split(Between).Select(text =>
            {
                var parts = text.Split(Within);
                return new Parameter(parts[0], parts[1], parts[2], parts[3].Length > 0 ? parts[3] : null, parts[4].Length > 0);
            }).ToArray();

    public bool IsTaken(IEnumerable<string> types) => Taken.Split(Between).Contains(string.Join(",", types));
}
