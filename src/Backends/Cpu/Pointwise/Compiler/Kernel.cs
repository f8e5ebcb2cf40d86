using System.Reflection;
using System.Runtime.CompilerServices;

namespace Functional.Cpu;

/// <summary>A compiled program: machine code that runs over whole vectors.</summary>
internal sealed unsafe class Kernel
{
    private readonly delegate*<byte**, long*, nint, object[], void> code;
    private readonly MethodInfo method;
    private readonly object[] functions;

    /// <summary>Compiles a static method (inputs and outputs, parameters, lanes, functions called lane by lane).</summary>
    public Kernel(MethodInfo method, object[] functions)
    {
        // The method keeps its collectible assembly alive, and this object the method.
        this.method = method;
        this.functions = functions;
        RuntimeHelpers.PrepareMethod(method.MethodHandle);
        code = (delegate*<byte**, long*, nint, object[], void>)method.MethodHandle.GetFunctionPointer();
    }

    /// <summary>Whether code can be made at run time here.</summary>
    public static bool IsSupported => RuntimeFeature.IsDynamicCodeCompiled;

    /// <summary>Computes so many lanes, a multiple of 64 bytes of them, from memory at the pointers: inputs first, then outputs.</summary>
    public void Run(byte** pointers, long* parameters, nint lanes)
    {
        code(pointers, parameters, lanes, functions);
        GC.KeepAlive(method);
    }
}
