namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using static Functional.Torch.torch.nn;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>Mixed precision on a device by its name: the laws call these with real ones.</summary>
public static class AmpOnDevice
{
    /// <summary>The losses of a few steps of one layer under autocast, by a scaler or without.</summary>
    static List<double> Losses(string device, ScalarType dtype, torch.amp.GradScaler? scaler)
    {
        torch.manual_seed(3);
        var net = Linear(3, 2, device: device);
        var optimizer = optim.SGD(net.parameters(), 0.1);
        var input = torch.randn(8, 3).to(device);
        var target = torch.ones(8, 2).to(device);
        List<double> losses = [];
        for (var step = 0; step < 4; step++)
        {
            optimizer.zero_grad();
            Tensor loss;
            using (torch.autocast(new Device(device).type == DeviceType.CUDA ? "cuda" : "cpu", dtype))
            {
                var output = net.call(input);
                Check.Equal(dtype, output.dtype);
                loss = functional.mse_loss(output, target);
            }
            Check.Equal(ScalarType.Float32, loss.dtype);
            if (scaler is null)
            {
                loss.backward();
                optimizer.step();
            }
            else
            {
                scaler.scale(loss).backward();
                scaler.step(optimizer);
                scaler.update();
            }
            foreach (var parameter in net.parameters())
            {
                Check.Equal(ScalarType.Float32, parameter.dtype);
                Check.Equal(ScalarType.Float32, parameter.grad!.dtype);
                Check.Equal(device, parameter.device.ToString());
            }
            losses.Add(loss.ToDouble());
        }
        Check.True(losses[^1] < losses[0] / 1.5, $"{losses[^1]} after {losses[0]} in {dtype}");
        return losses;
    }

    /// <summary>float16 under a scaler takes the steps that it takes without, since a power of two is exact.</summary>
    public static void TrainsInScaledFloat16(string device)
    {
        var scaler = new torch.amp.GradScaler(device, init_scale: 1024);
        var scaled = Losses(device, ScalarType.Float16, scaler);
        Check.Equal(1024.0, scaler.get_scale());
        var plain = Losses(device, ScalarType.Float16, null);
        for (var i = 0; i < plain.Count; i++) Check.Close(plain[i], scaled[i], 2e-3);
    }

    /// <summary>bfloat16 needs no scale.</summary>
    public static void TrainsInBFloat16(string device) => Losses(device, ScalarType.BFloat16, null);

    /// <summary>A gradient that is not finite changes nothing but the scale.</summary>
    public static void AnOverflowSkipsTheStep(string device)
    {
        var net = Linear(3, 2, device: device);
        var optimizer = optim.SGD(net.parameters(), 0.1);
        var scaler = new torch.amp.GradScaler(device, init_scale: 1024);
        var before = net.weight.cpu().data<float>().ToArray();
        scaler.scale(net.call(torch.ones(1, 3).to(device)).sum() * double.PositiveInfinity).backward();
        scaler.step(optimizer);
        scaler.update();
        Check.SequenceEqual(before, net.weight.cpu().data<float>());
        Check.Equal(512.0, scaler.get_scale());
    }

    /// <summary>Chosen by name, a backend gets new tensors; what is not there is an error; what was looked for can be printed.</summary>
    public static void BackendsAreChosenByName(string device)
    {
        var before = Backend.current();
        var console = Console.Out;
        using var text = new StringWriter();
        try
        {
            torch.backends.use(device);
            Check.Equal(device, torch.ones(2).device.ToString());
            torch.backends.use("cpu");
            Check.Equal("cpu", torch.ones(2).device.ToString());
            Check.Throws<Functional.Contract.DeviceException>(() => torch.backends.use("cuda:9"), "invalid device ordinal");
            Check.Equal("cpu", torch.ones(2).device.ToString());
            Console.SetOut(text);
            torch.backends.explain();
        }
        finally
        {
            Console.SetOut(console);
            Backend.setDefault(before);
        }
        Check.True(text.ToString().Contains("cpu: built in") && text.ToString().Contains("cuda: 1 device"), text.ToString());
    }
}
