using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using ILGPU;

namespace Functional.Gpu;

/// <summary>Where a program's result goes: every element, or the real or imaginary elements of complex memory.</summary>
/// <param name="Step">1, or 2 in complex memory.</param>
/// <param name="Part">0, or 1 for imaginary elements.</param>
internal readonly record struct OutputPlace(int Step, int Part);

/// <summary>Turns programs into structs with a method that ILGPU compiles, one for each structure and way of reading.</summary>
internal static class ProgramCompiler
{
    private static readonly ConcurrentDictionary<(int Program, string Pattern), object> ById = [];
    private static readonly ConcurrentDictionary<string, Lazy<object>> ByStructure = [];
    private static readonly Lock Gate = new();

    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("Functional.Gpu.Programs"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("Programs");

    private static int count;

    /// <summary>The launcher that stores a program's results.</summary>
    public static ProgramLauncher Stored(Program program, AccessPattern pattern, OutputPlace[] places) => (ProgramLauncher)ById.GetOrAdd(
        (program.Id, $"S{pattern.Key}{Places(places)}"),
        key => Shared(key.Pattern + ProgramKey.Of(program), () => Instance(typeof(ProgramLauncher<>), Emit(program, pattern, places, isStored: true))));

    /// <summary>The struct that hands a program's only result on, as the type argument of a launcher of the caller's.</summary>
    public static object Valued(Program program, AccessPattern pattern, string purpose, Func<Type, object> create) => ById.GetOrAdd(
        (program.Id, $"V{purpose}{pattern.Key}"),
        key => Shared(key.Pattern + ProgramKey.Of(program), () => create(Emit(program, pattern, [], isStored: false))));

    /// <summary>Whether an integer division may meet a divisor of 0.</summary>
    public static bool MayFault(Program program)
    {
        for (int i = 0; i < program.Code.Length; i++)
        {
            if (program.Code[i] is Instruction.Binary { binary: { IsDiv: true } or { IsFloorDiv: true } or { IsRemainder: true } or { IsFmod: true } } two
                && !DtypeModule.isFloating(program.Types[two.a]))
                return true;
        }
        return false;
    }

    private static object Shared(string structure, Func<object> create) =>
        ByStructure.GetOrAdd(structure, _ => new Lazy<object>(create)).Value;

    private static string Places(OutputPlace[] places) => string.Concat(places.Select(place => $"{place.Step}{place.Part}"));

    private static object Instance(Type open, Type program) => Activator.CreateInstance(open.MakeGenericType(program))!;

    private static Type Emit(Program program, AccessPattern pattern, OutputPlace[] places, bool isStored)
    {
        // One module takes one builder at a time.
        lock (Gate)
            return new ProgramEmitter(Module, $"Program{++count}", program, pattern, places, isStored).Build();
    }
}
