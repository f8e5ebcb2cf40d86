using Functional.Torch.Modules;
using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Holds a value with its history: what the cell shows is computed from other tensors from now on.</summary>
        internal void Hold(CoreTensor computed) => Become(computed);
    }

    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>A parameter that is computed from others before each call of its module.</summary>
            sealed record Reparametrized(Module Owner, string Name, Parameter Target, string[] Sources, Func<Module, CoreTensor> Compute)
            {
                static readonly ConditionalWeakTable<Module, List<Reparametrized>> all = [];
                Func<Module, object?[], object?[]?>? hook;

                public static IEnumerable<Reparametrized> Of(Module module) => all.TryGetValue(module, out var found) ? found : [];
                public static Reparametrized? Of(Module module, string name, string source) => Of(module).LastOrDefault(r => r.Name == name && r.Sources.Contains(source));

                public void Begin()
                {
                    all.GetOrCreateValue(Owner).Add(this);
                    hook = (_, _) =>
                    {
                        Target.Hold(Compute(Owner));
                        return null;
                    };
                    Owner.register_forward_pre_hook(hook);
                    Target.Hold(Compute(Owner));
                }

                /// <summary>The same for a copy of the module, whose hooks came with it.</summary>
                public void CopyTo(Module copy, Parameter target)
                {
                    copy.Forget(hook!);
                    new Reparametrized(copy, Name, target, Sources, Compute).Begin();
                }

                /// <summary>Makes the value that there is now a parameter again.</summary>
                public void End()
                {
                    var value = History.Without(Compute(Owner));
                    Owner.Forget(hook!);
                    all.GetOrCreateValue(Owner).Remove(this);
                    foreach (var source in Sources)
                        if (Owner.has_parameter(source)) Owner.Release(source);
                        else Owner.Drop(source);
                    Target.Hold(History.Variable(value, Target));
                    Owner.register_parameter(Name, Target);
                }
            }

            internal static void CopyReparametrized(Module from, Module to, Func<Parameter, Parameter> copied)
            {
                foreach (var one in Reparametrized.Of(from).ToArray()) one.CopyTo(to, copied(one.Target));
            }

            static CoreTensor Source(Module module, string name) => (module.get_parameter(name) ?? module.get_buffer(name))!.Core;

            static FSharpOption<int>? Dim(long? dim) => dim is { } d ? FSharpOption<int>.Some(Convert.Int(d)) : null;

            static Reparametrized Known(string what, Module module, string name, string source) =>
                Reparametrized.Of(module, name, source) ?? throw new ArgumentValueException($"{what} of '{name}' not found in {module.GetName()}");

            /// <summary>Splits a parameter into a length (name_g) and a direction (name_v) (Salimans and Kingma 2016).</summary>
            public static T weight_norm<T>(T module, string name = "weight", long? dim = 0) where T : Module
            {
                if (dim == -1) dim = null;
                var weight = module.Release(name);
                var value = History.Without(weight.Recorded);
                var length = new Parameter(new Tensor(Reparametrization.normBeside(Dim(dim), value)));
                var direction = new Parameter(new Tensor(value));
                module.register_parameter(name + "_g", length);
                module.register_parameter(name + "_v", direction);
                new Reparametrized(module, name, weight, [name + "_g", name + "_v"],
                    m => Reparametrization.weightNorm(Dim(dim), Source(m, name + "_g"), Source(m, name + "_v"))).Begin();
                return module;
            }

            /// <summary>Makes length and direction one parameter again.</summary>
            public static T remove_weight_norm<T>(T module, string name = "weight") where T : Module
            {
                Known("weight_norm", module, name, name + "_g").End();
                return module;
            }

            /// <summary>Divides a parameter by its largest singular value, found by power iteration while training (Miyato et al. 2018).</summary>
            public static T spectral_norm<T>(T module, string name = "weight", long n_power_iterations = 1, double eps = 1e-12, long? dim = null) where T : Module
            {
                if (n_power_iterations <= 0) throw new ArgumentValueException($"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}");
                var axis = Convert.Int(dim ?? (module.GetName().StartsWith("ConvTranspose") ? 1 : 0));
                var weight = module.Release(name);
                var original = new Parameter(new Tensor(History.Without(weight.Recorded)));
                var matrix = Reparametrization.matrixOf(axis, original.detach().Core);
                Tensor Unit(int size) => new(Reparametrization.unit(eps, randn([size], original.dtype).Core));
                var (u, v) = (Unit(matrix.Shape[0]), Unit(matrix.Shape[1]));
                module.register_parameter(name + "_orig", original);
                module.register_buffer(name + "_u", u);
                module.register_buffer(name + "_v", v);
                new Reparametrized(module, name, weight, [name + "_orig", name + "_u", name + "_v"], m =>
                {
                    var whole = Source(m, name + "_orig");
                    if (m.training)
                        using (no_grad())
                        {
                            var (nextU, nextV) = Reparametrization.powerIteration(Convert.Int(n_power_iterations), eps, Reparametrization.matrixOf(axis, History.Without(whole)), Source(m, name + "_u"), Source(m, name + "_v"));
                            m.get_buffer(name + "_u")!.Replace(nextU);
                            m.get_buffer(name + "_v")!.Replace(nextV);
                        }
                    return Reparametrization.spectralNorm(axis, Source(m, name + "_u"), Source(m, name + "_v"), whole);
                }).Begin();
                return module;
            }

            /// <summary>Makes what spectral_norm computes a parameter again.</summary>
            public static T remove_spectral_norm<T>(T module, string name = "weight") where T : Module
            {
                Known("spectral_norm", module, name, name + "_u").End();
                return module;
            }

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
