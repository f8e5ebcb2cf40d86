using System.Runtime.InteropServices;

namespace Functional.Cpu;

/// <summary>
/// A small number as a type: that type's size. Sizes are what the runtime's compiler knows before all else, so code behind
/// a comparison with one is not even read where the comparison fails.
/// </summary>
internal interface ICount;

[StructLayout(LayoutKind.Sequential, Size = 1)]
internal readonly struct One : ICount;

[StructLayout(LayoutKind.Sequential, Size = 2)]
internal readonly struct Two : ICount;

[StructLayout(LayoutKind.Sequential, Size = 3)]
internal readonly struct Three : ICount;

[StructLayout(LayoutKind.Sequential, Size = 4)]
internal readonly struct Four : ICount;

[StructLayout(LayoutKind.Sequential, Size = 5)]
internal readonly struct Five : ICount;

[StructLayout(LayoutKind.Sequential, Size = 6)]
internal readonly struct Six : ICount;

[StructLayout(LayoutKind.Sequential, Size = 7)]
internal readonly struct Seven : ICount;

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal readonly struct Eight : ICount;

[StructLayout(LayoutKind.Sequential, Size = 9)]
internal readonly struct Nine : ICount;

[StructLayout(LayoutKind.Sequential, Size = 10)]
internal readonly struct Ten : ICount;

[StructLayout(LayoutKind.Sequential, Size = 11)]
internal readonly struct Eleven : ICount;

[StructLayout(LayoutKind.Sequential, Size = 12)]
internal readonly struct Twelve : ICount;

[StructLayout(LayoutKind.Sequential, Size = 13)]
internal readonly struct Thirteen : ICount;
