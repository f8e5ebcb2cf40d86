using System.Collections;

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>Modules one after the other.</summary>
    public sealed class Sequential : nn.Module<Tensor, Tensor>, IEnumerable<nn.Module<Tensor, Tensor>>
    {
        readonly List<nn.Module<Tensor, Tensor>> steps = [];

        internal Sequential(IEnumerable<(string name, nn.Module<Tensor, Tensor> module)> modules) : base("Sequential")
        {
            foreach (var (name, module) in modules) add_step(name, module);
        }

        void add_step(string name, nn.Module<Tensor, Tensor> module)
        {
            register_module(name, module);
            steps.Add(module);
        }

        /// <summary>Adds a module at the end; its name is its position.</summary>
        public Sequential append(nn.Module<Tensor, Tensor> module)
        {
            add_step(steps.Count.ToString(), module);
            return this;
        }

        /// <inheritdoc cref="append"/>
        public void Add(nn.Module<Tensor, Tensor> module) => append(module);

        /// <summary>The number of modules.</summary>
        public int Count => steps.Count;
        /// <summary>A module by its position.</summary>
        public nn.Module<Tensor, Tensor> this[int index] => steps[index];

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            foreach (var step in steps) input = step.call(input);
            return input;
        }

        /// <inheritdoc/>
        public IEnumerator<nn.Module<Tensor, Tensor>> GetEnumerator() => steps.GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>A list of modules, named by their positions.</summary>
    public sealed class ModuleList : nn.Module, IReadOnlyList<nn.Module>
    {
        readonly List<nn.Module> items = [];

        internal ModuleList(IEnumerable<nn.Module> modules) : base("ModuleList") => extend(modules);

        /// <summary>Adds a module at the end.</summary>
        public ModuleList append(nn.Module module) => extend([module]);

        /// <summary>Adds modules at the end.</summary>
        public ModuleList extend(IEnumerable<nn.Module> modules)
        {
            items.AddRange(modules);
            Rename(items);
            return this;
        }

        /// <summary>Puts a module at a position.</summary>
        public void insert(int index, nn.Module module)
        {
            items.Insert(index, module);
            Rename(items);
        }

        /// <inheritdoc/>
        public nn.Module this[int index] => items[index];
        /// <inheritdoc/>
        public int Count => items.Count;
        /// <inheritdoc/>
        public IEnumerator<nn.Module> GetEnumerator() => items.GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

namespace Functional.Torch
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Modules one after the other, by name.</summary>
            public static Modules.Sequential Sequential(params (string name, Module<Tensor, Tensor> module)[] modules) => new(modules);
            /// <summary>Modules one after the other; their names are their positions.</summary>
            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules.Select((m, i) => (i.ToString(), m)));
            /// <summary>Modules one after the other, by name.</summary>
            public static Modules.Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> module)> modules) => new(modules);
            /// <summary>A list of modules.</summary>
            public static Modules.ModuleList ModuleList(params Module[] modules) => new(modules);
        }
    }
}
