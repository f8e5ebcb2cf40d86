using System.Reflection;
using Functional.Torch.Modules;

namespace Functional.Torch;

public static partial class torch
{
    /// <summary>Networks.</summary>
    public static partial class nn
    {
        /// <summary>A piece of a network: parameters, buffers and other modules by name.</summary>
        public partial class Module : IDisposable
        {
            readonly OrderedDictionary<string, Parameter?> parameters_ = [];
            readonly OrderedDictionary<string, (Tensor? Value, bool Persistent)> buffers_ = [];
            readonly OrderedDictionary<string, Module?> children_ = [];

            /// <summary>A module with a name.</summary>
            public Module(string name = "") => Name = name;

            /// <summary>The module's name.</summary>
            public string Name { get; }
            /// <summary>Whether the module is learning rather than answering.</summary>
            public bool training { get; private set; } = true;

            /// <summary>The name of the module's class.</summary>
            public virtual string GetName() => GetType().Name;

            /// <summary>Registers all fields that are parameters, modules, or tensors (as buffers), under their names.</summary>
            protected internal void RegisterComponents()
            {
                const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
                var types = new Stack<Type>();
                for (var type = GetType(); type is not null && type.Assembly != typeof(Module).Assembly; type = type.BaseType) types.Push(type);

                foreach (var type in types)
                    foreach (var field in type.GetFields(own).OrderBy(f => f.MetadataToken))
                    {
                        // A property's field is called <Name>k__BackingField.
                        var name = field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>')] : field.Name;
                        if (field.GetCustomAttribute<ComponentNameAttribute>() is { Name: { } given }) name = given;
                        switch (field.GetValue(this))
                        {
                            case Parameter parameter when !parameters_.ContainsKey(name): register_parameter(name, parameter); break;
                            case Module module when !children_.ContainsKey(name): register_module(name, module); break;
                            case Tensor tensor when tensor is not Modules.Parameter && !buffers_.ContainsKey(name): register_buffer(name, tensor); break;
                        }
                    }
            }

            void CheckName(string name, string kind)
            {
                if (name.Contains('.')) throw new ArgumentValueException($"{kind} name can't contain \".\", got: {name}");
                if (name.Length == 0) throw new ArgumentValueException($"{kind} name can't be empty string \"\"");
                if (parameters_.ContainsKey(name) || buffers_.ContainsKey(name) || children_.ContainsKey(name)) throw new ArgumentValueException($"attribute '{name}' already exists");
            }

            /// <summary>Adds a parameter; null keeps its place without one.</summary>
            public void register_parameter(string name, Parameter? param)
            {
                CheckName(name, "parameter");
                if (param is { is_leaf: false }) throw new ArgumentValueException($"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly.");
                parameters_[name] = param;
            }

            /// <summary>Adds a tensor that is part of the module but not learned.</summary>
            public void register_buffer(string name, Tensor? tensor, bool persistent = true)
            {
                CheckName(name, "buffer");
                buffers_[name] = (tensor, persistent);
            }

            /// <summary>Adds a module.</summary>
            public void register_module(string name, Module? module)
            {
                CheckName(name, "module");
                children_[name] = module;
            }

            /// <inheritdoc cref="register_module"/>
            public void add_module(string name, Module? module) => register_module(name, module);

            /// <summary>The modules directly inside, by name, to be changed by containers.</summary>
            private protected OrderedDictionary<string, Module?> Inside => children_;
            /// <summary>The module's own parameters, by name, to be changed by containers.</summary>
            private protected OrderedDictionary<string, Parameter?> Own => parameters_;

            /// <summary>Takes a parameter out of the module's own.</summary>
            internal Parameter Release(string name)
            {
                var parameter = parameters_.GetValueOrDefault(name) ?? throw new ArgumentValueException($"{GetName()} has no parameter '{name}'");
                parameters_.Remove(name);
                return parameter;
            }

            /// <summary>Takes a buffer out.</summary>
            internal void Drop(string name) => buffers_.Remove(name);

            /// <summary>Takes over the parameters and buffers of another module as its own.</summary>
            private protected void Adopt(Module other)
            {
                foreach (var (name, parameter) in other.parameters_) parameters_[name] = parameter;
                foreach (var (name, buffer) in other.buffers_) buffers_[name] = buffer;
            }

            /// <summary>Puts another module in the place of one inside, in fields too where they can hold it.</summary>
            internal void Exchange(string name, Module next)
            {
                var before = children_[name];
                children_[name] = next;
                for (var type = GetType(); type is not null && type != typeof(Module); type = type.BaseType)
                    foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                        if (field.FieldType.IsInstanceOfType(next) && ReferenceEquals(field.GetValue(this), before)) field.SetValue(this, next);
            }

            static string Join(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}.{name}";

            /// <summary>This module and all inside, each once, with dotted names.</summary>
            public IEnumerable<(string name, Module module)> named_modules(string prefix = "") => Walk(prefix, new HashSet<Module>(ReferenceEqualityComparer.Instance));

            IEnumerable<(string, Module)> Walk(string prefix, HashSet<Module> seen)
            {
                if (!seen.Add(this)) yield break;
                yield return (prefix, this);
                foreach (var (name, child) in children_)
                    if (child is not null)
                        foreach (var found in child.Walk(Join(prefix, name), seen)) yield return found;
            }

            /// <summary>This module and all inside, each once.</summary>
            public IEnumerable<Module> modules() => named_modules().Select(m => m.module);
            /// <summary>The modules directly inside, with their names.</summary>
            public IEnumerable<(string name, Module module)> named_children() => children_.Where(c => c.Value is not null).Select(c => (c.Key, c.Value!));
            /// <summary>The modules directly inside.</summary>
            public IEnumerable<Module> children() => named_children().Select(c => c.module);

            /// <summary>All parameters, each once, with dotted names.</summary>
            public IEnumerable<(string name, Parameter parameter)> named_parameters(string prefix = "", bool recurse = true)
            {
                var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
                return (recurse ? named_modules(prefix) : [(prefix, this)])
                    .SelectMany(m => m.module.parameters_.Select(p => (Join(m.name, p.Key), p.Value)))
                    .Where(p => p.Value is not null && seen.Add(p.Value))
                    .Select(p => (p.Item1, p.Value!));
            }

            /// <summary>All parameters, each once.</summary>
            public IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters("", recurse).Select(p => p.parameter);

            /// <summary>All buffers, each once, with dotted names.</summary>
            public IEnumerable<(string name, Tensor buffer)> named_buffers(string prefix = "", bool recurse = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                return (recurse ? named_modules(prefix) : [(prefix, this)])
                    .SelectMany(m => m.module.buffers_.Select(b => (Join(m.name, b.Key), b.Value.Value)))
                    .Where(b => b.Value is not null && seen.Add(b.Value))
                    .Select(b => (b.Item1, b.Value!));
            }

            /// <summary>All buffers, each once.</summary>
            public IEnumerable<Tensor> buffers(bool recurse = true) => named_buffers("", recurse).Select(b => b.buffer);

            /// <summary>The module of this dotted name; "" is this one. Raises ArgumentValueException where there is none.</summary>
            public Module get_submodule(string target)
            {
                var module = this;
                foreach (var name in target.Split('.', StringSplitOptions.RemoveEmptyEntries))
                    module = module.children_.GetValueOrDefault(name) ?? throw new ArgumentValueException($"{module.GetName()} has no attribute `{name}`");
                return module;
            }

            T? Find<T>(string target, Func<Module, string, T?> own) where T : class
            {
                var dot = target.LastIndexOf('.');
                try { return own(dot < 0 ? this : get_submodule(target[..dot]), target[(dot + 1)..]); }
                catch (ArgumentValueException) { return null; }
            }

            /// <summary>The parameter of this dotted name, or null.</summary>
            public Parameter? get_parameter(string target) => Find(target, (m, name) => m.parameters_.GetValueOrDefault(name));
            /// <summary>The buffer of this dotted name, or null.</summary>
            public Tensor? get_buffer(string target) => Find(target, (m, name) => m.buffers_.GetValueOrDefault(name).Value);
            /// <summary>Whether there is a parameter of this dotted name.</summary>
            public bool has_parameter(string target) => get_parameter(target) is not null;
            /// <summary>Whether there is a buffer of this dotted name.</summary>
            public bool has_buffer(string target) => get_buffer(target) is not null;

            /// <summary>Sets this module and all inside to learning, or to answering.</summary>
            public virtual void train(bool mode = true)
            {
                training = mode;
                foreach (var child in children()) child.train(mode);
            }

            /// <summary>Sets this module and all inside to answering.</summary>
            public virtual void eval() => train(false);

            /// <summary>Sets whether gradients are gathered for all parameters.</summary>
            public virtual Module requires_grad_(bool requires_grad = true)
            {
                foreach (var parameter in parameters()) parameter.requires_grad_(requires_grad);
                return this;
            }

            /// <summary>Forgets all gradients, or makes them 0.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters()) parameter.ClearGradient(set_to_none);
            }

            /// <summary>Calls a function with every module inside, then with this one.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var child in children()) child.apply(fn);
                fn(this);
                return this;
            }

            internal virtual void Become(ScalarType dtype)
            {
                foreach (var tensor in parameters().Concat(buffers()))
                    if (tensor.is_floating_point() && tensor.dtype != dtype)
                        tensor.Replace(Engine.cast(dtype.Core(), History.Without(tensor.Recorded)));
            }

            /// <summary>Lets parameters, their gradients and buffers live where a backend works.</summary>
            internal virtual void Move(IBackend backend)
            {
                foreach (var tensor in parameters().Concat(buffers()))
                {
                    tensor.Move(backend);
                    tensor.grad?.Move(backend);
                }
            }

            /// <summary>What to print between the parentheses of the module's name.</summary>
            protected virtual string extra_repr() => "";

            /// <inheritdoc/>
            public override string ToString()
            {
                var inside = named_children().Select(c => $"  ({c.name}): {c.module.ToString().Replace("\n", "\n  ")}").ToList();
                return inside.Count == 0 ? $"{GetName()}({extra_repr()})" : $"{GetName()}(\n{string.Join("\n", inside)}\n)";
            }

            /// <summary>Memory needs no Dispose here; it exists so that programs written for TorchSharp keep working.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <inheritdoc cref="Dispose()"/>
            protected virtual void Dispose(bool disposing) { }
        }

        /// <summary>A tensor that a module learns.</summary>
        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
    }

    public partial class Tensor
    {
        /// <summary>Lets this tensor live where a backend works, and be the leaf that it is.</summary>
        internal void Move(IBackend backend)
        {
            if (!value.Backend!.Device.Equals(backend.Device)) Replace(Engine.move(backend, History.Without(Recorded)));
        }

        internal void ClearGradient(bool forget)
        {
            if (variable?.Gradient is not { } gradient) return;
            if (forget) variable.Gradient = null;
            else gradient.detach_().zero_();
        }
    }
}

/// <summary>Moving modules; each gives the module back in its own type.</summary>
public static class ModuleExtensions
{
    /// <summary>Converts floating parameters and buffers to a dtype.</summary>
    public static T to<T>(this T module, torch.ScalarType dtype) where T : torch.nn.Module
    {
        if (!dtype.IsFloatingPoint()) throw new DtypeException($"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}");
        module.Become(dtype);
        return module;
    }

    /// <summary>A copy with parameters, buffers and modules of its own (Python's copy.deepcopy).</summary>
    public static T deepcopy<T>(this T module) where T : torch.nn.Module => new DeepCopy().Of(module);

    /// <summary>Moves parameters and buffers to a device.</summary>
    public static T to<T>(this T module, torch.Device device, torch.ScalarType? dtype = null) where T : torch.nn.Module
    {
        module.Move(device.Backend);
        return dtype is { } type ? module.to(type) : module;
    }

    /// <summary>The module where its factory was told to put it.</summary>
    internal static T On<T>(this T module, torch.Device? device) where T : torch.nn.Module
    {
        if (device is not null) module.Move(device.Backend);
        return module;
    }

    /// <summary>Moves parameters and buffers to a kind of device.</summary>
    public static T to<T>(this T module, DeviceType type, int index = -1) where T : torch.nn.Module => module.to(new torch.Device(type, index));
    /// <summary>Moves parameters and buffers to the processor.</summary>
    public static T cpu<T>(this T module) where T : torch.nn.Module => module.to(torch.CPU);
    /// <summary>Moves parameters and buffers to a graphics card: the current one, if none is named.</summary>
    public static T cuda<T>(this T module, int device = -1) where T : torch.nn.Module => module.to(new torch.Device(DeviceType.CUDA, device));
    /// <summary>Converts floating parameters and buffers to float32.</summary>
    public static T @float<T>(this T module) where T : torch.nn.Module => module.to(torch.ScalarType.Float32);
    /// <summary>Converts floating parameters and buffers to float64.</summary>
    public static T @double<T>(this T module) where T : torch.nn.Module => module.to(torch.ScalarType.Float64);
    /// <summary>Converts floating parameters and buffers to float16.</summary>
    public static T half<T>(this T module) where T : torch.nn.Module => module.to(torch.ScalarType.Float16);
    /// <summary>Converts floating parameters and buffers to bfloat16.</summary>
    public static T bfloat16<T>(this T module) where T : torch.nn.Module => module.to(torch.ScalarType.BFloat16);
}

/// <summary>The name under which RegisterComponents registers a field.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class ComponentNameAttribute : Attribute
{
    /// <summary>The name.</summary>
    public string? Name { get; set; }
}
