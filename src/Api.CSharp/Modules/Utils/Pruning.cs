using Functional.Torch.Modules;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Setting parts of parameters to 0 for good.</summary>
            public static class prune
            {
                /// <summary>Keeps of a parameter what a mask has ones for; the whole stays as name_orig, the mask as name_mask.</summary>
                public static T custom_from_mask<T>(T module, string name, Tensor mask) where T : Module
                {
                    if (Reparametrized.Of(module, name, name + "_mask") is not null)
                    {
                        // A second mask takes away from the first.
                        var whole = module.get_buffer(name + "_mask")!;
                        whole.Replace(mul(whole, mask.to(whole.dtype)).Core);
                        Reparametrized.Of(module, name, name + "_mask")!.Target.Hold(mul(module.get_parameter(name + "_orig")!, whole).Core);
                        return module;
                    }
                    var weight = module.Release(name);
                    if (!mask.is_same_size(weight)) throw new ShapeException($"the mask's shape {ShapeModule.format(mask.Core.Shape)} is not that of '{name}', {ShapeModule.format(weight.Core.Shape)}");
                    var original = new Parameter(new Tensor(History.Without(weight.Recorded)));
                    var kept = mask.to(original.dtype).detach().clone();
                    module.register_parameter(name + "_orig", original);
                    module.register_buffer(name + "_mask", kept);
                    new Reparametrized(module, name, weight, [name + "_orig", name + "_mask"],
                        (m, _) => Operands.binary(Functions.mul, Source(m, name + "_orig"), Source(m, name + "_mask"))).Begin();
                    return module;
                }

                /// <summary>How many of n elements an amount means: a count, or a part from 0 to 1.</summary>
                static long Count(double amount, long n)
                {
                    if (amount < 0 || amount > 1 && amount != Math.Floor(amount)) throw new ArgumentValueException($"amount={amount} should either be a float in the range [0, 1] or a non-negative integer");
                    var count = amount > 1 ? (long)amount : (long)Math.Round(amount * n);
                    return count <= n ? count : throw new ArgumentValueException($"amount={count} should be smaller than the number of parameters to prune={n}");
                }

                static Tensor Current(Module module, string name) =>
                    Reparametrized.Of(module, name, name + "_mask")?.Target.detach() ?? module.get_parameter(name)?.detach() ?? throw new ArgumentValueException($"{module.GetName()} has no parameter '{name}'");

                /// <summary>A parameter as it was before anything of it was pruned.</summary>
                static Tensor Whole(Module module, string name) =>
                    Reparametrized.Of(module, name, name + "_mask") is null ? Current(module, name) : module.get_parameter(name + "_orig")!.detach();

                static Tensor MaskOf(Module module, string name) =>
                    Reparametrized.Of(module, name, name + "_mask") is null ? ones_like(Current(module, name)) : module.get_buffer(name + "_mask")!;

                /// <summary>Of what earlier masks have left, an amount goes: those places that come first in an order.</summary>
                static Tensor FirstOf(Tensor left, double amount, Func<Tensor, Tensor> order)
                {
                    var places = nonzero(left).reshape(-1);
                    return places.index_select(0, order(places).narrow(0, 0, Count(amount, places.numel())));
                }

                static T Without<T>(T module, string name, double amount, Func<Tensor, Tensor> order) where T : Module
                {
                    var (whole, mask) = (Whole(module, name).reshape(-1), MaskOf(module, name));
                    var places = FirstOf(mask.reshape(-1), amount, left => order(whole.index_select(0, left)));
                    return custom_from_mask(module, name, mask.reshape(-1).index_fill(0, places, 0).reshape(mask.shape));
                }

                /// <summary>Sets the elements nearest to 0 to 0: an amount of what earlier masks have left, as a part (up to 1) or a count.</summary>
                public static T l1_unstructured<T>(T module, string name, double amount) where T : Module =>
                    Without(module, name, amount, values => argsort(values.abs()));

                /// <summary>Sets elements anywhere to 0: an amount of what earlier masks have left, as a part (up to 1) or a count.</summary>
                public static T random_unstructured<T>(T module, string name, double amount) where T : Module =>
                    Without(module, name, amount, values => argsort(rand_like(values), descending: true));

                /// <summary>Zeroes whole slices along a dimension, as many of those left as the amount says, of those that come first.</summary>
                static T WithoutSlices<T>(T module, string name, double amount, long dim, Func<Tensor, Tensor> order) where T : Module
                {
                    var (whole, mask) = (Whole(module, name), MaskOf(module, name));
                    if (whole.dim() < 2) throw new ShapeException($"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape torch.Size([{string.Join(", ", whole.shape)}])");
                    var left = mask.transpose(0, dim).reshape(mask.size(dim), -1).sum(1);
                    return custom_from_mask(module, name, mask.index_fill(dim, FirstOf(left, amount, slices => order(whole.index_select(dim, slices))), 0));
                }

                /// <summary>Sets the slices along a dimension whose norm of order n is smallest to 0: an amount of those left, as a part (up to 1) or a count.</summary>
                public static T ln_structured<T>(T module, string name, double amount, double n, long dim) where T : Module =>
                    WithoutSlices(module, name, amount, dim, weight => argsort(linalg.vector_norm(weight.transpose(0, dim).reshape(weight.size(dim), -1), n, [1L])));

                /// <summary>Sets slices along a dimension anywhere to 0: an amount of those left, as a part (up to 1) or a count.</summary>
                public static T random_structured<T>(T module, string name, double amount, long dim) where T : Module =>
                    WithoutSlices(module, name, amount, dim, weight => argsort(rand(weight.size(dim))));

                /// <summary>Sets the elements nearest to 0 among several parameters together to 0: an amount of what is left, as a part (up to 1) or a count.</summary>
                public static void global_l1_unstructured(IEnumerable<(Module module, string name)> parameters, double amount)
                {
                    var all = parameters.ToArray();
                    var masks = all.Select(p => MaskOf(p.module, p.name)).ToArray();
                    var (sizes, mask) = (cat(all.Select(p => Whole(p.module, p.name).abs().reshape(-1))), cat(masks.Select(m => m.reshape(-1))));
                    mask = mask.index_fill(0, FirstOf(mask, amount, left => argsort(sizes.index_select(0, left))), 0);
                    foreach (var ((module, name), part) in all.Zip(mask.split([.. masks.Select(m => m.numel())])))
                        custom_from_mask(module, name, part.reshape(MaskOf(module, name).shape));
                }

                /// <summary>Adds a mask of ones.</summary>
                public static T identity<T>(T module, string name) where T : Module => custom_from_mask(module, name, ones_like(Current(module, name)));

                /// <summary>Makes what is left a parameter again.</summary>
                public static T remove<T>(T module, string name) where T : Module
                {
                    (Reparametrized.Of(module, name, name + "_mask") ?? throw new ArgumentValueException($"Parameter '{name}' of module {module.GetName()} has to be pruned before pruning can be removed")).End();
                    return module;
                }

                /// <summary>Whether anything in a module is pruned.</summary>
                public static bool is_pruned(Module module) =>
                    module.named_modules().Any(m => m.module.named_buffers(recurse: false).Any(b => b.name.EndsWith("_mask", StringComparison.Ordinal) && Reparametrized.Of(m.module, b.name[..^5], b.name) is not null));
            }
        }
    }
}
