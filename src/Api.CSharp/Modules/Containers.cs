using System.Collections;

namespace Functional.Torch.Modules
{
    using static Functional.Torch.torch;
    using Tensor = Functional.Torch.torch.Tensor;

    /// <summary>Modules one after the other.</summary>
    public sealed class Sequential : nn.Module<Tensor, Tensor>, IEnumerable<nn.Module<Tensor, Tensor>>
    {
        internal Sequential(IEnumerable<(string name, nn.Module<Tensor, Tensor> module)> modules) : base("Sequential")
        {
            foreach (var (name, module) in modules) register_module(name, module);
        }

        IEnumerable<nn.Module<Tensor, Tensor>> Steps => Inside.Values.Where(m => m is not null).Cast<nn.Module<Tensor, Tensor>>();

        /// <summary>Adds a module at the end; its name is its position.</summary>
        public Sequential append(nn.Module<Tensor, Tensor> module)
        {
            register_module(Count.ToString(), module);
            return this;
        }

        /// <inheritdoc cref="append"/>
        public void Add(nn.Module<Tensor, Tensor> module) => append(module);

        /// <summary>The number of modules.</summary>
        public int Count => Inside.Count;
        /// <summary>A module by its position; negative ones count from the end.</summary>
        public nn.Module<Tensor, Tensor> this[int index] => Steps.ElementAt(index < 0 ? index + Count : index);
        /// <summary>A module by its name.</summary>
        public nn.Module<Tensor, Tensor> this[string name] => (nn.Module<Tensor, Tensor>)get_submodule(name);
        /// <summary>A part of the modules, under their names.</summary>
        public Sequential this[Range range] => new(Inside.Take(range).Select(i => (i.Key, (nn.Module<Tensor, Tensor>)i.Value!)));

        /// <inheritdoc/>
        public override Tensor forward(Tensor input)
        {
            foreach (var step in Inside.Values) input = ((nn.Module<Tensor, Tensor>)step!).call(input);
            return input;
        }

        /// <inheritdoc/>
        public IEnumerator<nn.Module<Tensor, Tensor>> GetEnumerator() => Steps.GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>A list of modules, named by their positions.</summary>
    public sealed class ModuleList : nn.Module, IReadOnlyList<nn.Module>
    {
        internal ModuleList(IEnumerable<nn.Module> modules) : base("ModuleList") => extend(modules);

        /// <summary>Adds a module at the end.</summary>
        public ModuleList append(nn.Module module) => extend([module]);

        /// <summary>Adds modules at the end.</summary>
        public ModuleList extend(IEnumerable<nn.Module> modules)
        {
            foreach (var module in modules) Inside.Add(Count.ToString(), module);
            return this;
        }

        /// <summary>Puts a module at a position.</summary>
        public void insert(int index, nn.Module module)
        {
            List<nn.Module> items = [.. this];
            items.Insert(index < 0 ? index + items.Count : index, module);
            Inside.Clear();
            extend(items);
        }

        /// <summary>A module by its position; negative ones count from the end.</summary>
        public nn.Module this[int index]
        {
            get => Inside.GetAt(index < 0 ? index + Count : index).Value!;
            set => Inside.SetAt(index < 0 ? index + Count : index, value);
        }

        /// <inheritdoc/>
        public int Count => Inside.Count;
        /// <inheritdoc/>
        public IEnumerator<nn.Module> GetEnumerator() => Inside.Values.Select(m => m!).GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Modules by name.</summary>
    public sealed class ModuleDict : nn.Module, IEnumerable<KeyValuePair<string, nn.Module>>
    {
        internal ModuleDict(IEnumerable<KeyValuePair<string, nn.Module>> modules) : base("ModuleDict") => update(modules);

        /// <summary>A module by its name.</summary>
        public nn.Module this[string key]
        {
            get => Inside.TryGetValue(key, out var module) ? module! : throw new ArgumentValueException($"'{key}' is none of the modules here: {string.Join(", ", keys())}");
            set
            {
                Inside.Remove(key);
                register_module(key, value);
            }
        }

        /// <summary>Adds or replaces modules.</summary>
        public void update(IEnumerable<KeyValuePair<string, nn.Module>> modules)
        {
            foreach (var (name, module) in modules) this[name] = module;
        }

        /// <summary>Takes a module out.</summary>
        public nn.Module pop(string key)
        {
            var module = this[key];
            Inside.Remove(key);
            return module;
        }

        /// <summary>Takes all modules out.</summary>
        public void clear() => Inside.Clear();
        /// <summary>Whether there is a module of this name.</summary>
        public bool contains(string key) => Inside.ContainsKey(key);
        /// <summary>The names.</summary>
        public IEnumerable<string> keys() => Inside.Keys;
        /// <summary>The modules.</summary>
        public IEnumerable<nn.Module> values() => Inside.Values.Select(m => m!);
        /// <summary>Names and modules.</summary>
        public IEnumerable<(string, nn.Module)> items() => Inside.Select(i => (i.Key, i.Value!));
        /// <summary>The number of modules.</summary>
        public int Count => Inside.Count;
        /// <inheritdoc/>
        public IEnumerator<KeyValuePair<string, nn.Module>> GetEnumerator() => Inside.Select(i => KeyValuePair.Create(i.Key, i.Value!)).GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>A list of parameters, named by their positions.</summary>
    public sealed class ParameterList : nn.Module, IReadOnlyList<Parameter>
    {
        internal ParameterList(IEnumerable<Tensor> parameters) : base("ParameterList") => extend(parameters);

        internal static Parameter AsParameter(Tensor tensor) => tensor as Parameter ?? new Parameter(tensor);

        /// <summary>Adds a parameter at the end.</summary>
        public ParameterList append(Tensor value) => extend([value]);

        /// <summary>Adds parameters at the end.</summary>
        public ParameterList extend(IEnumerable<Tensor> values)
        {
            foreach (var value in values) register_parameter(Count.ToString(), AsParameter(value));
            return this;
        }

        /// <summary>A parameter by its position; negative ones count from the end.</summary>
        public Parameter this[int index]
        {
            get => Own.GetAt(index < 0 ? index + Count : index).Value!;
            set => Own.SetAt(index < 0 ? index + Count : index, value);
        }

        /// <inheritdoc/>
        public int Count => Own.Count;
        /// <inheritdoc/>
        public IEnumerator<Parameter> GetEnumerator() => Own.Values.Select(p => p!).GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Parameters by name.</summary>
    public sealed class ParameterDict : nn.Module, IEnumerable<KeyValuePair<string, Parameter>>
    {
        internal ParameterDict(IEnumerable<KeyValuePair<string, Tensor>> parameters) : base("ParameterDict") => update(parameters);

        /// <summary>A parameter by its name.</summary>
        public Parameter this[string key]
        {
            get => Own.TryGetValue(key, out var parameter) ? parameter! : throw new ArgumentValueException($"'{key}' is none of the parameters here: {string.Join(", ", keys())}");
            set
            {
                Own.Remove(key);
                register_parameter(key, value);
            }
        }

        /// <summary>Adds or replaces parameters.</summary>
        public void update(IEnumerable<KeyValuePair<string, Tensor>> parameters)
        {
            foreach (var (name, value) in parameters) this[name] = ParameterList.AsParameter(value);
        }

        /// <summary>Takes a parameter out.</summary>
        public Parameter pop(string key)
        {
            var parameter = this[key];
            Own.Remove(key);
            return parameter;
        }

        /// <summary>Takes all parameters out.</summary>
        public void clear() => Own.Clear();
        /// <summary>Whether there is a parameter of this name.</summary>
        public bool contains(string key) => Own.ContainsKey(key);
        /// <summary>The names.</summary>
        public IEnumerable<string> keys() => Own.Keys;
        /// <summary>The parameters.</summary>
        public IEnumerable<Parameter> values() => Own.Values.Select(p => p!);
        /// <summary>Names and parameters.</summary>
        public IEnumerable<(string, Parameter)> items() => Own.Select(i => (i.Key, i.Value!));
        /// <summary>The number of parameters.</summary>
        public int Count => Own.Count;
        /// <inheritdoc/>
        public IEnumerator<KeyValuePair<string, Parameter>> GetEnumerator() => Own.Select(i => KeyValuePair.Create(i.Key, i.Value!)).GetEnumerator();
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
            /// <summary>Modules by name.</summary>
            public static Modules.ModuleDict ModuleDict(params (string name, Module module)[] modules) => new(modules.Select(m => KeyValuePair.Create(m.name, m.module)));
            /// <summary>Modules by name.</summary>
            public static Modules.ModuleDict ModuleDict(IDictionary<string, Module> modules) => new(modules);
            /// <summary>A list of parameters.</summary>
            public static Modules.ParameterList ParameterList(params Tensor[] parameters) => new(parameters);
            /// <summary>Parameters by name.</summary>
            public static Modules.ParameterDict ParameterDict(params (string name, Tensor parameter)[] parameters) => new(parameters.Select(p => KeyValuePair.Create(p.name, p.parameter)));
            /// <summary>Parameters by name.</summary>
            public static Modules.ParameterDict ParameterDict(IDictionary<string, Tensor> parameters) => new(parameters);
        }
    }
}
