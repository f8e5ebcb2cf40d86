using Microsoft.FSharp.Core;
using static Functional.Torch.Lifting;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>
        /// Whether the derivatives of a function at `inputs`, of double precision, agree with central differences of step `eps`, up to
        /// atol + rtol * |numerical|. Raises DifferentiationException with both tables if not, or gives false without `raise_exception`.
        /// </summary>
        public static bool gradcheck(Func<Tensor[], Tensor[]> func, Tensor[] inputs, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3, bool raise_exception = true) =>
            Verdict(GradCheck.compare(new GradCheck.Tolerance(eps, atol, rtol), Lift(func), Inputs(inputs, false)), raise_exception);

        /// <inheritdoc cref="gradcheck(Func{Tensor[], Tensor[]}, Tensor[], double, double, double, bool)"/>
        public static bool gradcheck(Func<Tensor, Tensor> func, Tensor inputs, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3, bool raise_exception = true) =>
            gradcheck(Several(func), [inputs], eps, atol, rtol, raise_exception);

        /// <summary>The same for second derivatives; `grad_outputs` are directions of the outputs, drawn if not given.</summary>
        public static bool gradgradcheck(Func<Tensor[], Tensor[]> func, Tensor[] inputs, Tensor[]? grad_outputs = null, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3, bool raise_exception = true)
        {
            Tensor[] directions = grad_outputs ?? [.. func([.. inputs.Select(t => t.detach())]).Where(o => o.is_floating_point()).Select(o => randn_like(o))];
            return Verdict(GradCheck.compareSecond(new GradCheck.Tolerance(eps, atol, rtol), Lift(func), Inputs(inputs, false), Inputs(directions, false)), raise_exception);
        }

        /// <inheritdoc cref="gradgradcheck(Func{Tensor[], Tensor[]}, Tensor[], Tensor[], double, double, double, bool)"/>
        public static bool gradgradcheck(Func<Tensor, Tensor> func, Tensor inputs, Tensor? grad_outputs = null, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3, bool raise_exception = true) =>
            gradgradcheck(Several(func), [inputs], grad_outputs is null ? null : [grad_outputs], eps, atol, rtol, raise_exception);

        static bool Verdict(FSharpOption<string>? mismatch, bool raise_exception) =>
            mismatch is null || (raise_exception ? throw new DifferentiationException(mismatch.Value) : false);
    }
}
