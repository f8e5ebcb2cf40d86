namespace Functional.Gpu;

/// <summary>
/// A kernel: its fields are the arguments of a call and <see cref="Run"/> is what every thread does. Groups and grid are the
/// launch's; a thread finds its place in ILGPU's Grid and Group.
/// </summary>
/// <typeparam name="TSelf">The kernel itself, a struct of numbers and views.</typeparam>
internal interface IKernel<TSelf>
    where TSelf : struct, IKernel<TSelf>
{
    /// <summary>The work of one thread.</summary>
    static abstract void Run(TSelf call);
}
