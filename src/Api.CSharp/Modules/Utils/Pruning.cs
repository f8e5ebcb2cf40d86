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
                        m => Operands.binary(Functions.mul, Source(m, name + "_orig"), Source(m, name + "_mask"))).Begin();
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

                static T Without<T>(T module, string name, Tensor places) where T : Module
                {
                    var like = Current(module, name);
                    var mask = ones_like(like).reshape(-1);
                    mask.index_put_(zeros([], like.dtype), TensorIndex.Tensor(places));
                    return custom_from_mask(module, name, mask.reshape(like.shape));
                }

                /// <summary>Sets the elements nearest to 0 to 0: an amount as a part of all (up to 1), or a count.</summary>
                public static T l1_unstructured<T>(T module, string name, double amount) where T : Module
                {
                    var sizes = Current(module, name).abs().reshape(-1);
                    return Without(module, name, argsort(sizes).narrow(0, 0, Count(amount, sizes.numel())));
                }

                /// <summary>Sets elements anywhere to 0: an amount as a part of all (up to 1), or a count.</summary>
                public static T random_unstructured<T>(T module, string name, double amount) where T : Module
                {
                    var count = Current(module, name).numel();
                    return Without(module, name, randperm(count).narrow(0, 0, Count(amount, count)));
                }

                /// <summary>Zeroes whole slices along a dimension, as many as the amount says of those that come first.</summary>
                static T WithoutSlices<T>(T module, string name, double amount, long dim, Func<Tensor, Tensor> firstToGo) where T : Module
                {
                    var like = Current(module, name);
                    if (like.dim() < 2) throw new ShapeException($"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape torch.Size([{string.Join(", ", like.shape)}])");
                    var mask = ones_like(like);
                    var places = firstToGo(like).narrow(0, 0, Count(amount, like.size(dim)));
                    return custom_from_mask(module, name, mask.index_fill(dim, places, 0));
                }

                /// <summary>Sets the slices along a dimension whose norm of order n is smallest to 0: an amount as a part of all (up to 1), or a count.</summary>
                public static T ln_structured<T>(T module, string name, double amount, double n, long dim) where T : Module =>
                    WithoutSlices(module, name, amount, dim, weight => argsort(linalg.vector_norm(weight.transpose(0, dim).reshape(weight.size(dim), -1), n, [1L])));

                /// <summary>Sets slices along a dimension anywhere to 0: an amount as a part of all (up to 1), or a count.</summary>
                public static T random_structured<T>(T module, string name, double amount, long dim) where T : Module =>
                    WithoutSlices(module, name, amount, dim, weight => randperm(weight.size(dim)));

                /// <summary>Sets the elements nearest to 0 among several parameters together to 0: an amount as a part of all (up to 1), or a count.</summary>
                public static void global_l1_unstructured(IEnumerable<(Module module, string name)> parameters, double amount)
                {
                    var all = parameters.ToArray();
                    var sizes = all.Select(p => Current(p.module, p.name).abs().reshape(-1)).ToArray();
                    var mask = ones_like(cat(sizes));
                    mask.index_put_(zeros([], mask.dtype), TensorIndex.Tensor(argsort(cat(sizes)).narrow(0, 0, Count(amount, mask.numel()))));
                    foreach (var ((module, name), part) in all.Zip(mask.split([.. sizes.Select(s => s.numel())])))
                        custom_from_mask(module, name, part.reshape(Current(module, name).shape));
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
