using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Functional.Torch;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Between the core's L-BFGS, which works on one vector, and parameters with their closure.</summary>
        sealed class LBFGSOptimizer : Optimizer
        {
            LbfgsState state = Lbfgs.start;

            internal LBFGSOptimizer(IEnumerable<ParamGroup> groups, params (string Name, object? Value)[] options) : base(groups, options.ToDictionary(o => o.Name, o => o.Value))
            {
                if (param_groups.Count != 1) throw new ArgumentValueException("LBFGS doesn't support per-parameter options (parameter groups)");
                if (param_groups[0].TryGet("line_search_fn") is not (null or "strong_wolfe")) throw new ArgumentValueException("only 'strong_wolfe' is supported");
            }

            private protected override string Kind => "LBFGS";

            LbfgsOptions Options
            {
                get
                {
                    var g = param_groups[0];
                    return new((double)g["lr"], Whole("max_iter"), Whole("max_eval"), g.Number("tolerance_grad"), g.Number("tolerance_change"), Whole("history_size"), g.TryGet("line_search_fn") is not null);
                }
            }

            int Whole(string name) => System.Convert.ToInt32(param_groups[0][name]);

            CoreTensor Flat(Func<Tensor, CoreTensor> part) =>
                Structure.concat(0, [.. parameters().Select(p => Engine.reshape([-1], part(p)))]);

            void Place(CoreTensor flat)
            {
                var start = 0;
                foreach (var parameter in parameters())
                {
                    var count = (int)parameter.numel();
                    parameter.Overtake(Engine.reshape(parameter.Core.Shape, Structure.narrow(0, start, count, flat)));
                    start += count;
                }
            }

            public override Tensor? step(Func<Tensor>? closure = null)
            {
                if (closure is null) throw new ArgumentValueException("LBFGS.step() needs a closure that computes the loss and the gradients again");
                Tensor? first = null;

                using (no_grad())
                {
                    var evaluate = FuncConvert.FromFunc<CoreTensor, ValueTuple<double, CoreTensor>>(x =>
                    {
                        Place(x);
                        Tensor loss;
                        using (enable_grad()) loss = closure();
                        first ??= loss;
                        return (loss.ToDouble(), Flat(p => p.grad?.Core ?? Structure.zeros(p.Core, p.Core.Shape)));
                    });
                    var (x, next) = Lbfgs.step(Options, evaluate, state, Flat(p => p.Core));
                    Place(x);
                    state = next;
                }
                return first;
            }

            static Tensor Shared(CoreTensor value) => new(Structure.share(value));

            // One state for all, kept with the first parameter, as PyTorch does it.
            private protected override Dictionary<string, object?>? Memory(Tensor parameter) =>
                !ReferenceEquals(parameter, parameters().First()) || state.Evaluations == 0 ? null : new()
                {
                    ["func_evals"] = (long)state.Evaluations,
                    ["n_iter"] = (long)state.Iterations,
                    ["d"] = state.Direction?.Value is { } direction ? Shared(direction) : null,
                    ["t"] = state.Length,
                    ["old_dirs"] = state.Memory.Reverse().Select(m => Shared(m.Turn)).ToList(),
                    ["old_stps"] = state.Memory.Reverse().Select(m => Shared(m.Move)).ToList(),
                    ["ro"] = state.Memory.Reverse().Select(m => m.Inverse).ToList(),
                    ["H_diag"] = state.Scale,
                    ["prev_flat_grad"] = state.Gradient?.Value is { } gradient ? Shared(gradient) : null,
                    ["prev_loss"] = state.Loss,
                };

            private protected override void Remember(Tensor parameter, ParamGroup group, IReadOnlyDictionary<string, object?> memory)
            {
                static FSharpOption<CoreTensor>? Vector(object? saved) => saved is Tensor t ? FSharpOption<CoreTensor>.Some(Structure.share(t.Core)) : null;
                static IEnumerable<object?> List(object? saved) => saved is null ? [] : Saved.List(saved);
                var memories = List(memory.GetValueOrDefault("old_dirs"))
                    .Zip(List(memory.GetValueOrDefault("old_stps")), List(memory.GetValueOrDefault("ro")))
                    .Select(m => new LbfgsMemory(((Tensor)m.First!).Core, ((Tensor)m.Second!).Core, Saved.Number(m.Third)));
                double Number(string name, double otherwise) => memory.GetValueOrDefault(name) is { } saved ? Saved.Number(saved) : otherwise;
                state = new((int)Number("func_evals", 0), (int)Number("n_iter", 0), Vector(memory.GetValueOrDefault("d")), Number("t", 0),
                    ListModule.OfSeq(memories.Reverse()), Number("H_diag", 1), Vector(memory.GetValueOrDefault("prev_flat_grad")), Number("prev_loss", double.NaN));
            }
        }
    }
}
