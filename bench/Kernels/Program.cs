using Functional.Cpu;
using Functional.Kernels;

// dotnet run --project bench/Kernels -c Release -- [check] [first] [product] [convolution]
var wanted = args.Length > 0 ? args : ["check", "product", "convolution"];
int failures = 0;
foreach (string section in wanted)
{
    switch (section)
    {
        case "check":
            failures += ProductChecks.Run() + ConvolutionChecks.Run();
            break;
        case "first":
            FirstCalls.Run();
            break;
        case "convolution":
            ConvolutionBench.Run(1);
            break;
        case "product":
            ProductBench.Run(1);
            break;
    }
}
return failures == 0 ? 0 : 1;
