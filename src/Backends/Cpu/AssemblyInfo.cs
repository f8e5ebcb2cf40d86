// Kernels write what they reserve on the stack before they read it.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
