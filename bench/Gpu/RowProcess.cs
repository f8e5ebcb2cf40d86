using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace GpuBench;

/// <summary>What came of a row: its time, or why there is none.</summary>
internal sealed record RowTime(double? Milliseconds, string Text)
{
    public string Shown => Milliseconds is { } ms ? ms.ToString("F3", CultureInfo.InvariantCulture) : "failed";
}

/// <summary>A program that times one row and prints its name, a tab and milliseconds.</summary>
internal static class RowProcess
{
    /// <summary>Longer than any row takes; a device that hangs would otherwise hang everything.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static RowTime Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var running = Process.Start(start)!;
            Task<string> output = running.StandardOutput.ReadToEndAsync(), errors = running.StandardError.ReadToEndAsync();
            if (!running.WaitForExit(Patience))
            {
                running.Kill(true);
                return new(null, $"stopped after {Patience.TotalMinutes} minutes");
            }
            string last = output.Result.TrimEnd().Split('\n')[^1];
            if (running.ExitCode != 0)
                return new(null, $"ended with {running.ExitCode}: {Complaint(errors.Result)}");
            return last.Split('\t') is [_, var ms] && double.TryParse(ms, CultureInfo.InvariantCulture, out double value) ? new(value, last) : new(null, last);
        }
        catch (Win32Exception)
        {
            return new(null, $"no {Path.GetFileName(program)}");
        }
    }

    /// <summary>The line that says it: .NET's first with an exception's name, or Python's last.</summary>
    private static string Complaint(string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(line => line.StartsWith("Unhandled exception", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "it said nothing";
    }
}
