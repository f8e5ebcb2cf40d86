using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU.Backends;
using ILGPU.Backends.OpenCL;

namespace Functional.Gpu;

/// <summary>Makes integers wrap around in OpenCL C as they do in .NET and in PTX.</summary>
/// <remarks>
/// ILGPU writes every sum, difference and product of integers as one of signed numbers. Their overflow is undefined in C, and compilers
/// draw conclusions from it: a product of two positive numbers never has its highest bit set.
/// </remarks>
internal static partial class OpenClArithmetic
{
    private static readonly FieldInfo? SourceField =
        typeof(CLCompiledKernel).GetField($"<{nameof(CLCompiledKernel.Source)}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>The same kernel with arithmetic of unsigned numbers, which have the same bits.</summary>
    public static CompiledKernel Wrap(CompiledKernel kernel)
    {
        if (kernel is CLCompiledKernel open)
        {
            if (SourceField is null)
                throw new NotSupportedException("this version of ILGPU keeps the source of OpenCL kernels somewhere else");
            SourceField.SetValue(open, Wrap(open.Source));
        }
        return kernel;
    }

    /// <summary>OpenCL C as ILGPU writes it, one operation a line.</summary>
    internal static string Wrap(string source) => Signed().Replace(source, "(u$1)((u$1) $2 $3  (u$1)$4);");

    [GeneratedRegex(@"\((int|long)\)\(\(\1\) (\S+) ([-+*])  \(\1\)(\S+)\);")]
    private static partial Regex Signed();
}
