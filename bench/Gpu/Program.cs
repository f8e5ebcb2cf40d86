// Times the GPU backend, and PyTorch on the same device:  GpuBench [--tiny] [--device cuda:0] [--seconds S] [--python python3] [--only TEXT]
// Every row runs in a process of its own, ours as PyTorch's: one that ends badly costs no other.
using System.Globalization;
using Functional.Gpu;
using Functional.Torch;
using GpuBench;
using static Functional.Torch.torch;

string name = Option("--device", "cuda:0"), python = Option("--python", "python3"), only = Option("--only", "");
GpuDevice? found = GpuContext.Look().Devices.ElementAtOrDefault(new torch.Device(name).index);
if (found is null)
{
    Console.Error.WriteLine($"There is no {name} here.");
    foreach (Functional.Contract.Probe probe in GpuContext.Look().Report)
        Console.Error.WriteLine($"  {probe.Sought}: {probe.Details}");
    return 1;
}

// A processor that plays a device would take hours at the sizes of a card.
bool isTiny = args.Contains("--tiny") || found.Kind is GpuKind.OpenClOnProcessor or GpuKind.Emulated;
string seconds = Option("--seconds", isTiny ? "0.05" : "1");
torch.Device where = device(name);
var rows = new Rows(where, isTiny);
if (Option("--row", "") is { Length: > 0 } one)
{
    Row row = rows.All.Single(row => row.Name == one);
    Console.WriteLine($"{one}\t{Clock.Milliseconds(row.Make(), double.Parse(seconds, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture)}");
    return 0;
}

string[] size = isTiny ? ["--tiny"] : [];
string script = Path.Combine(AppContext.BaseDirectory, "rows.py");
string peer = RowProcess.Run(python, [script, "--version", .. size]).Text;
Console.WriteLine($"{found.Name}, {found.Version}; {(Functional.Backend.ofDevice("cuda", where.index) as GpuBackend)?.Libraries}; beside it {peer}");
if (isTiny)
    Console.WriteLine("Tiny sizes: this shows that the rows work, not how fast.");
Console.WriteLine("\n| row | ms | share of copy or matrix rate | PyTorch ms | PyTorch / ours |");
Console.WriteLine("|---|---:|---:|---:|---:|");
Dictionary<Bound, double> rates = [];
List<string> complaints = [];
foreach (Row row in rows.All.Where(row => row.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
{
    RowTime ours = RowProcess.Run(Environment.ProcessPath!, [typeof(Rows).Assembly.Location, "--row", row.Name, "--device", name, "--seconds", seconds, .. size]);
    RowTime theirs = RowProcess.Run(python, [script, "--row", row.Name, "--seconds", seconds, .. size]);
    string share = "";
    if (ours.Milliseconds is { } ms)
    {
        double rate = row.Work / ms;
        // The first row of each kind is what the device can do; the others are a share of it.
        rates.TryAdd(row.Bound, rate);
        share = $"{rate / rates[row.Bound]:P0}{Scale(row, rate)}";
    }
    else
        complaints.Add($"{row.Name}: {ours.Text}");
    if (theirs.Milliseconds is null && !peer.StartsWith("no ", StringComparison.Ordinal))
        complaints.Add($"{row.Name} in PyTorch: {theirs.Text}");
    Console.WriteLine($"| {row.Name} | {ours.Shown} | {share} | {theirs.Shown} | {theirs.Milliseconds / ours.Milliseconds:F2} |");
}
foreach (string complaint in complaints)
    Console.WriteLine($"\n{complaint}");
return complaints.Count == 0 ? 0 : 1;

string Option(string option, string otherwise) =>
    Array.IndexOf(args, option) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;

// What a row that others are measured by reached itself.
string Scale(Row row, double rate) =>
    row.Name == "copy" ? $" ({rate / 1e6:F0} GB/s)" : row.Name.StartsWith("matmul", StringComparison.Ordinal) ? $" ({rate / 1e9:F1} TFLOP/s)" : "";
