using System.Runtime.CompilerServices;

// ILGPU's emulator builds types of its own around the arguments of kernels, and so do compiled programs.
[assembly: InternalsVisibleTo("ILGPURuntime")]
[assembly: InternalsVisibleTo("Functional.Gpu.Programs")]

// Laws hand in libraries of their own.
[assembly: InternalsVisibleTo("Functional.Laws")]
