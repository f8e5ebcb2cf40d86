namespace Functional.Torch;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>Looks for nan on the way back, until it is disposed of.</summary>
        public sealed class AnomalyScope : IDisposable
        {
            readonly (bool, bool) before = (Anomaly.IsEnabled, Anomaly.ChecksNan);

            internal AnomalyScope(bool mode, bool check_nan) => (Anomaly.IsEnabled, Anomaly.ChecksNan) = (mode, check_nan);

            /// <summary>Sets back what was before.</summary>
            public void Dispose() => (Anomaly.IsEnabled, Anomaly.ChecksNan) = before;
        }

        /// <summary>
        /// Until the scope is disposed of, operations remember where they were called, and backward() raises DifferentiationException
        /// at the first nan: it names the operation whose derivative gave it and shows its call. Slow; for all threads.
        /// </summary>
        public static AnomalyScope detect_anomaly(bool check_nan = true) => new(true, check_nan);

        /// <summary>Switches anomaly detection on or off from now on, or until the scope is disposed of.</summary>
        public static AnomalyScope set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
    }

    /// <summary>Whether anomaly detection is on.</summary>
    public static bool is_anomaly_enabled() => Anomaly.IsEnabled;
    /// <summary>Whether anomaly detection looks for nan.</summary>
    public static bool is_anomaly_check_nan_enabled() => Anomaly.ChecksNan;
}
