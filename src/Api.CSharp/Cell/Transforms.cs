using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Functions of functions: the core's transforms, on functions written in C#.</summary>
    public static class func
    {
        static CoreTensor[] Cores(Tensor[] tensors) => [.. tensors.Select(t => History.Without(t.Recorded))];
        static Tensor[] Tensors(CoreTensor[] tensors) => [.. tensors.Select(t => new Tensor(t))];
        static FSharpFunc<CoreTensor[], CoreTensor[]> Lift(Func<Tensor[], Tensor[]> f) =>
            FuncConvert.FromFunc<CoreTensor[], CoreTensor[]>(x => [.. f(Tensors(x)).Select(t => t.Core)]);

        /// <summary>The values of a function and its derivatives in the directions `tangents`.</summary>
        public static (Tensor[] output, Tensor[] jvp_out) jvp(Func<Tensor[], Tensor[]> func, Tensor[] primals, Tensor[] tangents)
        {
            var (values, slopes) = Functional.Transforms.jvp(Lift(func), Cores(primals), Cores(tangents));
            return (Tensors(values), Tensors(slopes));
        }

        /// <summary>The gradient of a function that gives one number.</summary>
        public static Func<Tensor, Tensor> grad(Func<Tensor, Tensor> func) =>
            x => new Tensor(Functional.Transforms.grad(FuncConvert.FromFunc<CoreTensor, CoreTensor>(t => func(new Tensor(t)).Core), x.Core));

        /// <summary>A function of one example as a function of many, stacked along the first dimension.</summary>
        public static Func<Tensor, Tensor> vmap(Func<Tensor, Tensor> func) =>
            x => new Tensor(Functional.Transforms.vmap(FuncConvert.FromFunc<CoreTensor, CoreTensor>(t => func(new Tensor(t)).Core), x.Core));

        /// <summary>All second derivatives of a function that gives one number.</summary>
        public static Func<Tensor, Tensor> hessian(Func<Tensor, Tensor> func) =>
            x => new Tensor(Functional.Transforms.hessian(FuncConvert.FromFunc<CoreTensor, CoreTensor>(t => func(new Tensor(t)).Core), x.Core));

        /// <summary>All first derivatives of a function.</summary>
        public static Func<Tensor, Tensor> jacrev(Func<Tensor, Tensor> func) =>
            x => new Tensor(Functional.Transforms.jacobian(FuncConvert.FromFunc<CoreTensor, CoreTensor>(t => func(new Tensor(t)).Core), x.Core));
    }

    /// <summary>Linear algebra.</summary>
    public static partial class linalg { }
}
