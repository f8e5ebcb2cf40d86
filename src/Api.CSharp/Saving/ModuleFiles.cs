namespace Functional.Torch;

/// <summary>Modules and their files, as TorchSharp has them.</summary>
public static class SavingExtensions
{
    static IEnumerable<Tuple<string, StoredTensor>> Parts(torch.nn.Module module, IEnumerable<string>? skip)
    {
        var left_out = skip?.ToHashSet() ?? [];
        return module.state_dict().Where(item => !left_out.Contains(item.Key)).Select(item => Tuple.Create(item.Key, item.Value.Stored()));
    }

    /// <summary>
    /// Writes the module's state_dict in TorchSharp's own format, which `load` and TorchSharp read; for PyTorch use torch.save with
    /// the state_dict. Names in `skip` are left out. A file is whole at every moment.
    /// </summary>
    public static T save<T>(this T module, string location, IEnumerable<string>? skip = null) where T : torch.nn.Module
    {
        TorchSharpTensors.save(location, Parts(module, skip));
        return module;
    }

    /// <summary>Writes the module's state_dict in TorchSharp's own format.</summary>
    public static T save<T>(this T module, BinaryWriter writer, IEnumerable<string>? skip = null) where T : torch.nn.Module
    {
        TorchSharpTensors.write(writer, Parts(module, skip));
        return module;
    }

    /// <summary>
    /// Loads a state_dict from a file of TorchSharp, of torch.save, safetensors or .npz. Names in `skip` keep what they have;
    /// `loadedParameters` is told, for every name of the module, whether it was in the file.
    /// </summary>
    public static T load<T>(this T module, string location, bool strict = true, IEnumerable<string>? skip = null, IDictionary<string, bool>? loadedParameters = null) where T : torch.nn.Module
    {
        var saved = torch.LoadNamed(location);
        foreach (var name in skip ?? [])
            if (module.state_dict().TryGetValue(name, out var own)) saved[name] = own;
        module.load_state_dict(saved, strict);
        if (loadedParameters is not null)
            foreach (var name in module.state_dict().Keys) loadedParameters[name] = saved.ContainsKey(name);
        return module;
    }
}
