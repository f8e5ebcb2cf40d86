using System.Runtime.CompilerServices;

// The kernel bench and the tests call kernels by themselves, at every vector width.
[assembly: InternalsVisibleTo("Functional.Kernels")]
[assembly: InternalsVisibleTo("Functional.Laws")]
