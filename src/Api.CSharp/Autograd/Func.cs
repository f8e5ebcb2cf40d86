using Microsoft.FSharp.Core;
using static Functional.Torch.Lifting;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>
    /// Functions of functions: the core's transforms, on functions written in C#. They nest in any order, and what they give can be
    /// differentiated by backward() with respect to everything recorded that went in.
    /// </summary>
    public static class func
    {
        static FSharpFunc<CoreTensor, CoreTensor> One(Func<Tensor, Tensor> f) => FuncConvert.FromFunc<CoreTensor, CoreTensor>(t => f(new Tensor(t)).Core);

        /// <summary>The gradient of a function that gives one number.</summary>
        public static Func<Tensor, Tensor> grad(Func<Tensor, Tensor> func) => x => new(Functional.Transforms.grad(One(func), x.Core));

        /// <summary>The gradients of a function that gives one number, in the arguments `argnums`.</summary>
        public static Func<Tensor[], Tensor[]> grad(Func<Tensor[], Tensor> func, params int[] argnums) => x => grad_and_value(func, argnums)(x).gradients;

        /// <summary>The gradient of a function that gives one number, and that number.</summary>
        public static Func<Tensor, (Tensor gradient, Tensor value)> grad_and_value(Func<Tensor, Tensor> func) => x =>
        {
            var (value, gradient) = Functional.Transforms.valueAndGrad(One(func), x.Core);
            return (new(gradient), new(value));
        };

        /// <summary>The gradients of a function that gives one number, in the arguments `argnums` (the first one if none is named), and that number.</summary>
        public static Func<Tensor[], (Tensor[] gradients, Tensor value)> grad_and_value(Func<Tensor[], Tensor> func, params int[] argnums) => x =>
        {
            var (chosen, partial) = Partial(func, x, argnums);
            var (value, gradients) = Functional.Transforms.valueAndGrad(Scalar(partial), chosen);
            return (Wrap(gradients), new(value));
        };

        // A function of the chosen arguments alone.
        static (CoreTensor[], Func<Tensor[], T>) Partial<T>(Func<Tensor[], T> func, Tensor[] x, int[] argnums)
        {
            var places = argnums.Length == 0 ? [0] : argnums;
            foreach (var place in places)
                if (place < -x.Length || place >= x.Length) throw new IndexException($"Got argnum={place}, but only {x.Length} positional inputs");

            T Call(Tensor[] given)
            {
                var all = (Tensor[])x.Clone();
                for (var i = 0; i < places.Length; i++) all[places[i] < 0 ? places[i] + x.Length : places[i]] = given[i];
                return func(all);
            }
            return ([.. places.Select(i => x[i < 0 ? i + x.Length : i].Core)], Call);
        }

        /// <summary>The values of a function, and the pullback of gradients of its results to gradients of its arguments.</summary>
        public static (Tensor[] output, Func<Tensor[], Tensor[]> vjp_fn) vjp(Func<Tensor[], Tensor[]> func, params Tensor[] primals)
        {
            var (values, pull) = Functional.Transforms.vjp(Lift(func), Convert.Cores(primals));
            return (Wrap(values), cotangents => Wrap(pull.Invoke(Convert.Cores(cotangents))));
        }

        /// <summary>The value of a function, and the pullback of a gradient of its result to one of its argument.</summary>
        public static (Tensor output, Func<Tensor, Tensor> vjp_fn) vjp(Func<Tensor, Tensor> func, Tensor primal)
        {
            var (values, pull) = vjp(Several(func), [primal]);
            return (values[0], cotangent => pull([cotangent])[0]);
        }

        /// <summary>The values of a function and its derivatives in the directions `tangents`.</summary>
        public static (Tensor[] output, Tensor[] jvp_out) jvp(Func<Tensor[], Tensor[]> func, Tensor[] primals, Tensor[] tangents)
        {
            var (values, slopes) = Functional.Transforms.jvp(Lift(func), Convert.Cores(primals), Convert.Cores(tangents));
            return (Wrap(values), Wrap(slopes));
        }

        /// <summary>The value of a function and its derivative in the direction `tangent`.</summary>
        public static (Tensor output, Tensor jvp_out) jvp(Func<Tensor, Tensor> func, Tensor primal, Tensor tangent)
        {
            var (values, slopes) = jvp(Several(func), [primal], [tangent]);
            return (values[0], slopes[0]);
        }

        /// <summary>A function of one example as a function of many: along `in_dim` of the argument and `out_dim` of the result.</summary>
        public static Func<Tensor, Tensor> vmap(Func<Tensor, Tensor> func, int in_dim = 0, int out_dim = 0) =>
            x => new(Functional.Transforms.vmapAxes(in_dim, out_dim, One(func), x.Core));

        /// <summary>
        /// A function of one example as a function of many: along `in_dims` of each argument (null: the same for all examples; the first
        /// dimension of all if not given) and `out_dim` of each result.
        /// </summary>
        public static Func<Tensor[], Tensor[]> vmap(Func<Tensor[], Tensor[]> func, int?[]? in_dims = null, int out_dim = 0) => x =>
        {
            var dims = in_dims ?? new int?[x.Length].Select(_ => (int?)0).ToArray();
            if (dims.Length != x.Length) throw new ArgumentValueException($"vmap: in_dims has {dims.Length} entries, but the function got {x.Length} inputs");
            var mapped = Enumerable.Range(0, x.Length).Where(i => dims[i] is not null).ToArray();
            CoreTensor[] fronted = [.. mapped.Select(i => x[i].movedim(dims[i]!.Value, 0).Core)];

            Tensor[] Call(Tensor[] given)
            {
                var all = (Tensor[])x.Clone();
                for (var i = 0; i < mapped.Length; i++) all[mapped[i]] = given[i];
                return func(all);
            }
            return Wrap(Functional.Transforms.vmapAxes(0, out_dim, Lift(Call), fronted));
        };

        /// <summary>All first derivatives of a function, by reverse mode.</summary>
        public static Func<Tensor, Tensor> jacrev(Func<Tensor, Tensor> func) => x => new(Functional.Transforms.jacobian(One(func), x.Core));

        /// <summary>All first derivatives of a function in the arguments `argnums` (the first one if none is named), by reverse mode: a row for each result.</summary>
        public static Func<Tensor[], Tensor[][]> jacrev(Func<Tensor[], Tensor[]> func, params int[] argnums) => x =>
        {
            var (chosen, partial) = Partial(func, x, argnums);
            return Wrap(Jacobians.reverse(Lift(partial), chosen).Item2);
        };

        /// <summary>All first derivatives of a function, by forward mode: for few arguments and many results.</summary>
        public static Func<Tensor, Tensor> jacfwd(Func<Tensor, Tensor> func) => x => new(Functional.Transforms.jacobianForward(One(func), x.Core));

        /// <summary>All first derivatives of a function in the arguments `argnums` (the first one if none is named), by forward mode: a row for each result.</summary>
        public static Func<Tensor[], Tensor[][]> jacfwd(Func<Tensor[], Tensor[]> func, params int[] argnums) => x =>
        {
            var (chosen, partial) = Partial(func, x, argnums);
            return Wrap(Jacobians.forward(Lift(partial), chosen).Item2);
        };

        /// <summary>All second derivatives of a function that gives one number.</summary>
        public static Func<Tensor, Tensor> hessian(Func<Tensor, Tensor> func) => x => new(Functional.Transforms.hessian(One(func), x.Core));

        /// <summary>
        /// What a module gives with other tensors in the place of its parameters and buffers, which are named as in state_dict(). The
        /// module itself stays as it is.
        /// </summary>
        public static TResult functional_call<T, TResult>(nn.Module<T, TResult> module, IReadOnlyDictionary<string, Tensor> parameters_and_buffers, T input)
        {
            var own = module.named_parameters().Select(p => (p.name, cell: (Tensor)p.parameter))
                .Concat(module.named_buffers().Select(b => (b.name, cell: b.buffer)))
                .ToDictionary(entry => entry.name, entry => entry.cell);
            foreach (var name in parameters_and_buffers.Keys)
                if (!own.ContainsKey(name)) throw new ArgumentValueException($"{module.GetName()} has no attribute `{name}`: functional_call() takes names of its parameters and buffers");

            var before = parameters_and_buffers.Select(entry => (Cell: own[entry.Key], Value: own[entry.Key].Lend(entry.Value.Core))).ToArray();
            try
            {
                return module.call(input);
            }
            finally
            {
                foreach (var (cell, value) in before) cell.Lend(value);
            }
        }
    }

    /// <summary>Linear algebra.</summary>
    public static partial class linalg { }
}
