namespace Functional.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>All parameters and persistent buffers by dotted name: the tensors themselves, not recorded.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string prefix = "")
            {
                var result = destination ?? [];
                foreach (var (name, parameter) in parameters_)
                    if (parameter is not null) result[prefix + name] = parameter.detach();
                foreach (var (name, (buffer, persistent)) in buffers_)
                    if (buffer is not null && persistent) result[prefix + name] = buffer;
                foreach (var (name, child) in children_) child?.state_dict(result, $"{prefix}{name}.");
                return result;
            }

            /// <summary>Names that old files have not, which PyTorch takes as they are where the file does not say how old it is.</summary>
            private protected virtual string[] AddedLater => [];

            static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"\"{n}\""));
            // Before 0.4 PyTorch had no tensors without dimensions.
            static bool IsFit(Tensor given, Tensor own) => given.is_same_size(own) || own.dim() == 0 && given.dim() == 1 && given.numel() > 0;
            static string Shape(Tensor tensor) => $"torch.Size([{string.Join(", ", tensor.shape)}])";

            /// <summary>
            /// Copies tensors by name into parameters and buffers. Raises ArgumentValueException for names that are missing or
            /// unknown (unless not `strict`), and for wrong shapes; then nothing is changed.
            /// </summary>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keys) load_state_dict(IDictionary<string, Tensor> state_dict, bool strict = true)
            {
                foreach (var (name, module) in named_modules())
                    if (module is Modules.ILazy lazy) lazy.Prepare(key => state_dict.TryGetValue(Join(name, key), out var saved) ? saved : null);
                var own = this.state_dict();
                var newer = named_modules().SelectMany(m => m.module.AddedLater.Select(n => Join(m.name, n))).ToHashSet();
                var missing = own.Keys.Where(k => !state_dict.ContainsKey(k) && !newer.Contains(k)).ToList();
                var unexpected = state_dict.Keys.Where(k => !own.ContainsKey(k)).ToList();
                var problems = new List<string>();
                if (strict && missing.Count > 0) problems.Add($"Missing key(s) in state_dict: {Names(missing)}. ");
                if (strict && unexpected.Count > 0) problems.Add($"Unexpected key(s) in state_dict: {Names(unexpected)}. ");
                problems.AddRange(own.Where(o => state_dict.TryGetValue(o.Key, out var given) && !IsFit(given, o.Value)).Select(o =>
                    $"size mismatch for {o.Key}: copying a param with shape {Shape(state_dict[o.Key])} from checkpoint, the shape in current model is {Shape(o.Value)}."));
                if (problems.Count > 0) throw new ArgumentValueException($"Error(s) in loading state_dict for {GetName()}:\n\t{string.Join("\n\t", problems)}");

                using (no_grad())
                    foreach (var (name, target) in own)
                        if (state_dict.TryGetValue(name, out var given)) target.copy_(given.dim() == target.dim() ? given : given[0]);
                return (missing, unexpected);
            }
        }
    }
}
