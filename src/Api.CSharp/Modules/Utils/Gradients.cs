namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients down together so that their norm is at most max_norm, and gives the norm that they had (Pascanu, Mikolov and Bengio 2013).</summary>
            public static Tensor clip_grad_norm_(IEnumerable<Tensor> parameters, double max_norm, double norm_type = 2.0, bool error_if_nonfinite = false)
            {
                Tensor[] gradients = [.. parameters.Select(p => p.grad).OfType<Tensor>()];
                if (gradients.Length == 0) return tensor(0f);
                using (no_grad())
                {
                    var norm = Gradients.norm(norm_type, Convert.Cores(gradients));
                    if (error_if_nonfinite && !double.IsFinite(Create.item(norm)))
                        throw new ArgumentValueException($"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`");
                    var factor = Gradients.clipping(max_norm, norm);
                    foreach (var gradient in gradients) gradient.mul_(new Tensor(Engine.cast(gradient.Core.Dtype, factor)));
                    return new Tensor(norm);
                }
            }

            /// <inheritdoc cref="clip_grad_norm_(IEnumerable{Tensor}, double, double, bool)"/>
            public static Tensor clip_grad_norm_(Tensor parameters, double max_norm, double norm_type = 2.0, bool error_if_nonfinite = false) => clip_grad_norm_([parameters], max_norm, norm_type, error_if_nonfinite);

            /// <summary>Holds every element of all gradients within [-clip_value, clip_value].</summary>
            public static void clip_grad_value_(IEnumerable<Tensor> parameters, double clip_value)
            {
                using (no_grad())
                    foreach (var parameter in parameters) parameter.grad?.clamp_(-clip_value, clip_value);
            }

            /// <inheritdoc cref="clip_grad_value_(IEnumerable{Tensor}, double)"/>
            public static void clip_grad_value_(Tensor parameters, double clip_value) => clip_grad_value_([parameters], clip_value);

            /// <summary>All parameters as one vector.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Tensor> parameters) => cat([.. parameters.Select(p => p.reshape(-1))]);

            /// <summary>The parts of a vector as the values of parameters.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Tensor> parameters)
            {
                var start = 0L;
                foreach (var parameter in parameters)
                {
                    parameter.Replace(vec.narrow(0, start, parameter.numel()).reshape(parameter.shape).Core);
                    start += parameter.numel();
                }
            }
        }
    }
}
