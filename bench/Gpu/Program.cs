// Times the GPU backend, and PyTorch on the same device:  GpuBench [--tiny] [--device cuda:0] [--seconds S] [--python python3]
using System.Diagnostics;
using System.Globalization;
using Functional.Torch;
using GpuBench;
using static Functional.Torch.torch;

bool isTiny = args.Contains("--tiny");
string name = Option("--device", "cuda:0"), python = Option("--python", "python3");
double seconds = double.Parse(Option("--seconds", isTiny ? "0.05" : "1"), CultureInfo.InvariantCulture);
torch.Device where;
string title;
try
{
    where = device(name);
    zeros([1], ScalarType.Float32, where);
    title = cuda.get_device_name(where);
}
catch (Functional.Contract.FunctionalException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

Dictionary<string, double> theirs = PyTorch();
Console.WriteLine($"{title}{(isTiny ? ", tiny sizes: this shows that the rows work, not how fast" : "")}\n");
Console.WriteLine("| row | ms | share of copy or matrix rate | PyTorch ms | PyTorch / ours |");
Console.WriteLine("|---|---:|---:|---:|---:|");
Dictionary<Bound, double> rates = [];
int missing = 0;
foreach (Row row in new Rows(where, isTiny).All)
{
    try
    {
        double ms = Clock.Milliseconds(row.Make(), seconds), rate = row.Work / ms;
        // The first row of each kind is what the device can do; the others are a share of it.
        rates.TryAdd(row.Bound, rate);
        string peer = theirs.TryGetValue(row.Name, out double other) ? $"{other:F3} | {other / ms:F2}" : " | ";
        Console.WriteLine($"| {row.Name} | {ms:F3} | {rate / rates[row.Bound]:P0}{Scale(row, rate)} | {peer} |");
    }
    catch (Functional.Contract.FunctionalException error)
    {
        missing++;
        Console.WriteLine($"| {row.Name} | {error.Message} | | | |");
    }
    cuda.empty_cache();
}
return missing == 0 ? 0 : 1;

string Option(string option, string otherwise) =>
    Array.IndexOf(args, option) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;

// What a row that others are measured by reached itself.
string Scale(Row row, double rate) =>
    row.Name == "copy" ? $" ({rate / 1e6:F0} GB/s)" : row.Name.StartsWith("matmul", StringComparison.Ordinal) ? $" ({rate / 1e9:F1} TFLOP/s)" : "";

// PyTorch's milliseconds by row; none where there is no python3 with torch, or where torch sees no device.
Dictionary<string, double> PyTorch()
{
    Dictionary<string, double> found = [];
    string script = Path.Combine(AppContext.BaseDirectory, "rows.py");
    var start = new ProcessStartInfo(python, [script, "--seconds", seconds.ToString(CultureInfo.InvariantCulture), .. isTiny ? ["--tiny"] : Array.Empty<string>()])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
    try
    {
        using var running = Process.Start(start)!;
        Task<string> complaints = running.StandardError.ReadToEndAsync();
        while (running.StandardOutput.ReadLine() is { } line)
        {
            if (line.Split('\t') is [var row, var ms] && double.TryParse(ms, CultureInfo.InvariantCulture, out double value))
                found[row] = value;
        }
        running.WaitForExit();
        if (running.ExitCode != 0)
            Console.WriteLine($"PyTorch beside us: {complaints.Result.Trim().Split('\n')[^1]}");
    }
    catch (System.ComponentModel.Win32Exception)
    {
        Console.WriteLine($"PyTorch beside us: there is no {python}");
    }
    return found;
}
