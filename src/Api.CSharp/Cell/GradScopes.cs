namespace Functional.Torch;

/// <summary>Sets whether operations are recorded, until it is disposed of.</summary>
public sealed class GradScope : IDisposable
{
    readonly bool before = GradMode.IsEnabled;
    bool isOpen = true;

    internal GradScope(bool enabled) => GradMode.IsEnabled = enabled;

    /// <summary>Sets back what was before.</summary>
    public void Dispose()
    {
        if (!isOpen) return;
        isOpen = false;
        GradMode.IsEnabled = before;
    }
}

public static partial class torch
{
    /// <summary>Operations are not recorded until the scope is disposed of: <c>using (torch.no_grad()) { ... }</c></summary>
    public static GradScope no_grad() => new(false);
    /// <summary>Operations are recorded until the scope is disposed of.</summary>
    public static GradScope enable_grad(bool enabled = true) => new(enabled);
    /// <summary>Operations are recorded or not from now on, or until the scope is disposed of.</summary>
    public static GradScope set_grad_enabled(bool mode = true) => new(mode);
    /// <summary>Operations are not recorded until the scope is disposed of.</summary>
    public static GradScope inference_mode(bool mode = true) => new(!mode);
    /// <summary>Whether operations are recorded.</summary>
    public static bool is_grad_enabled() => GradMode.IsEnabled;
    /// <summary>Whether operations are not recorded.</summary>
    public static bool is_inference_mode_enabled() => !GradMode.IsEnabled;
}
