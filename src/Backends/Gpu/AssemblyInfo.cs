using System.Runtime.CompilerServices;

// ILGPU's emulator builds types of its own around the arguments of kernels.
[assembly: InternalsVisibleTo("ILGPURuntime")]
[assembly: InternalsVisibleTo("Functional.Laws")]
