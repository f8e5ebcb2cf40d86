using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Functional.Forms;

/// <summary>
/// Writes the other forms of a function of the facade: the method, the in-place method and function, the form with `out`,
/// other names, and sizes given one by one. What a function does is said once, where it stands. Of families of functions it writes
/// the functions as well: they stand in tables, a row each.
/// </summary>
[Generator]
public sealed class FormsGenerator : IIncrementalGenerator
{
    const int Method = 1, InPlace = 2, OutForm = 4, Sizes = 8, Apart = 16, Groups = 32, Numbers = 64, Copy = 128;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var operations = context.SyntaxProvider
            .ForAttributeWithMetadataName("Functional.Torch.FormsAttribute", (node, _) => node is MethodDeclarationSyntax, Operation.Of)
            .Collect();

        var tables = context.SyntaxProvider
            .ForAttributeWithMetadataName("Functional.Torch.RowAttribute", (node, _) => node is ClassDeclarationSyntax, Row.Of)
            .Collect();

        context.RegisterSourceOutput(tables, (output, all) => WriteTables(output, all));

        context.RegisterSourceOutput(operations, (output, all) =>
        {
            foreach (var group in all.GroupBy(o => o.Holder))
            {
                var text = new StringBuilder("#nullable enable\nnamespace Functional.Torch;\n\n");
                foreach (var operation in group) Write(text, operation);
                output.AddSource($"{group.Key}.Forms.g.cs", text.ToString());
            }
        });
    }

    /// <summary>The tables: every row's functions, and their forms.</summary>
    static void WriteTables(SourceProductionContext output, IEnumerable<EquatableRows> tables)
    {
        foreach (var group in tables.SelectMany(t => t.Rows).GroupBy(r => r.Holder))
        {
            var text = new StringBuilder("#nullable enable\nnamespace Functional.Torch;\n\n");

            foreach (var (operation, body) in group.SelectMany(r => r.Functions()))
            {
                Member(text, operation.Holder, operation, $"public static {operation.Result} {operation.Name}({Declare(operation.Read())}) => {body};");
                Write(text, operation);
            }

            output.AddSource($"{group.Key}.Rows.g.cs", text.ToString());
        }
    }

    static void Write(StringBuilder text, Operation operation)
    {
        Forms(text, operation, operation.Holder, operation.Name, isAlias: false);

        foreach (var other in operation.Also.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var dot = other.LastIndexOf('.');
            // A name with dots lies in another part of torch and has no methods.
            if (dot >= 0)
            {
                // A leading dot means torch itself.
                var holder = dot == 0 ? "torch" : "torch." + other[..dot];
                Alias(text, operation, holder, other[(dot + 1)..]);
                WriteInPlace(text, operation, holder, other[(dot + 1)..]);
                Out(text, operation, holder, other[(dot + 1)..], isAlias: true);
            }
            else
            {
                Alias(text, operation, operation.Holder, other);
                Forms(text, operation, operation.Holder, other, isAlias: true);
            }
        }
    }

    static void Forms(StringBuilder text, Operation operation, string holder, string name, bool isAlias)
    {
        var parameters = operation.Read();
        var forms = int.Parse(operation.Forms);
        var target = $"{operation.Holder}.{operation.Name}";

        if ((forms & Method) != 0)
        {
            var rest = parameters[1..];
            var call = $"{target}({Arguments(parameters, "this")})";
            Member(text, "torch.Tensor", operation, $"public {operation.Result} {name}({Declare(rest)}) => {call};", "Tensor");

            if ((forms & InPlace) != 0)
                Member(text, "torch.Tensor", operation, $"public Tensor {name}_({Declare(rest)}) => Writable(\"{name}_\").Assign({call});", "Tensor");
        }

        WriteInPlace(text, operation, holder, name);
        Out(text, operation, holder, name, isAlias);
        if ((forms & Numbers) != 0) NumberForOne(text, operation, holder, name, parameters, target);
        if ((forms & Copy) != 0 && !isAlias) AsCopy(text, operation, holder, name, parameters, target);
        if ((forms & Sizes) != 0) SizesOneByOne(text, operation, holder, name, parameters, target);
        if ((forms & Groups) != 0) WithoutGroups(text, operation, holder, name, parameters, target);
    }

    /// <summary>The in-place form, as a function. A function that can do it itself is told to.</summary>
    static void WriteInPlace(StringBuilder text, Operation operation, string holder, string name)
    {
        if ((int.Parse(operation.Forms) & InPlace) == 0) return;
        var (parameters, target) = (operation.Read(), $"{operation.Holder}.{operation.Name}");
        var own = parameters.Where(p => p.Name != "inplace").ToArray();
        var call = own.Length < parameters.Length
            ? $"{target}({string.Join(", ", parameters.Select(p => p.Name == "inplace" ? "true" : p.Name))})"
            : $"{parameters[0].Name}.Writable(\"{name}_\").Assign({target}({Pass(parameters)}))";
        Member(text, holder, operation, $"public static Tensor {name}_({Declare(own)}) => {call};");
    }

    /// <summary>The form with `out`: one tensor, or a tuple of them where there are several results.</summary>
    static void Out(StringBuilder text, Operation operation, string holder, string name, bool isAlias)
    {
        var forms = int.Parse(operation.Forms);
        if ((forms & OutForm) == 0) return;

        // `out` stands before the first optional parameter, where C# wants it.
        var parameters = operation.Read();
        var required = parameters.TakeWhile(p => p.Default is null && !p.IsParams).ToArray();
        var optional = parameters[required.Length..];
        var types = required.Select(p => p.Type).Append("Tensor").Concat(optional.Select(p => p.Type.TrimEnd('?')));
        if (!isAlias && operation.IsTaken(types)) return;

        var apart = (forms & Apart) != 0 ? $".ApartFrom({Pass(parameters.Where(p => p.Type == "Tensor"))})" : "";
        // A dtype that is asked for must be the output's.
        if (parameters.Any(p => p is { Name: "dtype", Type: "ScalarType?" })) apart += ".OfDtype(dtype)";
        var declared = string.Join(", ", required.Select(p => p.Full).Append($"{operation.Result} @out").Concat(optional.Select(p => p.Full)));
        var call = $"{operation.Holder}.{operation.Name}({Pass(parameters)})";
        // Of several outputs only the first has the input's dtype.
        var outs = apart.Length == 0 ? "@out" : $"(@out.Item1{apart}, @out.Item2)";
        var body = operation.Result == "Tensor" ? $"@out{apart}.Receive({call})" : $"Tensor.ReceiveAll({outs}, {call})";
        Member(text, holder, operation, $"public static {operation.Result} {name}({declared}) => {body};");
    }

    /// <summary>zeta(x, 2) and zeta(2, x) beside zeta(x, y): the number takes the tensor's dtype where that holds it.</summary>
    static void NumberForOne(StringBuilder text, Operation operation, string holder, string name, Parameter[] parameters, string target)
    {
        foreach (var place in new[] { 0, 1 })
        {
            var (number, tensor) = (parameters[place].Name, parameters[1 - place].Name);
            var declared = string.Join(", ", parameters.Select((p, i) => i == place ? $"Scalar {number}" : p.Full));
            var passed = string.Join(", ", parameters.Select((p, i) => i == place ? $"Like({tensor}, {number})" : p.Name));
            Member(text, holder, operation, $"public static Tensor {name}({declared}) => {target}({passed});");
            Member(text, holder, operation, $"public static Tensor {name}({declared}, Tensor @out) => @out.Receive({target}({passed}));");
        }
    }

    static void Alias(StringBuilder text, Operation operation, string holder, string name) =>
        Member(text, holder, operation, $"public static {operation.Result} {name}({Declare(operation.Read())}) => {operation.Holder}.{operation.Name}({Pass(operation.Read())});");

    /// <summary>t_copy(x) beside t(x), which shares its elements.</summary>
    static void AsCopy(StringBuilder text, Operation operation, string holder, string name, Parameter[] parameters, string target)
    {
        var call = $"{target}({Pass(parameters)})";
        Member(text, holder, operation, $"public static {operation.Result} {name}_copy({Declare(parameters)}) => {(operation.Result == "Tensor" ? $"{call}.clone()" : $"System.Array.ConvertAll({call}, part => part.clone())")};");
        if (operation.Result != "Tensor") return;
        var required = parameters.TakeWhile(p => p.Default is null && !p.IsParams).ToArray();
        var declared = string.Join(", ", required.Select(p => p.Full).Append("Tensor @out").Concat(parameters[required.Length..].Select(p => p.Full)));
        Member(text, holder, operation, $"public static Tensor {name}_copy({declared}) => @out.Receive({call});");
    }

    /// <summary>zeros(2, 3) beside zeros([2, 3]): up to five sizes, each time with all options behind them.</summary>
    static void SizesOneByOne(StringBuilder text, Operation operation, string holder, string name, Parameter[] parameters, string target)
    {
        var place = Array.FindIndex(parameters, p => p.Name == "size");

        for (var count = 1; count <= 5; count++)
        {
            var names = Enumerable.Range(0, count).Select(i => $"size{i}").ToArray();
            var declared = parameters.Select((p, i) => i == place ? string.Join(", ", names.Select(n => "long " + n)) : p.Full);
            var passed = parameters.Select((p, i) => i == place ? $"[{string.Join(", ", names)}]" : p.Name);
            Member(text, holder, operation, $"public static {operation.Result} {name}({string.Join(", ", declared)}) => {target}({string.Join(", ", passed)});");
        }
    }

    /// <summary>Adam(model.parameters(), ...) beside Adam(groups, ...), and Adam(parameters, lr, beta1, beta2, ...) as TorchSharp has it.</summary>
    static void WithoutGroups(StringBuilder text, Operation operation, string holder, string name, Parameter[] parameters, string target)
    {
        const string first = "IEnumerable<Tensor> @params";
        var rest = parameters[1..];
        void Write(IEnumerable<string> declared, IEnumerable<string> passed) =>
            Member(text, holder, operation, $"public static {operation.Result} {name}({string.Join(", ", declared.Prepend(first))}) => {target}({string.Join(", ", passed.Prepend("One(@params)"))});");

        Write(rest.Select(p => p.Full), rest.Select(p => p.Name));

        if (Array.Exists(rest, p => p.Name == "betas"))
            Write(
                rest.SelectMany(p => p.Name switch { "lr" => [p.Declaration], "betas" => ["double beta1", "double beta2 = 0.999"], _ => new[] { p.Full } }),
                rest.Select(p => p.Name == "betas" ? "(beta1, beta2)" : p.Name));
    }

    static string Declare(IEnumerable<Parameter> parameters) => string.Join(", ", parameters.Select(p => p.Full));
    static string Pass(IEnumerable<Parameter> parameters) => string.Join(", ", parameters.Select(p => p.Name));
    static string Arguments(Parameter[] parameters, string first) => string.Join(", ", parameters.Select((p, i) => i == 0 ? first : p.Name));

    static void Member(StringBuilder text, string holder, Operation operation, string member, string? instance = null)
    {
        var names = holder.Split('.');
        for (var i = 0; i < names.Length; i++)
            text.Append(i == names.Length - 1 && instance is not null ? $"public partial class {names[i]} {{ " : $"public static partial class {names[i]} {{ ");

        text.Append('\n').Append(operation.Summary).Append('\n').Append(member).Append('\n');
        text.Append('}', names.Length).Append("\n\n");
    }
}
