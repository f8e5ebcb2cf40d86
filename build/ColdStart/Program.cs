// From the start of a process to the first gradient of a small network, as a program meets it that uses the package.
using System.Diagnostics;
using System.Reflection.PortableExecutable;
using System.Runtime;
using static Functional.Torch.torch;

var network = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4));
var loss = nn.functional.cross_entropy(network.forward(randn([32, 8])), zeros([32], dtype: int64));
loss.backward();
foreach (var parameter in network.parameters())
    parameter.grad!.tolist();

using var process = Process.GetCurrentProcess();
double milliseconds = (DateTime.Now - process.StartTime).TotalMilliseconds;

string core = typeof(Functional.Tensor).Assembly.Location;
using var image = new PEReader(File.OpenRead(core));
// Only code compiled ahead of time has a native header.
bool native = image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
Console.WriteLine($"{milliseconds:F0} ms to the first gradient, {JitInfo.GetCompiledMethodCount()} methods compiled on the way, {(native ? "native" : "portable")} image of Functional.Core");
