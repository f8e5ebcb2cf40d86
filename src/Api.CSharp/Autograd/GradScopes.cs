namespace Functional.Torch;

/// <summary>Sets whether operations are recorded, until it is disposed of.</summary>
public class GradScope : IDisposable
{
    readonly bool before = GradMode.IsEnabled;
    readonly bool enabled;
    bool isOpen = true;

    internal GradScope(bool enabled) => GradMode.IsEnabled = this.enabled = enabled;

    /// <summary>Python's entry into the scope; here it is entered when it is made.</summary>
    public void __enter__()
    {
        isOpen = true;
        GradMode.IsEnabled = enabled;
    }

    /// <summary>Python's way out of the scope: the same as Dispose.</summary>
    public void __exit__(object? exc_type = null, object? exc_value = null, object? traceback = null) => Dispose();

    /// <summary>Sets back what was before.</summary>
    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        if (!isOpen) return;
        isOpen = false;
        GradMode.IsEnabled = before;
    }
}

/// <summary>Operations are not recorded, and it is known that nothing will be, until it is disposed of.</summary>
public sealed class InferenceScope : GradScope
{
    readonly bool inferring = GradMode.IsInference;

    internal InferenceScope(bool mode) : base(!mode && GradMode.IsEnabled) => GradMode.IsInference = mode;

    /// <summary>Sets back what was before.</summary>
    public override void Dispose()
    {
        base.Dispose();
        GradMode.IsInference = inferring;
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
    /// <summary>
    /// Operations are not recorded until the scope is disposed of. As no_grad(): tensors made inside are no different here, and may
    /// take part in what is recorded later.
    /// </summary>
    public static InferenceScope inference_mode(bool mode = true) => new(mode);
    /// <summary>Whether operations are recorded.</summary>
    public static bool is_grad_enabled() => GradMode.IsEnabled;
    /// <summary>Whether an inference_mode() scope is open.</summary>
    public static bool is_inference_mode_enabled() => GradMode.IsInference;
}
