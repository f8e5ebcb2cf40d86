namespace Functional.Torch;

public static partial class torch
{
    /// <summary>What computes: the backends that there are, and which of them new tensors get.</summary>
    public static class backends
    {
        /// <summary>
        /// Lets a backend compute what happens to new tensors: "cpu" (ours), "mkl" (matrix work by MKL or OpenBLAS), "auto" (the faster
        /// of the two, as measured on this machine), or a device such as "cuda:0". Raises DeviceException where it is not there.
        /// </summary>
        public static void use(string name) => Backend.setDefault(name.Split(':') is [var kind, var index]
            ? Backend.ofDevice(kind, int.TryParse(index, out var number) ? number : throw new DeviceException($"Invalid device string: '{name}'"))
            : Backend.ofName(name));

        /// <summary>Makes the backends of a provider known, for programs whose assemblies do not lie side by side.</summary>
        public static void register(IBackendProvider provider) => Backend.register(provider);

        /// <summary>What was looked for on this machine, what was found in which version, and why not where not.</summary>
        public static string explanation() => Backend.explanation();

        /// <summary>Prints what was looked for on this machine, what was found in which version, and why not where not.</summary>
        public static void explain() => Backend.explain();

        /// <summary>MKL, or OpenBLAS where there is no MKL.</summary>
        public static class mkl
        {
            /// <summary>Whether there is such a library.</summary>
            public static bool is_available() => Backend.count("mkl") > 0;
        }

        /// <summary>Settings of CUDA.</summary>
        public static class cuda
        {
            /// <summary>Whether a backend for CUDA is part of the program.</summary>
            public static bool is_built() => Backend.isKnown("cuda");
        }
    }
}
