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
            /// <summary>
            /// A parameter that is computed from others before each call of its module. Compute is told whether a call begins: only then
            /// may it change what the module remembers.
            /// </summary>
            sealed record Reparametrized(Module Owner, string Name, Parameter Target, string[] Sources, Func<Module, bool, CoreTensor> Compute)
            {
                static readonly ConditionalWeakTable<Module, List<Reparametrized>> all = [];
                Func<Module, object?[], object?[]?>? hook;

                public static IEnumerable<Reparametrized> Of(Module module) => all.TryGetValue(module, out var found) ? found : [];
                public static Reparametrized? Of(Module module, string name, string source) => Of(module).LastOrDefault(r => r.Name == name && r.Sources.Contains(source));

                public void Begin() => Begin(Compute(Owner, false));

                /// <summary>Begins with a value that holds until the first call.</summary>
                public void Begin(CoreTensor first)
                {
                    all.GetOrCreateValue(Owner).Add(this);
                    hook = (_, _) =>
                    {
                        Target.Hold(Compute(Owner, true));
                        return null;
                    };
                    Owner.register_forward_pre_hook(hook);
                    Target.Hold(first);
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
                    var value = History.Without(Compute(Owner, false));
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
                    (m, _) => Reparametrization.weightNorm(Dim(dim), Source(m, name + "_g"), Source(m, name + "_v"))).Begin();
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
                new Reparametrized(module, name, weight, [name + "_orig", name + "_u", name + "_v"], (m, calls) =>
                {
                    var whole = Source(m, name + "_orig");
                    if (calls && m.training)
                        using (no_grad())
                        {
                            var (nextU, nextV) = Reparametrization.powerIteration(Convert.Int(n_power_iterations), eps, Reparametrization.matrixOf(axis, History.Without(whole)), Source(m, name + "_u"), Source(m, name + "_v"));
                            m.get_buffer(name + "_u")!.Replace(nextU);
                            m.get_buffer(name + "_v")!.Replace(nextV);
                        }
                    return Reparametrization.spectralNorm(axis, Source(m, name + "_u"), Source(m, name + "_v"), whole);
                }).Begin(original.Core);
                return module;
            }

            /// <summary>Makes what spectral_norm computes a parameter again.</summary>
            public static T remove_spectral_norm<T>(T module, string name = "weight") where T : Module
            {
                Known("spectral_norm", module, name, name + "_u").End();
                return module;
            }
        }
    }
}
