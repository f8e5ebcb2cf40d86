namespace Functional.Torch;

/// <summary>
/// What a thread knows of the scopes around it and does not hand on to others by itself (autocast, the default device and a loader's
/// worker are handed on): whether operations are recorded, and the level of forward mode.
/// </summary>
internal sealed record ThreadState(bool Records, bool Infers, torch.autograd.forward_ad.DualLevel? Dual)
{
    public static ThreadState Now
    {
        get => new(GradMode.IsEnabled, GradMode.IsInference, torch.autograd.forward_ad.Current);
        private set => (GradMode.IsEnabled, GradMode.IsInference, torch.autograd.forward_ad.Current) = (value.Records, value.Infers, value.Dual);
    }

    /// <summary>Runs a function on any thread as if it were the one that this was taken from, with a default generator.</summary>
    public T Within<T>(torch.Generator generator, Func<T> run)
    {
        var before = Now;
        Now = this;
        try { return torch.Generator.Within(generator, run); }
        finally { Now = before; }
    }
}
