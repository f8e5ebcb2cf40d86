/// Where the figures come from.
module Functional.Bench.Machine

open System
open System.IO
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open TorchSharp

let private processor () =
    let named =
        if File.Exists "/proc/cpuinfo" then
            File.ReadLines "/proc/cpuinfo"
            |> Seq.tryFind (fun line -> line.StartsWith "model name")
            |> Option.map (fun line -> line.Substring(line.IndexOf ':' + 1).Trim())
        else
            None

    named |> Option.defaultValue (string RuntimeInformation.ProcessArchitecture)

let private vectors =
    if Vector512.IsHardwareAccelerated then "512-bit vectors"
    elif Vector256.IsHardwareAccelerated then "256-bit vectors"
    else "128-bit vectors"

let cores = Environment.ProcessorCount

let describe () =
    [ $"processor  {processor ()}, {cores} cores, {vectors}"
      $"system     {RuntimeInformation.OSDescription}"
      $"runtime    {RuntimeInformation.FrameworkDescription}"
      $"peer       libtorch {torch.__version__} through TorchSharp {typeof<torch.Tensor>.Assembly.GetName().Version}" ]
