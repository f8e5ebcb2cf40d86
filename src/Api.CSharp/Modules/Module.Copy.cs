using System.Collections;
using System.Reflection;
using Functional.Torch.Modules;

namespace Functional.Torch;

/// <summary>Copies of modules with everything in them: what stands in several places is one object again.</summary>
internal sealed class DeepCopy
{
    readonly Dictionary<object, object> known = new(ReferenceEqualityComparer.Instance);

    readonly List<Action> later = [];

    public T Of<T>(T value) where T : class
    {
        var copy = (T)Any(value)!;
        foreach (var step in later) step();
        foreach (var (old, made) in known)
            if (old is torch.nn.Module from) torch.nn.utils.CopyReparametrized(from, (torch.nn.Module)made, p => (Parameter)known[p]);
        return copy;
    }

    /// <summary>A method of a module that was copied is from here on that of the copy. Other functions stay the same.</summary>
    void Rebind(object? value, Action<Delegate> put)
    {
        if (value is Delegate { Target: torch.nn.Module } function)
            later.Add(() =>
            {
                if (known.TryGetValue(function.Target, out var made)) put(Delegate.CreateDelegate(function.GetType(), made, function.Method));
            });
    }

    object? Any(object? value)
    {
        if (value is null or string or Delegate || value.GetType().IsPrimitive || value.GetType().IsEnum) return value;
        if (!value.GetType().IsValueType && known.TryGetValue(value, out var made)) return made;
        return value switch
        {
            Parameter p => Keep(p, new Parameter(p.detach().clone(), p.requires_grad)),
            torch.Tensor t => Keep(t, t.detach().clone().requires_grad_(t.requires_grad)),
            Array a => Elements(a),
            // Collections of the libraries are filled anew; pairs of them and the facade's own objects go field by field.
            ICollection c when c.GetType().Namespace?.StartsWith("System.Collections") == true => Filled(c),
            ITuple => Fields(value),
            _ when value is torch.nn.Module || value.GetType().Assembly == typeof(DeepCopy).Assembly && !value.GetType().IsValueType => Fields(value),
            _ => value,
        };
    }

    object Keep(object old, object made) => known[old] = made;

    Array Elements(Array array)
    {
        var copy = (Array)array.Clone();
        known[array] = copy;
        if (array.Rank == 1)
            for (var i = 0; i < array.Length; i++) copy.SetValue(Any(array.GetValue(i)), i);
        return copy;
    }

    object Filled(ICollection items)
    {
        var type = items.GetType();
        // Sets and other collections without a list's or dictionary's face are shared.
        if (type.GetConstructor(Type.EmptyTypes) is null || items is not (IDictionary or IList)) return items;
        var copy = Activator.CreateInstance(type)!;
        known[items] = copy;
        if (items is IDictionary map)
            foreach (DictionaryEntry item in map) ((IDictionary)copy).Add(Any(item.Key)!, Any(item.Value));
        else
            foreach (var item in items)
            {
                var (list, place) = ((IList)copy, ((IList)copy).Count);
                list.Add(Any(item));
                Rebind(item, function => list[place] = function);
            }
        return copy;
    }

    static readonly MethodInfo shallow = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!;

    object Fields(object value)
    {
        var copy = shallow.Invoke(value, null)!;
        if (!value.GetType().IsValueType) known[value] = copy;
        for (var type = value.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                field.SetValue(copy, Any(field.GetValue(value)));
                Rebind(field.GetValue(value), function => field.SetValue(copy, function));
            }
        return copy;
    }
}
