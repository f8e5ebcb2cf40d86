using ILGPU;
using ILGPU.Backends;
using ILGPU.IR;
using ILGPU.IR.Values;

namespace Functional.Gpu;

/// <summary>
/// Comparisons that hold where an operand is no number, for OpenCL. "Unless a is greater than b" reaches ILGPU as "a is at most b, or one of
/// them is no number", of which its OpenCL code keeps the first half alone. Here the second half is written out.
/// </summary>
internal readonly struct OpenClComparisons : IBackendHook
{
    public void InitializedKernelContext(IRContext kernelContext, Method kernelMethod)
    {
    }

    public void OptimizedKernelContext(IRContext kernelContext, Method kernelMethod)
    {
        foreach (Method method in kernelContext.Methods)
        {
            if (method.HasImplementation)
                Complete(method);
        }
    }

    public void FinishedCodeGeneration(IRContext kernelContext, Method kernelMethod)
    {
    }

    private static void Complete(Method method)
    {
        List<CompareValue> comparisons = [];
        foreach (BasicBlock block in method.Blocks)
        {
            foreach (BasicBlock.ValueEntry entry in block)
            {
                if (entry.Value is CompareValue { IsUnsignedOrUnordered: true, CompareType: ArithmeticBasicValueType.Float32 or ArithmeticBasicValueType.Float64 } compare)
                    comparisons.Add(compare);
            }
        }
        if (comparisons.Count == 0)
            return;
        using Method.Builder builder = method.CreateBuilder();
        foreach (CompareValue compare in comparisons)
        {
            BasicBlock.Builder block = builder[compare.BasicBlock];
            block.SetupInsertPosition(compare);
            Value ordered = block.CreateCompare(compare.Location, compare.Left, compare.Right, compare.Kind, CompareFlags.None);
            Value left = block.CreateArithmetic(compare.Location, compare.Left, UnaryArithmeticKind.IsNaNF);
            Value right = block.CreateArithmetic(compare.Location, compare.Right, UnaryArithmeticKind.IsNaNF);
            Value either = block.CreateArithmetic(compare.Location, left, right, BinaryArithmeticKind.Or);
            compare.Replace(block.CreateArithmetic(compare.Location, ordered, either, BinaryArithmeticKind.Or));
            block.Remove(compare);
        }
    }
}
