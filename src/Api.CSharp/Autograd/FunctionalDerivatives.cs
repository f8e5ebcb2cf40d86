using static Functional.Torch.Lifting;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>
        /// Derivatives of functions. With `create_graph` the results can be differentiated again with respect to inputs that require
        /// gradients; with `strict` a result that does not depend on an input is an error rather than zero.
        /// </summary>
        public static class functional
        {
            /// <summary>
            /// All derivatives: entry [i][j] is that of output i in input j, of shape [output..., input...]. All rows are computed at once,
            /// so `vectorize` changes nothing; `strategy` is "reverse-mode", or "forward-mode" for few inputs and many outputs.
            /// </summary>
            public static Tensor[][] jacobian(Func<Tensor[], Tensor[]> func, Tensor[] inputs, bool create_graph = false, bool strict = false, bool vectorize = false, string strategy = "reverse-mode")
            {
                _ = vectorize;
                if (strategy is not ("forward-mode" or "reverse-mode")) throw new ArgumentValueException($"Expected strategy to be either \"forward-mode\" or \"reverse-mode\". Hint: If your function has more outputs than inputs, \"forward-mode\" tends to be more performant. Otherwise, prefer to use \"reverse-mode\". Got \"{strategy}\"");
                if (strict) Independent(func, inputs, "the user-provided function");
                var x = Inputs(inputs, create_graph);
                var (_, rows) = strategy == "forward-mode" ? Jacobians.forward(Lift(func), x) : Jacobians.reverse(Lift(func), x);
                return Array.ConvertAll(rows, row => Outputs(row, create_graph));
            }

            /// <inheritdoc cref="jacobian(Func{Tensor[], Tensor[]}, Tensor[], bool, bool, bool, string)"/>
            public static Tensor[] jacobian(Func<Tensor[], Tensor> func, Tensor[] inputs, bool create_graph = false, bool strict = false, bool vectorize = false, string strategy = "reverse-mode") =>
                jacobian(x => [func(x)], inputs, create_graph, strict, vectorize, strategy)[0];

            /// <inheritdoc cref="jacobian(Func{Tensor[], Tensor[]}, Tensor[], bool, bool, bool, string)"/>
            public static Tensor[] jacobian(Func<Tensor, Tensor, Tensor> func, (Tensor, Tensor) inputs, bool create_graph = false, bool strict = false, bool vectorize = false, string strategy = "reverse-mode") =>
                jacobian(x => [func(x[0], x[1])], [inputs.Item1, inputs.Item2], create_graph, strict, vectorize, strategy)[0];

            /// <inheritdoc cref="jacobian(Func{Tensor[], Tensor[]}, Tensor[], bool, bool, bool, string)"/>
            public static Tensor jacobian(Func<Tensor, Tensor> func, Tensor inputs, bool create_graph = false, bool strict = false, bool vectorize = false, string strategy = "reverse-mode") =>
                jacobian(Several(func), [inputs], create_graph, strict, vectorize, strategy)[0][0];

            /// <summary>
            /// All second derivatives of a function that gives one number: entry [i][j] is that in inputs i and j. Forward mode over reverse
            /// mode, all at once, so `vectorize` and `outer_jacobian_strategy` change nothing.
            /// </summary>
            public static Tensor[][] hessian(Func<Tensor[], Tensor> func, Tensor[] inputs, bool create_graph = false, bool strict = false, bool vectorize = false, string outer_jacobian_strategy = "reverse-mode")
            {
                _ = (vectorize, outer_jacobian_strategy);
                var f = Number(func, "hessian");
                if (strict) Independent(x => Wrap(Functional.Transforms.grad(Scalar(f), Convert.Cores(x))), inputs, "the jacobian of the user-provided function");
                return Array.ConvertAll(Jacobians.hessian(Scalar(f), Inputs(inputs, create_graph)), row => Outputs(row, create_graph));
            }

            /// <inheritdoc cref="hessian(Func{Tensor[], Tensor}, Tensor[], bool, bool, bool, string)"/>
            public static Tensor hessian(Func<Tensor, Tensor> func, Tensor inputs, bool create_graph = false, bool strict = false, bool vectorize = false, string outer_jacobian_strategy = "reverse-mode") =>
                hessian(x => func(x[0]), [inputs], create_graph, strict, vectorize, outer_jacobian_strategy)[0][0];

            /// <summary>The outputs, and the product of `v`, which has their shapes, with the Jacobian. One output of one number needs no `v`.</summary>
            public static (Tensor[] func_output, Tensor[] vjp) vjp(Func<Tensor[], Tensor[]> func, Tensor[] inputs, Tensor[]? v = null, bool create_graph = false, bool strict = false)
            {
                if (strict) Independent(func, inputs, "the user-provided function");
                var (outputs, pull) = Functional.Transforms.vjp(Lift(func), Inputs(inputs, create_graph));
                if (v is null && (outputs.Length != 1 || ShapeModule.count(outputs[0].Shape) != 1))
                    throw new ShapeException("The vector v can only be None if the user-provided function returns a single Tensor with a single element.");
                var direction = v is null ? [Ones(outputs[0])] : Direction(v, outputs);
                return (Outputs(outputs, create_graph), Outputs(pull.Invoke(direction), create_graph));
            }

            /// <inheritdoc cref="vjp(Func{Tensor[], Tensor[]}, Tensor[], Tensor[], bool, bool)"/>
            public static (Tensor func_output, Tensor vjp) vjp(Func<Tensor, Tensor> func, Tensor inputs, Tensor? v = null, bool create_graph = false, bool strict = false) =>
                First(vjp(Several(func), [inputs], v is null ? null : [v], create_graph, strict));

            /// <summary>The outputs, and the product of the Jacobian with `v`, which has the inputs' shapes. One input of one number needs no `v`.</summary>
            public static (Tensor[] func_output, Tensor[] jvp) jvp(Func<Tensor[], Tensor[]> func, Tensor[] inputs, Tensor[]? v = null, bool create_graph = false, bool strict = false)
            {
                if (strict) Independent(func, inputs, "the user-provided function");
                var x = Inputs(inputs, create_graph);
                if (v is null && (x.Length != 1 || ShapeModule.count(x[0].Shape) != 1))
                    throw new ShapeException("The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.");
                var (outputs, slopes) = Functional.Transforms.jvp(Lift(func), x, v is null ? [Ones(x[0])] : Direction(v, x));
                return (Outputs(outputs, create_graph), Outputs(slopes, create_graph));
            }

            /// <inheritdoc cref="jvp(Func{Tensor[], Tensor[]}, Tensor[], Tensor[], bool, bool)"/>
            public static (Tensor func_output, Tensor jvp) jvp(Func<Tensor, Tensor> func, Tensor inputs, Tensor? v = null, bool create_graph = false, bool strict = false) =>
                First(jvp(Several(func), [inputs], v is null ? null : [v], create_graph, strict));

            /// <summary>The output of a function that gives one number, and the product of `v` with its Hessian.</summary>
            public static (Tensor func_output, Tensor[] vhp) vhp(Func<Tensor[], Tensor> func, Tensor[] inputs, Tensor[]? v = null, bool create_graph = false, bool strict = false) =>
                HessianProduct(func, inputs, v, create_graph, strict, "vhp");

            /// <inheritdoc cref="vhp(Func{Tensor[], Tensor}, Tensor[], Tensor[], bool, bool)"/>
            public static (Tensor func_output, Tensor vhp) vhp(Func<Tensor, Tensor> func, Tensor inputs, Tensor? v = null, bool create_graph = false, bool strict = false) =>
                First(vhp(x => func(x[0]), [inputs], v is null ? null : [v], create_graph, strict));

            /// <summary>The output of a function that gives one number, and the product of its Hessian with `v`.</summary>
            public static (Tensor func_output, Tensor[] hvp) hvp(Func<Tensor[], Tensor> func, Tensor[] inputs, Tensor[]? v = null, bool create_graph = false, bool strict = false) =>
                HessianProduct(func, inputs, v, create_graph, strict, "hvp");

            /// <inheritdoc cref="hvp(Func{Tensor[], Tensor}, Tensor[], Tensor[], bool, bool)"/>
            public static (Tensor func_output, Tensor hvp) hvp(Func<Tensor, Tensor> func, Tensor inputs, Tensor? v = null, bool create_graph = false, bool strict = false) =>
                First(hvp(x => func(x[0]), [inputs], v is null ? null : [v], create_graph, strict));

            // The Hessian is symmetric: one product from either side.
            static (Tensor, Tensor[]) HessianProduct(Func<Tensor[], Tensor> func, Tensor[] inputs, Tensor[]? v, bool create_graph, bool strict, string name)
            {
                var f = Number(func, name);
                if (strict) Independent(x => Wrap(Functional.Transforms.grad(Scalar(f), Convert.Cores(x))), inputs, "the jacobian of the user-provided function");
                var x = Inputs(inputs, create_graph);
                if (v is null && (x.Length != 1 || ShapeModule.count(x[0].Shape) != 1))
                    throw new ShapeException("The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.");
                var output = Scalar(f).Invoke(x);
                var product = Functional.Transforms.hvp(Scalar(f), x, v is null ? [Ones(x[0])] : Direction(v, x));
                return (Outputs([output], create_graph)[0], Outputs(product, create_graph));
            }

            static Func<Tensor[], Tensor> Number(Func<Tensor[], Tensor> func, string name) => x =>
            {
                var output = func(x);
                return output.numel() == 1 ? output : throw new ShapeException($"The Tensor returned by the function given to {name} should contain a single element");
            };

            static CoreTensor Ones(CoreTensor like) => Operands.number(like, like.Dtype, like.Shape, Functional.Contract.Scalar.NewInteger(1));

            static CoreTensor[] Direction(Tensor[] v, CoreTensor[] like)
            {
                if (v.Length != like.Length) throw new ArgumentValueException($"v is a tuple of invalid length: should be {like.Length} but got {v.Length}.");
                for (var i = 0; i < v.Length; i++)
                    if (!v[i].Core.Shape.AsSpan().SequenceEqual(like[i].Shape))
                        throw new ShapeException($"Entry {i} of the vector v has invalid size: should be {ShapeModule.format(like[i].Shape)} but got {ShapeModule.format(v[i].Core.Shape)}.");
                return Convert.Cores(v);
            }

            static void Independent(Func<Tensor[], Tensor[]> func, Tensor[] inputs, string what)
            {
                var depends = Jacobians.dependencies(Lift(func), Inputs(inputs, false));
                for (var i = 0; i < depends.Length; i++)
                    for (var j = 0; j < inputs.Length; j++)
                        if (!depends[i][j]) throw new DifferentiationException($"Output {i} of {what} is independent of input {j}. This is not allowed in strict mode.");
            }

            static (Tensor, Tensor) First((Tensor[], Tensor[]) pair) => (pair.Item1[0], pair.Item2[0]);
            static (Tensor, Tensor) First((Tensor, Tensor[]) pair) => (pair.Item1, pair.Item2[0]);
        }
    }
}
